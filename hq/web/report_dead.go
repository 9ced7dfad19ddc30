package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// idleDays are the choices of how long nobody bought what is dead stock.
var idleDays = []int{30, 60, 90, 180, 365}

const usualIdleDays = 90

func idleOf(r *http.Request) int {
	for _, n := range idleDays {
		if r.FormValue("idle") == strconv.Itoa(n) {
			return n
		}
	}
	return usualIdleDays
}

func idleOptions(r *http.Request) []ui.Option {
	var options []ui.Option
	for _, n := range idleDays {
		options = append(options, ui.Option{
			Value: strconv.Itoa(n), Label: ui.T(r.Context(), "dead.days", "Count", n), Selected: n == idleOf(r),
		})
	}
	return options
}

// deadSheets are what lies at locations and was not sold there for some days, by location and by product. A warehouse's is what no store
// sold.
func (s *site) deadSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx := r.Context()
	sh, err := s.shelvesOf(r, f, q)
	if err != nil {
		return nil, err
	}
	since := retail.DateOf(f.now.AddDate(0, 0, -idleOf(r)))
	all, err := sales.Unsold(ctx, q, sh.locations, f.all, since) // a warehouse supplies the stores that the filter leaves out, too
	if err != nil || len(all) == 0 {
		return nil, err
	}
	places := sheet{title: ui.T(ctx, "valuation.by_location"), columns: []column{
		{label: ui.T(ctx, "valuation.location"), text: true},
		{label: ui.T(ctx, "restock.lines")},
		{label: ui.T(ctx, "restock.units")},
		{label: ui.T(ctx, "valuation.value")},
		{label: ui.T(ctx, "dead.share")},
	}}
	whole, err := stock.Valuation(ctx, q, sh.ids(), nil, nil)
	if err != nil {
		return nil, err
	}
	worth := map[uuid.UUID]money.Amount{}
	var total, every stock.Value
	for _, v := range whole {
		worth[v.Location] += v.Cost
		every.Add(v.Value)
	}
	for _, l := range sh.locations {
		var here stock.Value
		lines := int64(0)
		for _, u := range all {
			if u.Location == l.ID {
				here.Add(u.Value)
				lines++
			}
		}
		if lines == 0 {
			continue
		}
		total.Add(here)
		href := sh.href(r, l)
		places.rows = append(places.rows, append([]cell{{value: sh.names.of(l.ID), href: href}},
			figures(href, lines, here.OnHand, here.Cost, shareOf(here.Cost, worth[l.ID]))...))
	}
	places.total = append([]cell{{value: ui.T(ctx, "report.total")}}, figures(with(r), int64(len(all)), total.OnHand, total.Cost, shareOf(total.Cost, every.Cost))...)
	each, err := s.unsoldSheet(r, f, q, sh, all)
	return []sheet{places, each}, err
}

// shareOf is a part in thousandths of a whole; nothing of nothing.
func shareOf(part, whole money.Amount) any {
	if whole <= 0 {
		return nil
	}
	return sales.Share(int64(part) * 1000 / int64(whole))
}

func (s *site) unsoldSheet(r *http.Request, f reportFilter, q stock.Querier, sh shelves, all []stock.Unsold) (sheet, error) {
	ctx := r.Context()
	slices.SortStableFunc(all, func(a, b stock.Unsold) int { return cmp.Compare(b.Cost, a.Cost) })
	shown := all
	if !f.file {
		shown = all[:min(len(all), rowsShown)]
	}
	ids := make([]uuid.UUID, len(shown))
	for i, u := range shown {
		ids[i] = u.Product
	}
	t := sheet{title: ui.T(ctx, "report.by_product"), most: rowsShown, columns: []column{
		{label: ui.T(ctx, "stock.product"), below: ui.T(ctx, "report.sku"), text: true},
		{label: ui.T(ctx, "filter.category"), text: true},
		{label: ui.T(ctx, "valuation.location"), text: true},
		{label: ui.T(ctx, "report.on_hand")},
		{label: ui.T(ctx, "valuation.value")},
		{label: ui.T(ctx, "dead.came"), text: true},
	}}
	g, err := s.goods(ctx, q, ids)
	if err != nil {
		return t, err
	}
	zone := zoneOf(sh.locations)
	for _, u := range all {
		href := link(ctx, "/stock?"+query("product", u.Product.String())+"&"+query("at", u.Location.String()))
		came := dash
		if u.Came != nil {
			came = retail.DateOf(u.Came.In(zone)).String()
		}
		t.rows = append(t.rows, []cell{
			g.cell(ctx, u.Product, href),
			{value: g.category(u.Product)},
			{value: sh.names.of(u.Location)},
			{value: u.OnHand, href: href},
			{value: u.Cost, href: href},
			{value: came},
		})
	}
	return t, nil
}
