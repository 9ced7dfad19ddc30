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
	From    time.Time
	State   BookState
	Price   money.Amount
}

// Prices gives every price of a product and its state at now, the latest first.
func Prices(ctx context.Context, q Querier, product uuid.UUID, now time.Time) ([]ProductPrice, error) {
	rows, err := q.Query(ctx, `
		SELECT b.version, b.effective_from, b.canceled_at IS NOT NULL, l.price
		FROM catalog.price_line l JOIN catalog.price_book b USING (version)
		WHERE l.product_id = $1 ORDER BY b.effective_from DESC, b.version DESC`, product)
	if err != nil {
		return nil, fmt.Errorf("list prices of %s: %w", product, err)
	}
	taken := false // the state of being in force
	prices, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p ProductPrice, err error) {
		var canceled bool
		if err := row.Scan(&p.Version, &p.From, &canceled, &p.Price); err != nil {
			return p, err
		}
		p.State = stateOf(canceled, p.From.After(now), &taken)
		return p, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list prices of %s: %w", product, err)
	}
	return prices, nil
}

// stateOf is the state of the next book, the latest first; taken says whether one is in force already.
func stateOf(canceled, future bool, taken *bool) BookState {
	switch {
	case canceled:
		return BookCanceled
	case future:
		return BookFuture
	case *taken:
		return BookPast
	default:
		*taken = true
		return BookInForce
	}
}
