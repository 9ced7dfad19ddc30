package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/retail"
)

// InDoubt says that the file lacks entries that were written after a receipt of this till was sold, or may have been. See
// till.Book.
//
// Headquarters and the file itself know of such entries by their hashes, so the doubt ends by itself once the file has them.
// Whoever wrote one had what was sold before it, and nothing that was sold after: a till that lost something gives back what
// it has sold since as ever.
func (l *Ledger) InDoubt(ctx context.Context, epoch, number uint64) (bool, error) {
	sold, here, err := one(ctx, l.ledger.read, func(r *sql.Rows) (p place, err error) { return p, r.Scan(&p.epoch, &p.seq) },
		`SELECT epoch, seq FROM sale WHERE epoch = ? AND number = ?`, epoch, number)
	if err != nil || !here {
		return !here, err // of a receipt that is not here nothing is known
	}
	known, _, err := rowOf[retail.Known](ctx, l.catalogue().read, retail.RowKnown, l.identity.Till)
	if err != nil {
		return false, err
	}
	for _, hole := range known.Holes {
		if !sold.after(hole) {
			return true, nil // whatever the file has of it: nobody can look into it any more
		}
	}
	own, err := list(ctx, l.ledger.read, scanEnd, `SELECT epoch, seq, hash FROM gap`)
	if err != nil {
		return false, err
	}
	for _, e := range append(known.Ends, own...) {
		if sold.after(e) {
			continue
		}
		if has, err := l.has(ctx, l.ledger.read, e); err != nil || !has {
			return true, err
		}
	}
	// Told to open an epoch, a till opens it at once. Until headquarters has heard of that it has not told what it knows of
	// those before.
	told, _, err := one(ctx, l.ledger.read, value[bool], `SELECT EXISTS (SELECT 1 FROM identity WHERE told_epoch > ?
		AND NOT EXISTS (SELECT 1 FROM epoch WHERE epoch = told_epoch AND acked > 0))`, epoch)
	return told, err
}

// after says whether it comes after an entry.
func (p place) after(e retail.ChainEnd) bool {
	return p.epoch > e.Epoch || p.epoch == e.Epoch && p.seq > e.Seq
}

// has says that some path of the file holds an entry, or ends with it.
func (l *Ledger) has(ctx context.Context, q querier, e retail.ChainEnd) (bool, error) {
	has, _, err := one(ctx, q, value[bool], `SELECT EXISTS (SELECT 1 FROM path_entry WHERE epoch = ?1 AND seq = ?2 AND hash = ?3)
		OR EXISTS (SELECT 1 FROM path WHERE epoch = ?1 AND last = ?2 AND hash = ?3)`, e.Epoch, e.Seq, e.Hash)
	if err != nil {
		return false, fmt.Errorf("look for entry %d.%d: %w", e.Epoch, e.Seq, err)
	}
	return has, nil
}

// lacks notes that the file does not have the entry before one that a restore gave back. It runs inside a transaction.
func (l *Ledger) lacks(ctx context.Context, before journal.Link) error {
	e := retail.ChainEnd{Epoch: before.Epoch, Seq: before.Seq - 1, Hash: before.Prev[:]}
	if e.Seq == 0 {
		return nil
	}
	w := l.ledger.write
	if has, err := l.has(ctx, w, e); err != nil || has {
		return err
	}
	_, err := w.exec(ctx, `INSERT INTO gap (epoch, seq, hash) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, e.Epoch, e.Seq, e.Hash)
	return err
}

func scanEnd(r *sql.Rows) (e retail.ChainEnd, err error) {
	return e, r.Scan(&e.Epoch, &e.Seq, &e.Hash)
}
