package intake

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
)

// branched notes what a run means for the shape of the tree: a fork, a hole, or that it fills one.
func (d *Desk) branched(ctx context.Context, tx *db.Tx, t tree, r run) error {
	at := flag{store: t.store, till: t.till, epoch: t.epoch, seq: r.fork.seq, hash: r.fork.hash[:]}
	switch {
	case r.hole:
		first := uint64(1)
		for _, b := range t.branches {
			if b.number != r.branch && b.seq < r.fork.seq {
				first = max(first, b.seq+1)
			}
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO journal.hole (store_id, till_id, epoch, first, last, hash, at, asked)
			SELECT $1, $2, $3, $4, $5, $6, $7, ARRAY[key] FROM tills.till WHERE store_id = $1 AND id = $2
			ON CONFLICT DO NOTHING`,
			t.store, t.till, int64(t.epoch), int64(first), int64(r.fork.seq), r.fork.hash[:], d.now())
		if err != nil {
			return fmt.Errorf("note a hole: %w", err)
		}
		at.code, at.detail = FlagHole, detail(FlagHole, first, r.fork.seq)
		if err := d.raise(ctx, tx, at); err != nil {
			return err
		}
	case r.forks():
		at.code, at.detail = FlagFork, detail(FlagFork, r.fork.seq)
		if err := d.raise(ctx, tx, at); err != nil {
			return err
		}
	}
	return d.fillHoles(ctx, tx, t, r)
}

func (d *Desk) fillHoles(ctx context.Context, tx *db.Tx, t tree, r run) error {
	hashes := make([][]byte, len(r.links))
	for i := range r.links {
		hashes[i] = r.links[i].Hash[:]
	}
	rows, err := tx.Query(ctx, `
		UPDATE journal.hole SET filled_at = $5
		WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND hash = ANY ($4) AND filled_at IS NULL RETURNING last, hash`,
		t.store, t.till, int64(t.epoch), hashes, d.now())
	if err != nil {
		return fmt.Errorf("fill holes: %w", err)
	}
	filled, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (flag, error) {
		f := flag{store: t.store, till: t.till, epoch: t.epoch, code: FlagHole}
		var last int64
		err := row.Scan(&last, &f.hash)
		f.seq = uint64(last)
		return f, err
	})
	if err != nil {
		return fmt.Errorf("fill holes: %w", err)
	}
	for _, f := range filled {
		if err := d.filledFork(ctx, tx, f); err != nil {
			return err
		}
	}
	return d.lower(ctx, tx, filled...)
}

// filledFork flags what comes after a hole when, now that it is filled, it stands beside another entry.
func (d *Desk) filledFork(ctx context.Context, tx *db.Tx, hole flag) error {
	var after int
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM journal.entry WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq = $4 AND prev = $5`,
		hole.store, hole.till, int64(hole.epoch), int64(hole.seq)+1, hole.hash).Scan(&after)
	if err != nil {
		return fmt.Errorf("look after a hole: %w", err)
	}
	if after < 2 {
		return nil
	}
	hole.code, hole.detail = FlagFork, detail(FlagFork, hole.seq)
	return d.raise(ctx, tx, hole)
}

// printedTwice flags every document of the epoch that has its number in common with another.
func (d *Desk) printedTwice(ctx context.Context, tx *db.Tx, t tree) error {
	rows, err := tx.Query(ctx, `
		SELECT d.seq, e.hash, d.number FROM sales.document d
		JOIN journal.entry e ON e.store_id = d.store_id AND e.till_id = d.till_id AND e.epoch = d.epoch AND e.seq = d.seq AND e.branch = d.branch
		WHERE d.store_id = $1 AND d.till_id = $2 AND d.epoch = $3 AND d.number IN (
			SELECT number FROM sales.document WHERE store_id = $1 AND till_id = $2 AND epoch = $3 GROUP BY number HAVING count(*) > 1)
		ORDER BY d.seq, e.hash`, t.store, t.till, int64(t.epoch))
	if err != nil {
		return fmt.Errorf("look for receipts printed twice: %w", err)
	}
	flags, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (flag, error) {
		f := flag{store: t.store, till: t.till, epoch: t.epoch, code: FlagPrintedTwice}
		var seq, number int64
		err := row.Scan(&seq, &f.hash, &number)
		f.seq, f.detail = uint64(seq), detail(FlagPrintedTwice, number, t.epoch)
		return f, err
	})
	if err != nil {
		return fmt.Errorf("look for receipts printed twice: %w", err)
	}
	return d.raise(ctx, tx, flags...)
}

// opened looks whether headquarters has what the sentinel of a till had when it opened an epoch.
func (d *Desk) opened(ctx context.Context, tx *db.Tx, l *lane, it *item) error {
	b, ok := it.body.(retail.EpochOpen)
	if !ok || b.Sentinel.Seq == 0 {
		return nil
	}
	t, err := readTree(ctx, tx, l.store, l.till, b.Sentinel.Epoch)
	if err != nil {
		return err
	}
	last := end{seq: b.Sentinel.Seq}
	if err := last.hash.UnmarshalBinary(b.Sentinel.Hash); err != nil {
		return err
	}
	if _, here, err := t.find(ctx, tx, last); err != nil || here {
		return err
	}
	return d.raise(ctx, tx, flag{
		store: l.store, till: l.till, epoch: b.Sentinel.Epoch, seq: last.seq, hash: last.hash[:], code: FlagNeverReceived,
		detail: detail(FlagNeverReceived, last.seq, t.epoch, min(t.top(), last.seq)),
	})
}
