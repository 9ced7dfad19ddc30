package catalog

import (
	"context"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/feed"
)

// TopicProducts is marked when a product is another than before.
const TopicProducts = "products"

// Products remembers products, for what is read often. What changes something reads them in its transaction.
type Products struct {
	kept *feed.Kept[uuid.UUID, Product]
}

// NewProducts remembers; the notifier brings what other processes change.
func NewProducts(d *db.DB, n *feed.Notifier) *Products {
	return &Products{feed.Keep(n, TopicProducts, func(ctx context.Context, id uuid.UUID) (Product, error) { return Get(ctx, d, id) })}
}

// Get is Get. What it gives is not to be changed.
func (p *Products) Get(ctx context.Context, id uuid.UUID) (Product, error) {
	return p.kept.Get(ctx, id)
}
