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
	return &Desk{Config: c, metrics: newMetrics()}
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
	began := d.Now()
	var o Order
	err := d.DB.InTx(ctx, func(tx *db.Tx) error {
		c := &change{Order: d.placed(p, began), tx: tx, steps: []Transition{{To: retail.OrderCreated, Deed: "place", At: began}}}
		if err := d.along(ctx, c); err != nil {
			return err
		}
		added, err := c.insert(ctx)
		switch {
		case err != nil:
			return err
		case !added:
			return errOvertaken
		}
		if p.Beside != nil {
			if err := p.Beside(ctx, tx); err != nil {
				return err
			}
		}
		o = c.Order
		return d.Payments.Begin(ctx, tx, payments.Begun{ID: p.ID, Order: p.ID, Amount: p.Total, Currency: p.Currency, Method: p.Method})
	})
	if err != nil {
		// It may have been placed before, or at the same moment by somebody else. Then that is the order.
		var lost error
		if o, lost = One(ctx, d.DB, p.ID); lost != nil {
			return Order{}, err
		}
	}
	return d.on(ctx, o, false)
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
	return d.on(ctx, o, job)
}

// on drives an order on from how it was last seen.
func (d *Desk) on(ctx context.Context, o Order, job bool) (Order, error) {
	for {
		did := o.next(d.Now())
		if did == none || did == tell && !job {
			return o, nil
		}
		began := d.Now()
		err := d.do(ctx, &o, did, began)
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

// step locks the order and, if nobody has taken it on meanwhile, does what belongs to the next step, and in the same transaction
// the steps after it that ask nobody outside. The order is then as that leaves it.
func (d *Desk) step(ctx context.Context, o *Order, fn func(c *change) error) error {
	var now Order
	err := d.DB.InTx(ctx, func(tx *db.Tx) error {
		c, err := lock(ctx, tx, o.ID)
		if err != nil {
			return err
		}
		if c.State != o.State || c.Attempt != o.Attempt {
			return errOvertaken
		}
		if err := fn(c); err != nil {
			return err
		}
		if err := d.along(ctx, c); err != nil {
			return err
		}
		now = c.Order
		return c.write(ctx)
	})
	if err == nil {
		*o = now
	}
	return err
}

// along takes the next steps as long as they ask nobody outside this database: what lies between two questions to others is one
// transaction, as durable and less work than one for each step.
func (d *Desk) along(ctx context.Context, c *change) error {
	for {
		did, began := c.next(d.Now()), d.Now()
		inside := d.inside(did)
		if inside == nil {
			return nil
		}
		if err := inside(ctx, c, began); err != nil {
			return fmt.Errorf("%s: %w", did, err)
		}
		took := d.Now().Sub(began)
		c.tx.AfterCommit(func() { d.metrics.observe(did, took, nil) })
	}
}
