package order

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Config is what a desk needs.
type Config struct {
	DB       *db.DB
	Payments *payments.Desk
	// Tell writes to the customer of an order about its State: confirmed, ready, shipped or cancelled. It may happen twice. nil where no
	// mail is set up.
	Tell func(ctx context.Context, o Order) error
	// Fetch gets what the payment gateway has to tell, where it does not come by itself; nil where it does.
	Fetch func(ctx context.Context) error
	// AcceptWithin is how long a location has to accept; the default is a day. It must be below the life of an authorisation,
	// which is a week where it is shortest.
	AcceptWithin time.Duration
	Log          *slog.Logger
	Now          func() time.Time
}

// Desk takes orders and drives them.
type Desk struct {
	Config
	metrics *metrics
	placing lane[*placing]
	paying  lane[*taking]
}

const (
	// acceptWithin is the default of Config.AcceptWithin.
	acceptWithin = 24 * time.Hour
	// collectWithin is how long an order waits in a store.
	collectWithin = 7 * 24 * time.Hour
)

// New is a desk. Orders are driven by whoever places or changes one; Run drives those that were left.
func New(c Config) *Desk {
	if c.AcceptWithin == 0 {
		c.AcceptWithin = acceptWithin
	}
	if c.Fetch == nil {
		c.Fetch = func(context.Context) error { return nil }
	}
	d := &Desk{Config: c, metrics: newMetrics()}
	d.placing.do, d.paying.do = d.placeAll, d.takeAll
	return d
}

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
	// Beside is written in the transaction that places the order; nil for nothing.
	Beside func(ctx context.Context, tx *db.Tx) error
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
	if err := d.placing.run(ctx, own); err != nil {
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
	return d.DB.InTx(ctx, func(tx *db.Tx) error {
		r := &round{tx: tx}
		for _, p := range all {
			r.add(&change{Order: d.placed(p.Placement, p.began), steps: []Transition{{To: retail.OrderCreated, Deed: "place", At: p.began}}})
		}
		if err := d.along(ctx, r); err != nil {
			return err
		}
		added, err := r.insert(ctx)
		switch {
		case err != nil:
			return err
		case !added:
			return errOvertaken
		}
		begin := make([]payments.Begun, len(all))
		for i, p := range all {
			if p.Beside != nil {
				if err := p.Beside(ctx, tx); err != nil {
					return err
				}
			}
			begin[i] = payments.Begun{
				ID: p.ID, Order: p.ID, Amount: p.Total, Currency: p.Currency, Method: p.Method, Ask: r.orders[i].State == retail.OrderStockReserved,
			}
		}
		begun, err := d.Payments.Begin(ctx, tx, begin...)
		if err != nil {
			return err
		}
		for i, p := range all {
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

// failed writes down that a step did not lead on.
func (d *Desk) failed(ctx context.Context, o Order, did action, began time.Time, why error) (Order, error) {
	if ctx.Err() != nil {
		return o, ctx.Err() // whoever was driving it is leaving; it is due in a moment
	}
	d.Log.Warn("order does not go on", "order", o.Code, "step", did, "error", why)
	err := d.DB.InTx(ctx, func(tx *db.Tx) error {
		c, err := lock(ctx, tx, o.ID)
		if err != nil || c.State != o.State {
			return err
		}
		c.fail(did, began, d.Now(), why)
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
// steps lock nothing but the orders, so however many there are nobody waits for them the other way round.
func (d *Desk) settle(ctx context.Context, o *Order, answered payments.Answered, fn func(ctx context.Context, c *change) error) error {
	own := &taking{order: *o, fn: fn, answered: &answered}
	return own.over(o, d.paying.run(ctx, own))
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
	err := d.DB.InTx(ctx, func(tx *db.Tx) error {
		r := &round{tx: tx}
		if err := r.lock(ctx, ids...); err != nil {
			return err
		}
		var paid map[uuid.UUID]payments.Payment
		if len(answered) > 0 {
			var err error
			if paid, err = d.Payments.Settle(ctx, tx, answered...); err != nil {
				return err
			}
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
				if c.next(began) == did {
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
