package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// adjustmentRow is a row of a file of corrections of stock.
type adjustmentRow struct {
	line           int
	store, product string
	day            day
	clock          time.Duration // since midnight
	change         money.Quantity
	cause          string // one of stock.Causes
}

// causes are the words for stock.Causes, folded.
var causes = map[string]string{
	"damaged": "damaged", "broken": "damaged", "endommage": "damaged", "brise": "damaged",
	"expired": "expired", "waste": "expired", "perime": "expired", "gaspillage": "expired",
	"lost": "lost", "stolen": "lost", "perdu": "lost", "vole": "lost",
	"found": "found", "trouve": "found",
	"given": "given", "donne": "given",
	"mistake": "mistake", "error": "mistake", "erreur": "mistake",
}

func (p *parser) adjustment(r row) (err error) {
	v := adjustmentRow{line: r.line}
	if v.store, err = r.text(colStore, maxName, true); err != nil {
		return err
	}
	if v.product, err = r.text(colSKU, maxSKU, true); err != nil {
		return err
	}
	if v.day, v.clock, err = r.moment(); err != nil {
		return err
	}
	if err := v.read(r); err != nil {
		return err
	}
	p.days.note(v.day)
	p.file.adjustments = append(p.file.adjustments, v)
	return nil
}

// read takes how many units came or went, and why. What was thrown away is written as how much it is.
func (v *adjustmentRow) read(r row) (err error) {
	change, _ := r.get(colChange)
	waste, _ := r.get(colWaste)
	switch {
	case change != "" && waste != "":
		return errors.New("change: the row has waste too, and may say one of them")
	case waste != "":
		if v.change, err = r.quantity(colWaste); err == nil && v.change < 0 {
			err = fmt.Errorf("waste: %q is below zero", waste)
		}
		v.change, v.cause = -v.change, "expired"
	default:
		v.change, err = r.quantity(colChange)
		v.cause = "mistake"
	}
	if err != nil {
		return err
	}
	if s, _ := r.get(colCause); s != "" {
		cause, known := causes[fold(s)]
		if !known {
			return fmt.Errorf("cause: %q is none of damaged, expired, lost, found, given, mistake", s)
		}
		v.cause = cause
	}
	return nil
}

func (f *File) compareAdjustments(ctx context.Context, tx *db.Tx, plan *Plan) error {
	stores, err := storesByName(ctx, tx)
	if err != nil {
		return err
	}
	products, err := productsByCode(ctx, tx, func(yield func(string) bool) {
		for _, r := range f.adjustments {
			if !yield(r.product) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	now := time.Now()
	lines := map[uuid.UUID]int{}
	var all []stock.Adjustment
	for _, r := range f.adjustments {
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
		zone, err := time.LoadLocation(location.Zone)
		if err != nil {
			return fmt.Errorf("zone of store %s: %w", location.Code, err)
		}
		date := r.day.date(f.monthFirst)
		if date > retail.DateOf(now.In(zone)) {
			plan.bad(r.line, "date: %s is to come", date)
			continue
		}
		at := date.Time(zone).Add(r.clock)
		// What a file calls one correction is one, so that importing it again changes nothing.
		id := newID("adjustment", fmt.Sprintf("%s %s %d %s", location.ID, product.ID, at.Unix(), r.cause))
		if before, twice := lines[id]; twice {
			plan.bad(r.line, "product %s of store %s at that time is on line %d already", r.product, r.store, before)
			continue
		}
		lines[id] = r.line
		if at.After(now) { // noon, this morning
			at = now
		}
		all = append(all, stock.Adjustment{
			Location: location.ID, ID: id, Product: product.ID, At: at, Cause: r.cause, Change: &r.change, UnitCost: product.Cost,
		})
	}
	known, err := stock.Adjusted(ctx, tx, all)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(a stock.Adjustment) bool {
		was, there := known[a.ID]
		if there && was != *a.Change {
			plan.bad(lines[a.ID], "the correction is there with other figures: corrections of before do not change")
			return true
		}
		same := there || *a.Change == 0 // nothing was thrown away that day
		plan.count(same, same)
		return same
	})
	plan.write = func(ctx context.Context, tx *db.Tx, _ time.Time) error {
		for i, a := range all {
			if _, err := stock.Adjust(ctx, tx, a); err != nil {
				return err
			}
			f.tell(i+1, len(all))
		}
		return nil
	}
	return nil
}
