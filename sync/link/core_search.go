package link

import (
	"context"
	"fmt"
	"slices"
	"time"

	"comptant/sync/wire"
)

// searches is how many times a session looks for the common entry of one path: a fork needs one.
const searches = 3

// search looks for the last entry of a path that HQ has: it has low and not high.
type search struct {
	low, high uint64
	// offered are the seqs of the last Prove, the highest first.
	offered []uint64
}

// nacked sends again later what HQ cannot store for now, and looks for the last common entry when HQ does not know what a
// batch came after. Any other refusal ends the session: the next hello lets HQ compare.
func (c *Core) nacked(ctx context.Context, now time.Time, m wire.Nack) {
	c.status.Nack = m
	s := c.up.stream(m.Path())
	at := slices.IndexFunc(c.up.inflight, func(b sent) bool { return b.path == m.Path() })
	if m.Code < wire.BadSignature && s != nil && at >= 0 {
		c.putOff(now, s, c.up.inflight[at])
		return
	}
	if m.Code != wire.UnknownParent || s == nil || at < 0 || s.lost >= searches || c.up.inflight[at].first == 1 {
		c.end(now, fmt.Errorf("headquarters cannot place %v, wants %d: %w", m.Path(), m.Expect, m.Code))
		return
	}
	s.lost++
	s.search = s.searchBack(c.up.inflight[at].first - 1)
	// HQ passes over the batches after this one.
	c.up.inflight = slices.DeleteFunc(c.up.inflight, func(b sent) bool { return b.path == m.Path() })
	c.narrow(ctx, now, s)
}

// searchBack is the search of a path that HQ does not have up to high.
func (s *stream) searchBack(high uint64) *search {
	if s.floor == 0 {
		return &search{high: high}
	}
	// Nothing is known to be common. low below the floor stands for that.
	return &search{low: s.floor - 1, high: high}
}

// proved takes the answer: of what was offered, HQ has all up to one.
func (c *Core) proved(ctx context.Context, now time.Time, m wire.Proof) {
	s := c.up.stream(m.Path())
	if s == nil || s.search == nil {
		c.refuse(now, wire.ProtocolError, fmt.Errorf("proof of %v, which was not asked for", m.Path()))
		return
	}
	s.search.take(m.Seq)
	c.narrow(ctx, now, s)
}

// offer gives the seqs to ask for next: 1, 2, 4, 8... back from high, above low, the highest first.
func (s *search) offer() []uint64 {
	s.offered = s.offered[:0]
	for back := uint64(1); s.high > s.low+back && len(s.offered) < wire.ProvePoints; back *= 2 {
		s.offered = append(s.offered, s.high-back)
	}
	return s.offered
}

// take narrows the search down by what HQ has of the offer: all up to seq.
func (s *search) take(seq uint64) {
	for _, offered := range s.offered {
		if offered <= seq {
			s.low = offered
			return
		}
		s.high = offered
	}
}

// narrow offers more points while there are entries between low and high, then goes on after low. When not even the first
// entry of the file is common, it goes on from there, after a hole.
func (c *Core) narrow(ctx context.Context, now time.Time, s *stream) {
	at := s.search
	m := wire.Prove{Epoch: s.path.Epoch, Branch: s.path.Branch}
	for _, seq := range at.offer() {
		hash, err := c.journal.HashAt(ctx, s.path, seq)
		if err != nil {
			c.end(now, fmt.Errorf("offer entry %d of %v: %w", seq, s.path, err))
			return
		}
		m.Points = append(m.Points, wire.Point{Seq: seq, Hash: hash})
	}
	if len(m.Points) > 0 {
		c.send(m)
		return
	}
	if at.low < s.sent {
		c.log.Warn("headquarters has another entry", "path", s.path, "after", at.low)
	}
	s.search = nil
	s.sent = max(at.low, s.floor)
	s.common = s.sent
	if s.hole = at.low < s.floor; !s.hole {
		if err := c.journal.Acknowledge(ctx, s.path, at.low, c.hqTime); err != nil {
			c.end(now, fmt.Errorf("acknowledge %v up to %d: %w", s.path, at.low, err))
			return
		}
	}
	c.pump(ctx, now)
}
