package stock

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
)

// Holding is the stock of one product at one location.
type Holding struct {
	Location, Product uuid.UUID
	Cell
}

// LevelFilter narrows a list of levels. The zero value takes all.
type LevelFilter struct {
	Location, Product uuid.UUID
	// Alert takes only levels with this one.
	Alert Alert
	// After is Next of the page before.
	After string
	Limit int
}

// LevelPage is a part of the levels, by location and product. Next asks for the following page; empty on the last.
type LevelPage struct {
	Levels []Holding
	Next   string
}

// Levels lists what is where.
func Levels(ctx context.Context, q Querier, f LevelFilter) (LevelPage, error) {
	limit := pageSize(f.Limit)
	where, args := "true", pgx.NamedArgs{"limit": limit + 1}
	if f.Location != uuid.Nil {
		where, args["location"] = where+" AND l.location_id = @location", f.Location
	}
	if f.Product != uuid.Nil {
		where, args["product"] = where+" AND l.product_id = @product", f.Product
	}
	if f.Alert != NoAlert {
		where, args["alert"] = where+" AND"+alertOf+" = @alert", f.Alert
	}
	if f.After != "" {
		location, product, err := readLevelCursor(f.After)
		if err != nil {
			return LevelPage{}, err
		}
		where += " AND (l.location_id, l.product_id) > (@afterLocation, @afterProduct)"
		args["afterLocation"], args["afterProduct"] = location, product
	}
	rows, err := q.Query(ctx, `
		SELECT l.location_id, l.product_id, l.on_hand, l.in_transit, l.reserved, l.unit_cost, l.changed_at,`+alertOf+`,
			`+restockBelow+`, `+outBelow+`, `+overAbove+`
		FROM `+levelsWithThresholds+` WHERE `+where+` ORDER BY l.location_id, l.product_id LIMIT @limit`, args)
	if err != nil {
		return LevelPage{}, fmt.Errorf("list levels: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Holding, err error) {
		return h, row.Scan(&h.Location, &h.Product, &h.OnHand, &h.InTransit, &h.Reserved, &h.UnitCost, &h.ChangedAt, &h.Alert,
			&h.Thresholds.RestockBelow, &h.Thresholds.OutBelow, &h.Thresholds.OverAbove)
	})
	if err != nil {
		return LevelPage{}, fmt.Errorf("list levels: %w", err)
	}
	page := LevelPage{Levels: found}
	if len(found) > limit {
		page.Levels = found[:limit]
		last := found[limit-1]
		page.Next = base64.RawURLEncoding.EncodeToString(append(last.Location[:], last.Product[:]...))
	}
	return page, nil
}

// Window is where programs look levels up, one after another and many at once: those that come at once are asked for together.
type Window struct {
	glances *db.Group[*glance]
}

// NewWindow looks into a database.
func NewWindow(d *db.DB) *Window {
	return &Window{db.NewGroup(func(ctx context.Context, all ...*glance) error {
		var batch pgx.Batch
		for _, g := range all {
			batch.Queue(glanceSQL, g.args()...).Query(g.read)
		}
		if err := d.SendBatch(ctx, &batch).Close(); err != nil {
			return fmt.Errorf("read levels: %w", err)
		}
		return nil
	})}
}

// LevelAt is LevelAt.
func (w *Window) LevelAt(ctx context.Context, at retail.Location, product uuid.UUID) (h Holding, found bool, err error) {
	g := &glance{at: at, product: product}
	err = w.glances.Run(ctx, g)
	return g.level, g.found, err
}

// LevelAt gives what is of a product at a location; found is false where there never was any. It is read often: of the location, which
// the caller has, nothing is looked up again.
func LevelAt(ctx context.Context, q Querier, at retail.Location, product uuid.UUID) (h Holding, found bool, err error) {
	g := &glance{at: at, product: product}
	rows, err := q.Query(ctx, glanceSQL, g.args()...)
	if err == nil {
		err = g.read(rows)
	}
	if err != nil {
		return h, false, fmt.Errorf("read level of %s at %s: %w", product, at.ID, err)
	}
	return g.level, g.found, nil
}

// glance is one look at a level.
type glance struct {
	at      retail.Location
	product uuid.UUID
	level   Holding
	found   bool
}

var glanceSQL = `
	SELECT l.on_hand, l.in_transit, l.reserved, l.unit_cost, l.changed_at,` + alertOf + `, ` + restockBelow + `, ` + outBelow + `, ` + overAbove + `
	FROM stock.level l CROSS JOIN (SELECT $3::smallint AS kind) k` + withThresholds + `
	WHERE l.location_id = $1 AND l.product_id = $2`

func (g *glance) args() []any {
	return []any{[16]byte(g.at.ID), [16]byte(g.product), int16(g.at.Kind)}
}

func (g *glance) read(rows pgx.Rows) error {
	g.level = Holding{Location: g.at.ID, Product: g.product}
	h := &g.level
	done, err := pgx.ForEachRow(rows, []any{
		&h.OnHand, &h.InTransit, &h.Reserved, &h.UnitCost, &h.ChangedAt, &h.Alert,
		&h.Thresholds.RestockBelow, &h.Thresholds.OutBelow, &h.Thresholds.OverAbove,
	}, func() error { return nil })
	g.found = done.RowsAffected() > 0
	return err
}

func readLevelCursor(s string) (location, product uuid.UUID, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != len(location)+len(product) {
		return location, product, &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
	}
	return uuid.UUID(b[:16]), uuid.UUID(b[16:]), nil
}
