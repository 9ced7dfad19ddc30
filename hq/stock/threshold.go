package stock

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Thresholds say when a level wants a person's eyes, in thousandths.
type Thresholds struct {
	RestockBelow money.Quantity // a store with less should ask for more
	OutBelow     money.Quantity // with less it is as good as sold out
	OverAbove    money.Quantity // a store with more has too much
}

// DefaultThresholds hold where stock.threshold has no row.
var DefaultThresholds = Thresholds{RestockBelow: 25 * money.One, OutBelow: 15 * money.One, OverAbove: 65 * money.One}

// Threshold is that of a product at a location, where it is not the default.
type Threshold struct {
	Location, Product uuid.UUID
	Thresholds
}

// SetThresholds replaces the thresholds of products at locations; the default ones take the row away. The levels go to
// the tills again.
func SetThresholds(ctx context.Context, tx *db.Tx, thresholds ...Threshold) error {
	for _, t := range thresholds {
		if t.OutBelow < 0 || t.OutBelow > t.RestockBelow || t.RestockBelow > t.OverAbove {
			return &retail.Error{Code: retail.Invalid, Key: "threshold.order"}
		}
		sql := `
			INSERT INTO stock.threshold (location_id, product_id, restock_below, out_below, over_above) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (location_id, product_id) DO UPDATE SET
				restock_below = excluded.restock_below, out_below = excluded.out_below, over_above = excluded.over_above`
		args := []any{t.Location, t.Product, t.RestockBelow, t.OutBelow, t.OverAbove}
		if t.Thresholds == DefaultThresholds {
			sql, args = `DELETE FROM stock.threshold WHERE location_id = $1 AND product_id = $2`, args[:2]
		}
		if _, err := tx.Exec(ctx, sql, args...); err != nil {
			return fmt.Errorf("set thresholds of %s at %s: %w", t.Product, t.Location, err)
		}
		_, err := tx.Exec(ctx, `UPDATE stock.level SET stale = true WHERE location_id = $1 AND product_id = $2`, t.Location, t.Product)
		if err != nil {
			return fmt.Errorf("set thresholds of %s at %s: %w", t.Product, t.Location, err)
		}
	}
	return nil
}
