package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"comptant/sync/wire"
	"comptant/terminal/till"
)

// Epochs lists every path of the file that has something to send, or had, oldest epoch first. See link.Journal.
func (l *Ledger) Epochs(ctx context.Context) ([]wire.EpochState, error) {
	return list(ctx, l.ledger.read, scanState,
		`SELECT epoch, branch, floor, last, hash, acked FROM path WHERE branch = 0 OR floor < last ORDER BY epoch, branch`)
}

// path is one of them; ok is false when there is none.
func (l *Ledger) path(ctx context.Context, path wire.Path) (s wire.EpochState, ok bool, err error) {
	return one(ctx, l.ledger.read, scanState,
		`SELECT epoch, branch, floor, last, hash, acked FROM path WHERE epoch = ? AND branch = ?`, path.Epoch, path.Branch)
}

func scanState(r *sql.Rows) (s wire.EpochState, err error) {
	var hash []byte
	if err = r.Scan(&s.Epoch, &s.Branch, &s.Floor, &s.Last, &hash, &s.Acked); err == nil {
		err = s.Hash.UnmarshalBinary(hash)
	}
	return s, err
}

// Acknowledge records how far headquarters has a path. See link.Journal.
func (l *Ledger) Acknowledge(ctx context.Context, path wire.Path, upto uint64, at time.Time) error {
	w := l.ledger.write
	update := `UPDATE epoch SET acked = min(last, ?1) WHERE epoch = ?2 AND 0 = ?3`
	if path.Branch > 0 {
		update = `UPDATE branch SET acked = min(last, ?1) WHERE epoch = ?2 AND branch = ?3`
	}
	err := w.tx(ctx, func() error {
		if _, err := w.exec(ctx, update, upto, path.Epoch, path.Branch); err != nil {
			return err
		}
		if err := l.noteAcks(ctx, at); err != nil {
			return err
		}
		_, err := w.exec(ctx, `UPDATE identity SET ack_at = ?`, at.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("acknowledge %v up to %d: %w", path, upto, err)
	}
	l.ackAt.Store(at.UnixMilli())
	l.heard(at)
	return nil
}

// SessionOpened stores the number of a session, the least epoch to write, and headquarters' time. See link.Journal.
func (l *Ledger) SessionOpened(ctx context.Context, n, least uint64, at time.Time) error {
	w := l.ledger.write
	err := w.tx(ctx, func() error {
		if err := l.noteAcks(ctx, at); err != nil {
			return err
		}
		_, err := w.exec(ctx, `UPDATE identity SET session = ?, session_at = ?, told_epoch = max(told_epoch, ?)`,
			n, at.UnixMilli(), least)
		return err
	})
	if err != nil {
		return fmt.Errorf("store session %d: %w", n, err)
	}
	l.mu.Lock()
	l.identity.told = max(l.identity.told, least)
	l.mu.Unlock()
	l.heard(at)
	return nil
}

// LastAck is headquarters' time at the last acknowledgement; zero for never.
func (l *Ledger) LastAck() time.Time {
	if ms := l.ackAt.Load(); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// Waiting counts the entries headquarters has not acknowledged.
func (l *Ledger) Waiting(ctx context.Context) (w till.Waiting, err error) {
	states, err := l.Epochs(ctx)
	if err != nil {
		return w, err
	}
	for _, s := range states {
		acked := max(s.Acked, s.Floor)
		if acked == s.Last {
			continue
		}
		w.Count += int(s.Last - acked)
		if !w.Oldest.IsZero() {
			continue
		}
		at, ok, err := one(ctx, l.ledger.read, value[int64], `SELECT at FROM path_entry
			WHERE epoch = ? AND branch = ? AND seq > ? ORDER BY seq LIMIT 1`, s.Epoch, s.Branch, acked)
		if err != nil && !unreadable(err) {
			return w, err
		}
		if ok {
			w.Oldest = time.UnixMilli(at).UTC()
		}
	}
	return w, nil
}
