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
	// streams are the epochs of the file, oldest first.
	streams []stream
	// inflight are the batches sent and not acknowledged, in order.
	inflight []sent
	// window is how many of them there may be, batch how many entries each.
	window, batch int
	// grown says that the journal may hold more than streams knows.
	grown bool
}

// stream is one epoch: what the file holds and how far HQ has it or it was sent.
type stream struct{ epoch, last, sent uint64 }

// sent is a batch on its way.
type sent struct{ epoch, upto uint64 }

// resume puts every epoch after what HQ says it has, and opens the epoch HQ asks for.
func (c *core) resume(ctx context.Context, m wire.Welcome) error {
	have := make(map[uint64]uint64, len(m.Epochs))
	for _, e := range m.Epochs {
		have[e.Epoch] = e.Have
	}
	at := time.UnixMilli(m.Time).UTC()
	c.up = upstream{window: window(m.Credit), batch: wire.BatchEntries}
	if m.BatchMax > 0 {
		c.up.batch = min(m.BatchMax, wire.BatchEntries)
	}
	var newest uint64
	for _, e := range c.hello.Epochs {
		newest = max(newest, e.Epoch)
		acked := min(have[e.Epoch], e.Last)
		if acked < e.Acked {
			c.log.Warn("headquarters was rolled back", "epoch", e.Epoch, "acknowledged", e.Acked, "has", acked)
		}
		if acked != e.Acked {
			if err := c.journal.Acknowledge(ctx, e.Epoch, acked, at); err != nil {
				return fmt.Errorf("acknowledge epoch %d: %w", e.Epoch, err)
			}
		}
		c.up.streams = append(c.up.streams, stream{epoch: e.Epoch, last: e.Last, sent: have[e.Epoch]})
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
func (c *core) pump(ctx context.Context, now time.Time) {
	for len(c.up.inflight) < c.up.window {
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
		if err := c.sendBatch(ctx, s); err != nil {
			c.end(now, err)
			return
		}
	}
}

// unsent is the oldest epoch with something to send, nil when there is none.
func (u *upstream) unsent() *stream {
	for i := range u.streams {
		if s := &u.streams[i]; s.sent < s.last {
			return s
		}
	}
	return nil
}

// refresh reads what the file holds now.
func (c *core) refresh(ctx context.Context) error {
	c.up.grown = false
	epochs, err := c.journal.Epochs(ctx)
	if err != nil {
		return fmt.Errorf("list epochs: %w", err)
	}
	for _, e := range epochs {
		if s := c.up.stream(e.Epoch); s != nil {
			s.last = e.Last
			continue
		}
		c.up.streams = append(c.up.streams, stream{epoch: e.Epoch, last: e.Last})
	}
	slices.SortFunc(c.up.streams, func(a, b stream) int { return cmp.Compare(a.epoch, b.epoch) })
	return nil
}

func (u *upstream) stream(epoch uint64) *stream {
	for i := range u.streams {
		if u.streams[i].epoch == epoch {
			return &u.streams[i]
		}
	}
	return nil
}

// sendBatch sends the next entries of an epoch.
func (c *core) sendBatch(ctx context.Context, s *stream) error {
	b, err := c.journal.Read(ctx, s.epoch, s.sent, c.up.batch, wire.BatchBytes)
	if err != nil {
		return fmt.Errorf("read epoch %d after %d: %w", s.epoch, s.sent, err)
	}
	if len(b.Entries) == 0 {
		s.last = s.sent
		return nil
	}
	if b.First <= s.sent {
		return fmt.Errorf("read epoch %d after %d: got entry %d", s.epoch, s.sent, b.First)
	}
	c.send(wire.Entries{
		Epoch: s.epoch, First: b.First, Prev: b.Prev, Head: b.Head, Hole: b.First > s.sent+1, Entries: b.Entries,
	})
	s.sent = b.First + uint64(len(b.Entries)) - 1
	c.up.inflight = append(c.up.inflight, sent{s.epoch, s.sent})
	return nil
}

// acked records what HQ has stored. An acknowledgement of something not sent, or out of order, ends the session.
func (c *core) acked(ctx context.Context, now time.Time, m wire.Ack) {
	n := 0
	for n < len(c.up.inflight) && c.up.inflight[n].epoch == m.Epoch && c.up.inflight[n].upto <= m.Upto {
		n++
	}
	if n == 0 || m.Upto > c.up.stream(m.Epoch).sent {
		c.refuse(now, wire.ProtocolError, fmt.Errorf("acknowledgement of epoch %d up to %d", m.Epoch, m.Upto))
		return
	}
	if err := c.journal.Acknowledge(ctx, m.Epoch, m.Upto, time.UnixMilli(m.Time).UTC()); err != nil {
		c.end(now, fmt.Errorf("acknowledge epoch %d up to %d: %w", m.Epoch, m.Upto, err))
		return
	}
	for _, note := range m.Notes {
		c.log.Warn("headquarters flagged an entry", "epoch", m.Epoch, "seq", note.Seq, "code", note.Code)
	}
	c.up.inflight = slices.Delete(c.up.inflight, 0, n)
	c.up.window = window(m.Credit)
	c.status.LastAck = now
	c.backoff.reset()
	c.pump(ctx, now)
}

// nacked ends the session: the next hello lets HQ compare.
func (c *core) nacked(now time.Time, m wire.Nack) {
	c.status.Nack = m
	c.end(now, fmt.Errorf("headquarters cannot place epoch %d, wants %d: %w", m.Epoch, m.Expect, m.Code))
}
