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
)

// rowsShown is how many products a page lists; ranked is how many best and how many worst sellers.
const (
	rowsShown = 100
	ranked    = 25
)

// margins are sums of products, by product or by category.
type margins map[uuid.UUID]*sales.ProductSales

func (m margins) add(key uuid.UUID, p sales.ProductSales) {
	if m[key] == nil {
		m[key] = &sales.ProductSales{Product: key}
	}
	m[key].Units += p.Units
	m[key].Revenue += p.Revenue
	m[key].Cost += p.Cost
}

// byMargin are the sums, the most margin first.
func (m margins) byMargin() []sales.ProductSales {
	var all []sales.ProductSales
	for _, s := range m {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b sales.ProductSales) int {
		return cmp.Or(cmp.Compare(b.Margin(), a.Margin()), slices.Compare(a.Product[:], b.Product[:]))
	})
	return all
}

func marginColumns(ctx context.Context, f reportFilter, first ...column) []column {
	columns := append(first,
		column{label: ui.T(ctx, "figure.units")},
		column{label: ui.T(ctx, "figure.revenue")},
		column{label: ui.T(ctx, "figure.cost")},
		column{label: ui.T(ctx, "figure.margin")},
		column{label: ui.T(ctx, "report.margin_share")})
	if f.compares() {
		columns = append(columns, column{label: ui.T(ctx, "figure.change"), file: ui.T(ctx, "report.margin_compared")})
	}
	return columns
}

func marginCells(f reportFilter, href string, s sales.ProductSales, before margins) []cell {
	share := sales.Share(sales.Figures{Revenue: s.Revenue, Cost: s.Cost}.MarginShare())
	row := figures(href, s.Units, s.Revenue, s.Cost, s.Margin(), share)
	if f.compares() {
		was := sales.ProductSales{}
		if b := before[s.Product]; b != nil {
			was = *b
		}
		row = append(row, compared(int64(s.Margin()), was.Margin()))
	}
	return row
}

// marginSheets are the margin by category and by product; of one category when it is chosen.
func (s *site) marginSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx := r.Context()
	now, before, g, err := s.products(ctx, q, f)
	if err != nil {
		return nil, err
	}
	chosen, err := uuid.Parse(r.FormValue("category"))
	only := err == nil
	categories, products, wereCategories, wereProducts := margins{}, margins{}, margins{}, margins{}
	var total, was sales.ProductSales
	sum := func(all []sales.ProductSales, categories, products margins, total *sales.ProductSales) {
		sums := margins{}
		for _, p := range all {
			category := g.products[p.Product].Category
			if only && category != chosen {
				continue
			}
			categories.add(category, p)
			products.add(p.Product, p)
			sums.add(uuid.Nil, p)
		}
		if sums[uuid.Nil] != nil {
			*total = *sums[uuid.Nil]
		}
	}
	sum(now, categories, products, &total)
	sum(before, wereCategories, wereProducts, &was)

	by := sheet{title: ui.T(ctx, "report.by_category"), columns: marginColumns(ctx, f, column{label: ui.T(ctx, "filter.category"), text: true})}
	for _, c := range categories.byMargin() {
		name := cell{value: dash}
		if known, ok := g.categories[c.Product]; ok {
			name = cell{value: known, href: with(r, "category", c.Product.String())}
		}
		by.rows = append(by.rows, append([]cell{name}, marginCells(f, with(r, "category", c.Product.String()), c, wereCategories)...))
	}
	every, categoryText := cell{value: ui.T(ctx, "report.total")}, ""
	if only {
		categoryText = chosen.String()
		every = cell{value: ui.T(ctx, "filter.all_categories"), href: with(r, "category", "")}
	}
	by.total = append([]cell{every}, marginCells(f, f.receipts("category", categoryText, "only", "margin"), total, margins{uuid.Nil: &was})...)

	each := sheet{title: ui.T(ctx, "report.by_product"), most: rowsShown, columns: marginColumns(ctx, f,
		column{label: ui.T(ctx, "stock.product"), below: ui.T(ctx, "report.sku"), text: true}, column{label: ui.T(ctx, "filter.category"), text: true})}
	for _, p := range products.byMargin() {
		href := f.receipts("product", p.Product.String(), "only", "margin")
		name := []cell{g.cell(ctx, p.Product, href), {value: g.category(p.Product)}}
		each.rows = append(each.rows, append(name, marginCells(f, href, p, wereProducts)...))
	}
	return []sheet{by, each}, nil
}

// products are what was sold of each, in the period and in the one it is compared with.
func (s *site) products(ctx context.Context, q stock.Querier, f reportFilter) (now, before []sales.ProductSales, g goods, err error) {
	if now, err = sales.ByProduct(ctx, q, f.ids(), f.Period); err != nil {
		return nil, nil, g, err
	}
	if f.compares() {
		if before, err = sales.ByProduct(ctx, q, f.ids(), f.Compare); err != nil {
			return nil, nil, g, err
		}
	}
	g, err = s.goods(ctx, q, productIDs(now, before))
	return now, before, g, err
}

// rankings are by what products are ranked.
var rankings = []struct {
	name, word string
	of         func(sales.ProductSales) int64
}{
	{"revenue", "figure.revenue", func(s sales.ProductSales) int64 { return int64(s.Revenue) }},
	{"units", "figure.units", func(s sales.ProductSales) int64 { return int64(s.Units) }},
	{"margin", "figure.margin", func(s sales.ProductSales) int64 { return int64(s.Margin()) }},
}

func rankingOptions(r *http.Request) []ui.Option {
	var options []ui.Option
	for _, k := range rankings {
		options = append(options, ui.Option{Value: k.name, Label: ui.T(r.Context(), k.word), Selected: k.name == r.FormValue("by")})
	}
	return options
}

// rankingSheets are the best and the worst sellers. Among the worst are those the stores hold and nobody bought.
func (s *site) rankingSheets(r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error) {
	ctx := r.Context()
	now, before, _, err := s.products(ctx, q, f)
	if err != nil {
		return nil, err
	}
	by := rankings[0]
	for _, k := range rankings {
		if k.name == r.FormValue("by") {
			by = k
		}
	}
	held, err := stock.Held(ctx, q, f.ids())
	if err != nil {
		return nil, err
	}
	was, sold := map[uuid.UUID]sales.ProductSales{}, map[uuid.UUID]bool{}
	for _, p := range before {
		was[p.Product] = p
	}
	for _, p := range now {
		sold[p.Product] = true
	}
	worst := slices.Clone(now)
	for id, left := range held {
		if left > 0 && !sold[id] {
			worst = append(worst, sales.ProductSales{Product: id})
		}
	}
	order := func(a, b sales.ProductSales) int {
		return cmp.Or(cmp.Compare(by.of(b), by.of(a)), slices.Compare(a.Product[:], b.Product[:]))
	}
	slices.SortFunc(now, order)
	slices.SortFunc(worst, func(a, b sales.ProductSales) int { return order(b, a) })
	g, err := s.goods(ctx, q, productIDs(now, worst))
	if err != nil {
		return nil, err
	}
	list := func(title string, all []sales.ProductSales) sheet {
		t := sheet{title: title, most: ranked, columns: []column{{label: ui.T(ctx, "stock.product"), below: ui.T(ctx, "report.sku"), text: true}}}
		for _, word := range []string{"figure.units", "figure.revenue", "figure.margin", "report.on_hand"} {
			t.columns = append(t.columns, column{label: ui.T(ctx, word)})
		}
		if f.compares() {
			t.columns = append(t.columns, column{label: ui.T(ctx, "figure.change"), file: ui.T(ctx, "report.revenue_compared")})
		}
		for _, p := range all {
			href := f.receipts("product", p.Product.String(), "only", "margin")
			row := append([]cell{g.cell(ctx, p.Product, href)}, figures(href, p.Units, p.Revenue, p.Margin())...)
			left := cell{value: held[p.Product], href: link(ctx, "/stock?"+query("product", p.Product.String()))}
			if g.products[p.Product].MadeHere {
				left = cell{}
			}
			row = append(row, left)
			if f.compares() {
				row = append(row, compared(int64(p.Revenue), was[p.Product].Revenue))
			}
			t.rows = append(t.rows, row)
		}
		return t
	}
	best := list(ui.T(ctx, "report.best"), slices.DeleteFunc(now, func(p sales.ProductSales) bool { return by.of(p) <= 0 }))
	return []sheet{best, list(ui.T(ctx, "report.worst"), worst)}, nil
}
