package tilltest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/terminal/till"
)

// Shop is what headquarters has published; a Catalogue answers from it.
type Shop struct {
	Identity   till.Identity
	Currency   retail.Currency // the identity's when empty
	Products   []retail.Product
	Categories []retail.Category
	Staff      []retail.Staff
	Rights     []retail.Rights
	Control    retail.Control
	Rates      retail.TaxTable
	Prices     uint64
	Next       till.NextPrices
	Stock      map[uuid.UUID]till.Stock
	Restocks   []retail.Restock
	Shipments  []retail.Shipment
	Orders     []retail.Order
	Locations  []retail.Location
	Elsewhere  map[uuid.UUID]retail.Elsewhere
}

// QuebecTaxes are the two taxes the tests reckon with.
func QuebecTaxes() retail.TaxTable {
	return retail.TaxTable{
		{
			Code: "TPS", Name: retail.Text{FR: "TPS", EN: "GST"}, Rate: 5000, Order: 1,
			Classes: []retail.TaxClass{retail.Taxable}, Registration: "123456789 RT0001",
		},
		{
			Code: "TVQ", Name: retail.Text{FR: "TVQ", EN: "QST"}, Rate: 9975, Order: 2,
			Classes: []retail.TaxClass{retail.Taxable}, Registration: "1234567890 TQ0001",
		},
	}
}

// PIN hashes one cheaply, and once: the cost is the point of argon2id.
func PIN(pin string) string {
	return once(&pins, pin, func() string {
		h, err := secret.Hash(pin, secret.Params{Memory: 64, Time: 1, Threads: 1})
		if err != nil {
			panic(err)
		}
		return h
	})
}

// Badge hashes what is on one, once.
func Badge(code string) []byte {
	return once(&badges, code, func() []byte { return secret.Badge(code) })
}

var pins, badges sync.Map

func once[T any](known *sync.Map, key string, hash func() T) T {
	h, _ := known.LoadOrStore(key, sync.OnceValue(hash))
	return h.(func() T)()
}

// Catalogue is a till's copy of what headquarters has published.
type Catalogue struct{ Of *Shop }

func (c Catalogue) Identity() till.Identity { return c.Of.Identity }

func (c Catalogue) find(is func(retail.Product) bool) (retail.Product, bool, error) {
	if i := slices.IndexFunc(c.Of.Products, is); i >= 0 {
		return c.Of.Products[i], true, nil
	}
	return retail.Product{}, false, nil
}

func (c Catalogue) Product(_ context.Context, id uuid.UUID) (retail.Product, bool, error) {
	return c.find(func(p retail.Product) bool { return p.ID == id })
}

func (c Catalogue) ByCode(_ context.Context, code string) (retail.Product, bool, error) {
	return c.find(func(p retail.Product) bool { return p.SKU == code || slices.Contains(p.Barcodes, code) })
}

func (c Catalogue) Search(_ context.Context, query string, limit int) ([]retail.Product, int, error) {
	var found []retail.Product
	for _, p := range c.Of.Products {
		text, all := plain(p.Name.FR+" "+p.Name.EN+" "+p.SKU), true
		for _, word := range strings.Fields(plain(query)) {
			all = all && strings.Contains(text, word)
		}
		if all {
			found = append(found, p)
		}
	}
	return found[:min(limit, len(found))], len(found), nil
}

// plain has neither capitals nor accents.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

func (c Catalogue) Categories(context.Context) ([]retail.Category, error) {
	return c.Of.Categories, nil
}

func (c Catalogue) InCategory(_ context.Context, category uuid.UUID, lang string, limit int) ([]retail.Product, error) {
	var found []retail.Product
	for _, p := range c.Of.Products {
		if p.Category == category || category == uuid.Nil && p.Favourite > 0 {
			found = append(found, p)
		}
	}
	if category != uuid.Nil {
		slices.SortFunc(found, func(a, b retail.Product) int { return cmp.Compare(a.Name.In(lang), b.Name.In(lang)) })
	}
	return found[:min(limit, len(found))], nil
}

func (c Catalogue) Staff(context.Context) ([]retail.Staff, error)   { return c.Of.Staff, nil }
func (c Catalogue) Rates(context.Context) (retail.TaxTable, error)  { return c.Of.Rates, nil }
func (c Catalogue) Rights(context.Context) ([]retail.Rights, error) { return c.Of.Rights, nil }
func (c Catalogue) Control(context.Context) (retail.Control, error) { return c.Of.Control, nil }

func (c Catalogue) Currency(context.Context) (retail.Currency, error) {
	if c.Of.Currency.Code != "" {
		return c.Of.Currency, nil
	}
	currency, _ := retail.CurrencyOf(c.Of.Identity.Currency)
	return currency, nil
}

func (c Catalogue) Prices(context.Context) (uint64, error)              { return c.Of.Prices, nil }
func (c Catalogue) NextPrices(context.Context) (till.NextPrices, error) { return c.Of.Next, nil }

func (c Catalogue) Locations(context.Context) ([]retail.Location, error) {
	return slices.Clone(c.Of.Locations), nil
}

func (c Catalogue) StockOf(_ context.Context, product uuid.UUID) (till.Stock, error) {
	return c.Of.Stock[product], nil
}

func (c Catalogue) StockOfMany(context.Context, []uuid.UUID) (map[uuid.UUID]till.Stock, error) {
	return c.Of.Stock, nil
}

func (c Catalogue) Elsewhere(_ context.Context, product uuid.UUID) (retail.Elsewhere, error) {
	return c.Of.Elsewhere[product], nil
}

func (c Catalogue) Restocks(context.Context, int) ([]retail.Restock, error) {
	return slices.Clone(c.Of.Restocks), nil
}

func (c Catalogue) Shipments(context.Context, int) ([]retail.Shipment, error) {
	return slices.Clone(c.Of.Shipments), nil
}

func (c Catalogue) Orders(context.Context) ([]retail.Order, error) {
	return slices.Clone(c.Of.Orders), nil
}
