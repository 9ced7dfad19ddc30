package importer

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// ownPrices are the prices that a file gives products in single stores.
type ownPrices struct {
	places map[string]retail.Location
	// had are those that the stores had, by store and product.
	had   map[uuid.UUID]map[uuid.UUID]money.Amount
	lines map[uuid.UUID][]retail.PriceLine
	first map[[2]uuid.UUID]int // line
}

// add takes a row that names a store.
func (o *ownPrices) add(ctx context.Context, tx *db.Tx, r partRow, p catalog.Product, plan *Plan) (err error) {
	if o.places == nil {
		if o.places, err = storesByName(ctx, tx); err != nil {
			return err
		}
		o.had, o.lines, o.first = map[uuid.UUID]map[uuid.UUID]money.Amount{}, map[uuid.UUID][]retail.PriceLine{}, map[[2]uuid.UUID]int{}
	}
	store, _ := storeNamed(o.places, r.store)
	if store.Kind != retail.LocationStore { // nothing is sold at a warehouse
		plan.bad(r.line, "there is no store %q", r.store)
		return nil
	}
	if before, twice := o.first[[2]uuid.UUID{store.ID, p.ID}]; twice {
		plan.bad(r.line, "product %s of store %s is on line %d already", r.product, r.store, before)
		return nil
	}
	o.first[[2]uuid.UUID{store.ID, p.ID}] = r.line
	had, read := o.had[store.ID]
	if !read {
		if had, err = catalog.Own(ctx, tx, store.ID); err != nil {
			return err
		}
		o.had[store.ID] = had
	}
	price, has := had[p.ID]
	line := retail.PriceLine{Product: p.ID, Everywhere: r.price == nil}
	same := !has
	if r.price != nil {
		line.Price, same = *r.price, has && price == *r.price
	}
	plan.count(true, same)
	if !same {
		o.lines[store.ID] = append(o.lines[store.ID], line)
		if line.Everywhere {
			plan.Ended++
		}
	}
	return nil
}

// write makes a book for each store, in force from now.
func (o *ownPrices) write(ctx context.Context, tx *db.Tx, now time.Time) error {
	stores := make([]uuid.UUID, 0, len(o.lines))
	for store := range o.lines {
		stores = append(stores, store)
	}
	slices.SortFunc(stores, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	for _, store := range stores {
		if _, err := catalog.AddBook(ctx, tx, now, now, store, o.lines[store]); err != nil {
			return err
		}
	}
	return nil
}
