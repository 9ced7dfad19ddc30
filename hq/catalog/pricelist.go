package catalog

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// PriceList remembers what InForce and TaxRates read, for who asks often. What changes something reads it in its transaction.
type PriceList struct {
	books    *feed.Kept[uuid.UUID, books]
	products *feed.Kept[uuid.UUID, row]
	rates    *feed.Kept[struct{}, retail.TaxTable]
	now      func() time.Time

	mu sync.Mutex
	// general is what was read last for every store.
	general books
}

// books are what the price books of a store, or of every store for the zero id, say until the next of them takes effect.
type books struct {
	read time.Time
	// since is when they were first found to say so.
	since time.Time
	until *time.Time // nil while none is planned
	// The newest in force; version is 0 where there is none.
	version uint64
	from    time.Time
	// prices are those that the rows of products do not have.
	prices map[uuid.UUID]money.Amount
}

// same says whether they say what others do.
func (b books) same(other books) bool {
	next := b.until == nil && other.until == nil || b.until != nil && other.until != nil && b.until.Equal(*other.until)
	return next && b.version == other.version && b.from.Equal(other.from) && maps.Equal(b.prices, other.prices)
}

// at says whether they still say the same.
func (b books) at(now time.Time) bool {
	return !now.Before(b.read) && (b.until == nil || now.Before(*b.until))
}

// row is a product as its rows have it; none where there is no such product.
type row struct {
	read    time.Time
	product map[uuid.UUID]Product
}

// NewPriceList remembers; the notifier brings what other processes change.
func NewPriceList(d *db.DB, n *feed.Notifier, now func() time.Time) *PriceList {
	l := &PriceList{now: now}
	l.books = feed.Keep(n, func(ctx context.Context, store uuid.UUID) (books, error) {
		b, err := readBooks(ctx, d, store, now())
		if err == nil && store == uuid.Nil {
			b = l.remember(b)
		}
		return b, err
	}, TopicPrices)
	l.products = feed.Keep(n, func(ctx context.Context, id uuid.UUID) (r row, err error) {
		r.read = now()
		r.product, err = ByID(ctx, d, []uuid.UUID{id})
		return r, err
	}, TopicProducts, TopicPrices)
	l.rates = feed.Keep(n, func(ctx context.Context, _ struct{}) (retail.TaxTable, error) { return TaxRates(ctx, d) }, feed.Global)
	return l
}

// remember says since when the books say what they were found to: products that were read since are as they say.
func (l *PriceList) remember(b books) books {
	l.mu.Lock()
	defer l.mu.Unlock()
	b.since = b.read
	if b.same(l.general) {
		b.since = l.general.since
	}
	l.general = b
	return b
}

// InForce is InForce at this moment. What it gives is not to be changed.
func (l *PriceList) InForce(ctx context.Context, store uuid.UUID, ids []uuid.UUID) (found map[uuid.UUID]Product, version uint64, err error) {
	now := l.now()
	general, err := l.booksAt(ctx, uuid.Nil, now)
	if err != nil {
		return nil, 0, err
	}
	var own books
	if store != uuid.Nil {
		if own, err = l.booksAt(ctx, store, now); err != nil {
			return nil, 0, err
		}
	}
	version = general.version
	if own.from.After(general.from) || own.from.Equal(general.from) && own.version > version {
		version = own.version
	}
	found = make(map[uuid.UUID]Product, len(ids))
	for _, id := range ids {
		r, err := l.products.Get(ctx, id)
		if err == nil && r.read.Before(general.since) { // the rows last: a book that was moved meanwhile is in them
			l.products.Forget(id)
			r, err = l.products.Get(ctx, id)
		}
		if err != nil {
			return nil, 0, err
		}
		p, ok := r.product[id]
		if !ok {
			continue
		}
		if price, ok := general.prices[id]; ok {
			p.Price = price
		}
		if price, ok := own.prices[id]; ok {
			p.Price = price
		}
		found[id] = p
	}
	return found, version, nil
}

func (l *PriceList) booksAt(ctx context.Context, store uuid.UUID, now time.Time) (books, error) {
	b, err := l.books.Get(ctx, store)
	if err == nil && !b.at(now) {
		l.books.Forget(store)
		b, err = l.books.Get(ctx, store)
	}
	return b, err
}

// TaxRates is TaxRates. What it gives is not to be changed.
func (l *PriceList) TaxRates(ctx context.Context) (retail.TaxTable, error) {
	return l.rates.Get(ctx, struct{}{})
}

func readBooks(ctx context.Context, d *db.DB, store uuid.UUID, now time.Time) (books, error) {
	b := books{read: now, prices: map[uuid.UUID]money.Amount{}}
	var at *uuid.UUID
	if store != uuid.Nil {
		at = &store
	}
	var version *int64
	var from *time.Time
	err := d.QueryRow(ctx, `
		SELECT n.next, b.version, b.effective_from FROM (
			SELECT min(effective_from) AS next FROM catalog.price_book
			WHERE canceled_at IS NULL AND effective_from > $1 AND store_id IS NOT DISTINCT FROM $2::uuid
		) n LEFT JOIN LATERAL (
			SELECT version, effective_from FROM catalog.price_book
			WHERE canceled_at IS NULL AND (applied_at IS NOT NULL OR effective_from <= $1) AND store_id IS NOT DISTINCT FROM $2::uuid
			ORDER BY effective_from DESC, version DESC LIMIT 1
		) b ON true`, now, at).Scan(&b.until, &version, &from)
	if err != nil {
		return b, fmt.Errorf("read price books: %w", err)
	}
	if version != nil {
		b.version, b.from = uint64(*version), *from
	}
	// Those of every store that are due, or the store's own, which are in no other table.
	rows, err := d.Query(ctx, `
		SELECT DISTINCT ON (l.product_id) l.product_id, l.price
		FROM catalog.price_book b JOIN catalog.price_line l USING (version)
		WHERE b.canceled_at IS NULL AND b.store_id IS NOT DISTINCT FROM $2::uuid
			AND CASE WHEN b.applied_at IS NULL THEN b.effective_from <= $1 ELSE b.store_id IS NOT NULL END
		ORDER BY l.product_id, b.effective_from DESC, b.version DESC`, now, at)
	if err != nil {
		return b, fmt.Errorf("read price books: %w", err)
	}
	var product uuid.UUID
	var price *money.Amount // of a store: NULL where it is as everywhere
	_, err = pgx.ForEachRow(rows, []any{&product, &price}, func() error {
		if price != nil {
			b.prices[product] = *price
		}
		return nil
	})
	if err != nil {
		return b, fmt.Errorf("read price books: %w", err)
	}
	return b, nil
}
