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
	// Ask says that the amount is to be held at once: Hold does so when the transaction is done.
	Ask bool
}

// Method refuses how somebody wants to pay where the gateway takes no such thing.
func (d *Desk) Method(given string) error {
	_, err := d.gateway.Method(given)
	return err
}

// With says whether a payment was begun with what somebody gives.
func (d *Desk) With(ctx context.Context, id uuid.UUID, given string) (bool, error) {
	method, err := d.gateway.Method(given)
	if err != nil {
		return false, nil //nolint:nilerr // what the gateway does not take was never begun with
	}
	p, err := One(ctx, d.db, id)
	return p.Method == method.Token, err
}

// Begin writes payments down, in the orders' transaction, before anybody is asked for money, and with those of which that is asked the call
// that is about to be made. One id is one payment: again is no other.
func (d *Desk) Begin(ctx context.Context, tx *db.Tx, all ...Begun) ([]Opened, error) {
	n := len(all)
	begun := make([]Opened, n)
	ids, orders, amounts := make([][16]byte, n), make([][16]byte, n), make([]int64, n)
	currencies, methods, digits, keys, asked := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]bool, n)
	at := map[uuid.UUID]int{}
	for i, b := range all {
		if b.Amount <= 0 || b.Currency == "" {
			return nil, &retail.Error{Code: retail.Invalid, Key: "payment.amount"}
		}
		method, err := d.gateway.Method(b.Method)
		if err != nil {
			return nil, err
		}
		ids[i], orders[i], amounts[i], currencies[i] = b.ID, b.Order, int64(b.Amount), b.Currency
		methods[i], digits[i], keys[i], asked[i] = method.Token, method.LastFour, doAuthorise.key(b.ID), b.Ask
		at[b.ID] = i
	}
	var batch pgx.Batch
	// Who finds the payment there compares, and gets a row only if it is the same.
	batch.Queue(`
		INSERT INTO payments.payment AS p (id, of_order, state, gateway, method, last_four, currency, amount, at)
		SELECT n.id, n.of_order, $7, $8, n.method, n.last_four, n.currency, n.amount, $9
		FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[]) AS n (id, of_order, method, last_four, currency, amount)
		ON CONFLICT (id) DO UPDATE SET id = p.id
		WHERE (p.of_order, p.gateway, p.method, p.currency, p.amount) =
			(excluded.of_order, excluded.gateway, excluded.method, excluded.currency, excluded.amount)
		RETURNING `+columns,
		ids, orders, methods, digits, currencies, amounts, Created, d.gateway.Name(), d.now(),
	).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Payment])
		for _, p := range found {
			begun[at[p.ID]].Payment = p
		}
		return err
	})
	// A call beside another would be made without a look at what became of that.
	batch.Queue(`
		INSERT INTO payments.call (payment_id, deed, key, amount, at)
		SELECT n.id, $5, n.key, n.amount, $6 FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::boolean[]) AS n (id, key, amount, asked)
		WHERE n.asked AND (SELECT c.id FROM payments.call c WHERE c.payment_id = n.id LIMIT 1) IS NULL RETURNING payment_id, id`,
		ids, keys, amounts, asked, doAuthorise, d.now(),
	).Query(func(rows pgx.Rows) error {
		var payment uuid.UUID
		var call int64
		_, err := pgx.ForEachRow(rows, []any{&payment, &call}, func() error {
			begun[at[payment]].Call, begun[at[payment]].Attempt = new(call), 1
			return nil
		})
		return err
	})
	if err := tx.Send(ctx, &batch); err != nil {
		return nil, fmt.Errorf("begin %d payments: %w", n, err)
	}
	for i, b := range all {
		if begun[i].ID == uuid.Nil {
			return nil, &retail.Error{Code: retail.Conflict, Key: "payment.other", Args: map[string]any{"id": b.ID}}
		}
	}
	return begun, nil
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
		return found, noPayment(id)
	}
	if err != nil {
		return found, fmt.Errorf("%s payment %s: %w", what, id, err)
	}
	return found, nil
}

func noPayment(id uuid.UUID) error {
	return &retail.Error{Code: retail.NotFound, Key: "payment.unknown", Args: map[string]any{"id": id}}
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
