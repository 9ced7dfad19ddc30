package importer

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/shared/barcode"
	"comptant/shared/money"
)

// partRow is a row of a file of prices, or of barcodes: of products that are there. A product may have several rows of barcodes.
type partRow struct {
	line     int
	product  string
	store    string        // of a price: empty for every store
	price    *money.Amount // nil has the store cost what every store does
	barcodes []string
}

func (p *parser) part(r row) (err error) {
	v := partRow{line: r.line}
	if v.product, err = r.text(colSKU, maxSKU, true); err != nil {
		return err
	}
	if p.file.Kind == Prices {
		if v.store, err = r.text(colStore, maxName, false); err != nil {
			return err
		}
		if err := v.readPrice(r); err != nil {
			return err
		}
		if v.store == "" {
			err = p.first("product", v.product, r.line)
		}
	} else {
		if v.barcodes, err = r.barcodes(); err != nil {
			return err
		}
		if len(v.barcodes) == 0 {
			return errors.New("no barcode")
		}
		for _, code := range v.barcodes {
			err = errors.Join(err, p.first("barcode", code, r.line))
		}
	}
	if err != nil {
		return err
	}
	p.file.parts = append(p.file.parts, v)
	return nil
}

// asEverywhere are the words, folded, that end a store's own price. A field that is empty does not: it may have been forgotten.
var asEverywhere = []string{"everywhere", "aseverywhere", "partout", "commepartout"}

func (p *partRow) readPrice(r row) (err error) {
	if s, _ := r.get(colPrice); slices.Contains(asEverywhere, fold(s)) {
		if p.store == "" {
			return fmt.Errorf("price: %q is for a store that has its own", s)
		}
		return nil
	}
	if p.price, err = r.amount(colPrice); err == nil && p.price == nil {
		err = errors.New("no price")
	}
	return err
}

func (f *File) compareParts(ctx context.Context, tx *db.Tx, plan *Plan) error {
	known, err := productsByCode(ctx, tx, func(yield func(string) bool) {
		for _, r := range f.parts {
			if !yield(r.product) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	var codes []string
	for _, r := range f.parts {
		codes = append(codes, r.barcodes...)
	}
	owners, err := catalog.Owners(ctx, tx, codes)
	if err != nil {
		return err
	}
	// Rows of one product add up, whatever they call it.
	changed := map[string]catalog.Product{}
	priced := map[string]int{}
	var own ownPrices
	for _, r := range f.parts {
		before, there := known[r.product]
		if !there {
			plan.bad(r.line, "there is no product %q", r.product)
			continue
		}
		if r.store != "" {
			if err := own.add(ctx, tx, r, before, plan); err != nil {
				return err
			}
			continue
		}
		p, again := changed[before.SKU]
		if !again {
			p = before
		}
		was := p
		if r.price != nil {
			if line, twice := priced[p.SKU]; twice {
				plan.bad(r.line, "product %s is on line %d already", r.product, line)
				continue
			}
			priced[p.SKU], p.Price = r.line, *r.price
		}
		fresh := slices.DeleteFunc(slices.Clone(r.barcodes), func(code string) bool { return slices.Contains(p.Barcodes, code) })
		if len(fresh) > 0 {
			productRow{line: r.line, barcodes: fresh}.barcodesFree(owners, before, nil, plan)
			p.Barcodes = append(slices.Clone(p.Barcodes), fresh...)
			slices.Sort(p.Barcodes)
		}
		same := reflect.DeepEqual(p, was)
		// A barcode is a thing of its own, a price is a change of its product.
		plan.count(same || f.Kind == Prices, same)
		if !same {
			changed[p.SKU] = p
		}
	}
	var products []catalog.Product
	for _, sku := range sortedKeys(changed) {
		products = append(products, changed[sku])
	}
	plan.write = func(ctx context.Context, tx *db.Tx, now time.Time) error {
		if _, err := catalog.PutProducts(ctx, tx, now, products); err != nil {
			return err
		}
		return own.write(ctx, tx, now)
	}
	return nil
}

func sortedKeys(m map[string]catalog.Product) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// productsByCode finds what a file refers to by SKU, or else by barcode.
func productsByCode(ctx context.Context, tx *db.Tx, codes iter.Seq[string]) (map[string]catalog.Product, error) {
	asked := map[string]bool{}
	for code := range codes {
		asked[code] = true
	}
	list := make([]string, 0, len(asked))
	for code := range asked {
		list = append(list, code)
	}
	products, err := productsBySKU(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	spelled := map[string]string{} // the barcodes, by how the file spells them
	var gtins []string
	for _, code := range list {
		if _, known := products[code]; known {
			continue
		}
		if gtin, ok := barcode.Normalize(code); ok {
			spelled[code], gtins = gtin, append(gtins, gtin)
		}
	}
	owners, err := catalog.Owners(ctx, tx, gtins)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, 0, len(owners))
	for _, owner := range owners {
		ids = append(ids, owner.ID)
	}
	byID, err := catalog.ByID(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for code, gtin := range spelled {
		if owner, known := owners[gtin]; known {
			products[code] = byID[owner.ID]
		}
	}
	return products, nil
}
