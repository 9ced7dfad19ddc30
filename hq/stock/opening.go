package stock

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
)

// Found is the stock of a product at a location as somebody says it is.
type Found struct {
	Location, Product uuid.UUID
	OnHand            money.Quantity
	// UnitCost is what one unit cost, in minor units; 0 when nobody knows.
	UnitCost money.Amount
}

// Set brings levels to what was found, by movements of what is missing; ref is the import they come from. Each product
// of a location stands once in found. What is right already gets no movement.
func Set(ctx context.Context, tx *db.Tx, at time.Time, ref uuid.UUID, found []Found) error {
	found = slices.Clone(found)
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(bytes.Compare(a.Location[:], b.Location[:]), bytes.Compare(a.Product[:], b.Product[:]))
	})
	locations, products := make([]uuid.UUID, len(found)), make([]uuid.UUID, len(found))
	for i, f := range found {
		locations[i], products[i] = f.Location, f.Product
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO stock.level (location_id, product_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])
		ON CONFLICT DO NOTHING`, locations, products)
	if err != nil {
		return fmt.Errorf("set %d levels: %w", len(found), err)
	}
	rows, err := tx.Query(ctx, `
		SELECT l.location_id, l.product_id, l.on_hand
		FROM stock.level l JOIN unnest($1::uuid[], $2::uuid[]) AS f (location_id, product_id) USING (location_id, product_id)
		ORDER BY l.location_id, l.product_id FOR UPDATE OF l`, locations, products)
	if err != nil {
		return fmt.Errorf("set %d levels: %w", len(found), err)
	}
	type key struct{ location, product uuid.UUID }
	onHand := make(map[key]money.Quantity, len(found))
	var k key
	var q money.Quantity
	_, err = pgx.ForEachRow(rows, []any{&k.location, &k.product, &q}, func() error { onHand[k] = q; return nil })
	if err != nil {
		return fmt.Errorf("set %d levels: %w", len(found), err)
	}
	var movements []Movement
	for _, f := range found {
		missing := f.OnHand - onHand[key{f.Location, f.Product}]
		if missing == 0 {
			continue
		}
		movements = append(movements, Movement{
			Location: f.Location, Product: f.Product, At: at, Ref: ref, Reason: Opening, Quantity: missing, UnitCost: f.UnitCost,
		})
	}
	return Record(ctx, tx, movements)
}
