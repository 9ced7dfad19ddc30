package stock

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
)

// Imbalance is a level that is not the sum of its movements.
type Imbalance struct {
	Location, Product uuid.UUID
	Has, Wants        money.Quantity
}

func (i Imbalance) Error() string {
	return fmt.Sprintf("level of product %s is %d, its movements sum to %d", i.Product, i.Has, i.Wants)
}

// Unbalanced gives the levels of a location, or of all with uuid.Nil, that are not the sum of their movements; there should be none.
func Unbalanced(ctx context.Context, tx *db.Tx, location uuid.UUID) ([]Imbalance, error) {
	rows, err := tx.Query(ctx, `
		SELECT location_id, product_id, coalesce(l.on_hand, 0), coalesce(m.sum, 0)
		FROM (SELECT * FROM stock.level WHERE `+at(location)+`) l FULL JOIN (
			SELECT location_id, product_id, sum(quantity)::bigint FROM stock.movement WHERE `+at(location)+` GROUP BY 1, 2
		) m USING (location_id, product_id)
		WHERE coalesce(l.on_hand, 0) <> coalesce(m.sum, 0) ORDER BY 1, 2`, pgx.NamedArgs{"location": location})
	if err != nil {
		return nil, fmt.Errorf("compare levels with movements: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Imbalance])
}

// at narrows a statement with the argument @location to it; uuid.Nil does not.
func at(location uuid.UUID) string {
	if location == uuid.Nil {
		return "TRUE"
	}
	return "location_id = @location"
}

// Adrift is a level whose goods in transit are not those of the shipments on their way to it.
type Adrift Imbalance

func (a Adrift) Error() string {
	return fmt.Sprintf("%d of product %s are in transit, its shipments come to %d", a.Has, a.Product, a.Wants)
}

// Adrifts gives the levels of a location, or of all with uuid.Nil, whose goods in transit are wrong; there should be none.
func Adrifts(ctx context.Context, tx *db.Tx, location uuid.UUID) ([]Adrift, error) {
	rows, err := tx.Query(ctx, `
		SELECT location_id, product_id, coalesce(l.in_transit, 0), coalesce(s.sum, 0)
		FROM (SELECT * FROM stock.level WHERE `+at(location)+`) l FULL JOIN (
			SELECT n.location_id, n.product_id, sum(n.shipped)::bigint
			FROM (SELECT * FROM stock.shipment WHERE `+at(location)+`) s JOIN stock.shipment_line n ON n.location_id = s.location_id AND n.shipment_id = s.id
			WHERE s.received_at IS NULL GROUP BY 1, 2
		) s USING (location_id, product_id)
		WHERE coalesce(l.in_transit, 0) <> coalesce(s.sum, 0) ORDER BY 1, 2`, pgx.NamedArgs{"location": location})
	if err != nil {
		return nil, fmt.Errorf("compare goods in transit with shipments: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Adrift])
}
