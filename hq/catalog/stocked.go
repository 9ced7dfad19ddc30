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

// Repriced gives the products whose price changed since a moment, up to now: those of the price books that came into force between.
func Repriced(ctx context.Context, q Querier, since, now time.Time) ([]uuid.UUID, error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT l.product_id FROM catalog.price_book b JOIN catalog.price_line l USING (version)
		WHERE b.canceled_at IS NULL AND b.effective_from >= $1 AND b.effective_from <= $2`, since, now)
	if err != nil {
		return nil, fmt.Errorf("find changed prices: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find changed prices: %w", err)
	}
	return found, nil
}
