package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// exceptions are the deeds that the report of cashiers counts, each in a column; the list of one person has all.
var exceptions = []struct {
	deed retail.Deed
	word string
}{
	{retail.DeedVoidLine, "deed.void_line"},
	{retail.DeedVoidTicket, "deed.void_ticket"},
	{retail.DeedPrice, "deed.price"},
	{retail.DeedDiscount, "deed.discount"},
	{retail.DeedDrawer, "deed.drawer"},
}

// deedWords are what deeds are called.
var deedWords = map[retail.Deed]string{
	retail.DeedVoidLine: "deed.void_line", retail.DeedVoidTicket: "deed.void_ticket", retail.DeedPrice: "deed.price",
	retail.DeedDiscount: "deed.discount", retail.DeedDrawer: "deed.drawer", retail.DeedRefund: "deed.refund",
	retail.DeedUnheld: "deed.unheld", retail.DeedTender: "deed.tender", retail.DeedNoReceipt: "deed.no_receipt",
	retail.DeedVoidSale: "deed.void_sale", retail.DeedAccuracy: "deed.accuracy", retail.DeedTraining: "deed.training",
	retail.DeedCount: "deed.count", retail.DeedTransfer: "deed.transfer", retail.DeedSettings: "deed.settings",
}

func deedWord(ctx context.Context, d retail.Deed) string {
	if word, ok := deedWords[d]; ok {
		return ui.T(ctx, word)
	}
	return string(d) // of a later version
}

// cashierSheets are the refunds, voids, discounts and other exceptions by cashier, and the exceptions of one that is chosen.
func (s *site) cashierSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx := r.Context()
	all, err := sales.ByCashier(ctx, q, f.ids(), f.Period)
	if err != nil {
		return nil, err
	}
	deeds, err := sales.DeedsByUser(ctx, q, f.ids(), f.Period)
	if err != nil {
		return nil, err
	}
	counts := map[uuid.UUID]map[retail.Deed]int64{}
	for _, d := range deeds {
		if counts[d.User] == nil {
			counts[d.User] = map[retail.Deed]int64{}
			if !slices.ContainsFunc(all, func(c sales.CashierSales) bool { return c.User == d.User }) {
				all = append(all, sales.CashierSales{User: d.User}) // who sold nothing
			}
		}
		counts[d.User][d.Deed] += d.Count
	}
	before := map[uuid.UUID]sales.CashierSales{}
	if f.compares() {
		compared, err := sales.ByCashier(ctx, q, f.ids(), f.Compare)
		if err != nil {
			return nil, err
		}
		for _, c := range compared {
			before[c.User] = c
		}
	}
	var ids []uuid.UUID
	for _, c := range all {
		ids = append(ids, c.User)
	}
	people, err := peopleOf(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	sheets := []sheet{cashierSheet(r, f, all, before, counts, people)}
	chosen, err := uuid.Parse(r.FormValue("user"))
	if err != nil {
		return sheets, nil
	}
	one, err := s.deedSheet(ctx, f, q, chosen)
	return append(sheets, one), err
}

func cashierSheet(r *http.Request, f reportFilter, all []sales.CashierSales, before map[uuid.UUID]sales.CashierSales, counts map[uuid.UUID]map[retail.Deed]int64, people map[uuid.UUID]string) sheet {
	ctx := r.Context()
	t := sheet{title: ui.T(ctx, "report.cashiers"), columns: []column{{label: ui.T(ctx, "receipts.who"), text: true}}}
	for _, word := range []string{
		"figure.tickets", "figure.revenue", "figure.refunds", "figure.refunded", "report.refund_share", "figure.voids", "figure.voided",
		"figure.discount", "report.discount_share",
	} {
		t.columns = append(t.columns, column{label: ui.T(ctx, word)})
	}
	for _, e := range exceptions {
		t.columns = append(t.columns, column{label: ui.T(ctx, e.word)})
	}
	if f.compares() {
		t.columns = append(t.columns, column{label: ui.T(ctx, "report.refunded_change"), file: ui.T(ctx, "report.refunded_compared")})
	}
	cells := func(c, was sales.CashierSales, count func(retail.Deed) int64, deeds string, of ...string) []cell {
		receipts := func(only string) string { return f.receipts(append([]string{"only", only}, of...)...) }
		row := []cell{{value: c.Tickets, href: receipts("sales")}, {value: c.Revenue, href: f.receipts(of...)}}
		row = append(row, figures(receipts("refunds"), c.Refunds, c.Refunded, c.Part(-c.Refunded))...)
		row = append(row, figures(receipts("voids"), c.Voids, c.Voided)...)
		row = append(row, figures(receipts("discounts"), -c.Discount, c.Part(c.Discount))...)
		for _, e := range exceptions {
			row = append(row, cell{value: count(e.deed), href: deeds})
		}
		if f.compares() {
			row = append(row, compared(int64(c.Refunded), was.Refunded))
		}
		return row
	}
	var total, wasTotal sales.CashierSales
	for _, was := range before {
		wasTotal.Refunded += was.Refunded
	}
	for _, c := range all {
		deeds := with(r, "user", c.User.String())
		name := cell{value: nameIn(people, c.User), href: deeds}
		count := func(d retail.Deed) int64 { return counts[c.User][d] }
		t.rows = append(t.rows, append([]cell{name}, cells(c, before[c.User], count, deeds, "user", c.User.String())...))
		total.Tickets += c.Tickets
		total.Refunds += c.Refunds
		total.Voids += c.Voids
		total.Revenue += c.Revenue
		total.Refunded += c.Refunded
		total.Voided += c.Voided
		total.Discount += c.Discount
	}
	every := func(d retail.Deed) (sum int64) {
		for _, of := range counts {
			sum += of[d]
		}
		return sum
	}
	t.total = append([]cell{{value: ui.T(ctx, "report.total")}}, cells(total, wasTotal, every, "")...)
	return t
}

// deedSheet lists what one person did out of the ordinary, each with its entry in the journal.
func (s *site) deedSheet(ctx context.Context, f reportFilter, q stock.Querier, user uuid.UUID) (sheet, error) {
	deeds, err := sales.DeedsOf(ctx, q, f.ids(), f.Period, user)
	if err != nil {
		return sheet{}, err
	}
	ids := []uuid.UUID{user}
	for _, d := range deeds {
		ids = append(ids, d.Approver)
	}
	people, err := peopleOf(ctx, q, ids...)
	if err != nil {
		return sheet{}, err
	}
	t := sheet{title: ui.T(ctx, "report.exceptions"), most: rowsShown}
	for _, word := range []string{"report.day", "filter.store", "journal.what", "report.reason", "report.approver"} {
		t.columns = append(t.columns, column{label: ui.T(ctx, word), text: true})
	}
	t.columns = append(t.columns, column{label: ui.T(ctx, "report.amount")})
	short := shortNames(f.all)
	for _, d := range deeds {
		entry := link(ctx, entryAddress(d.Till, d.Epoch, d.Seq))
		t.rows = append(t.rows, []cell{
			{value: d.BusinessDate.String(), href: entry},
			{value: short.of(d.Store)},
			{value: deedWord(ctx, d.Deed), href: entry},
			{value: cmp.Or(d.Reason, dash)},
			{value: nameIn(people, d.Approver)},
			{value: d.Amount, href: entry},
		})
	}
	return t, nil
}

// overShort is what drawers were over and short.
type overShort struct {
	shifts      int64
	over, short money.Amount
}

func (o *overShort) add(d money.Amount) {
	o.shifts++
	o.over += max(d, 0)
	o.short += min(d, 0)
}

func (o overShort) cells(href string) []cell {
	return figures(href, o.shifts, o.over, o.short, o.over+o.short)
}

// shiftSheets are what drawers were over and short: by who closed them, by store, and shift by shift.
func (s *site) shiftSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx := r.Context()
	all, err := sales.Closes(ctx, q, f.ids(), f.Period)
	if err != nil {
		return nil, err
	}
	tills, err := s.Journal.Tills(ctx)
	if err != nil {
		return nil, err
	}
	numbers := map[uuid.UUID]int{}
	for _, t := range tills {
		numbers[t.ID] = t.Number
	}
	var ids []uuid.UUID
	for _, c := range all {
		ids = append(ids, c.User)
	}
	people, err := peopleOf(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	columns := func(first string) []column {
		list := []column{{label: ui.T(ctx, first), text: true}}
		for _, word := range []string{"shifts.title", "report.over", "report.short", "report.net"} {
			list = append(list, column{label: ui.T(ctx, word)})
		}
		return list
	}
	codes, names := map[uuid.UUID]string{}, shortNames(f.all)
	for _, l := range f.all {
		codes[l.ID] = l.Code
	}
	var total overShort
	byPerson, byStore := map[uuid.UUID]*overShort{}, map[uuid.UUID]*overShort{}
	add := func(m map[uuid.UUID]*overShort, id uuid.UUID, d money.Amount) {
		if m[id] == nil {
			m[id] = &overShort{}
		}
		m[id].add(d)
	}
	each := sheet{title: ui.T(ctx, "report.by_shift"), most: rowsShown, columns: []column{
		{label: ui.T(ctx, "shifts.z"), text: true},
		{label: ui.T(ctx, "report.day"), text: true},
		{label: ui.T(ctx, "filter.store"), text: true},
		{label: ui.T(ctx, "receipts.who"), text: true},
		{label: ui.T(ctx, "shifts.expected")},
		{label: ui.T(ctx, "shifts.counted")},
		{label: ui.T(ctx, "shifts.difference")},
	}}
	for _, c := range all {
		d := c.Difference()
		total.add(d)
		add(byPerson, c.User, d)
		add(byStore, c.Store, d)
		receipts := shiftReceipts(c.Store, c.Till, c.Date, c.Shift)
		difference := cell{value: d, href: receipts}
		switch {
		case d < 0:
			difference.tone = ui.ToneBad
		case d > 0:
			difference.tone = ui.ToneWarn
		}
		each.rows = append(each.rows, append([]cell{
			{value: retail.ZCode(codes[c.Store], numbers[c.Till], uint64(c.Epoch), uint64(c.Number)), href: receipts},
			{value: c.Date.String()},
			{value: names.of(c.Store)},
			{value: nameIn(people, c.User)},
		}, append(figures(receipts, c.Expected, c.Counted), difference)...))
	}
	summary := func(title, first string, of map[uuid.UUID]*overShort, name func(uuid.UUID) cell) sheet {
		t := sheet{title: title, columns: columns(first)}
		var keys []uuid.UUID
		for id := range of {
			keys = append(keys, id)
		}
		slices.SortFunc(keys, func(a, b uuid.UUID) int { // the most short first
			return cmp.Or(cmp.Compare(of[a].short, of[b].short), slices.Compare(a[:], b[:]))
		})
		for _, id := range keys {
			n := name(id)
			t.rows = append(t.rows, append([]cell{n}, of[id].cells(n.href)...))
		}
		t.total = append([]cell{{value: ui.T(ctx, "report.total")}}, total.cells("")...)
		return t
	}
	return []sheet{
		summary(ui.T(ctx, "report.by_cashier"), "receipts.who", byPerson, func(id uuid.UUID) cell {
			return cell{value: nameIn(people, id), href: "/reports/cashiers?" + period(f.Period, f.store, "user", id.String())}
		}),
		summary(ui.T(ctx, "report.by_store"), "filter.store", byStore, func(id uuid.UUID) cell {
			return cell{value: names.of(id), href: with(r, "store", id.String())}
		}),
		each,
	}, nil
}
