package importer

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// What fits on a label and a receipt, in characters.
const (
	maxName = 200
	maxSKU  = 40
)

// productRow is a row of a products file. What is empty, or nil, leaves what is known as it is.
type productRow struct {
	line int
	sku  string
	// name is one whose language the file does not say; names are those of which it does.
	name     string
	names    retail.Text
	category string
	price    money.Amount
	// unpriced is of a file without prices.
	unpriced bool
	cost     *money.Amount
	class    retail.TaxClass
	pack     int
	counter  atCounter
	carried  carried
	barcodes []string
}

func (p *parser) product(r row) (err error) {
	v := productRow{line: r.line}
	_, numbered := r.header.at[colSKU]
	if v.sku, err = r.text(colSKU, maxSKU, numbered); err != nil {
		return err
	}
	if v.name, err = r.text(colName, maxName, false); err != nil {
		return err
	}
	if v.names.FR, err = r.text(colNameFR, maxName, false); err != nil {
		return err
	}
	if v.names.EN, err = r.text(colNameEN, maxName, false); err != nil {
		return err
	}
	if v.name+v.names.FR+v.names.EN == "" {
		return errors.New("no name")
	}
	if v.category, err = r.text(colCategory, maxName, false); err != nil {
		return err
	}
	price, err := r.amount(colPrice)
	if err != nil {
		return err
	}
	switch _, has := r.header.at[colPrice]; {
	case !has:
		v.unpriced = true
	case price == nil:
		return errors.New("no price")
	default:
		v.price = *price
	}
	if v.cost, err = r.amount(colCost); err != nil {
		return err
	}
	if v.class, err = r.taxClass(); err != nil {
		return err
	}
	if v.pack, err = r.pack(); err != nil {
		return err
	}
	if v.counter, err = r.counter(); err != nil {
		return err
	}
	if v.carried, err = r.carried(); err != nil {
		return err
	}
	if v.barcodes, err = r.barcodes(); err != nil {
		return err
	}
	if !numbered { // the first barcode is the number
		if len(v.barcodes) == 0 {
			return errors.New("no barcode")
		}
		v.sku = v.barcodes[0]
	}
	if err := p.first("SKU", v.sku, r.line); err != nil {
		return err
	}
	for _, code := range v.barcodes {
		if err := p.first("barcode", code, r.line); err != nil {
			return err
		}
	}
	p.file.products = append(p.file.products, v)
	return nil
}

// text is a field of at most so many characters.
func (r row) text(c column, most int, must bool) (string, error) {
	s, _ := r.get(c)
	if s == "" && must {
		return "", fmt.Errorf("no %s", c)
	}
	if n := utf8.RuneCountInString(s); n > most {
		return "", fmt.Errorf("the %s has %d characters, %d at most", c, n, most)
	}
	return strings.Clone(s), nil // a part of the row would keep all of it
}

// amount is a field of 0 or more; nil when it is empty.
func (r row) amount(c column) (*money.Amount, error) {
	s, _ := r.get(c)
	if s == "" {
		return nil, nil
	}
	a, err := money.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	if a < 0 {
		return nil, fmt.Errorf("%s: %q is below zero", c, s)
	}
	return &a, nil
}

// taxClasses are the words for each class, folded.
var taxClasses = map[string]retail.TaxClass{
	"taxable": retail.Taxable, "taxed": retail.Taxable, "taxe": retail.Taxable, "yes": retail.Taxable, "y": retail.Taxable,
	"oui": retail.Taxable, "o": retail.Taxable, "true": retail.Taxable, "1": retail.Taxable, "t": retail.Taxable, "tpstvq": retail.Taxable,
	"zerorated": retail.ZeroRated, "zero": retail.ZeroRated, "detaxe": retail.ZeroRated, "no": retail.ZeroRated, "n": retail.ZeroRated,
	"non": retail.ZeroRated, "false": retail.ZeroRated, "0": retail.ZeroRated, "2": retail.ZeroRated, "z": retail.ZeroRated,
	"exempt": retail.Exempt, "exonere": retail.Exempt, "3": retail.Exempt, "e": retail.Exempt,
	"4": 4, "5": 5, "6": 6, "7": 7, "8": 8, "9": 9, // what the table of rates has besides
}

// taxClass is what the column for it says, else what the answer to whether the product is exempt does; 0 where neither says anything.
func (r row) taxClass() (retail.TaxClass, error) {
	s, _ := r.get(colTax)
	if s == "" {
		exempt, err := r.answer(colExempt)
		switch {
		case err != nil || exempt == nil:
			return 0, err
		case *exempt:
			return retail.Exempt, nil
		}
		return retail.Taxable, nil
	}
	class, known := taxClasses[fold(s)]
	if !known {
		return 0, fmt.Errorf("tax: %q is none of taxable, zero-rated, exempt", s)
	}
	return class, nil
}

func (r row) pack() (int, error) {
	s, _ := r.get(colPack)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 100_000 {
		return 0, fmt.Errorf("pack: %q is not a number of units", s)
	}
	return n, nil
}

// barcodes are those of a field, parted by spaces, commas, slashes or bars.
func (r row) barcodes() ([]string, error) {
	s, _ := r.get(colBarcode)
	var all []string
	for _, code := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,;/|", r) }) {
		gtin, ok := barcode.Normalize(code)
		if !ok {
			return nil, fmt.Errorf("barcode: %q is not an EAN or UPC with a right check digit", code)
		}
		if !slices.Contains(all, gtin) {
			all = append(all, gtin)
		}
	}
	slices.Sort(all)
	return all, nil
}

func (f *File) compareProducts(ctx context.Context, tx *db.Tx, plan *Plan) error {
	categories, err := catalog.Categories(ctx, tx)
	if err != nil {
		return err
	}
	known, err := f.knownProducts(ctx, tx)
	if err != nil {
		return err
	}
	charges, err := catalog.Charges(ctx, tx)
	if err != nil {
		return err
	}
	rows := make(map[string]productRow, len(f.products))
	var codes []string
	for _, r := range f.products {
		rows[r.sku] = r
		codes = append(codes, r.barcodes...)
	}
	owners, err := catalog.Owners(ctx, tx, codes)
	if err != nil {
		return err
	}
	shelves := newShelves(categories)
	var products []catalog.Product
	for _, r := range f.products {
		before, exists := known[r.sku]
		p := before
		if !exists {
			p = catalog.Product{Product: retail.Product{ID: newID("product", r.sku), SKU: r.sku, Class: retail.Taxable, Pack: 1}}
		}
		if r.category != "" || !exists {
			p.Category = shelves.find(r.category)
		}
		r.change(&p)
		if r.unpriced && !exists {
			plan.bad(r.line, "no price: the product is new, and the file has no column for it")
		}
		if err := r.carried.change(&p, charges); err != nil {
			plan.bad(r.line, "%v", err)
		}
		r.barcodesFree(owners, before, rows, plan)
		same := exists && reflect.DeepEqual(p, before)
		plan.count(exists, same)
		if !same {
			products = append(products, p)
		}
	}
	plan.write = func(ctx context.Context, tx *db.Tx, now time.Time) error {
		if err := catalog.PutCategories(ctx, tx, shelves.fresh...); err != nil {
			return err
		}
		_, err := catalog.PutProducts(ctx, tx, now, products)
		return err
	}
	return nil
}

// knownProducts are those of the file's SKUs that are there, by SKU.
func (f *File) knownProducts(ctx context.Context, tx *db.Tx) (map[string]catalog.Product, error) {
	skus := make([]string, len(f.products))
	for i, r := range f.products {
		skus[i] = r.sku
	}
	return productsBySKU(ctx, tx, skus)
}

func productsBySKU(ctx context.Context, tx *db.Tx, skus []string) (map[string]catalog.Product, error) {
	ids, err := catalog.IDs(ctx, tx, skus)
	if err != nil {
		return nil, err
	}
	list := make([]uuid.UUID, 0, len(ids))
	for _, id := range ids {
		list = append(list, id)
	}
	byID, err := catalog.ByID(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	known := make(map[string]catalog.Product, len(byID))
	for _, p := range byID {
		known[p.SKU] = p
	}
	return known, nil
}

// shelves are the categories by their names in both languages, folded, with those that the file adds.
type shelves struct {
	byName map[string]uuid.UUID
	last   int // in the order of categories
	fresh  []retail.Category
}

func newShelves(known []retail.Category) *shelves {
	s := &shelves{byName: map[string]uuid.UUID{}}
	for _, c := range known {
		s.last = max(s.last, c.Order)
		for _, name := range []string{c.Name.FR, c.Name.EN} {
			if name != "" {
				s.byName[fold(name)] = c.ID
			}
		}
	}
	return s
}

// find gives the category of a name, which it adds when it is new.
func (s *shelves) find(name string) uuid.UUID {
	text := retail.Text{FR: name}
	if name == "" { // where products go that no file says a category of
		text = retail.Text{FR: "Divers", EN: "Miscellaneous"}
	}
	key := fold(text.FR)
	if id, known := s.byName[key]; known {
		return id
	}
	s.last++
	c := retail.Category{ID: newID("category", key), Name: text, Order: s.last}
	s.byName[key] = c.ID
	s.fresh = append(s.fresh, c)
	return c.ID
}

// change brings a product to what the row says.
func (r productRow) change(p *catalog.Product) {
	p.Name = named(p.Name, r.name, r.names)
	if !r.unpriced {
		p.Price = r.price
	}
	if r.cost != nil {
		p.Cost = *r.cost
	}
	if r.class != 0 {
		p.Class = r.class
	}
	if r.pack != 0 {
		p.Pack = r.pack
	}
	r.counter.change(p)
	if r.barcodes != nil {
		p.Barcodes = r.barcodes
	}
}

// barcodesFree names the row when a barcode that is new to its product belongs to one that keeps it: the rows of the file
// take away only the barcodes that they replace.
func (r productRow) barcodesFree(owners map[string]catalog.Owner, before catalog.Product, rows map[string]productRow, plan *Plan) {
	for _, code := range r.barcodes {
		owner, taken := owners[code]
		if taken && owner.ID != before.ID && rows[owner.SKU].barcodes == nil {
			plan.bad(r.line, "barcode %s is that of the product with SKU %s", code, owner.SKU)
		}
	}
}
