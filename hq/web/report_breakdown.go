package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

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

// breakdown is what the address asks to break down.
type breakdown struct {
	sales.Cut
	each sales.Each
}

func breakdownOf(r *http.Request, f reportFilter) breakdown {
	b := breakdown{Cut: sales.Cut{Stores: f.ids(), Period: f.Period}, each: sales.Each(r.FormValue("each"))}
	if !slices.Contains(sales.Breakdowns, b.each) {
		b.each = sales.EachProduct
	}
	b.Category, _ = uuid.Parse(r.FormValue("category"))
	b.Product, _ = uuid.Parse(r.FormValue("product"))
	b.Cashier, _ = uuid.Parse(r.FormValue("user"))
	if paid := sales.PaidBy(r.FormValue("paid")); slices.Contains(sales.WaysToPay, paid) {
		b.PaidBy = paid
	}
	return b
}

// breakdownChoice chooses by what sales are broken down, and which.
func (s *site) breakdownChoice(r *http.Request, f reportFilter) (templ.Component, error) {
	ctx, b := r.Context(), breakdownOf(r, f)
	var each, people, paid []ui.Option
	for _, e := range sales.Breakdowns {
		each = append(each, ui.Option{Value: string(e), Label: ui.T(ctx, eachWords[e]), Selected: e == b.each})
	}
	categories, err := catalog.Categories(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	sold, err := sales.ByCashier(ctx, s.DB, f.ids(), f.Period)
	if err != nil {
		return nil, err
	}
	ids := []uuid.UUID{}
	for _, c := range sold {
		ids = append(ids, c.User)
	}
	if b.Cashier != uuid.Nil { // also who sold nothing
		ids = append(ids, b.Cashier)
	}
	named, err := peopleOf(ctx, s.DB, ids...)
	if err != nil {
		return nil, err
	}
	for id, name := range named {
		people = append(people, ui.Option{Value: id.String(), Label: name, Selected: id == b.Cashier})
	}
	slices.SortFunc(people, func(a, b ui.Option) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), cmp.Compare(a.Value, b.Value))
	})
	people = slices.Insert(people, 0, ui.Option{Label: ui.T(ctx, "filter.everyone")})
	paid = append(paid, ui.Option{Label: ui.T(ctx, "filter.all_tenders")})
	for _, p := range sales.WaysToPay {
		paid = append(paid, ui.Option{Value: string(p), Label: paidWord(ctx, p), Selected: p == b.PaidBy})
	}
	return breakdownFields(r, each, categoryOptions(r, categories), people, paid), nil
}

// breakdownSheets are what was sold of each store, day, category, product, by each cashier or paid in each way, of whatever is chosen.
func (s *site) breakdownSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx, b := r.Context(), breakdownOf(r, f)
	if b.Category != uuid.Nil || b.each == sales.EachCategory {
		var err error
		if b.CategoryOf, err = catalog.CategoryOf(ctx, q); err != nil {
			return nil, err
		}
	}
	now, err := sales.Breakdown(ctx, q, b.Cut, b.each)
	if err != nil {
		return nil, err
	}
	was := map[sales.Slice]sales.ProductSales{}
	compares := f.compares() && b.each != sales.EachDay // no day is in both
	if compares {
		earlier := b.Cut
		earlier.Period = f.Compare
		before, err := sales.Breakdown(ctx, q, earlier, b.each)
		if err != nil {
			return nil, err
		}
		for _, v := range before {
			was[v.Key()] = sales.ProductSales{Revenue: v.Revenue}
		}
	}
	name, err := s.sliceNames(r, f, q, b, now)
	if err != nil {
		return nil, err
	}
	first := column{label: ui.T(ctx, eachWords[b.each]), text: true}
	if b.each == sales.EachProduct {
		first.below = ui.T(ctx, "report.sku")
	}
	t := sheet{title: ui.T(ctx, eachTitles[b.each]), most: rowsShown, columns: []column{first}}
	if b.each == sales.EachDay {
		t.most = 0
	}
	if b.Product != uuid.Nil {
		g, err := s.goods(ctx, q, []uuid.UUID{b.Product})
		if err != nil {
			return nil, err
		}
		if p, ok := g.products[b.Product]; ok {
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
		t.rows = append(t.rows, append([]cell{name(v)}, cells(b.receipts(r, f, v), v, was[v.Key()])...))
	}
	every := cell{value: ui.T(ctx, "report.total")}
	if b.Product != uuid.Nil {
		every = cell{value: ui.T(ctx, "report.all_products"), href: with(r, "product", "")}
	}
	t.total = append([]cell{every}, cells(b.receipts(r, f, sales.Slice{}), total, wasTotal)...)
	return []sheet{t}, nil
}

// sliceNames names the parts; each name leads to the same breakdown of that part alone.
func (s *site) sliceNames(r *http.Request, f reportFilter, q stock.Querier, b breakdown, all []sales.Slice) (func(sales.Slice) cell, error) {
	ctx := r.Context()
	var ids []uuid.UUID
	for _, v := range all {
		ids = append(ids, v.ID)
	}
	// Into the part, by what it is most likely asked for next.
	into := func(field, value string, each sales.Each) string { return with(r, field, value, "each", string(each)) }
	switch b.each {
	case sales.EachStore:
		names := shortNames(f.all)
		return func(v sales.Slice) cell {
			return cell{value: names.of(v.ID), href: into("store", v.ID.String(), sales.EachCategory)}
		}, nil
	case sales.EachDay:
		return func(v sales.Slice) cell {
			day := v.Date.String()
			return cell{value: day, href: with(r, "period", presetCustom, "from", day, "to", day, "each", string(sales.EachStore))}
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
	if !isFile(r) {
		ids = ids[:min(len(ids), rowsShown)]
	}
	g, err := s.goods(ctx, q, ids)
	return func(v sales.Slice) cell {
		return g.cell(ctx, v.ID, into("product", v.ID.String(), sales.EachStore))
	}, err
}

// receipts is where a part's figures are made of: its receipts, or its products where receipts cannot be narrowed so far.
func (b breakdown) receipts(r *http.Request, f reportFilter, v sales.Slice) string {
	store, days, pairs := f.store, f.Period, []string{}
	add := func(field string, id uuid.UUID) {
		if id != uuid.Nil {
			pairs = append(pairs, field, id.String())
		}
	}
	paid, cashier, product := cmp.Or(v.PaidBy, b.PaidBy), b.Cashier, b.Product
	switch {
	case b.each == sales.EachCategory && v.ID != uuid.Nil:
		return with(r, "category", v.ID.String(), "each", string(sales.EachProduct))
	case v.ID == uuid.Nil:
	case b.each == sales.EachStore:
		store = v.ID.String()
	case b.each == sales.EachCashier:
		cashier = v.ID
	case b.each == sales.EachProduct:
		product = v.ID
	}
	if b.Category != uuid.Nil && product == uuid.Nil {
		return with(r, "each", string(sales.EachProduct))
	}
	if v.Date != 0 {
		days = sales.Period{From: v.Date, To: v.Date}
	}
	add("user", cashier)
	add("product", product)
	if paid != "" {
		pairs = append(pairs, "paid", string(paid))
	}
	return "/receipts?" + period(days, store, pairs...)
}
