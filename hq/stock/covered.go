package stock

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
)

// Rate is how much a store sells of a product a day.
type Rate struct {
	Location, Product uuid.UUID
	PerDay            money.Quantity
}

// Covered gives the products that some store has for less than a number of days; with more, for more than that.
func Covered(ctx context.Context, q Querier, rates []Rate, days int, more bool) ([]uuid.UUID, error) {
	locations, products, perDay := make([]uuid.UUID, len(rates)), make([]uuid.UUID, len(rates)), make([]int64, len(rates))
	for i, r := range rates {
		locations[i], products[i], perDay[i] = r.Location, r.Product, int64(r.PerDay)
	}
	sign := "<"
	if more {
		sign = ">"
	}
	rows, err := q.Query(ctx, `
		SELECT DISTINCT product_id
		FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS r (location_id, product_id, per_day) JOIN stock.level l USING (location_id, product_id)
		WHERE l.on_hand `+sign+` r.per_day * $4`, locations, products, perDay, days)
	if err != nil {
		return nil, fmt.Errorf("look for days of cover: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("look for days of cover: %w", err)
	}
	return found, nil
}
