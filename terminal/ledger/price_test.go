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

// pricedTill is a till whose clock and its certainty are told, beside a headquarters.
type pricedTill struct {
	*Ledger
	t      testing.TB
	folder folder
	hq     *hq
	now    time.Time
	offset time.Duration
	doubt  bool
}

func newPriced(t testing.TB) *pricedTill {
	p := &pricedTill{t: t, folder: newFolder(t), now: day}
	p.start()
	p.hq = newHQ(t, p.Ledger, "global")
	return p
}

func (p *pricedTill) start() {
	p.t.Helper()
	cfg := p.folder.config(p.t)
	cfg.Now = func() time.Time { return p.now }
	var err error
	p.Ledger, err = Open(p.t.Context(), cfg)
	require.NoError(p.t, err)
	p.estimate()
	p.t.Cleanup(func() { _ = p.Close() })
}

// estimate makes the till's clock what the test says: measured, or in doubt.
func (p *pricedTill) estimate() {
	c := *p.Ledger.clock.Load()
	c.wall, c.up = p.moment()
	c.hq, c.bound = p.now.Add(p.offset), time.Millisecond
	if p.doubt {
		c.bound = 0
	}
	p.Ledger.clock.Store(&c)
}

// pull publishes what headquarters has changed since the cursor.
func (p *pricedTill) pull() {
	p.t.Helper()
	rows := p.hq.since(cursor(p.t, p.Ledger, "global").Seq)
	require.NoError(p.t, p.Publish(p.t.Context(), p.hq.page(cursor(p.t, p.Ledger, "global").Seq, rows...)))
}

// since gives the rows that changed after a cursor, in their order.
func (h *hq) since(seq uint64) []wire.Row {
	var rows []wire.Row
	for _, r := range h.rows {
		if r.Seq > seq {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b wire.Row) int { return int(a.Seq) - int(b.Seq) })
	return rows
}

// shows requires a price, by every way to find the product, and the version it has it under.
func (p *pricedTill) shows(product retail.Product, want money.Amount, version uint64) {
	p.t.Helper()
	ctx := p.t.Context()
	byID, _, err := p.Product(ctx, product.ID)
	require.NoError(p.t, err)
	byCode, _, err := p.ByCode(ctx, product.SKU)
	require.NoError(p.t, err)
	require.Equal(p.t, want, byID.Price)
	require.Equal(p.t, want, byCode.Price)
	found, _, err := p.Search(ctx, product.Name.FR, 1)
	require.NoError(p.t, err)
	require.Equal(p.t, want, found[0].Price)
	for _, page := range []uuid.UUID{product.Category, uuid.Nil} {
		tiles, err := p.InCategory(ctx, page, "fr", 100)
		require.NoError(p.t, err)
		require.Equal(p.t, want, tiles[slices.IndexFunc(tiles, func(t retail.Product) bool { return t.ID == product.ID })].Price)
	}
	in, err := p.Prices(ctx)
	require.NoError(p.t, err)
	require.Equal(p.t, version, in)
}

// good is a product on the tiles, also those of the favourites.
func good(name string, price money.Amount) retail.Product {
	p := bread(name, price)
	p.Category, p.Favourite = uuid.UUID{1}, 1
	return p
}

// book has headquarters plan a price; a part is one of its rows.
func (p *pricedTill) book(part byte, version uint64, from time.Time, lines ...retail.PriceLine) {
	p.t.Helper()
	p.hq.row(retail.RowPriceBook, uuid.UUID{7: byte(version), 15: part}, retail.PriceBook{Version: version, From: from.UnixMilli(), Lines: lines})
}

// holds says which version the product rows have.
func (h *hq) holds(version uint64) {
	h.row(retail.RowPriceBook, uuid.Nil, retail.PriceBook{Version: version})
}

func at(product retail.Product, price money.Amount) retail.PriceLine {
	return retail.PriceLine{Product: product.ID, Price: price}
}

func TestABookIsInForceFromItsMoment(t *testing.T) {
	p := newPriced(t)
	a, b := good("alpha", 100), good("beta", 200)
	for _, product := range []retail.Product{a, b} {
		p.hq.row(retail.RowProduct, product.ID, product)
	}
	p.hq.holds(1)
	sooner, later := day.Add(time.Hour), day.Add(2*time.Hour)
	p.book(0, 2, later, at(a, 130))
	p.book(0, 3, sooner, at(a, 110))
	p.book(0, 4, sooner, at(a, 120)) // at the same moment, planned after
	p.book(1, 4, sooner, at(b, 220)) // in a second part
	p.pull()
	p.shows(a, 100, 1)
	next, err := p.NextPrices(t.Context())
	require.NoError(t, err)
	require.Equal(t, till.NextPrices{Version: 4, From: sooner}, next)

	p.now, p.offset = sooner.Add(-time.Minute), time.Minute-time.Millisecond
	p.estimate()
	p.shows(a, 100, 1)
	p.shows(b, 200, 1)
	p.offset = time.Minute // headquarters' time decides, at the moment itself
	p.estimate()
	p.shows(a, 120, 4)
	p.shows(b, 220, 4)
	p.now = later
	p.shows(a, 130, 2)
	p.shows(b, 220, 2)
	next, err = p.NextPrices(t.Context())
	require.NoError(t, err)
	require.Zero(t, next)

	p.now = sooner.Add(-time.Hour)
	p.shows(a, 100, 1) // the clock was wrong and is right again
}

func TestABookThatIsTakenBackIsForgotten(t *testing.T) {
	p := newPriced(t)
	a := good("alpha", 100)
	p.hq.row(retail.RowProduct, a.ID, a)
	p.hq.holds(1)
	p.book(0, 2, day.Add(time.Hour), at(a, 110))
	p.pull()
	p.hq.row(retail.RowPriceBook, uuid.UUID{7: 2}, nil)
	p.pull()
	p.now = day.Add(time.Hour)
	p.shows(a, 100, 1)

	// Also by a load from the start that does not name it, and with a feed that is not followed any more.
	p.book(0, 3, day.Add(time.Hour), at(a, 120))
	p.pull()
	p.shows(a, 120, 3)
	require.NoError(t, p.Reset(t.Context(), "global", 2))
	p.shows(a, 120, 3)
	p.hq.gen, p.hq.rows = 2, map[[2]string]wire.Row{}
	p.hq.row(retail.RowProduct, a.ID, a)
	p.hq.holds(3)
	p.pull()
	p.shows(a, 100, 3)
	requireCatalog(t, p.Ledger, 0, `SELECT count(*) FROM price`)
	require.NoError(t, p.Follow(t.Context(), nil))
	requireCatalog(t, p.Ledger, 0, `SELECT count(*) FROM price_book`)
}

// requireCatalog is requireCount for catalog.db.
func requireCatalog(t testing.TB, l *Ledger, want int, query string) {
	t.Helper()
	n, _, err := one(t.Context(), l.catalogue().read, value[int], query)
	require.NoError(t, err)
	require.Equal(t, want, n, query)
}

// What headquarters has moved into the product rows is in force, whatever the till's clock says.
func TestWhatTheRowsHoldDoesNotWait(t *testing.T) {
	p := newPriced(t)
	a := good("alpha", 100)
	p.hq.row(retail.RowProduct, a.ID, a)
	p.hq.holds(1)
	p.book(0, 2, day.Add(time.Hour), at(a, 110))
	p.pull()
	p.now = day.Add(time.Hour - time.Second) // a second slow
	p.shows(a, 100, 1)
	a.Price = 110
	p.hq.row(retail.RowProduct, a.ID, a)
	p.hq.holds(2)
	p.hq.row(retail.RowPriceBook, uuid.UUID{7: 2}, nil)
	p.pull()
	p.shows(a, 110, 2)
	_, total, err := p.Search(t.Context(), "alp", 5)
	require.NoError(t, err)
	require.Equal(t, 1, total, "a new price leaves the search as it is")
}

// A clock that may not be acted on changes no price, forward or back, also across a restart, until it may be again.
func TestAnUncertainClockChangesNoPrice(t *testing.T) {
	p := newPriced(t)
	a := good("alpha", 100)
	p.hq.row(retail.RowProduct, a.ID, a)
	p.hq.holds(1)
	p.book(0, 2, day.Add(time.Hour), at(a, 110))
	p.book(0, 3, day.Add(2*time.Hour), at(a, 120))
	p.pull()
	p.now = day.Add(time.Hour)
	p.shows(a, 110, 2)
	sale := saleDraft(line(a.ID, 1, 110))
	body := sale.Body
	sale.Body = func(number uint64) any {
		s := body(number).(retail.Sale)
		s.Prices = 2
		return s
	}
	_, err := p.Commit(t.Context(), sale)
	require.NoError(t, err)

	p.doubt, p.now = true, day.AddDate(1, 0, 0)
	p.estimate()
	p.shows(a, 110, 2)
	require.NoError(t, p.Close())
	p.now = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	p.start()
	p.shows(a, 110, 2)
	require.NoError(t, p.Acknowledge(t.Context(), wire.Path{Epoch: 100}, 1, day.Add(2*time.Hour)))
	p.shows(a, 120, 3) // headquarters has said that it is so late
	p.doubt, p.now = false, day
	p.estimate()
	p.shows(a, 100, 1)
}

// A till whose program did not know price books has kept them all the same.
func TestBooksFromBeforeAreLookedThrough(t *testing.T) {
	p := newPriced(t)
	a := good("alpha", 100)
	p.hq.row(retail.RowProduct, a.ID, a)
	p.hq.holds(1)
	p.book(0, 2, day, at(a, 110))
	p.pull()
	for _, table := range []string{"price", "price_book"} {
		require.NoError(t, p.catalogue().write.tx(t.Context(), func() error {
			_, err := p.catalogue().write.exec(t.Context(), `DELETE FROM `+table)
			return err
		}))
	}
	require.NoError(t, p.Close())
	p.start()
	p.shows(a, 110, 2)
}

// Whatever headquarters plans, takes back and moves into the rows, however the pages come and the clock goes, a till shows
// what the rule makes of the rows it has published, at the moment it believes in.
func TestPricesFollowTheRule(t *testing.T) {
	products := []retail.Product{good("alpha", 100), good("beta", 200)}
	rapid.Check(t, func(r *rapid.T) {
		p := newPriced(t)
		defer p.Close()
		for _, product := range products {
			p.hq.row(retail.RowProduct, product.ID, product)
		}
		version := uint64(1)
		p.hq.holds(version)
		p.pull()
		books := map[uuid.UUID]retail.PriceBook{} // headquarters' books to come, by the ids of their rows
		rows := slices.Clone(products)            // and its product rows
		held := version
		var seen rule // what the till has published
		publish := func() { seen = newRule(rows, books, held) }
		publish()
		hour := rapid.IntRange(0, 4)
		moment := func(r *rapid.T) time.Time { return day.Add(time.Duration(hour.Draw(r, "hour")) * time.Hour) }
		pages := func(r *rapid.T) {
			from := cursor(p.t, p.Ledger, "global").Seq
			changed := p.hq.since(from)
			staged := rapid.IntRange(0, len(changed)).Draw(r, "staged")
			for _, row := range changed[:staged] {
				page := more(p.hq.page(from, row))
				page.Upto = row.Seq
				require.NoError(r, p.Stage(p.t.Context(), page))
				from = row.Seq
			}
			if rapid.IntRange(0, 3).Draw(r, "last page") > 0 {
				require.NoError(r, p.Publish(p.t.Context(), p.hq.page(from, changed[staged:]...)))
				publish()
			}
		}
		plan := func(r *rapid.T) {
			version++
			from := moment(r)
			for part := range byte(rapid.IntRange(1, 2).Draw(r, "parts")) {
				book := retail.PriceBook{Version: version, From: from.UnixMilli(), Lines: []retail.PriceLine{
					at(products[part], money.Amount(rapid.IntRange(1, 99).Draw(r, "price"))),
				}}
				id := uuid.UUID{7: byte(version), 15: part}
				books[id] = book
				p.hq.row(retail.RowPriceBook, id, book)
			}
		}
		for range 3 {
			plan(r)
		}
		p.pull()
		publish()
		r.Repeat(map[string]func(*rapid.T){
			"": func(r *rapid.T) {
				for hours := range 5 {
					p.now = day.Add(time.Duration(hours) * time.Hour)
					for i := range products {
						want, under := seen.price(products[i].ID, p.now.Add(p.offset))
						p.shows(products[i], want, under)
					}
				}
			},
			"plan": plan,
			"take back": func(r *rapid.T) {
				version := uint64(rapid.IntRange(2, 1+int(version)).Draw(r, "version"))
				for id, book := range books {
					if book.Version == version {
						p.hq.row(retail.RowPriceBook, id, nil)
						delete(books, id)
					}
				}
			},
			"move into the rows": func(r *rapid.T) {
				now := day.Add(time.Duration(rapid.IntRange(0, 2).Draw(r, "hour")) * time.Hour)
				was := newRule(rows, books, held)
				for i := range rows {
					rows[i].Price, held = was.price(rows[i].ID, now)
					p.hq.row(retail.RowProduct, rows[i].ID, rows[i])
				}
				p.hq.holds(held)
				for id, book := range books {
					if book.From <= now.UnixMilli() {
						p.hq.row(retail.RowPriceBook, id, nil)
						delete(books, id)
					}
				}
			},
			"edit": func(r *rapid.T) {
				i := rapid.IntRange(0, 1).Draw(r, "product")
				rows[i].Price = money.Amount(rapid.IntRange(1, 99).Draw(r, "price"))
				p.hq.row(retail.RowProduct, rows[i].ID, rows[i])
			},
			"pages": pages, "more pages": pages,
			"clock": func(r *rapid.T) {
				p.offset = time.Duration(rapid.IntRange(-60, 60).Draw(r, "minutes")) * time.Minute
				p.estimate()
			},
			"load again": func(r *rapid.T) {
				p.hq.gen++
				require.NoError(r, p.Reset(p.t.Context(), "global", p.hq.gen))
				for key, row := range p.hq.rows {
					if row.Body == nil {
						delete(p.hq.rows, key)
					}
				}
			},
			"restart": func(*rapid.T) {
				require.NoError(r, p.Close())
				p.start()
			},
		})
	})
}

// rule is rows and books at one state of the feed.
type rule struct {
	rows  map[uuid.UUID]money.Amount
	books []retail.PriceBook
}

func newRule(rows []retail.Product, books map[uuid.UUID]retail.PriceBook, held uint64) rule {
	k := rule{rows: map[uuid.UUID]money.Amount{}, books: []retail.PriceBook{{Version: held}}}
	for _, row := range rows {
		k.rows[row.ID] = row.Price
	}
	for _, b := range books {
		k.books = append(k.books, b)
	}
	return k
}

func (k rule) price(product uuid.UUID, at time.Time) (price money.Amount, version uint64) {
	price = k.rows[product]
	var newest, named retail.PriceBook
	newer := func(a, b retail.PriceBook) bool { return a.From > b.From || a.From == b.From && a.Version > b.Version }
	for _, b := range k.books {
		if b.From > at.UnixMilli() {
			continue
		}
		if newer(b, newest) {
			newest = b
		}
		for _, l := range b.Lines {
			if l.Product == product && newer(b, named) {
				price, named = l.Price, b
			}
		}
	}
	return price, newest.Version
}
