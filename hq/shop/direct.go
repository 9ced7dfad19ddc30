package shop

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

// Direct is an order that a program places for somebody: of lines, or else of the customer's cart.
type Direct struct {
	// ID is chosen by who asks: the same again is the same order.
	ID       uuid.UUID
	Customer uuid.UUID
	// Lines are what is ordered; nil for what is in the customer's cart.
	Lines []CartLine
	// At is the store to collect in, or the warehouse that ships; its kind decides which.
	At                                retail.Location
	Name, Email, Phone, Address, Lang string
	// Seen is the total that the customer agreed to; nil where nobody asked.
	Seen *money.Amount
	// Method is how it is paid, as the payment gateway takes it.
	Method string
	// Beside is written in the transaction that places the order; nil for nothing.
	Beside func(tx *db.Tx) error
}

// Order prices and places an order. One that is there already is given as it stands, whatever else is asked for.
func (s *Shop) Order(ctx context.Context, d Direct) (order.Order, error) {
	p, cart, err := s.direct(ctx, d)
	var o order.Order
	if err == nil {
		o, err = s.desk.Place(ctx, p)
	}
	if err != nil {
		there, lost := order.One(ctx, s.db, d.ID)
		if lost != nil {
			return order.Order{}, err
		}
		o = there // it goes on by itself
	}
	if cart.ID == uuid.Nil {
		return o, nil
	}
	return o, s.settle(ctx, o)
}

// direct is what a program asks the desk for, and the cart it is from, if it is.
func (s *Shop) direct(ctx context.Context, d Direct) (p order.Placement, cart Cart, err error) {
	lines := d.Lines
	if lines == nil {
		if cart, err = s.Cart(ctx, Who{Customer: d.Customer}); err != nil {
			return p, cart, err
		}
		lines = cart.Lines
	}
	quote, err := s.Quote(ctx, d.At, d.Lang, lines)
	switch {
	case err != nil:
		return p, cart, err
	case len(quote.Withdrawn) > 0:
		return p, cart, &retail.Error{Code: retail.Conflict, Key: "checkout.withdrawn", Args: map[string]any{"name": quote.Withdrawn[0].Name.In(d.Lang)}}
	case len(quote.Lines) == 0:
		return p, cart, &retail.Error{Code: retail.Conflict, Key: "checkout.empty"}
	case d.Seen != nil && *d.Seen != quote.Total:
		return p, cart, &retail.Error{Code: retail.Conflict, Key: "checkout.changed", Args: map[string]any{"was": *d.Seen, "total": quote.Total}}
	}
	p = order.Placement{
		ID: d.ID, Customer: d.Customer, Name: d.Name, Email: d.Email, Phone: d.Phone, Lang: d.Lang, Delivery: retail.Collect, At: d.At,
		Address: d.Address, Currency: quote.Currency, Prices: quote.Prices, Lines: quote.Lines, Taxes: quote.Taxes, Total: quote.Total, Method: d.Method, Beside: d.Beside,
	}
	if d.At.Kind == retail.LocationWarehouse {
		p.Delivery = retail.Ship
	}
	if cart.ID != uuid.Nil {
		err = s.expect(ctx, d.ID, cart.ID)
	}
	return p, cart, err
}

// expect notes that a cart waits for an order: what it ordered goes out once that is confirmed.
func (s *Shop) expect(ctx context.Context, id, cart uuid.UUID) error {
	_, err := s.db.Exec(ctx, `INSERT INTO shop.purchase (order_id, token, cart_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		id, secret.Token(), cart, s.now())
	if err != nil {
		return fmt.Errorf("note purchase: %w", err)
	}
	return nil
}

// Clear takes everything out of somebody's cart.
func (s *Shop) Clear(ctx context.Context, who Who) error {
	return s.change(ctx, who, `DELETE FROM shop.cart_line WHERE cart_id = $1`)
}
