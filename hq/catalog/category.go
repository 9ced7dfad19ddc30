package catalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Categories gives all of them in their order.
func Categories(ctx context.Context, q Querier) ([]retail.Category, error) {
	rows, err := q.Query(ctx, `SELECT id, name_fr, name_en, place FROM catalog.category ORDER BY place, name_fr, id`)
	if err != nil {
		return nil, fmt.Errorf("list categories: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c retail.Category, err error) {
		return c, row.Scan(&c.ID, &c.Name.FR, &c.Name.EN, &c.Order)
	})
	if err != nil {
		return nil, fmt.Errorf("list categories: %w", err)
	}
	return all, nil
}

// LockCategory gives one that nobody else may change until the transaction ends.
func LockCategory(ctx context.Context, tx *db.Tx, id uuid.UUID) (c retail.Category, err error) {
	err = tx.QueryRow(ctx, `SELECT id, name_fr, name_en, place FROM catalog.category WHERE id = $1 FOR UPDATE`, id).
		Scan(&c.ID, &c.Name.FR, &c.Name.EN, &c.Order)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, &retail.Error{Code: retail.NotFound, Key: "category.unknown", Args: map[string]any{"id": id}}
	}
	if err != nil {
		return c, fmt.Errorf("lock category %s: %w", id, err)
	}
	return c, nil
}

// PutCategories writes categories by id and publishes those that changed.
func PutCategories(ctx context.Context, tx *db.Tx, categories ...retail.Category) error {
	for _, c := range categories {
		c.Name = tidy(c.Name)
		switch {
		case c.ID == uuid.Nil:
			return errors.New("write category: no id")
		case c.Name.FR == "" && c.Name.EN == "":
			return &retail.Error{Code: retail.Invalid, Key: "category.name"}
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO catalog.category (id, name_fr, name_en, place) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET name_fr = excluded.name_fr, name_en = excluded.name_en, place = excluded.place`,
			c.ID, c.Name.FR, c.Name.EN, c.Order)
		if err != nil {
			return fmt.Errorf("write category %s: %w", c.ID, err)
		}
		row, err := feed.NewRow(retail.RowCategory, c.ID, c)
		if err != nil {
			return err
		}
		feed.Publish(ctx, tx, feed.Global, row)
	}
	return nil
}

// RemoveCategory takes a category away that no product has, a retired one included.
func RemoveCategory(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	// Who writes a product into it holds the row until then, and finds it gone after.
	if _, err := LockCategory(ctx, tx, id); err != nil {
		return err
	}
	sizes, err := CategorySizes(ctx, tx)
	if err != nil {
		return err
	}
	if s := sizes[id]; s.Sold+s.Retired > 0 {
		return &retail.Error{Code: retail.Conflict, Key: "category.not_empty", Args: map[string]any{"Count": s.Sold + s.Retired}}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM catalog.category WHERE id = $1`, id); err != nil {
		return fmt.Errorf("remove category %s: %w", id, err)
	}
	feed.Remove(ctx, tx, feed.Global, retail.RowCategory, id)
	return nil
}

// CategorySize is how many products a category has.
type CategorySize struct{ Sold, Retired int }

// CategorySizes gives the size of each category that is not empty.
func CategorySizes(ctx context.Context, q Querier) (map[uuid.UUID]CategorySize, error) {
	rows, err := q.Query(ctx, `
		SELECT category_id, count(*) FILTER (WHERE retired_at IS NULL), count(*) FILTER (WHERE retired_at IS NOT NULL)
		FROM catalog.product GROUP BY category_id`)
	if err != nil {
		return nil, fmt.Errorf("count the products of categories: %w", err)
	}
	sizes := map[uuid.UUID]CategorySize{}
	var id uuid.UUID
	var s CategorySize
	if _, err := pgx.ForEachRow(rows, []any{&id, &s.Sold, &s.Retired}, func() error { sizes[id] = s; return nil }); err != nil {
		return nil, fmt.Errorf("count the products of categories: %w", err)
	}
	return sizes, nil
}
