package screen

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/barcode"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/terminal/till"
)

// noBook knows of voids only: asking it anything else is a fault of the test.
type noBook struct {
	till.Book
	journal *memoryJournal
}

func (b noBook) GivenBack(_ context.Context, _, number uint64) ([]retail.RefundPart, error) {
	for _, v := range bodies[retail.Void](b.journal) {
		if v.Receipt.Number == number {
			return retail.Refund(v).Parts(), nil
		}
	}
	return nil, nil
}

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
	goods   *memoryCatalogue
	printer *memoryPrinter
	app     *App
	window  fyne.Window
	// held are the works a test wants to end later; nil lets them end at once.
	held *[]func()
}

func newWorld(t *testing.T, mode Mode) *world {
	t.Helper()
	w := &world{t: t, clock: newHandClock(), network: till.Network{Online: true, LastAck: time.Date(2026, 11, 22, 14, 31, 50, 0, time.UTC), Offset: 38 * time.Millisecond, Error: 12 * time.Millisecond, Certain: true}, printer: &memoryPrinter{}}
	w.clock.now = time.Date(2026, 11, 22, 19, 32, 0, 0, time.UTC)
	w.journal = &memoryJournal{now: w.clock.Now}
	w.tickets = &memoryTickets{}
	w.goods = newCatalogue(w.clock.now)
	tl, err := till.New(till.Config{
		Journal: w.journal, Catalogue: w.goods, Tickets: w.tickets, Printer: w.printer, Network: func() till.Network { return w.network },
		Book: noBook{journal: w.journal}, Ask: func(context.Context, retail.HoldAsked) error { return errors.ErrUnsupported },
		Now: w.clock.Now, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(tl.Close)
	w.window = show1024(t, mode, func() *Stage {
		w.app = NewApp(t.Context(), Config{
			Till: tl, Clock: w.clock, Scanner: DefaultScanner, Log: slog.New(slog.DiscardHandler),
			Paper:      func(r retail.Receipt) string { return "/var/lib/comptant/till-1/receipts/" + r.Code() + ".pdf" },
			Background: w.background,
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

// memoryJournal keeps the chain and the numbers of the real one.
type memoryJournal struct {
	now     func() time.Time
	fails   error
	head    journal.Hash
	seq     uint64
	number  uint64
	z       uint64
	drafts  []written
	acked   uint64
	waiting till.Waiting
	notices map[uint64]string // what headquarters says of receipts
}

type written struct {
	till.Draft
	till.Written
	Body any
}

func (j *memoryJournal) Commit(ctx context.Context, d till.Draft) (till.Written, error) {
	if j.fails != nil {
		return till.Written{}, j.fails
	}
	if d.Check != nil {
		if err := d.Check(ctx); err != nil {
			return till.Written{}, err
		}
	}
	number := uint64(0)
	switch {
	case d.Final:
		number = j.z + 1
	case d.Numbered:
		number = j.number + 1
	}
	body := d.Body(number)
	b, err := journal.Encode(journal.Entry{Kind: d.Kind, User: d.User, Shift: d.Shift, Time: j.now().UnixMilli()}, body)
	if err != nil {
		return till.Written{}, err
	}
	if d.Final {
		j.z = number
	} else {
		j.number = max(j.number, number)
	}
	j.seq++
	j.head = journal.Next(j.head, id(99), 1, j.seq, b)
	w := till.Written{Epoch: 1, Seq: j.seq, Number: number, Hash: j.head, At: j.now()}
	j.drafts = append(j.drafts, written{Draft: d, Written: w, Body: body})
	return w, nil
}

// bodies are the entries of one kind of body.
func bodies[T any](j *memoryJournal) []T {
	var list []T
	for _, d := range j.drafts {
		if b, ok := d.Body.(T); ok {
			list = append(list, b)
		}
	}
	return list
}

func (j *memoryJournal) Receipts(_ context.Context, f till.ReceiptFilter) ([]till.Receipt, error) {
	var found []till.Receipt
	for _, d := range slices.Backward(j.drafts) {
		s, ok := d.Body.(retail.Sale)
		voided := slices.ContainsFunc(bodies[retail.Void](j), func(v retail.Void) bool { return v.Receipt.Number == s.Number })
		matches := f.Text == "" || strings.HasSuffix(retail.ReceiptCode("CV", 1, 1, s.Number), f.Text)
		if ok && matches && (f.Day == 0 || f.Day == s.BusinessDate) && len(found) < f.Limit {
			found = append(found, till.Receipt{Written: d.Written, User: d.User, Shift: d.Shift, Voided: voided, Sale: s, Acked: d.Seq <= j.acked, Notice: j.notices[s.Number]})
		}
	}
	return found, nil
}

func (j *memoryJournal) Receipt(context.Context, uint64, uint64) (till.Receipt, error) {
	return till.Receipt{}, errors.New("the screens ask for lists")
}

func (j *memoryJournal) Shift(context.Context) (till.Shift, error) {
	for _, d := range slices.Backward(j.drafts) {
		if s, ok := d.Body.(retail.ShiftOpen); ok {
			shift := till.Shift{
				Number: s.Shift, BusinessDate: s.BusinessDate, Float: s.Float, OpenedAt: d.At,
				Opened: retail.ChainEnd{Epoch: d.Epoch, Seq: d.Seq, Hash: d.Hash[:]},
			}
			for _, z := range bodies[retail.ShiftClose](j) {
				shift.Closed = shift.Closed || z.Opened.Seq == d.Seq
			}
			return shift, nil
		}
	}
	return till.Shift{}, nil
}

func (j *memoryJournal) Totals(_ context.Context, shift till.Shift) (t retail.ShiftTotals, err error) {
	for _, d := range j.drafts {
		if d.Seq > shift.Opened.Seq {
			t.Add(id(99), 1, d.Body)
		}
	}
	return t, nil
}

func (j *memoryJournal) Perpetual(ctx context.Context) (money.Amount, error) {
	newest, err := j.Closes(ctx, 1)
	if len(newest) == 0 {
		return 0, err
	}
	return newest[0].Z.Perpetual, err
}

func (j *memoryJournal) Closes(_ context.Context, limit int) ([]till.Close, error) {
	var all []till.Close
	for _, d := range slices.Backward(j.drafts) {
		if z, ok := d.Body.(retail.ShiftClose); ok && len(all) < limit {
			all = append(all, till.Close{Written: d.Written, User: d.User, Z: z})
		}
	}
	return all, nil
}

func (j *memoryJournal) Waiting(context.Context) (till.Waiting, error) { return j.waiting, nil }

func (j *memoryJournal) OwnRequests(context.Context) ([]retail.Restock, error) {
	var own []retail.Restock
	for _, d := range j.drafts {
		if r, ok := d.Body.(retail.RestockRequest); ok {
			made := retail.Restock{ID: r.ID, State: retail.RestockRequested, At: d.At.UnixMilli(), By: d.User}
			for _, l := range r.Lines {
				made.Lines = append(made.Lines, retail.RestockLine{Product: l.Product, Asked: l.Quantity})
			}
			own = append(own, made)
		}
	}
	return own, nil
}

// memoryCatalogue is what headquarters published.
type memoryCatalogue struct {
	identity   till.Identity
	products   []retail.Product
	categories []retail.Category
	staff      []retail.Staff
	rates      retail.TaxTable
	prices     uint64
	next       till.NextPrices
	stock      map[uuid.UUID]till.Stock
	restocks   []retail.Restock
	shipments  []retail.Shipment
}

// pin is hashed once, cheaply: the tests are about screens.
var pin = sync.OnceValue(func() string {
	h, err := secret.Hash("1234", secret.Params{Memory: 64, Time: 1, Threads: 1})
	if err != nil {
		panic(err)
	}
	return h
})

func newCatalogue(now time.Time) *memoryCatalogue {
	c := &memoryCatalogue{
		identity: till.Identity{Till: id(99), Number: 1, Currency: "CAD", App: "1.0", Store: store},
		products: products(), categories: categories(), prices: 1284,
		staff: []retail.Staff{
			{ID: alice, Name: "Alice", Role: retail.RoleCashier, PIN: pin(), Lang: "fr"},
			{ID: bob, Name: "Bob", Role: retail.RoleCashier, PIN: pin(), Lang: "en"},
			{ID: id(3), Name: "Catherine", Role: retail.RoleSupervisor, PIN: pin(), Lang: "fr"},
			{ID: id(4), Name: "David", Role: retail.RoleEmployee, PIN: pin(), Lang: "fr"},
			{ID: id(5), Name: "Emma", Role: retail.RoleManager, PIN: pin(), Lang: "en"},
		},
		rates: retail.TaxTable{
			{
				Code: "TPS", Name: retail.Text{FR: "TPS", EN: "GST"}, Rate: 5000, Order: 1,
				Classes: []retail.TaxClass{retail.Taxable}, Registration: "123456789 RT0001",
			},
			{
				Code: "TVQ", Name: retail.Text{FR: "TVQ", EN: "QST"}, Rate: 9975, Order: 2,
				Classes: []retail.TaxClass{retail.Taxable}, Registration: "1234567890 TQ0001",
			},
		},
		stock: map[uuid.UUID]till.Stock{},
	}
	for i, p := range c.products {
		if p.MadeHere {
			continue
		}
		c.stock[p.ID] = till.Stock{
			Known: true, Here: money.Quantity(20+7*i) * money.One, HereAt: now.Add(-40 * time.Second),
			Depot: money.Quantity(100+60*i) * money.One, DepotAt: now.Add(-12 * time.Minute),
			RestockBelow: 25 * money.One, OutBelow: money.One, OverAbove: 400 * money.One, PerDay: 3100,
		}
	}
	c.setStock("Sirop d’érable ambré", func(s *till.Stock) {
		s.Here, s.InTransit, s.Depot, s.PerDay = 16*money.One, 12*money.One, 640*money.One, 6200
	})
	syrup, butter := id(111), id(115)
	day := func(d int) int64 { return now.AddDate(0, 0, -d).UnixMilli() }
	c.restocks = []retail.Restock{
		{ID: id(301), State: retail.RestockShipped, At: day(2), By: id(4), Lines: []retail.RestockLine{
			{Product: syrup, Asked: 24 * money.One, Approved: 12 * money.One, Shipped: 12 * money.One},
		}},
		{ID: id(302), State: retail.RestockReceived, At: day(13), By: id(4), Lines: []retail.RestockLine{
			{Product: syrup, Asked: 36 * money.One, Approved: 36 * money.One, Shipped: 36 * money.One, Received: 35 * money.One},
			{Product: butter, Asked: 12 * money.One, Approved: 12 * money.One, Shipped: 12 * money.One, Received: 12 * money.One},
		}},
		{ID: id(303), State: retail.RestockRefused, At: day(20), By: id(4), Lines: []retail.RestockLine{
			{Product: butter, Asked: 120 * money.One},
		}},
	}
	c.shipments = []retail.Shipment{
		{ID: id(311), Code: "EXP-0311", Restock: id(301), At: day(1), Lines: []retail.StockLine{
			{Product: syrup, Quantity: 12 * money.One},
			{Product: butter, Quantity: 6 * money.One},
			{Product: id(119), Quantity: 24 * money.One},
		}},
		{ID: id(312), Code: "EXP-0298", Restock: id(302), At: day(12), Received: true},
		{ID: id(313), Code: "EXP-0315", Restock: id(301), At: day(0), Lines: []retail.StockLine{
			{Product: id(120), Quantity: 40 * money.One},
		}},
	}
	c.setStock("Sirop d’érable, 250", func(s *till.Stock) { s.Here = -2 * money.One })
	c.setStock("Beurre", func(s *till.Stock) { s.Here = 0 })
	return c
}

func (c *memoryCatalogue) setStock(name string, change func(*till.Stock)) {
	for _, p := range c.products {
		if strings.HasPrefix(p.Name.FR, name) {
			s := c.stock[p.ID]
			change(&s)
			c.stock[p.ID] = s
		}
	}
}

func (c *memoryCatalogue) Identity() till.Identity { return c.identity }

func (c *memoryCatalogue) find(is func(retail.Product) bool) (retail.Product, bool, error) {
	if i := slices.IndexFunc(c.products, is); i >= 0 {
		return c.products[i], true, nil
	}
	return retail.Product{}, false, nil
}

func (c *memoryCatalogue) Product(_ context.Context, id uuid.UUID) (retail.Product, bool, error) {
	return c.find(func(p retail.Product) bool { return p.ID == id })
}

func (c *memoryCatalogue) ByCode(_ context.Context, code string) (retail.Product, bool, error) {
	return c.find(func(p retail.Product) bool { return p.SKU == code || slices.Contains(p.Barcodes, code) })
}

func (c *memoryCatalogue) Search(_ context.Context, query string, limit int) ([]retail.Product, int, error) {
	var found []retail.Product
	for _, p := range c.products {
		text, all := fold(p.Name.FR+" "+p.Name.EN+" "+p.SKU), true
		for _, word := range strings.Fields(fold(query)) {
			all = all && strings.Contains(text, word)
		}
		if all {
			found = append(found, p)
		}
	}
	return found[:min(limit, len(found))], len(found), nil
}

func (c *memoryCatalogue) Categories(context.Context) ([]retail.Category, error) {
	return c.categories, nil
}

func (c *memoryCatalogue) InCategory(
	_ context.Context, category uuid.UUID, lang string, limit int,
) ([]retail.Product, error) {
	var found []retail.Product
	for _, p := range c.products {
		if p.Category == category || category == uuid.Nil && p.Favourite > 0 {
			found = append(found, p)
		}
	}
	if category != uuid.Nil {
		slices.SortFunc(found, func(a, b retail.Product) int { return cmp.Compare(a.Name.In(lang), b.Name.In(lang)) })
	}
	return found[:min(limit, len(found))], nil
}

func (c *memoryCatalogue) Staff(context.Context) ([]retail.Staff, error)   { return c.staff, nil }
func (c *memoryCatalogue) Rates(context.Context) (retail.TaxTable, error)  { return c.rates, nil }
func (c *memoryCatalogue) Rights(context.Context) ([]retail.Rights, error) { return nil, nil }

func (c *memoryCatalogue) Prices(context.Context) (uint64, error) { return c.prices, nil }

func (c *memoryCatalogue) NextPrices(context.Context) (till.NextPrices, error) { return c.next, nil }

func (c *memoryCatalogue) StockOf(_ context.Context, product uuid.UUID) (till.Stock, error) {
	return c.stock[product], nil
}

func (c *memoryCatalogue) StockOfMany(context.Context, []uuid.UUID) (map[uuid.UUID]till.Stock, error) {
	return c.stock, nil
}

func (c *memoryCatalogue) Restocks(context.Context, int) ([]retail.Restock, error) {
	return slices.Clone(c.restocks), nil
}

func (c *memoryCatalogue) Shipments(context.Context, int) ([]retail.Shipment, error) {
	return slices.Clone(c.shipments), nil
}

// memoryPrinter prints nothing, or jams.
type memoryPrinter struct {
	mu      sync.Mutex
	jam     error
	printed []retail.Receipt
	reports []retail.Report
	state   till.PrinterState
}

func (p *memoryPrinter) PrintReport(_ context.Context, r retail.Report) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jam != nil {
		return p.jam
	}
	p.reports = append(p.reports, r)
	return nil
}

func (p *memoryPrinter) Print(_ context.Context, r retail.Receipt) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jam != nil {
		return p.jam
	}
	p.printed = append(p.printed, r)
	return nil
}

// memoryTickets keeps the tickets that are held; the open one is the ledger's to test.
type memoryTickets struct{ held []till.HeldTicket }

func (m *memoryTickets) KeepTicket([]byte) error { return nil }

func (m *memoryTickets) OpenTicket(context.Context) ([]byte, error) { return nil, nil }

func (m *memoryTickets) HoldTicket(_ context.Context, h till.HeldTicket) error {
	m.held = append(m.held, h)
	return nil
}

func (m *memoryTickets) HeldTickets(context.Context) ([]till.HeldTicket, error) {
	return slices.Clone(m.held), nil
}

func (m *memoryTickets) DropHeld(_ context.Context, id uuid.UUID) error {
	m.held = slices.DeleteFunc(m.held, func(h till.HeldTicket) bool { return h.ID == id })
	return nil
}
