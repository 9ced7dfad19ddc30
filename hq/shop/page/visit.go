package page

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/shop"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

const (
	// cookieLife is the longest that a session or a cart can last; both end earlier by themselves.
	cookieLife = 180 * 24 * time.Hour
	storeLife  = 365 * 24 * time.Hour
)

// visit is who asks, and what every page shows of it.
type visit struct {
	// account is the customer who is signed in; the zero account for nobody.
	account users.Account
	who     shop.Who
	cart    shop.Cart
	// store is the one that was chosen, or the first; zero where there is none.
	store retail.Location
	// depots are the warehouses, which ship.
	stores, depots []retail.Location
	short          map[uuid.UUID]string
	categories     []retail.Category
	symbols        map[string]string
}

type visitKey struct{}

func visitOf(ctx context.Context) visit {
	v, _ := ctx.Value(visitKey{}).(visit)
	return v
}

func (v visit) signedIn() bool { return v.account.Customer != uuid.Nil }

// visited finds out who asks before a page is made.
func (s *site) visited(next handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.visit(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		ctx := context.WithValue(r.Context(), visitKey{}, v)
		r = r.WithContext(v.paid(ctx, v.store.Currency))
		if err := next(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *site) visit(r *http.Request) (v visit, err error) {
	ctx := r.Context()
	if token := cookieOf(r, sessionCookie); token != "" {
		account, err := s.Accounts.Session(ctx, token)
		if err == nil {
			v.account = account
		} else if s.known(r, err).Code != retail.Forbidden {
			return v, err
		}
	}
	v.who = shop.Who{Customer: v.account.Customer, Visitor: cookieOf(r, visitorCookie)}
	if v.cart, err = s.Shop.Cart(ctx, v.who); err != nil {
		return v, err
	}
	locations, err := stock.Locations(ctx, s.DB)
	if err != nil {
		return v, err
	}
	chosen := ""
	if c, err := r.Cookie(storeCookie); err == nil {
		chosen = c.Value
	}
	for _, l := range locations {
		switch {
		case l.Kind == retail.LocationStore:
			v.stores = append(v.stores, l)
			if v.store.ID == uuid.Nil || l.ID.String() == chosen {
				v.store = l
			}
		default:
			v.depots = append(v.depots, l)
		}
	}
	v.short = shortNames(v.stores)
	if v.categories, err = catalog.Categories(ctx, s.DB); err != nil {
		return v, err
	}
	currencies, err := catalog.Currencies(ctx, s.DB)
	if err != nil {
		return v, err
	}
	v.symbols = map[string]string{}
	for _, c := range append(retail.Currencies(), currencies...) {
		v.symbols[c.Code] = c.Symbol
	}
	return v, nil
}

// paid is a context in which amounts are written in a currency.
func (v visit) paid(ctx context.Context, code string) context.Context {
	code = cmp.Or(code, retail.DefaultCurrency)
	return ui.WithCurrency(ctx, ui.Currency{Code: code, Symbol: cmp.Or(v.symbols[code], code)})
}

// place gives one of the stores or warehouses by its id.
func (v visit) place(id uuid.UUID) (retail.Location, bool) {
	all := slices.Concat(v.stores, v.depots)
	i := slices.IndexFunc(all, func(l retail.Location) bool { return l.ID == id })
	if i < 0 {
		return retail.Location{}, false
	}
	return all[i], true
}

// shortNames drops the first word that all names share: "Magasin Nord" is "Nord".
func shortNames(stores []retail.Location) map[uuid.UUID]string {
	short, first := map[uuid.UUID]string{}, ""
	for i, l := range stores {
		word, rest, _ := strings.Cut(l.Name, " ")
		if i == 0 {
			first = word
		}
		if word != first || rest == "" {
			first = ""
		}
	}
	for _, l := range stores {
		short[l.ID] = l.Name
		if first != "" && len(stores) > 1 {
			short[l.ID] = strings.TrimPrefix(l.Name, first+" ")
		}
	}
	return short
}

// The cookies: who is signed in, whose cart it is, and which store was chosen. The customers' are apart from those of who works here.
const (
	sessionCookie = "shop-session"
	visitorCookie = "shop-visitor"
	storeCookie   = "shop-store"
)

// cookieName has browsers take a secret from this host over TLS only.
func cookieName(r *http.Request, name string) string {
	if r.TLS != nil {
		return "__Host-" + name
	}
	return name
}

// cookieOf is what a browser holds; empty for nothing.
func cookieOf(r *http.Request, name string) string {
	c, err := r.Cookie(cookieName(r, name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie has a browser hold a secret, or drop it when it is empty.
func setCookie(w http.ResponseWriter, r *http.Request, name, value string) {
	age := int(cookieLife.Seconds())
	if value == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(r, name), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

// owner is who a cart may be made for: a visitor who has none yet gets a token of their own, that nobody else was ever given.
func owner(w http.ResponseWriter, r *http.Request) shop.Who {
	who := visitOf(r.Context()).who
	if who.Customer == uuid.Nil && len(who.Visitor) < len(secret.Token()) {
		who.Visitor = secret.Token()
		setCookie(w, r, visitorCookie, who.Visitor)
	}
	return who
}

// chooseStore keeps which store a visitor goes to.
func (s *site) chooseStore(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PostFormValue("store"))
	if _, ok := visitOf(r.Context()).place(id); err != nil || !ok {
		return &retail.Error{Code: retail.NotFound, Key: "location.unknown"}
	}
	http.SetCookie(w, &http.Cookie{
		Name: storeCookie, Value: id.String(), Path: "/shop/", MaxAge: int(storeLife.Seconds()), HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, local(r.Referer()), http.StatusSeeOther)
	return nil
}

// idOf reads an id from a part of the address.
func idOf(r *http.Request, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue(name))
	if err != nil {
		return id, &retail.Error{Code: retail.NotFound, Key: "error.page", Err: err}
	}
	return id, nil
}
