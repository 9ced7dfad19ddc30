package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// PriceList remembers what products cost in stores and how they are taxed, for who asks often. What changes something reads it in its
// transaction.
type PriceList struct {
	kept  *feed.Kept[sold, inForceUntil]
	rates *feed.Kept[struct{}, retail.TaxTable]
	now   func() time.Time
}

// sold is a product in a store.
type sold struct{ store, product uuid.UUID }

// inForceUntil is a product at the price that it has until the next book of its store takes effect.
type inForceUntil struct {
	products map[uuid.UUID]Product // none or one
	version  uint64
	from     time.Time
	until    *time.Time // nil while none is planned
}

// NewPriceList remembers; the notifier brings what other processes change.
func NewPriceList(d *db.DB, n *feed.Notifier, now func() time.Time) *PriceList {
	read := func(ctx context.Context, k sold) (found inForceUntil, err error) {
		found.from = now()
		err = d.QueryRow(ctx, `
			SELECT min(effective_from) FROM catalog.price_book
			WHERE canceled_at IS NULL AND effective_from > $1 AND (store_id IS NULL OR store_id = $2)`, found.from, k.store).Scan(&found.until)
		if err != nil {
			return found, fmt.Errorf("read when prices change: %w", err)
		}
		found.products, found.version, err = InForce(ctx, d, found.from, k.store, []uuid.UUID{k.product})
		return found, err
	}
	return &PriceList{
		kept:  feed.Keep(n, read, TopicProducts, TopicPrices),
		rates: feed.Keep(n, func(ctx context.Context, _ struct{}) (retail.TaxTable, error) { return TaxRates(ctx, d) }, feed.Global),
		now:   now,
	}
}

// InForce is InForce at this moment. What it gives is not to be changed.
func (l *PriceList) InForce(ctx context.Context, store uuid.UUID, ids []uuid.UUID) (found map[uuid.UUID]Product, version uint64, err error) {
	found = make(map[uuid.UUID]Product, len(ids))
	now := l.now()
	for _, id := range ids {
		k := sold{store, id}
		p, err := l.kept.Get(ctx, k)
		if err == nil && (now.Before(p.from) || p.until != nil && !now.Before(*p.until)) {
			l.kept.Forget(k)
			p, err = l.kept.Get(ctx, k)
		}
		if err != nil {
			return nil, 0, err
		}
		if product, ok := p.products[id]; ok {
			found[id] = product
		}
		version = max(version, p.version)
	}
	return found, version, nil
}

// TaxRates is TaxRates. What it gives is not to be changed.
func (l *PriceList) TaxRates(ctx context.Context) (retail.TaxTable, error) {
	return l.rates.Get(ctx, struct{}{})
}
