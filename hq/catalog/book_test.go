package catalog_test

import (
	"context"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// monday is when the tests' products are put.
var monday = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

func add(t testing.TB, d *db.DB, now, from time.Time, lines ...retail.PriceLine) int64 {
	t.Helper()
	version, err := tryAdd(d, now, from, lines...)
	require.NoError(t, err)
	return version
}

func tryAdd(d *db.DB, now, from time.Time, lines ...retail.PriceLine) (version int64, err error) {
	err = d.InTx(ctx, func(tx *db.Tx) error {
		version, err = catalog.AddBook(ctx, tx, now, from, uuid.Nil, lines)
		return err
	})
	return version, err
}

func cancel(d *db.DB, now time.Time, version int64) error {
	return d.InTx(ctx, func(tx *db.Tx) error { return catalog.CancelBook(ctx, tx, now, version) })
}

func activate(t testing.TB, d *db.DB, now time.Time) {
	t.Helper()
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.Activate(ctx, tx, now) }))
}

func price(t testing.TB, d *db.DB, id uuid.UUID) money.Amount {
	t.Helper()
	p, err := catalog.Get(ctx, d, id)
	require.NoError(t, err)
	return p.Price
}

// states gives the state of each version.
func states(t testing.TB, d *db.DB, now time.Time) map[int64]catalog.BookState {
	t.Helper()
	books, err := catalog.Books(ctx, d, now, 100)
	require.NoError(t, err)
	all := map[int64]catalog.BookState{}
	for _, b := range books {
		all[b.Version] = b.State
	}
	return all
}

// published is the prices that the global feed holds: those of the product rows, and every part of a book.
type published struct {
	rows  map[uuid.UUID]money.Amount
	parts []retail.PriceBook
}

func readFeed(t testing.TB, d *db.DB) published {
	t.Helper()
	p := published{rows: map[uuid.UUID]money.Amount{}}
	rows, err := d.Query(ctx, `SELECT type, body FROM feed.item WHERE feed = 'global' AND type IN (3, 6) AND body IS NOT NULL`)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var kind int
		var body []byte
		require.NoError(t, rows.Scan(&kind, &body))
		if retail.RowType(kind) == retail.RowProduct {
			var row retail.Product
			require.NoError(t, cbor.Unmarshal(body, &row))
			p.rows[row.ID] = row.Price
			continue
		}
		var part retail.PriceBook
		require.NoError(t, cbor.Unmarshal(body, &part))
		part.Since = 0 // that a version has taken effect is what is asked
		p.parts = append(p.parts, part)
	}
	require.NoError(t, rows.Err())
	return p
}

// price is what a till that has the feed sells a product at, when it believes that it is so late, and under which version.
func (p published) price(product uuid.UUID, at time.Time) (price money.Amount, version uint64) {
	price = p.rows[product]
	var book, named retail.PriceBook
	newer := func(a, b retail.PriceBook) bool { return a.From > b.From || a.From == b.From && a.Version > b.Version }
	for _, part := range p.parts {
		if part.From > at.UnixMilli() {
			continue
		}
		if newer(part, book) {
			book = part
		}
		for _, l := range part.Lines {
			if l.Product == product && newer(part, named) {
				price, named = l.Price, part
			}
		}
	}
	return price, book.Version
}

func TestABookTakesEffectAtItsMoment(t *testing.T) {
	d := open(t)
	p, other := product(1, "Sirop"), product(2, "Savon")
	put(t, d, p, other)
	moment := monday.Add(24 * time.Hour)
	version := add(t, d, monday, moment, retail.PriceLine{Product: p.ID, Price: 999})
	require.EqualValues(t, 2, version)
	require.Equal(t, map[int64]catalog.BookState{1: catalog.BookInForce, 2: catalog.BookFuture}, states(t, d, monday))

	early := moment.Add(-time.Millisecond)
	activate(t, d, early)
	require.Equal(t, p.Price, price(t, d, p.ID))
	tills := readFeed(t, d)
	shown, under := tills.price(p.ID, early)
	require.Equal(t, p.Price, shown)
	require.EqualValues(t, 1, under)
	shown, under = tills.price(p.ID, moment)
	require.EqualValues(t, 999, shown, "downloaded early, and in force at the moment itself")
	require.EqualValues(t, 2, under)

	activate(t, d, moment)
	require.EqualValues(t, 999, price(t, d, p.ID))
	require.Equal(t, other.Price, price(t, d, other.ID))
	require.Equal(t, map[int64]catalog.BookState{1: catalog.BookPast, 2: catalog.BookInForce}, states(t, d, moment))
	require.Equal(t, []retail.PriceBook{{Version: 2}}, readFeed(t, d).parts, "the lines are in the product rows now")
	before := head(t, d)
	activate(t, d, moment.Add(time.Hour))
	require.Equal(t, before, head(t, d), "again, and nothing moves")
}

func TestTheNewestBookPricesAProduct(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop")
	put(t, d, p)
	line := func(price money.Amount) retail.PriceLine { return retail.PriceLine{Product: p.ID, Price: price} }
	later, sooner := monday.Add(48*time.Hour), monday.Add(24*time.Hour)
	add(t, d, monday, later, line(300))
	add(t, d, monday, sooner, line(200))
	add(t, d, monday, sooner, line(250)) // at the same moment, and planned after
	p.Price = 1200
	put(t, d, p) // an edit today does not undo what is planned
	tills := readFeed(t, d)
	for at, want := range map[time.Time]money.Amount{monday: 1200, sooner: 250, later: 300} {
		shown, _ := tills.price(p.ID, at)
		require.Equal(t, want, shown, at)
	}
	activate(t, d, sooner)
	require.EqualValues(t, 250, price(t, d, p.ID))
	activate(t, d, later)
	require.EqualValues(t, 300, price(t, d, p.ID))
	require.Equal(t, catalog.BookInForce, states(t, d, later)[2])
}

// An edit after a book's moment wins over the book, also when nothing ran in between.
func TestAnEditIsNewerThanABookThatCameDue(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop")
	put(t, d, p)
	moment := monday.Add(time.Hour)
	add(t, d, monday, moment, retail.PriceLine{Product: p.ID, Price: 999})
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { // back to the price that the row still has
		_, err := catalog.PutProducts(ctx, tx, moment.Add(time.Hour), []catalog.Product{p})
		return err
	}))
	activate(t, d, moment.Add(2*time.Hour))
	require.Equal(t, p.Price, price(t, d, p.ID))
	shown, under := readFeed(t, d).price(p.ID, monday)
	require.Equal(t, p.Price, shown, "a till's clock does not matter for what has happened")
	require.EqualValues(t, 3, under)
}

func TestEveryChangeOfAPriceIsAHigherVersion(t *testing.T) {
	d := open(t)
	a, b := product(1, "a"), product(2, "b")
	version := func() uint64 {
		_, v := readFeed(t, d).price(a.ID, monday)
		return v
	}
	put(t, d, a)
	require.EqualValues(t, 1, version())
	put(t, d, a)
	a.Name.FR = "Autre nom"
	put(t, d, a)
	require.EqualValues(t, 1, version(), "no price changed")
	put(t, d, a, b)
	require.EqualValues(t, 2, version(), "a product that is new")
	a.Price++
	put(t, d, a, b)
	require.EqualValues(t, 3, version())
	require.EqualValues(t, 4, add(t, d, monday, monday.Add(-time.Hour), retail.PriceLine{Product: b.ID, Price: 5}))
	require.EqualValues(t, 4, version(), "at once, as its time has passed")
	require.EqualValues(t, 5, price(t, d, b.ID))
	books, err := catalog.Books(ctx, d, monday, 100)
	require.NoError(t, err)
	require.Len(t, books, 4)
	require.Equal(t, catalog.Book{
		Version: 4, From: books[0].From, State: catalog.BookInForce, Lines: 1, First: retail.PriceLine{Product: b.ID, Price: 5},
	}, books[0])
	require.WithinDuration(t, monday, books[0].From, 0)
	require.Equal(t, 2, func() int { put(t, d, product(3, "c"), product(4, "d")); return linesOf(t, d, 5) }())
}

func linesOf(t testing.TB, d *db.DB, version int64) (lines int) {
	t.Helper()
	require.NoError(t, d.QueryRow(ctx, `SELECT count(*) FROM catalog.price_line WHERE version = $1`, version).Scan(&lines))
	return lines
}

func TestACanceledBookNeverTakesEffect(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop")
	put(t, d, p)
	moment := monday.Add(time.Hour)
	version := add(t, d, monday, moment, retail.PriceLine{Product: p.ID, Price: 999})
	require.NoError(t, cancel(d, monday, version))
	require.Equal(t, []retail.PriceBook{{Version: 1}}, readFeed(t, d).parts)
	activate(t, d, moment)
	require.Equal(t, p.Price, price(t, d, p.ID))
	require.Equal(t, map[int64]catalog.BookState{1: catalog.BookInForce, 2: catalog.BookCanceled}, states(t, d, moment))

	next := add(t, d, moment, moment.Add(time.Hour), retail.PriceLine{Product: p.ID, Price: 999})
	require.EqualValues(t, 3, next, "a version is not used again")
	refused(t, cancel(d, moment, version), "prices.not_future")
	refused(t, cancel(d, moment.Add(time.Hour), next), "prices.not_future")
	require.Equal(t, p.Price, price(t, d, p.ID), "a refusal undoes all of its transaction")
	refused(t, cancel(d, moment, 99), "prices.unknown")
}

func TestBooksThatAreRefused(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop")
	put(t, d, p)
	line := func(id uuid.UUID, price money.Amount) retail.PriceLine {
		return retail.PriceLine{Product: id, Price: price}
	}
	for key, lines := range map[string][]retail.PriceLine{
		"prices.empty":   nil,
		"prices.twice":   {line(p.ID, 1), line(p.ID, 2)},
		"prices.price":   {line(p.ID, -1)},
		"prices.product": {line(p.ID, 1), line(uuid.New(), 1)},
	} {
		_, err := tryAdd(d, monday, monday.Add(time.Hour), lines...)
		refused(t, err, key)
	}
	require.Len(t, states(t, d, monday), 1)
}

// A book of more lines than a row may hold comes in parts that together are the book, and go together.
func TestABigBookComesInParts(t *testing.T) {
	d := open(t)
	products := make([]catalog.Product, 5000)
	lines := make([]retail.PriceLine, len(products))
	for i := range products {
		products[i] = product(i, "Produit")
		lines[i] = retail.PriceLine{Product: products[i].ID, Price: money.Amount(i)}
	}
	put(t, d, products...)
	moment := monday.Add(time.Hour)
	add(t, d, monday, moment, lines...)
	tills := readFeed(t, d)
	require.Len(t, tills.parts, 3, "two parts, and the version in force")
	for _, i := range []int{0, 1, 4095, 4096, 4999} {
		shown, _ := tills.price(products[i].ID, moment)
		require.EqualValues(t, i, shown)
	}
	var longest int
	require.NoError(t, d.QueryRow(ctx, `SELECT max(length(body)) FROM feed.item WHERE type = 6`).Scan(&longest))
	require.Less(t, longest, 128<<10)
	activate(t, d, moment)
	require.Equal(t, []retail.PriceBook{{Version: 2}}, readFeed(t, d).parts)
	require.EqualValues(t, 4096, price(t, d, products[4096].ID))
}

// A running headquarters moves a book by itself, also one that was planned while it runs.
func TestTheActivatorKeepsTime(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop")
	put(t, d, p)
	run, stop := context.WithCancel(ctx)
	notifier := feed.NewNotifier(d, logTo(t))
	done := make(chan error, 2)
	go func() { done <- notifier.Run(run) }()
	go func() { done <- catalog.NewActivator(d, logTo(t), notifier, time.Now).Run(run) }()
	moved := make(chan struct{}, 100)
	defer notifier.Subscribe(func([]string) { moved <- struct{}{} })()

	planned := time.Now()
	add(t, d, planned, planned.Add(300*time.Millisecond), retail.PriceLine{Product: p.ID, Price: 999})
	require.Equal(t, p.Price, price(t, d, p.ID))
	for price(t, d, p.ID) != 999 {
		<-moved
	}
	stop()
	require.NoError(t, <-done)
	require.NoError(t, <-done)
}
