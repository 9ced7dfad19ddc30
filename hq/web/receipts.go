package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
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

func (s *site) receipts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.filterOf(r)
	if err != nil {
		return err
	}
	filter := sales.ReceiptFilter{Stores: f.ids(), Period: f.Period, Only: sales.Only(r.FormValue("only")), Before: r.FormValue("after")}
	filter.Till, _ = uuid.Parse(r.FormValue("till"))
	filter.User, _ = uuid.Parse(r.FormValue("user"))
	filter.Product, _ = uuid.Parse(r.FormValue("product"))
	if paid := sales.PaidBy(r.FormValue("paid")); paidWords[paid] != "" {
		filter.PaidBy = paid
	}
	page, err := sales.Receipts(ctx, s.DB, filter)
	if err != nil {
		return err
	}
	t, err := s.receiptTable(ctx, page.Receipts)
	if err != nil {
		return err
	}
	foot := ui.Pages{Note: ui.T(ctx, "receipts.count", "Count", len(page.Receipts))}
	if page.Next != "" {
		foot.Next = with(r, "after", page.Next)
	}
	if r.FormValue("after") != "" {
		foot.Prev = with(r)
	}
	t.Foot = ui.Pagination(foot)
	about, err := s.receiptWords(ctx, filter)
	if err != nil {
		return err
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "receipts.title"), subtitle: strings.Join(append([]string{f.words(ctx)}, about...), " · "),
		tools: reportTools("/receipts", f, kept(r, "till", "user", "product", "only", "paid"), nil),
	}, receiptsContent(t))
}

// onlyWords say which receipts a list has.
var onlyWords = map[sales.Only]string{
	sales.OnlyRefunds: "receipts.only_refunds", sales.OnlyVoids: "receipts.only_voids", sales.OnlyDiscounts: "receipts.only_discounts",
}

// receiptWords say what a list of receipts is narrowed to.
func (s *site) receiptWords(ctx context.Context, f sales.ReceiptFilter) (words []string, err error) {
	if f.User != uuid.Nil {
		people, err := users.Names(ctx, s.DB, []uuid.UUID{f.User})
		if err != nil {
			return nil, err
		}
		words = append(words, cmp.Or(people[f.User], dash))
	}
	if f.Product != uuid.Nil {
		products, err := catalog.ByID(ctx, s.DB, []uuid.UUID{f.Product})
		if err != nil {
			return nil, err
		}
		words = append(words, cmp.Or(language(ctx, products[f.Product].Name), dash))
	}
	if f.Till != uuid.Nil {
		tills, err := s.Journal.Tills(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range tills {
			if t.ID == f.Till {
				words = append(words, ui.T(ctx, "shifts.till", "Number", t.Number))
			}
		}
	}
	if f.PaidBy != "" {
		words = append(words, paidWord(ctx, f.PaidBy))
	}
	if word, ok := onlyWords[f.Only]; ok {
		words = append(words, ui.T(ctx, word))
	}
	return words, nil
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

func (s *site) receiptTable(ctx context.Context, receipts []sales.Receipt) (ui.Table, error) {
	t := ui.Table{Caption: ui.T(ctx, "receipts.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "receipts.receipt")},
		{Label: ui.T(ctx, "receipts.when")},
		{Label: ui.T(ctx, "receipts.who")},
		{Label: ui.T(ctx, "figure.units"), Figure: true},
		{Label: ui.T(ctx, "figure.revenue"), Figure: true},
		{Label: ui.T(ctx, "figure.taxes"), Figure: true},
		{Label: ui.T(ctx, "figure.cash"), Figure: true},
		{Label: ui.T(ctx, "figure.card"), Figure: true},
	}}
	world, err := s.receiptWorld(ctx, receipts)
	if err != nil {
		return t, err
	}
	for _, r := range receipts {
		who := world.people[r.User]
		if who == "" {
			who = dash
		}
		revenue := ui.Cell{Text: ui.PlainMoney(ctx, r.Revenue), Strong: true}
		if r.Refund || r.Void {
			revenue.Icon = ui.IconUndo
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: world.code(r), Sub: world.names.of(r.Store), Href: link(ctx, receiptAddress(r.Key))},
			{Text: s.shortMoment(ctx, world.at(r))},
			{Text: who},
			{Text: ui.Quantity(ctx, r.Units)},
			revenue,
			{Text: ui.PlainMoney(ctx, r.Total-r.Revenue-r.Charges)},
			amountCell(ctx, r.Cash), amountCell(ctx, r.Card),
		}})
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

// receiptPage is one sale or refund down to its lines, and the entry of the journal it comes from.
type receiptPage struct {
	lines ui.Table
	facts []fact
	entry string // its address in the journal
}

type fact struct {
	name, value string
	sum         bool // what the facts above it come to
}

func (s *site) receipt(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	key, err := receiptKey(r)
	if err != nil {
		return err
	}
	found, lines, err := sales.OneReceipt(ctx, s.DB, key)
	if err != nil {
		return err
	}
	world, err := s.receiptWorld(ctx, []sales.Receipt{found})
	if err != nil {
		return err
	}
	if ctx, err = s.paidIn(ctx, []retail.Location{world.stores[found.Store]}); err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(lines))
	for i, l := range lines {
		ids[i] = l.Product
	}
	products, err := catalog.ByID(ctx, s.DB, ids)
	if err != nil {
		return err
	}
	t := ui.Table{Caption: ui.T(ctx, "receipts.lines"), Columns: []ui.Column{
		{Label: ui.T(ctx, "stock.product")},
		{Label: ui.T(ctx, "figure.units"), Figure: true},
		{Label: ui.T(ctx, "figure.discount"), Figure: true},
		{Label: ui.T(ctx, "figure.revenue"), Figure: true},
		{Label: ui.T(ctx, "figure.cost"), Figure: true},
	}}
	for _, l := range lines {
		product := ui.Cell{Text: l.Product.String()}
		if p, ok := products[l.Product]; ok {
			product = ui.Cell{Text: language(ctx, p.Name), Sub: p.SKU, Href: link(ctx, "/stock?"+query("product", p.ID.String()))}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			product, {Text: ui.Quantity(ctx, l.Quantity)}, amountCell(ctx, -l.Discount), {Text: ui.PlainMoney(ctx, l.Revenue), Strong: true}, {Text: ui.PlainMoney(ctx, l.Cost)},
		}})
	}
	t.Total = []ui.Cell{
		{Text: ui.T(ctx, "report.total")},
		{Text: ui.Quantity(ctx, found.Units)},
		amountCell(ctx, -found.Discount),
		{Text: ui.PlainMoney(ctx, found.Revenue)},
		{Text: ui.PlainMoney(ctx, found.Cost)},
	}
	p := receiptPage{lines: t}
	if found.Source == "" { // no journal has a sale of before
		p.entry = link(ctx, entryAddress(found.Till, found.Epoch, found.Seq))
	}
	add := func(name, value string) { p.facts = append(p.facts, fact{name: name, value: value}) }
	if found.Customer != nil {
		name, err := customerName(ctx, s.DB, *found.Customer)
		if err != nil {
			return err
		}
		add(ui.T(ctx, "receipts.customer"), name)
	}
	add(ui.T(ctx, "figure.revenue"), ui.Money(ctx, found.Revenue))
	if found.Charges != 0 {
		add(ui.T(ctx, "figure.charges"), ui.Money(ctx, found.Charges))
	}
	for _, tax := range found.Taxes {
		add(taxName(ctx, tax.Code)+" "+tax.Rate.Format(ui.Lang(ctx)), ui.Money(ctx, tax.Amount))
	}
	p.facts = append(p.facts, fact{name: ui.T(ctx, "report.total"), value: ui.Money(ctx, found.Total), sum: true})
	if found.Rounding != 0 {
		add(ui.T(ctx, "figure.rounding"), ui.Money(ctx, found.Rounding))
	}
	if found.Cash != 0 {
		add(ui.T(ctx, "figure.cash"), ui.Money(ctx, found.Cash))
	}
	if found.Card != 0 {
		add(ui.T(ctx, "figure.card"), ui.Money(ctx, found.Card))
	}
	if found.Online != 0 {
		add(ui.T(ctx, "figure.online"), ui.Money(ctx, found.Online))
	}
	title := ui.T(ctx, "receipts.sale")
	if found.Refund {
		title = ui.T(ctx, "receipts.refund")
	}
	if found.Void {
		title = ui.T(ctx, "kind.void")
	}
	return s.show(w, r, view{
		title: title + " " + world.code(found), subtitle: byWhom(ctx, world.at(found), world.people[found.User]),
	}, receiptContent(p))
}

// taxName is what a tax is called: Québec's have a French and an English name.
func taxName(ctx context.Context, code string) string {
	if ui.Lang(ctx) == "en" {
		switch code {
		case "TPS":
			return "GST"
		case "TVQ":
			return "QST"
		}
	}
	return code
}

func receiptKey(r *http.Request) (key sales.Key, err error) {
	unknown := func(err error) error { return &retail.Error{Code: retail.NotFound, Key: "receipt.unknown", Err: err} }
	if key.Store, err = idOf(r.PathValue("store")); err != nil {
		return key, err
	}
	if key.Till, err = idOf(r.PathValue("till")); err != nil {
		return key, err
	}
	if key.BusinessDate, err = retail.ParseDate(r.PathValue("date")); err != nil {
		return key, unknown(err)
	}
	parts := strings.Split(r.PathValue("entry"), "-")
	if len(parts) != 3 {
		return key, unknown(nil)
	}
	var numbers [3]uint64
	for i, text := range parts {
		if numbers[i], err = strconv.ParseUint(text, 10, 31); err != nil {
			return key, unknown(err)
		}
	}
	key.Epoch, key.Seq, key.Branch = numbers[0], numbers[1], int(numbers[2])
	return key, nil
}
