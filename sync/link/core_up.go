package link

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"comptant/sync/wire"
)

// upstream is what the session knows of the way up.
type upstream struct {
	// streams are the paths of the file, the oldest epoch first.
	streams []stream
	// inflight are the batches sent and not acknowledged, in order.
	inflight []sent
	// window is how many of them there may be, batch how many entries each.
	window, batch int
	// grown says that the journal may hold more than streams knows.
	grown bool
}

// stream is one path: the file holds the entries floor+1 to last, and HQ has it up to sent or it was sent.
type stream struct {
	path              wire.Path
	floor, last, sent uint64
	// common is an entry that HQ is known to have as the file has it, with all before it; 0 for none.
	common uint64
	// given is how far HQ gave the path back: it has that, whatever an acknowledgement of something sent before says.
	given uint64
	// search is under way when HQ does not know the entry after which a batch came.
	search *search
	// hole says that the next batch comes after something that cannot be given.
	hole bool
	// lost counts the searches of this session.
	lost int
}

// sent is a batch on its way: the entries first to upto of a path, perhaps after a hole.
type sent struct {
	path        wire.Path
	first, upto uint64
	hole        bool
}

// resume puts every path after what HQ says it has, and opens the epoch HQ asks for.
func (c *Core) resume(ctx context.Context, m wire.Welcome) error {
	have := make(map[wire.Path]uint64, len(m.Epochs))
	for _, e := range m.Epochs {
		have[wire.Path{Epoch: e.Epoch, Branch: e.Branch}] = e.Have
	}
	c.up = upstream{window: window(m.Credit), batch: wire.BatchEntries}
	if m.BatchMax > 0 {
		c.up.batch = min(m.BatchMax, wire.BatchEntries)
	}
	var newest uint64
	for _, e := range c.hello.Epochs {
		newest = max(newest, e.Epoch)
		has := min(have[e.Path()], e.Last)
		acked := e.Acked
		switch {
		case has < acked:
			c.log.Warn("headquarters was rolled back", "path", e.Path(), "acknowledged", acked, "has", has)
			acked = has
		case has == e.Last:
			acked = has
		}
		if acked != e.Acked {
			if err := c.journal.Acknowledge(ctx, e.Path(), acked, c.hqTime); err != nil {
				return fmt.Errorf("acknowledge %v: %w", e.Path(), err)
			}
		}
		c.up.streams = append(c.up.streams, stream{path: e.Path(), floor: e.Floor, last: e.Last, sent: has})
	}
	if m.MinEpoch > newest {
		if err := c.journal.OpenEpoch(ctx, m.MinEpoch); err != nil {
			return fmt.Errorf("open epoch %d: %w", m.MinEpoch, err)
		}
	}
	// Entries may have been written since the hello.
	c.up.grown = true
	return nil
}

// window is the credit HQ gives, inside what the protocol allows.
func window(credit int) int { return min(max(credit, 1), wire.Window) }

// pump sends batches while the window has room, the oldest epoch first.
func (c *Core) pump(ctx context.Context, now time.Time) {
	for c.resendAt.IsZero() && len(c.up.inflight) < c.up.window {
		s := c.up.unsent()
		if s == nil {
			if !c.up.grown {
				return
			}
			if err := c.refresh(ctx); err != nil {
				c.end(now, err)
				return
			}
			continue
		}
		if err := c.sendBatch(ctx, now, s); err != nil {
			c.end(now, err)
			return
		}
	}
}

// unsent is the oldest path with something to send, nil when there is none.
func (u *upstream) unsent() *stream {
	for i := range u.streams {
		if s := &u.streams[i]; s.sent < s.last && s.search == nil {
			return s
		}
	}
	return nil
}

// refresh reads what the file holds now. HQ has as much of a path that is new here as it acknowledged: it was given back.
func (c *Core) refresh(ctx context.Context) error {
	c.up.grown = false
	epochs, err := c.journal.Epochs(ctx)
	if err != nil {
		return fmt.Errorf("list epochs: %w", err)
	}
	for _, e := range epochs {
		if s := c.up.stream(e.Path()); s != nil {
			s.floor, s.last, s.sent = e.Floor, e.Last, max(s.sent, e.Acked)
			continue
		}
		c.up.streams = append(c.up.streams, stream{path: e.Path(), floor: e.Floor, last: e.Last, sent: e.Acked})
	}
	slices.SortFunc(c.up.streams, func(a, b stream) int {
		return cmp.Or(cmp.Compare(a.path.Epoch, b.path.Epoch), cmp.Compare(a.path.Branch, b.path.Branch))
	})
	return nil
}

func (u *upstream) stream(path wire.Path) *stream {
	for i := range u.streams {
		if u.streams[i].path == path {
			return &u.streams[i]
		}
	}
	return nil
}

// sendBatch sends the next entries of a path.
func (c *Core) sendBatch(ctx context.Context, now time.Time, s *stream) error {
	b, err := c.journal.Read(ctx, s.path, s.sent, c.up.batch, wire.BatchBytes)
	if err != nil {
		return fmt.Errorf("read %v after %d: %w", s.path, s.sent, err)
	}
	if len(b.Entries) == 0 {
		s.last = s.sent
		return nil
	}
	if b.First <= s.sent {
		return fmt.Errorf("read %v after %d: got entry %d", s.path, s.sent, b.First)
	}
	if b.First > s.sent+1 && s.sent > s.common && s.sent >= s.floor {
		// What HQ has up to sent may be another path, and no parent would show it: nothing stands before a hole.
		s.search = s.searchBack(s.sent + 1)
		c.narrow(ctx, now, s)
		return nil
	}
	hole := s.hole || b.First > s.sent+1
	c.send(wire.Entries{
		Epoch: s.path.Epoch, Branch: s.path.Branch, First: b.First, Prev: b.Prev, Head: b.Head,
		Hole: hole, Entries: b.Entries,
	})
	s.hole, s.sent = false, b.First+uint64(len(b.Entries))-1
	s.common = s.sent
	c.up.inflight = append(c.up.inflight, sent{s.path, b.First, s.sent, hole})
	return nil
}

// putOff goes back to a batch HQ cannot store for now. Nothing is sent until the pause is over; the feeds go on.
func (c *Core) putOff(now time.Time, s *stream, b sent) {
	s.sent, s.hole = b.first-1, b.hole
	c.up.inflight = slices.DeleteFunc(c.up.inflight, func(b sent) bool { return b.path == s.path })
	if c.resendAt.IsZero() {
		c.resendAt = now.Add(c.backoff.next(c.rand))
	}
}

// acked records what HQ has stored. An acknowledgement of something not sent, or out of order, ends the session.
func (c *Core) acked(ctx context.Context, now time.Time, m wire.Ack) {
	n, s := 0, c.up.stream(m.Path())
	for n < len(c.up.inflight) && c.up.inflight[n].path == m.Path() && c.up.inflight[n].upto <= m.Upto {
		n++
	}
	if n == 0 || m.Upto > s.sent {
		c.refuse(now, wire.ProtocolError, fmt.Errorf("acknowledgement of %v up to %d", m.Path(), m.Upto))
		return
	}
	c.hqTime = time.UnixMilli(m.Time).UTC()
	if err := c.journal.Acknowledge(ctx, m.Path(), max(m.Upto, s.given), c.hqTime); err != nil {
		c.end(now, fmt.Errorf("acknowledge %v up to %d: %w", m.Path(), m.Upto, err))
		return
	}
	for _, note := range m.Notes {
		c.log.Warn("headquarters flagged an entry", "path", m.Path(), "seq", note.Seq, "code", note.Code)
	}
	c.up.inflight = slices.Delete(c.up.inflight, 0, n)
	c.up.window = window(m.Credit)
	c.status.LastAck = now
	c.backoff.reset()
	c.pump(ctx, now)
}

// refilled puts back what HQ gives of an epoch the file lost, and asks for more by acknowledging it. Entries that cannot
// be put back are left to the next session.
func (c *Core) refilled(ctx context.Context, m wire.Refill) {
	b := Batch{First: m.First, Prev: m.Prev, Head: m.Head, Entries: m.Entries}
	if len(b.Entries) == 0 {
		return
	}
	if err := c.journal.Refill(ctx, m.Epoch, b); err != nil {
		c.log.Error("entries not put back", "epoch", m.Epoch, "first", m.First, "error", err)
		return
	}
	c.up.grown = true
	upto := m.First + uint64(len(m.Entries)) - 1
	if s := c.up.stream(wire.Path{Epoch: m.Epoch}); s != nil {
		s.given = max(s.given, upto)
	}
	c.send(wire.Ack{Epoch: m.Epoch, Upto: upto})
}
