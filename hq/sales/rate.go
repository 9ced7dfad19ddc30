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

// rateDays is over how many days a rate of sale is measured: whole weeks, so that weekends weigh the same.
const rateDays = 28

// Rates are quantities a day, by store and product.
type Rates map[uuid.UUID]map[uuid.UUID]money.Quantity

// PerDay gives how much the stores sold of products, over the 28 days before a day. What was not sold is left out.
func PerDay(ctx context.Context, q Querier, stores, products []uuid.UUID, day retail.Date) (Rates, error) {
	rows, err := q.Query(ctx, `
		SELECT store_id, product_id, (sum(units) / $5)::bigint FROM sales.daily_product
		WHERE store_id = ANY($1) AND product_id = ANY($2) AND business_date >= $3 AND business_date < $4
		GROUP BY 1, 2 HAVING sum(units) > 0`,
		stores, products, retail.DateOf(day.Time(time.UTC).AddDate(0, 0, -rateDays)), day, rateDays)
	if err != nil {
		return nil, fmt.Errorf("read rates of sale: %w", err)
	}
	rates := Rates{}
	var store, product uuid.UUID
	var rate money.Quantity
	_, err = pgx.ForEachRow(rows, []any{&store, &product, &rate}, func() error {
		if rates[store] == nil {
			rates[store] = map[uuid.UUID]money.Quantity{}
		}
		rates[store][product] = rate
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rates of sale: %w", err)
	}
	return rates, nil
}
