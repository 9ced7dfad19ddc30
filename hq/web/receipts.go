package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// period is a span of days, the stores as chooseStores knows them, and more names and values, as a page's address says them.
func period(p sales.Period, store string, pairs ...string) string {
	values := url.Values{"from": {p.From.String()}, "to": {p.To.String()}}
	if store != "" {
		values.Set("store", store)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

// listOnly are the parts of the address that narrow a list of receipts and are not among its filters.
var listOnly = []string{"till", "product", "only", "tax", "rate", "hour", "opened", "closed"}

func (s *site) receipts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.filterOf(r)
	if err != nil {
		return err
	}
	if err := s.narrow(r, &f); err != nil {
		return err
	}
	if ctx, err = s.paidIn(ctx, f.Stores); err != nil {
		return err
	}
	r = r.WithContext(ctx)
	filter := receiptFilter(r, f)
	page, err := sales.Receipts(ctx, s.DB, filter)
	if err != nil {
		return err
	}
	sums, err := sales.SumReceipts(ctx, s.DB, filter)
	if err != nil {
		return err
	}
	columns := receiptColumns(ctx, filter, r.FormValue("only"), sums.Figures)
	t, err := s.receiptTable(ctx, page.Receipts, columns)
	if err != nil {
		return err
	}
	t.Total = receiptTotal(ctx, sums, columns)
	count := sums.Tickets + 2*sums.Voids + sums.Refunds // a void takes a ticket away
	foot := ui.Pages{Note: ui.T(ctx, "receipts.count", "Count", int(count))}
	if page.Next != "" {
		foot.Next = with(r, "after", page.Next)
	}
	if r.FormValue("after") != "" {
		foot.Prev = with(r)
	}
	t.Foot = ui.Pagination(foot)
	about, err := s.receiptWords(r, f, filter)
	if err != nil {
		return err
	}
	fields, err := s.narrowChoices(r, f)
	if err != nil {
		return err
	}
	all := ""
	for _, name := range listOnly {
		if r.FormValue(name) != "" {
			var pairs []string
			for _, name := range listOnly {
				pairs = append(pairs, name, "")
			}
			all = with(r, pairs...)
		}
	}
	drawer, err := s.drawerFacts(ctx, filter)
	if err != nil {
		return err
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "receipts.title"), parent: "/reports", subtitle: strings.Join(append([]string{f.words(ctx)}, about...), " · "),
		tools: reportTools("/receipts", f, templ.Join(kept(r, listOnly...), narrowing(fields)), allReceipts(all)),
	}, receiptsContent(t, drawer))
}

// receiptFilter is what the address narrows a list of receipts to.
func receiptFilter(r *http.Request, f reportFilter) sales.ReceiptFilter {
	filter := sales.ReceiptFilter{
		Stores: f.ids(), Period: f.Period, Narrowing: f.Narrowing, Only: receiptFigures[r.FormValue("only")].only, Tax: r.FormValue("tax"), Before: r.FormValue("after"),
	}
	filter.Till, _ = uuid.Parse(r.FormValue("till"))
	filter.Rate = money.Rate(numberOf(r, "rate", 0))
	if hour, err := strconv.Atoi(r.FormValue("hour")); err == nil {
		filter.Hour = &hour
		for _, l := range f.Stores {
			filter.Zones = append(filter.Zones, l.Zone)
		}
	}
	if opened, ok := entryOf(r.FormValue("opened")); ok {
		filter.Shift = &sales.Shift{Opened: opened}
		filter.Shift.Closed, _ = entryOf(r.FormValue("closed"))
	}
	return filter
}

// entryOf reads the place of an entry, "epoch.seq".
func entryOf(text string) (e sales.Entry, ok bool) {
	epoch, seq, _ := strings.Cut(text, ".")
	var err, more error
	e.Epoch, err = strconv.ParseUint(epoch, 10, 31)
	e.Seq, more = strconv.ParseUint(seq, 10, 31)
	return e, err == nil && more == nil
}

// receiptWords say what a list of receipts is narrowed to.
func (s *site) receiptWords(r *http.Request, f reportFilter, list sales.ReceiptFilter) (words []string, err error) {
	ctx := r.Context()
	if words, err = s.narrowWords(ctx, f); err != nil {
		return nil, err
	}
	if list.Till != uuid.Nil {
		tills, err := s.Journal.Tills(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range tills {
			if t.ID == list.Till {
				words = append(words, ui.T(ctx, "shifts.till", "Number", t.Number))
			}
		}
	}
	if list.Shift != nil {
		words = append(words, ui.T(ctx, "receipts.of_shift"))
	}
	if list.Hour != nil {
		words = append(words, ui.Hour(ctx, *list.Hour))
	}
	if list.Tax != "" {
		words = append(words, taxName(ctx, list.Tax))
	}
	if word := receiptFigures[r.FormValue("only")].word; word != "" {
		words = append(words, ui.T(ctx, word))
	}
	return words, nil
}

// drawerFacts are what should be in the drawer at the end of a shift, beside the cash of the listed receipts: nothing of a list that is of
// none, or of one that is open.
func (s *site) drawerFacts(ctx context.Context, f sales.ReceiptFilter) (facts []fact, err error) {
	if f.Shift == nil || len(f.Stores) != 1 {
		return nil, nil
	}
	z, ok, err := sales.DrawerOf(ctx, s.DB, f.Stores[0], f.Till, f.Shift.Opened)
	if err != nil || !ok {
		return nil, err
	}
	add := func(word string, a money.Amount, sum bool) {
		facts = append(facts, fact{name: ui.T(ctx, word), value: ui.Money(ctx, a), sum: sum})
	}
	add("shifts.float", z.Float, false)
	add("shifts.cash", z.Cash, false)
	add("shifts.moved", z.Moved, false)
	add("shifts.expected", z.Expected, true)
	add("shifts.counted", z.Counted, false)
	add("shifts.difference", z.Counted-z.Expected, true)
	return facts, nil
}

// receiptWorld is what receipts name.
type receiptWorld struct {
	stores map[uuid.UUID]retail.Location
	names  names
	tills  map[uuid.UUID]intake.TillState
	people map[uuid.UUID]string
}

func (s *site) receiptWorld(ctx context.Context, receipts []sales.Receipt) (receiptWorld, error) {
	w := receiptWorld{stores: map[uuid.UUID]retail.Location{}, tills: map[uuid.UUID]intake.TillState{}}
	stores, err := sales.Sellers(ctx, s.DB)
	if err != nil {
		return w, err
	}
	for _, l := range stores {
		w.stores[l.ID] = l
	}
	w.names = shortNames(stores)
	tills, err := s.Journal.Tills(ctx)
	if err != nil {
		return w, err
	}
	for _, t := range tills {
		w.tills[t.ID] = t
	}
	people := make([]uuid.UUID, len(receipts))
	for i, r := range receipts {
		people[i] = r.User
	}
	w.people, err = users.Names(ctx, s.DB, people)
	return w, err
}

// code is the printed number of a receipt; that of another system for a sale of before.
func (w receiptWorld) code(r sales.Receipt) string {
	if r.Source != "" {
		return r.Source
	}
	return retail.ReceiptCode(w.stores[r.Store].Code, w.tills[r.Till].Number, r.Epoch, r.Number)
}

func (w receiptWorld) at(r sales.Receipt) time.Time {
	return r.At.In(zoneOf([]retail.Location{w.stores[r.Store]}))
}

func receiptAddress(k sales.Key) string {
	return fmt.Sprintf("/receipts/%s/%s/%s/%d-%d-%d", k.Store, k.BusinessDate, k.Till, k.Epoch, k.Seq, k.Branch)
}

func (s *site) receiptTable(ctx context.Context, receipts []sales.Receipt, columns []receiptColumn) (ui.Table, error) {
	t := ui.Table{Caption: ui.T(ctx, "receipts.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "receipts.receipt")},
		{Label: ui.T(ctx, "receipts.when")},
		{Label: ui.T(ctx, "receipts.who")},
		{Label: ui.T(ctx, "figure.units"), Figure: true},
	}}
	for _, c := range columns {
		t.Columns = append(t.Columns, ui.Column{Label: c.label, Figure: true})
	}
	world, err := s.receiptWorld(ctx, receipts)
	if err != nil {
		return t, err
	}
	for _, r := range receipts {
		who := world.people[r.User]
		if who == "" {
			who = dash
		}
		cells := []ui.Cell{
			{Text: world.code(r), Sub: world.names.of(r.Store), Href: link(ctx, receiptAddress(r.Key))},
			{Text: s.shortMoment(ctx, world.at(r))},
			{Text: who},
			{Text: ui.Quantity(ctx, r.Units)},
		}
		for i, c := range columns {
			cell := amountCell(ctx, c.of(r))
			if i == 0 { // the revenue
				cell = ui.Cell{Text: ui.PlainMoney(ctx, r.Revenue), Strong: true}
				if r.Refund || r.Void {
					cell.Icon = ui.IconUndo
				}
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t, nil
}

// customerName is who bought; of somebody who was erased nothing is left to say.
func customerName(ctx context.Context, q users.Querier, id uuid.UUID) (string, error) {
	found, err := users.FindCustomers(ctx, q, id.String(), 1)
	if err != nil || len(found) == 0 {
		return dash, err
	}
	if found[0].Erased {
		return ui.T(ctx, "receipts.customer_erased"), nil
	}
	return found[0].Name, nil
}

// amountCell is an amount; a dash for none.
func amountCell(ctx context.Context, a money.Amount) ui.Cell {
	if a == 0 {
		return ui.Cell{Text: dash}
	}
	return ui.Cell{Text: ui.PlainMoney(ctx, a)}
}
