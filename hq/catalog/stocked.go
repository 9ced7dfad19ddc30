package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Assigned gives every product and its category, for who adds things up by category.
func Assigned(ctx context.Context, q Querier) (products, categories []uuid.UUID, err error) {
	rows, err := q.Query(ctx, `SELECT id, category_id FROM catalog.product`)
	if err != nil {
		return nil, nil, fmt.Errorf("read the categories of products: %w", err)
	}
	var product, category uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&product, &category}, func() error {
		products, categories = append(products, product), append(categories, category)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the categories of products: %w", err)
	}
	return products, categories, nil
}

// CategoryOf gives the category of every product.
func CategoryOf(ctx context.Context, q Querier) (map[uuid.UUID]uuid.UUID, error) {
	products, categories, err := Assigned(ctx, q)
	if err != nil {
		return nil, err
	}
	of := make(map[uuid.UUID]uuid.UUID, len(products))
	for i, p := range products {
		of[p] = categories[i]
	}
	return of, nil
}

// Repriced gives the products whose price in a store, or in those that have none of their own for the zero id, may have changed
// since a moment, up to now: those of the price books that came into force between. A price of every store changes nothing
// where there is one of its own.
func Repriced(ctx context.Context, q Querier, since, now time.Time, store uuid.UUID) ([]uuid.UUID, error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT l.product_id FROM catalog.price_book b JOIN catalog.price_line l USING (version)
		WHERE b.canceled_at IS NULL AND b.effective_from >= $1 AND b.effective_from <= $2
			AND (b.store_id = $3 OR b.store_id IS NULL AND (
				SELECT o.price FROM catalog.price_line o JOIN catalog.price_book s USING (version)
				WHERE o.product_id = l.product_id AND s.store_id = $3 AND s.canceled_at IS NULL AND s.effective_from <= $2
				ORDER BY s.effective_from DESC, s.version DESC LIMIT 1
			) IS NULL)`, since, now, store)
	if err != nil {
		return nil, fmt.Errorf("find changed prices: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find changed prices: %w", err)
	}
	return found, nil
}
