package shop

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	shortestAddress = 10 // characters
	longestAddress  = 300
)

// Checkout is what somebody wants to order.
type Checkout struct {
	// Order is Cart.Order as the form had it. A program may choose an id of its own: the same again is the same order. Zero is Cart.Order.
	Order uuid.UUID
	// Lines are what is ordered; nil for what is in the cart.
	Lines []CartLine
	// Seen is the total that they agreed to; nil where nobody asked.
	Seen                     *money.Amount
	Name, Email, Phone, Lang string
	Delivery                 retail.Delivery
	// At is the store to collect in, or the warehouse that ships.
	At      retail.Location
	Address string
	// Card is how it is paid, as the payment gateway takes it.
	Card string
	// Beside is written in the transaction that places the order of an id; nil for nothing.
	Beside func(tx *db.Tx, id uuid.UUID) error
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
// loaded again, or a button that is pressed twice, makes no other. While an order of the cart is undecided it gives that one.
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
	found, err := s.claim(ctx, who, c, false)
	if err != nil {
		return order.Order{}, "", err
	}
	if found.ask != nil {
		if found.order, _, err = s.put(ctx, *found.ask); err != nil {
			return order.Order{}, "", err
		}
	}
	return found.order, found.token, s.settle(ctx, found.order)
}

// Order places an order for a program: of lines, or else of the customer's cart. One that is there already is given as it stands, to who
// asks for the same.
//
// Errors for a person: customer.unknown; once.other when the id is that of an order which differs; checkout.waiting while another order
// of the cart is undecided; checkout.empty, checkout.withdrawn and checkout.changed as of Place.
func (s *Shop) Order(ctx context.Context, customer uuid.UUID, c Checkout) (o order.Order, err error) {
	if customer != uuid.Nil {
		known, err := users.Customers(ctx, s.db, []uuid.UUID{customer}, nil)
		if err != nil {
			return o, err
		}
		if len(known) == 0 || known[0].Erased {
			return o, &retail.Error{Code: retail.NotFound, Key: "customer.unknown", Args: map[string]any{"id": customer}}
		}
	}
	fresh := false
	if c.Lines != nil {
		o, fresh, err = s.orderLines(ctx, customer, c)
	} else {
		o, fresh, err = s.orderCart(ctx, customer, c)
	}
	if err != nil || fresh {
		return o, err
	}
	same, err := s.same(ctx, o, customer, c)
	switch {
	case err != nil:
		return order.Order{}, err
	case !same && c.Order == o.ID:
		return order.Order{}, &retail.Error{Code: retail.Invalid, Key: "once.other"}
	case !same || c.Order != uuid.Nil && c.Order != o.ID:
		return order.Order{}, &retail.Error{Code: retail.Conflict, Key: "checkout.waiting", Args: map[string]any{"order": o.ID, "code": o.Code}}
	}
	return o, nil
}

func (s *Shop) orderLines(ctx context.Context, customer uuid.UUID, c Checkout) (o order.Order, fresh bool, err error) {
	ask, err := s.placement(ctx, s.prices, customer, c)
	if err == nil {
		return s.put(ctx, ask)
	}
	// What was ordered may be sold no more, or at another price.
	if o, lost := order.One(ctx, s.db, c.Order); lost == nil {
		return o, false, nil
	}
	return o, false, err
}

func (s *Shop) orderCart(ctx context.Context, customer uuid.UUID, c Checkout) (o order.Order, fresh bool, err error) {
	if c.Order != uuid.Nil {
		if o, err := order.One(ctx, s.db, c.Order); !unplaced(err) {
			return o, false, err
		}
	}
	found, err := s.claim(ctx, Who{Customer: customer}, c, true)
	if err != nil {
		return o, false, err
	}
	if found.ask != nil {
		if found.order, fresh, err = s.put(ctx, *found.ask); err != nil {
			return o, false, err
		}
	}
	return found.order, fresh, s.settle(ctx, found.order)
}

// put places an order. One that is there already is given as it stands, and not fresh.
func (s *Shop) put(ctx context.Context, ask order.Placement) (o order.Order, fresh bool, err error) {
	beside := ask.Beside
	ask.Beside = func(tx *db.Tx) error {
		fresh = true
		if beside == nil {
			return nil
		}
		return beside(tx)
	}
	if o, err = s.desk.Place(ctx, ask); err == nil {
		return o, fresh, nil
	}
	// It may be there all the same, and goes on by itself.
	o, lost := order.One(ctx, s.db, ask.ID)
	if lost != nil {
		return order.Order{}, false, fmt.Errorf("place order %s: %w", ask.ID, err)
	}
	return o, fresh, nil
}

// placement is what the desk is asked for: the lines of a checkout, priced as they are now, if they come to what was seen.
func (s *Shop) placement(ctx context.Context, from prices, customer uuid.UUID, c Checkout) (order.Placement, error) {
	quote, err := s.quote(ctx, from, c.At, c.Lang, c.Lines)
	switch {
	case err != nil:
		return order.Placement{}, err
	case len(quote.Withdrawn) > 0:
		name := quote.Withdrawn[0].Name.In(c.Lang)
		return order.Placement{}, &retail.Error{Code: retail.Conflict, Key: "checkout.withdrawn", Args: map[string]any{"name": name}}
	case len(quote.Lines) == 0:
		return order.Placement{}, empty()
	case c.Seen != nil && *c.Seen != quote.Total:
		return order.Placement{}, &retail.Error{Code: retail.Conflict, Key: "checkout.changed", Args: map[string]any{"was": *c.Seen, "total": quote.Total}}
	}
	ask := order.Placement{
		ID: c.Order, Customer: customer, Name: c.Name, Email: c.Email, Phone: c.Phone, Lang: c.Lang, Delivery: c.Delivery, At: c.At, Address: c.Address,
		Currency: quote.Currency, Prices: quote.Prices, Lines: quote.Lines, Taxes: quote.Taxes, Total: quote.Total, Method: c.Card,
	}
	if c.Beside != nil {
		ask.Beside = func(tx *db.Tx) error { return c.Beside(tx, ask.ID) }
	}
	return ask, nil
}

func stale() error { return &retail.Error{Code: retail.Conflict, Key: "checkout.stale"} }

func empty() error { return &retail.Error{Code: retail.Conflict, Key: "checkout.empty"} }
