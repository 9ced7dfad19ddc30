package bench

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// catalogueSize is the assortment the figures are about.
const catalogueSize = 100_000

// goods are products with real names and barcodes as far as there is data, made from a fixed seed beyond that.
func goods(data string, size int) ([]retail.Product, error) {
	g := shelf{size: size, codes: map[string]bool{}, category: seeded(2, 0)}
	for _, name := range []string{"catalogue_fr_60k.csv.gz", "catalogue_en_60k.csv.gz"} {
		if data == "" {
			break
		}
		if err := g.load(filepath.Join(data, "barcodes", name)); err != nil {
			return nil, err
		}
	}
	g.invent()
	return g.products, nil
}

// shelf is products being gathered.
type shelf struct {
	size     int
	codes    map[string]bool
	category uuid.UUID
	products []retail.Product
}

// add takes a product unless its barcode is not one, or is known.
func (s *shelf) add(code, name string) {
	gtin, ok := barcode.Normalize(code)
	if !ok || s.codes[gtin] || name == "" || len(s.products) == s.size {
		return
	}
	s.codes[gtin] = true
	n := len(s.products)
	s.products = append(s.products, retail.Product{
		ID: seeded(3, n), SKU: fmt.Sprintf("S%06d", n), Name: retail.Text{FR: name, EN: name}, Category: s.category,
		Price: money.Amount(99 + n*37%5000), Class: retail.TaxClass(1 + n%2), Barcodes: []string{gtin}, Pack: 1,
	})
}

func (s *shelf) load(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	r := csv.NewReader(z)
	r.LazyQuotes = true
	lines, err := r.ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, line := range lines[min(1, len(lines)):] {
		s.add(line[0], line[1])
	}
	return nil
}

// invent fills the shelf.
func (s *shelf) invent() {
	words := strings.Fields(`sirop muffin café fromage biscuit yogourt jus soupe pain chocolat tarte beurre confiture gruau céréales
		érable bleuet vanille orange poulet citron framboise noix carotte menthe caramel canneberge pomme cannelle fraise
		biologique maison léger nature entier frais moelleux croquant doux salé grillé fumé râpé tranché glacé`)
	r := rand.New(rand.NewPCG(2026, 11))
	for n := 0; len(s.products) < s.size; n++ {
		name := make([]string, 2+r.IntN(3))
		for i := range name {
			name[i] = words[r.IntN(len(words))]
		}
		digits := fmt.Sprintf("62%010d", n)
		s.add(digits+string(rune('0'+checkDigit(digits))), strings.Join(name, " ")+fmt.Sprintf(" %d g", 50*(1+r.IntN(20))))
	}
}

// checkDigit of the first 12 digits of an EAN-13 (GS1 General Specifications, 7.9).
func checkDigit(digits string) int {
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * (1 + 2*(i%2))
	}
	return (10 - sum%10) % 10
}

// seeded is the n-th id of a kind: the same in every run.
func seeded(kind byte, n int) uuid.UUID {
	id := uuid.UUID{0: 1, 1: 0x98, 6: 0x70, 7: kind, 8: 0x80}
	id[12], id[13], id[14], id[15] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return id
}

// taxes are those of Québec.
func taxes() retail.TaxTable {
	classes := []retail.TaxClass{retail.Taxable}
	return retail.TaxTable{
		{ID: seeded(4, 1), Code: "TPS", Name: retail.Text{FR: "TPS", EN: "GST"}, Rate: 5000, Classes: classes, From: 20080101, Order: 1},
		{ID: seeded(4, 2), Code: "TVQ", Name: retail.Text{FR: "TVQ", EN: "QST"}, Rate: 9975, Classes: classes, From: 20130101, Order: 2},
	}
}

// basket is a sale of five products, paid by card.
func basket(products []retail.Product, n int, day retail.Date) (retail.Sale, error) {
	lines := make([]retail.Line, 5)
	for i := range lines {
		lines[i] = retail.NewLine(products[(n*5+i)*7919%len(products)], money.Quantity(1+n%2)*money.One, "fr")
	}
	totals := retail.Total(lines, taxes().On(day))
	settled := retail.Settle(totals.Total)
	settled, err := settled.Card(settled.Left(), "083214", "4417")
	return retail.Sale{
		BusinessDate: day, Currency: "CAD", Lines: lines, Taxes: totals.Taxes, Tenders: settled.Tenders, Total: totals.Total,
		Rounding: settled.Rounding,
	}, err
}
