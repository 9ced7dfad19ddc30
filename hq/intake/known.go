package intake

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// mayBeKnown says that what a till is told of its closed epochs may change with a run: not in the ordinary case, where it goes
// on with its newest epoch.
func (t tree) mayBeKnown(r run) bool { return r.opens || len(t.branches) > 1 || t.epoch < t.newest }

// tellKnown tells a till, in its feed, of the entries by which it sees what its file lacks: see retail.Known. The newest epoch
// is left out, whose end moves with each sale: a file that lacks something of it is told to open another at its next hello.
func (d *Desk) tellKnown(ctx context.Context, tx *db.Tx, store, till uuid.UUID) error {
	rows, err := tx.Query(ctx, `
		SELECT false, epoch, seq, hash FROM journal.branch b WHERE store_id = $1 AND till_id = $2
			AND epoch < (SELECT max(epoch) FROM journal.branch WHERE store_id = $1 AND till_id = $2)
			AND NOT EXISTS (SELECT FROM journal.branch c WHERE c.store_id = $1 AND c.till_id = $2 AND c.epoch = b.epoch
				AND c.fork_seq = b.seq AND c.fork_hash = b.hash)
		UNION ALL SELECT true, epoch, last, hash FROM journal.hole WHERE store_id = $1 AND till_id = $2 AND filled_at IS NULL
		ORDER BY 1, 2, 3, 4`, store, till)
	if err != nil {
		return fmt.Errorf("read the ends of closed epochs: %w", err)
	}
	var known retail.Known
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e retail.ChainEnd, err error) {
		var hole bool
		var epoch, seq int64
		err = row.Scan(&hole, &epoch, &seq, &e.Hash)
		e.Epoch, e.Seq = uint64(epoch), uint64(seq)
		if hole {
			known.Holes = append(known.Holes, e)
		} else {
			known.Ends = append(known.Ends, e)
		}
		return e, err
	})
	if err != nil {
		return fmt.Errorf("read the ends of closed epochs: %w", err)
	}
	if len(known.Ends)+len(known.Holes) == 0 {
		feed.Remove(ctx, tx, feed.Till(till), retail.RowKnown, till)
		return nil
	}
	row, err := feed.NewRow(retail.RowKnown, till, known)
	if err == nil {
		feed.Publish(ctx, tx, feed.Till(till), row)
	}
	return err
}
