package screen

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/terminal/till"
)

// memoryJournal keeps the chain and the numbers of the real one.
type memoryJournal struct {
	sent    []retail.Sent // as headquarters tells
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

func (j *memoryJournal) Transfers(_ context.Context, limit int) ([]retail.Sent, error) {
	sent := slices.Clone(j.sent)
	for _, d := range slices.Backward(j.drafts) {
		if t, ok := d.Body.(retail.TransferOut); ok {
			sent = append(sent, t.Sent(d.At))
		}
	}
	return sent[:min(limit, len(sent))], nil
}

func (j *memoryJournal) Void(_ context.Context, epoch, number uint64) (till.Void, bool, error) {
	for _, d := range j.drafts {
		if v, ok := d.Body.(retail.Void); ok && v.Receipt.Epoch == epoch && v.Receipt.Number == number {
			return till.Void{Written: d.Written, User: d.User, Body: v}, true, nil
		}
	}
	return till.Void{}, false, nil
}

func (j *memoryJournal) Receipt(ctx context.Context, epoch, number uint64) (till.Receipt, error) {
	all, err := j.Receipts(ctx, till.ReceiptFilter{Limit: len(j.drafts)})
	for _, r := range all {
		if r.Epoch == epoch && r.Number == number {
			return r, err
		}
	}
	return till.Receipt{}, &retail.Error{Code: retail.NotFound, Key: till.KeyNoReceipt, Args: map[string]any{"number": number}}
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
	currency   retail.Currency
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
	locations  []retail.Location
	elsewhere  map[uuid.UUID]retail.Elsewhere
}

// pin is hashed once, cheaply: the tests are about screens.
var pin = sync.OnceValue(func() string {
	h, err := secret.Hash("1234", secret.Params{Memory: 64, Time: 1, Threads: 1})
	if err != nil {
		panic(err)
	}
	return h
})

// What is on the badges of two people.
const (
	bobsBadge       = "E00417733"
	catherinesBadge = "E00417734"
)

func newCatalogue(now time.Time) *memoryCatalogue {
	c := &memoryCatalogue{
		identity: till.Identity{Till: id(99), Number: 1, Currency: "CAD", App: "1.0", Store: store},
		products: products(), categories: categories(), prices: 1284,
		staff: []retail.Staff{
			{ID: alice, Name: "Alice", Role: retail.RoleCashier, PIN: pin(), Lang: "fr"},
			{ID: bob, Name: "Bob", Role: retail.RoleCashier, PIN: pin(), Lang: "en", Badge: secret.Badge(bobsBadge)},
			{ID: id(3), Name: "Catherine", Role: retail.RoleSupervisor, PIN: pin(), Lang: "fr", Badge: secret.Badge(catherinesBadge)},
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
		{ID: id(314), Code: "TR-7K3QF2", From: id(83), At: day(0), Lines: []retail.StockLine{
			{Product: id(121), Quantity: 5 * money.One},
		}},
		{ID: id(313), Code: "EXP-0315", Restock: id(301), At: day(0), Lines: []retail.StockLine{
			{Product: id(120), Quantity: 40 * money.One},
		}},
	}
	c.locations = []retail.Location{store}
	for i, l := range []struct{ code, name string }{{"ES", "Magasin Est"}, {"SU", "Magasin Sud"}, {"NO", "Magasin Nord"}} {
		c.locations = append(c.locations, retail.Location{
			ID: id(81 + i), Kind: retail.LocationStore, Code: l.code, Name: l.name, Zone: store.Zone,
		})
	}
	c.locations = append(c.locations, retail.Location{ID: id(89), Kind: retail.LocationWarehouse, Code: "CL", Name: "Centre logistique"})
	ago := func(d time.Duration) int64 { return now.Add(-d).UnixMilli() }
	c.elsewhere = map[uuid.UUID]retail.Elsewhere{syrup: {Stores: []retail.StoreStock{
		{Store: id(81), OnHand: 0, InTransit: 24 * money.One, At: ago(3 * time.Minute), OutBelow: money.One, OverAbove: 65 * money.One},
		{Store: id(82), OnHand: 72 * money.One, At: ago(5 * time.Minute), OutBelow: money.One, OverAbove: 65 * money.One},
		{Store: id(83), OnHand: 31 * money.One, At: ago(134 * time.Minute), OutBelow: money.One, OverAbove: 65 * money.One},
	}}}
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

func (c *memoryCatalogue) Currency(context.Context) (retail.Currency, error) {
	return c.currency, nil
}

func (c *memoryCatalogue) Elsewhere(_ context.Context, product uuid.UUID) (retail.Elsewhere, error) {
	return c.elsewhere[product], nil
}

func (c *memoryCatalogue) Locations(context.Context) ([]retail.Location, error) {
	return slices.Clone(c.locations), nil
}

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

// memoryTries keeps nothing: that is the ledger's to test.
type memoryTries struct{}

func (memoryTries) Tries(context.Context) (map[uuid.UUID]till.Try, error) { return nil, nil }

func (memoryTries) KeepTry(context.Context, uuid.UUID, till.Try) error { return nil }
