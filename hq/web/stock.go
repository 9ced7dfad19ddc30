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
	"comptant/shared/money"
	"comptant/shared/retail"
)

// alertLook is how an alert appears everywhere: in a cell, in a filter, in a card.
type alertLook struct {
	alert stock.Alert
	tone  ui.Tone
	icon  ui.Icon
	word  string // of the filter
	card  string // of a store's card, with a count
	title string // of what to look at
}

var alertLooks = []alertLook{
	{stock.Negative, ui.ToneBad, ui.IconAlert, "stock.negative", "stock.negative_n", "alert.negative"},
	{stock.Out, ui.ToneWarn, ui.IconDown, "stock.out", "stock.out_n", "alert.out"},
	{stock.Over, ui.ToneMuted, ui.IconUp, "stock.over", "stock.over_n", "alert.over"},
}

// stockPage is the matrix of what is where, and the product in the panel beside it.
type stockPage struct {
	table ui.Table
	panel *stockPanel
}

// stockList is what the matrix shows: a page of products and where they are.
type stockList struct {
	catalog.Page
	rows      []stock.MatrixRow
	locations []retail.Location // warehouses first
	names     names
	rates     sales.Rates // of sale, where days of cover are asked for
}

func (s *site) stock(w http.ResponseWriter, r *http.Request) error {
	return s.showStock(w, r, nil)
}

// showStock is the page; typed is the form of the panel that something is wrong with, if any.
func (s *site) showStock(w http.ResponseWriter, r *http.Request, typed *panelForm) error {
	ctx := r.Context()
	list, err := s.stockList(r, 0)
	if err != nil {
		return err
	}
	counts, err := stock.Alerts(ctx, s.DB)
	if err != nil {
		return err
	}
	seen, err := s.seen(ctx)
	if err != nil {
		return err
	}
	counts = slices.DeleteFunc(counts, func(a stock.AlertCount) bool { return !seen(a.Location) })
	categories, err := catalog.Categories(ctx, s.DB)
	if err != nil {
		return err
	}
	p := stockPage{table: stockTable(r, list)}
	if id := r.FormValue("product"); id != "" {
		if p.panel, err = s.stockPanel(r, id, list, typed); err != nil {
			return err
		}
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "place.stock"), subtitle: ui.T(ctx, "stock.subtitle"), live: []string{eventStock, eventTime},
		tools: stockTools(r, categories, stockSegments(r, list, counts)),
	}, stockContent(p))
}

// stockList reads a page of the matrix; limit 0 is the page's own.
func (s *site) stockList(r *http.Request, limit int) (stockList, error) {
	ctx := r.Context()
	l := stockList{}
	var err error
	if l.locations, l.names, err = s.stockPlaces(ctx); err != nil {
		return l, err
	}
	filter := catalog.Filter{Text: r.FormValue("q"), Lang: ui.Lang(ctx), After: r.FormValue("after"), Limit: limit}
	filter.Category, _ = uuid.Parse(r.FormValue("category"))
	if filter.Also, err = s.leftOver(ctx, l.locations); err != nil {
		return l, err
	}
	if alert := stock.Alert(r.FormValue("alert")); alert != stock.NoAlert {
		alerted, err := stock.WithAlert(ctx, s.DB, alert, uuid.Nil)
		if err != nil {
			return l, err
		}
		seen, err := s.seen(ctx)
		if err != nil {
			return l, err
		}
		filter.Only = []uuid.UUID{}
		for _, a := range alerted {
			if seen(a.Location) {
				filter.Only = append(filter.Only, a.Product)
			}
		}
	}
	covered, byCover, err := s.coveredProducts(r)
	if err != nil {
		return l, err
	}
	if byCover {
		filter.Only = covered
	}
	if l.Page, err = catalog.Search(ctx, s.DB, filter); err != nil {
		return l, err
	}
	ids := make([]uuid.UUID, len(l.Products))
	for i, p := range l.Products {
		ids[i] = p.ID
	}
	if l.rows, err = stock.Matrix(ctx, s.DB, ids); err != nil {
		return l, err
	}
	if byCover && len(ids) > 0 {
		if l.rates, err = s.rates(ctx, ids); err != nil {
			return l, err
		}
	}
	return l, nil
}

// stockPlaces are where the person sees stock, the warehouses first, and what they are called there.
func (s *site) stockPlaces(ctx context.Context) ([]retail.Location, names, error) {
	stores, err := s.stores(ctx)
	if err != nil {
		return nil, nil, err
	}
	depots, err := stock.Warehouses(ctx, s.DB)
	if err != nil {
		return nil, nil, err
	}
	short := shortNames(stores)
	for _, depot := range depots {
		short[depot.ID] = depot.Name
		if len(depots) == 1 {
			short[depot.ID] = ui.T(ctx, "alert.depot")
		}
	}
	return append(depots, stores...), short, nil
}

// leftOver are the retired products of which some location still has some: nobody sells them, and the stock is there.
func (s *site) leftOver(ctx context.Context, locations []retail.Location) ([]uuid.UUID, error) {
	retired, err := catalog.Retired(ctx, s.DB)
	if err != nil || len(retired) == 0 {
		return nil, err
	}
	return stock.Left(ctx, s.DB, idsOf(locations), retired)
}

func stockTable(r *http.Request, l stockList) ui.Table {
	ctx := r.Context()
	t := ui.Table{Caption: ui.T(ctx, "stock.subtitle"), Columns: []ui.Column{{Label: ui.T(ctx, "stock.product")}}}
	for i, location := range l.locations {
		t.Columns = append(t.Columns, ui.Column{
			Label: l.names.of(location.ID), Figure: true,
			Divider: i > 0 && location.Kind != l.locations[i-1].Kind,
		})
	}
	t.Columns = append(t.Columns,
		ui.Column{Label: ui.T(ctx, "stock.transit"), Figure: true, Divider: true},
		ui.Column{Label: ui.T(ctx, "stock.promised"), Figure: true},
		ui.Column{Label: ui.T(ctx, "stock.available"), Help: ui.T(ctx, "stock.available_help"), Figure: true},
	)
	chosen := r.FormValue("product")
	for i, p := range l.Products {
		row := l.rows[i]
		href := with(r, "product", p.ID.String(), "at", "", "after", r.FormValue("after"))
		cells := []ui.Cell{{Text: language(ctx, p.Name), Sub: stockSKU(ctx, p), Href: href}}
		for _, location := range l.locations {
			cell := stockCell(ctx, p, row.At[location.ID], location.Kind == retail.LocationWarehouse)
			if c, ok := row.At[location.ID]; ok {
				cell.Sub = coverWords(ctx, c.OnHand, l.rates[location.ID][p.ID])
				cell.Href = with(r, "product", p.ID.String(), "at", location.ID.String(), "after", r.FormValue("after"))
			} else {
				cell = ui.Cell{Text: dash}
			}
			cells = append(cells, cell)
		}
		sum := row.Sum(l.locations)
		cells = append(cells, someCell(ctx, sum.InTransit, href+"#transit"), someCell(ctx, sum.Reserved, href+"#promised"),
			ui.Cell{Text: ui.Quantity(ctx, sum.Available()), Href: href + "#available", Strong: true})
		t.Rows = append(t.Rows, ui.Row{Cells: cells, Current: p.ID.String() == chosen})
	}
	t.Foot = stockFoot(pages(r, len(l.Products), l.Page))
	return t
}

// someCell is a quantity that leads to what it is made of; a dash for none.
func someCell(ctx context.Context, q money.Quantity, href string) ui.Cell {
	if q == 0 {
		return ui.Cell{Text: dash}
	}
	return ui.Cell{Text: ui.Quantity(ctx, q), Href: href}
}

// stockSKU is the number of a product, and says when nobody sells it any more.
func stockSKU(ctx context.Context, p catalog.Product) string {
	if p.RetiredAt == nil {
		return p.SKU
	}
	return p.SKU + " · " + ui.T(ctx, "stock.retired")
}

// pages leads to the next part of a search. Back is the browser's.
func pages(r *http.Request, shown int, p catalog.Page) ui.Pages {
	ctx := r.Context()
	foot := ui.Pages{Note: ui.T(ctx, "pages.of", "Count", shown, "Total", p.Total)}
	if r.FormValue("after") != "" {
		foot.Prev = with(r)
	}
	if p.Next != "" {
		foot.Next = with(r, "after", p.Next)
	}
	return foot
}

func stockCell(ctx context.Context, p catalog.Product, c stock.Cell, depot bool) ui.Cell {
	cell := ui.Cell{Text: ui.Quantity(ctx, c.OnHand), Strong: depot, Low: c.Alert == stock.Low}
	if p.MadeHere {
		return ui.Cell{Text: dash}
	}
	for _, look := range alertLooks {
		if look.alert == c.Alert {
			cell.Icon, cell.Tone = look.icon, look.tone
		}
	}
	return cell
}

func stockSegments(r *http.Request, l stockList, counts []stock.AlertCount) []ui.Segment {
	ctx := r.Context()
	chosen := stock.Alert(r.FormValue("alert"))
	all := ui.Segment{
		Label: ui.T(ctx, "stock.all"), Href: with(r, "alert", "", "cover", "", "product", "", "at", ""), Current: chosen == stock.NoAlert && r.FormValue("cover") == "",
	}
	if all.Current {
		all.Count = ui.Number(ctx, int64(l.Total))
	}
	segments := []ui.Segment{all}
	total := stock.TotalAlerts(counts)
	for _, look := range alertLooks {
		segments = append(segments, ui.Segment{
			Label: ui.T(ctx, look.word), Count: ui.Number(ctx, int64(total[look.alert].Count)), Icon: look.icon, Tone: look.tone,
			Href: with(r, "alert", string(look.alert), "cover", "", "product", "", "at", ""), Current: chosen == look.alert,
		})
	}
	return append(segments, coverSegments(r)...)
}

// categoryOptions are the choices of a category filter.
func categoryOptions(r *http.Request, categories []retail.Category) []ui.Option {
	ctx := r.Context()
	options := []ui.Option{{Label: ui.T(ctx, "filter.all_categories")}}
	for _, c := range categories {
		options = append(options, ui.Option{
			Value: c.ID.String(), Label: language(ctx, c.Name), Selected: c.ID.String() == r.FormValue("category"),
		})
	}
	return options
}

// storeOptions are stores to choose from; chosen is the id of one.
func storeOptions(stores []retail.Location, chosen string) []ui.Option {
	options := make([]ui.Option, len(stores))
	for i, l := range stores {
		options[i] = ui.Option{Value: l.ID.String(), Label: l.Name, Selected: l.ID.String() == chosen}
	}
	return options
}

// kept carries a part of the address through a form.
func kept(r *http.Request, names ...string) templ.Component {
	var fields []hiddenField
	for _, n := range names {
		if v := r.FormValue(n); v != "" {
			fields = append(fields, hiddenField{n, v})
		}
	}
	return hidden(fields)
}

type hiddenField struct{ name, value string }
