package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// LevelRow is the stock of one product at one location.
type LevelRow struct {
	Location, Product uuid.UUID
	Kind              retail.LocationKind
	OnHand, InTransit money.Quantity
	// Reserved is what of OnHand is promised to orders of the shop.
	Reserved   money.Quantity
	UnitCost   money.Amount
	ChangedAt  time.Time
	Thresholds Thresholds
	// Counted is the latest count; zero when there is none.
	Counted retail.Happened
	// PerDay is the rate of sale. Stock does not know sales: who publishes the level sets it.
	PerDay money.Quantity
}

// Row is the level as tills are told: a store's in its own feed, a warehouse's, as central stock, in the global one.
func (l LevelRow) Row() (name string, row feed.Row, err error) {
	at := l.ChangedAt.UnixMilli()
	if l.Kind == retail.LocationWarehouse {
		row, err = feed.NewRow(retail.RowDepot, l.Product, retail.Depot{OnHand: l.OnHand, At: at, Promised: l.Reserved})
		return feed.Global, row, err
	}
	row, err = feed.NewRow(retail.RowStock, l.Product, retail.Stock{
		OnHand: l.OnHand, InTransit: l.InTransit, At: at,
		RestockBelow: l.Thresholds.RestockBelow, OutBelow: l.Thresholds.OutBelow, OverAbove: l.Thresholds.OverAbove,
		PerDay: l.PerDay, Counted: l.Counted, Promised: l.Reserved,
	})
	return feed.Store(l.Location), row, err
}

// Level is the stock of one product at one location; all zero where there never was any.
func Level(ctx context.Context, tx *db.Tx, location, product uuid.UUID) (LevelRow, error) {
	rows, err := levels(ctx, tx, `
		SELECT location_id, product_id, on_hand, in_transit, reserved, unit_cost, changed_at, counted
		FROM stock.level WHERE location_id = $1 AND product_id = $2`, location, product)
	if err != nil {
		return LevelRow{}, fmt.Errorf("level of %s at %s: %w", product, location, err)
	}
	if len(rows) == 0 {
		return LevelRow{Location: location, Product: product, Thresholds: DefaultThresholds}, nil
	}
	return rows[0], nil
}

// TakeStale gives the levels of a location that changed since they were last taken. Who takes them publishes them in
// the same transaction.
func TakeStale(ctx context.Context, tx *db.Tx, location uuid.UUID) ([]LevelRow, error) {
	rows, err := levels(ctx, tx, `
		UPDATE stock.level SET stale = false WHERE location_id = $1 AND stale
		RETURNING location_id, product_id, on_hand, in_transit, reserved, unit_cost, changed_at, counted`, location)
	if err != nil {
		return nil, fmt.Errorf("take stale levels of %s: %w", location, err)
	}
	return rows, nil
}

// levels completes what a query gives of stock.level.
func levels(ctx context.Context, tx *db.Tx, query string, args ...any) ([]LevelRow, error) {
	rows, err := tx.Query(ctx, `
		WITH l AS (`+query+`)
		SELECT l.location_id, l.product_id, l.on_hand, l.in_transit, l.reserved, l.unit_cost, l.changed_at,
			coalesce(loc.kind, 1), t.restock_below, t.out_below, t.over_above, c.at, c.till_id, c.epoch, c.seq, c.ref
		FROM l LEFT JOIN stock.count c ON c.location_id = l.location_id AND c.product_id = l.product_id AND c.ref = l.counted
		LEFT JOIN stock.location loc ON loc.id = l.location_id
		LEFT JOIN stock.threshold t ON t.location_id = l.location_id AND t.product_id = l.product_id
		ORDER BY l.location_id, l.product_id`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (LevelRow, error) {
		l := LevelRow{Thresholds: DefaultThresholds}
		var location, product [16]byte
		var restock, out, over *int64
		var at *time.Time
		var till, ref *[16]byte
		var epoch, seq *int64
		err := row.Scan(&location, &product, &l.OnHand, &l.InTransit, &l.Reserved, &l.UnitCost, &l.ChangedAt, &l.Kind, &restock, &out, &over,
			&at, &till, &epoch, &seq, &ref)
		l.Location, l.Product = location, product
		if at != nil {
			l.Counted = retail.Happened{At: at.UnixMilli(), Till: *till, Epoch: uint64(*epoch), Seq: uint64(*seq), Ref: *ref}
		}
		if restock != nil {
			l.Thresholds = Thresholds{RestockBelow: money.Quantity(*restock), OutBelow: money.Quantity(*out), OverAbove: money.Quantity(*over)}
		}
		return l, err
	})
}

// StaleLocations are the locations with levels that tills have not been told of.
func StaleLocations(ctx context.Context, d *db.DB) ([]uuid.UUID, error) {
	rows, err := d.Query(ctx, `SELECT id FROM stock.location WHERE EXISTS (SELECT FROM stock.level WHERE location_id = id AND stale)`)
	if err != nil {
		return nil, fmt.Errorf("find stale levels: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// Costs gives the average cost of products at a location. A product that was never received there at a price is left out.
func Costs(ctx context.Context, tx *db.Tx, location uuid.UUID, products []uuid.UUID) (map[uuid.UUID]money.Amount, error) {
	ids := make([][16]byte, len(products))
	for i, p := range products {
		ids[i] = p
	}
	rows, err := tx.Query(ctx, `
		SELECT product_id, unit_cost FROM stock.level WHERE location_id = $1 AND product_id = ANY ($2::uuid[]) AND unit_cost > 0`,
		location, ids)
	if err != nil {
		return nil, fmt.Errorf("read costs at %s: %w", location, err)
	}
	costs := make(map[uuid.UUID]money.Amount, len(products))
	var product [16]byte
	var cost money.Amount
	_, err = pgx.ForEachRow(rows, []any{&product, &cost}, func() error {
		costs[product] = cost
		return nil
	})
	return costs, err
}
