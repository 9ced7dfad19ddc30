package tills

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Heard is up to when what the tills of stores sold is known, once the batch is sent: now while all of a store's are connected and have sent
// what they hold, else when the one that has been silent for longest was last heard, or the oldest that one says it holds was sold. A place
// without tills sells nothing by itself: now.
func Heard(b *pgx.Batch, stores []uuid.UUID, now time.Time) map[uuid.UUID]time.Time {
	heard := make(map[uuid.UUID]time.Time, len(stores))
	for _, s := range stores {
		heard[s] = now
	}
	b.Queue(`
		SELECT store_id, min(least(CASE WHEN online AND seen_at >= $2 THEN $3 ELSE coalesce(seen_at, enrolled_at) END,
			CASE WHEN unsent_since <= $4 THEN unsent_since END))
		FROM tills.till WHERE store_id = ANY($1) AND enrolled_at IS NOT NULL AND revoked_at IS NULL GROUP BY store_id`,
		stores, now.Add(-silence), now, now.Add(-backlog)).Query(func(rows pgx.Rows) error {
		var store uuid.UUID
		var at time.Time
		_, err := pgx.ForEachRow(rows, []any{&store, &at}, func() error {
			heard[store] = at
			return nil
		})
		if err != nil {
			return fmt.Errorf("ask when stores were heard: %w", err)
		}
		return nil
	})
	return heard
}
