package shop

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

// ending is how an order went, for the cart that it came from.
type ending int

const (
	undecided ending = iota
	bought
	notBought
)

func endingOf(state retail.OrderState) ending {
	switch state {
	case retail.OrderCreated, retail.OrderStockVerified, retail.OrderStockReserved, retail.OrderPaymentProcessed, retail.OrderCompensating:
		return undecided
	case retail.OrderCancelled:
		return notBought
	}
	return bought
}

// Undecided says that nobody knows yet whether an order is bought or called off.
func Undecided(o order.Order) bool { return endingOf(o.State) == undecided }

// unplaced says that there is no such order.
func unplaced(err error) bool {
	told, ok := errors.AsType[*retail.Error](err)
	return ok && told.Code == retail.NotFound
}

// settleAll settles what a cart waits for. It says whether the cart is another for it, and gives the token of an order that it still waits
// for; empty for none.
func (s *Shop) settleAll(ctx context.Context, cart uuid.UUID) (changed bool, waits string, err error) {
	rows, err := s.db.Query(ctx, `SELECT order_id, token FROM shop.purchase WHERE cart_id = $1 AND settled_at IS NULL ORDER BY order_id`, cart)
	if err != nil {
		return false, "", fmt.Errorf("read purchases: %w", err)
	}
	waiting, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p purchase, err error) { return p, row.Scan(&p.order, &p.token) })
	if err != nil {
		return false, "", fmt.Errorf("read purchases: %w", err)
	}
	for _, p := range waiting {
		o, err := order.One(ctx, s.db, p.order)
		if unplaced(err) {
			continue // the checkout may be sent again
		}
		if err == nil {
			err = s.settle(ctx, o)
		}
		if err != nil {
			return false, "", err
		}
		if Undecided(o) {
			waits = p.token
		} else {
			changed = true
		}
	}
	return changed, waits, nil
}

// settle takes what was ordered out of the cart, once the order is confirmed, and gives the cart's next checkout another order. It
// may be repeated; what was put into the cart meanwhile stays.
func (s *Shop) settle(ctx context.Context, o order.Order) error {
	if Undecided(o) {
		return nil
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error { return s.settleIn(ctx, tx, o) })
}

func (s *Shop) settleIn(ctx context.Context, tx *db.Tx, o order.Order) error {
	var cart *uuid.UUID
	var batch pgx.Batch
	// The cart is locked before its purchase, as by whoever checks out.
	batch.Queue(`SELECT FROM shop.cart WHERE id = (SELECT cart_id FROM shop.purchase WHERE order_id = $1 AND settled_at IS NULL) FOR UPDATE`, o.ID)
	batch.Queue(`UPDATE shop.purchase SET settled_at = $2 WHERE order_id = $1 AND settled_at IS NULL RETURNING cart_id`, o.ID, s.now()).
		QueryRow(func(row pgx.Row) error { return row.Scan(&cart) })
	err := tx.Send(ctx, &batch)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && cart == nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("settle order %s: %w", o.Code, err)
	}
	var settled pgx.Batch
	settled.Queue(`UPDATE shop.cart SET order_id = $3 WHERE id = $1 AND order_id = $2`, *cart, o.ID, newOrderID())
	for _, l := range o.Lines {
		if endingOf(o.State) == bought {
			settled.Queue(`DELETE FROM shop.cart_line WHERE cart_id = $1 AND product_id = $2 AND quantity <= $3`, *cart, l.Product, l.Quantity)
			settled.Queue(`UPDATE shop.cart_line SET quantity = quantity - $3 WHERE cart_id = $1 AND product_id = $2 AND quantity > $3`,
				*cart, l.Product, l.Quantity)
		}
	}
	if err := tx.Send(ctx, &settled); err != nil {
		return fmt.Errorf("settle order %s: %w", o.Code, err)
	}
	return nil
}

// Tokens gives the tokens of the pages of orders. An order that no cart asked for gets one.
func (s *Shop) Tokens(ctx context.Context, orders ...uuid.UUID) (map[uuid.UUID]string, error) {
	tokens, fresh := make(map[uuid.UUID]string, len(orders)), make([]string, len(orders))
	for i := range orders {
		fresh[i] = secret.Token()
	}
	_, err := s.db.Exec(ctx, `
		INSERT INTO shop.purchase (order_id, token, at, settled_at) SELECT o, t, $3, $3 FROM unnest($1::uuid[], $2::text[]) AS n (o, t)
		ON CONFLICT (order_id) DO NOTHING`, orders, fresh, s.now())
	if err != nil {
		return nil, fmt.Errorf("make tokens of orders: %w", err)
	}
	rows, err := s.db.Query(ctx, `SELECT order_id, token FROM shop.purchase WHERE order_id = ANY($1)`, orders)
	if err != nil {
		return nil, fmt.Errorf("read tokens of orders: %w", err)
	}
	var id uuid.UUID
	var token string
	if _, err := pgx.ForEachRow(rows, []any{&id, &token}, func() error { tokens[id] = token; return nil }); err != nil {
		return nil, fmt.Errorf("read tokens of orders: %w", err)
	}
	return tokens, nil
}

// Find gives the order whose page has a token.
func (s *Shop) Find(ctx context.Context, token string) (order.Order, error) {
	var id uuid.UUID
	err := s.db.QueryRow(ctx, `SELECT order_id FROM shop.purchase WHERE token = $1`, token).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return order.Order{}, &retail.Error{Code: retail.NotFound, Key: "purchase.unknown"}
	}
	if err != nil {
		return order.Order{}, fmt.Errorf("read purchase: %w", err)
	}
	o, err := order.One(ctx, s.db, id)
	if err != nil {
		return order.Order{}, err
	}
	return o, s.settle(ctx, o)
}

// Orders gives the orders of a customer, newest first.
func (s *Shop) Orders(ctx context.Context, customer uuid.UUID) ([]order.Order, error) {
	return order.Of(ctx, s.db, customer)
}

// History is what became of an order so far, oldest first.
func (s *Shop) History(ctx context.Context, id uuid.UUID) ([]order.Transition, error) {
	return order.History(ctx, s.db, id)
}

// Available is how much of products may be promised at a location.
func (s *Shop) Available(ctx context.Context, location uuid.UUID, products []uuid.UUID) (map[uuid.UUID]order.Available, error) {
	return s.desk.Available(ctx, location, products)
}

// Cancel calls off the order whose page has a token.
func (s *Shop) Cancel(ctx context.Context, token string) (order.Order, error) {
	o, err := s.Find(ctx, token)
	if err != nil {
		return o, err
	}
	return s.desk.Cancel(ctx, o.ID, uuid.Nil, "")
}
