package importer

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// maxOnHand is the most units somebody can mean: ten million.
const maxOnHand = 10_000_000 * money.One

// stockRow is a row of a stock file.
type stockRow struct {
	line           int
	store, product string
	onHand         money.Quantity
	cost           *money.Amount // nil: that of the catalogue
}

func (p *parser) onHand(r row) (err error) {
	v := stockRow{line: r.line}
	if v.store, err = r.text(colStore, maxName, true); err != nil {
		return err
	}
	if v.product, err = r.text(colSKU, maxSKU, true); err != nil {
		return err
	}
	if v.onHand, err = r.quantity(colOnHand); err != nil {
		return err
	}
	if v.cost, err = r.amount(colCost); err != nil {
		return err
	}
	p.file.stock = append(p.file.stock, v)
	return nil
}

func (f *File) compareStock(ctx context.Context, tx *db.Tx, plan *Plan) error {
	stores, err := storesByName(ctx, tx)
	if err != nil {
		return err
	}
	products, err := productsByCode(ctx, tx, func(yield func(string) bool) {
		for _, r := range f.stock {
			if !yield(r.product) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	type pair struct{ location, product uuid.UUID }
	lines := map[pair]int{}
	var found []stock.Found
	for _, r := range f.stock {
		location, known := storeNamed(stores, r.store)
		if !known {
			plan.bad(r.line, "there is no store %q", r.store)
			continue
		}
		product, known := products[r.product]
		if !known {
			plan.bad(r.line, "there is no product %q", r.product)
			continue
		}
		if product.MadeHere {
			plan.bad(r.line, "product %q is made where it is sold, and holds no stock", r.product)
			continue
		}
		at := pair{location.ID, product.ID}
		if before, twice := lines[at]; twice {
			plan.bad(r.line, "product %s of store %s is on line %d already", r.product, r.store, before)
			continue
		}
		lines[at] = r.line
		level, err := stock.Level(ctx, tx, location.ID, product.ID)
		if err != nil {
			return err
		}
		here := stock.Found{Location: location.ID, Product: product.ID, OnHand: r.onHand, UnitCost: product.Cost}
		if r.cost != nil {
			here.UnitCost = *r.cost
		}
		found = append(found, here)
		plan.count(!level.ChangedAt.IsZero(), level.OnHand == r.onHand)
	}
	plan.write = func(ctx context.Context, tx *db.Tx, at time.Time) error {
		ref, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("name the import: %w", err)
		}
		return stock.Set(ctx, tx, at, ref, found)
	}
	return nil
}

// storesByName gives every location by its code and by its name, folded.
func storesByName(ctx context.Context, tx *db.Tx) (map[string]retail.Location, error) {
	all, err := stock.Locations(ctx, tx)
	if err != nil {
		return nil, err
	}
	by := make(map[string]retail.Location, 2*len(all))
	for _, l := range all {
		by[fold(l.Name)] = l
	}
	for _, l := range all { // a code goes before a name that reads the same
		by[fold(l.Code)] = l
	}
	return by, nil
}

// storeNamed finds a store by its code, however the file pads it, or by its name.
func storeNamed(stores map[string]retail.Location, name string) (l retail.Location, known bool) {
	l, known = stores[fold(name)]
	if code, err := storeCode(name); !known && err == nil {
		l, known = stores[fold(code)]
	}
	return l, known
}
