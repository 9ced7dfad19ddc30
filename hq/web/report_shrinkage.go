package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// spans are the days of a period at each location, in its own time.
func (sh shelves) spans(p sales.Period) []stock.Span {
	var spans []stock.Span
	for _, l := range sh.locations {
		zone := zoneOf([]retail.Location{l})
		spans = append(spans, stock.Span{Location: l.ID, From: p.From.Time(zone), To: p.To.Time(zone).AddDate(0, 0, 1)})
	}
	return spans
}

// causeWords are why stock was corrected.
var causeWords = map[string]string{
	stock.CauseCounted: "cause.counted", "damaged": "cause.damaged", "expired": "cause.expired", "lost": "cause.lost", "found": "cause.found",
	"given": "cause.given", "mistake": "cause.mistake",
}

func causeWord(ctx context.Context, cause string) string {
	if word, ok := causeWords[cause]; ok {
		return ui.T(ctx, word)
	}
	return cause // of a later version
}

// shrunk are sums of shrinkage, by whatever the key is.
type shrunk[K comparable] map[K]*stock.Shrinkage

func (m shrunk[K]) add(key K, v stock.Shrinkage) {
	if m[key] == nil {
		m[key] = &stock.Shrinkage{}
	}
	sum := m[key]
	sum.Quantity += v.Quantity
	sum.Cost += v.Cost
	sum.Missing += v.Missing
	sum.Extra += v.Extra
}

// worst are the keys, what is missing most first; more breaks ties.
func (m shrunk[K]) worst(more func(a, b K) int) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b K) int { return cmp.Or(cmp.Compare(m[a].Cost, m[b].Cost), more(a, b)) })
	return keys
}

func compareIDs(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }

// shrinkageSheets are what counts and people found missing or too much, at cost: by location, by cause and by product; of one product each
// finding.
func (s *site) shrinkageSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx := r.Context()
	sh, err := s.shelvesOf(r, f, q)
	if err != nil {
		return nil, err
	}
	spans := sh.spans(f.Period)
	found, err := stock.ListShrinkage(ctx, q, spans)
	if err != nil {
		return nil, err
	}
	product, err := uuid.Parse(r.FormValue("product"))
	only := err == nil
	if only {
		found = slices.DeleteFunc(found, func(v stock.Shrinkage) bool { return v.Product != product })
	}
	at, causes, products := shrunk[uuid.UUID]{}, shrunk[string]{}, shrunk[uuid.UUID]{}
	total := shrunk[bool]{}
	for _, v := range found {
		at.add(v.Location, v)
		causes.add(v.Cause, v)
		products.add(v.Product, v)
		total.add(true, v)
	}
	if len(found) == 0 {
		return nil, nil
	}
	columns := func(first ...column) []column {
		return append(first, column{label: ui.T(ctx, "restock.units")}, column{label: ui.T(ctx, "shrinkage.missing")}, column{label: ui.T(ctx, "shrinkage.extra")},
			column{label: ui.T(ctx, "shrinkage.net")})
	}
	cells := func(href string, v *stock.Shrinkage) []cell {
		return figures(href, v.Quantity, v.Missing, v.Extra, v.Cost)
	}
	sum := func(of string) []cell { return append([]cell{{value: of}}, cells(with(r), total[true])...) }

	places := sheet{title: ui.T(ctx, "valuation.by_location"), columns: columns(column{label: ui.T(ctx, "valuation.location"), text: true}), total: sum(ui.T(ctx, "report.total"))}
	for _, id := range at.worst(compareIDs) {
		i := slices.IndexFunc(sh.locations, func(l retail.Location) bool { return l.ID == id })
		href := sh.href(r, sh.locations[i])
		places.rows = append(places.rows, append([]cell{{value: sh.names.of(id), href: href}}, cells(href, at[id])...))
	}
	why := sheet{title: ui.T(ctx, "shrinkage.by_cause"), columns: columns(column{label: ui.T(ctx, "shrinkage.cause"), text: true}), total: sum(ui.T(ctx, "report.total"))}
	for _, cause := range causes.worst(func(a, b string) int { return cmp.Compare(a, b) }) {
		why.rows = append(why.rows, append([]cell{{value: causeWord(ctx, cause)}}, cells(link(ctx, causeAddress(cause)), causes[cause])...))
	}
	ids := products.worst(compareIDs)
	g, err := s.goods(ctx, q, slices.Clone(ids))
	if err != nil {
		return nil, err
	}
	each := sheet{title: ui.T(ctx, "report.by_product"), most: rowsShown, columns: columns(
		column{label: ui.T(ctx, "stock.product"), below: ui.T(ctx, "report.sku"), text: true}, column{label: ui.T(ctx, "filter.category"), text: true})}
	for _, id := range ids {
		href := with(r, "product", id.String())
		each.rows = append(each.rows, append([]cell{g.cell(ctx, id, href), {value: g.category(id)}}, cells(href, products[id])...))
	}
	sheets := []sheet{places, why, each}
	if only || f.file {
		findings, err := s.findingSheet(r, q, sh, spans, product, g)
		return append(sheets, findings), err
	}
	return sheets, nil
}

// causeAddress is where what has a cause is listed one by one.
func causeAddress(cause string) string {
	if cause == stock.CauseCounted {
		return "/stock/counts"
	}
	return ""
}

func (s *site) findingSheet(r *http.Request, q stock.Querier, sh shelves, spans []stock.Span, product uuid.UUID, g goods) (sheet, error) {
	ctx := r.Context()
	t := sheet{title: ui.T(ctx, "shrinkage.findings"), columns: []column{
		{label: ui.T(ctx, "counts.when"), text: true},
		{label: ui.T(ctx, "valuation.location"), text: true},
		{label: ui.T(ctx, "stock.product"), below: ui.T(ctx, "report.sku"), text: true},
		{label: ui.T(ctx, "shrinkage.cause"), text: true},
		{label: ui.T(ctx, "audit.who"), text: true},
		{label: ui.T(ctx, "restock.units")},
		{label: ui.T(ctx, "purchase.unit_cost")},
		{label: ui.T(ctx, "shrinkage.net")},
	}}
	found, err := stock.ListFindings(ctx, q, spans, product)
	if err != nil {
		return t, err
	}
	var people []uuid.UUID
	for _, f := range found {
		if f.By != nil {
			people = append(people, *f.By)
		}
	}
	named, err := peopleOf(ctx, q, people...)
	if err != nil {
		return t, err
	}
	for _, f := range found {
		zone := time.UTC
		for _, l := range sh.locations {
			if l.ID == f.Location {
				zone = zoneOf([]retail.Location{l})
			}
		}
		who := dash
		if f.By != nil {
			who = nameIn(named, *f.By)
		}
		why := causeWord(ctx, f.Cause)
		if f.Note != "" {
			why += ": " + f.Note
		}
		href := link(ctx, "/stock?"+query("product", f.Product.String())+"&"+query("at", f.Location.String()))
		t.rows = append(t.rows, []cell{
			{value: ui.DateTime(ctx, f.At.In(zone))},
			{value: sh.names.of(f.Location)},
			g.cell(ctx, f.Product, href),
			{value: why},
			{value: who},
			{value: f.Quantity, href: href},
			{value: f.UnitCost},
			{value: f.Cost, href: href},
		})
	}
	return t, nil
}
