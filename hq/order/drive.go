package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/payments"
)

// Advance drives an order until it waits for people, or for another try, or is over. Any number may drive the same one at once.
func (d *Desk) Advance(ctx context.Context, id uuid.UUID) (Order, error) {
	return d.drive(ctx, id, false)
}

// drive is Advance; jobs also write to customers, who can wait.
func (d *Desk) drive(ctx context.Context, id uuid.UUID, job bool) (Order, error) {
	o, err := One(ctx, d.DB, id)
	if err != nil {
		return o, err
	}
	return d.on(ctx, o, job, nil)
}

// on drives an order on from how it was last seen. held is the call of its payment that was written down with it, to be made now.
func (d *Desk) on(ctx context.Context, o Order, job bool, held *payments.Opened) (Order, error) {
	for {
		did := o.next(d.Now())
		if did == none || did == tell && !job {
			return o, nil
		}
		began := d.Now()
		err := d.do(ctx, &o, did, began, held)
		held = nil
		d.metrics.observe(did, d.Now().Sub(began), err)
		if errors.Is(err, errOvertaken) {
			if o, err = One(ctx, d.DB, o.ID); err != nil {
				return o, err
			}
			continue
		}
		if err != nil {
			return d.failed(ctx, o, did, began, err)
		}
	}
}

// errOvertaken is that of a step which another driver took.
var errOvertaken = errors.New("another has driven the order on")

// failed writes down that a step did not lead on, unless somebody else has taken it meanwhile.
func (d *Desk) failed(ctx context.Context, o Order, did action, began time.Time, why error) (Order, error) {
	if ctx.Err() != nil {
		return o, ctx.Err() // whoever was driving it is leaving; it is due in a moment
	}
	d.Log.Warn("order does not go on", "order", o.Code, "step", did, "error", why)
	err := d.DB.InTx(ctx, func(tx *db.Tx) error {
		c, err := lock(ctx, tx, o.ID)
		now := d.Now()
		if err != nil || c.State != o.State || c.next(now) != did {
			return err
		}
		c.fail(did, began, now, why)
		o = c.Order
		return c.write(ctx)
	})
	return o, errors.Join(fmt.Errorf("%s order %s: %w", did, o.Code, why), err)
}

// step takes an order on: if nobody has taken it on meanwhile it does fn, and in the same transaction the steps after it that ask nobody
// outside. The order is then as that leaves it.
func (d *Desk) step(ctx context.Context, o *Order, fn func(ctx context.Context, c *change) error) error {
	own := &taking{order: *o, fn: fn}
	return own.over(o, d.takeAll(ctx, own))
}

// settle is step with what the gateway has answered, which is written down with it. Orders that are answered at once go together: their
// steps lock the orders and then levels of stock by one statement, so however many there are nobody waits for them the other way round.
func (d *Desk) settle(ctx context.Context, o *Order, answered payments.Answered, fn func(ctx context.Context, c *change) error) error {
	own := &taking{order: *o, fn: fn, answered: &answered}
	return own.over(o, d.paying.Run(ctx, own))
}

// taking is an order that is being taken on.
type taking struct {
	order     Order
	fn        func(ctx context.Context, c *change) error
	answered  *payments.Answered
	overtaken bool
}

// over leaves the order as it was taken on.
func (t *taking) over(o *Order, err error) error {
	switch {
	case err != nil:
		return err
	case t.overtaken:
		return errOvertaken
	}
	*o = t.order
	return nil
}

// takeAll takes orders on.
func (d *Desk) takeAll(ctx context.Context, all ...*taking) error {
	ids := make([]uuid.UUID, len(all))
	var answered []payments.Answered
	for i, t := range all {
		if ids[i] = t.order.ID; t.answered != nil {
			answered = append(answered, *t.answered)
		}
	}
	var left map[uuid.UUID]Order
	err := d.DB.InTxByKey(ctx, func(tx *db.Tx) error {
		r := &round{tx: tx}
		var batch pgx.Batch
		r.lock(&batch, ids...)
		paid := payments.Settle(&batch, answered...)
		if err := tx.Send(ctx, &batch); err != nil {
			return err
		}
		var taken []*change
		for _, t := range all {
			c := r.of(t.order.ID)
			if c == nil {
				return unknown(t.order.ID)
			}
			if t.overtaken = c.State != t.order.State || c.Attempt != t.order.Attempt; t.overtaken {
				continue
			}
			taken = append(taken, c)
			if p, ok := paid[c.ID]; ok {
				c.paid = &p
			}
			if t.fn == nil {
				continue
			}
			if err := t.fn(ctx, c); err != nil {
				return err
			}
		}
		if r.orders = taken; len(taken) == 0 {
			return nil
		}
		if err := d.along(ctx, r); err != nil {
			return err
		}
		left = make(map[uuid.UUID]Order, len(r.orders))
		for _, c := range r.orders {
			left[c.ID] = c.Order
		}
		return r.write(ctx)
	})
	if err != nil {
		return err
	}
	for _, t := range all {
		if !t.overtaken {
			t.order = left[t.order.ID]
		}
	}
	return nil
}

// along takes the next steps of all orders of a round as long as they ask nobody outside this database: what lies between two questions
// to others is one transaction, as durable and less work than one for each step.
func (d *Desk) along(ctx context.Context, r *round) error {
	for again := true; again; {
		again = false
		for _, did := range within {
			began := d.Now()
			var orders []*change
			for _, c := range r.orders {
				if c.next(began) == did && !c.asks(did) {
					orders = append(orders, c)
				}
			}
			if len(orders) == 0 {
				continue
			}
			again = true
			if err := d.inside(did)(ctx, r, orders, began); err != nil {
				return fmt.Errorf("%s: %w", did, err)
			}
			took := d.Now().Sub(began)
			r.tx.AfterCommit(func() {
				for range orders {
					d.metrics.observe(did, took, nil)
				}
			})
		}
	}
	return nil
}
