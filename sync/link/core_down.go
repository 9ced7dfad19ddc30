package link

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"comptant/sync/wire"
)

// maxHeld is how many messages of one feed may wait; HQ keeps fewer pages than that unanswered.
const maxHeld = 8

// follow is one feed in this session.
type follow struct {
	// gen and seq are how far it was staged or published.
	gen, seq uint64
	// refused says that pages are dropped until HQ resets the feed.
	refused bool
	// held are the messages that could not be stored yet, in order. loading says that the first is a snapshot being loaded.
	held    []wire.Message
	loading bool
}

// followAll keeps the feeds HQ says this till follows.
func (c *Core) followAll(ctx context.Context, feeds []string) {
	if err := c.replica.Follow(ctx, feeds); err != nil {
		c.log.Error("feeds not followed", "error", err)
	}
	c.down = make(map[string]*follow, len(feeds))
	for _, feed := range feeds {
		c.down[feed] = &follow{}
	}
	for _, cursor := range c.hello.Cursors {
		if f := c.down[cursor.Feed]; f != nil {
			f.gen, f.seq = cursor.Gen, cursor.Seq
		}
	}
}

// took takes a page or a reset of a feed, after those that are held.
func (c *Core) took(ctx context.Context, now time.Time, feed string, m wire.Message) {
	f := c.down[feed]
	if f == nil {
		c.log.Warn("page of a feed not followed", "feed", feed)
		return
	}
	if f.held = append(f.held, m); len(f.held) > maxHeld {
		c.refuse(now, wire.ProtocolError, fmt.Errorf("%d unanswered pages of %s", maxHeld, feed))
		return
	}
	if len(f.held) == 1 {
		c.drain(ctx, now, feed, f)
	}
}

// retryHeld tries again what could not be stored.
func (c *Core) retryHeld(ctx context.Context, now time.Time) {
	for _, feed := range slices.Sorted(maps.Keys(c.down)) {
		c.drain(ctx, now, feed, c.down[feed])
	}
}

// drain stores what is held. What fails stays, and is tried again later: the way up goes on meanwhile.
func (c *Core) drain(ctx context.Context, now time.Time, feed string, f *follow) {
	for len(f.held) > 0 && !f.loading {
		var err error
		switch m := f.held[0].(type) {
		case wire.Changes:
			err = c.apply(ctx, f, m)
		case wire.Reset:
			if m.Snapshot != "" {
				c.load(f, m)
				continue
			}
			if err = c.replica.Reset(ctx, feed, m.Gen); err == nil {
				c.log.Warn("feed starts again", "feed", feed, "gen", m.Gen, "code", m.Code)
				f.gen, f.seq, f.refused = m.Gen, 0, false
			}
		}
		if err != nil {
			c.log.Error("feed not stored", "feed", feed, "error", err, "again_in", holdPage)
			c.retryAt = now.Add(holdPage)
			return
		}
		f.held = f.held[1:]
	}
}

// load has a snapshot loaded; what comes of the feed meanwhile waits.
func (c *Core) load(f *follow, m wire.Reset) {
	if err := wire.VerifySnapshot(m, c.hqKey); err != nil || !c.snapshots {
		f.held = f.held[1:]
		c.notLoaded(f, m, err)
		return
	}
	f.loading = true
	c.out.Load = append(c.out.Load, m)
}

// Loaded says that the feed shows the snapshot, or why it could not be loaded.
func (c *Core) Loaded(ctx context.Context, now time.Time, m wire.Reset, err error) {
	f := c.down[m.Feed]
	if f == nil || !f.loading {
		return // of a session that has ended
	}
	if at, ok := f.held[0].(wire.Reset); !ok || at.Snapshot != m.Snapshot {
		return
	}
	f.held, f.loading = f.held[1:], false
	if err == nil {
		f.gen, f.seq, f.refused = m.Gen, m.Seq, false
		c.send(wire.Applied{Feed: m.Feed, Gen: m.Gen, Upto: m.Seq})
	} else {
		c.notLoaded(f, m, err)
	}
	c.drain(ctx, now, m.Feed, f)
}

// notLoaded asks for pages instead.
func (c *Core) notLoaded(f *follow, m wire.Reset, err error) {
	c.log.Error("snapshot not loaded", "feed", m.Feed, "snapshot", m.Snapshot, "error", err)
	f.refused = true
	c.send(wire.Applied{Feed: m.Feed, Gen: m.Gen, Upto: m.Seq, Code: wire.DigestDiffers})
}

// apply stages or publishes a page. A page that does not continue what is here, or does not agree with its digest, is
// refused: HQ then sends the feed from the start.
func (c *Core) apply(ctx context.Context, f *follow, page wire.Changes) error {
	if f.refused {
		return nil
	}
	// A feed that begins takes the generation of its first page.
	if page.From != f.seq || (page.Gen != f.gen && f.seq != 0) {
		c.log.Warn("page does not follow", "feed", page.Feed, "gen", page.Gen, "from", page.From, "at_gen", f.gen, "at", f.seq)
		c.reload(f, page)
		return nil
	}
	store := c.replica.Publish
	if page.More {
		store = c.replica.Stage
	}
	err := store(ctx, page)
	code, refused := errors.AsType[wire.Code](err)
	switch {
	case refused && code >= wire.GenerationChanged:
		c.log.Warn("feed refused", "feed", page.Feed, "upto", page.Upto, "error", err)
		c.reload(f, page)
	case err != nil:
		return err
	default:
		f.gen, f.seq = page.Gen, page.Upto
		c.send(wire.Applied{Feed: page.Feed, Gen: page.Gen, Upto: page.Upto, Base: page.Base})
	}
	return nil
}

// reload answers a page by asking for the feed from the start.
func (c *Core) reload(f *follow, page wire.Changes) {
	f.refused = true
	c.send(wire.Applied{Feed: page.Feed, Gen: page.Gen, Upto: page.Upto, Code: wire.DigestDiffers})
}
