package order

import (
	"context"
	"fmt"
	"time"

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
	for _, o := range theirs {
		if err := o.forget(ctx, tx); err != nil {
			return err
		}
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

// Guest says that a visitor without an account can be taken out of the order: it is over, and nobody is to be written to.
func (o Order) Guest(now time.Time) bool {
	return o.Customer == uuid.Nil && o.Name != "" && o.Over() && o.next(now) == none
}

// ForgetGuest takes a visitor without an account out of an order. The error is retail.Conflict while somebody may still need to know.
func (d *Desk) ForgetGuest(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	found, err := read(ctx, tx, "WHERE id = $1 FOR UPDATE", id)
	if err != nil {
		return err
	}
	if len(found) == 0 || !found[0].Guest(d.Now()) {
		return &retail.Error{Code: retail.Conflict, Key: "order.no_guest"}
	}
	feed.Mark(tx, Topic(id))
	return found[0].forget(ctx, tx)
}

func (o Order) forget(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE orders.placed SET name = '', email = '', phone = '', address = '' WHERE id = $1`, o.ID)
	if err != nil {
		return fmt.Errorf("forget who ordered: %w", err)
	}
	return nil
}
