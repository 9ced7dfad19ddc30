package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/tills"
	"comptant/shared/audit"
	"comptant/shared/journal"
)

// stretch is a piece of a till's journal: a branch of an epoch, between two entries.
type stretch struct {
	Store, Till uuid.UUID
	Epoch       int64
	Branch      int
	First, Last int64
}

// Audit writes what the tills of a scope wrote in a period to a file for an auditor. Of each branch it writes the
// entries from the first that was dated in the period by its till to the last.
func (d *Desk) Audit(ctx context.Context, to io.Writer, of Scope, from, until, now time.Time) (end audit.End, err error) {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly} // such a one is never run twice
	err = d.db.InTxOptions(ctx, options, func(tx *db.Tx) error {
		found, err := stretches(ctx, tx, of, from, until)
		if err == nil {
			end, err = writeAudit(ctx, to, tx, found, audit.Head{Made: now.UTC(), From: from.UTC(), Until: until.UTC()})
		}
		return err
	})
	if err != nil {
		return end, fmt.Errorf("write for an auditor: %w", err)
	}
	return end, nil
}

// stretches finds where the entries of a period are. Their times are in their bytes.
func stretches(ctx context.Context, tx *db.Tx, of Scope, from, until time.Time) (all []stretch, err error) {
	rows, err := tx.Query(ctx, `
		SELECT store_id, till_id, epoch, branch, seq, bytes FROM journal.entry WHERE `+of.where()+`
		ORDER BY store_id, till_id, epoch, branch, seq`, of.args())
	if err != nil {
		return nil, err
	}
	var s stretch
	var bytes []byte
	_, err = pgx.ForEachRow(rows, []any{&s.Store, &s.Till, &s.Epoch, &s.Branch, &s.First, &bytes}, func() error {
		e, err := journal.Decode(bytes)
		if err == nil && (e.At().Before(from) || !e.At().Before(until)) {
			return nil
		}
		s.Last = s.First
		if last := len(all) - 1; last >= 0 && all[last].same(s) {
			all[last].Last = s.Last
		} else {
			all = append(all, s)
		}
		return nil // one that cannot be read is of any period
	})
	return all, err
}

func (s stretch) same(o stretch) bool {
	return s.Store == o.Store && s.Till == o.Till && s.Epoch == o.Epoch && s.Branch == o.Branch
}

func writeAudit(ctx context.Context, to io.Writer, tx *db.Tx, all []stretch, head audit.Head) (audit.End, error) {
	w, err := audit.NewWriter(to, head)
	if err != nil {
		return audit.End{}, err
	}
	last := uuid.Nil
	for _, s := range all {
		if s.Till != last {
			last = s.Till
			t, err := auditedTill(ctx, tx, s.Till)
			if err == nil {
				err = w.Till(t)
			}
			if err != nil {
				return audit.End{}, err
			}
		}
		if err := writeStretch(ctx, w, tx, s); err != nil {
			return audit.End{}, fmt.Errorf("till %s epoch %d: %w", s.Till, s.Epoch, err)
		}
	}
	return w.Close()
}

func auditedTill(ctx context.Context, tx *db.Tx, id uuid.UUID) (audit.Till, error) {
	t := audit.Till{ID: id}
	err := tx.QueryRow(ctx, `SELECT l.code, t.number FROM tills.till t JOIN stock.location l ON l.id = t.store_id WHERE t.id = $1`, id).
		Scan(&t.Store, &t.Number)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return t, err
	}
	keys, err := tills.Keys(ctx, tx, id)
	t.Keys = keys[id]
	return t, err
}

func writeStretch(ctx context.Context, w *audit.Writer, tx *db.Tx, s stretch) error {
	rows, err := tx.Query(ctx, `
		SELECT seq, prev, hash, bytes FROM journal.entry
		WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND branch = $4 AND seq BETWEEN $5 AND $6 ORDER BY seq`,
		s.Store, s.Till, s.Epoch, s.Branch, s.First, s.Last)
	if err != nil {
		return err
	}
	var seq int64
	var prev, hash, bytes []byte
	begun := false
	_, err = pgx.ForEachRow(rows, []any{&seq, &prev, &hash, &bytes}, func() error {
		if !begun {
			begun = true
			c := audit.Chain{Epoch: uint64(s.Epoch), Branch: s.Branch, After: uint64(seq) - 1, Hash: audit.Hex(prev)}
			if err := w.Chain(c); err != nil {
				return err
			}
		}
		return w.Entry(audit.Entry{Seq: uint64(seq), Hash: audit.Hex(hash), Bytes: bytes})
	})
	return err
}
