package stock

import (
	"context"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Places remembers the locations, for what is read often. What changes something reads them in its transaction.
type Places struct {
	kept *feed.Kept[struct{}, []retail.Location]
}

// NewPlaces remembers; the notifier brings what other processes change.
func NewPlaces(d *db.DB, n *feed.Notifier) *Places {
	return &Places{feed.Keep(n, func(ctx context.Context, _ struct{}) ([]retail.Location, error) { return Locations(ctx, d) }, feed.Global)}
}

// All is Locations. It is not to be changed.
func (p *Places) All(ctx context.Context) ([]retail.Location, error) {
	return p.kept.Get(ctx, struct{}{})
}
