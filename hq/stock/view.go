package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Quantities are how much there is of a product, at one location or at some together.
type Quantities struct {
	// OnHand is there, InTransit on its way there.
	OnHand, InTransit money.Quantity
	// Reserved is what of OnHand is promised to orders of the shop.
	Reserved money.Quantity
}

// Available is what is there and promised to nobody. The shop promises less of a store that was not heard: see order.Available.
func (q Quantities) Available() money.Quantity { return q.OnHand - q.Reserved }

// Cell is the stock of one product at one location, with what is wrong with it.
type Cell struct {
	Quantities
	UnitCost   money.Amount
	ChangedAt  time.Time
	Alert      Alert
	Thresholds Thresholds
}

// MatrixRow is the stock of one product everywhere.
type MatrixRow struct {
	Product uuid.UUID
	// At is by location; one that never had the product is missing.
	At map[uuid.UUID]Cell
}

// Sum is how much there is at locations together.
func (r MatrixRow) Sum(locations []retail.Location) (sum Quantities) {
	for _, l := range locations {
		at := r.At[l.ID]
		sum.OnHand += at.OnHand
		sum.InTransit += at.InTransit
		sum.Reserved += at.Reserved
	}
	return sum
}

// Matrix gives the stock of products everywhere, in the order asked for.
func Matrix(ctx context.Context, q Querier, products []uuid.UUID) ([]MatrixRow, error) {
	found := make([]MatrixRow, len(products))
	at := make(map[uuid.UUID]*MatrixRow, len(products))
	for i, p := range products {
		found[i] = MatrixRow{Product: p, At: map[uuid.UUID]Cell{}}
		at[p] = &found[i]
	}
	rows, err := q.Query(ctx, `
		SELECT l.location_id, l.product_id, l.on_hand, l.in_transit, l.reserved, l.unit_cost, l.changed_at,`+alertOf+`,
			`+restockBelow+`, `+outBelow+`, `+overAbove+`
		FROM `+levelsWithThresholds+` WHERE l.product_id = ANY(@products)`, pgx.NamedArgs{"products": products})
	if err != nil {
		return nil, fmt.Errorf("read stock of %d products: %w", len(products), err)
	}
	var location, product uuid.UUID
	var c Cell
	_, err = pgx.ForEachRow(rows, []any{
		&location, &product, &c.OnHand, &c.InTransit, &c.Reserved, &c.UnitCost, &c.ChangedAt, &c.Alert,
		&c.Thresholds.RestockBelow, &c.Thresholds.OutBelow, &c.Thresholds.OverAbove,
	}, func() error {
		at[product].At[location] = c
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read stock of %d products: %w", len(products), err)
	}
	return found, nil
}

// Remaining gives what is on hand of products, summed over the locations; a product none of them ever had is left out.
func Remaining(ctx context.Context, q Querier, locations, products []uuid.UUID) (map[uuid.UUID]money.Quantity, error) {
	rows, err := q.Query(ctx, `
		SELECT product_id, sum(on_hand)::bigint FROM stock.level WHERE location_id = ANY($1) AND product_id = ANY($2) GROUP BY product_id`,
		locations, products)
	if err != nil {
		return nil, fmt.Errorf("read remaining stock: %w", err)
	}
	remaining := make(map[uuid.UUID]money.Quantity, len(products))
	var product uuid.UUID
	var onHand money.Quantity
	_, err = pgx.ForEachRow(rows, []any{&product, &onHand}, func() error { remaining[product] = onHand; return nil })
	if err != nil {
		return nil, fmt.Errorf("read remaining stock: %w", err)
	}
	return remaining, nil
}

// Left gives those of products of which one of the locations has some, has less than nothing, or awaits some.
func Left(ctx context.Context, q Querier, locations, products []uuid.UUID) ([]uuid.UUID, error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT product_id FROM stock.level
		WHERE location_id = ANY($1) AND product_id = ANY($2) AND (on_hand <> 0 OR in_transit <> 0)`, locations, products)
	if err != nil {
		return nil, fmt.Errorf("read stock that is left: %w", err)
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read stock that is left: %w", err)
	}
	return left, nil
}

// Held gives what is on hand of every product, summed over the locations; one of which nothing is there is left out.
func Held(ctx context.Context, q Querier, locations []uuid.UUID) (map[uuid.UUID]money.Quantity, error) {
	rows, err := q.Query(ctx, `
		SELECT product_id, sum(on_hand)::bigint FROM stock.level WHERE location_id = ANY($1) GROUP BY product_id HAVING sum(on_hand) <> 0`, locations)
	if err != nil {
		return nil, fmt.Errorf("read stock held: %w", err)
	}
	held := map[uuid.UUID]money.Quantity{}
	var product uuid.UUID
	var onHand money.Quantity
	if _, err = pgx.ForEachRow(rows, []any{&product, &onHand}, func() error { held[product] = onHand; return nil }); err != nil {
		return nil, fmt.Errorf("read stock held: %w", err)
	}
	return held, nil
}
