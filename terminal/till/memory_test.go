package till_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/terminal/till"

	"github.com/google/uuid"
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
	own     []retail.Restock
	waiting till.Waiting
	// before, when it is not nil, happens right before the lock is taken.
	before func()
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
	if j.before != nil {
		j.before()
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

func (j *memoryJournal) kinds() []journal.Kind {
	var kinds []journal.Kind
	for _, d := range j.drafts {
		kinds = append(kinds, d.Kind)
	}
	return kinds
}

func (j *memoryJournal) sales() []retail.Sale {
	var sales []retail.Sale
	for _, d := range j.drafts {
		if s, ok := d.Body.(retail.Sale); ok {
			sales = append(sales, s)
		}
	}
	return sales
}

func (j *memoryJournal) Receipts(_ context.Context, f till.ReceiptFilter) ([]till.Receipt, error) {
	var found []till.Receipt
	for _, d := range slices.Backward(j.drafts) {
		s, ok := d.Body.(retail.Sale)
		if ok && (f.Day == 0 || f.Day == s.BusinessDate) && len(found) < f.Limit {
			found = append(found, till.Receipt{Written: d.Written, User: d.User, Shift: d.Shift, Sale: s})
		}
	}
	return found, nil
}

func (j *memoryJournal) Receipt(ctx context.Context, epoch, number uint64) (till.Receipt, error) {
	all, _ := j.Receipts(ctx, till.ReceiptFilter{Limit: len(j.drafts)})
	for _, r := range all {
		if r.Epoch == epoch && r.Number == number {
			return r, nil
		}
	}
	return till.Receipt{}, &retail.Error{Code: retail.NotFound, Key: "receipt.none"}
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

func (j *memoryJournal) Shift(context.Context) (till.Shift, error) {
	for _, d := range slices.Backward(j.drafts) {
		if s, ok := d.Body.(retail.ShiftOpen); ok {
			shift := till.Shift{
				Number: s.Shift, BusinessDate: s.BusinessDate, Float: s.Float, OpenedAt: d.At,
				Opened: retail.ChainEnd{Epoch: d.Epoch, Seq: d.Seq, Hash: d.Hash[:]},
			}
			for _, c := range j.closes() {
				shift.Closed = shift.Closed || c.Z.Opened.Seq == d.Seq
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

// closes are the Zs, newest first.
func (j *memoryJournal) closes() []till.Close {
	var all []till.Close
	for _, d := range slices.Backward(j.drafts) {
		if z, ok := d.Body.(retail.ShiftClose); ok {
			all = append(all, till.Close{Written: d.Written, User: d.User, Z: z})
		}
	}
	return all
}

func (j *memoryJournal) Perpetual(context.Context) (money.Amount, error) {
	for _, c := range j.closes() {
		return c.Z.Perpetual, nil
	}
	return 0, nil
}

func (j *memoryJournal) Closes(_ context.Context, limit int) ([]till.Close, error) {
	all := j.closes()
	return all[:min(limit, len(all))], nil
}

func (j *memoryJournal) Waiting(context.Context) (till.Waiting, error)         { return j.waiting, nil }
func (j *memoryJournal) OwnRequests(context.Context) ([]retail.Restock, error) { return j.own, nil }

// memoryCatalogue is a shop of six products.
type memoryCatalogue struct {
	identity  till.Identity
	currency  retail.Currency // the identity's when empty
	products  []retail.Product
	staff     []retail.Staff
	rates     retail.TaxTable
	rights    []retail.Rights
	prices    uint64
	next      till.NextPrices
	stock     map[uuid.UUID]till.Stock
	restocks  []retail.Restock
	shipments []retail.Shipment
	locations []retail.Location
	elsewhere map[uuid.UUID]retail.Elsewhere
}

// pins are hashed once: the cost is the point of argon2id.
var pins = sync.OnceValue(func() [2]string {
	cheap := secret.Params{Memory: 64, Time: 1, Threads: 1}
	var h [2]string
	for i, pin := range []string{"1234", "777777"} {
		var err error
		if h[i], err = secret.Hash(pin, cheap); err != nil {
			panic(err)
		}
	}
	return h
})

func newCatalogue(t *testing.T) *memoryCatalogue {
	h := pins()
	return &memoryCatalogue{
		identity: till.Identity{
			Till: id(99), Number: 1, Currency: "CAD", App: "1.0",
			Store: retail.Location{ID: id(80), Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto"},
		},
		products: []retail.Product{coffee, timbits, syrup, apples, stamps, pen},
		staff: []retail.Staff{
			{ID: alice, Name: "Alice", Role: retail.RoleCashier, PIN: h[0], Lang: "fr"},
			{ID: robert, Name: "Robert", Role: retail.RoleEmployee, PIN: h[1], Lang: "en", Badge: secret.Badge("00417733")},
			{ID: sophie, Name: "Sophie", Role: retail.RoleSupervisor, PIN: h[1], Lang: "fr"},
		},
		rates: retail.TaxTable{
			{Code: "TPS", Name: retail.Text{FR: "TPS", EN: "GST"}, Rate: 5000, Classes: []retail.TaxClass{retail.Taxable}, Order: 1},
			{Code: "TVQ", Name: retail.Text{FR: "TVQ", EN: "QST"}, Rate: 9975, Classes: []retail.TaxClass{retail.Taxable}, Order: 2},
		},
		prices: 1284,
		stock:  map[uuid.UUID]till.Stock{},
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
		if strings.Contains(strings.ToLower(p.Name.FR+" "+p.Name.EN), strings.ToLower(query)) {
			found = append(found, p)
		}
	}
	return found[:min(limit, len(found))], len(found), nil
}

func (c *memoryCatalogue) Categories(context.Context) ([]retail.Category, error) {
	return []retail.Category{{ID: id(90), Name: retail.Text{FR: "Épicerie", EN: "Grocery"}}}, nil
}

func (c *memoryCatalogue) InCategory(
	_ context.Context, category uuid.UUID, lang string, limit int,
) ([]retail.Product, error) {
	var found []retail.Product
	for _, p := range c.products {
		if p.Category == category {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b retail.Product) int { return cmp.Compare(a.Name.In(lang), b.Name.In(lang)) })
	return found[:min(limit, len(found))], nil
}

func (c *memoryCatalogue) Staff(context.Context) ([]retail.Staff, error)   { return c.staff, nil }
func (c *memoryCatalogue) Rates(context.Context) (retail.TaxTable, error)  { return c.rates, nil }
func (c *memoryCatalogue) Rights(context.Context) ([]retail.Rights, error) { return c.rights, nil }

func (c *memoryCatalogue) Currency(context.Context) (retail.Currency, error) {
	if c.currency.Code != "" {
		return c.currency, nil
	}
	currency, _ := retail.CurrencyOf(c.identity.Currency)
	return currency, nil
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
	return c.shipments, nil
}

// paper is a printer that keeps what it printed, or jams.
type paper struct {
	mu      sync.Mutex
	jam     error
	printed []retail.Receipt
	reports []retail.Report
}

func (p *paper) PrintReport(_ context.Context, r retail.Report) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jam != nil {
		return p.jam
	}
	p.reports = append(p.reports, r)
	return nil
}

func (p *paper) Print(_ context.Context, r retail.Receipt) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jam != nil {
		return p.jam
	}
	p.printed = append(p.printed, r)
	return nil
}

// memoryTickets outlives the till, as the disk does.
type memoryTickets struct {
	journal *memoryJournal
	open    []byte
	at      uint64 // how many sales there were
	held    []till.HeldTicket
	fails   error
}

func (m *memoryTickets) KeepTicket(body []byte) error {
	m.open, m.at = slices.Clone(body), uint64(len(m.journal.sales()))
	return nil
}

func (m *memoryTickets) OpenTicket(context.Context) ([]byte, error) {
	if len(m.open) == 0 || m.at != uint64(len(m.journal.sales())) {
		return nil, nil
	}
	return m.open, nil
}

func (m *memoryTickets) HoldTicket(_ context.Context, h till.HeldTicket) error {
	if m.fails == nil {
		m.held = append(m.held, h)
	}
	return m.fails
}

func (m *memoryTickets) HeldTickets(context.Context) ([]till.HeldTicket, error) {
	return slices.Clone(m.held), nil
}

func (m *memoryTickets) DropHeld(_ context.Context, id uuid.UUID) error {
	if m.fails == nil {
		m.held = slices.DeleteFunc(m.held, func(h till.HeldTicket) bool { return h.ID == id })
	}
	return m.fails
}

// memoryCounts outlives the till, as the disk does.
type memoryCounts struct {
	drawer  []byte
	journal *memoryJournal
	session uuid.UUID
	body    []byte
	all     [][]byte // one after the other
	fails   error
}

func (m *memoryCounts) KeepCount(session uuid.UUID, body []byte) error {
	if m.fails == nil {
		m.session, m.body = session, slices.Clone(body)
		m.all = append(m.all, m.body)
	}
	return m.fails
}

func (m *memoryCounts) KeepDrawer(body []byte) error {
	if m.fails == nil {
		m.drawer = slices.Clone(body)
	}
	return m.fails
}

func (m *memoryCounts) KeptDrawer(context.Context) ([]byte, error) { return m.drawer, nil }

func (m *memoryCounts) OpenCount(context.Context) (till.KeptCount, error) {
	k, done := till.KeptCount{Session: m.session, Body: m.body}, map[uuid.UUID]bool{}
	newest, lines := uuid.Nil, map[uuid.UUID][]till.Counted{}
	for _, d := range m.journal.drafts {
		c, ok := d.Body.(retail.Count)
		switch {
		case ok && c.Done:
			done[c.Session] = true
		case ok:
			newest = c.Session
			lines[newest] = append(lines[newest], till.Counted{Product: c.Product, Quantity: c.Quantity, At: d.At})
		}
	}
	if newest != uuid.Nil && newest != k.Session && !done[newest] {
		k = till.KeptCount{Session: newest}
	}
	if done[k.Session] {
		return till.KeptCount{}, nil
	}
	k.Lines = lines[k.Session]
	return k, nil
}

// memoryTries outlives the till, as the disk does.
type memoryTries struct {
	kept  map[uuid.UUID]till.Try
	fails error
}

func (m *memoryTries) Tries(context.Context) (map[uuid.UUID]till.Try, error) {
	return maps.Clone(m.kept), m.fails
}

func (m *memoryTries) KeepTry(_ context.Context, user uuid.UUID, t till.Try) error {
	switch {
	case m.fails != nil:
	case t == (till.Try{}):
		delete(m.kept, user)
	default:
		m.kept[user] = t
	}
	return m.fails
}
