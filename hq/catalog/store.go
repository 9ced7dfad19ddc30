package catalog

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

// feedOf is where the books of a store are, or of every store for the zero id, and the type of their rows.
func feedOf(store uuid.UUID) (name string, kind retail.RowType) {
	if store == uuid.Nil {
		return feed.Global, retail.RowPriceBook
	}
	return feed.Store(store), retail.RowStoreBook
}

// moveStore publishes what the books of a store say of each product: its price there, or that it has none of its own any more.
func moveStore(ctx context.Context, tx *db.Tx, due []int64) error {
	rows, err := tx.Query(ctx, `
		SELECT DISTINCT ON (l.product_id) b.store_id, l.product_id, l.price
		FROM catalog.price_book b JOIN catalog.price_line l USING (version) WHERE b.version = ANY ($1)
		ORDER BY l.product_id, b.effective_from DESC, b.version DESC`, due)
	if err != nil {
		return err
	}
	var store, product uuid.UUID
	var price *money.Amount
	var changed []feed.Row
	_, err = pgx.ForEachRow(rows, []any{&store, &product, &price}, func() (err error) {
		row := feed.Row{Type: retail.RowStorePrice, ID: product}
		if price != nil {
			row, err = feed.NewRow(row.Type, row.ID, retail.StorePrice{Price: *price})
		}
		changed = append(changed, row)
		return err
	})
	if err != nil {
		return err
	}
	feed.Publish(ctx, tx, feed.Store(store), changed...)
	return nil
}

// Own gives the prices of its own that a store has, of those that have been moved into the feed (Activate).
func Own(ctx context.Context, q Querier, store uuid.UUID) (map[uuid.UUID]money.Amount, error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT ON (l.product_id) l.product_id, l.price FROM catalog.price_book b JOIN catalog.price_line l USING (version)
		WHERE b.store_id = $1 AND b.applied_at IS NOT NULL ORDER BY l.product_id, b.effective_from DESC, b.version DESC`, store)
	if err != nil {
		return nil, fmt.Errorf("read the prices of store %s: %w", store, err)
	}
	own := map[uuid.UUID]money.Amount{}
	var product uuid.UUID
	var price *money.Amount
	_, err = pgx.ForEachRow(rows, []any{&product, &price}, func() error {
		if price != nil {
			own[product] = *price
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the prices of store %s: %w", store, err)
	}
	return own, nil
}

// OwnOf gives, of some products, the stores with a price of their own at a moment that is not in the past, and that price.
func OwnOf(ctx context.Context, q Querier, now time.Time, products []uuid.UUID) (map[uuid.UUID]map[uuid.UUID]money.Amount, error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT ON (l.product_id, b.store_id) l.product_id, b.store_id, l.price
		FROM catalog.price_line l JOIN catalog.price_book b USING (version)
		WHERE l.product_id = ANY ($1) AND b.store_id IS NOT NULL AND b.canceled_at IS NULL AND (b.applied_at IS NOT NULL OR b.effective_from <= $2)
		ORDER BY l.product_id, b.store_id, b.effective_from DESC, b.version DESC`, products, now)
	if err != nil {
		return nil, fmt.Errorf("read the prices of stores: %w", err)
	}
	own := map[uuid.UUID]map[uuid.UUID]money.Amount{}
	var product, store uuid.UUID
	var price *money.Amount
	_, err = pgx.ForEachRow(rows, []any{&product, &store, &price}, func() error {
		if price == nil {
			return nil
		}
		if own[product] == nil {
			own[product] = map[uuid.UUID]money.Amount{}
		}
		own[product][store] = *price
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the prices of stores: %w", err)
	}
	return own, nil
}

// lineOf is a line as it is stored: without a price it is as everywhere.
func lineOf(product uuid.UUID, price *money.Amount) retail.PriceLine {
	if price == nil {
		return retail.PriceLine{Product: product, Everywhere: true}
	}
	return retail.PriceLine{Product: product, Price: *price}
}

// orNull is the store of a book as it is stored: NULL for every store.
func orNull(store uuid.UUID) *uuid.UUID {
	if store == uuid.Nil {
		return nil
	}
	return &store
}

// orNil undoes orNull.
func orNil(store *uuid.UUID) uuid.UUID {
	if store == nil {
		return uuid.Nil
	}
	return *store
}

// Knows tells whether a store ever had prices of its own.
func Knows(ctx context.Context, tx *db.Tx, store uuid.UUID) (known bool, err error) {
	if err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM catalog.price_book WHERE store_id = $1)`, store).Scan(&known); err != nil {
		return false, fmt.Errorf("look for prices of %s: %w", store, err)
	}
	return known, nil
}
