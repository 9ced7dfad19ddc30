package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

func (s *site) catalogue(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	filter := catalog.Filter{Text: r.FormValue("q"), Lang: ui.Lang(ctx), After: r.FormValue("after"), Retired: r.FormValue("retired") == yes}
	filter.Category, _ = uuid.Parse(r.FormValue("category"))
	page, err := catalog.Search(ctx, s.DB, filter)
	if err != nil {
		return err
	}
	categories, err := catalog.Categories(ctx, s.DB)
	if err != nil {
		return err
	}
	apart, err := s.apart(ctx, page.Products)
	if err != nil {
		return err
	}
	prices, err := s.prices(r)
	if err != nil {
		return err
	}
	if ctx, err = s.priced(ctx); err != nil {
		return err
	}
	r = r.WithContext(ctx)
	return s.show(w, r, view{
		title: ui.T(ctx, "place.catalogue"), tools: catalogueTools(r, categories),
	}, catalogueContent(catalogueTable(r, page, apart, categories), prices))
}

// apart counts, of each product, the stores with a price of their own that the person sees.
func (s *site) apart(ctx context.Context, products []catalog.Product) (map[uuid.UUID]int, error) {
	ids := make([]uuid.UUID, len(products))
	for i, p := range products {
		ids[i] = p.ID
	}
	own, err := catalog.OwnOf(ctx, s.DB, s.Now(), ids)
	count := map[uuid.UUID]int{}
	for product, stores := range own {
		for store := range stores {
			if sees(ctx, store) {
				count[product]++
			}
		}
	}
	return count, err
}

// catalogueSegments are the pages of the catalogue; what is there is one of them.
func catalogueSegments(ctx context.Context, here string) []ui.Segment {
	segments := []ui.Segment{
		{Label: ui.T(ctx, "catalogue.products"), Href: "/catalogue"},
		{Label: ui.T(ctx, "prices.title"), Href: "/catalogue#prices"},
		{Label: ui.T(ctx, "catalogue.categories"), Href: categoriesPath},
		{Label: ui.T(ctx, "catalogue.taxes"), Href: taxesPath},
	}
	for i := range segments {
		segments[i].Current = segments[i].Href == here
	}
	return segments
}

func catalogueTable(r *http.Request, page catalog.Page, apart map[uuid.UUID]int, categories []retail.Category) ui.Table {
	ctx := r.Context()
	t := ui.Table{Caption: ui.T(ctx, "place.catalogue"), Columns: []ui.Column{
		{Label: ui.T(ctx, "stock.product")},
		{Label: ui.T(ctx, "filter.category")},
		{Label: ui.T(ctx, "catalogue.barcodes")},
		{Label: ui.T(ctx, "catalogue.tax")},
		{Label: ui.T(ctx, "catalogue.pack"), Figure: true},
		{Label: ui.T(ctx, "catalogue.cost"), Figure: true},
		{Label: ui.T(ctx, "catalogue.price"), Figure: true},
	}}
	names := map[uuid.UUID]string{}
	for _, c := range categories {
		names[c.ID] = language(ctx, c.Name)
	}
	for _, p := range page.Products {
		cost := ui.Money(ctx, p.Cost)
		if p.Cost == 0 {
			cost = dash
		}
		prices := with(r, "price", p.SKU) + "#prices"
		where := link(ctx, "/stock?"+query("product", p.ID.String()))
		if p.MadeHere {
			where = ""
		}
		change, picture := "", "" // lead to the form for a new price, and for a picture
		if may(ctx, users.EditCatalog) {
			where = productAddress(p.ID)
			if p.RetiredAt == nil {
				change, picture = prices, picturePath+p.ID.String()
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Part: picturedProduct(p, where, picture)},
			{Text: names[p.Category]},
			{Text: strings.Join(p.Barcodes, ", ")},
			{Text: classWord(ctx, p.Class)},
			{Text: ui.Number(ctx, int64(p.Pack))},
			{Text: cost},
			{Part: productPrice(productPriceText(ctx, p), change, apart[p.ID], prices), Strong: true},
		}})
	}
	t.Foot = ui.Pagination(pages(r, len(page.Products), page))
	return t
}
