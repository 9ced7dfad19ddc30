package ledger

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// load publishes products as the global feed.
func load(t testing.TB, l *Ledger, products []retail.Product) {
	t.Helper()
	h := newHQ(t, l, "global")
	rows := make([]wire.Row, len(products))
	for i, p := range products {
		rows[i] = h.row(retail.RowProduct, p.ID, p)
	}
	require.NoError(t, l.Publish(t.Context(), h.page(0, rows...)))
}

func named(fr, en, sku string, barcodes ...string) retail.Product {
	return retail.Product{
		ID: uuid.Must(uuid.NewV7()), SKU: sku, Name: retail.Text{FR: fr, EN: en}, Price: 100, Class: retail.Taxable,
		Barcodes: barcodes,
	}
}

var shelf = []retail.Product{
	named("Sirop d'érable ambré", "Amber maple syrup", "SIR-540", "0060383017118"),
	named("Sirop de maïs", "Corn syrup", "SIR-100"),
	named("Muffin aux bleuets", "Blueberry muffin", "MUF-01", "4006381333931"),
	named("Bleuets sauvages", "Wild blueberries", "BLE-02"),
	named("Œufs gros, douzaine", "Large eggs, dozen", "OEU-12"),
	named("Crème brûlée", "", "CRB-1"),
	named("Straße Pils 5,0 %", "Street pils", "PIL-5"),
	named("=SOMME(A1) \"NEAR\" AND *", "", "BAD-1"),
	named("Ελαιόλαδο", "Olive oil", "OLI-1"),
}

func TestSearchFinds(t *testing.T) {
	l := newFolder(t).open(t)
	load(t, l, shelf)
	for query, want := range map[string][]string{
		"erab sir":           {"SIR-540"},
		"SIROP ÉRABLE":       {"SIR-540"},
		"d'érable":           {"SIR-540"},
		"maple amb":          {"SIR-540"},
		"bleuet muf":         {"MUF-01"},
		"bleuets":            {"BLE-02", "MUF-01"},
		"sirop":              {"SIR-100", "SIR-540"},
		"berr":               {"BLE-02", "MUF-01"}, // inside blueberry
		"leuet":              {"BLE-02", "MUF-01"},
		"oeuf":               {"OEU-12"},
		"œufs":               {"OEU-12"},
		"creme brulee":       {"CRB-1"},
		"strasse":            {"PIL-5"},
		"muf-01":             {"MUF-01"},
		"4006381333931":      {"MUF-01"},
		"400638":             {"MUF-01"},
		"somme near and":     {"BAD-1"},
		"ελαιο":              {"OLI-1"},
		"":                   nil,
		"*":                  nil,
		"\"":                 nil,
		"bleuets homard":     nil,
		"tokens:sirop OR ma": nil,
	} {
		found, total, err := l.Search(t.Context(), query, 10)
		require.NoError(t, err, query)
		var skus []string
		for _, p := range found {
			skus = append(skus, p.SKU)
		}
		require.Equal(t, want, skus, query)
		require.Equal(t, len(want), total, query)
	}
	found, total, err := l.Search(t.Context(), "s", 1)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.GreaterOrEqual(t, total, 3)
}

// Any beginnings of words of a name, in any order, and any three letters or more inside one, find the product.
func TestSearchLaw(t *testing.T) {
	l := newFolder(t).open(t)
	load(t, l, shelf)
	rapid.Check(t, func(r *rapid.T) {
		p := rapid.SampledFrom(shelf).Draw(r, "product")
		words := strings.Fields(fold(p.Name.In(rapid.SampledFrom([]string{"fr", "en"}).Draw(r, "lang"))))
		words = rapid.Permutation(words).Draw(r, "order")[:rapid.IntRange(1, len(words)).Draw(r, "words")]
		for i, word := range words {
			letters := []rune(word)
			if from := rapid.IntRange(0, len(letters)-1).Draw(r, "from"); len(letters)-from >= inside {
				letters = letters[from:]
				words[i] = string(letters[:rapid.IntRange(inside, len(letters)).Draw(r, "to")])
			} else {
				words[i] = string(letters[:rapid.IntRange(1, len(letters)).Draw(r, "to")])
			}
		}
		query := strings.Join(words, " ")
		found, _, err := l.Search(t.Context(), query, 100)
		require.NoError(r, err)
		require.Contains(r, found, p, query)
	})
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"Sirop d'érable": "sirop d erable", "  L’Œuf--cœur ": "l oeuf coeur", "ÇÀÉ": "cae", "½ kg": "1 2 kg", "": "", "🍁": "",
		"İstanbul": "istanbul",
	} {
		require.Equal(t, want, fold(text), text)
	}
}

// bigCatalogue is size products: real names and barcodes when the data is there, else made up.
func bigCatalogue(t testing.TB, size int) []retail.Product {
	t.Helper()
	products := make([]retail.Product, 0, size)
	seen := map[string]bool{}
	for _, name := range []string{"catalogue_fr_60k.csv.gz", "catalogue_en_60k.csv.gz"} {
		for _, record := range readGzip(t, filepath.Join("../../../shared/data/barcodes", name)) {
			if code := record[0]; len(products) < size && !seen[code] {
				seen[code] = true
				products = append(products, named(record[1], record[1], fmt.Sprintf("S%06d", len(products)), code))
			}
		}
	}
	kinds := []string{"Sirop", "Muffin", "Café", "Fromage", "Biscuit", "Yogourt", "Jus", "Soupe", "Pain", "Chocolat"}
	tastes := []string{"érable", "bleuet", "vanille", "orange", "poulet", "citron", "framboise", "noix", "carotte", "menthe"}
	for i := len(products); i < size; i++ {
		name := fmt.Sprintf("%s %s %s %d", kinds[i%10], tastes[i/10%10], tastes[i/100%10], i/1000)
		products = append(products, named(name, name, fmt.Sprintf("S%06d", i), fmt.Sprintf("29%011d", i)))
	}
	for i := range products {
		products[i].Price = money.Amount(100 + i%5000)
	}
	return products
}

func readGzip(t testing.TB, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	r := csv.NewReader(z)
	r.LazyQuotes = true
	all, err := r.ReadAll()
	require.NoError(t, err)
	return all[1:]
}

func TestSearchRealNames(t *testing.T) {
	products := bigCatalogue(t, 3_000)
	l := newFolder(t).open(t)
	load(t, l, products)
	for i := 0; i < len(products); i += 29 {
		p := products[i]
		got, ok, err := l.ByCode(t.Context(), p.Barcodes[0])
		require.NoError(t, err)
		require.True(t, ok, p.Barcodes[0])
		require.Equal(t, p, got)
		words := strings.Fields(fold(p.Name.FR))
		if len(words) == 0 {
			continue
		}
		found, total, err := l.Search(t.Context(), p.Name.FR, 1000)
		require.NoError(t, err)
		if total <= searchRank {
			require.Contains(t, found, p)
		}
		_, total, err = l.Search(t.Context(), words[0][:1], 10)
		require.NoError(t, err)
		require.Positive(t, total)
	}
}
