package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
)

// InForce gives products at the prices of a store, or of every store for the zero id, at a moment that is not in the past, as
// tills find them (retail.PriceBook), and the version of these prices. A book whose time has come counts also before Activate has
// moved it. A product that does not exist is left out.
//
// Read in one snapshot, or in a transaction that holds the lock of Activate, the two agree; otherwise a book that is moved between
// the reads has its prices in either.
func InForce(
	ctx context.Context, q Querier, now time.Time, store uuid.UUID, ids []uuid.UUID,
) (found map[uuid.UUID]Product, version uint64, err error) {
	rows, err := q.Query(ctx, `
		SELECT version FROM catalog.price_book
		WHERE canceled_at IS NULL AND (applied_at IS NOT NULL OR effective_from <= $1) AND (store_id IS NULL OR store_id = $2)
		ORDER BY effective_from DESC, version DESC LIMIT 1`, now, store)
	if err != nil {
		return nil, 0, fmt.Errorf("read the version of prices: %w", err)
	}
	versions, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, 0, fmt.Errorf("read the version of prices: %w", err)
	}
	if len(versions) > 0 {
		version = uint64(versions[0])
	}
	// Those of every store that are due, then the store's own, which are in no other table.
	rows, err = q.Query(ctx, `
		SELECT DISTINCT ON (b.store_id, l.product_id) l.product_id, l.price
		FROM catalog.price_book b JOIN catalog.price_line l USING (version)
		WHERE b.canceled_at IS NULL AND l.product_id = ANY($2)
			AND (b.store_id IS NULL AND b.applied_at IS NULL AND b.effective_from <= $1
				OR b.store_id = $3 AND (b.applied_at IS NOT NULL OR b.effective_from <= $1))
		ORDER BY b.store_id NULLS FIRST, l.product_id, b.effective_from DESC, b.version DESC`, now, ids, store)
	if err != nil {
		return nil, 0, fmt.Errorf("read prices that are due: %w", err)
	}
	due := map[uuid.UUID]money.Amount{}
	var id uuid.UUID
	var price *money.Amount // of a store: NULL where it is as everywhere
	_, err = pgx.ForEachRow(rows, []any{&id, &price}, func() error {
		if price != nil {
			due[id] = *price
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read prices that are due: %w", err)
	}
	// The rows last: a book that was moved meanwhile is in them.
	if found, err = ByID(ctx, q, ids); err != nil {
		return nil, 0, err
	}
	for id, price := range due {
		if p, ok := found[id]; ok {
			p.Price = price
			found[id] = p
		}
	}
	return found, version, nil
}
