package order

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// mostAttempts is how many locations are asked to prepare an order before it is called off.
const mostAttempts = 3

// The keys of why an order was cancelled.
const (
	FailedStock     = "order.no_stock"
	FailedPayment   = "order.declined"
	FailedNobody    = "order.nobody_accepted"
	FailedUnpaid    = "order.unpaid" // nobody could say in time whether the money is there
	FailedCapture   = "order.not_captured"
	FailedCollected = "order.not_collected"
	// Called off by the customer, or by staff.
	CancelledByCustomer = "order.by_customer"
	CancelledByStaff    = "order.by_staff"
)

// do takes one step. Each may be repeated, by any process.
func (d *Desk) do(ctx context.Context, o *Order, did action, began time.Time, held *payments.Opened) error {
	switch did {
	case authorise:
		return d.authorise(ctx, o, began, held)
	case capture:
		return d.capture(ctx, o, began)
	case compensate:
		return d.compensate(ctx, o, began)
	case tell:
		return d.letter(ctx, o)
	}
	return d.step(ctx, o, nil) // the others ask nobody: along takes them
}

// within are the steps that ask nobody outside the database, in the order they may follow each other.
var within = []action{verify, reserve, confirm, giveUp, reroute, compensate}

// inside is what such a step does for orders of a round; nil for any other.
func (d *Desk) inside(did action) func(ctx context.Context, r *round, orders []*change, began time.Time) error {
	switch did {
	case verify:
		return d.verify
	case reserve:
		return d.reserve
	case confirm:
		return each(func(_ context.Context, c *change, began time.Time) error { return d.ask(c, step{began: began}) })
	case reroute:
		return each(d.reroute)
	case giveUp:
		return each(d.giveUp)
	case compensate:
		return d.cancelAll
	}
	return nil
}

// asks says whether the order's next step is one that asks somebody else after all: to call an order off is, unless its payment is known
// to be over.
func (c *change) asks(did action) bool {
	return did == compensate && (c.paid == nil || !c.paid.State.Over())
}

// each does a step for one order after another.
func each(do func(context.Context, *change, time.Time) error) func(context.Context, *round, []*change, time.Time) error {
	return func(ctx context.Context, _ *round, orders []*change, began time.Time) error {
		for _, c := range orders {
			if err := do(ctx, c, began); err != nil {
				return err
			}
		}
		return nil
	}
}

// hold takes the levels of stock that orders of the round want, all at once; then it is done.
func (r *round) hold(ctx context.Context, d *Desk) error {
	if r.shelves != nil {
		return nil
	}
	var wishes []stock.Wish
	for _, c := range r.orders {
		if c.State == retail.OrderCreated || c.State == retail.OrderStockVerified {
			wishes = append(wishes, stock.Wish{Location: c.Location, Order: c.ID, Lines: c.goods()})
		}
	}
	shelves, err := d.hold(ctx, r.tx, wishes)
	if err != nil {
		return err
	}
	r.shelves, r.wishes = shelves, make(map[uuid.UUID]stock.Wish, len(wishes))
	for _, w := range wishes {
		r.wishes[w.Order] = w
	}
	return nil
}

// verify looks whether there is enough for each order, were it the only one.
func (d *Desk) verify(ctx context.Context, r *round, orders []*change, began time.Time) error {
	if err := r.hold(ctx, d); err != nil {
		return err
	}
	for _, c := range orders {
		s := step{to: retail.OrderStockVerified, began: began}
		if missing := r.shelves.Missing(r.wishes[c.ID]); missing != nil {
			s.to, s.response, s.failure = retail.OrderCancelled, missing, FailedStock
		}
		if err := c.move(d.Now(), s); err != nil {
			return err
		}
	}
	return nil
}

// reserve promises the orders their goods, whoever comes first first.
func (d *Desk) reserve(ctx context.Context, r *round, orders []*change, began time.Time) error {
	if err := r.hold(ctx, d); err != nil {
		return err
	}
	wishes := make([]stock.Wish, len(orders))
	for i, c := range orders {
		wishes[i] = r.wishes[c.ID]
	}
	short := r.shelves.Reserve(r.tx, wishes...)
	for i, c := range orders {
		s := step{to: retail.OrderStockReserved, began: began}
		if short[i] != nil {
			s.to, s.response, s.failure = retail.OrderCancelled, short[i].Args, FailedStock
		}
		if err := c.move(d.Now(), s); err != nil {
			return err
		}
	}
	return nil
}

// authorise has the amount set aside, by a payment of the order's id. held is a call that was written down for it, nil where there is none.
func (d *Desk) authorise(ctx context.Context, o *Order, began time.Time, held *payments.Opened) error {
	paid := func(c *change) error {
		s := step{to: retail.OrderPaymentProcessed, began: began, request: map[string]any{"amount": c.Total, "currency": c.Currency}, response: outcome(*c.paid)}
		if c.paid.State != payments.Authorised {
			s.to, s.failure = retail.OrderCompensating, FailedPayment
		}
		return c.move(d.Now(), s)
	}
	if held != nil {
		answered, err := d.Payments.Hold(ctx, *held)
		if err != nil {
			return err
		}
		return d.settle(ctx, o, answered, func(_ context.Context, c *change) error { return paid(c) })
	}
	p, err := d.Payments.Authorise(ctx, o.ID)
	if err != nil && p.State != payments.Voided { // which it also is when it lapsed before anybody heard of it
		return err
	}
	return d.step(ctx, o, func(_ context.Context, c *change) error {
		c.paid = &p
		return paid(c)
	})
}

// outcome is what a payment's answer leaves in the history.
func outcome(p payments.Payment) map[string]any {
	return map[string]any{"state": p.State, "gateway": p.Gateway, "last_four": p.LastFour, "decline": p.Decline}
}

// ask has a location prepare the order.
func (d *Desk) ask(c *change, s step) error {
	at := d.Now()
	c.asked = append(c.asked, asked{c.Location, c.ID, c.Attempt, at})
	s.to, s.until = retail.OrderConfirmed, at.Add(d.AcceptWithin)
	return c.move(at, s)
}

// capture takes the money, once somebody has accepted.
func (d *Desk) capture(ctx context.Context, o *Order, began time.Time) error {
	paid, err := d.Payments.Capture(ctx, o.ID)
	if err != nil && payments.Later(err) {
		return err
	}
	return d.step(ctx, o, func(ctx context.Context, c *change) error {
		c.paid = &paid
		s := step{to: retail.OrderPicking, began: began, response: outcome(paid)}
		if err != nil {
			// The authorisation is gone. Whoever has the goods has them: then people must look at it.
			if !retail.OrderSteps.Lead(c.State, retail.OrderCompensating) {
				return err
			}
			s.to, s.failure, s.response = retail.OrderCompensating, FailedCapture, map[string]any{"error": err.Error()}
			return c.move(d.Now(), s)
		}
		at := d.Now()
		if c.Captured == nil {
			c.Captured = &at
		}
		if c.State == retail.OrderAccepted {
			s.until = at.Add(prepareWithin)
			return c.move(at, s)
		}
		return c.stay(capture, at, s)
	})
}

// reroute asks another location that has all of it, or calls the order off.
func (d *Desk) reroute(ctx context.Context, c *change, began time.Time) error {
	if c.Attempt < mostAttempts {
		others, err := d.others(ctx, c.tx, c.Order)
		if err != nil {
			return err
		}
		if err := stock.Lock(ctx, c.tx, slices.Concat(others, []uuid.UUID{c.Location}), products(c.goods())); err != nil {
			return err
		}
		for _, other := range others {
			wish := []stock.Wish{{Location: other, Order: c.ID, Lines: c.goods()}}
			shelves, err := d.hold(ctx, c.tx, wish)
			if err != nil {
				return err
			}
			if short := shelves.Reserve(c.tx, wish...); short[0] != nil {
				continue
			}
			if err := stock.Release(ctx, c.tx, stock.Reservation{Location: c.Location, Order: c.ID}); err != nil {
				return err
			}
			from := c.Location
			c.Location, c.Attempt, c.Failure = other, c.Attempt+1, ""
			if c.Told != mute {
				c.Told = "" // they are told of the new place
			}
			return d.ask(c, step{began: began, request: map[string]any{"from": from}, response: map[string]any{"to": other}})
		}
	}
	failure := FailedNobody
	if c.Failure == "" {
		failure = FailedStock
	}
	return c.move(d.Now(), step{to: retail.OrderCompensating, began: began, failure: failure})
}

// giveUp takes an order away from who did not accept or prepare it in time, and calls off what the bank does not answer for or nobody
// came for.
func (d *Desk) giveUp(_ context.Context, c *change, began time.Time) error {
	s := step{to: retail.OrderCompensating, began: began, failure: FailedCollected}
	switch c.State {
	case retail.OrderStockReserved:
		s.failure = FailedUnpaid
	case retail.OrderConfirmed, retail.OrderPicking:
		s.to, s.failure = retail.OrderShort, FailedNobody
	}
	return c.move(d.Now(), s)
}

// compensate takes back what was done, last first: the money, then the promise.
func (d *Desk) compensate(ctx context.Context, o *Order, began time.Time) error {
	paid, err := d.Payments.Void(ctx, o.ID)
	if err != nil {
		// Money that cannot be given back yet, or to that card ever, keeps nobody else from the goods.
		return errors.Join(err, d.DB.InTx(ctx, func(tx *db.Tx) error {
			c, err := lock(ctx, tx, o.ID)
			if err != nil || c.State != retail.OrderCompensating {
				return err
			}
			return stock.Release(ctx, tx, stock.Reservation{Location: c.Location, Order: c.ID})
		}))
	}
	return d.step(ctx, o, func(ctx context.Context, c *change) error {
		c.paid = &paid
		return d.cancelAll(ctx, c.round, []*change{c}, began)
	})
}

// cancelAll gives back what was promised to orders of which nothing is to be paid any more.
func (d *Desk) cancelAll(ctx context.Context, r *round, orders []*change, began time.Time) error {
	promised := make([]stock.Reservation, len(orders))
	for i, c := range orders {
		promised[i] = stock.Reservation{Location: c.Location, Order: c.ID}
	}
	if err := stock.Release(ctx, r.tx, promised...); err != nil {
		return err
	}
	for _, c := range orders {
		if err := c.move(d.Now(), step{to: retail.OrderCancelled, began: began, response: outcome(*c.paid)}); err != nil {
			return err
		}
	}
	return nil
}

// letter writes to the customer, and notes that it was done: who dies between the two writes again.
func (d *Desk) letter(ctx context.Context, o *Order) error {
	about := news(o.State)
	if o.Email != "" && d.Tell != nil {
		news := *o
		news.State = about
		if err := d.Tell(ctx, news); err != nil {
			return err
		}
	}
	return d.step(ctx, o, func(_ context.Context, c *change) error {
		c.written(d.Now())
		return nil
	})
}

func products(lines []retail.StockLine) []uuid.UUID {
	ids := make([]uuid.UUID, len(lines))
	for i, l := range lines {
		ids[i] = l.Product
	}
	return ids
}
