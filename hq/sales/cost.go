package sales

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// GroupCost is what the goods of a group of products cost that a store sold.
type GroupCost struct {
	Store, Group uuid.UUID
	Cost         money.Amount
}

// CostByGroup adds up what sold goods cost over a period, by store and group: groups says for each of products in which it is. A product
// that is not among them is in the group uuid.Nil.
func CostByGroup(ctx context.Context, q Querier, stores []uuid.UUID, p Period, products, groups []uuid.UUID) ([]GroupCost, error) {
	rows, err := q.Query(ctx, `
		WITH sold AS (
			SELECT store_id, product_id, sum(cost) AS cost FROM sales.daily_product
			WHERE store_id = ANY ($1) AND business_date BETWEEN $2 AND $3 GROUP BY 1, 2
		)
		SELECT store_id, coalesce(g.id, $6), sum(cost)::bigint
		FROM sold LEFT JOIN unnest($4::uuid[], $5::uuid[]) AS g (product_id, id) USING (product_id) GROUP BY 1, 2 ORDER BY 1, 2`,
		stores, p.From, p.To, products, groups, uuid.Nil)
	if err != nil {
		return nil, fmt.Errorf("add up what sold goods cost: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[GroupCost])
	if err != nil {
		return nil, fmt.Errorf("add up what sold goods cost: %w", err)
	}
	return found, nil
}

// soldSince gives the products that each store sold since a day.
func soldSince(ctx context.Context, q Querier, stores []uuid.UUID, day retail.Date) (map[uuid.UUID][]uuid.UUID, error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT store_id, product_id FROM sales.daily_product WHERE store_id = ANY ($1) AND business_date >= $2 AND units > 0`, stores, day)
	if err != nil {
		return nil, fmt.Errorf("read what was sold since %s: %w", day, err)
	}
	sold := map[uuid.UUID][]uuid.UUID{}
	var store, product uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&store, &product}, func() error {
		sold[store] = append(sold[store], product)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was sold since %s: %w", day, err)
	}
	return sold, nil
}
