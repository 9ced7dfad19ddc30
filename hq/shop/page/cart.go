package page

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/order"
	"comptant/hq/shop"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// lineView is a line of a cart or an order.
type lineView struct {
	face
	product       uuid.UUID
	name          string
	quantity      int
	price, amount string
	warning       string // of the stock
	gone          bool   // sold no more
}

// sumView is a row below the lines.
type sumView struct{ label, amount string }

// totalsView is what lines come to.
type totalsView struct {
	sums  []sumView
	total string
	// label names the currency.
	label string
	// cents and code are the total that the form says was seen.
	cents int64
	code  string
}

type cartView struct {
	lines   []lineView
	totals  totalsView
	blocked bool
	most    int
}

func (s *site) cart(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visitOf(r.Context())
	page := cartView{most: shop.MostUnits}
	if len(v.cart.Lines) > 0 {
		quote, err := s.Shop.Quote(ctx, v.priceAt(), ui.Lang(ctx), v.cart.Lines)
		if err != nil {
			return err
		}
		there, err := s.availableAt(ctx, v.store.ID, v.cart.Lines)
		if err != nil {
			return err
		}
		page.lines, page.totals = linesOf(ctx, quote.Lines, quote.Products), totalsOf(ctx, quote.Totals, quote.Currency)
		for i, l := range page.lines {
			if v.store.ID == uuid.Nil {
				break
			}
			left := there[l.product].Available / money.One
			switch {
			case left < 1:
				page.lines[i].warning = ui.T(ctx, "shop.not_here", "Store", v.short[v.store.ID])
			case int(left) < l.quantity:
				page.lines[i].warning = ui.T(ctx, "shop.only_here", "Count", int(left), "Store", v.short[v.store.ID])
			}
		}
		for _, p := range quote.Withdrawn {
			page.blocked = true
			page.lines = append(page.lines, lineView{
				face: faceOf(p, p.Name.In(ui.Lang(ctx))), product: p.ID, name: p.Name.In(ui.Lang(ctx)), gone: true,
				warning: ui.T(ctx, "shop.withdrawn"),
			})
		}
	}
	return s.show(w, r, view{title: ui.T(ctx, "shop.cart")}, cartContent(v, page))
}

// priceAt is where prices and taxes are read before anybody has said where it is bought.
func (v visit) priceAt() retail.Location {
	switch {
	case v.store.ID != uuid.Nil:
		return v.store
	case len(v.depots) > 0:
		return v.depots[0]
	}
	return retail.Location{Zone: "UTC"}
}

func (s *site) availableAt(ctx context.Context, place uuid.UUID, lines []shop.CartLine) (map[uuid.UUID]order.Available, error) {
	if place == uuid.Nil {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(lines))
	for i, l := range lines {
		ids[i] = l.Product
	}
	return s.Shop.Available(ctx, place, ids)
}

// linesOf are lines as they are shown; products may lack some.
func linesOf(ctx context.Context, lines []retail.Line, products map[uuid.UUID]catalog.Product) []lineView {
	shown := make([]lineView, len(lines))
	for i, l := range lines {
		name := l.Name
		if p, ok := products[l.Product]; ok {
			name = p.Name.In(ui.Lang(ctx))
		}
		shown[i] = lineView{
			face: faceOf(products[l.Product], name), product: l.Product, name: name,
			quantity: int(l.Quantity / money.One), price: ui.Money(ctx, l.UnitPrice), amount: ui.Money(ctx, l.Amount),
		}
	}
	return shown
}

func totalsOf(ctx context.Context, t retail.Totals, code string) totalsView {
	ctx = visitOf(ctx).paid(ctx, code)
	lang := ui.Lang(ctx)
	v := totalsView{
		sums:  []sumView{{ui.T(ctx, "shop.subtotal"), ui.Money(ctx, t.Subtotal)}},
		total: ui.Money(ctx, t.Total), label: ui.T(ctx, "shop.total", "Currency", code), cents: int64(t.Total), code: code,
	}
	for _, c := range t.Charges {
		v.sums = append(v.sums, sumView{c.Name.In(lang), ui.Money(ctx, c.Amount)})
	}
	for _, tax := range t.Taxes {
		label := tax.Name.In(lang) + " " + tax.Rate.Format(lang)
		if tax.Included {
			label = ui.T(ctx, "shop.tax_inside", "Tax", label)
		}
		v.sums = append(v.sums, sumView{label, ui.Money(ctx, tax.Amount)})
	}
	return v
}

// addToCart puts a product into the visitor's own cart.
func (s *site) addToCart(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	product, err := uuid.Parse(r.PostFormValue("product"))
	if err != nil {
		return &retail.Error{Code: retail.NotFound, Key: "error.page", Err: err}
	}
	quantity, err := quantityOf(r)
	if err != nil {
		return err
	}
	if err := s.Shop.Add(ctx, owner(w, r), product, quantity); err != nil {
		return err
	}
	p, err := catalog.Get(ctx, s.DB, product)
	if err != nil {
		return err
	}
	ui.KeepFlash(w, r, ui.Flash{Tone: ui.ToneOK, Text: ui.T(ctx, "shop.added", "Quantity", ui.Quantity(ctx, quantity), "Name", p.Name.In(ui.Lang(ctx)))})
	http.Redirect(w, r, "/shop/products/"+product.String(), http.StatusSeeOther)
	return nil
}

// changeCart sets a quantity, or takes the product out.
func (s *site) changeCart(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), visitOf(r.Context()).who
	product, err := idOf(r, "product")
	if err != nil {
		return err
	}
	if r.PostFormValue("do") == "remove" {
		err = s.Shop.Remove(ctx, who, product)
	} else {
		var quantity money.Quantity
		if quantity, err = quantityOf(r); err == nil {
			err = s.Shop.SetQuantity(ctx, who, product, quantity)
		}
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/shop/cart", http.StatusSeeOther)
	return nil
}

// quantityOf reads how many pieces a form says.
func quantityOf(r *http.Request) (money.Quantity, error) {
	q, err := money.ParseQuantity(r.PostFormValue("quantity"))
	if err != nil {
		return 0, &retail.Error{Code: retail.Invalid, Key: "cart.quantity", Args: map[string]any{"most": shop.MostUnits}, Err: err}
	}
	return q, nil
}
