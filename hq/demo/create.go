package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// Days is how much history a demo has when Options do not say.
const Days = 90

// Options of Create.
type Options struct {
	// Now is the moment at which the history ends.
	Now time.Time
	// Days is the length of the history; 0 is 90.
	Days int
	Log  *slog.Logger
	// Progress is told, in turn, how many entries of the journals headquarters has stored of how many; it may be nil.
	Progress func(done, total int)
}

// Create makes the demo, or does nothing and gives false when it is there. What an interrupted Create has left is
// completed, with the history ending where it was to end.
func Create(ctx context.Context, d *db.DB, o Options) (created bool, err error) {
	if _, err := users.Get(ctx, d, id("staff", administrator)); !notFound(err) {
		return false, err
	}
	if o.Days == 0 {
		o.Days = Days
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	goods, err := readGoods()
	if err != nil {
		return false, err
	}
	now := o.Now.UTC().Truncate(time.Millisecond)
	desk := intake.New(d, o.Log, func() time.Time { return now })
	if now, err = begun(ctx, desk, now); err != nil {
		return false, err
	}
	if err := d.InTx(ctx, func(tx *db.Tx) error { return putWorld(ctx, tx, now.AddDate(0, 0, -o.Days), goods) }); err != nil {
		return false, fmt.Errorf("write the demo's stores and catalogue: %w", err)
	}
	h, err := newHistory(ctx, desk, goods, now, o.Days)
	if err != nil {
		return false, fmt.Errorf("enrol the demo's tills: %w", err)
	}
	h.progress = o.Progress
	if err := h.write(ctx); err != nil {
		return false, fmt.Errorf("write the demo's journals: %w", err)
	}
	if err := d.InTx(ctx, func(tx *db.Tx) error { return fillDepot(ctx, tx, h) }); err != nil {
		return false, fmt.Errorf("fill the demo's warehouse: %w", err)
	}
	if err := h.send(ctx, d); err != nil {
		return false, fmt.Errorf("send the demo's journals: %w", err)
	}
	people, err := hashed()
	if err != nil {
		return false, fmt.Errorf("hash the demo's PINs: %w", err)
	}
	err = d.InTx(ctx, func(tx *db.Tx) error {
		if err := stock.Record(ctx, tx, h.stores()); err != nil {
			return err
		}
		return putPeople(ctx, tx, people)
	})
	if err != nil {
		return false, fmt.Errorf("write the demo's stock and staff: %w", err)
	}
	return true, nil
}

func notFound(err error) bool {
	var known *retail.Error
	return errors.As(err, &known) && known.Code == retail.NotFound
}

// begun is when an interrupted Create was to end its history, or now: the moment at which its tills were enrolled.
func begun(ctx context.Context, desk *intake.Desk, now time.Time) (time.Time, error) {
	known, err := desk.List(ctx)
	if err != nil {
		return now, err
	}
	for _, t := range known {
		if t.Store == shops()[0].ID && t.EnrolledAt != nil {
			return *t.EnrolledAt, nil
		}
	}
	return now, nil
}

func putWorld(ctx context.Context, tx *db.Tx, now time.Time, goods assortment) error {
	for _, s := range shops() {
		if err := stock.PutLocations(ctx, tx, s.Location); err != nil {
			return err
		}
	}
	if err := stock.PutLocations(ctx, tx, depot()); err != nil {
		return err
	}
	if err := catalog.PutTaxRates(ctx, tx, taxes()...); err != nil {
		return err
	}
	if err := catalog.PutCharges(ctx, tx, goods.charges...); err != nil {
		return err
	}
	if err := catalog.PutCategories(ctx, tx, goods.categories...); err != nil {
		return err
	}
	_, err := catalog.PutProducts(ctx, tx, now, goods.products)
	return err
}

// fillDepot gives the warehouse its stock, which it must have before it can ship, unless it has it.
func fillDepot(ctx context.Context, tx *db.Tx, h *history) error {
	opening := h.depot()
	known, err := stock.Costs(ctx, tx, depot().ID, []uuid.UUID{opening[0].Product})
	if err != nil || len(known) > 0 {
		return err
	}
	return stock.Record(ctx, tx, opening)
}

// person is a SignIn with its secrets hashed.
type person struct {
	SignIn
	pin      users.PIN
	password users.Password
}

// hashed hashes each PIN once, although several people have it: in a demo everybody may know.
func hashed() ([]person, error) {
	var all []person
	pins := map[string]users.PIN{"": {}}
	for _, s := range SignIns() {
		p := person{SignIn: s}
		var known bool
		var err error
		if p.pin, known = pins[s.PIN]; !known {
			if p.pin, err = users.NewPIN(s.PIN); err != nil {
				return nil, err
			}
			pins[s.PIN] = p.pin
		}
		if s.Password != "" {
			if p.password, err = users.NewPassword(s.Password); err != nil {
				return nil, err
			}
		}
		all = append(all, p)
	}
	return all, nil
}

func putPeople(ctx context.Context, tx *db.Tx, people []person) error {
	for _, p := range people {
		s := users.Staff{ID: p.id(), Name: p.Name, Email: p.Email, Role: p.Role, Lang: "fr"}
		for _, code := range p.Stores {
			s.Stores = append(s.Stores, id("location", code))
		}
		if err := users.Put(ctx, tx, s, p.password, p.pin); err != nil {
			return err
		}
	}
	return nil
}
