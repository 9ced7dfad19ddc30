package order

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"comptant/hq/db"
	"comptant/hq/payments"
)

// Config is what a desk needs.
type Config struct {
	DB       *db.DB
	Payments *payments.Desk
	// Tell writes to the customer of an order about its State: confirmed, ready, shipped or cancelled. It may happen twice. ErrUnreachable
	// is not tried again. nil where no mail is set up.
	Tell func(ctx context.Context, o Order) error
	// Fetch gets what the payment gateway has to tell, where it does not come by itself; nil where it does.
	Fetch func(ctx context.Context) error
	// AcceptWithin is how long a location has to accept, a day if it is 0, and LongestAccept at most.
	AcceptWithin time.Duration
	Log          *slog.Logger
	Now          func() time.Time
}

// Desk takes orders and drives them.
type Desk struct {
	Config
	metrics *metrics
	// What comes at once shares a transaction: orders that are placed, and those whose payment was answered.
	placing *db.Group[*placing]
	paying  *db.Group[*taking]
}

const (
	// acceptWithin is the default of Config.AcceptWithin.
	acceptWithin = 24 * time.Hour
	// LongestAccept is how long Config.AcceptWithin may be: as many locations as are asked for an order have answered before the
	// authorisation of its payment lapses, which is after a week where it is shortest.
	LongestAccept = 48 * time.Hour
)

// ErrUnreachable says that nobody can be written to at an address.
var ErrUnreachable = errors.New("the mail server does not take this address")

// New is a desk. Orders are driven by whoever places or changes one; Run drives those that were left.
func New(c Config) *Desk {
	if c.AcceptWithin == 0 {
		c.AcceptWithin = acceptWithin
	}
	if c.Fetch == nil {
		c.Fetch = func(context.Context) error { return nil }
	}
	d := &Desk{Config: c, metrics: newMetrics()}
	d.placing, d.paying = db.NewGroup(d.placeAll), db.NewGroup(d.takeAll)
	return d
}
