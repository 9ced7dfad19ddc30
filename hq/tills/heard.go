package tills

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Querier reads, inside a transaction or not.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Heard is up to when what a store's tills sold is known: now while all of them are connected, else when the one that has been
// silent for longest was last heard. A place without tills sells nothing by itself: now.
func Heard(ctx context.Context, q Querier, store uuid.UUID, now time.Time) (time.Time, error) {
	rows, err := q.Query(ctx, `
		SELECT coalesce(min(coalesce(seen_at, enrolled_at)), $3) FROM tills.till
		WHERE store_id = $1 AND enrolled_at IS NOT NULL AND revoked_at IS NULL AND NOT (online AND seen_at >= $2)`,
		store, now.Add(-silence), now)
	if err != nil {
		return now, fmt.Errorf("ask when store %s was heard: %w", store, err)
	}
	at, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[time.Time])
	if err != nil {
		return now, fmt.Errorf("ask when store %s was heard: %w", store, err)
	}
	return at, nil
}
