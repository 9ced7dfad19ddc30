package hub

import (
	"time"

	"comptant/sync/wire"
)

const (
	// pagesAhead is how many pages of a feed may be sent and not applied.
	pagesAhead = 2
	// Pauses before a feed that could not be read is tried again, and before one that differs again after a reload is
	// sent again: doubled each time.
	retryFirst, retryLast   = time.Second, 30 * time.Second
	reloadFirst, reloadLast = 30 * time.Second, 30 * time.Minute
)

// feed is how far this till has been sent one feed.
type feed struct {
	cursor wire.Cursor
	// shown is how far the till shows it, as it said.
	shown wire.Cursor
	// dirty says that there may be more than the cursor, asking that the next page is being read.
	dirty, asking bool
	// ahead are the pages sent and not applied, oldest first.
	ahead []ahead
	// blank says that the till shows no row of the feed: a digest of 0 in its cursor could as well be none.
	blank bool
	// whole says that the till may be given the feed in one file, loading that it was and has not answered.
	whole, loading bool
	// after is when the next page may be asked for; zero is at once.
	after             time.Time
	failures, reloads int
}

type ahead struct {
	upto uint64
	last bool
}

// Page is the answer to a request for one: a page, a reset, an error, or nothing new, and then the digest of the feed.
type Page struct {
	Gen, Upto, Base uint64
	More            bool
	Digest          uint64
	// Frame is the encoded page; nil when there is none.
	Frame []byte
	Reset *wire.Reset
	Err   error
}

// follow begins to send the feeds of the session from where the till says it is.
func (c *Core) follow(now time.Time) {
	at := make(map[string]wire.Cursor, len(c.hello.Cursors))
	for _, cursor := range c.hello.Cursors {
		at[cursor.Feed] = cursor
	}
	for _, name := range c.session.Feeds {
		cursor, ok := at[name]
		if !ok {
			cursor = wire.Cursor{Feed: name}
		}
		f := &feed{
			cursor: cursor, shown: cursor, dirty: true, whole: c.hello.Snapshots,
			blank: cursor.Seq > 0 && cursor.Digest == 0,
		}
		c.feeds = append(c.feeds, f)
		c.ask(now, f)
	}
}

func (c *Core) feed(name string) *feed {
	for _, f := range c.feeds {
		if f.cursor.Feed == name {
			return f
		}
	}
	return nil
}

// Woken says that a feed may have changed.
func (c *Core) Woken(now time.Time, name string) {
	if f := c.feed(name); f != nil && c.phase == open {
		f.dirty = true
		c.ask(now, f)
	}
}

// ask asks for the next page when there may be one and the till has room for it. For a feed that begins it asks for a
// snapshot first.
func (c *Core) ask(now time.Time, f *feed) {
	if !f.dirty || f.asking || f.loading || len(f.ahead) >= pagesAhead || now.Before(f.after) {
		return
	}
	// A change from here on makes the feed dirty again.
	f.dirty, f.asking, f.after = false, true, time.Time{}
	if f.whole && f.cursor.Seq == 0 {
		c.out.Snapshots = append(c.out.Snapshots, f.cursor.Feed)
		return
	}
	c.out.Pages = append(c.out.Pages, f.cursor)
}

// Offered takes the answer to a request for a snapshot. Without one the till gets pages.
func (c *Core) Offered(now time.Time, name string, s Snapshot, ok bool) {
	f := c.feed(name)
	if f == nil || c.phase != open {
		return
	}
	f.asking, f.dirty = false, true // there may be more than the snapshot
	if f.cursor.Seq == 0 && ok {
		c.send(wire.SignSnapshot(wire.Reset{Feed: name, Gen: s.Gen, Snapshot: s.Name, Seq: s.Seq, SHA256: s.SHA256}, c.identity))
		f.cursor, f.loading = wire.Cursor{Feed: name, Gen: s.Gen, Seq: s.Seq}, true
		return
	}
	f.whole = false
	c.ask(now, f)
}

// Paged takes the answer to a request for the page after cursor.
func (c *Core) Paged(now time.Time, cursor wire.Cursor, p Page) {
	f := c.feed(cursor.Feed)
	if f == nil || c.phase != open {
		return
	}
	f.asking = false
	switch {
	case cursor != f.cursor:
		// The feed was reset meanwhile.
		f.dirty = true
	case p.Err != nil:
		f.dirty, f.after = true, now.Add(c.pause(f.failures, retryFirst, retryLast))
		f.failures++
		return
	case p.Reset != nil:
		c.restart(f, *p.Reset)
	case p.Frame != nil:
		c.out.Send = append(c.out.Send, Outgoing{Frame: p.Frame})
		f.cursor.Gen, f.cursor.Seq, f.cursor.Base, f.cursor.Digest = p.Gen, p.Upto, p.Base, 0
		if p.Upto >= p.Base {
			f.cursor.Base = 0
		}
		f.ahead = append(f.ahead, ahead{upto: p.Upto, last: !p.More})
		f.dirty, f.blank = f.dirty || p.More, false
	case f.blank && p.Digest != 0:
		c.restart(f, wire.Reset{Feed: cursor.Feed, Gen: cursor.Gen, Code: wire.DigestDiffers})
	}
	f.failures = 0
	c.ask(now, f)
}

// applied takes the till's answer to a page.
func (c *Core) applied(now time.Time, m wire.Applied) {
	f := c.feed(m.Feed)
	if f == nil || m.Gen != f.cursor.Gen {
		// Of a generation that was reset since.
		return
	}
	if m.Code != 0 {
		f.whole = f.whole && !f.loading // what did not work once may do so in another session
		c.restart(f, wire.Reset{Feed: m.Feed, Gen: m.Gen, Code: m.Code})
		if f.reloads > 0 {
			f.after = now.Add(c.pause(f.reloads-1, reloadFirst, reloadLast))
		}
		f.reloads++
	} else if f.loading {
		if f.loading = m.Upto != f.cursor.Seq; !f.loading {
			f.shown = f.cursor
		}
	} else if len(f.ahead) > 0 && f.ahead[0].upto == m.Upto {
		if f.ahead[0].last {
			f.reloads, f.shown = 0, wire.Cursor{Feed: m.Feed, Gen: m.Gen, Seq: m.Upto}
		}
		f.ahead = append(f.ahead[:0], f.ahead[1:]...)
	}
	c.ask(now, f)
}

// shown is how far the till shows each feed.
func (c *Core) shown() []wire.Cursor {
	all := make([]wire.Cursor, len(c.feeds))
	for i, f := range c.feeds {
		all[i] = f.shown
	}
	return all
}

// restart sends a feed from the start.
func (c *Core) restart(f *feed, reset wire.Reset) {
	c.send(reset)
	f.cursor = wire.Cursor{Feed: f.cursor.Feed, Gen: reset.Gen}
	f.ahead, f.dirty, f.blank, f.loading = f.ahead[:0], true, false, false
}

// Next is when tick must be called; zero is never.
func (c *Core) Next() time.Time {
	var next time.Time
	for _, f := range c.feeds {
		if f.dirty && !f.after.IsZero() && (next.IsZero() || f.after.Before(next)) {
			next = f.after
		}
	}
	return next
}

// Tick asks for the pages whose pause is over.
func (c *Core) Tick(now time.Time) {
	if c.phase != open {
		return
	}
	for _, f := range c.feeds {
		c.ask(now, f)
	}
}

// pause doubles first n times up to last, and spreads the result over its upper half.
func (c *Core) pause(n int, first, last time.Duration) time.Duration {
	p := last
	if n < 16 {
		p = min(first<<n, last)
	}
	return p/2 + time.Duration(c.rand()*float64(p/2))
}
