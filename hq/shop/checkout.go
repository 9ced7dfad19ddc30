package shop

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

const (
	shortestAddress = 10 // characters
	longestAddress  = 300
)

// Checkout is what somebody has filled in to order their cart.
type Checkout struct {
	// Order is Cart.Order as the form had it, Seen the total that the form showed.
	Order                    uuid.UUID
	Seen                     money.Amount
	Name, Email, Phone, Lang string
	Delivery                 retail.Delivery
	// At is the store to collect in, or the warehouse that ships.
	At      retail.Location
	Address string
	// Card is how it is paid, as the payment gateway takes it.
	Card string
}

// Tidy is the checkout as it is taken, and what is wrong with it by the name of the field: name, email, phone, address, card.
func (s *Shop) Tidy(c Checkout) (Checkout, map[string]*retail.Error) {
	wrong := map[string]*retail.Error{}
	refuse := func(field, key string) { wrong[field] = &retail.Error{Code: retail.Invalid, Key: key} }
	// One field at a time, so that all that is wrong is said at once.
	for field, key := range map[string]string{"name": retail.KeyCustomerName, "email": retail.KeyCustomerEmail, "phone": retail.KeyCustomerPhone} {
		one := retail.Customer{Name: "x"}
		switch field {
		case "name":
			one.Name = c.Name
		case "email":
			one.Email = c.Email
		case "phone":
			one.Phone = c.Phone
		}
		if _, err := one.Tidy(); err != nil {
			refuse(field, key)
		}
	}
	person, err := retail.Customer{Name: c.Name, Email: c.Email, Phone: c.Phone}.Tidy()
	if err == nil {
		c.Name, c.Email, c.Phone = person.Name, person.Email, person.Phone
	}
	if strings.TrimSpace(c.Email) == "" {
		refuse("email", retail.KeyCustomerEmail)
	}
	c.Address = strings.TrimSpace(c.Address)
	if n := len([]rune(c.Address)); c.Delivery == retail.Ship && (n < shortestAddress || n > longestAddress) {
		refuse("address", "checkout.address")
	}
	if c.Delivery == retail.Collect {
		c.Address = ""
	}
	if told, ok := errors.AsType[*retail.Error](s.desk.Payments.Method(c.Card)); ok {
		wrong["card"] = told
	}
	if c.Lang != "en" {
		c.Lang = "fr"
	}
	return c, wrong
}

// Place orders somebody's cart, and gives the order and the token of its page. Sent again it gives the same order: a page that is
// loaded again, or a button that is pressed twice, makes no other.
//
// Errors for a person: what Tidy finds; checkout.empty; checkout.withdrawn; checkout.changed when the cart does not come to what
// they saw, with the new total; checkout.stale when the form is of another cart, or of one that was ordered meanwhile.
func (s *Shop) Place(ctx context.Context, who Who, c Checkout) (o order.Order, token string, err error) {
	c, wrong := s.Tidy(c)
	for _, field := range []string{"name", "email", "phone", "address", "card"} {
		if w, ok := wrong[field]; ok {
			return order.Order{}, "", w
		}
	}
	p, token, err := s.prepare(ctx, who, c, false)
	if err == nil && p == nil {
		o, err = order.One(ctx, s.db, c.Order)
		if told, ok := errors.AsType[*retail.Error](err); !ok || told.Code != retail.NotFound {
			return o, token, err
		}
		// It was asked for, and is not there yet, or never will be because headquarters died: asked for again, it is the same order.
		p, token, err = s.prepare(ctx, who, c, true)
	}
	if err != nil {
		return order.Order{}, "", err
	}
	if o, err = s.desk.Place(ctx, *p); err != nil {
		// The order may be there all the same, and go on by itself: its page tells.
		there, lost := order.One(ctx, s.db, c.Order)
		if lost != nil {
			return order.Order{}, "", fmt.Errorf("place order %s: %w", c.Order, err)
		}
		o = there
	}
	return o, token, s.settle(ctx, o)
}

// prepare makes what the desk is asked for, and notes that it was. It gives none for what was asked for before, unless again says to.
func (s *Shop) prepare(ctx context.Context, who Who, c Checkout, again bool) (p *order.Placement, token string, err error) {
	column, value := who.column()
	if value == nil {
		return nil, "", stale()
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		p, token = nil, ""
		// Two at once come one after the other; the second finds what the first has asked for.
		var cart Cart
		err := tx.QueryRow(ctx, `SELECT id, order_id FROM shop.cart WHERE `+column+` = $1 FOR UPDATE`, value).Scan(&cart.ID, &cart.Order)
		if errors.Is(err, pgx.ErrNoRows) {
			return stale()
		}
		if err != nil {
			return fmt.Errorf("lock cart: %w", err)
		}
		var by *uuid.UUID
		err = tx.QueryRow(ctx, `SELECT token, cart_id FROM shop.purchase WHERE order_id = $1`, c.Order).Scan(&token, &by)
		known := err == nil
		switch {
		case known && (by == nil || *by != cart.ID):
			return stale() // somebody else's
		case known && !again:
			return nil
		case !known && !errors.Is(err, pgx.ErrNoRows):
			return fmt.Errorf("read purchase: %w", err)
		case cart.Order != c.Order:
			return stale()
		}
		if p, err = s.placement(ctx, tx, cart.ID, who, c); err != nil || known {
			return err
		}
		token = secret.Token()
		_, err = tx.Exec(ctx, `INSERT INTO shop.purchase (order_id, token, cart_id, at) VALUES ($1, $2, $3, $4)`, c.Order, token, cart.ID, s.now())
		if err != nil {
			return fmt.Errorf("note purchase: %w", err)
		}
		return nil
	})
	return p, token, err
}

// placement is the cart as it is now, priced as it is now, if it comes to what was seen.
func (s *Shop) placement(ctx context.Context, tx *db.Tx, id uuid.UUID, who Who, c Checkout) (*order.Placement, error) {
	cart, err := s.cartWhere(ctx, tx, "id = $1", id)
	if err != nil {
		return nil, err
	}
	quote, err := s.quote(ctx, read{tx, s.now()}, c.At, c.Lang, cart.Lines)
	switch {
	case err != nil:
		return nil, err
	case len(quote.Withdrawn) > 0:
		return nil, &retail.Error{Code: retail.Conflict, Key: "checkout.withdrawn", Args: map[string]any{"name": quote.Withdrawn[0].Name.In(c.Lang)}}
	case len(quote.Lines) == 0:
		return nil, &retail.Error{Code: retail.Conflict, Key: "checkout.empty"}
	case quote.Total != c.Seen:
		return nil, &retail.Error{Code: retail.Conflict, Key: "checkout.changed", Args: map[string]any{"total": quote.Total}}
	}
	return &order.Placement{
		ID: c.Order, Customer: who.Customer, Name: c.Name, Email: c.Email, Phone: c.Phone, Lang: c.Lang, Delivery: c.Delivery, At: c.At,
		Address: c.Address, Currency: quote.Currency, Prices: quote.Prices, Lines: quote.Lines, Taxes: quote.Taxes, Total: quote.Total, Method: c.Card,
	}, nil
}

func stale() error { return &retail.Error{Code: retail.Conflict, Key: "checkout.stale"} }
