package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
)

// Span is a time at a location; To is not included.
type Span struct {
	Location uuid.UUID
	From, To time.Time
}

// CauseCounted is the cause of what a count found; the others are those of adjustments.
const CauseCounted = "counted"

// Shrinkage is what was found missing or too much of a product at a location, for one cause. It is below 0 for what is missing.
type Shrinkage struct {
	Location, Product uuid.UUID
	Cause             string
	Quantity          money.Quantity
	Cost              money.Amount
	// Missing and Extra are the parts of Cost below and above 0.
	Missing, Extra money.Amount
}

// corrected are the movements that are somebody's finding: variances of counts and adjustments. One that changed nothing is none.
const corrected = `
	FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS s (location_id, since, before)
	JOIN stock.movement m ON m.location_id = s.location_id AND m.at >= s.since AND m.at < s.before AND m.reason IN (7, 8) AND m.quantity <> 0
	LEFT JOIN stock.adjustment a ON a.location_id = m.location_id AND a.id = m.ref`

// movedCost is what a movement was worth, to the cent.
const movedCost = `round(m.quantity::numeric * m.unit_cost / 1000)::bigint`

func spanColumns(spans []Span) (locations []uuid.UUID, from, to []time.Time) {
	for _, s := range spans {
		locations, from, to = append(locations, s.Location), append(from, s.From), append(to, s.To)
	}
	return locations, from, to
}

// ListShrinkage adds up what was found in spans of time, by location, product and cause, in their order.
func ListShrinkage(ctx context.Context, q Querier, spans []Span) ([]Shrinkage, error) {
	locations, from, to := spanColumns(spans)
	rows, err := q.Query(ctx, `
		WITH c AS (
			SELECT m.location_id, m.product_id, coalesce(a.cause, $4::text) AS cause, m.quantity, `+movedCost+` AS cost `+corrected+`
		)
		SELECT location_id, product_id, cause, sum(quantity)::bigint, sum(cost)::bigint,
			coalesce(sum(cost) FILTER (WHERE cost < 0), 0)::bigint, coalesce(sum(cost) FILTER (WHERE cost > 0), 0)::bigint
		FROM c GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, locations, from, to, CauseCounted)
	if err != nil {
		return nil, fmt.Errorf("add up shrinkage: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Shrinkage])
	if err != nil {
		return nil, fmt.Errorf("add up shrinkage: %w", err)
	}
	return found, nil
}

// Finding is one movement that shrinkage is made of.
type Finding struct {
	Movement
	Cause, Note string
	By          *uuid.UUID
	Cost        money.Amount
}

// ListFindings gives what shrinkage of a product is made of, or of all products when it is zero, the newest first.
func ListFindings(ctx context.Context, q Querier, spans []Span, product uuid.UUID) ([]Finding, error) {
	locations, from, to := spanColumns(spans)
	rows, err := q.Query(ctx, `
		SELECT m.location_id, m.product_id, m.at, m.ref, m.reason, m.quantity, m.unit_cost, coalesce(a.cause, $4::text), coalesce(a.note, ''),
			coalesce(a.made_by, c.counted_by), `+movedCost+corrected+`
		LEFT JOIN stock.count c ON c.location_id = m.location_id AND c.product_id = m.product_id AND c.ref = m.ref
		WHERE $5::uuid = $6::uuid OR m.product_id = $5 ORDER BY m.at DESC, m.ref`, locations, from, to, CauseCounted, product, uuid.Nil)
	if err != nil {
		return nil, fmt.Errorf("list shrinkage: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Finding, err error) {
		return f, row.Scan(&f.Location, &f.Product, &f.At, &f.Ref, &f.Reason, &f.Quantity, &f.UnitCost, &f.Cause, &f.Note, &f.By, &f.Cost)
	})
	if err != nil {
		return nil, fmt.Errorf("list shrinkage: %w", err)
	}
	return found, nil
}
