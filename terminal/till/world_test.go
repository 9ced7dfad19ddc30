package till_test

import (
	"log/slog"
	"strconv"
	"testing"
	"time"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var id = tilltest.ID

var (
	alice  = id(1)
	robert = id(2)
	sophie = id(3)

	coffee  = product(11, "Café filtre", "Filter coffee", 199, retail.Taxable)
	timbits = product(12, "Timbits", "Timbits", 25, retail.Taxable)
	syrup   = product(13, "Sirop d’érable", "Maple syrup", 1149, retail.ZeroRated)
	apples  = product(14, "Pommes Cortland", "Cortland apples", 439, retail.ZeroRated)
	stamps  = product(15, "Timbres", "Stamps", 110, retail.Exempt)
	pen     = product(16, "Stylo", "Pen", 110, retail.Taxable)
)

func init() {
	coffee.MadeHere = true
	syrup.Pack, syrup.Barcodes = 12, []string{barcode.Make("400100", 20431)}
	apples.Weighed = true
	pen.Barcodes = []string{"0012345678905"}
}

func product(n int, fr, en string, price money.Amount, class retail.TaxClass) retail.Product {
	return retail.Product{
		ID: id(n), SKU: "1002" + strconv.Itoa(n), Name: retail.Text{FR: fr, EN: en},
		Price: price, Class: class, Category: id(90),
	}
}

func shop() *tilltest.Shop {
	return &tilltest.Shop{
		Identity: till.Identity{
			Till: id(99), Number: 1, Currency: "CAD", App: "1.0",
			Store: retail.Location{ID: id(80), Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto"},
		},
		Categories: []retail.Category{{ID: id(90), Name: retail.Text{FR: "Épicerie", EN: "Grocery"}}},
		Products:   []retail.Product{coffee, timbits, syrup, apples, stamps, pen},
		Staff: []retail.Staff{
			{ID: alice, Name: "Alice", Role: retail.RoleCashier, PIN: tilltest.PIN("1234"), Lang: "fr"},
			{ID: robert, Name: "Robert", Role: retail.RoleEmployee, PIN: tilltest.PIN("777777"), Lang: "en", Badge: tilltest.Badge("00417733")},
			{ID: sophie, Name: "Sophie", Role: retail.RoleSupervisor, PIN: tilltest.PIN("777777"), Lang: "fr"},
		},
		Rates: tilltest.QuebecTaxes(), Prices: 1284, Stock: map[uuid.UUID]till.Stock{},
	}
}

// world is a till with a journal and a catalogue in memory, and a clock that moves when told to.
type world struct {
	*till.Till
	t       *testing.T
	clock   time.Time
	built   time.Time
	network till.Network
	journal *tilltest.Journal
	goods   *tilltest.Shop
	book    *tilltest.Book
	tickets *tilltest.Tickets
	counts  *tilltest.Counts
	picks   *tilltest.Picks
	people  *tilltest.Customers
	tries   *tilltest.Tries
	printer *tilltest.Paper
	disk    *disk
}

func newWorld(t *testing.T) *world {
	w := &world{
		t: t, disk: &disk{}, clock: time.Date(2026, 11, 22, 19, 32, 0, 0, time.UTC), network: till.Network{Online: true, Certain: true},
		printer: &tilltest.Paper{},
	}
	w.journal = &tilltest.Journal{Now: func() time.Time { return w.clock }}
	w.goods, w.book = shop(), &tilltest.Book{Journal: w.journal}
	w.tickets, w.counts, w.people = &tilltest.Tickets{Journal: w.journal}, &tilltest.Counts{Journal: w.journal}, &tilltest.Customers{}
	w.tries, w.picks = &tilltest.Tries{}, &tilltest.Picks{}
	w.start()
	return w
}

// start is also what happens after a restart: the journal and the catalogue are as they were.
func (w *world) start() {
	var err error
	w.Till, err = till.New(till.Config{
		Journal: w.journal, Catalogue: tilltest.Catalogue{Of: w.goods}, Book: w.book, Tickets: w.tickets, Counts: w.counts, Picks: w.picks, Tries: w.tries, Storage: w.disk, Customers: w.people, Printer: w.printer,
		Network: func() till.Network { return w.network }, Ask: w.book.Ask, Find: w.book.Find,
		Now: func() time.Time { return w.clock }, Built: w.built, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(w.t, err)
	w.t.Cleanup(w.Close)
}

// signedIn is a till at which Alice works, in a shift that opened with 200 dollars.
func signedIn(t *testing.T) *world {
	w := newWorld(t)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	require.NoError(t, w.OpenShift(t.Context(), 20000))
	return w
}

// close ends the shift with what was counted, all of it in coins of 5 cents.
func (w *world) close(counted money.Amount) till.Closed {
	require.NoError(w.t, w.StartCount())
	c, err := w.CloseShift(w.t.Context(), []retail.Denomination{{Value: 5, Roll: int64(counted / 5), Count: 1}})
	require.NoError(w.t, err)
	return c
}

func (w *world) scan(codes ...string) {
	for _, c := range codes {
		s, err := w.Scan(w.t.Context(), c)
		require.NoError(w.t, err)
		require.True(w.t, s.Known, c)
	}
}

// approval is Sophie's word.
func (w *world) approval(n retail.Need) till.Approval {
	a, err := w.Approve(w.t.Context(), n, sophie, "777777", "mistake")
	require.NoError(w.t, err)
	return a
}

func (w *world) pay() till.Payment {
	p, err := w.StartPayment()
	require.NoError(w.t, err)
	return p
}

// refused asserts that err is one a person sees, with that key.
func refused(t *testing.T, key string, err error) *retail.Error {
	t.Helper()
	var e *retail.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, key, e.Key)
	require.Contains(t, till.Keys, key)
	return e
}
