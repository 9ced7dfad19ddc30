package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
)

// ProductPrice is what a product costs from a moment on, by one price book.
type ProductPrice struct {
	Version int64
	// Store is where; the zero id for every store that has no price of its own.
	Store uuid.UUID
	From  time.Time
	State BookState
	Price money.Amount
	// Everywhere says that the store has no price of its own any more.
	Everywhere bool
}

// Prices gives every price of a product and its state at now, the latest first.
func Prices(ctx context.Context, q Querier, product uuid.UUID, now time.Time) ([]ProductPrice, error) {
	rows, err := q.Query(ctx, `
		SELECT b.version, b.store_id, b.effective_from, b.canceled_at IS NOT NULL, l.price
		FROM catalog.price_line l JOIN catalog.price_book b USING (version)
		WHERE l.product_id = $1 ORDER BY b.effective_from DESC, b.version DESC`, product)
	if err != nil {
		return nil, fmt.Errorf("list prices of %s: %w", product, err)
	}
	states := inForce{}
	prices, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p ProductPrice, err error) {
		var canceled bool
		var store *uuid.UUID
		var price *money.Amount
		if err := row.Scan(&p.Version, &store, &p.From, &canceled, &price); err != nil {
			return p, err
		}
		l := lineOf(product, price)
		p.Store, p.Price, p.Everywhere = orNil(store), l.Price, l.Everywhere
		p.State = states.of(p.Store, canceled, p.From.After(now))
		return p, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list prices of %s: %w", product, err)
	}
	return prices, nil
}

// inForce are the stores of which a book in force was seen; the zero id is every store.
type inForce map[uuid.UUID]bool

// of is the state of the next book, the latest first.
func (f inForce) of(store uuid.UUID, canceled, future bool) BookState {
	switch {
	case canceled:
		return BookCanceled
	case future:
		return BookFuture
	case f[store]:
		return BookPast
	default:
		f[store] = true
		return BookInForce
	}
}
