package catalog_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

var (
	here  = uuid.NewSHA1(uuid.Nil, []byte("here"))
	there = uuid.NewSHA1(uuid.Nil, []byte("there"))
)

func addIn(d *db.DB, store uuid.UUID, now, from time.Time, lines ...retail.PriceLine) (version int64, err error) {
	err = d.InTx(ctx, func(tx *db.Tx) error {
		version, err = catalog.AddBook(ctx, tx, now, from, store, lines)
		return err
	})
	return version, err
}

func everywhere(p catalog.Product) retail.PriceLine {
	return retail.PriceLine{Product: p.ID, Everywhere: true}
}

func costing(p catalog.Product, price money.Amount) retail.PriceLine {
	return retail.PriceLine{Product: p.ID, Price: price}
}

// publishedTo is what the tills of a store get: the global feed, and what their own says of prices.
type publishedTo struct {
	published
	held  retail.PriceBook
	books []retail.PriceBook
	own   map[uuid.UUID]money.Amount
}

func readFeeds(t testing.TB, d *db.DB, store uuid.UUID) publishedTo {
	t.Helper()
	p := publishedTo{published: readFeed(t, d), own: map[uuid.UUID]money.Amount{}}
	var body []byte
	require.NoError(t, d.QueryRow(ctx, `SELECT body FROM feed.item WHERE feed = 'global' AND type = 6 AND id = $1`, uuid.Nil).Scan(&body))
	require.NoError(t, cbor.Unmarshal(body, &p.held))
	rows, err := d.Query(ctx, `SELECT type, id, body FROM feed.item WHERE feed = $1 AND type IN (62, 63) AND body IS NOT NULL`, feed.Store(store))
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var kind int
		var id uuid.UUID
		require.NoError(t, rows.Scan(&kind, &id, &body))
		if retail.RowType(kind) == retail.RowStorePrice {
			var own retail.StorePrice
			require.NoError(t, cbor.Unmarshal(body, &own))
			p.own[id] = own.Price
			continue
		}
		var book retail.PriceBook
		require.NoError(t, cbor.Unmarshal(body, &book))
		p.books = append(p.books, book)
	}
	require.NoError(t, rows.Err())
	return p
}

// price is what a till of the store sells a product at, and under which version: what the store's rows and books say of it, else
// what those of every store do.
func (p publishedTo) price(product uuid.UUID, at time.Time) (money.Amount, uint64) {
	price, version := p.published.price(product, at)
	newest, since := version, p.held.Since
	for _, part := range p.parts {
		if part.Version == version {
			since = max(since, part.From)
		}
	}
	own, has := p.own[product]
	var named retail.PriceBook
	for _, b := range p.books {
		if b.From > at.UnixMilli() {
			continue
		}
		if began := max(b.From, b.Since); began > since || began == since && b.Version > newest {
			newest, since = b.Version, began
		}
		for _, l := range b.Lines {
			if l.Product == product && (b.From > named.From || b.From == named.From && b.Version > named.Version) {
				own, has, named = l.Price, !l.Everywhere, b
			}
		}
	}
	if has {
		return own, newest
	}
	return price, newest
}

// costs is what headquarters sells a product at in a store.
func costs(t testing.TB, d *db.DB, store uuid.UUID, p catalog.Product, at time.Time) (money.Amount, uint64) {
	t.Helper()
	found, version, err := catalog.InForce(ctx, d, at, store, []uuid.UUID{p.ID})
	require.NoError(t, err)
	return found[p.ID].Price, version
}

func TestAStoreHasItsOwnPriceFromAMomentToAMoment(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop")
	put(t, d, p)
	hour := func(n int) time.Time { return monday.Add(time.Duration(n) * time.Hour) }
	_, err := addIn(d, here, monday, hour(1), costing(p, 900)) // version 2
	require.NoError(t, err)
	add(t, d, monday, hour(2), costing(p, 1300))            // 3
	_, err = addIn(d, here, monday, hour(3), everywhere(p)) // 4
	require.NoError(t, err)
	require.Len(t, readFeed(t, d).parts, 2, "no till elsewhere hears of it")
	prices := []struct {
		here, there     money.Amount
		version, others uint64
	}{{1149, 1149, 1, 1}, {900, 1149, 2, 1}, {900, 1300, 3, 3}, {1300, 1300, 4, 3}}
	require.Empty(t, readFeeds(t, d, there).books)
	check := func(now int) {
		t.Helper()
		told, others := readFeeds(t, d, here), readFeeds(t, d, there)
		for n := now; n < len(prices); n++ {
			want := prices[n]
			for _, c := range []struct {
				store   uuid.UUID
				told    publishedTo
				price   money.Amount
				version uint64
			}{{here, told, want.here, want.version}, {there, others, want.there, want.others}} {
				price, version := costs(t, d, c.store, p, hour(n))
				require.Equal(t, c.price, price, "headquarters, hour %d", n)
				require.Equal(t, c.version, version, "headquarters, hour %d", n)
				price, version = c.told.price(p.ID, hour(n))
				require.Equal(t, c.price, price, "till, hour %d", n)
				require.Equal(t, c.version, version, "till, hour %d", n)
			}
		}
		price, _ := costs(t, d, uuid.Nil, p, hour(now))
		require.Equal(t, prices[now].there, price, "of every store")
	}
	check(0)
	for n := range prices {
		activate(t, d, hour(n))
		check(n)
		_, own := readFeeds(t, d, here).own[p.ID]
		require.Equal(t, n == 1 || n == 2, own)
		stores, err := catalog.OwnOf(ctx, d, hour(n), []uuid.UUID{p.ID, there})
		require.NoError(t, err)
		want := map[uuid.UUID]map[uuid.UUID]money.Amount{}
		if own {
			want[p.ID] = map[uuid.UUID]money.Amount{here: 900}
		}
		require.Equal(t, want, stores)
	}
	require.Equal(t, map[int64]catalog.BookState{
		1: catalog.BookPast, 2: catalog.BookPast, 3: catalog.BookInForce, 4: catalog.BookInForce,
	}, states(t, d, hour(3)), "one is in force everywhere, and one in the store")
	all, err := catalog.Prices(ctx, d, p.ID, hour(3))
	require.NoError(t, err)
	require.Len(t, all, 4)
	require.Equal(t, catalog.ProductPrice{Version: 4, Store: here, From: hour(3), State: catalog.BookInForce, Everywhere: true}, utc(all[0]))
	require.Equal(t, catalog.ProductPrice{Version: 3, From: hour(2), State: catalog.BookInForce, Price: 1300}, utc(all[1]))
	books, err := catalog.Books(ctx, d, hour(3), 10)
	require.NoError(t, err)
	require.Equal(t, here, books[0].Store)
	require.Equal(t, everywhere(p), books[0].First)
	require.Zero(t, books[1].Store)
}

func utc(p catalog.ProductPrice) catalog.ProductPrice {
	p.From = p.From.UTC()
	return p
}

func TestABookOfAStoreIsTakenBack(t *testing.T) {
	d := open(t)
	p, other := product(1, "Sirop"), product(2, "Savon")
	put(t, d, p, other)
	version, err := addIn(d, here, monday, monday.Add(time.Hour), costing(p, 900))
	require.NoError(t, err)
	books, err := catalog.Books(ctx, d, monday, 1)
	require.NoError(t, err)
	place, err := books[0].Place(ctx, d)
	require.NoError(t, err)
	var seq int64
	require.NoError(t, d.QueryRow(ctx, `SELECT seq FROM feed.head WHERE feed = $1`, feed.Store(here)).Scan(&seq))
	require.Equal(t, seq, place.Seq)
	require.NoError(t, cancel(d, monday, version))
	require.Empty(t, readFeeds(t, d, here).books)
	activate(t, d, monday.Add(time.Hour))
	price, _ := costs(t, d, here, p, monday.Add(time.Hour))
	require.Equal(t, p.Price, price)

	_, err = tryAdd(d, monday, monday, everywhere(p))
	refused(t, err, "prices.everywhere")
	_, err = addIn(d, here, monday, monday, retail.PriceLine{Product: p.ID, Everywhere: true, Price: 1})
	refused(t, err, "prices.price")
}

// Of the books of a store that come into force together, the newest counts, whichever was planned first.
func TestTheNewestBookOfAStorePricesAProduct(t *testing.T) {
	d := open(t)
	p, q := product(1, "Sirop"), product(2, "Savon")
	put(t, d, p, q)
	_, err := addIn(d, here, monday, monday.Add(2*time.Hour), costing(p, 902), everywhere(q))
	require.NoError(t, err)
	_, err = addIn(d, here, monday, monday.Add(time.Hour), costing(p, 901), costing(q, 901))
	require.NoError(t, err)
	activate(t, d, monday.Add(3*time.Hour))
	told := readFeeds(t, d, here)
	require.Equal(t, map[uuid.UUID]money.Amount{p.ID: 902}, told.own)
	require.Equal(t, []retail.PriceBook{{Version: 2, Since: monday.Add(2 * time.Hour).UnixMilli()}}, told.books)
}

// A retired product keeps what a store asks for it, for the day on which it is sold again.
func TestARetiredProductKeepsTheStoresPrice(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop")
	put(t, d, p)
	_, err := addIn(d, here, monday, monday, costing(p, 900))
	require.NoError(t, err)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.Retire(ctx, tx, monday, p.ID) }))
	put(t, d, p)
	price, _ := costs(t, d, here, p, monday)
	require.EqualValues(t, 900, price)
	require.EqualValues(t, 900, readFeeds(t, d, here).own[p.ID])
}

// What changed in a store since a day: its own prices, those that ended, and those of every store where it has none.
func TestRepricedInAStore(t *testing.T) {
	d := open(t)
	own, ended, plain := product(1, "a"), product(2, "b"), product(3, "c")
	put(t, d, own, ended, plain)
	_, err := addIn(d, here, monday, monday.Add(time.Hour), costing(own, 900), costing(ended, 900))
	require.NoError(t, err)
	add(t, d, monday, monday.Add(3*time.Hour), costing(own, 1), costing(plain, 1))
	_, err = addIn(d, here, monday, monday.Add(4*time.Hour), everywhere(ended))
	require.NoError(t, err)
	for _, c := range []struct {
		store uuid.UUID
		since time.Duration
		want  []int
	}{
		{here, time.Hour, []int{1, 2, 3}},
		{here, 2 * time.Hour, []int{2, 3}},
		{there, 2 * time.Hour, []int{1, 3}},
		{uuid.Nil, 2 * time.Hour, []int{1, 3}},
		{uuid.Nil, 4 * time.Hour, nil},
	} {
		found, err := catalog.Repriced(ctx, d, monday.Add(c.since), monday.Add(5*time.Hour), c.store)
		require.NoError(t, err)
		require.ElementsMatch(t, ids(c.want), found, "%v", c)
	}
}

// plannedIn is a price book as a person would write it down; a price below zero is as everywhere.
type plannedIn struct {
	planned
	store uuid.UUID
}

// rule is what a product costs in a store: by the store's newest line in force, else by that of every store.
func rule(all []plannedIn, store uuid.UUID, product uuid.UUID, at time.Time) (money.Amount, int64) {
	var general, own, both plan
	for _, b := range all {
		switch b.store {
		case uuid.Nil:
			general, both = append(general, b.planned), append(both, b.planned)
		case store:
			own, both = append(own, b.planned), append(both, b.planned)
		}
	}
	price, _ := general.price(product, at)
	if mine, _ := own.price(product, at); mine > 0 {
		price = mine
	}
	_, version := both.price(product, at)
	return price, version
}

// Whatever is planned for every store and for one, and canceled, and however seldom headquarters moves books into the rows, the
// tills of every store that got the feeds at some moment and nothing since sell at what headquarters would, at every later one.
func TestTillsAndHeadquartersAgreeOnTheStoresPrices(t *testing.T) {
	d := open(t)
	rapid.Check(t, func(r *rapid.T) {
		_, err := d.Exec(ctx, `TRUNCATE catalog.price_line, catalog.price_book, catalog.barcode, catalog.product, catalog.picture, feed.item, feed.head`)
		require.NoError(r, err)
		products := []catalog.Product{product(1, "a"), product(2, "b")}
		put(t, d, products...)
		now, moment := monday, monday
		// Asked at every moment, also before the last it was asked for, it says what is read then.
		list := catalog.NewPriceList(d, feed.NewNotifier(d, slog.New(slog.DiscardHandler)), func() time.Time { return moment })
		all := []plannedIn{{planned: planned{version: 1, from: now, prices: map[uuid.UUID]money.Amount{
			products[0].ID: products[0].Price, products[1].ID: products[1].Price,
		}}}}
		r.Repeat(map[string]func(*rapid.T){
			"": func(r *rapid.T) {
				sold := rapid.IntRange(0, 4).Draw(r, "sold after")
				for _, store := range []uuid.UUID{here, there} {
					told := readFeeds(t, d, store)
					found, inForce, err := catalog.InForce(ctx, d, now.Add(time.Duration(sold)*time.Hour), store, ids([]int{1, 2}))
					require.NoError(r, err)
					moment = now.Add(time.Duration(sold) * time.Hour)
					remembered, under, err := list.InForce(ctx, store, ids([]int{1, 2}))
					require.NoError(r, err)
					require.Equal(r, found, remembered, "what is remembered")
					require.Equal(r, inForce, under, "what is remembered")
					for after := range 5 { // hours, as books begin on the hour
						at := now.Add(time.Duration(after) * time.Hour)
						for _, p := range products {
							want, under := rule(all, store, p.ID, at)
							price, version := told.price(p.ID, at)
							require.Equal(r, want, price, "till, %s after %d hours", p.SKU, after)
							require.EqualValues(r, under, version, "till, after %d hours", after)
							if after == sold {
								require.Equal(r, want, found[p.ID].Price, "headquarters, %s after %d hours", p.SKU, after)
								require.EqualValues(r, under, inForce, "headquarters, after %d hours", after)
							}
						}
					}
				}
			},
			"plan": func(r *rapid.T) {
				b := plannedIn{store: rapid.SampledFrom([]uuid.UUID{uuid.Nil, here, there}).Draw(r, "store")}
				b.from = now.Add(time.Duration(rapid.IntRange(0, 3).Draw(r, "hours")) * time.Hour)
				b.prices = map[uuid.UUID]money.Amount{}
				var lines []retail.PriceLine
				for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 1), 1, 2, rapid.ID).Draw(r, "products") {
					line := costing(products[i], money.Amount(rapid.IntRange(1, 99).Draw(r, "price")))
					b.prices[line.Product] = line.Price
					if b.store != uuid.Nil && rapid.IntRange(0, 2).Draw(r, "everywhere") == 0 {
						line, b.prices[line.Product] = everywhere(products[i]), -1
					}
					lines = append(lines, line)
				}
				b.version, err = addIn(d, b.store, now, b.from, lines...)
				require.NoError(r, err)
				all = append(all, b)
			},
			"cancel": func(r *rapid.T) {
				b := &all[rapid.IntRange(0, len(all)-1).Draw(r, "book")]
				if !b.canceled && b.from.After(now) {
					require.NoError(r, cancel(d, now, b.version))
					b.canceled = true
				}
			},
			"time passes": func(r *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(1, 2).Draw(r, "hours")) * time.Hour) },
			"activate":    func(*rapid.T) { activate(t, d, now) },
		})
	})
}
