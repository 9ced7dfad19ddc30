package ledger

import (
	"slices"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// storeTill is a till with the feed of its store beside the global one.
type storeTill struct {
	*pricedTill
	store *hq
}

func newStoreTill(t testing.TB) *storeTill {
	p := newPriced(t)
	return &storeTill{p, newHQ(t, p.Ledger, "store")}
}

// pullStore publishes what headquarters has changed in the store's feed.
func (s *storeTill) pullStore() {
	s.t.Helper()
	from := cursor(s.t, s.Ledger, "store").Seq
	require.NoError(s.t, s.Publish(s.t.Context(), s.store.page(from, s.store.since(from)...)))
}

// storeBook has headquarters plan prices of the store.
func (s *storeTill) storeBook(version uint64, from time.Time, lines ...retail.PriceLine) {
	s.store.row(retail.RowStoreBook, uuid.UUID{7: byte(version)}, retail.PriceBook{Version: version, From: from.UnixMilli(), Lines: lines})
}

// own says that a product has a price of its own in the store, by a version that is in force since a moment.
func (s *storeTill) own(product retail.Product, price money.Amount, version uint64, since time.Time) {
	s.store.row(retail.RowStorePrice, product.ID, retail.StorePrice{Price: price})
	s.store.row(retail.RowStoreBook, uuid.Nil, retail.PriceBook{Version: version, Since: since.UnixMilli()})
	s.store.row(retail.RowStoreBook, uuid.UUID{7: byte(version)}, nil)
}

func everywhere(product retail.Product) retail.PriceLine {
	return retail.PriceLine{Product: product.ID, Everywhere: true}
}

func TestAStoreHasItsOwnPriceFromAMomentToAMoment(t *testing.T) {
	s := newStoreTill(t)
	a, b := good("alpha", 100), good("beta", 200)
	for _, product := range []retail.Product{a, b} {
		s.hq.row(retail.RowProduct, product.ID, product)
	}
	s.hq.row(retail.RowPriceBook, uuid.Nil, retail.PriceBook{Version: 1, Since: day.Add(-time.Hour).UnixMilli()})
	s.book(0, 2, day.Add(2*time.Hour), at(a, 130), at(b, 230))
	s.storeBook(3, day.Add(time.Hour), at(a, 90))
	s.storeBook(4, day.Add(3*time.Hour), everywhere(a))
	s.pull()
	s.pullStore()
	hours := func(n int) { s.now = day.Add(time.Duration(n) * time.Hour) }
	s.shows(a, 100, 1)
	next, err := s.NextPrices(t.Context())
	require.NoError(t, err)
	require.Equal(t, till.NextPrices{Version: 3, From: day.Add(time.Hour)}, next)
	hours(1)
	s.shows(a, 90, 3)
	s.shows(b, 200, 3)
	hours(2)
	s.shows(a, 90, 2) // the price of every store changes, and this one has its own
	s.shows(b, 230, 2)
	hours(3)
	s.shows(a, 130, 4)

	// Headquarters has moved it into the rows: it is so whatever the clock says, the end of it as well.
	hours(0)
	s.own(a, 90, 3, day.Add(time.Hour))
	s.pullStore()
	s.shows(a, 90, 3)
	s.shows(b, 200, 3)
	hours(2)
	s.shows(a, 90, 2)
	s.store.row(retail.RowStorePrice, a.ID, nil)
	s.store.row(retail.RowStoreBook, uuid.Nil, retail.PriceBook{Version: 4, Since: day.Add(3 * time.Hour).UnixMilli()})
	s.store.row(retail.RowStoreBook, uuid.UUID{7: 4}, nil)
	s.pullStore()
	s.shows(a, 130, 4)
	requireCatalog(t, s.Ledger, 0, `SELECT count(*) FROM store_price`)
}

// Of the versions that the rows hold, that which is in force since later is the newest, whichever was planned first.
func TestTheNewestVersionIsInForceSinceLater(t *testing.T) {
	s := newStoreTill(t)
	a := good("alpha", 100)
	s.hq.row(retail.RowProduct, a.ID, a)
	s.hq.row(retail.RowPriceBook, uuid.Nil, retail.PriceBook{Version: 2, Since: day.UnixMilli()})
	s.own(a, 90, 3, day.Add(-time.Hour))
	s.pull()
	s.pullStore()
	s.shows(a, 90, 2)
	s.own(a, 80, 4, day)
	s.pullStore()
	s.shows(a, 80, 4) // since the same moment, and planned after
	s.book(0, 1, day, at(a, 110))
	s.pull()
	s.shows(a, 80, 4)
}

// A till that leaves the store leaves its prices, a load from the start and a catalogue that takes this one's place keep them, and
// so does a program that did not know the rows.
func TestTheStoresPricesStayWithItsFeed(t *testing.T) {
	s := newStoreTill(t)
	a, b := good("alpha", 100), good("beta", 200)
	for _, product := range []retail.Product{a, b} {
		s.hq.row(retail.RowProduct, product.ID, product)
	}
	s.hq.holds(1)
	s.own(a, 90, 2, day.Add(-time.Hour))
	s.storeBook(3, day.Add(time.Hour), at(b, 180), everywhere(a))
	s.pull()
	s.pullStore()
	both := func() {
		s.t.Helper()
		s.now = day
		s.shows(a, 90, 2)
		s.shows(b, 200, 2)
		s.now = day.Add(time.Hour)
		s.shows(a, 100, 3)
		s.shows(b, 180, 3)
	}
	both()
	for _, table := range []string{"store_price", "price", "price_book"} {
		require.NoError(t, s.catalogue().write.tx(t.Context(), func() error {
			_, err := s.catalogue().write.exec(t.Context(), `DELETE FROM `+table)
			return err
		}))
	}
	require.NoError(t, s.Close())
	s.start()
	both()
	require.NoError(t, s.renewCatalogue(t.Context()))
	both()
	require.NoError(t, s.Reset(t.Context(), "store", 2))
	both()
	s.store.gen, s.store.rows = 2, map[[2]string]wire.Row{}
	s.own(b, 190, 4, day.Add(-time.Minute))
	s.pullStore()
	s.now = day
	s.shows(a, 100, 4)
	s.shows(b, 190, 4)
	require.NoError(t, s.Follow(t.Context(), []string{"global"}))
	s.shows(b, 200, 1)
	requireCatalog(t, s.Ledger, 0, `SELECT count(*) FROM store_price`)
}

// bookThere is a book as a person would write it down.
type bookThere struct {
	retail.PriceBook
	store, moved bool
}

// costs is the rule: the store's newest line in force, else that of every store; and the newest version of all.
func costs(general, own []bookThere, product uuid.UUID, at time.Time) (price money.Amount, version uint64) {
	newest := func(books []bookThere, of func(retail.PriceBook) bool) (found retail.PriceBook) {
		for _, b := range books {
			later := b.From > found.From || b.From == found.From && b.Version > found.Version
			if b.From <= at.UnixMilli() && later && of(b.PriceBook) {
				found = b.PriceBook
			}
		}
		return found
	}
	line := func(b retail.PriceBook) int {
		return slices.IndexFunc(b.Lines, func(l retail.PriceLine) bool { return l.Product == product })
	}
	names := func(b retail.PriceBook) bool { return line(b) >= 0 }
	version = newest(slices.Concat(general, own), func(retail.PriceBook) bool { return true }).Version
	if b := newest(own, names); b.Version > 0 && !b.Lines[line(b)].Everywhere {
		return b.Lines[line(b)].Price, version
	}
	b := newest(general, names)
	return b.Lines[line(b)].Price, version
}

// Whatever headquarters plans for every store and for this one, takes back and moves into the rows of either feed, and whichever of
// the two feeds a till has got lately, it sells by the rule as far as it was told, from now on and without hearing more.
func TestTheStoresPricesFollowTheRule(t *testing.T) {
	products := []retail.Product{good("alpha", 100), good("beta", 200)}
	rapid.Check(t, func(r *rapid.T) {
		s := newStoreTill(t)
		defer s.Close()
		first := retail.PriceBook{Version: 1, From: day.UnixMilli(), Lines: []retail.PriceLine{at(products[0], 100), at(products[1], 200)}}
		all := []bookThere{{PriceBook: first, moved: true}}
		for _, product := range products {
			s.hq.row(retail.RowProduct, product.ID, product)
		}
		s.hq.row(retail.RowPriceBook, uuid.Nil, retail.PriceBook{Version: 1, Since: first.From})
		now := 0 // hours
		hour := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
		of := func(store bool) []bookThere {
			return slices.DeleteFunc(slices.Clone(all), func(b bookThere) bool { return b.store != store })
		}
		feedOf := func(b bookThere) (*hq, retail.RowType) {
			if b.store {
				return s.store, retail.RowStoreBook
			}
			return s.hq, retail.RowPriceBook
		}
		var general, own []bookThere // what the till has published
		tell := func() { s.pull(); general = of(false) }
		tellStore := func() { s.pullStore(); own = of(true) }
		tell()
		tellStore()
		version := uint64(1)
		r.Repeat(map[string]func(*rapid.T){
			"": func(r *rapid.T) {
				for later := range 4 {
					s.now = hour(now + later)
					for _, product := range products {
						want, under := costs(general, own, product.ID, s.now)
						s.shows(product, want, under)
					}
				}
			},
			"plan": func(r *rapid.T) {
				version++
				b := bookThere{store: rapid.Bool().Draw(r, "store")}
				b.Version, b.From = version, hour(now+rapid.IntRange(1, 3).Draw(r, "hours")).UnixMilli()
				for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 1), 1, 2, rapid.ID).Draw(r, "products") {
					line := at(products[i], money.Amount(rapid.IntRange(1, 99).Draw(r, "price")))
					if b.store && rapid.Bool().Draw(r, "everywhere") {
						line = everywhere(products[i])
					}
					b.Lines = append(b.Lines, line)
				}
				all = append(all, b)
				to, kind := feedOf(b)
				to.row(kind, uuid.UUID{7: byte(version)}, b.PriceBook)
			},
			"cancel": func(r *rapid.T) {
				i := rapid.IntRange(0, len(all)-1).Draw(r, "book")
				if b := all[i]; b.From > hour(now).UnixMilli() {
					to, kind := feedOf(b)
					to.row(kind, uuid.UUID{7: byte(b.Version)}, nil)
					all = slices.Delete(all, i, i+1)
				}
			},
			"time passes": func(r *rapid.T) { now++ },
			"move into the rows": func(r *rapid.T) {
				for i := range all {
					b := &all[i]
					if b.moved || b.From > hour(now).UnixMilli() {
						continue
					}
					b.moved = true
					to, kind := feedOf(*b)
					to.row(kind, uuid.UUID{7: byte(b.Version)}, nil)
					newest := slices.MaxFunc(slices.DeleteFunc(of(b.store), func(o bookThere) bool { return !o.moved }), func(a, b bookThere) int {
						return 2*int(a.From-b.From) + int(a.Version) - int(b.Version)
					})
					to.row(kind, uuid.Nil, retail.PriceBook{Version: newest.Version, Since: newest.From})
				}
				for _, product := range products {
					product.Price, _ = costs(of(false), nil, product.ID, hour(now))
					s.hq.row(retail.RowProduct, product.ID, product)
					s.store.row(retail.RowStorePrice, product.ID, ownPrice(of(true), product.ID, hour(now)))
				}
			},
			"tell of every store": func(*rapid.T) { tell() },
			"tell of this one":    func(*rapid.T) { tellStore() },
			"restart": func(*rapid.T) {
				require.NoError(r, s.Close())
				s.start()
			},
		})
	})
}

// ownPrice is the row of a product's price in the store; nil when it has none of its own.
func ownPrice(own []bookThere, product uuid.UUID, at time.Time) any {
	none := bookThere{PriceBook: retail.PriceBook{Version: 1, Lines: []retail.PriceLine{{Product: product, Price: -1}}}}
	price, _ := costs([]bookThere{none}, own, product, at)
	if price < 0 {
		return nil
	}
	return retail.StorePrice{Price: price}
}
