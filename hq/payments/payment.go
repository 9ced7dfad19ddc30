package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Querier is what reading needs: the pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Payment is what a customer owes for an order, and what has become of it.
type Payment struct {
	ID, Order uuid.UUID
	State     State
	Gateway   string
	// Method is what the gateway knows the card by.
	Method                     string
	Amount, Captured, Refunded money.Amount
	Currency                   string
	LastFour, Approval         string
	// Decline is why not, as a code; DeclineWords gives its words.
	Decline string
	// Reference is what the gateway calls it.
	Reference string
	At        time.Time
	// ExpiresAt is when the authorisation lapses; zero when nobody said.
	ExpiresAt time.Time
	// VoidAskedAt is nil unless the payment is given up.
	VoidAskedAt *time.Time
}

// columns are those of Payment, in its order.
const columns = `id, of_order, state, gateway, method, amount, captured, refunded, currency, last_four, approval, decline, reference, at,
	coalesce(expires_at, '0001-01-01 00:00:00+00'), void_asked_at`

// Begun is a payment that begins.
type Begun struct {
	ID, Order uuid.UUID
	Amount    money.Amount
	Currency  string
	// Method is how it is paid: the number of a test card for the sandbox, the id of a payment method for Stripe.
	Method string
}

// Method refuses how somebody wants to pay where the gateway takes no such thing.
func (d *Desk) Method(given string) error {
	_, err := d.gateway.Method(given)
	return err
}

// Begin writes a payment down, in the order's transaction, before anybody is asked for money. One id is one payment: again is
// no other.
func (d *Desk) Begin(ctx context.Context, tx *db.Tx, b Begun) error {
	if b.Amount <= 0 || b.Currency == "" {
		return &retail.Error{Code: retail.Invalid, Key: "payment.amount"}
	}
	method, err := d.gateway.Method(b.Method)
	if err != nil {
		return err
	}
	// Who finds the payment there compares, and counts a row only if it is the same.
	done, err := tx.Exec(ctx, `
		INSERT INTO payments.payment AS p (id, of_order, state, gateway, method, last_four, currency, amount, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET id = p.id
		WHERE (p.of_order, p.gateway, p.method, p.currency, p.amount) =
			(excluded.of_order, excluded.gateway, excluded.method, excluded.currency, excluded.amount)`,
		b.ID, b.Order, Created, d.gateway.Name(), method.Token, method.LastFour, b.Currency, b.Amount, d.now())
	if err != nil {
		return fmt.Errorf("begin payment %s: %w", b.ID, err)
	}
	if done.RowsAffected() == 0 {
		return &retail.Error{Code: retail.Conflict, Key: "payment.other", Args: map[string]any{"id": b.ID}}
	}
	return nil
}

// One gives a payment.
func One(ctx context.Context, q Querier, id uuid.UUID) (Payment, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM payments.payment WHERE id = $1`, id)
	if err != nil {
		return Payment{}, fmt.Errorf("read payment %s: %w", id, err)
	}
	return only[Payment](rows, id, "read")
}

// OfOrder gives the payments of an order, the oldest first.
func OfOrder(ctx context.Context, q Querier, order uuid.UUID) ([]Payment, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM payments.payment WHERE of_order = $1 ORDER BY at, id`, order)
	if err != nil {
		return nil, fmt.Errorf("read the payments of order %s: %w", order, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Payment])
	if err != nil {
		return nil, fmt.Errorf("read the payments of order %s: %w", order, err)
	}
	return found, nil
}

// only reads the one row there is of a payment.
func only[T any](rows pgx.Rows, id uuid.UUID, what string) (T, error) {
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return found, &retail.Error{Code: retail.NotFound, Key: "payment.unknown", Args: map[string]any{"id": id}}
	}
	if err != nil {
		return found, fmt.Errorf("%s payment %s: %w", what, id, err)
	}
	return found, nil
}

// wrong is the error of a deed that the payment's state does not allow.
func (p Payment) wrong() error {
	switch {
	case p.State == Voided && p.Decline == Expired:
		return &retail.Error{Code: retail.Conflict, Key: "payment.expired"}
	case p.State == Voided, p.VoidAskedAt != nil:
		return &retail.Error{Code: retail.Conflict, Key: "payment.voided"}
	}
	return &retail.Error{Code: retail.Conflict, Key: "payment.state", Args: map[string]any{"state": p.State}}
}
