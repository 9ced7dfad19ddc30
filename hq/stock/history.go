package stock

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
)

// Past is one movement with the level after it.
type Past struct {
	Movement
	Balance money.Quantity
	// Shipment is the code of the shipment that left or arrived, for example EXP-0311, or of the delivery from a supplier, REC-0012; else
	// empty.
	Shipment string
	// Cause, Note and By are those of an adjustment.
	Cause, Note string
	By          *uuid.UUID
}

// PastPage is a part of the movements, newest first. Next asks for the following page; empty on the last.
type PastPage struct {
	Movements []Past
	Next      string
}

// Movements lists what moved a product at a location: before is Next of the page before, limit 0 gives 50.
func Movements(ctx context.Context, q Querier, location, product uuid.UUID, before string, limit int) (PastPage, error) {
	limit = pageSize(limit)
	where, args := "true", pgx.NamedArgs{
		"location": location, "product": product, "limit": limit + 1, "shipped": int16(Shipped), "arrived": int16(Arrived),
		"bought": int16(Bought),
	}
	if before != "" {
		at, ref, line, err := readCursor(before)
		if err != nil {
			return PastPage{}, err
		}
		where = "(m.at, m.ref, m.line) < (@at, @ref, @line)"
		args["at"], args["ref"], args["line"] = at, ref, line
	}
	rows, err := q.Query(ctx, `
		WITH m AS ( -- counted back from the level of now
			SELECT m.*, l.on_hand - coalesce(sum(m.quantity) OVER (
				ORDER BY m.at DESC, m.ref DESC, m.line DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS balance
			FROM stock.movement m JOIN stock.level l USING (location_id, product_id)
			WHERE m.location_id = @location AND m.product_id = @product
		)
		SELECT m.location_id, m.product_id, m.at, m.ref, m.line, m.reason, m.quantity, m.unit_cost, m.balance, coalesce(s.code, d.code, ''),
			coalesce(a.cause, ''), coalesce(a.note, ''), a.made_by
		FROM m LEFT JOIN stock.shipment s ON s.id = m.ref AND (
			m.reason = @arrived AND s.location_id = m.location_id OR m.reason = @shipped AND s.from_id = m.location_id)
		LEFT JOIN stock.delivery d ON d.location_id = m.location_id AND d.id = m.ref AND m.reason = @bought
		LEFT JOIN stock.adjustment a ON a.location_id = m.location_id AND a.id = m.ref
		WHERE `+where+` ORDER BY m.at DESC, m.ref DESC, m.line DESC LIMIT @limit`, args)
	if err != nil {
		return PastPage{}, fmt.Errorf("list movements of %s at %s: %w", product, location, err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Past, err error) {
		return p, row.Scan(&p.Location, &p.Product, &p.At, &p.Ref, &p.Line, &p.Reason, &p.Quantity, &p.UnitCost, &p.Balance, &p.Shipment,
			&p.Cause, &p.Note, &p.By)
	})
	if err != nil {
		return PastPage{}, fmt.Errorf("list movements of %s at %s: %w", product, location, err)
	}
	page := PastPage{Movements: found}
	if len(found) > limit {
		page.Movements = found[:limit]
		last := found[limit-1]
		page.Next = cursor(last.At, last.Ref, last.Line)
	}
	return page, nil
}
