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
			{value: d.BusinessDate, href: entry},
			{value: short.of(d.Store)},
			{value: deedWord(ctx, d.Deed), href: entry},
			{value: cmp.Or(d.Reason, dash)},
			{value: nameIn(people, d.Approver)},
			{value: d.Amount, href: entry},
		})
	}
	return t, nil
}
