package order

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/payments"
	"comptant/shared/retail"
)

// Forget takes a person out of their orders, and out of what tills are told of those. Nobody is written to any more.
func Forget(ctx context.Context, tx *db.Tx, customer uuid.UUID) error {
	theirs, err := read(ctx, tx, "WHERE customer_id = $1 ORDER BY id FOR UPDATE", customer)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE orders.placed SET name = '', email = '', phone = '', address = '' WHERE customer_id = $1`, customer)
	if err != nil {
		return fmt.Errorf("forget who ordered: %w", err)
	}
	for _, o := range theirs {
		o.Name = ""
		if o.Delivery == retail.Collect && published(o.State) {
			paid, err := payments.One(ctx, tx, o.ID)
			if err != nil {
				return err
			}
			if err := o.show(ctx, tx, paid); err != nil {
				return err
			}
		}
		feed.Mark(tx, Topic(o.ID))
	}
	return nil
}
