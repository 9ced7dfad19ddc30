package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// coverDays is over how many days before today what was sold is looked at, to say how long what is there will last.
const coverDays = 28

// shelves are the locations that a report of stock is about.
type shelves struct {
	locations []retail.Location
	names     names
	one       bool // a single one was chosen
}

// shelvesOf are the stores of the filter, with the warehouses that pay as they do when none is named; or one warehouse. A warehouse
// that has sold is in the filter already.
func (s *site) shelvesOf(r *http.Request, f reportFilter, q stock.Querier) (shelves, error) {
	warehouses, err := stock.Warehouses(r.Context(), q)
	if err != nil {
		return shelves{}, err
	}
	sh := shelves{locations: slices.Clone(f.Stores), names: shortNames(f.all)}
	sh.one = len(f.Stores) == 1 && f.named()
	for _, l := range warehouses {
		sh.names[l.ID] = l.Name
		switch {
		case l.ID.String() == r.FormValue("warehouse"):
			sh.locations, sh.one = []retail.Location{l}, true
			return sh, nil
		case !f.named() && !slices.Contains(f.ids(), l.ID) && (len(f.Stores) == 0 || l.PaysIn() == f.Stores[0].PaysIn()):
			sh.locations = append(sh.locations, l)
		}
	}
	return sh, nil
}

func (sh shelves) ids() []uuid.UUID {
	ids := idsOf(sh.locations)
	return ids
}

// href leads to the same report of one location.
func (sh shelves) href(r *http.Request, l retail.Location) string {
	if l.Kind == retail.LocationWarehouse {
		return with(r, "warehouse", l.ID.String(), "store", "")
	}
	return with(r, "store", l.ID.String(), "warehouse", "")
}

// product leads to the stock of a product, and at one location to what moved it.
func (sh shelves) product(ctx context.Context, id uuid.UUID) string {
	address := "/stock?" + query("product", id.String())
	if sh.one {
		address += "&" + query("at", sh.locations[0].ID.String())
	}
	return link(ctx, address)
}

// cover is how many days a value lasts at what sold goods cost over coverDays; nothing where nothing was sold.
func cover(value, sold money.Amount) any {
	if sold <= 0 {
		return nil
	}
	return int64(max(value, 0)) * coverDays / int64(sold)
}

// valuationSheets are what is on hand at average cost, by location, by category and by product, and how long it lasts.
func (s *site) valuationSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx := r.Context()
	sh, err := s.shelvesOf(r, f, q)
	if err != nil {
		return nil, err
	}
	products, categories, err := catalog.Assigned(ctx, q)
	if err != nil {
		return nil, err
	}
	found, err := stock.Valuation(ctx, q, sh.ids(), products, categories)
	if err != nil {
		return nil, err
	}
	today := retail.DateOf(f.now).Time(time.UTC)
	lately := sales.Period{From: retail.DateOf(today.AddDate(0, 0, -coverDays)), To: retail.DateOf(today.AddDate(0, 0, -1))}
	sold, err := sales.CostByGroup(ctx, q, f.ids(), lately, products, categories)
	if err != nil {
		return nil, err
	}
	chosen, err := uuid.Parse(r.FormValue("category"))
	only := err == nil
	at, by := map[uuid.UUID]*stock.Value{}, map[uuid.UUID]*stock.Value{}
	soldAt, soldOf := map[uuid.UUID]money.Amount{}, map[uuid.UUID]money.Amount{}
	var total stock.Value
	var soldAll money.Amount
	for _, v := range found {
		if only && v.Group != chosen {
			continue
		}
		addValue(at, v.Location, v.Value)
		addValue(by, v.Group, v.Value)
		total.Add(v.Value)
	}
	for _, c := range sold {
		if !only || c.Group == chosen {
			soldAt[c.Store] += c.Cost
			soldOf[c.Group] += c.Cost
			soldAll += c.Cost
		}
	}
	columns := func(first ...column) []column {
		return append(first, column{label: ui.T(ctx, "restock.units")}, column{label: ui.T(ctx, "valuation.value")},
			column{label: ui.T(ctx, "valuation.cover")}, column{label: ui.T(ctx, "valuation.unknown")})
	}
	cells := func(href string, v stock.Value, sold money.Amount) []cell {
		return figures(href, v.OnHand, v.Cost, cover(v.Cost, sold), v.Unknown)
	}
	places := sheet{title: ui.T(ctx, "valuation.by_location"), columns: columns(column{label: ui.T(ctx, "valuation.location"), text: true})}
	for _, l := range sh.locations {
		v := at[l.ID]
		if v == nil {
			continue
		}
		lasts := soldAt[l.ID]
		if l.Kind == retail.LocationWarehouse {
			lasts = soldAll // it supplies them all
		}
		places.rows = append(places.rows, append([]cell{{value: sh.names.of(l.ID), href: sh.href(r, l)}}, cells(sh.href(r, l), *v, lasts)...))
	}
	places.total = append([]cell{{value: ui.T(ctx, "report.total")}}, cells(with(r), total, soldAll)...)

	g, err := s.goods(ctx, q, nil)
	if err != nil {
		return nil, err
	}
	groups := sheet{title: ui.T(ctx, "report.by_category"), columns: columns(column{label: ui.T(ctx, "filter.category"), text: true})}
	for _, id := range byValue(by) {
		href := with(r, "category", id.String())
		groups.rows = append(groups.rows, append([]cell{{value: cmp.Or(g.categories[id], dash), href: href}}, cells(href, *by[id], soldOf[id])...))
	}
	every := cell{value: ui.T(ctx, "report.total")}
	if only {
		every = cell{value: ui.T(ctx, "filter.all_categories"), href: with(r, "category", "")}
	}
	groups.total = append([]cell{every}, cells(with(r), total, soldAll)...)
	var wanted []uuid.UUID
	if only {
		wanted = []uuid.UUID{}
		for i, p := range products {
			if categories[i] == chosen {
				wanted = append(wanted, p)
			}
		}
	}
	each, err := s.productValues(ctx, f, q, sh, lately, wanted)
	return []sheet{places, groups, each}, err
}

func addValue(to map[uuid.UUID]*stock.Value, key uuid.UUID, v stock.Value) {
	if to[key] == nil {
		to[key] = &stock.Value{}
	}
	to[key].Add(v)
}

// byValue are the keys, the most valuable first.
func byValue(values map[uuid.UUID]*stock.Value) []uuid.UUID {
	var keys []uuid.UUID
	for k := range values {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b uuid.UUID) int {
		return cmp.Or(cmp.Compare(values[b].Cost, values[a].Cost), slices.Compare(a[:], b[:]))
	})
	return keys
}

// productValues are what is on hand of each of the products that are wanted, all when nil, and how long it lasts at what was sold lately.
func (s *site) productValues(ctx context.Context, f reportFilter, q stock.Querier, sh shelves, lately sales.Period, wanted []uuid.UUID) (sheet, error) {
	t := sheet{title: ui.T(ctx, "report.by_product"), most: rowsShown, columns: []column{
		{label: ui.T(ctx, "stock.product"), below: ui.T(ctx, "report.sku"), text: true},
		{label: ui.T(ctx, "filter.category"), text: true},
		{label: ui.T(ctx, "report.on_hand")},
		{label: ui.T(ctx, "valuation.average")},
		{label: ui.T(ctx, "valuation.value")},
		{label: ui.T(ctx, "valuation.cover")},
	}}
	values, err := stock.ValuationByProduct(ctx, q, sh.ids(), wanted)
	if err != nil {
		return t, err
	}
	sold, err := sales.ByProduct(ctx, q, f.ids(), lately)
	if err != nil {
		return t, err
	}
	soldOf := map[uuid.UUID]money.Quantity{}
	for _, p := range sold {
		soldOf[p.Product] = p.Units
	}
	shown := values
	if !f.file {
		shown = values[:min(len(values), rowsShown)] // names are read of what is shown
	}
	ids := make([]uuid.UUID, len(shown))
	for i, v := range shown {
		ids[i] = v.Product
	}
	g, err := s.goods(ctx, q, ids)
	if err != nil {
		return t, err
	}
	for _, v := range values {
		href := sh.product(ctx, v.Product)
		average := cell{href: href}
		if v.OnHand > 0 {
			average.value = money.Amount((int64(v.Cost)*int64(money.One) + int64(v.OnHand)/2) / int64(v.OnHand))
		}
		lasts := cell{href: href}
		if units := soldOf[v.Product]; units > 0 {
			lasts.value = int64(max(v.OnHand, 0)) * coverDays / int64(units)
		}
		t.rows = append(t.rows, []cell{
			g.cell(ctx, v.Product, href), {value: g.category(v.Product)}, {value: v.OnHand, href: href}, average, {value: v.Cost, href: href}, lasts,
		})
	}
	return t, nil
}
