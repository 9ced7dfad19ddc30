package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/shared/retail"
)

// Notified takes what the payment gateway tells by itself. That a refund has failed is in the order's history, and whoever looks at the order
// sees it at once: people have to give that money back.
func (d *Desk) Notified(ctx context.Context, e payments.Event) error {
	if e.Refund == "" {
		return d.Payments.Notified(ctx, e)
	}
	return d.DB.InTx(ctx, func(tx *db.Tx) error {
		r := &round{tx: tx}
		var batch pgx.Batch
		r.lock(&batch, e.Payment)
		if err := tx.Send(ctx, &batch); err != nil || len(r.orders) == 0 {
			return err
		}
		news, err := d.Payments.RefundFailed(ctx, tx, e)
		if err != nil || !news {
			return err
		}
		o, why := r.orders[0], &retail.Error{Code: retail.Failed, Key: "payment.refund_failed"}
		o.steps = append(o.steps, Transition{From: o.State, To: o.State, Deed: string(refund), At: d.Now(), Response: refusal(why), Error: why.Error() + ": " + e.Reason})
		return r.write(ctx)
	})
}
