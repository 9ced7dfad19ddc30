package order

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Answer is what a location says of an order it was asked to prepare.
type Answer struct {
	Order uuid.UUID
	// Attempt is which question it answers; who is Here answers the present one.
	Attempt int
	At      time.Time
	By      uuid.UUID
	// Heard is when headquarters heard it: a till may have been cut off since At.
	Heard time.Time
	// Here says that headquarters goes on with the order at once; otherwise its jobs do, when the caller's transaction is done.
	Here bool
}

// What an order makes of an answer: it counts, it is of an order that went another way meanwhile, or people must look at it, because
// goods left for which nothing is paid, or twice.
type Verdict int

// The verdicts.
const (
	Counts Verdict = iota
	TooLate
	Wrong
)

// Accept notes that a location prepares an order. A till that says so again, or late, changes nothing.
func Accept(ctx context.Context, tx *db.Tx, a Answer) (Verdict, error) {
	return a.to(ctx, tx, retail.OrderAccepted, "accept", nil)
}

// Short notes that a location lacks goods of an order: another is asked.
func Short(ctx context.Context, tx *db.Tx, a Answer, missing []retail.StockLine) (Verdict, error) {
	return a.to(ctx, tx, retail.OrderShort, "short", missing)
}

// Ready notes that the goods of an order lie ready to be collected. Who says so has accepted.
func Ready(ctx context.Context, tx *db.Tx, a Answer) (Verdict, error) {
	o, verdict, err := a.move(ctx, tx, retail.OrderReady, step{until: a.Heard.Add(collectWithin)})
	if err != nil || verdict != Counts {
		return verdict, err
	}
	return Counts, o.write(ctx)
}

func (a Answer) to(ctx context.Context, tx *db.Tx, state retail.OrderState, answer string, missing []retail.StockLine) (Verdict, error) {
	o, verdict, err := a.move(ctx, tx, state, step{response: missingOrNil(missing)})
	if err != nil || verdict != Counts {
		return verdict, err
	}
	lines, err := json.Marshal(missingOrNil(missing))
	if err != nil {
		return verdict, fmt.Errorf("encode what is missing: %w", err)
	}
	tx.Later("write what a location answered", `
		UPDATE orders.fulfilment SET answer = $3, answered_at = $4, answered_by = $5, missing = $6 WHERE order_id = $1 AND attempt = $2`,
		a.Order, o.Attempt, answer, a.At, a.By, lines)
	return Counts, o.write(ctx)
}

func missingOrNil(missing []retail.StockLine) any {
	if missing == nil {
		return nil
	}
	return missing
}

// move takes the order on if it still stands where the answer says.
func (a Answer) move(ctx context.Context, tx *db.Tx, to retail.OrderState, s step) (*change, Verdict, error) {
	o, err := lock(ctx, tx, a.Order)
	if err != nil {
		return nil, TooLate, err
	}
	if !a.Here && o.Attempt != a.Attempt || !retail.OrderSteps.Lead(o.State, to) {
		return nil, TooLate, nil
	}
	s.to, s.by, s.began, s.now = to, a.By, a.At, !a.Here
	return o, Counts, o.move(later(a.At, o.StateAt), s)
}

// later keeps a history in order, whatever a till's clock says.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// Sold is a till's sale that hands an order over.
type Sold struct {
	Answer
	// Location is the store of the till; Receipt names the sale, Code is what was printed.
	Location uuid.UUID
	Receipt  retail.ReceiptID
	Code     string
}

// Collect notes that an order was handed over, by a sale which is recorded beside it whatever this says: the goods are gone.
func Collect(ctx context.Context, tx *db.Tx, s Sold) (Verdict, error) {
	o, err := lock(ctx, tx, s.Order)
	if err != nil {
		return TooLate, err
	}
	if err := stock.Release(ctx, tx, stock.Reservation{Location: s.Location, Order: s.Order}); err != nil {
		return TooLate, err
	}
	if !retail.OrderSteps.Lead(o.State, retail.OrderCollected) || o.Location != s.Location {
		return Wrong, nil
	}
	o.Receipt = s.Code
	tx.Later("write who sold an order", `UPDATE orders.placed SET sold_till = $2, sold_epoch = $3, sold_number = $4 WHERE id = $1`,
		o.ID, s.Receipt.Till, int64(s.Receipt.Epoch), int64(s.Receipt.Number))
	err = o.move(later(s.At, o.StateAt), step{
		to: retail.OrderCollected, by: s.By, began: s.At, now: true, response: map[string]any{"receipt": s.Code},
	})
	if err != nil {
		return TooLate, err
	}
	return Counts, o.write(ctx)
}

// GiveBack notes what a till gave back of an order that was collected, by itself: what the shop was to take is taken all the same. Once all of
// it is back, at once or in parts, the order is returned. Any other receipt is left.
func GiveBack(ctx context.Context, tx *db.Tx, r retail.Refund, at time.Time, by uuid.UUID) error {
	found, err := read(ctx, tx, `WHERE sold_till = $1 AND sold_epoch = $2 AND sold_number = $3 FOR UPDATE`,
		r.Receipt.Till, int64(r.Receipt.Epoch), int64(r.Receipt.Number))
	if err != nil || len(found) == 0 || found[0].State != retail.OrderCollected {
		return err
	}
	history, err := History(ctx, tx, found[0].ID)
	if err != nil {
		return err
	}
	o := &change{Order: found[0], was: found[0]}
	(&round{tx: tx}).add(o)
	at, s := later(at, o.StateAt), step{to: retail.OrderReturned, by: by, began: at, response: map[string]any{"amount": r.Total}, now: true}
	if r.Total+GivenBack(history) == o.Total {
		err = o.move(at, s)
	} else {
		err = o.stay(giveBack, at, s)
	}
	if err != nil {
		return err
	}
	return o.write(ctx)
}

// GivenBack is what tills gave back of an order, by its history, as long as that is not all of it.
func GivenBack(history []Transition) (sum money.Amount) {
	for _, t := range history {
		var said struct{ Amount money.Amount }
		if t.Deed == string(giveBack) && json.Unmarshal(t.Response, &said) == nil {
			sum += said.Amount
		}
	}
	return sum
}

// Cancel calls an order off, by staff or, where by is zero, by the customer, and drives what that takes. It is refused once the
// goods are gone; an order that is cancelled already stays so.
func (d *Desk) Cancel(ctx context.Context, id, by uuid.UUID, why string) (Order, error) {
	began := d.Now()
	failure := CancelledByCustomer
	if by != uuid.Nil {
		failure = CancelledByStaff
	}
	var asked any
	if why != "" {
		asked = map[string]any{"why": why}
	}
	err := d.DB.InTx(ctx, func(tx *db.Tx) error {
		o, err := lock(ctx, tx, id)
		if err != nil || o.State == retail.OrderCancelled || o.State == retail.OrderCompensating {
			return err
		}
		s := step{to: retail.OrderCompensating, began: began, by: by, failure: failure, request: asked}
		if retail.OrderSteps.Lead(o.State, retail.OrderCancelled) {
			s.to = retail.OrderCancelled
		}
		if err := o.move(d.Now(), s); err != nil {
			return err
		}
		return o.write(ctx)
	})
	if err != nil {
		return Order{}, err
	}
	o, err := d.goOn(ctx, id)
	var said *retail.Error
	if err != nil && !errors.As(err, &said) {
		d.Log.Warn("an order was called off, and what that takes is done later", "order", o.Code, "error", err)
		return o, nil
	}
	return o, err
}

// Repay notes, for a person at headquarters, that the money of an order which is being undone, or came back, was given back another way,
// since the gateway refuses to: then the order ends. It is refused while the gateway may still do it.
func (d *Desk) Repay(ctx context.Context, id, by uuid.UUID, how string) (Order, error) {
	began := d.Now()
	err := d.DB.InTx(ctx, func(tx *db.Tx) error {
		o, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if !o.Repayable() {
			return o.refuse(retail.OrderCancelled)
		}
		if err := d.Payments.GivenBack(ctx, tx, id, how); err != nil {
			return err
		}
		if err := o.stay(repay, d.Now(), step{began: began, by: by, request: map[string]any{"how": how}}); err != nil {
			return err
		}
		if o.State == retail.OrderDelivered {
			if err := d.takeBack(ctx, o, began, step{began: began, by: by}); err != nil {
				return err
			}
		}
		return o.write(ctx)
	})
	if err != nil {
		return Order{}, err
	}
	return d.goOn(ctx, id)
}

// Settle notes, for a person at headquarters, how an order was settled that went out unpaid because the bank took its word back: paid
// another way, or written off. What the gateway may have taken all the same is given back first, so that nobody pays twice.
func (d *Desk) Settle(ctx context.Context, id, by uuid.UUID, how string) (settled Order, err error) {
	began := d.Now()
	if how = strings.TrimSpace(how); how == "" {
		return settled, &retail.Error{Code: retail.Invalid, Key: "payment.how"}
	}
	o, err := One(ctx, d.DB, id)
	switch {
	case err != nil:
		return o, err
	case !o.Owed() || !o.Stuck():
		return o, o.refuse("")
	}
	paid, err := d.Payments.Void(ctx, id)
	if err != nil {
		return o, err
	}
	err = d.DB.InTx(ctx, func(tx *db.Tx) error {
		c, err := lock(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case c.State != o.State:
			return c.refuse("")
		}
		at := d.Now()
		c.Captured = &at
		if err := c.stay(settle, at, step{began: began, by: by, request: map[string]any{"how": how}, response: outcome(paid)}); err != nil {
			return err
		}
		settled = c.Order
		return c.write(ctx)
	})
	return settled, err
}

// Retry drives an order on that waits for its next try.
func (d *Desk) Retry(ctx context.Context, id uuid.UUID) (Order, error) {
	o, err := d.drive(ctx, id, true)
	if err != nil {
		return o, unfinished{err}
	}
	return o, nil
}
