package payments

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// handKey begins the keys of what was given back another way than by the gateway.
const handKey = "hand"

// ByHand is how much of a payment is left of which the gateway refuses to give any back: people have to, another way. It is 0 where it was
// not asked to, and while it is.
func ByHand(ctx context.Context, q Querier, id uuid.UUID) (money.Amount, error) {
	p, err := One(ctx, q, id)
	if err != nil {
		return 0, err
	}
	known, err := refundsOf(ctx, q, id)
	return known.people(p), err
}

// people is what is left for them to give back.
func (known refunds) people(p Payment) money.Amount {
	refused := false
	for _, r := range known {
		if r.State == refundAsked {
			return 0
		}
		refused = refused || r.State == refundRefused
	}
	if !refused || p.State != Captured {
		return 0
	}
	return known.left(p)
}

// GivenByHand is how much of a payment people gave back another way than by the gateway.
func GivenByHand(ctx context.Context, q Querier, id uuid.UUID) (money.Amount, error) {
	known, err := refundsOf(ctx, q, id)
	return known.of(handKey).sum(), err
}

// GivenBack notes that what ByHand says was given back, and how: the gateway is not asked for it any more.
func (d *Desk) GivenBack(ctx context.Context, tx *db.Tx, id uuid.UUID, how string) error {
	if how = strings.TrimSpace(how); how == "" {
		return &retail.Error{Code: retail.Invalid, Key: "payment.how"}
	}
	p, known, err := lockRefunds(ctx, tx, id)
	if err != nil {
		return err
	}
	left := known.people(p)
	if left <= 0 {
		return &retail.Error{Code: retail.Conflict, Key: "payment.not_refused"}
	}
	_, err = tx.Exec(ctx, `INSERT INTO payments.refund (payment_id, key, amount, state, reason, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, known.nextKey(handKey), left, refundMade, scrub(how), d.now())
	if err != nil {
		return fmt.Errorf("note what was given back of payment %s: %w", id, err)
	}
	return nil
}

// refundsOf are the refunds of a payment.
func refundsOf(ctx context.Context, q Querier, id uuid.UUID) (refunds, error) {
	rows, err := q.Query(ctx, `SELECT key, amount, state, reason FROM payments.refund WHERE payment_id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("read the refunds of payment %s: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[part])
}
