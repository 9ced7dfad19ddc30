package catalog_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func logTo(t testing.TB) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// plan is every price book there was, as a person would write them down.
type plan []planned

type planned struct {
	version  int64
	from     time.Time
	prices   map[uuid.UUID]money.Amount
	canceled bool
}

// price is the rule: the newest book whose time has come and that names the product, and the newest of all.
func (p plan) price(product uuid.UUID, at time.Time) (price money.Amount, version int64) {
	var named, newest planned
	newer := func(a, b planned) bool { return a.from.After(b.from) || a.from.Equal(b.from) && a.version > b.version }
	for _, b := range p {
		if b.canceled || b.from.After(at) {
			continue
		}
		if newer(b, newest) {
			newest = b
		}
		if v, ok := b.prices[product]; ok && newer(b, named) {
			price, named = v, b
		}
	}
	return price, newest.version
}

// Whatever is planned, edited and canceled, and however seldom headquarters moves books into the rows, a till that got the
// feed at some moment and nothing since prices by the rule, as far as it was known then, at every later moment.
func TestTheFeedPricesByTheRule(t *testing.T) {
	d := open(t)
	rapid.Check(t, func(r *rapid.T) {
		_, err := d.Exec(ctx, `TRUNCATE catalog.price_line, catalog.price_book, catalog.barcode, catalog.picture, catalog.product, feed.item, feed.head`)
		require.NoError(r, err)
		products := []catalog.Product{product(1, "a"), product(2, "b"), product(3, "c")}
		now := monday
		var known plan
		version := int64(0)
		wrote := func(from time.Time, prices map[uuid.UUID]money.Amount) {
			version++
			known = append(known, planned{version: version, from: from, prices: prices})
		}
		put := func() {
			prices := map[uuid.UUID]money.Amount{}
			for i := range products {
				if was, _ := known.price(products[i].ID, now); len(known) == 0 || was != products[i].Price {
					prices[products[i].ID] = products[i].Price
				}
			}
			require.NoError(r, d.InTx(ctx, func(tx *db.Tx) error {
				_, err := catalog.PutProducts(ctx, tx, now, products)
				return err
			}))
			if len(prices) > 0 {
				wrote(now, prices)
			}
		}
		check := func() {
			till := readFeed(t, d)
			for after := range 8 { // hours, as books begin on the hour
				at := now.Add(time.Duration(after) * time.Hour)
				for _, p := range products {
					want, under := known.price(p.ID, at)
					shown, said := till.price(p.ID, at)
					require.Equal(r, want, shown, "product %s after %d hours", p.SKU, after)
					require.EqualValues(r, under, said, "version after %d hours", after)
				}
			}
		}
		put()
		r.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) { check() },
			"plan": func(r *rapid.T) {
				from := now.Add(time.Duration(rapid.IntRange(0, 6).Draw(r, "hours")) * time.Hour)
				prices := map[uuid.UUID]money.Amount{}
				var lines []retail.PriceLine
				for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 2), 1, 3, rapid.ID).Draw(r, "products") {
					amount := money.Amount(rapid.IntRange(1, 9).Draw(r, "price"))
					prices[products[i].ID] = amount
					lines = append(lines, retail.PriceLine{Product: products[i].ID, Price: amount})
				}
				got, err := tryAdd(d, now, from, lines...)
				require.NoError(r, err)
				wrote(from, prices)
				require.Equal(r, version, got)
			},
			"edit": func(r *rapid.T) {
				for i := range products {
					products[i].Price, _ = known.price(products[i].ID, now)
				}
				products[rapid.IntRange(0, 2).Draw(r, "product")].Price = money.Amount(rapid.IntRange(1, 9).Draw(r, "price"))
				put()
			},
			"cancel": func(r *rapid.T) {
				i := rapid.IntRange(0, len(known)-1).Draw(r, "book")
				err := cancel(d, now, known[i].version)
				if known[i].canceled || !known[i].from.After(now) {
					require.Error(r, err)
					return
				}
				require.NoError(r, err)
				known[i].canceled = true
			},
			"time passes": func(r *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(1, 3).Draw(r, "hours")) * time.Hour) },
			"activate": func(*rapid.T) {
				activate(t, d, now)
				for _, p := range products {
					want, _ := known.price(p.ID, now)
					require.Equal(r, want, price(t, d, p.ID), "what headquarters shows")
				}
			},
		})
	})
}
