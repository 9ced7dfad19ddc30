package sales

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// TrendDays is how many days a trend shows, today included.
const TrendDays = 28

// Overview is how the stores do today.
type Overview struct {
	Stores []StoreToday
	// All is the sum of the stores.
	All Today
}

// StoreToday is one store today.
type StoreToday struct {
	Store retail.Location
	// Date is the store's day of today.
	Date retail.Date
	Today
}

// Today is figures of today beside those of the same weekday last week.
type Today struct {
	Now Figures
	// Before is last week's up to the same time of day.
	Before Figures
	// Hours is the revenue by hour of the day; Before there is the whole hour, also when it is still to come today.
	Hours [24]HourRevenue
	// Trend is the revenue by day, oldest first and today last.
	Trend [TrendDays]money.Amount
}

// HourRevenue is the revenue of one hour, today and last week.
type HourRevenue struct{ Now, Before money.Amount }

// ReadToday gives the overview of the stores at a moment. A day is a business date: what a shift sells after midnight
// belongs to the day it was opened.
func ReadToday(ctx context.Context, q Querier, now time.Time, stores []retail.Location) (Overview, error) {
	overview := Overview{Stores: make([]StoreToday, len(stores))}
	at := make(map[uuid.UUID]*StoreToday, len(stores))
	ids, today, before := make([]uuid.UUID, len(stores)), make([]int32, len(stores)), make([]int32, len(stores))
	first, moments := make([]int32, len(stores)), make([]time.Time, len(stores))
	for i, store := range stores {
		zone, err := time.LoadLocation(store.Zone)
		if err != nil {
			return Overview{}, fmt.Errorf("time zone of store %s: %w", store.Code, err)
		}
		local := now.In(zone)
		s := &overview.Stores[i]
		s.Store, s.Date = store, retail.DateOf(local)
		at[store.ID] = s
		// The same time on the clock, also across a change to summer time.
		moments[i] = local.AddDate(0, 0, -7)
		ids[i], today[i], before[i] = store.ID, int32(s.Date), int32(retail.DateOf(moments[i]))
		first[i] = int32(retail.DateOf(local.AddDate(0, 0, 1-TrendDays)))
	}
	if err := readHours(ctx, q, at, ids, today, before); err != nil {
		return Overview{}, fmt.Errorf("read today by hour: %w", err)
	}
	if err := readBefore(ctx, q, at, ids, before, moments); err != nil {
		return Overview{}, fmt.Errorf("read last week: %w", err)
	}
	if err := readTrend(ctx, q, at, ids, first, today); err != nil {
		return Overview{}, fmt.Errorf("read trend: %w", err)
	}
	for _, s := range overview.Stores {
		overview.All.add(s.Today)
	}
	return overview, nil
}

func (t *Today) add(o Today) {
	t.Now.add(o.Now)
	t.Before.add(o.Before)
	for i, h := range o.Hours {
		t.Hours[i].Now += h.Now
		t.Hours[i].Before += h.Before
	}
	for i, v := range o.Trend {
		t.Trend[i] += v
	}
}

func readHours(ctx context.Context, q Querier, at map[uuid.UUID]*StoreToday, ids []uuid.UUID, today, before []int32) error {
	rows, err := q.Query(ctx, `
		SELECT h.store_id, h.hour, h.business_date = s.today, `+hourlySums+`
		FROM unnest($1::uuid[], $2::int[], $3::int[]) AS s (id, today, before)
		JOIN sales.hourly h ON h.store_id = s.id AND h.business_date IN (s.today, s.before)
		GROUP BY 1, 2, 3`, ids, today, before)
	if err != nil {
		return err
	}
	var store uuid.UUID
	var hour int
	var now bool
	var f Figures
	_, err = pgx.ForEachRow(rows, append([]any{&store, &hour, &now}, f.fields()...), func() error {
		s := at[store]
		if now {
			s.Now.add(f)
			s.Hours[hour].Now += f.Revenue
		} else {
			s.Hours[hour].Before += f.Revenue
		}
		return nil
	})
	return err
}

// readBefore reads documents, because the sums know no minutes.
func readBefore(ctx context.Context, q Querier, at map[uuid.UUID]*StoreToday, ids []uuid.UUID, before []int32, moments []time.Time) error {
	rows, err := q.Query(ctx, `
		SELECT d.store_id, `+documentSums+`
		FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS s (id, before, moment)
		JOIN sales.document d ON d.store_id = s.id AND d.business_date = s.before AND d.at <= s.moment
		GROUP BY 1`, ids, before, moments)
	if err != nil {
		return err
	}
	var store uuid.UUID
	var f Figures
	_, err = pgx.ForEachRow(rows, append([]any{&store}, f.fields()...), func() error {
		at[store].Before = f
		return nil
	})
	return err
}

func readTrend(ctx context.Context, q Querier, at map[uuid.UUID]*StoreToday, ids []uuid.UUID, first, today []int32) error {
	rows, err := q.Query(ctx, `
		SELECT h.store_id, h.business_date, sum(h.revenue)::bigint
		FROM unnest($1::uuid[], $2::int[], $3::int[]) AS s (id, first, today)
		JOIN sales.hourly h ON h.store_id = s.id AND h.business_date BETWEEN s.first AND s.today
		GROUP BY 1, 2`, ids, first, today)
	if err != nil {
		return err
	}
	var store uuid.UUID
	var date retail.Date
	var revenue money.Amount
	_, err = pgx.ForEachRow(rows, []any{&store, &date, &revenue}, func() error {
		s := at[store]
		if i := TrendDays - 1 - daysBetween(date, s.Date); i >= 0 && i < TrendDays {
			s.Trend[i] = revenue
		}
		return nil
	})
	return err
}

func daysBetween(from, to retail.Date) int {
	return int(to.Time(time.UTC).Sub(from.Time(time.UTC)) / (24 * time.Hour))
}
