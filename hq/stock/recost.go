package stock

import (
	"context"
	"fmt"
	"math/big"

	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
)

// recost makes the average cost of a warehouse's product what it would be had nothing been received that was taken back since: all that
// moved it is gone through again, in the order of time. Callers hold the lock of the level. Goods reach a warehouse at a price of their own
// by movements alone, so these are all there is; a store's average also depends on when shipments left for it.
func recost(ctx context.Context, tx *db.Tx, k key) error {
	rows, err := tx.Query(ctx, `
		SELECT m.reason, m.quantity - coalesce((
				SELECT -sum(l.quantity)::bigint FROM stock.delivery d JOIN stock.delivery_line l ON l.location_id = d.location_id AND l.delivery_id = d.id
				WHERE d.location_id = m.location_id AND d.corrects = m.ref AND l.product_id = m.product_id), 0), m.unit_cost
		FROM stock.movement m
		WHERE m.location_id = $1 AND m.product_id = $2 AND NOT EXISTS (
			SELECT FROM stock.delivery d WHERE d.location_id = m.location_id AND d.id = m.ref AND d.corrects IS NOT NULL)
		ORDER BY m.at, m.ref, m.line`, k.location, k.product)
	if err != nil {
		return fmt.Errorf("read what moved the cost of %s: %w", k.product, err)
	}
	var average moving
	var m Movement
	_, err = pgx.ForEachRow(rows, []any{&m.Reason, &m.Quantity, &m.UnitCost}, func() error {
		average.add(m)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what moved the cost of %s: %w", k.product, err)
	}
	_, err = tx.Exec(ctx, `UPDATE stock.level SET unit_cost = $3 WHERE location_id = $1 AND product_id = $2`, k.location, k.product, average.cost)
	if err != nil {
		return fmt.Errorf("write the cost of %s: %w", k.product, err)
	}
	return nil
}

// moving is an average cost as movements make it, one after the other: what apply does to a level.
type moving struct {
	onHand money.Quantity
	cost   money.Amount
}

func (a *moving) add(m Movement) {
	if m.Reason.costed() && m.Quantity > 0 && m.UnitCost > 0 {
		had := max(a.onHand, 0)
		value := new(big.Int).Mul(big.NewInt(int64(had)), big.NewInt(int64(a.cost)))
		value.Add(value, new(big.Int).Mul(big.NewInt(int64(m.Quantity)), big.NewInt(int64(m.UnitCost))))
		all := big.NewInt(int64(had + m.Quantity))
		value.Add(value, new(big.Int).Rsh(all, 1)) // half up: nothing here is below zero
		a.cost = money.Amount(value.Quo(value, all).Int64())
	}
	a.onHand += m.Quantity
}
