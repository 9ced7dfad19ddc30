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

// refusedFor is how long headquarters does not ask again for what somebody refused.
const refusedFor = 7 * 24 * time.Hour

// SetAutomatic decides whether headquarters asks the warehouse by itself when something of a store falls below its threshold. It is off
// until somebody switches it on.
func SetAutomatic(ctx context.Context, tx *db.Tx, store uuid.UUID, on bool, at time.Time) error {
	l, err := Location(ctx, tx, store)
	if err != nil {
		return err
	}
	if l.Kind != retail.LocationStore {
		return &retail.Error{Code: retail.NotFound, Key: "location.unknown", Args: map[string]any{"id": store}}
	}
	sql, args := `DELETE FROM stock.automatic WHERE location_id = $1`, []any{store}
	if on {
		sql, args = `INSERT INTO stock.automatic (location_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING`, append(args, at)
	}
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("set automatic requests of %s: %w", l.Code, err)
	}
	feed.Mark(tx, RestockTopic)
	return nil
}

// Automatic are the stores for which headquarters asks by itself.
func Automatic(ctx context.Context, q Querier) ([]uuid.UUID, error) {
	rows, err := q.Query(ctx, `SELECT location_id FROM stock.automatic ORDER BY location_id`)
	if err != nil {
		return nil, fmt.Errorf("list automatic requests: %w", err)
	}
	stores, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list automatic requests: %w", err)
	}
	return stores, nil
}

// Wanting is a product that a store has too little of.
type Wanting struct {
	Product           uuid.UUID
	OnHand, InTransit money.Quantity
}

// TakeWanting gives what a store has less of than its threshold and nobody asked for yet: nothing open has it, and nobody refused it lately.
// Until the transaction ends no other process of headquarters asks for the store; it is given nothing.
func TakeWanting(ctx context.Context, tx *db.Tx, store uuid.UUID, now time.Time) ([]Wanting, error) {
	rows, err := tx.Query(ctx, `SELECT FROM stock.automatic WHERE location_id = $1 FOR UPDATE SKIP LOCKED`, store)
	if err != nil {
		return nil, fmt.Errorf("lock automatic requests of %s: %w", store, err)
	}
	rows.Close()
	if rows.CommandTag().RowsAffected() == 0 {
		return nil, rows.Err()
	}
	rows, err = tx.Query(ctx, `
		SELECT l.product_id, l.on_hand, l.in_transit FROM `+levelsWithThresholds+`
		WHERE l.location_id = @store AND l.on_hand < `+restockBelow+` AND NOT EXISTS (
			SELECT FROM stock.restock r JOIN stock.restock_line n ON n.location_id = r.location_id AND n.restock_id = r.id
			WHERE r.location_id = l.location_id AND n.product_id = l.product_id
				AND (r.state = ANY (@open) OR r.decided_at > @lately AND n.approved = 0))
		ORDER BY l.product_id`, pgx.NamedArgs{
		"store": store, "lately": now.Add(-refusedFor),
		"open": []int16{int16(retail.RestockRequested), int16(retail.RestockApproved), int16(retail.RestockShipped)},
	})
	if err != nil {
		return nil, fmt.Errorf("look for what %s lacks: %w", store, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Wanting])
	if err != nil {
		return nil, fmt.Errorf("look for what %s lacks: %w", store, err)
	}
	return found, nil
}
