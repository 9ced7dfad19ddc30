package order

import (
	"context"
	"errors"
	"fmt"
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
	FailedCapture   = "order.not_captured"
	FailedCollected = "order.not_collected"
	// Called off by the customer, or by staff.
	CancelledByCustomer = "order.by_customer"
	CancelledByStaff    = "order.by_staff"
)

// do takes one step. Each may be repeated, by any process.
func (d *Desk) do(ctx context.Context, o *Order, did action, began time.Time) error {
	if inside := d.inside(did); inside != nil {
		return d.step(ctx, o, func(tx *db.Tx, o *Order) error { return inside(ctx, tx, o, began) })
	}
	switch did {
	case authorise:
		return d.authorise(ctx, o, began)
	case capture:
		return d.capture(ctx, o, began)
	case compensate:
		return d.compensate(ctx, o, began)
	case tell:
		return d.told(ctx, o)
	}
	return fmt.Errorf("no step is called %q", did)
}

// inside is what a step does that asks nobody outside the database; nil for any other.
func (d *Desk) inside(did action) func(ctx context.Context, tx *db.Tx, o *Order, began time.Time) error {
	switch did {
	case verify:
		return d.verify
	case reserve:
		return d.reserve
	case confirm:
		return func(ctx context.Context, tx *db.Tx, o *Order, began time.Time) error {
			return d.ask(ctx, tx, o, step{began: began})
		}
	case reroute:
		return d.reroute
	case giveUp:
		return d.giveUp
	}
	return nil
}

// verify looks whether there is enough, so that nobody waits for a lock to hear that there is not.
func (d *Desk) verify(ctx context.Context, tx *db.Tx, o *Order, began time.Time) error {
	missing, err := d.missing(ctx, tx, o.Location, o.goods())
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return o.move(ctx, tx, d.Now(), step{to: retail.OrderCancelled, began: began, response: missing, failure: FailedStock})
	}
	return o.move(ctx, tx, d.Now(), step{to: retail.OrderStockVerified, began: began})
}

func (d *Desk) reserve(ctx context.Context, tx *db.Tx, o *Order, began time.Time) error {
	short, err := d.hold(ctx, tx, o.Location, *o)
	switch {
	case err != nil:
		return err
	case short != nil:
		return o.move(ctx, tx, d.Now(), step{to: retail.OrderCancelled, began: began, response: short.Args, failure: FailedStock})
	}
	return o.move(ctx, tx, d.Now(), step{to: retail.OrderStockReserved, began: began})
}

// hold reserves an order's goods at a location; short says what there is too little of, and then nothing is reserved.
func (d *Desk) hold(ctx context.Context, tx *db.Tx, location uuid.UUID, o Order) (short *retail.Error, err error) {
	buffer, err := d.buffers(ctx, tx, location, products(o.goods()))
	if err != nil {
		return nil, err
	}
	err = stock.Reserve(ctx, tx, location, o.ID, o.goods(), buffer.of)
	if errors.As(err, &short) && short.Code == retail.Conflict {
		return short, nil
	}
	return nil, err
}

// authorise has the amount set aside, by a payment of the order's id.
func (d *Desk) authorise(ctx context.Context, o *Order, began time.Time) error {
	paid, err := d.Payments.Authorise(ctx, o.ID)
	if err != nil && paid.State != payments.Voided { // which it also is when it lapsed before anybody heard of it
		return err
	}
	return d.step(ctx, o, func(tx *db.Tx, o *Order) error {
		s := step{to: retail.OrderPaymentProcessed, began: began, request: map[string]any{"amount": o.Total, "currency": o.Currency}, response: said(paid)}
		if paid.State != payments.Authorised {
			s.to, s.failure = retail.OrderCompensating, FailedPayment
		}
		return o.move(ctx, tx, d.Now(), s)
	})
}

// said is what a payment's answer leaves in the history.
func said(p payments.Payment) map[string]any {
	return map[string]any{"state": p.State, "gateway": p.Gateway, "last_four": p.LastFour, "decline": p.Decline}
}

// ask has a location prepare the order.
func (d *Desk) ask(ctx context.Context, tx *db.Tx, o *Order, s step) error {
	at := d.Now()
	_, err := tx.Exec(ctx, `
		INSERT INTO orders.fulfilment (location_id, order_id, attempt, asked_at) VALUES ($1, $2, $3, $4)`, o.Location, o.ID, o.Attempt, at)
	if err != nil {
		return fmt.Errorf("ask for order %s: %w", o.Code, err)
	}
	s.to, s.until = retail.OrderConfirmed, at.Add(d.AcceptWithin)
	return o.move(ctx, tx, at, s)
}

// capture takes the money, once somebody has accepted.
func (d *Desk) capture(ctx context.Context, o *Order, began time.Time) error {
	paid, err := d.Payments.Capture(ctx, o.ID)
	if err != nil && payments.Later(err) {
		return err
	}
	return d.step(ctx, o, func(tx *db.Tx, o *Order) error {
		s := step{to: retail.OrderPicking, began: began, response: said(paid)}
		if err != nil {
			// The authorisation is gone. Whoever has the goods has them: then people must look at it.
			if !retail.OrderSteps.Lead(o.State, retail.OrderCompensating) {
				return err
			}
			s.to, s.failure, s.response = retail.OrderCompensating, FailedCapture, map[string]any{"error": err.Error()}
			return o.move(ctx, tx, d.Now(), s)
		}
		at := d.Now()
		o.Captured = &at
		if _, err := tx.Exec(ctx, `UPDATE orders.placed SET captured_at = $2 WHERE id = $1`, o.ID, at); err != nil {
			return fmt.Errorf("note what order %s paid: %w", o.Code, err)
		}
		if o.State == retail.OrderAccepted {
			return o.move(ctx, tx, at, s)
		}
		return o.stay(ctx, tx, capture, at, s)
	})
}

// reroute asks another location that has all of it, or calls the order off.
func (d *Desk) reroute(ctx context.Context, tx *db.Tx, o *Order, began time.Time) error {
	if o.Attempt < mostAttempts {
		others, err := d.others(ctx, tx, *o)
		if err != nil {
			return err
		}
		if err := stock.Lock(ctx, tx, slices.Concat(others, []uuid.UUID{o.Location}), products(o.goods())); err != nil {
			return err
		}
		for _, other := range others {
			short, err := d.hold(ctx, tx, other, *o)
			if err != nil {
				return err
			}
			if short != nil {
				continue
			}
			if err := stock.Release(ctx, tx, o.Location, o.ID); err != nil {
				return err
			}
			from := o.Location
			o.Location, o.Attempt, o.Failure = other, o.Attempt+1, ""
			if o.Told != mute {
				o.Told = "" // they are told of the new place
			}
			return d.ask(ctx, tx, o, step{began: began, request: map[string]any{"from": from}, response: map[string]any{"to": other}})
		}
	}
	failure := FailedNobody
	if o.Failure == "" {
		failure = FailedStock
	}
	return o.move(ctx, tx, d.Now(), step{to: retail.OrderCompensating, began: began, failure: failure})
}

// giveUp takes an order away from who did not accept it in time, and calls off what nobody came for.
func (d *Desk) giveUp(ctx context.Context, tx *db.Tx, o *Order, began time.Time) error {
	if o.State == retail.OrderConfirmed {
		return o.move(ctx, tx, d.Now(), step{to: retail.OrderShort, began: began, failure: FailedNobody})
	}
	return o.move(ctx, tx, d.Now(), step{to: retail.OrderCompensating, began: began, failure: FailedCollected})
}

// compensate takes back what was done, last first: the money, then the promise.
func (d *Desk) compensate(ctx context.Context, o *Order, began time.Time) error {
	paid, err := d.Payments.Void(ctx, o.ID)
	if err != nil {
		return err
	}
	return d.step(ctx, o, func(tx *db.Tx, o *Order) error {
		if err := stock.Release(ctx, tx, o.Location, o.ID); err != nil {
			return err
		}
		return o.move(ctx, tx, d.Now(), step{to: retail.OrderCancelled, began: began, response: said(paid)})
	})
}

// told writes to the customer, and notes that it was done: who dies between the two writes again.
func (d *Desk) told(ctx context.Context, o *Order) error {
	about := news(o.State)
	if o.Email != "" && d.Tell != nil {
		said := *o
		said.State = about
		if err := d.Tell(ctx, said); err != nil {
			return err
		}
	}
	return d.step(ctx, o, func(tx *db.Tx, o *Order) error {
		o.Told, o.Tries = about, 0
		due, _ := o.dueAfter(d.Now(), false)
		_, err := tx.Exec(ctx, `UPDATE orders.placed SET told = $2, tries = 0, due_at = $3 WHERE id = $1`, o.ID, string(o.Told), due)
		if err != nil {
			return fmt.Errorf("note what the customer of order %s was told: %w", o.Code, err)
		}
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
