package order

import (
	"context"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Placement is an order as it is placed, priced by who places it.
type Placement struct {
	// ID is chosen by who asks: the same again is the same order.
	ID uuid.UUID
	// Customer is zero for a visitor without an account.
	Customer                    uuid.UUID
	Name, Email, Phone, Address string
	Lang                        string
	Delivery                    retail.Delivery
	// At is the store it is collected in, or the warehouse that ships it.
	At       retail.Location
	Currency string
	Prices   uint64
	Lines    []retail.Line
	Taxes    []retail.Tax
	Total    money.Amount
	// Method is what the payment gateway takes, such as a token of a card.
	Method string
	// Beside is written in the transaction that places the order, and those that come with it, unless the order is there already; nil for nothing.
	Beside func(tx *db.Tx) error
}

func (p Placement) check() error {
	if p.ID == uuid.Nil {
		return &retail.Error{Code: retail.Invalid, Key: "order.no_id"}
	}
	sale := retail.Order{ID: p.ID, Currency: p.Currency, Lines: p.Lines, Taxes: p.Taxes, Total: p.Total}.Sale(1, 20000101)
	if err := sale.Check(); err != nil {
		return &retail.Error{Code: retail.Invalid, Key: "order.sums", Err: err}
	}
	switch {
	case p.Name == "" || p.Email == "":
		return &retail.Error{Code: retail.Invalid, Key: "order.nobody"}
	case p.Delivery == retail.Ship && p.Address == "":
		return &retail.Error{Code: retail.Invalid, Key: "order.no_address"}
	case (p.At.Kind == retail.LocationStore) != (p.Delivery == retail.Collect):
		return &retail.Error{Code: retail.Invalid, Key: "order.wrong_place", Args: map[string]any{"name": p.At.Name}}
	}
	return nil
}

// Place takes an order and drives it as far as it goes: confirmed, or cancelled with Failure saying why. Once it returns without
// an error, or with one of payments.Later, the order is there and will be driven on whatever becomes of this process.
func (d *Desk) Place(ctx context.Context, p Placement) (Order, error) {
	if err := p.check(); err != nil {
		return Order{}, err
	}
	own := &placing{Placement: p, began: d.Now()}
	if err := d.placing.Run(ctx, own); err != nil {
		// It may have been placed before, or at the same moment by somebody else. Then that is the order.
		o, lost := One(ctx, d.DB, p.ID)
		if lost != nil {
			return Order{}, err
		}
		return d.on(ctx, o, false, nil)
	}
	return d.on(ctx, own.order, false, own.held)
}

// placing is an order that is being placed, and what became of it.
type placing struct {
	Placement
	began time.Time
	order Order
	// held is the call of its payment that was written down; nil where nothing is to be paid.
	held *payments.Opened
}

// placeAll places orders, and takes them as far as they go without asking anybody.
func (d *Desk) placeAll(ctx context.Context, all ...*placing) error {
	return d.DB.InTxByKey(ctx, func(tx *db.Tx) error {
		r := &round{tx: tx}
		for _, p := range all {
			r.add(&change{Order: d.placed(p.Placement, p.began), steps: []Transition{{To: retail.OrderCreated, Deed: "place", At: p.began}}})
		}
		if err := d.along(ctx, r); err != nil {
			return err
		}
		if err := r.insert(); err != nil {
			return err
		}
		begin := make([]payments.Begun, len(all))
		for i, p := range all {
			begin[i] = payments.Begun{
				ID: p.ID, Order: p.ID, Amount: p.Total, Currency: p.Currency, Method: p.Method, Ask: r.orders[i].State == retail.OrderStockReserved,
			}
		}
		begun, err := d.Payments.Begin(ctx, tx, begin...) // which sends the orders, too
		if err != nil {
			return err
		}
		for i, p := range all {
			if p.Beside != nil {
				if err := p.Beside(tx); err != nil {
					return err
				}
			}
			p.order, p.held = r.orders[i].Order, nil
			if begun[i].Call != nil {
				p.held = &begun[i]
			}
		}
		return nil
	})
}

// placed is the order of a placement, not written yet.
func (d *Desk) placed(p Placement, at time.Time) Order {
	o := Order{
		ID: p.ID, State: retail.OrderCreated, PlacedAt: at, StateAt: at, Customer: p.Customer, Name: p.Name, Email: p.Email, Phone: p.Phone,
		Address: p.Address, Lang: p.Lang, Delivery: p.Delivery, Location: p.At.ID, Attempt: 1, Currency: p.Currency, Prices: p.Prices,
		Lines: p.Lines, Taxes: p.Taxes, Total: p.Total,
	}
	if d.Tell == nil {
		o.Told = mute
	}
	return o
}
