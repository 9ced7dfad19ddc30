package hub

import (
	"errors"
	"fmt"
	"time"

	"comptant/shared/journal"
	"comptant/sync/wire"
)

// againMost is how many paths may wait to be sent again: an honest till has few.
const againMost = 16

// nacksMost is how many batches of one session may not be placed: a till that goes on sending them is at fault.
const nacksMost = 16

// upstream is what a session knows of the way up.
type upstream struct {
	// astray are the paths whose last batch could not be placed: the till may offer points of them.
	astray map[wire.Path]astray
	nacks  int
	// again are the paths whose batch could not be stored for now, and the number it began with: the till sends again from
	// there, and later batches of the path were sent before it knew.
	again map[wire.Path]uint64
	// failed says that storage failed meanwhile. What answers afterwards may be a standby or a backup that knows less.
	failed bool
	// giving is the part of a gap that was sent and not acknowledged; nil when none is.
	giving *wire.Refill
}

// astray is a batch that could not be placed. Until the till has offered points, later batches of the path are passed
// over: they were sent before it knew. One that begins no later was sent since: a till that has no point to offer goes on
// from its beginning.
type astray struct {
	first   uint64
	offered bool
}

// entries checks the size of a batch and passes it on. Whether it can be placed is for Intake to say.
func (c *Core) entries(m wire.Entries) {
	size := 0
	lost, isAstray := c.up.astray[m.Path()]
	tooLarge := len(m.Entries) > wire.BatchEntries
	for _, e := range m.Entries {
		size += len(e)
		tooLarge = tooLarge || len(e) > journal.MaxEntry
	}
	again, waits := c.up.again[m.Path()]
	switch {
	case isAstray && !lost.offered && m.First > lost.first, waits && m.First > again:
	case len(m.Entries) == 0 || m.First == 0 || m.First+uint64(len(m.Entries)) < m.First:
		c.Bye(wire.ProtocolError, 0, fmt.Errorf("batch of %d entries from %d", len(m.Entries), m.First))
	case tooLarge || size > wire.BatchBytes+journal.MaxEntry:
		c.nack(m.Path(), m.First, m.First, wire.TooLarge, fmt.Errorf("batch of %d entries, %d bytes", len(m.Entries), size))
	default:
		delete(c.up.astray, m.Path())
		delete(c.up.again, m.Path())
		c.out.Store = &Batch{
			Till: c.device.Till, Store: c.session.Store, Session: c.session.ID, Path: m.Path(),
			First: m.First, Prev: m.Prev, Head: m.Head, Hole: m.Hole, Entries: m.Entries,
		}
	}
}

// Stored takes what Intake made of a batch, and acknowledges it.
func (c *Core) Stored(now time.Time, b Batch, s Stored, err error) {
	if c.phase != open {
		return
	}
	last := b.First + uint64(len(b.Entries)) - 1
	if err == nil && s.Upto < last {
		err = fmt.Errorf("intake stored %v up to %d of %d", b.Path, s.Upto, last)
	}
	if err != nil {
		switch code := codeOf(err); {
		case code < wire.BadSignature && len(c.up.again) < againMost:
			_, told := errors.AsType[wire.Code](err)
			c.up.failed = c.up.failed || !told
			c.tryAgain(b, code)
		case code < wire.UnknownParent:
			c.Bye(code, 0, err)
		default:
			c.nack(b.Path, b.First, s.Upto+1, code, err)
		}
		return
	}
	// HQ may have more than the batch held; the till hears of what it sent.
	c.send(wire.Ack{
		Epoch: b.Path.Epoch, Branch: b.Path.Branch, Upto: last, Time: now.UnixMilli(), Credit: c.credit, Notes: s.Notes,
	})
	switch {
	case s.Forked:
		c.Bye(wire.Fork, 0, fmt.Errorf("fork of %v at or after entry %d: %w", b.Path, b.First, wire.Fork))
	case c.up.failed:
		c.Bye(wire.Wait, 0, errors.New("storage is back: the next hello compares"))
	}
}

// tryAgain refuses a batch that cannot be stored for now. The session stays open: the feeds go on.
func (c *Core) tryAgain(b Batch, code wire.Code) {
	c.send(wire.Nack{Code: code, Epoch: b.Path.Epoch, Branch: b.Path.Branch, Expect: b.First})
	if c.up.again == nil {
		c.up.again = map[wire.Path]uint64{}
	}
	c.up.again[b.Path] = b.First
}

// nack refuses a batch. When only its place is not known the till may look for it; anything else ends the session.
func (c *Core) nack(path wire.Path, first, expect uint64, code wire.Code, err error) {
	c.send(wire.Nack{Code: code, Epoch: path.Epoch, Branch: path.Branch, Expect: expect})
	if c.up.nacks++; code != wire.UnknownParent || c.up.nacks > nacksMost {
		c.Bye(code, 0, err)
		return
	}
	if c.up.astray == nil {
		c.up.astray = map[wire.Path]astray{}
	}
	c.up.astray[path] = astray{first: first}
}

// prove asks which of the till's entries HQ has: a batch could not be placed, or the till is about to send one after a
// hole, which has no parent that would show another path.
func (c *Core) prove(m wire.Prove) {
	if len(m.Points) == 0 || len(m.Points) > wire.ProvePoints {
		c.Bye(wire.ProtocolError, 0, fmt.Errorf("%d points of %v", len(m.Points), m.Path()))
		return
	}
	if lost, ok := c.up.astray[m.Path()]; ok {
		lost.offered = true
		c.up.astray[m.Path()] = lost
	}
	c.out.Prove = &m
}

// Proved takes the highest entry HQ has. After it the till either offers more points or goes on from one.
func (c *Core) Proved(m wire.Prove, seq uint64, err error) {
	if c.phase != open {
		return
	}
	if err != nil {
		c.Bye(codeOf(err), 0, err)
		return
	}
	c.send(wire.Proof{Epoch: m.Epoch, Branch: m.Branch, Seq: seq})
}

// giveBack asks for the next part of what the till has lost.
func (c *Core) giveBack() {
	if len(c.session.Gaps) > 0 {
		c.out.Refill = &c.session.Gaps[0]
	}
}

// Refilled takes that part and sends it. The next one waits until the till has it on disk.
func (c *Core) Refilled(m wire.Refill, err error) {
	switch {
	case c.phase != open:
	case err != nil:
		// The next session asks again; the way up goes on.
		c.session.Gaps = nil
	case len(m.Entries) == 0:
		c.session.Gaps = c.session.Gaps[1:]
		c.giveBack()
	default:
		c.up.giving = &m
		c.send(m)
	}
}

// gaveBack says that the till has put back what it was given.
func (c *Core) gaveBack(m wire.Ack) {
	g := c.up.giving
	if g == nil || m.Epoch != g.Epoch || m.Upto != g.First+uint64(len(g.Entries))-1 {
		c.Bye(wire.ProtocolError, 0, fmt.Errorf("acknowledgement of %v up to %d, which was not given back", m.Path(), m.Upto))
		return
	}
	c.session.Gaps[0] = Gap{Epoch: m.Epoch, After: m.Upto, Hash: g.Head}
	c.up.giving = nil
	c.giveBack()
}
