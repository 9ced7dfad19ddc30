package screen

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// memoryBook knows what the journal says of refunds; the feed's side is set by the test.
type memoryBook struct {
	journal *memoryJournal
	found   *retail.ReceiptFound
	given   []retail.HoldGiven
	looked  []retail.ReceiptAsked
	sent    []retail.HoldAsked
	doubt   bool
}

func (b *memoryBook) ask(_ context.Context, a retail.HoldAsked) error {
	b.sent = append(b.sent, a)
	return nil
}

func (b *memoryBook) find(_ context.Context, a retail.ReceiptAsked) error {
	b.looked = append(b.looked, a)
	return nil
}

func (b *memoryBook) GivenBack(_ context.Context, _, number uint64) ([]retail.RefundPart, error) {
	for _, v := range bodies[retail.Void](b.journal) {
		if v.Receipt.Number == number {
			return retail.Refund(v).Parts(), nil
		}
	}
	var gone []retail.RefundPart
	for _, r := range bodies[retail.Refund](b.journal) {
		if r.Receipt.Number == number {
			gone = append(gone, r.Parts()...)
		}
	}
	return gone, nil
}

func (b *memoryBook) InDoubt(context.Context, uint64, uint64) (bool, error) { return b.doubt, nil }

func (b *memoryBook) Hold(_ context.Context, hold uuid.UUID) (h till.Hold, err error) {
	for _, r := range bodies[retail.Refund](b.journal) {
		h.Used = h.Used || r.Hold == hold
	}
	for _, e := range bodies[retail.RefundHold](b.journal) {
		h.Released = h.Released || e.ID == hold
	}
	return h, nil
}

func (b *memoryBook) Found(context.Context) (f retail.ReceiptFound, ok bool, err error) {
	if b.found == nil {
		return f, false, nil
	}
	return *b.found, true, nil
}

func (b *memoryBook) HoldsAsked(context.Context) ([]retail.HoldAsked, error) { return nil, nil }
func (b *memoryBook) HoldsGiven(context.Context) ([]retail.HoldGiven, error) { return b.given, nil }

// A till over a journal and a catalogue in memory, in a window without a display.

func id(n int) uuid.UUID { return uuid.UUID{14: byte(n >> 8), 15: byte(n)} }

var (
	alice     = id(1)
	bob       = id(2)
	drinks    = id(91)
	bakery    = id(92)
	grocery   = id(93)
	household = id(94)
	paper     = id(95)
)

// store is the shop of the pictures.
var store = retail.Location{
	ID: id(80), Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto",
}

func categories() []retail.Category {
	var list []retail.Category
	for i, c := range []struct {
		id     uuid.UUID
		fr, en string
	}{
		{drinks, "Boissons", "Drinks"},
		{bakery, "Boulangerie", "Bakery"},
		{grocery, "Épicerie", "Grocery"},
		{household, "Maison", "Household"},
		{paper, "Papeterie", "Stationery"},
	} {
		list = append(list, retail.Category{ID: c.id, Name: retail.Text{FR: c.fr, EN: c.en}, Order: i})
	}
	return list
}

func products() []retail.Product {
	var list []retail.Product
	add := func(category uuid.UUID, fr, en string, price money.Amount, change ...func(*retail.Product)) {
		n := len(list) + 1
		p := retail.Product{
			ID: id(100 + n), SKU: "20" + string(rune('0'+n/10)) + string(rune('0'+n%10)) + "10",
			Name: retail.Text{FR: fr, EN: en}, Price: price, Category: category, Class: retail.Taxable, Pack: 12,
			Barcodes: []string{barcode.Make("400100", 20000+n)}, Favourite: n,
		}
		for _, c := range change {
			c(&p)
		}
		list = append(list, p)
	}
	made := func(p *retail.Product) { p.MadeHere, p.Barcodes = true, nil }
	zero := func(p *retail.Product) { p.Class = retail.ZeroRated }
	weighed := func(p *retail.Product) { p.Weighed, p.Class = true, retail.ZeroRated }
	add(drinks, "Café filtre, moyen", "Regular coffee, medium", 199, made)
	add(drinks, "Café filtre, grand", "Regular coffee, large", 239, made)
	add(drinks, "Thé vert, moyen", "Green tea, medium", 199, made)
	add(drinks, "Chocolat chaud", "Hot chocolate", 279, made)
	add(bakery, "Timbits assortis", "Timbits, assorted", 25)
	add(bakery, "Beigne érable", "Maple donut", 125)
	add(bakery, "Bagel sésame", "Sesame bagel", 150, zero)
	add(bakery, "Muffin aux bleuets", "Blueberry muffin", 200)
	add(bakery, "Croissant au beurre", "Butter croissant", 229)
	add(bakery, "Sandwich jambon-gruyère", "Ham and gruyère sandwich", 799, made)
	add(grocery, "Sirop d’érable ambré, 540 ml", "Amber maple syrup, 540 ml", 1149, zero)
	add(grocery, "Pommes Cortland", "Cortland apples", 439, weighed)
	add(grocery, "Sirop d’érable doré, 540 ml", "Golden maple syrup, 540 ml", 1249, zero)
	add(grocery, "Sirop d’érable, 250 ml", "Maple syrup, 250 ml", 699, zero)
	add(grocery, "Beurre d’érable, 310 g", "Maple butter, 310 g", 899, zero)
	add(grocery, "Café en grains, torréfaction moyenne des montagnes du Pérou, 454 g", "Coffee beans, medium roast from the mountains of Peru, 454 g", 1399, zero)
	add(drinks, "Eau de source, 500 ml", "Spring water, 500 ml", 175)
	add(drinks, "Jus d’orange, 300 ml", "Orange juice, 300 ml", 299)
	add(household, "Savon à mains, lavande", "Hand soap, lavender", 599)
	add(paper, "Carnet ligné A5", "Ruled notebook A5", 899)
	add(paper, "Timbres, carnet de 10", "Stamps, book of 10", 1110, func(p *retail.Product) { p.Class = retail.Exempt })
	return list
}

// world is a till with its window, and a clock that moves when told to.
type world struct {
	t       *testing.T
	clock   *handClock
	network till.Network
	journal *memoryJournal
	tickets *memoryTickets
	book    *memoryBook
	people  *memoryCustomers
	counts  *noCounts
	goods   *memoryCatalogue
	printer *memoryPrinter
	app     *App
	window  fyne.Window
	// held are the works a test wants to end later; nil lets them end at once.
	held *[]func()
	// free is what is left of the disk, in bytes; 0 when nobody knows.
	free int64
}

func newWorld(t *testing.T, mode Mode) *world {
	t.Helper()
	return newTill(t, mode, retail.DefaultCurrency)
}

// newWorldIn is a till where another currency is paid in.
func newWorldIn(t *testing.T, currency string) *world {
	t.Helper()
	return newTill(t, Light, currency)
}

func newTill(t *testing.T, mode Mode, currency string) *world {
	t.Helper()
	w := &world{t: t, clock: newHandClock(), network: till.Network{Online: true, LastAck: time.Date(2026, 11, 22, 14, 31, 50, 0, time.UTC), Offset: 38 * time.Millisecond, Error: 12 * time.Millisecond, Certain: true}, printer: &memoryPrinter{}}
	w.clock.now = time.Date(2026, 11, 22, 19, 32, 0, 0, time.UTC)
	w.journal = &memoryJournal{now: w.clock.Now}
	w.tickets, w.people, w.counts = &memoryTickets{}, &memoryCustomers{}, &noCounts{}
	w.book = &memoryBook{journal: w.journal}
	w.goods = newCatalogue(w.clock.now)
	w.goods.currency, _ = retail.CurrencyOf(currency)
	tl, err := till.New(till.Config{
		Journal: w.journal, Catalogue: w.goods, Tickets: w.tickets, Counts: w.counts, Tries: memoryTries{}, Customers: w.people, Printer: w.printer, Network: func() till.Network { return w.network },
		Book: w.book, Ask: w.book.ask, Find: w.book.find,
		Disk: func() (int64, bool) { return w.free, w.free > 0 },
		Now:  w.clock.Now, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(tl.Close)
	w.window = show1024(t, mode, func() *Stage {
		w.app = NewApp(t.Context(), Config{
			Till: tl, Clock: w.clock, Scanner: DefaultScanner, Log: slog.New(slog.DiscardHandler),
			Paper:      func(r retail.Receipt) string { return "/var/lib/comptant/till-1/receipts/" + r.Code() + ".pdf" },
			Background: w.background, Export: Export{Sticks: func() []string { return nil }},
		})
		return w.app.Stage()
	})
	w.settle()
	return w
}

func (w *world) background(work, then func()) {
	if w.held != nil {
		*w.held = append(*w.held, func() { work(); then() })
		return
	}
	work()
	then()
}

// signedIn is a till at which Alice works, in the language.
func signedIn(t *testing.T, mode Mode, l Language) *world {
	w := newWorld(t, mode)
	w.signIn(alice)
	w.app.speak(l)
	return w
}

func (w *world) signIn(user uuid.UUID) {
	w.t.Helper()
	w.app.page.(*signIn).choose(user)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	if !w.app.Till.Shift().Open() {
		require.IsType(w.t, &shiftPage{}, w.app.page, "where a shift is opened")
		w.settle()
		w.typeIn("20000")
		w.press(fyne.KeyF9)
	}
	u, ok := w.app.Till.User()
	require.True(w.t, ok)
	require.Equal(w.t, user, u.ID)
	w.settle()
}

// settle lets the shield of a new screen go.
func (w *world) settle() { w.clock.wait(shieldTime + time.Millisecond) }

// typeIn types as a hand does.
func (w *world) typeIn(text string) {
	for _, r := range text {
		w.clock.wait(120 * time.Millisecond)
		w.window.Canvas().OnTypedRune()(r)
	}
	w.clock.wait(120 * time.Millisecond)
}

func (w *world) press(keys ...fyne.KeyName) {
	for _, k := range keys {
		w.clock.wait(60 * time.Millisecond)
		w.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: k})
	}
}

func (w *world) scan(codes ...string) {
	for _, c := range codes {
		w.clock.wait(100 * time.Millisecond)
		scanInto(w.t, w.window, w.clock, c)
	}
}

// tap touches the middle of something on the screen.
func (w *world) tap(o fyne.CanvasObject) {
	w.t.Helper()
	at := w.app.placeOf(o)
	test.TapCanvas(w.window.Canvas(), at.AddXY(o.Size().Width/2, o.Size().Height/2))
}

func (a *App) placeOf(o fyne.CanvasObject) fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
}

// code is what is printed on a product.
func (w *world) code(name string) string {
	w.t.Helper()
	return w.product(name).Barcodes[0]
}

func (w *world) product(name string) retail.Product {
	w.t.Helper()
	for _, p := range w.goods.products {
		if strings.HasPrefix(p.Name.FR, name) {
			return p
		}
	}
	w.t.Fatalf("no product %q", name)
	return retail.Product{}
}

// fill puts the ticket of the pictures together.
func (w *world) fill() {
	ctx, a := w.t.Context(), w.app
	for _, l := range []struct {
		name string
		q    money.Quantity
	}{
		{"Café filtre, moyen", 2 * money.One},
		{"Timbits", 10 * money.One},
		{"Muffin", money.One},
		{"Sirop d’érable ambré", money.One},
		{"Pommes", 1240},
		{"Carnet ligné", money.One},
		{"Savon", money.One},
	} {
		require.NoError(w.t, a.Till.Add(ctx, w.product(l.name), l.q))
	}
	a.refresh()
}
