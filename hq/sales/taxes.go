package sales

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// StoreMonth is a month of a store, as far as it lies in a period.
type StoreMonth struct {
	Store uuid.UUID
	// Month is that of business dates: 202611.
	Month int32
}

// Within is the days of the month that lie in a period.
func (m StoreMonth) Within(p Period) Period {
	first := retail.Date(m.Month*100 + 1)
	last := retail.DateOf(first.Time(time.UTC).AddDate(0, 1, -1))
	return Period{From: max(p.From, first), To: min(p.To, last)}
}

// MonthTaxes is what a store sold in a month before taxes, deposits and fees among it, and the taxes on it.
type MonthTaxes struct {
	StoreMonth
	Sold  money.Amount
	Taxes []Tax // by code and rate
}

// AddTax adds a tax to those of its code and rate.
func AddTax(taxes []Tax, t Tax) []Tax {
	i := slices.IndexFunc(taxes, func(o Tax) bool { return o.Code == t.Code && o.Rate == t.Rate })
	if i < 0 {
		return append(taxes, t)
	}
	taxes[i].Base += t.Base
	taxes[i].Amount += t.Amount
	return taxes
}

// TaxesByMonth gives the taxes of stores over a period, the earliest month first. A store that sold nothing in a month is left out.
func TaxesByMonth(ctx context.Context, q Querier, stores []uuid.UUID, p Period) ([]MonthTaxes, error) {
	rows, err := q.Query(ctx, `
		SELECT store_id, business_date / 100, (sum(revenue) + sum(charges))::bigint FROM sales.hourly
		WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 GROUP BY 1, 2 ORDER BY 2, 1`, stores, p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("read sales by month: %w", err)
	}
	months, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m MonthTaxes, err error) {
		return m, row.Scan(&m.Store, &m.Month, &m.Sold)
	})
	if err != nil {
		return nil, fmt.Errorf("read sales by month: %w", err)
	}
	at := make(map[StoreMonth]*MonthTaxes, len(months))
	for i := range months {
		at[months[i].StoreMonth] = &months[i]
	}
	rows, err = q.Query(ctx, `
		SELECT store_id, business_date / 100, code, rate, sum(base)::bigint, sum(amount)::bigint FROM sales.daily_tax
		WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 GROUP BY 1, 2, 3, 4 ORDER BY 3, 4`, stores, p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("read taxes by month: %w", err)
	}
	var of StoreMonth
	var t Tax
	_, err = pgx.ForEachRow(rows, []any{&of.Store, &of.Month, &t.Code, &t.Rate, &t.Base, &t.Amount}, func() error {
		at[of].Taxes = append(at[of].Taxes, t)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read taxes by month: %w", err)
	}
	return months, nil
}
