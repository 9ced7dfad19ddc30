package intake

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/tills"
	"comptant/shared/journal"
)

// retryAtOnce bounds how many deferred entries of a till one transaction tries.
const retryAtOnce = 500

// postpone remembers entries that could not be applied.
func (d *Desk) postpone(ctx context.Context, tx *db.Tx, store, till uuid.UUID, items []item) error {
	if len(items) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, it := range items {
		batch.Queue(`
			INSERT INTO journal.deferred (store_id, till_id, epoch, seq, hash, reason, since) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (store_id, till_id, epoch, seq, hash) DO UPDATE SET reason = excluded.reason, tries = deferred.tries + 1`,
			store, till, int64(it.link.Epoch), int64(it.link.Seq), it.link.Hash[:], reason(it.unfit), d.now())
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("defer entries: %w", err)
	}
	feed.Mark(tx, Topic)
	return d.notify(ctx, tx, flagsOf(store, till, items)...)
}

// flagsOf names entries, so that their till can be told about them.
func flagsOf(store, till uuid.UUID, items []item) []flag {
	flags := make([]flag, len(items))
	for i := range items {
		l := &items[i].link
		flags[i] = flag{store: store, till: till, epoch: l.Epoch, seq: l.Seq, hash: l.Hash[:]}
	}
	return flags
}

// RetryDeferred tries every deferred entry again and says how many were applied. It may run at any time, in any number of
// processes.
func (d *Desk) RetryDeferred(ctx context.Context) (applied int, err error) {
	rows, err := d.db.Query(ctx, `SELECT DISTINCT till_id FROM journal.deferred`)
	if err != nil {
		return 0, fmt.Errorf("find deferred entries: %w", err)
	}
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return 0, fmt.Errorf("find deferred entries: %w", err)
	}
	for _, till := range waiting {
		n, err := d.retry(ctx, till)
		if err != nil {
			return applied, fmt.Errorf("retry deferred entries of till %s: %w", till, err)
		}
		applied += n
	}
	return applied, nil
}

func (d *Desk) retry(ctx context.Context, till uuid.UUID) (applied int, err error) {
	err = d.db.InTx(ctx, func(tx *db.Tx) error {
		applied = 0
		t, err := tills.LockAny(ctx, tx, till)
		if err != nil {
			return err
		}
		items, err := deferredItems(ctx, tx, t)
		if err != nil {
			return err
		}
		if err := d.apply(ctx, tx, t.Store, t.ID, items); err != nil {
			return err
		}
		var still, done []item
		for _, it := range items {
			if it.unfit != nil {
				still = append(still, it)
			} else {
				done = append(done, it)
			}
		}
		applied = len(done)
		if err := d.settle(ctx, tx, t, done); err != nil {
			return err
		}
		return d.postpone(ctx, tx, t.Store, t.ID, still)
	})
	return applied, err
}

// settle forgets that entries were deferred, now that they are applied.
func (d *Desk) settle(ctx context.Context, tx *db.Tx, t tills.Till, items []item) error {
	if len(items) == 0 {
		return nil
	}
	hashes := make([][]byte, len(items))
	epochs := map[uint64]bool{}
	for i := range items {
		hashes[i] = items[i].link.Hash[:]
		epochs[items[i].link.Epoch] = true
	}
	_, err := tx.Exec(ctx, `DELETE FROM journal.deferred WHERE store_id = $1 AND till_id = $2 AND hash = ANY ($3)`, t.Store, t.ID, hashes)
	if err != nil {
		return err
	}
	for epoch := range epochs {
		of, err := readTree(ctx, tx, t.Store, t.ID, epoch)
		if err != nil {
			return err
		}
		if len(of.branches) > 1 {
			if err := d.printedTwice(ctx, tx, of); err != nil {
				return err
			}
		}
	}
	feed.Mark(tx, Topic)
	return d.notify(ctx, tx, flagsOf(t.Store, t.ID, items)...)
}

func deferredItems(ctx context.Context, tx *db.Tx, t tills.Till) ([]item, error) {
	rows, err := tx.Query(ctx, `
		SELECT e.epoch, e.seq, e.prev, e.hash, e.bytes, e.branch
		FROM (SELECT * FROM journal.deferred WHERE store_id = $1 AND till_id = $2 ORDER BY tries, epoch, seq LIMIT $3) f
		JOIN journal.entry e USING (store_id, till_id, epoch, seq, hash) ORDER BY e.epoch, e.seq`, t.Store, t.ID, retryAtOnce)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanItem)
}

// scanItem reads an entry with its branch.
func scanItem(row pgx.CollectableRow) (item, error) {
	var l journal.Link
	var epoch, seq int64
	var prev, hash []byte
	var branch int
	if err := row.Scan(&epoch, &seq, &prev, &hash, &l.Bytes, &branch); err != nil {
		return item{}, err
	}
	l.Epoch, l.Seq = uint64(epoch), uint64(seq)
	copy(l.Prev[:], prev)
	copy(l.Hash[:], hash)
	return read(l, branch), nil
}
