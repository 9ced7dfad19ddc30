package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// reportKind is a report beside the consolidated sales: tables over the same stores and period.
type reportKind struct {
	name, word string
	read       func(s *site, r *http.Request, f reportFilter, q stock.Querier) ([]sheet, error)
	// own is what it has among the filters beside the others'.
	own func(s *site, r *http.Request, f reportFilter) (templ.Component, error)
	// now: it is about what is there now, and no period is chosen.
	now bool
}

var reportKinds = []reportKind{
	{name: "breakdown", word: "report.breakdown", read: (*site).breakdownSheets, own: (*site).breakdownChoice},
	{name: "taxes", word: "report.taxes_due", read: (*site).taxSheets},
	{name: "margin", word: "report.margin", read: (*site).marginSheets, own: carried("category")},
	{name: "products", word: "report.ranking", read: (*site).rankingSheets, own: choice(rankingBy)},
	{name: "cashiers", word: "report.cashiers", read: (*site).cashierSheets, own: carried("user")},
	{name: "shifts", word: "report.shifts", read: (*site).shiftSheets},
	{name: "valuation", word: "valuation.title", read: (*site).valuationSheets, own: carried("warehouse", "category"), now: true},
	{name: "shrinkage", word: "shrinkage.title", read: (*site).shrinkageSheets, own: carried("warehouse", "product")},
	{name: "dead", word: "dead.title", read: (*site).deadSheets, own: choice(idleChoice), now: true},
}

// choice is what needs nothing but the address.
func choice(of func(*http.Request) templ.Component) func(*site, *http.Request, reportFilter) (templ.Component, error) {
	return func(_ *site, r *http.Request, _ reportFilter) (templ.Component, error) { return of(r), nil }
}

// carried are parts of the address that the filters carry along.
func carried(names ...string) func(*site, *http.Request, reportFilter) (templ.Component, error) {
	return choice(func(r *http.Request) templ.Component { return kept(r, names...) })
}

// ofNow says that a page of reports is about what is there now.
func ofNow(address string) bool {
	return slices.ContainsFunc(reportKinds, func(k reportKind) bool { return k.now && address == "/reports/"+k.name })
}

// readSheets reads the report that the address names, as of one moment, for a page or for a file. The request it gives back writes amounts as
// its stores pay.
func (s *site) readSheets(r *http.Request, file bool) (*http.Request, reportKind, reportFilter, []sheet, error) {
	i := slices.IndexFunc(reportKinds, func(k reportKind) bool { return k.name == r.PathValue("report") })
	if i < 0 {
		return r, reportKind{}, reportFilter{}, nil, &retail.Error{Code: retail.NotFound, Key: "error.page"}
	}
	kind := reportKinds[i]
	f, err := s.filterOf(r)
	if err != nil {
		return r, kind, f, nil, err
	}
	f.file = file
	if err := f.Check(); err != nil {
		return r, kind, f, nil, err
	}
	ctx, err := s.paidIn(r.Context(), f.Stores)
	if err != nil {
		return r, kind, f, nil, err
	}
	r = r.WithContext(ctx)
	var sheets []sheet
	err = s.Snapshot(ctx, func(q stock.Querier) error {
		sheets, err = kind.read(s, r, f, q)
		return err
	})
	return r, kind, f, sheets, err
}

func (s *site) sheetPage(w http.ResponseWriter, r *http.Request) error {
	r, kind, f, sheets, err := s.readSheets(r, false)
	if err != nil {
		return err
	}
	ctx := r.Context()
	title := ui.T(ctx, kind.word)
	if len(f.all) == 0 {
		return s.show(w, r, view{title: title}, noStores())
	}
	sheets = slices.DeleteFunc(sheets, func(s sheet) bool { return len(s.rows) == 0 })
	path := "/reports/" + kind.name
	var own templ.Component
	if kind.own != nil {
		if own, err = kind.own(s, r, f); err != nil {
			return err
		}
	}
	subtitle := f.words(ctx)
	if kind.now {
		subtitle = ui.T(ctx, "valuation.as_of", "When", ui.DateTime(ctx, f.now))
	}
	return s.show(w, r, view{
		title: title, subtitle: subtitle,
		tools: templ.Join(reportTabs(r, f), reportTools(path, f, own, reportFiles(r, path+"/table"))),
	}, sheetsContent(sheets, ui.CurrencyOf(ctx).Code))
}

func (s *site) sheetCSV(w http.ResponseWriter, r *http.Request) error {
	return s.exportSheets(w, r, "csv")
}

func (s *site) sheetXLSX(w http.ResponseWriter, r *http.Request) error {
	return s.exportSheets(w, r, "xlsx")
}

func (s *site) exportSheets(w http.ResponseWriter, r *http.Request, as string) error {
	r, kind, f, sheets, err := s.readSheets(r, true)
	if err != nil {
		return err
	}
	if len(f.all) == 0 {
		return &retail.Error{Code: retail.NotFound, Key: "error.page"}
	}
	file := sales.File{Lang: ui.Lang(r.Context())}
	for _, s := range sheets {
		file.Sheets = append(file.Sheets, s.file())
	}
	name := fmt.Sprintf("comptant-%s-%s-%s", kind.name, f.From, f.To)
	if kind.now {
		name = fmt.Sprintf("comptant-%s-%s", kind.name, retail.DateOf(f.now))
	}
	return sendFile(w, file, name, f, as)
}

// tabs lead to the other reports, of the same stores and period.
func (f reportFilter) tabs(r *http.Request) []ui.Segment {
	ctx := r.Context()
	pairs := []string{"period", f.preset, "compare", f.compare}
	if f.compare == compareCustom {
		pairs = append(pairs, "compare_from", f.Compare.From.String(), "compare_to", f.Compare.To.String())
	}
	query := "?" + period(f.Period, f.store, pairs...)
	tabs := []ui.Segment{{Label: ui.T(ctx, "report.tab_sales"), Href: "/reports" + query, Current: r.URL.Path == "/reports"}}
	for _, k := range reportKinds {
		tabs = append(tabs, ui.Segment{Label: ui.T(ctx, k.word), Href: "/reports/" + k.name + query, Current: r.PathValue("report") == k.name})
	}
	return tabs
}

// receipts is the address of the receipts of the same stores and period, narrowed as they are and by names and values.
func (f reportFilter) receipts(pairs ...string) string {
	return "/receipts?" + period(f.Period, f.store, append(f.narrowing(), pairs...)...)
}

// compares says whether something is set beside the period.
func (f reportFilter) compares() bool { return f.Compare != (sales.Period{}) }

// goods are products as sheets name them.
type goods struct {
	products   map[uuid.UUID]catalog.Product
	categories map[uuid.UUID]string
}

func (s *site) goods(ctx context.Context, q catalog.Querier, ids []uuid.UUID) (g goods, err error) {
	if g.products, err = catalog.ByID(ctx, q, ids); err != nil {
		return g, err
	}
	all, err := catalog.Categories(ctx, q)
	g.categories = map[uuid.UUID]string{}
	for _, c := range all {
		g.categories[c.ID] = language(ctx, c.Name)
	}
	return g, err
}

// cell names a product, with its SKU below.
func (g goods) cell(ctx context.Context, id uuid.UUID, href string) cell {
	p, ok := g.products[id]
	if !ok {
		return cell{value: id.String(), href: href}
	}
	return cell{value: language(ctx, p.Name), below: p.SKU, href: href}
}

// category names that of a product; a dash when it has none.
func (g goods) category(id uuid.UUID) string {
	if name, ok := g.categories[g.products[id].Category]; ok {
		return name
	}
	return dash
}

func productIDs(all ...[]sales.ProductSales) []uuid.UUID {
	var ids []uuid.UUID
	for _, list := range all {
		for _, p := range list {
			ids = append(ids, p.Product)
		}
	}
	return ids
}

// nameIn is what a person is called; a dash for somebody nobody knows.
func nameIn(people map[uuid.UUID]string, id uuid.UUID) string {
	if people[id] == "" {
		return dash
	}
	return people[id]
}

func peopleOf(ctx context.Context, q users.Querier, ids ...uuid.UUID) (map[uuid.UUID]string, error) {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return users.Names(ctx, q, slices.Compact(ids))
}
