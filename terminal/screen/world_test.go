package screen

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"
)

// A till over a journal and a catalogue in memory, in a window without a display.

var id = tilltest.ID

// bodies are the entries of one kind of body.
func bodies[T any](j *tilltest.Journal) []T { return tilltest.Bodies[T](j) }

// world is a till with its window, and a clock that moves when told to.
type world struct {
	t       *testing.T
	clock   *handClock
	network till.Network
	journal *tilltest.Journal
	tickets *tilltest.Tickets
	book    *tilltest.Book
	people  *tilltest.Customers
	counts  *tilltest.Counts
	picks   *tilltest.Picks
	goods   *tilltest.Shop
	printer *machine
	app     *App
	window  fyne.Window
	// held are the works a test wants to end later; nil lets them end at once.
	held *[]func()
	// free is what is left of the disk, in bytes; 0 when nobody knows. full is a disk that only takes what ends the day.
	free int64
	full bool
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
	w := &world{t: t, clock: newHandClock(), network: till.Network{Online: true, LastAck: time.Date(2026, 11, 22, 14, 31, 50, 0, time.UTC), Offset: 38 * time.Millisecond, Error: 12 * time.Millisecond, Certain: true}, printer: &machine{}}
	w.clock.now = time.Date(2026, 11, 22, 19, 32, 0, 0, time.UTC)
	w.journal = &tilltest.Journal{Now: w.clock.Now}
	w.tickets, w.people = &tilltest.Tickets{Journal: w.journal}, &tilltest.Customers{}
	w.counts, w.picks = &tilltest.Counts{Journal: w.journal}, &tilltest.Picks{}
	w.book = &tilltest.Book{Journal: w.journal}
	w.goods = newShop(w.clock.now)
	w.goods.Currency, _ = retail.CurrencyOf(currency)
	tl, err := till.New(till.Config{
		Journal: w.journal, Catalogue: tilltest.Catalogue{Of: w.goods}, Tickets: w.tickets, Counts: w.counts, Picks: w.picks, Tries: &tilltest.Tries{}, Customers: w.people, Printer: w.printer, Network: func() till.Network { return w.network },
		Book: w.book, Ask: w.book.Ask, Find: w.book.Find,
		Storage: w,
		Disk:    func() (int64, bool) { return w.free, w.free > 0 },
		Now:     w.clock.Now, Log: slog.New(slog.DiscardHandler),
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

// Full and LastBackup are the till's disk.
func (w *world) Full() bool { return w.full }

func (w *world) LastBackup() time.Time { return time.Time{} }

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
	for _, p := range w.goods.Products {
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
