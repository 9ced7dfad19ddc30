package stock

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Causes are why a person corrects a level by hand.
var Causes = []string{"damaged", "expired", "lost", "found", "given", "mistake"}

// Adjustment is a level that a person corrects by hand.
type Adjustment struct {
	Location, ID, Product, By uuid.UUID
	At                        time.Time
	// Cause is one of Causes.
	Cause, Note string
	// Change is by how much; where it is nil, To is what is on hand after it.
	Change, To *money.Quantity
	// UnitCost is what one unit cost where the level does not say, as nothing ever came in.
	UnitCost money.Amount
}

// Moves is how much it changes what is on hand. A change is not refused because it ends below zero, as with a sale: the number was wrong. But
// nobody finds less than nothing on a shelf, and an adjustment that changes nothing is refused.
func (a Adjustment) Moves(onHand money.Quantity) (by money.Quantity, err error) {
	if !slices.Contains(Causes, a.Cause) {
		return 0, &retail.Error{Code: retail.Invalid, Key: "adjust.cause", Args: map[string]any{"value": a.Cause}}
	}
	switch {
	case a.Change != nil:
		by = *a.Change
	case a.To != nil && *a.To <= most && *a.To >= 0:
		by = *a.To - onHand
	}
	if by == 0 || by > most || by < -most {
		return 0, &retail.Error{Code: retail.Invalid, Key: "adjust.quantity"}
	}
	return by, nil
}

// Adjust corrects a level, by a movement whose Ref is the adjustment's id, and gives by how much. One that was made already is refused.
func Adjust(ctx context.Context, tx *db.Tx, a Adjustment) (by money.Quantity, err error) {
	if _, err := Location(ctx, tx, a.Location); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO stock.level (location_id, product_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, a.Location, a.Product)
	if err != nil {
		return 0, fmt.Errorf("adjust %s: %w", a.Product, err)
	}
	var onHand money.Quantity
	var cost money.Amount
	err = tx.QueryRow(ctx, `SELECT on_hand, unit_cost FROM stock.level WHERE location_id = $1 AND product_id = $2 FOR UPDATE`,
		a.Location, a.Product).Scan(&onHand, &cost)
	if err != nil {
		return 0, fmt.Errorf("adjust %s: %w", a.Product, err)
	}
	if cost == 0 {
		cost = a.UnitCost
	}
	if by, err = a.Moves(onHand); err != nil {
		return 0, err
	}
	made, err := tx.Exec(ctx, `
		INSERT INTO stock.adjustment (location_id, id, product_id, at, made_by, cause, note) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT DO NOTHING`, a.Location, a.ID, a.Product, a.At, a.By, a.Cause, a.Note)
	if err != nil {
		return 0, fmt.Errorf("adjust %s: %w", a.Product, err)
	}
	if made.RowsAffected() == 0 {
		return 0, &retail.Error{Code: retail.Conflict, Key: "adjust.made"}
	}
	return by, Record(ctx, tx, []Movement{{
		Location: a.Location, Product: a.Product, At: a.At, Ref: a.ID, Reason: Mended, Quantity: by, UnitCost: cost,
	}})
}

// Adjusted gives by how much those of the adjustments that are there changed their levels, by their ids.
func Adjusted(ctx context.Context, q Querier, adjustments []Adjustment) (map[uuid.UUID]money.Quantity, error) {
	locations, ids := make([]uuid.UUID, len(adjustments)), make([]uuid.UUID, len(adjustments))
	for i, a := range adjustments {
		locations[i], ids[i] = a.Location, a.ID
	}
	rows, err := q.Query(ctx, `
		SELECT a.id, m.quantity FROM unnest($1::uuid[], $2::uuid[]) AS w (location_id, id) JOIN stock.adjustment a USING (location_id, id)
		JOIN stock.movement m ON m.location_id = a.location_id AND m.product_id = a.product_id AND m.at = a.at AND m.ref = a.id`, locations, ids)
	if err != nil {
		return nil, fmt.Errorf("look for adjustments: %w", err)
	}
	found := map[uuid.UUID]money.Quantity{}
	var id uuid.UUID
	var by money.Quantity
	if _, err := pgx.ForEachRow(rows, []any{&id, &by}, func() error { found[id] = by; return nil }); err != nil {
		return nil, fmt.Errorf("look for adjustments: %w", err)
	}
	return found, nil
}
