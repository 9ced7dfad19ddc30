package order

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Prepare notes, for a person at headquarters, that the location which was asked prepares the order.
func (d *Desk) Prepare(ctx context.Context, id, by uuid.UUID) (Order, error) {
	return d.answer(ctx, id, by, func(ctx context.Context, tx *db.Tx, a Answer) (Verdict, error) { return Accept(ctx, tx, a) })
}

// Lack notes, for a person at headquarters, what the location does not have.
func (d *Desk) Lack(ctx context.Context, id, by uuid.UUID, missing []retail.StockLine) (Order, error) {
	return d.answer(ctx, id, by, func(ctx context.Context, tx *db.Tx, a Answer) (Verdict, error) { return Short(ctx, tx, a, missing) })
}

func (d *Desk) answer(ctx context.Context, id, by uuid.UUID, fn func(context.Context, *db.Tx, Answer) (Verdict, error)) (Order, error) {
	err := d.DB.InTx(ctx, func(tx *db.Tx) error {
		verdict, err := fn(ctx, tx, Answer{Order: id, At: d.Now(), Heard: d.Now(), By: by, Here: true})
		if err != nil || verdict == Counts {
			return err
		}
		o, err := One(ctx, tx, id)
		if err != nil {
			return err
		}
		return o.refuse("")
	})
	if err != nil {
		return Order{}, err
	}
	return d.goOn(ctx, id)
}

// Ship sends an order that was picked: the goods leave the warehouse, and that is its sale, of the warehouse, with headquarters' own
// document. What is not paid for is not shipped.
func (d *Desk) Ship(ctx context.Context, id, by uuid.UUID, tracking string) (shipped Order, err error) {
	began := d.Now()
	err = d.DB.InTx(ctx, func(tx *db.Tx) error {
		o, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if !retail.OrderSteps.Lead(o.State, retail.OrderShipped) || o.Delivery != retail.Ship || o.Captured == nil {
			return o.refuse(retail.OrderShipped)
		}
		if err := stock.Release(ctx, tx, stock.Reservation{Location: o.Location, Order: o.ID}); err != nil {
			return err
		}
		if o.Receipt, err = d.record(ctx, tx, o.Order, by, began, false); err != nil {
			return err
		}
		if err := o.move(d.Now(), step{to: retail.OrderShipped, began: began, by: by, request: map[string]any{"tracking": tracking}}); err != nil {
			return err
		}
		shipped = o.Order
		return o.write(ctx)
	})
	return shipped, err
}

// Deliver notes that what was shipped has arrived.
func (d *Desk) Deliver(ctx context.Context, id, by uuid.UUID) (delivered Order, err error) {
	began := d.Now()
	err = d.DB.InTx(ctx, func(tx *db.Tx) error {
		o, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := o.move(d.Now(), step{to: retail.OrderDelivered, began: began, by: by}); err != nil {
			return err
		}
		delivered = o.Order
		return o.write(ctx)
	})
	return delivered, err
}

// Return notes that a delivered order came back whole: the goods are on the shelf of the location that shipped it, and the money is
// given back. What was collected in a store is given back at its till.
func (d *Desk) Return(ctx context.Context, id, by uuid.UUID) (Order, error) {
	o, err := One(ctx, d.DB, id)
	if err != nil {
		return o, err
	}
	if o.State == retail.OrderReturned {
		return o, nil
	}
	if o.State != retail.OrderDelivered {
		return o, o.refuse(retail.OrderReturned)
	}
	began := d.Now()
	paid, err := d.Payments.Refund(ctx, o.ID, "return", o.Total)
	if err != nil {
		return o, err
	}
	err = d.step(ctx, &o, func(ctx context.Context, c *change) error {
		return d.takeBack(ctx, c, began, step{began: began, by: by, response: outcome(paid)})
	})
	return o, err
}

// takeBack puts the goods of an order on the shelf again, with the refund that says so.
func (d *Desk) takeBack(ctx context.Context, c *change, at time.Time, s step) error {
	receipt, err := d.record(ctx, c.tx, c.Order, s.by, at, true)
	if err != nil {
		return err
	}
	s.to, s.request = retail.OrderReturned, map[string]any{"receipt": receipt}
	return c.move(d.Now(), s)
}

// record writes the sale of an order that headquarters fulfils, or the refund of all of it, moves its goods, and gives the receipt's code.
func (d *Desk) record(ctx context.Context, tx *db.Tx, o Order, by uuid.UUID, at time.Time, back bool) (code string, err error) {
	location, err := stock.Location(ctx, tx, o.Location)
	if err != nil {
		return "", err
	}
	zone, err := time.LoadLocation(location.Zone)
	if err != nil {
		return "", fmt.Errorf("zone of %s: %w", location.Code, err)
	}
	costs, err := stock.Costs(ctx, tx, o.Location, products(o.goods()))
	if err != nil {
		return "", err
	}
	cost := func(p uuid.UUID) money.Amount { return costs[p] }
	place := sales.Place{Store: o.Location, At: at.In(zone), User: by}
	sale := o.sale(retail.DateOf(at.In(zone)))
	document, ref, reason := sales.FromSale(place, sale, cost), o.ID, stock.Sold
	if back {
		document, ref, reason = sales.FromRefund(place, refundOf(sale), cost), uuid.NewSHA1(o.ID, []byte("return")), stock.Back
	}
	movements := make([]stock.Movement, len(document.Lines))
	for i, l := range document.Lines {
		movements[i] = stock.Movement{
			Location: o.Location, Product: l.Product, At: at, Ref: ref, Line: i, Reason: reason, Quantity: -l.Quantity, UnitCost: cost(l.Product),
		}
	}
	if err := stock.Record(ctx, tx, movements); err != nil {
		return "", err
	}
	return sales.RecordOnline(ctx, tx, location, document)
}

// sale is what the order sells; its number is given where it is recorded.
func (o Order) sale(day retail.Date) retail.Sale { return o.row().Sale(0, day) }

// refundOf is a sale given back whole.
func refundOf(s retail.Sale) retail.Refund {
	r := retail.Refund{BusinessDate: s.BusinessDate, Currency: s.Currency, Taxes: s.Taxes, Tenders: s.Tenders, Total: s.Total}
	for i, l := range s.Lines {
		r.Lines = append(r.Lines, retail.RefundLine{Of: i, Line: l})
	}
	return r
}
