package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"comptant/shared/journal"
	"comptant/sync/link"
	"comptant/sync/wire"
	"comptant/terminal/till"
)

// Epochs lists every epoch of the file, oldest first. See link.Journal.
func (l *Ledger) Epochs(ctx context.Context) ([]wire.EpochState, error) {
	return list(ctx, l.ledger.read, func(r *sql.Rows) (s wire.EpochState, err error) {
		var hash []byte
		if err = r.Scan(&s.Epoch, &s.Last, &hash, &s.Acked); err == nil {
			err = s.Hash.UnmarshalBinary(hash)
		}
		return s, err
	}, `SELECT epoch, last, hash, acked FROM epoch ORDER BY epoch`)
}

// Read gives a run of entries. See link.Journal.
func (l *Ledger) Read(ctx context.Context, path wire.Path, after uint64, limit, maxBytes int) (link.Batch, error) {
	epoch := path.Epoch
	b := link.Batch{First: after + 1}
	rows, err := l.ledger.read.QueryContext(ctx, `SELECT epoch, seq, prev, hash, bytes FROM entry
		WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?`, epoch, after, limit)
	if err != nil {
		return b, fmt.Errorf("read epoch %d after %d: %w", epoch, after, err)
	}
	defer rows.Close()
	size := 0
	for rows.Next() {
		k, err := scanLink(rows)
		if err != nil {
			return b, fmt.Errorf("read epoch %d after %d: %w", epoch, after, err)
		}
		size += len(k.Bytes)
		if len(b.Entries) == 0 {
			b.First, b.Prev = k.Seq, k.Prev
		} else if size > maxBytes || k.Seq != b.First+uint64(len(b.Entries)) {
			break
		}
		b.Head = k.Hash
		b.Entries = append(b.Entries, k.Bytes)
	}
	if err := rows.Err(); err != nil {
		return b, fmt.Errorf("read epoch %d after %d: %w", epoch, after, err)
	}
	return b, nil
}

// HashAt is the hash of an entry; seq 0 is the beginning of the epoch.
func (l *Ledger) HashAt(ctx context.Context, path wire.Path, seq uint64) (h journal.Hash, err error) {
	epoch := path.Epoch
	if seq == 0 {
		return journal.Genesis(l.identity.Till, epoch), nil
	}
	hash, ok, err := one(ctx, l.ledger.read, value[[]byte], `SELECT hash FROM entry WHERE epoch = ? AND seq = ?`, epoch, seq)
	if err == nil && !ok {
		err = fmt.Errorf("no entry %d in epoch %d", seq, epoch)
	}
	if err != nil {
		return h, err
	}
	return h, h.UnmarshalBinary(hash)
}

// Acknowledge records how far headquarters has an epoch. See link.Journal.
func (l *Ledger) Acknowledge(ctx context.Context, path wire.Path, upto uint64, at time.Time) error {
	epoch := path.Epoch
	w := l.ledger.write
	err := w.tx(ctx, func() error {
		if _, err := w.exec(ctx, `UPDATE epoch SET acked = min(last, ?) WHERE epoch = ?`, upto, epoch); err != nil {
			return err
		}
		_, err := w.exec(ctx, `UPDATE identity SET ack_at = ?`, at.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("acknowledge epoch %d up to %d: %w", epoch, upto, err)
	}
	l.ackAt.Store(at.UnixMilli())
	return nil
}

// Refill is not done yet. See link.Journal.
func (l *Ledger) Refill(context.Context, uint64, link.Batch) error { return errors.ErrUnsupported }

// SessionOpened stores the number of a session, the least epoch to write, and headquarters' time. See link.Journal.
func (l *Ledger) SessionOpened(ctx context.Context, n, least uint64, at time.Time) error {
	w := l.ledger.write
	return w.tx(ctx, func() error {
		_, err := w.exec(ctx, `UPDATE identity SET session = ?, session_at = ?, granted_epoch = max(granted_epoch, ?)`,
			n, at.UnixMilli(), least)
		return err
	})
}

// LastAck is headquarters' time at the last acknowledgement; zero for never.
func (l *Ledger) LastAck() time.Time {
	if ms := l.ackAt.Load(); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// Waiting counts the entries headquarters has not acknowledged.
func (l *Ledger) Waiting(ctx context.Context) (till.Waiting, error) {
	w, _, err := one(ctx, l.ledger.read, func(r *sql.Rows) (w till.Waiting, err error) {
		var oldest sql.NullInt64
		err = r.Scan(&w.Count, &oldest)
		if oldest.Valid {
			w.Oldest = time.UnixMilli(oldest.Int64).UTC()
		}
		return w, err
	}, `SELECT coalesce(sum(last - acked), 0), (
			SELECT at FROM entry JOIN epoch USING (epoch)
			WHERE epoch.acked < epoch.last AND entry.seq = epoch.acked + 1 ORDER BY epoch LIMIT 1)
		FROM epoch`)
	return w, err
}
