package sales

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Drawer is an entry about a till's drawer: its Body is a retail.ShiftOpen, a retail.CashMove or a retail.ShiftClose.
type Drawer struct {
	Place
	Body any
}

// RecordDrawer keeps what journals say of drawers. What is there already stays: the same entry says the same.
func RecordDrawer(ctx context.Context, tx *db.Tx, all []Drawer) error {
	if len(all) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, d := range all {
		place := []any{d.Store, d.Till, int64(d.Epoch), int64(d.Seq), d.Branch, d.At, d.User}
		switch b := d.Body.(type) {
		case retail.ShiftOpen:
			batch.Queue(`
				INSERT INTO sales.shift (store_id, till_id, epoch, seq, branch, at, user_id, number, business_date, float)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
				append(place, int64(b.Shift), int32(b.BusinessDate), int64(b.Float))...)
		case retail.CashMove:
			batch.Queue(`
				INSERT INTO sales.cash_move (store_id, till_id, epoch, seq, branch, at, user_id, business_date, amount, reason, note)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
				append(place, int32(b.BusinessDate), int64(b.Amount), int(b.Reason), b.Note)...)
		case retail.ShiftClose:
			t := b.Totals
			batch.Queue(`
				INSERT INTO sales.z (store_id, till_id, epoch, seq, branch, at, user_id, number, shift, business_date, opened_epoch,
					opened_seq, float, tickets, refunds, net, cash, moved, expected, counted, perpetual, waiting)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
				ON CONFLICT DO NOTHING`,
				append(place, int64(b.Number), int64(b.Shift), int32(b.BusinessDate), int64(b.Opened.Epoch), int64(b.Opened.Seq),
					int64(b.Float), int64(t.Tickets), int64(t.Refunds), int64(t.Net()), int64(t.Cash()), int64(t.CashIn-t.CashOut),
					int64(b.Expected), int64(b.Counted), int64(b.Perpetual), int64(b.Waiting))...)
		}
		feed.Mark(tx, Topic(d.Store))
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("record %d entries about drawers: %w", len(all), err)
	}
	return nil
}

// RedateDrawer changes the time of an entry about a drawer.
func RedateDrawer(ctx context.Context, tx *db.Tx, p Place) error {
	var batch pgx.Batch
	for _, table := range []string{"shift", "cash_move", "z"} {
		batch.Queue(`UPDATE sales.`+table+` SET at = $6 WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq = $4 AND branch = $5`,
			p.Store, p.Till, int64(p.Epoch), int64(p.Seq), p.Branch, p.At)
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("date entry %d.%d about a drawer: %w", p.Epoch, p.Seq, err)
	}
	return nil
}
