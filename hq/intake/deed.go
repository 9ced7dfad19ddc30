package intake

import (
	"context"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/shared/retail"
)

// deed records what an item says was done at a till beside selling. Money and goods move with the documents only.
func (l *lane) deed(ctx context.Context, tx *db.Tx, it *item) error {
	switch b := it.body.(type) {
	case retail.Override:
		return sales.RecordDeed(ctx, tx, sales.Deed{
			Place: l.place(it), BusinessDate: b.BusinessDate, Deed: b.Deed, Approver: b.Approver, Reason: b.Reason, Amount: b.Amount,
		})
	case retail.DrawerOpen:
		return sales.RecordDeed(ctx, tx, sales.Deed{
			Place: l.place(it), BusinessDate: b.BusinessDate, Deed: retail.DeedDrawer, Approver: b.Approver, Reason: b.Reason,
		})
	}
	return nil
}

// asRefund is a refund, or a void as the refund of all of a sale.
func asRefund(body any) (r retail.Refund, ok bool) {
	switch b := body.(type) {
	case retail.Refund:
		return b, true
	case retail.Void:
		return retail.Refund(b), true
	}
	return r, false
}
