package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/shared/barcode"
	"comptant/shared/retail"
)

var ctx = context.Background()

var grocery = retail.Category{ID: uuid.NewSHA1(uuid.Nil, []byte("grocery")), Name: retail.Text{FR: "Épicerie", EN: "Grocery"}, Order: 1}

// product is the n-th of a plain catalogue.
func product(n int, name string) catalog.Product {
	return catalog.Product{
		Product: retail.Product{
			ID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, n)), SKU: fmt.Sprint(204310 + n), Name: retail.Text{FR: name, EN: "English " + name},
			Category: grocery.ID, Price: 1149, Class: retail.ZeroRated, Pack: 12, Barcodes: []string{barcode.Make("620", n)}, Favourite: n % 3,
		},
		Cost: 700,
	}
}

func open(t *testing.T) *db.DB {
	d := pgtest.New(t)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutCategories(ctx, tx, grocery) }))
	return d
}

func put(t *testing.T, d *db.DB, products ...catalog.Product) int {
	changed, err := tryPut(d, products...)
	require.NoError(t, err)
	return changed
}

func tryPut(d *db.DB, products ...catalog.Product) (changed int, err error) {
	err = d.InTx(ctx, func(tx *db.Tx) (err error) {
		changed, err = catalog.PutProducts(ctx, tx, monday, products)
		return err
	})
	return changed, err
}

// refused says that err is for a person, and under which key.
func refused(t *testing.T, err error, key string) *retail.Error {
	t.Helper()
	var told *retail.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, key, told.Key)
	return told
}

func head(t *testing.T, d *db.DB) (seq int) {
	require.NoError(t, d.QueryRow(ctx, `SELECT seq FROM feed.head WHERE feed = 'global'`).Scan(&seq))
	return seq
}

func TestWhatIsPutIsRead(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop d’érable ambré, 540 ml")
	p.Weighed, p.MadeHere, p.Barcodes = true, true, []string{"036000291452", "96385074", "0036000291452"}
	require.Equal(t, 1, put(t, d, p))
	p.Barcodes = []string{"0036000291452", "96385074"}
	got, err := catalog.Get(ctx, d, p.ID)
	require.NoError(t, err)
	require.Equal(t, p, got)
	for _, code := range []string{p.SKU, " 036000291452 ", "0036000291452", "96385074"} {
		got, err := catalog.ByCode(ctx, d, code)
		require.NoError(t, err, code)
		require.Equal(t, p.ID, got.ID)
	}
	_, err = catalog.ByCode(ctx, d, "4006381333931")
	refused(t, err, "product.unknown")
	_, err = catalog.Get(ctx, d, uuid.New())
	refused(t, err, "product.unknown")

	byID, err := catalog.ByID(ctx, d, []uuid.UUID{p.ID, uuid.New()})
	require.NoError(t, err)
	require.Equal(t, map[uuid.UUID]catalog.Product{p.ID: p}, byID)
	ids, err := catalog.IDs(ctx, d, []string{p.SKU, "nothing"})
	require.NoError(t, err)
	require.Equal(t, map[string]uuid.UUID{p.SKU: p.ID}, ids)
}

func TestOnlyWhatChangedIsPublished(t *testing.T) {
	d := open(t)
	products := make([]catalog.Product, 3000)
	for i := range products {
		products[i] = product(i, fmt.Sprintf("Produit %d", i))
	}
	before := head(t, d)
	require.Equal(t, 3000, put(t, d, products...))
	require.Equal(t, before+3001, head(t, d), "and the version of prices")
	require.Zero(t, put(t, d, products...))
	require.Equal(t, before+3001, head(t, d))

	products[7].Price++
	products[8].Barcodes = nil
	products[9].Cost++ // headquarters' own: a change, and no row
	require.Equal(t, 3, put(t, d, products...))
	require.Equal(t, before+3004, head(t, d), "and the version of prices")

	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutCategories(ctx, tx, grocery) }))
	require.Equal(t, before+3004, head(t, d))
}

func TestBarcodesBelongToOneProduct(t *testing.T) {
	d := open(t)
	a, b := product(1, "a"), product(2, "b")
	put(t, d, a, b)

	stolen := b
	stolen.Barcodes = a.Barcodes
	_, err := tryPut(d, stolen)
	told := refused(t, err, "product.barcode_taken")
	require.Equal(t, map[string]any{"barcode": a.Barcodes[0], "sku": a.SKU}, told.Args)

	swappedA, swappedB := a, b
	swappedA.Barcodes, swappedB.Barcodes = b.Barcodes, a.Barcodes
	require.Equal(t, 2, put(t, d, swappedA, swappedB))
	got, err := catalog.ByCode(ctx, d, a.Barcodes[0])
	require.NoError(t, err)
	require.Equal(t, b.ID, got.ID)

	both := []catalog.Product{product(3, "c"), product(4, "d")}
	both[1].Barcodes = both[0].Barcodes
	_, err = tryPut(d, both...)
	refused(t, err, "product.barcode_taken")
	_, err = catalog.Get(ctx, d, both[0].ID)
	refused(t, err, "product.unknown")
}

func TestRefusals(t *testing.T) {
	d := open(t)
	put(t, d, product(1, "a"))
	for key, change := range map[string]func(*catalog.Product){
		"product.sku":           func(p *catalog.Product) { p.SKU = " " },
		"product.name":          func(p *catalog.Product) { p.Name = retail.Text{FR: "  "} },
		"product.price":         func(p *catalog.Product) { p.Price = -1 },
		"product.cost":          func(p *catalog.Product) { p.Cost = -1 },
		"product.tax_class":     func(p *catalog.Product) { p.Class = 10 },
		"product.barcode":       func(p *catalog.Product) { p.Barcodes = []string{"123"} },
		"product.barcode_check": func(p *catalog.Product) { p.Barcodes = []string{"4006381333932"} },
		"product.category":      func(p *catalog.Product) { p.Category = uuid.New() },
		"product.sku_taken":     func(p *catalog.Product) { p.SKU = product(1, "a").SKU },
	} {
		p := product(2, "b")
		change(&p)
		_, err := tryPut(d, p)
		refused(t, err, key)
	}
	twice := product(5, "e")
	twice.SKU = product(6, "f").SKU
	_, err := tryPut(d, twice, product(6, "f"))
	refused(t, err, "product.sku_taken")
}

func TestSearch(t *testing.T) {
	d := open(t)
	put(t, d, product(1, "Sirop d’Érable ambré, 540 ml"), product(2, "Œufs, calibre gros"), product(3, "Bœuf haché"), product(4, "100 % pur_jus"),
		product(5, "Éclair au café"), product(6, "Zeste de citron"))
	for text, want := range map[string][]int{
		"":                         {3, 5, 4, 2, 1, 6},
		"erable SIROP":             {1},
		"éRABLE":                   {1},
		"oeuf":                     {3, 2},
		"œuf":                      {3, 2},
		"%":                        {4},
		"_":                        {4},
		"20431":                    {3, 5, 4, 2, 1, 6},
		"204311":                   {1},
		product(6, "").Barcodes[0]: {6},
		barcode.Make("620", 99):    nil,
		"english zeste":            {6},
		"rien de tel":              nil,
		"e\u0301clair":             {5},
		"   ":                      {3, 5, 4, 2, 1, 6},
		"'; DROP TABLE x; -- \\":   nil,
	} {
		page, err := catalog.Search(ctx, d, catalog.Filter{Text: text})
		require.NoError(t, err, text)
		require.ElementsMatch(t, ids(want), found(page), text)
		require.Equal(t, len(want), page.Total)
		require.Empty(t, page.Next)
	}
	page, err := catalog.Search(ctx, d, catalog.Filter{Only: ids([]int{2, 3}), Text: "gros"})
	require.NoError(t, err)
	require.Equal(t, ids([]int{2}), found(page))
	page, err = catalog.Search(ctx, d, catalog.Filter{Only: []uuid.UUID{}})
	require.NoError(t, err)
	require.Empty(t, page.Products)
	page, err = catalog.Search(ctx, d, catalog.Filter{Category: uuid.New()})
	require.NoError(t, err)
	require.Empty(t, page.Products)
	_, err = catalog.Search(ctx, d, catalog.Filter{After: "?"})
	refused(t, err, "page.unknown")
}

// Accents do not push a name to the end of the alphabet.
func TestSearchOrder(t *testing.T) {
	d := open(t)
	put(t, d, product(1, "zèbre"), product(2, "Éclair"), product(3, "abeille"), product(4, "fraise"), product(5, "eau"))
	page, err := catalog.Search(ctx, d, catalog.Filter{})
	require.NoError(t, err)
	require.Equal(t, ids([]int{3, 5, 2, 4, 1}), found(page))
}

func TestPagesHoldEverythingOnce(t *testing.T) {
	d := open(t)
	var products []catalog.Product
	for i := range 25 {
		products = append(products, product(i, fmt.Sprintf("même nom %d", i%4)))
	}
	put(t, d, products...)
	for _, size := range []int{1, 5, 24, 25, 26} {
		seen := map[uuid.UUID]bool{}
		f := catalog.Filter{Limit: size, Lang: "en", Text: "nom"}
		for pages := 0; ; pages++ {
			require.Less(t, pages, 26)
			page, err := catalog.Search(ctx, d, f)
			require.NoError(t, err)
			require.Equal(t, 25, page.Total)
			require.LessOrEqual(t, len(page.Products), size)
			for _, p := range page.Products {
				require.False(t, seen[p.ID])
				seen[p.ID] = true
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		require.Len(t, seen, 25)
	}
}

func TestTaxRatesAndCategories(t *testing.T) {
	d := open(t)
	tvq := retail.TaxRate{
		ID: uuid.New(), Code: "TVQ", Name: retail.Text{FR: "TVQ", EN: "QST"}, Rate: 9975, Classes: []retail.TaxClass{retail.Taxable},
		From: 20130101, Registration: "1234567890 TQ0001", Order: 2,
	}
	tps := retail.TaxRate{ID: uuid.New(), Code: "TPS", Rate: 5000, Classes: []retail.TaxClass{1, 2}, From: 20080101, To: 20300101, Included: true, Order: 1}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutTaxRates(ctx, tx, tvq, tps) }))
	tps.Rate = 6000
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutTaxRates(ctx, tx, tps) }))
	rates, err := catalog.TaxRates(ctx, d)
	require.NoError(t, err)
	require.Equal(t, retail.TaxTable{tps, tvq}, rates)

	tps.To = tps.From
	refused(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutTaxRates(ctx, tx, tps) }), "tax.rate")

	refused(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutCategories(ctx, tx, retail.Category{ID: uuid.New()}) }), "category.name")
	all, err := catalog.Categories(ctx, d)
	require.NoError(t, err)
	require.Equal(t, []retail.Category{grocery}, all)
}

// Two imports of the same barcode at once: one is refused, none is half done.
func TestBarcodeRace(t *testing.T) {
	d := open(t)
	a, b := product(1, "a"), product(2, "b")
	b.Barcodes = a.Barcodes
	results := make(chan error, 2)
	for _, p := range []catalog.Product{a, b} {
		go func() { _, err := tryPut(d, p); results <- err }()
	}
	first, second := <-results, <-results
	require.True(t, (first == nil) != (second == nil), "%v, %v", first, second)
	refused(t, errors.Join(first, second), "product.barcode_taken")
}

func ids(ns []int) (all []uuid.UUID) {
	for _, n := range ns {
		all = append(all, product(n, "").ID)
	}
	return all
}

func found(p catalog.Page) (all []uuid.UUID) {
	for _, p := range p.Products {
		all = append(all, p.ID)
	}
	return all
}
