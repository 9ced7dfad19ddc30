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

// Cell is the stock of one product at one location, with what is wrong with it.
type Cell struct {
	OnHand, InTransit money.Quantity
	UnitCost          money.Amount
	ChangedAt         time.Time
	Alert             Alert
	Thresholds        Thresholds
}

// MatrixRow is the stock of one product everywhere.
type MatrixRow struct {
	Product uuid.UUID
	// At is by location; one that never had the product is missing.
	At map[uuid.UUID]Cell
	// Depot is on hand in the warehouses, InTransit between locations, Available on hand everywhere and promised to nobody.
	Depot, InTransit, Available money.Quantity
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
		SELECT l.location_id, l.product_id, k.kind, l.on_hand, l.in_transit, l.unit_cost, l.changed_at,`+alertOf+`,
			`+restockBelow+`, `+outBelow+`, `+overAbove+`
		FROM `+levelsWithThresholds+` WHERE l.product_id = ANY(@products)`, pgx.NamedArgs{"products": products})
	if err != nil {
		return nil, fmt.Errorf("read stock of %d products: %w", len(products), err)
	}
	var location, product uuid.UUID
	var kind retail.LocationKind
	var c Cell
	_, err = pgx.ForEachRow(rows, []any{
		&location, &product, &kind, &c.OnHand, &c.InTransit, &c.UnitCost, &c.ChangedAt, &c.Alert,
		&c.Thresholds.RestockBelow, &c.Thresholds.OutBelow, &c.Thresholds.OverAbove,
	}, func() error {
		row := at[product]
		row.At[location] = c
		row.InTransit += c.InTransit
		row.Available += c.OnHand
		if kind == retail.LocationWarehouse {
			row.Depot += c.OnHand
		}
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
