package page

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/shop"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// moreCards is how many others of its category stand below a product.
const moreCards = 4

// atPlace is what a location has of a product, or of a cart.
type atPlace struct {
	name, text, age string
	lines           int // of the cart, of which it has enough
	there           bool
}

// productView is a product's page.
type productView struct {
	card
	sku, category, categoryHref string
	note                        string // taxes and deposits
	here, depot                 atPlace
	hasDepot                    bool
	elsewhere                   []atPlace
	more                        []card
	most                        int
}

func (s *site) product(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visitOf(r.Context())
	id, err := idOf(r, "product")
	if err != nil {
		return err
	}
	p, err := catalog.Get(ctx, s.DB, id)
	if err != nil {
		return err
	}
	cards, err := s.cards(ctx, []catalog.Product{p})
	if err != nil {
		return err
	}
	page := productView{card: cards[0], sku: p.SKU, most: shop.MostUnits, hasDepot: len(v.depots) > 0}
	for _, c := range v.categories {
		if c.ID == p.Category {
			page.category, page.categoryHref = c.Name.In(ui.Lang(ctx)), "/shop/categories/"+c.ID.String()
		}
	}
	if page.online && v.store.ID != uuid.Nil {
		quote, err := s.Shop.Quote(ctx, v.store, ui.Lang(ctx), []shop.CartLine{{Product: p.ID, Quantity: money.One}})
		if err != nil {
			return err
		}
		page.note = priceNote(ctx, quote)
		if err := s.stockOf(ctx, v, p.ID, &page); err != nil {
			return err
		}
	}
	found, err := catalog.Search(ctx, s.DB, catalog.Filter{Category: p.Category, Lang: ui.Lang(ctx), Limit: 40})
	if err != nil {
		return err
	}
	var others []catalog.Product
	for _, o := range found.Products {
		if o.ID != p.ID && shop.Sold(o) && len(others) < moreCards {
			others = append(others, o)
		}
	}
	if page.more, err = s.cards(ctx, others); err != nil {
		return err
	}
	status := http.StatusOK
	if p.RetiredAt != nil {
		status = http.StatusGone
	}
	return s.show(w, r, view{title: page.name, category: p.Category.String(), status: status}, productContent(v, page))
}

// stockOf fills in what every place has of a product, the chosen store first.
func (s *site) stockOf(ctx context.Context, v visit, product uuid.UUID, page *productView) error {
	look := func(at retail.Location) (atPlace, error) {
		found, err := s.Shop.Available(ctx, at.ID, []uuid.UUID{product})
		if err != nil {
			return atPlace{}, err
		}
		a := found[product]
		name := at.Name
		if short, ok := v.short[at.ID]; ok {
			name = short
		}
		place := atPlace{name: name, there: a.Available >= money.One, text: ui.T(ctx, "shop.out")}
		if !a.At.IsZero() {
			place.age = ui.Ago(ctx, max(s.Now().Sub(a.At), 0))
		}
		if place.there {
			place.text = ui.T(ctx, "shop.units", "Count", int(a.Available/money.One))
		}
		return place, nil
	}
	var err error
	if page.here, err = look(v.store); err != nil {
		return err
	}
	if len(v.depots) > 0 {
		depot, _, err := s.shipsFrom(ctx, v, []shop.CartLine{{Product: product, Quantity: money.One}})
		if err != nil {
			return err
		}
		if page.depot, err = look(depot); err != nil {
			return err
		}
	}
	for _, l := range v.stores[:min(len(v.stores), mostStores)] {
		if l.ID == v.store.ID {
			continue
		}
		place, err := look(l)
		if err != nil {
			return err
		}
		page.elsewhere = append(page.elsewhere, place)
	}
	return nil
}

// mostStores is how many stores a page looks into.
const mostStores = 12

// priceNote says what comes to the price of one piece at the till, and what is in it.
func priceNote(ctx context.Context, q shop.Quote) string {
	var parts, added, included []string
	for _, t := range q.Taxes {
		name := t.Name.In(ui.Lang(ctx))
		if t.Included {
			included = append(included, name)
		} else {
			added = append(added, name)
		}
	}
	switch {
	case len(added) > 0:
		parts = append(parts, ui.T(ctx, "shop.plus_taxes", "Taxes", strings.Join(added, ", ")))
	case len(included) > 0:
		parts = append(parts, ui.T(ctx, "shop.taxes_inside", "Taxes", strings.Join(included, ", ")))
	default:
		parts = append(parts, ui.T(ctx, "shop.no_taxes"))
	}
	for _, c := range q.Charges {
		parts = append(parts, ui.T(ctx, "shop.plus_charge", "Name", c.Name.In(ui.Lang(ctx)), "Amount", ui.Money(ctx, c.Amount)))
	}
	return strings.Join(parts, " · ")
}
