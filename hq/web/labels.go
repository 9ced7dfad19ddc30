package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/ean"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// labelsShown is how many labels one print has.
const labelsShown = 500

// shelfLabel is what stands at a shelf.
type shelfLabel struct {
	name, price, per string // per is what a litre or a kilogram costs
	code             string
	bars             []bar
	width            int // of the barcode, in modules
}

// bar is a black stripe of a barcode, in modules.
type bar struct{ at, width int }

// labels are shelf labels to print, at the prices of every store or of one: of products that are searched, named one by one, or
// whose price changed since a day.
func (s *site) labels(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	categories, err := catalog.Categories(ctx, s.DB)
	if err != nil {
		return err
	}
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	content, err := s.printed(ctx, r.Form)
	if err != nil {
		return err
	}
	return s.show(w, r, view{title: ui.T(ctx, "labels.title"), parent: "/catalogue", tools: labelTools(r, categories, storeChoices(ctx, stores, r.FormValue("store")))}, content)
}

// Labels is the page of labels that programs ask for, by the same fields as the dashboard's: nothing but what is printed.
func Labels(c Config) func(ctx context.Context, asked url.Values) ([]byte, error) {
	s := &site{c}
	return func(ctx context.Context, asked url.Values) ([]byte, error) {
		content, err := s.printed(ctx, asked)
		if err != nil {
			return nil, err
		}
		var page bytes.Buffer
		err = ui.OpenPage(ui.T(ctx, "labels.title")).Render(templ.WithChildren(ctx, content), &page)
		return page.Bytes(), err
	}
}

// printed are the labels that are asked for.
func (s *site) printed(ctx context.Context, asked url.Values) (templ.Component, error) {
	stores, err := s.stores(ctx)
	if err != nil {
		return nil, err
	}
	store, err := storeOf(stores, asked.Get("store"))
	if err != nil {
		return nil, err
	}
	products, total, unknown, err := s.labelled(ctx, asked, stores, store)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(products))
	for i, p := range products {
		ids[i] = p.ID
	}
	inForce, _, err := catalog.InForce(ctx, s.DB, s.Now(), store, ids)
	if err != nil {
		return nil, err
	}
	if ctx, err = s.priced(ctx); err != nil {
		return nil, err
	}
	all := make([]shelfLabel, len(products))
	for i, p := range products {
		all[i] = labelOf(ctx, inForce[p.ID])
	}
	return labelsContent(all, total, unknown), nil
}

// labelled are the products to print labels of in a store, how many there are in all, and which codes name none.
func (s *site) labelled(ctx context.Context, said url.Values, stores []retail.Location, store uuid.UUID) (products []catalog.Product, total int, unknown []string, err error) {
	filter := catalog.Filter{Text: said.Get("q"), Lang: ui.Lang(ctx), Limit: labelsShown}
	filter.Category, _ = uuid.Parse(said.Get("category"))
	asked := filter.Text != "" || filter.Category != uuid.Nil
	if text := said.Get("since"); text != "" {
		date, err := retail.ParseDate(text)
		if err != nil {
			return nil, 0, nil, &retail.Error{Code: retail.Invalid, Key: "report.period", Err: err}
		}
		if filter.Only, err = catalog.Repriced(ctx, s.DB, date.Time(zoneOf(stores)), s.Now(), store); err != nil {
			return nil, 0, nil, err
		}
		filter.Only = append([]uuid.UUID{}, filter.Only...) // none is none, and not all
		asked = true
	}
	if codes := strings.Fields(said.Get("codes")); len(codes) > 0 {
		if filter.Only, unknown, err = s.coded(ctx, codes[:min(len(codes), labelsShown)]); err != nil {
			return nil, 0, nil, err
		}
		asked = true
	}
	if !asked {
		return nil, 0, nil, nil
	}
	page, err := catalog.Search(ctx, s.DB, filter)
	return page.Products, page.Total, unknown, err
}

// coded are the products with some SKUs or barcodes, and the codes of none.
func (s *site) coded(ctx context.Context, codes []string) (found []uuid.UUID, unknown []string, err error) {
	found = []uuid.UUID{}
	for _, code := range codes {
		p, err := catalog.ByCode(ctx, s.DB, code)
		var known *retail.Error
		if errors.As(err, &known) {
			unknown = append(unknown, code)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		found = append(found, p.ID)
	}
	return found, unknown, nil
}

func labelOf(ctx context.Context, p catalog.Product) shelfLabel {
	l := shelfLabel{name: language(ctx, p.Name), price: ui.Money(ctx, p.Price), code: p.SKU}
	if p.Weighed {
		l.price = ui.T(ctx, "labels.per_kilogram", "Price", l.price)
	} else if price, unit, ok := pricePer(p.Price, language(ctx, p.Name)); ok {
		l.per = ui.T(ctx, "labels.per", "Price", ui.Money(ctx, price), "Unit", unit)
	}
	if len(p.Barcodes) > 0 {
		l.code = p.Barcodes[0]
	}
	l.bars, l.width = barsOf(l.code)
	return l
}

// barsOf draws a code as EAN, or as Code 128 when it is none; nothing of one that no scanner reads.
func barsOf(code string) (bars []bar, width int) {
	var drawn barcode.Barcode
	var err error
	if drawn, err = ean.Encode(code); err != nil {
		if drawn, err = code128.Encode(code); err != nil {
			return nil, 0
		}
	}
	width = drawn.Bounds().Dx()
	for x := range width {
		if c, _, _, _ := drawn.At(x, 0).RGBA(); c != 0 {
			continue
		}
		if n := len(bars); n > 0 && bars[n-1].at+bars[n-1].width == x {
			bars[n-1].width++
		} else {
			bars = append(bars, bar{x, 1})
		}
	}
	return bars, width
}
