package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/journal"
)

// guessed is how far a time that a till never measured may be off without its till saying so (see package ledger).
const guessed = 2 * time.Second

// Span is between which moments something happened, as far as is known.
type Span struct{ From, Until time.Time }

// Overlaps says that either may have been first.
func (s Span) Overlaps(o Span) bool { return !s.From.After(o.Until) && !o.From.After(s.Until) }

// span is when an entry was written; ok is false when its till's clock was wrong by an amount that nobody knows.
func (c corrections) span(e journal.Entry, epoch, seq uint64) (s Span, ok bool) {
	at, how := c.date(e, epoch, seq)
	var within time.Duration
	switch how {
	case Measured:
		within = time.Duration(e.Error) * time.Millisecond
	case Unmeasured:
		within = guessed
	case Corrected:
		within = time.Duration(c.of(epoch, seq).Error) * time.Millisecond
	case Uncertain:
		return s, false
	}
	return Span{at.Add(-within), at.Add(within)}, true
}

// spans dates entries of tills.
type spans struct {
	db     querier
	clocks map[uuid.UUID]corrections
	since  map[uncertain]time.Time
}

// uncertain is the first of a till's entries whose time nobody knows.
type uncertain struct {
	store, till uuid.UUID
	epoch, seq  uint64
}

func readSpans(ctx context.Context, db querier) (*spans, error) {
	clocks, err := readCorrections(ctx, db, uuid.Nil)
	return &spans{db, clocks, map[uncertain]time.Time{}}, err
}

// of is when an entry was written. One whose time nobody knows was written after what its till wrote before at a time that
// is known, and before headquarters received it.
func (s *spans) of(ctx context.Context, store, till uuid.UUID, epoch, seq uint64, bytes []byte, received time.Time) (Span, error) {
	e, err := journal.Decode(bytes)
	if err != nil {
		return Span{}, err
	}
	clocks := s.clocks[till]
	if known, ok := clocks.span(e, epoch, seq); ok {
		return known, nil
	}
	first := uncertain{store, till, epoch, clocks.of(epoch, seq).From}
	from, ok := s.since[first]
	if !ok {
		if from, err = s.before(ctx, first); err != nil {
			return Span{}, err
		}
		s.since[first] = from
	}
	return Span{from, received}, nil
}

// before is when the last entry before one was written that has a known time; zero when there is none.
func (s *spans) before(ctx context.Context, u uncertain) (time.Time, error) {
	for {
		rows, err := s.db.Query(ctx, `
			SELECT epoch, seq, bytes FROM journal.entry WHERE store_id = $1 AND till_id = $2 AND (epoch, seq) < ($3, $4)
			ORDER BY epoch DESC, seq DESC, hash LIMIT 1`, u.store, u.till, int64(u.epoch), int64(u.seq))
		if err != nil {
			return time.Time{}, fmt.Errorf("look before entry %d.%d: %w", u.epoch, u.seq, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
			Epoch, Seq int64
			Bytes      []byte
		}])
		if err != nil {
			return time.Time{}, fmt.Errorf("look before entry %d.%d: %w", u.epoch, u.seq, err)
		}
		if len(found) == 0 {
			return time.Time{}, nil
		}
		epoch, seq := uint64(found[0].Epoch), uint64(found[0].Seq)
		e, err := journal.Decode(found[0].Bytes)
		if err != nil {
			return time.Time{}, err
		}
		if known, ok := s.clocks[u.till].span(e, epoch, seq); ok {
			return known.From, nil
		}
		u.epoch, u.seq = epoch, min(seq, s.clocks[u.till].of(epoch, seq).From)
	}
}
