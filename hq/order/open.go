package order

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/retail"
)

// open are the orders of which something is still to become, in the words of the index that has only them. $1 are locations, or
// NULL for everywhere.
const open = `state NOT IN ('cancelled', 'delivered') AND (captured_at IS NULL OR state NOT IN ('collected', 'returned'))
	AND ($1::uuid[] IS NULL OR location_id = ANY($1))`

// CountOpen counts the orders at locations of which something is still to become, by state; nil is everywhere. Those that are over
// grow for ever, and nobody waits for them.
func CountOpen(ctx context.Context, q Querier, locations []uuid.UUID) ([]StateCount, error) {
	rows, err := q.Query(ctx, `
		SELECT state, count(*), count(*) FILTER (WHERE tries >= $2) FROM orders.placed WHERE `+open+` GROUP BY state ORDER BY state`, locations, stuckTries)
	if err != nil {
		return nil, fmt.Errorf("count open orders: %w", err)
	}
	counts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[StateCount])
	if err != nil {
		return nil, fmt.Errorf("count open orders: %w", err)
	}
	return counts, nil
}

// CountWaiting counts the orders at locations that wait for people at headquarters: the stuck, and those that a warehouse has to
// prepare or to ship. nil is everywhere.
func CountWaiting(ctx context.Context, q Querier, locations []uuid.UUID) (int, error) {
	rows, err := q.Query(ctx, `
		SELECT count(*) FROM orders.placed WHERE `+open+` AND (tries >= $2 OR delivery = $3 AND state = ANY($4))`,
		locations, stuckTries, retail.Ship, []retail.OrderState{retail.OrderConfirmed, retail.OrderPicking})
	if err != nil {
		return 0, fmt.Errorf("count orders that wait: %w", err)
	}
	count, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	if err != nil {
		return 0, fmt.Errorf("count orders that wait: %w", err)
	}
	return count, nil
}

// Stuck says that the present step has failed again and again: people are told, and the jobs go on trying.
func (o Order) Stuck() bool { return o.Tries >= stuckTries }
