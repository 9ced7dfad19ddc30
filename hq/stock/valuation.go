package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
)

// Value is what is on hand at its average cost.
type Value struct {
	OnHand money.Quantity
	Cost   money.Amount
	// Unknown is how many levels have something on hand of which nobody knows the cost: they count for nothing.
	Unknown int64
}

// Add adds another value.
func (v *Value) Add(o Value) {
	v.OnHand += o.OnHand
	v.Cost += o.Cost
	v.Unknown += o.Unknown
}

// GroupValue is the value of a group of products at a location.
type GroupValue struct {
	Location, Group uuid.UUID
	Value
}

// ProductValue is the value of a product.
type ProductValue struct {
	Product uuid.UUID
	Value
}

// values are the columns of a Value, of stock.level l. Each level is rounded to the cent, so that every sum is the sum of what it shows.
const values = `sum(l.on_hand)::bigint, sum(round(l.on_hand::numeric * l.unit_cost / 1000))::bigint, count(*) FILTER (WHERE l.on_hand > 0 AND l.unit_cost = 0)`

// Valuation gives the value of groups of products at locations: groups says for each of products in which it is. A product that is not
// among them is in the group uuid.Nil.
func Valuation(ctx context.Context, q Querier, locations, products, groups []uuid.UUID) ([]GroupValue, error) {
	rows, err := q.Query(ctx, `
		SELECT l.location_id, coalesce(g.id, $4), `+values+`
		FROM stock.level l LEFT JOIN unnest($2::uuid[], $3::uuid[]) AS g (product_id, id) USING (product_id)
		WHERE l.location_id = ANY ($1) AND l.on_hand <> 0 GROUP BY 1, 2 ORDER BY 1, 2`, locations, products, groups, uuid.Nil)
	if err != nil {
		return nil, fmt.Errorf("value the stock of %d locations: %w", len(locations), err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v GroupValue, err error) {
		return v, row.Scan(&v.Location, &v.Group, &v.OnHand, &v.Cost, &v.Unknown)
	})
	if err != nil {
		return nil, fmt.Errorf("value the stock of %d locations: %w", len(locations), err)
	}
	return found, nil
}

// ValuationByProduct gives the value of products at locations together, the most valuable first; products nil for all.
func ValuationByProduct(ctx context.Context, q Querier, locations, products []uuid.UUID) ([]ProductValue, error) {
	where, args := "", []any{locations}
	if products != nil {
		where, args = " AND l.product_id = ANY ($2)", append(args, products)
	}
	rows, err := q.Query(ctx, `
		SELECT l.product_id, `+values+` FROM stock.level l
		WHERE l.location_id = ANY ($1) AND l.on_hand <> 0`+where+` GROUP BY 1 ORDER BY 3 DESC, 1`, args...)
	if err != nil {
		return nil, fmt.Errorf("value the products of %d locations: %w", len(locations), err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v ProductValue, err error) {
		return v, row.Scan(&v.Product, &v.OnHand, &v.Cost, &v.Unknown)
	})
	if err != nil {
		return nil, fmt.Errorf("value the products of %d locations: %w", len(locations), err)
	}
	return found, nil
}

// Unsold is a product that lies at a location.
type Unsold struct {
	Location, Product uuid.UUID
	Value
	// Came is when some of it last came; nil when nobody knows.
	Came *time.Time
}

// ListUnsold gives what lies at a location and is not among what was sold, the most valuable first. What came after a moment had no time
// to be sold, and is left out.
func ListUnsold(ctx context.Context, q Querier, location uuid.UUID, sold []uuid.UUID, since time.Time) ([]Unsold, error) {
	rows, err := q.Query(ctx, `
		SELECT l.location_id, l.product_id, l.on_hand, round(l.on_hand::numeric * l.unit_cost / 1000)::bigint, (l.unit_cost = 0)::int::bigint, a.at
		FROM stock.level l LEFT JOIN unnest($2::uuid[]) AS s (product_id) USING (product_id)
		CROSS JOIN LATERAL (
			SELECT max(m.at) AS at FROM stock.movement m
			WHERE m.location_id = l.location_id AND m.product_id = l.product_id AND m.quantity > 0 AND m.reason = ANY ($4)) a
		WHERE l.location_id = $1 AND l.on_hand > 0 AND s.product_id IS NULL AND (a.at IS NULL OR a.at < $3)
		ORDER BY 4 DESC, 2`, location, sold, since, []int16{int16(Opening), int16(Arrived), int16(Bought)})
	if err != nil {
		return nil, fmt.Errorf("list what lies at %s: %w", location, err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (u Unsold, err error) {
		return u, row.Scan(&u.Location, &u.Product, &u.OnHand, &u.Cost, &u.Unknown, &u.Came)
	})
	if err != nil {
		return nil, fmt.Errorf("list what lies at %s: %w", location, err)
	}
	return found, nil
}
