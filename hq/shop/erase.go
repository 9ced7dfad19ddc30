package shop

import (
	"context"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/users"
)

// EraseCustomer forgets a person: what is known of them, their account, and who they were in their orders. What they bought stays.
func EraseCustomer(ctx context.Context, tx *db.Tx, customer uuid.UUID, at time.Time) error {
	if err := users.EraseCustomer(ctx, tx, customer, at); err != nil {
		return err
	}
	return order.Forget(ctx, tx, customer)
}
