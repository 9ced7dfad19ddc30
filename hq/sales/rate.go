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

// A rate of sale looks at whole weeks, so that weekends weigh the same: the newest weighs most, each one before it one less. A product
// that was first sold within them is looked at since then, but over rateFewest weeks at least, so that two good days are no rate.
// docs/restock.md says how far it was off on real sales.
const (
	rateWeeks  = 13
	rateFewest = 4
	// rateLookups is up to how many pairs of store and product are looked up one by one.
	rateLookups = 1000
)

// rateOf is how much is sold a day: weighted is the sum of what was sold times what its week weighs, and weeks how many there are since
// the first sale among them.
func rateOf(weighted int64, weeks int) money.Quantity {
	weeks = min(max(weeks, rateFewest), rateWeeks)
	weights := int64(weeks * (2*rateWeeks + 1 - weeks) / 2) // rateWeeks and what follows it, one less each
	return money.Quantity(max(weighted/(weights*7), 0))
}

// Rates are quantities a day, by store and product.
type Rates map[uuid.UUID]map[uuid.UUID]money.Quantity

// All is how much all the stores together sell a day of a product.
func (r Rates) All(product uuid.UUID) (all money.Quantity) {
	for _, of := range r {
		all += of[product]
	}
	return all
}

// PerDay gives how much the stores sold a day of products lately, up to the day before a day; nil for all products. What was not sold is
// left out.
func PerDay(ctx context.Context, q Querier, stores, products []uuid.UUID, day retail.Date) (Rates, error) {
	midnight := day.Time(time.UTC)
	bounds := make([]int32, rateWeeks) // the first days of the weeks, the oldest first: the place of a date among them is what its week weighs
	for i := range bounds {
		bounds[i] = int32(retail.DateOf(midnight.AddDate(0, 0, -7*(rateWeeks-i))))
	}
	args := pgx.NamedArgs{"stores": stores, "products": products, "from": bounds[0], "day": day, "weeks": rateWeeks, "bounds": bounds}
	where := "business_date >= @from AND business_date < @day"
	if products != nil {
		where += " AND product_id = ANY(@products)"
	}
	if n := len(products) * len(stores); n > 0 && n <= rateLookups {
		// Days are named one by one, so that few products are looked up by the whole key and their stores' days are not read.
		dates := make([]int32, 0, 7*rateWeeks)
		for i := range 7 * rateWeeks {
			dates = append(dates, int32(retail.DateOf(midnight.AddDate(0, 0, -1-i))))
		}
		where, args["dates"] = "business_date = ANY(@dates::int[]) AND product_id = ANY(@products)", dates
	}
	rows, err := q.Query(ctx, `
		WITH sold AS (
			SELECT store_id, product_id, units, width_bucket(business_date, @bounds::int[]) AS place FROM sales.daily_product
			WHERE store_id = ANY(@stores) AND `+where+`
		)
		SELECT store_id, product_id, sum(units * place)::bigint, @weeks + 1 - min(place) FILTER (WHERE units > 0) FROM sold
		GROUP BY 1, 2 HAVING sum(units * place) > 0`, args)
	if err != nil {
		return nil, fmt.Errorf("read rates of sale: %w", err)
	}
	rates := Rates{}
	var store, product uuid.UUID
	var weighted int64
	var weeks int
	_, err = pgx.ForEachRow(rows, []any{&store, &product, &weighted, &weeks}, func() error {
		if rates[store] == nil {
			rates[store] = map[uuid.UUID]money.Quantity{}
		}
		if rate := rateOf(weighted, weeks); rate > 0 {
			rates[store][product] = rate
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rates of sale: %w", err)
	}
	return rates, nil
}
