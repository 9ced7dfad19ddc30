package page

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/order"
	"comptant/hq/shop"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	// cardsShown is how many products a page of a list has.
	cardsShown = 24
	// cardsInSight is how many of them may be seen before anybody scrolls.
	cardsInSight = 12
	// longestSearch is how much of a search is looked for, in characters.
	longestSearch = 80
)

// card is a product in a list.
type card struct {
	face
	id            uuid.UUID
	name, price   string
	stock         string // what the chosen store has
	there, online bool
}

// listing is a list of products.
type listing struct {
	title, note string
	cards       []card
	next        string
}

// home leads to the categories, and shows what people buy first.
func (s *site) home(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visitOf(r.Context())
	page, err := catalog.Search(ctx, s.DB, catalog.Filter{Lang: ui.Lang(ctx), Limit: 200})
	if err != nil {
		return err
	}
	products := slices.DeleteFunc(page.Products, func(p catalog.Product) bool { return !shop.Sold(p) })
	// Favourites first; the order by name stays otherwise.
	slices.SortStableFunc(products, func(a, b catalog.Product) int {
		rank := func(p catalog.Product) int {
			if p.Favourite == 0 {
				return 1 << 20
			}
			return p.Favourite
		}
		return rank(a) - rank(b)
	})
	cards, err := s.cards(ctx, products[:min(len(products), 8)])
	if err != nil {
		return err
	}
	return s.show(w, r, view{title: ui.T(ctx, "shop.title")}, homeContent(v, cards))
}

// search shows what a text finds.
func (s *site) search(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	text := strings.TrimSpace(r.FormValue("q"))
	if long := []rune(text); len(long) > longestSearch {
		text = string(long[:longestSearch])
	}
	if text == "" {
		http.Redirect(w, r, "/shop/", http.StatusSeeOther)
		return nil
	}
	l, err := s.list(ctx, catalog.Filter{Text: text, After: r.FormValue("after")}, query("/shop/search", "q", text)+"&")
	if err != nil {
		return err
	}
	l.title = ui.T(ctx, "shop.search_title", "Text", text)
	return s.show(w, r, view{title: l.title, search: text}, listContent(l))
}

// category shows the products of one.
func (s *site) category(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := idOf(r, "category")
	if err != nil {
		return err
	}
	all := visitOf(ctx).categories
	at := slices.IndexFunc(all, func(c retail.Category) bool { return c.ID == id })
	if at < 0 {
		return &retail.Error{Code: retail.NotFound, Key: "category.unknown"}
	}
	l, err := s.list(ctx, catalog.Filter{Category: id, After: r.FormValue("after")}, "/shop/categories/"+id.String()+"?")
	if err != nil {
		return err
	}
	l.title = all[at].Name.In(ui.Lang(ctx))
	return s.show(w, r, view{title: l.title, category: id.String()}, listContent(l))
}

// list finds a page of products; more is where the following one is asked for, up to its query's last name.
func (s *site) list(ctx context.Context, f catalog.Filter, more string) (l listing, err error) {
	f.Lang, f.Limit = ui.Lang(ctx), cardsShown
	page, err := catalog.Search(ctx, s.DB, f)
	if err != nil {
		return l, err
	}
	if l.cards, err = s.cards(ctx, page.Products); err != nil {
		return l, err
	}
	l.note = ui.T(ctx, "shop.found", "Count", page.Total)
	if page.Next != "" {
		l.next = more + url.Values{"after": {page.Next}}.Encode()
	}
	return l, nil
}

// cards are products as lists show them, at the prices of the chosen store, with what it has of them.
func (s *site) cards(ctx context.Context, products []catalog.Product) ([]card, error) {
	ids := make([]uuid.UUID, len(products))
	for i, p := range products {
		ids[i] = p.ID
	}
	v := visitOf(ctx)
	priced, _, err := catalog.InForce(ctx, s.DB, s.Now(), v.store.ID, ids)
	if err != nil {
		return nil, err
	}
	there := map[uuid.UUID]order.Available{}
	if v.store.ID != uuid.Nil && len(ids) > 0 {
		if there, err = s.Shop.Available(ctx, v.store.ID, ids); err != nil {
			return nil, err
		}
	}
	cards := make([]card, len(products))
	for i, p := range products {
		c := card{
			face: faceOf(p, p.Name.In(ui.Lang(ctx))), id: p.ID, name: p.Name.In(ui.Lang(ctx)),
			price: ui.Money(ctx, priced[p.ID].Price), online: shop.Sold(p), there: there[p.ID].Available >= money.One,
		}
		switch {
		case !c.online:
			c.stock = ui.T(ctx, "shop.store_only")
		case c.there:
			c.stock = ui.T(ctx, "shop.here", "Store", v.short[v.store.ID])
		default:
			c.stock = ui.T(ctx, "shop.not_here", "Store", v.short[v.store.ID])
		}
		if p.Weighed {
			c.price = ui.T(ctx, "shop.per_kilo", "Price", c.price)
		}
		if p.OpenPrice {
			c.price = ""
		}
		cards[i] = c
	}
	return cards, nil
}

// initials stand where there is no picture: of the first two words of three letters or more, without an article that is elided.
func initials(name string) string {
	var found []rune
	for word := range strings.FieldsSeq(name) {
		if _, rest, ok := strings.Cut(word, "’"); ok {
			word = rest
		}
		if letters := []rune(word); len(letters) > 2 && unicode.IsLetter(letters[0]) && len(found) < 2 {
			found = append(found, unicode.ToUpper(letters[0]))
		}
	}
	return string(found)
}

// colours are how many tiles the style sheet colours.
const colours = 6

// colourOf is the class of a category's tiles.
func colourOf(category uuid.UUID) string {
	sum := 0
	for _, b := range category {
		sum += int(b)
	}
	return "tile-" + string(rune('1'+sum%colours))
}
