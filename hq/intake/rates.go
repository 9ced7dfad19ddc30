package intake

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// rates keeps the rates of sale for a day. They do not count the day itself, so within it they hardly change, and a flush
// must not read a month of sales while it holds the tills' locks.
type rates struct {
	now func() time.Time

	mu     sync.Mutex
	stores map[uuid.UUID]*dayRates
}

type dayRates struct {
	day  retail.Date
	rate map[uuid.UUID]money.Quantity // also 0, for what was not sold
}

func newRates(now func() time.Time) rates {
	return rates{now: now, stores: map[uuid.UUID]*dayRates{}}
}

// fill sets the rate of each level of a location.
func (r *rates) fill(ctx context.Context, tx *db.Tx, location uuid.UUID, levels []stock.LevelRow) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	day := retail.DateOf(r.now()) // the store's midnight is at most hours away, in four weeks
	known := r.stores[location]
	if known == nil || known.day != day {
		known = &dayRates{day: day, rate: map[uuid.UUID]money.Quantity{}}
		r.stores[location] = known
	}
	var unknown []uuid.UUID
	for _, l := range levels {
		if _, ok := known.rate[l.Product]; !ok {
			unknown = append(unknown, l.Product)
		}
	}
	if len(unknown) > 0 {
		found, err := sales.PerDay(ctx, tx, []uuid.UUID{location}, unknown, day)
		if err != nil {
			return fmt.Errorf("rates of sale at %s: %w", location, err)
		}
		for _, p := range unknown {
			known.rate[p] = found[location][p]
		}
	}
	for i := range levels {
		levels[i].PerDay = known.rate[levels[i].Product]
	}
	return nil
}
