package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Retire takes a product from every till: it is sold no more, and stays for what was sold of it. Its SKU and barcodes stay its
// own. PutProducts brings it back.
func Retire(ctx context.Context, tx *db.Tx, now time.Time, id uuid.UUID) error {
	if err := Activate(ctx, tx, now); err != nil {
		return err
	}
	done, err := tx.Exec(ctx, `UPDATE catalog.product SET retired_at = coalesce(retired_at, $2), updated_at = now() WHERE id = $1`, id, now)
	if err != nil {
		return fmt.Errorf("retire product %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return &retail.Error{Code: retail.NotFound, Key: "product.unknown", Args: map[string]any{"code": id}}
	}
	tx.Mark(TopicProducts)
	feed.Remove(ctx, tx, feed.Global, retail.RowProduct, id)
	return nil
}

// Retired gives the products that are retired.
func Retired(ctx context.Context, q Querier) ([]uuid.UUID, error) {
	rows, err := q.Query(ctx, `SELECT id FROM catalog.product WHERE retired_at IS NOT NULL`)
	if err != nil {
		return nil, fmt.Errorf("list retired products: %w", err)
	}
	retired, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list retired products: %w", err)
	}
	return retired, nil
}
