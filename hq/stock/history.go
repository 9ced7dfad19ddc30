package stock

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Past is one movement with the level after it.
type Past struct {
	Movement
	Balance money.Quantity
	// Document is the shipment that left or arrived, or the delivery from a supplier; nil for what has none.
	Document *Document
	// Cause, Note and By are those of an adjustment.
	Cause, Note string
	By          *uuid.UUID
}

// Document names what goods came or went with.
type Document struct {
	Code string // EXP-0311 of a shipment, REC-0012 of a delivery
	// Location and ID are those of the shipment, which belongs to where it goes, or of the delivery's purchase.
	Location, ID uuid.UUID
}

// PastPage is a part of the movements, newest first. Next asks for the following page; empty on the last.
type PastPage struct {
	Movements []Past
	Next      string
}

// MovementFilter says which movements of a product to list.
type MovementFilter struct {
	Product   uuid.UUID
	Locations []uuid.UUID
	// From and To bound when they happened, To not included; zero for no bound.
	From, To time.Time
	// Before is Next of the page before.
	Before string
	Limit  int
}

// Movements lists what moved a product.
func Movements(ctx context.Context, q Querier, f MovementFilter) (PastPage, error) {
	limit := pageSize(f.Limit)
	of, where, args := "m.location_id = ANY(@locations)", "true", pgx.NamedArgs{
		"locations": f.Locations, "product": f.Product, "limit": limit + 1, "shipped": int16(Shipped), "arrived": int16(Arrived),
		"bought": int16(Bought),
	}
	if len(f.Locations) == 1 { // in the order of the key, of which no more is read than the page needs
		of, args["location"] = "m.location_id = @location", f.Locations[0]
	}
	if !f.From.IsZero() {
		of, args["from"] = of+" AND m.at >= @from", f.From
	}
	if !f.To.IsZero() {
		where, args["to"] = where+" AND m.at < @to", f.To
	}
	if f.Before != "" {
		cursor, location, _ := strings.Cut(f.Before, ".")
		at, ref, line, err := readCursor(cursor)
		if err != nil {
			return PastPage{}, err
		}
		if args["beforeLocation"], err = uuid.Parse(location); err != nil {
			return PastPage{}, &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
		}
		where += " AND (m.at, m.ref, m.line, m.location_id) < (@at, @ref, @line, @beforeLocation)"
		args["at"], args["ref"], args["line"] = at, ref, line
	}
	rows, err := q.Query(ctx, `
		WITH m AS ( -- counted back from the level of now
			SELECT m.*, l.on_hand - coalesce(sum(m.quantity) OVER (
				PARTITION BY m.location_id ORDER BY m.at DESC, m.ref DESC, m.line DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS balance
			FROM stock.movement m JOIN stock.level l USING (location_id, product_id)
			WHERE `+of+` AND m.product_id = @product
		)
		SELECT m.location_id, m.product_id, m.at, m.ref, m.line, m.reason, m.quantity, m.unit_cost, m.till_id, m.epoch, m.seq, m.balance,
			coalesce(s.code, d.code), coalesce(s.location_id, d.location_id), coalesce(s.id, d.purchase_id), coalesce(a.cause, ''), coalesce(a.note, ''), a.made_by
		FROM m LEFT JOIN stock.shipment s ON s.id = m.ref AND (
			m.reason = @arrived AND s.location_id = m.location_id OR m.reason = @shipped AND s.from_id = m.location_id)
		LEFT JOIN stock.delivery d ON d.location_id = m.location_id AND d.id = m.ref AND m.reason = @bought
		LEFT JOIN stock.adjustment a ON a.location_id = m.location_id AND a.id = m.ref
		WHERE `+where+` ORDER BY m.at DESC, m.ref DESC, m.line DESC, m.location_id DESC LIMIT @limit`, args)
	if err != nil {
		return PastPage{}, fmt.Errorf("list movements of %s: %w", f.Product, err)
	}
	found, err := pgx.CollectRows(rows, pastOf)
	if err != nil {
		return PastPage{}, fmt.Errorf("list movements of %s: %w", f.Product, err)
	}
	page := PastPage{Movements: found}
	if len(found) > limit {
		page.Movements = found[:limit]
		last := found[limit-1]
		page.Next = cursor(last.At, last.Ref, last.Line) + "." + last.Location.String()
	}
	return page, nil
}

func pastOf(row pgx.CollectableRow) (p Past, err error) {
	var till, at, id *uuid.UUID
	var epoch, seq *int64
	var code *string
	err = row.Scan(&p.Location, &p.Product, &p.At, &p.Ref, &p.Line, &p.Reason, &p.Quantity, &p.UnitCost, &till, &epoch, &seq, &p.Balance,
		&code, &at, &id, &p.Cause, &p.Note, &p.By)
	if till != nil {
		p.Till, p.Epoch, p.Seq = *till, uint64(*epoch), uint64(*seq)
	}
	if code != nil {
		p.Document = &Document{*code, *at, *id}
	}
	return p, err
}
