package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
)

// taxSheets are the taxes to remit: in all by tax, and by month and store with what they are charged on.
func (s *site) taxSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx := r.Context()
	months, err := sales.TaxesByMonth(ctx, q, f.ids(), f.Period)
	if err != nil {
		return nil, err
	}
	total := sumTaxes(months)
	all := sheet{title: ui.T(ctx, "report.by_tax"), columns: []column{
		{label: ui.T(ctx, "report.tax"), text: true},
		{label: ui.T(ctx, "report.base")},
		{label: ui.T(ctx, "report.due")},
	}}
	var before []sales.Tax
	if f.compares() {
		compared, err := sales.TaxesByMonth(ctx, q, f.ids(), f.Compare)
		if err != nil {
			return nil, err
		}
		before = sumTaxes(compared)
		all.columns = append(all.columns, column{label: ui.T(ctx, "figure.change"), file: ui.T(ctx, "report.due_compared")})
	}
	var due, dueBefore money.Amount
	for _, t := range before {
		dueBefore += t.Amount
	}
	for _, t := range total {
		row := append([]cell{{value: taxName(ctx, t.Code) + " " + t.Rate.Format(ui.Lang(ctx))}}, figures(f.receipts(taxPairs(t)...), t.Base, t.Amount)...)
		if f.compares() {
			row = append(row, compared(int64(t.Amount), taxOf(before, t).Amount))
		}
		all.rows = append(all.rows, row)
		due += t.Amount
	}
	all.total = []cell{{value: ui.T(ctx, "report.total")}, {value: ""}, {value: due, href: f.receipts()}}
	if f.compares() {
		all.total = append(all.total, compared(int64(due), dueBefore))
	}
	return []sheet{all, monthSheet(r, f, months, total)}, nil
}

// monthSheet has a row for each month and store.
func monthSheet(r *http.Request, f reportFilter, months []sales.MonthTaxes, total []sales.Tax) sheet {
	ctx := r.Context()
	t := sheet{title: ui.T(ctx, "report.by_month"), columns: []column{
		{label: ui.T(ctx, "report.month"), text: true},
		{label: ui.T(ctx, "filter.store"), text: true},
		{label: ui.T(ctx, "report.sold")},
	}}
	for _, tax := range total {
		name := taxName(ctx, tax.Code) + " " + tax.Rate.Format(ui.Lang(ctx))
		t.columns = append(t.columns, column{label: ui.T(ctx, "report.base_of", "Tax", name)}, column{label: name})
	}
	t.columns = append(t.columns, column{label: ui.T(ctx, "report.due")})
	short := shortNames(f.all)
	cells := func(of reportFilter, sold money.Amount, taxes []sales.Tax) []cell {
		row := figures(of.receipts(), sold)
		var due money.Amount
		for _, tax := range total {
			part := taxOf(taxes, tax)
			row = append(row, figures(of.receipts(taxPairs(tax)...), part.Base, part.Amount)...)
			due += part.Amount
		}
		return append(row, cell{value: due, href: of.receipts()})
	}
	var sold money.Amount
	for _, m := range months {
		days := m.Within(f.Period)
		name := []cell{{value: fmt.Sprintf("%d-%02d", m.Month/100, m.Month%100)}, {value: short.of(m.Store)}}
		t.rows = append(t.rows, append(name, cells(f.of(m.Store).on(days.From, days.To), m.Sold, m.Taxes)...))
		sold += m.Sold
	}
	t.total = append([]cell{{value: ui.T(ctx, "report.total")}, {value: ""}}, cells(f, sold, total)...)
	return t
}

// sumTaxes adds taxes up by code and rate.
func sumTaxes(months []sales.MonthTaxes) []sales.Tax {
	var total []sales.Tax
	for _, m := range months {
		for _, t := range m.Taxes {
			total = sales.AddTax(total, t)
		}
	}
	slices.SortFunc(total, func(a, b sales.Tax) int { return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Rate, b.Rate)) })
	return total
}

// taxPairs narrow receipts to those that a tax was charged on, as an address says it.
func taxPairs(t sales.Tax) []string {
	return []string{"tax", t.Code, "rate", strconv.FormatInt(int64(t.Rate), 10)}
}

// taxOf is the tax of the same code and rate; zero when there is none.
func taxOf(all []sales.Tax, like sales.Tax) sales.Tax {
	for _, t := range all {
		if t.Code == like.Code && t.Rate == like.Rate {
			return t
		}
	}
	return sales.Tax{}
}
