package order

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
)

// Fulfilment is a location that was asked to prepare an order, and what it said.
type Fulfilment struct {
	Location uuid.UUID
	Attempt  int
	AskedAt  time.Time
	// Answer is "accept", "short", or empty before any.
	Answer     string
	AnsweredAt *time.Time
	// AnsweredBy is the person, or the token of a program.
	AnsweredBy *uuid.UUID
	// Missing is what a short one lacks.
	Missing []retail.StockLine
}

// Fulfilments are the locations that were asked for an order, the first one first.
func Fulfilments(ctx context.Context, q Querier, id uuid.UUID) ([]Fulfilment, error) {
	rows, err := q.Query(ctx, `
		SELECT location_id, attempt, asked_at, answer, answered_at, answered_by, missing FROM orders.fulfilment
		WHERE order_id = $1 ORDER BY attempt`, id)
	if err != nil {
		return nil, fmt.Errorf("read who was asked for order %s: %w", id, err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Fulfilment, err error) {
		var missing []byte
		if err = row.Scan(&f.Location, &f.Attempt, &f.AskedAt, &f.Answer, &f.AnsweredAt, &f.AnsweredBy, &missing); err != nil || missing == nil {
			return f, err
		}
		return f, json.Unmarshal(missing, &f.Missing)
	})
	if err != nil {
		return nil, fmt.Errorf("read who was asked for order %s: %w", id, err)
	}
	return found, nil
}

// Knows tells whether an order was ever placed with a location, or asked of it.
func Knows(ctx context.Context, tx *db.Tx, location uuid.UUID) (known bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM orders.fulfilment WHERE location_id = $1) OR EXISTS (SELECT FROM orders.placed WHERE location_id = $1)`, location).
		Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for orders of %s: %w", location, err)
	}
	return known, nil
}
