package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
)

// eachWords are what sales are broken down by.
var eachWords = map[sales.Each]string{
	sales.EachStore: "filter.store", sales.EachDay: "report.day", sales.EachCategory: "filter.category", sales.EachProduct: "stock.product",
	sales.EachCashier: "receipts.who", sales.EachTender: "report.paid",
}

// eachTitles head a breakdown.
var eachTitles = map[sales.Each]string{
	sales.EachStore: "report.by_store", sales.EachDay: "report.day_by_day", sales.EachCategory: "report.by_category", sales.EachProduct: "report.by_product",
	sales.EachCashier: "report.by_cashier", sales.EachTender: "report.by_tender",
}

// paidWords are how receipts were paid.
var paidWords = map[sales.PaidBy]string{
	sales.PaidCash: "figure.cash", sales.PaidCard: "figure.card", sales.PaidMixed: "report.paid_mixed", sales.PaidOnline: "figure.online",
}

func paidWord(ctx context.Context, p sales.PaidBy) string { return ui.T(ctx, paidWords[p]) }

// eachOf is what the address asks to break sales down by.
func eachOf(r *http.Request) sales.Each {
	if each := sales.Each(r.FormValue("each")); slices.Contains(sales.Breakdowns, each) {
		return each
	}
	return sales.EachProduct
}

// breakdownChoice chooses by what sales are broken down, and which.
func (s *site) breakdownChoice(r *http.Request, f reportFilter) (templ.Component, error) {
	if err := s.narrow(r, &f); err != nil {
		return nil, err
	}
	var each []ui.Option
	for _, e := range sales.Breakdowns {
		each = append(each, ui.Option{Value: string(e), Label: ui.T(r.Context(), eachWords[e]), Selected: e == eachOf(r)})
	}
	fields, err := s.narrowChoices(r, f)
	return templ.Join(kept(r, "product"), breakdownBy(each), narrowing(fields)), err
}

// breakdownSheets are what was sold of each store, day, category, product, by each cashier or paid in each way, of whatever is chosen.
func (s *site) breakdownSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx, by := r.Context(), eachOf(r)
	if err := s.narrow(r, &f); err != nil {
		return nil, err
	}
	cut := sales.Cut{Stores: f.ids(), Period: f.Period, Narrowing: f.Narrowing}
	if by == sales.EachCategory {
		var err error
		if cut.CategoryOf, err = catalog.CategoryOf(ctx, q); err != nil {
			return nil, err
		}
	}
	now, err := sales.Breakdown(ctx, q, cut, by)
	if err != nil {
		return nil, err
	}
	was := map[sales.Slice]sales.ProductSales{}
	compares := f.compares() && by != sales.EachDay // no day is in both
	if compares {
		earlier := cut
		earlier.Period = f.Compare
		before, err := sales.Breakdown(ctx, q, earlier, by)
		if err != nil {
			return nil, err
		}
		for _, v := range before {
			was[v.Key()] = sales.ProductSales{Revenue: v.Revenue}
		}
	}
	name, err := s.sliceNames(r, f, q, by, now)
	if err != nil {
		return nil, err
	}
	first := column{label: ui.T(ctx, eachWords[by]), text: true}
	if by == sales.EachProduct {
		first.below = ui.T(ctx, "report.sku")
	}
	t := sheet{title: ui.T(ctx, eachTitles[by]), most: rowsShown, columns: []column{first}}
	if by == sales.EachDay {
		t.most = 0
	}
	if f.Product != uuid.Nil {
		g, err := s.goods(ctx, q, []uuid.UUID{f.Product})
		if err != nil {
			return nil, err
		}
		if p, ok := g.products[f.Product]; ok {
			t.title = language(ctx, p.Name) + " · " + t.title
		}
	}
	for _, word := range []string{"figure.units", "figure.revenue", "report.part", "figure.cost", "figure.margin", "report.margin_share"} {
		t.columns = append(t.columns, column{label: ui.T(ctx, word)})
	}
	if compares {
		t.columns = append(t.columns, column{label: ui.T(ctx, "figure.change"), file: ui.T(ctx, "report.revenue_compared")})
	}
	var total sales.Slice
	for _, v := range now {
		total.Units, total.Revenue, total.Cost = total.Units+v.Units, total.Revenue+v.Revenue, total.Cost+v.Cost
	}
	cells := func(href string, v sales.Slice, was sales.ProductSales) []cell {
		row := figures(href, v.Units, v.Revenue, shareOf(v.Revenue, total.Revenue), v.Cost, v.Revenue-v.Cost,
			sales.Share(sales.Figures{Revenue: v.Revenue, Cost: v.Cost}.MarginShare()))
		if compares {
			row = append(row, compared(int64(v.Revenue), was.Revenue))
		}
		return row
	}
	var wasTotal sales.ProductSales
	for _, w := range was {
		wasTotal.Revenue += w.Revenue
	}
	for _, v := range now {
		t.rows = append(t.rows, append([]cell{name(v)}, cells(f.receiptsOf(by, v), v, was[v.Key()])...))
	}
	every := cell{value: ui.T(ctx, "report.total")}
	if f.Product != uuid.Nil {
		every = cell{value: ui.T(ctx, "report.all_products"), href: with(r, "product", "")}
	}
	t.total = append([]cell{every}, cells(f.receipts("only", "margin"), total, wasTotal)...)
	return []sheet{t}, nil
}

// sliceNames names the parts; each name leads to the same breakdown of that part alone.
func (s *site) sliceNames(r *http.Request, f reportFilter, q stock.Querier, by sales.Each, all []sales.Slice) (func(sales.Slice) cell, error) {
	ctx := r.Context()
	var ids []uuid.UUID
	for _, v := range all {
		ids = append(ids, v.ID)
	}
	// Into the part, by what it is most likely asked for next.
	into := func(field, value string, each sales.Each) string { return with(r, field, value, "each", string(each)) }
	switch by {
	case sales.EachStore:
		names := shortNames(f.all)
		return func(v sales.Slice) cell {
			return cell{value: names.of(v.ID), href: into("store", v.ID.String(), sales.EachCategory)}
		}, nil
	case sales.EachDay:
		return func(v sales.Slice) cell {
			day := v.Date.String()
			return cell{value: v.Date, href: with(r, "period", presetCustom, "from", day, "to", day, "each", string(sales.EachStore))}
		}, nil
	case sales.EachCashier:
		people, err := peopleOf(ctx, q, ids...)
		return func(v sales.Slice) cell {
			return cell{value: nameIn(people, v.ID), href: into("user", v.ID.String(), sales.EachProduct)}
		}, err
	case sales.EachTender:
		return func(v sales.Slice) cell {
			return cell{value: paidWord(ctx, v.PaidBy), href: into("paid", string(v.PaidBy), sales.EachStore)}
		}, nil
	case sales.EachCategory:
		g, err := s.goods(ctx, q, nil)
		return func(v sales.Slice) cell {
			if name, ok := g.categories[v.ID]; ok {
				return cell{value: name, href: into("category", v.ID.String(), sales.EachProduct)}
			}
			return cell{value: dash}
		}, err
	}
	if !f.file {
		ids = ids[:min(len(ids), rowsShown)]
	}
	g, err := s.goods(ctx, q, ids)
	return func(v sales.Slice) cell {
		return g.cell(ctx, v.ID, into("product", v.ID.String(), sales.EachStore))
	}, err
}

// receiptsOf is the receipts that a part's figures are made of.
func (f reportFilter) receiptsOf(by sales.Each, v sales.Slice) string {
	switch by {
	case sales.EachStore:
		f = f.of(v.ID)
	case sales.EachDay:
		f = f.on(v.Date, v.Date)
	case sales.EachCategory:
		f.Category = v.ID
	case sales.EachProduct:
		f.Product = v.ID
	case sales.EachCashier:
		f.Cashier = v.ID
	case sales.EachTender:
		f.PaidBy = v.PaidBy
	}
	return f.receipts("only", "margin")
}
