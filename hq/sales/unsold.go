package sales

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"comptant/hq/stock"
	"comptant/shared/retail"
)

// Unsold gives what lies at locations and was not sold there since a day, location by location, the most valuable first. A warehouse
// supplies all stores: what lies there is unsold when none of them sold it. What came after that day is left out.
func Unsold(ctx context.Context, q Querier, at, stores []retail.Location, since retail.Date) ([]stock.Unsold, error) {
	ids := make([]uuid.UUID, len(stores))
	for i, l := range stores {
		ids[i] = l.ID
	}
	sold, err := soldSince(ctx, q, ids, since)
	if err != nil {
		return nil, err
	}
	var anywhere []uuid.UUID
	for _, products := range sold {
		anywhere = append(anywhere, products...)
	}
	var all []stock.Unsold
	for _, l := range at {
		zone, err := time.LoadLocation(l.Zone)
		if err != nil {
			return nil, fmt.Errorf("zone of %s: %w", l.Code, err)
		}
		of := sold[l.ID]
		if l.Kind == retail.LocationWarehouse {
			of = anywhere
		}
		found, err := stock.ListUnsold(ctx, q, l.ID, of, since.Time(zone))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
