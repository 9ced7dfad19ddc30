package stock

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

// MarkElsewhere notes that other stores are to be told of levels. Who publishes the levels to their own store does it in the
// same transaction.
func MarkElsewhere(ctx context.Context, tx *db.Tx, levels []LevelRow) error {
	products := make([][16]byte, 0, len(levels)) // in the order of their keys, as they were taken
	for _, l := range levels {
		if l.Kind == retail.LocationStore {
			products = append(products, l.Product)
		}
	}
	if len(products) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO stock.elsewhere (product_id) SELECT DISTINCT n FROM unnest($1::uuid[]) AS n ORDER BY n ON CONFLICT DO NOTHING`, products)
	if err != nil {
		return fmt.Errorf("mark what other stores are told: %w", err)
	}
	return nil
}

// PublishElsewhere tells every store how much the others have of products that are marked, most at a time, and says of how many.
// A store's own tills are told at once and by its own feed; this is for looking a product up, and may lag.
func PublishElsewhere(ctx context.Context, tx *db.Tx, most int) (products int, err error) {
	rows, err := tx.Query(ctx, `
		WITH due AS (
			DELETE FROM stock.elsewhere WHERE product_id IN (
				SELECT product_id FROM stock.elsewhere ORDER BY product_id LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING product_id
		)
		SELECT d.product_id, l.location_id, l.on_hand, l.in_transit, l.reserved, l.changed_at, coalesce(t.out_below, $2), coalesce(t.over_above, $3)
		FROM due d CROSS JOIN stock.location k
		JOIN stock.level l ON l.location_id = k.id AND l.product_id = d.product_id
		LEFT JOIN stock.threshold t ON t.location_id = l.location_id AND t.product_id = l.product_id
		WHERE k.kind = $4 ORDER BY d.product_id, l.location_id`,
		most, DefaultThresholds.OutBelow, DefaultThresholds.OverAbove, int16(retail.LocationStore))
	if err != nil {
		return 0, fmt.Errorf("read what other stores are told: %w", err)
	}
	var told []feed.Row
	var product uuid.UUID
	var one retail.Elsewhere
	put := func() error {
		if len(one.Stores) == 0 {
			return nil
		}
		row, err := feed.NewRow(retail.RowElsewhere, product, one)
		told, one = append(told, row), retail.Elsewhere{}
		return err
	}
	var at uuid.UUID
	var s retail.StoreStock
	var changed time.Time
	_, err = pgx.ForEachRow(rows, []any{&at, &s.Store, &s.OnHand, &s.InTransit, &s.Promised, &changed, &s.OutBelow, &s.OverAbove}, func() error {
		if at != product {
			if err := put(); err != nil {
				return err
			}
			product = at
		}
		s.At = changed.UnixMilli()
		one.Stores = append(one.Stores, s)
		return nil
	})
	if err == nil {
		err = put()
	}
	if err != nil {
		return 0, fmt.Errorf("read what other stores are told: %w", err)
	}
	feed.Publish(ctx, tx, feed.Global, told...)
	return len(told), nil
}
