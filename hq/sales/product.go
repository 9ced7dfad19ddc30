package sales

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ByProduct gives what stores sold of each product over a period, the most revenue first. Remaining is left out.
func ByProduct(ctx context.Context, q Querier, stores []uuid.UUID, p Period) ([]ProductSales, error) {
	rows, err := q.Query(ctx, `
		SELECT product_id, sum(units)::bigint, sum(revenue)::bigint, sum(cost)::bigint FROM sales.daily_product
		WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 GROUP BY 1 ORDER BY 3 DESC, 1`, stores, p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("read sales by product: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s ProductSales, err error) {
		return s, row.Scan(&s.Product, &s.Units, &s.Revenue, &s.Cost)
	})
	if err != nil {
		return nil, fmt.Errorf("read sales by product: %w", err)
	}
	return all, nil
}
