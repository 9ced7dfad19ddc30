package page_test

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/pgtest"
	"comptant/hq/shop"
	"comptant/hq/shop/page"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	password = "mot de passe des tests"
	approves = "4242 4242 4242 4242"
	declines = "4000 0000 0000 9995" // for want of funds
	unheard  = "4000 0000 1000 0034" // nobody hears whether it was charged, three times
)

var sunday = time.Date(2026, 11, 22, 19, 32, 8, 0, time.UTC)

// letter is a message that was sent.
type letter struct{ to, subject, text string }

// world is the shop of a headquarters behind a test server.
type world struct {
	t       testing.TB
	db      *db.DB
	desk    *order.Desk
	shop    *shop.Shop
	server  *httptest.Server
	letters chan letter
}

func serve(t testing.TB) *world {
	return serveOn(t, pgtest.New(t), slog.New(slog.NewTextHandler(t.Output(), nil)))
}

func now() time.Time { return sunday }

// serveOn is serve on a database, with a log.
func serveOn(t testing.TB, d *db.DB, log *slog.Logger) *world {
	return servePaid(t, d, log, payments.NewSandbox(d, now, payments.Delays{Pause: time.Microsecond, Late: time.Second}), "")
}

// servePaid is serveOn with a payment gateway, and the publishable key of Stripe where it is that.
func servePaid(t testing.TB, d *db.DB, log *slog.Logger, gateway payments.Gateway, stripeKey string) *world {
	w := &world{t: t, db: d, letters: make(chan letter, 10)}
	notifier := feed.NewNotifier(w.db, log)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- notifier.Run(ctx) }()
	w.desk = order.New(order.Config{DB: w.db, Payments: payments.New(w.db, gateway, log, now), Log: log, Now: now})
	w.shop = shop.New(shop.Config{DB: w.db, Desk: w.desk, Prices: catalog.NewPriceList(w.db, notifier, now), Now: now})
	mux := http.NewServeMux()
	mux.Handle("/static/", ui.Static())
	mux.Handle("/shop/", page.New(page.Config{
		DB: w.db, Shop: w.shop, Accounts: users.NewAccounts(w.db, now), Subscribe: notifier.Subscribe,
		Mail: func(_ context.Context, to, subject, text string) error {
			w.letters <- letter{to, subject, text}
			return nil
		},
		StripeKey: stripeKey, URL: "https://shop.example", Now: now, Log: log,
	}))
	w.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		w.server.CloseClientConnections()
		w.server.Close()
		stop()
		require.NoError(t, <-done)
	})
	return w
}

func (w *world) tx(fn func(tx *db.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.t.Context(), fn))
}

// goods are what the shop of the tests sells.
type goods struct {
	north, south, depot       retail.Location
	category                  retail.Category
	syrup, soap, coffee, last catalog.Product
}

// open opens two stores and a warehouse.
func (w *world) open() goods {
	place := func(kind retail.LocationKind, code, name string) retail.Location {
		return retail.Location{ID: uuid.New(), Kind: kind, Code: code, Name: name, Zone: "America/Toronto", Address: "100, rue de l’Exemple, Montréal"}
	}
	g := goods{
		north: place(retail.LocationStore, "NO", "Magasin Nord"), south: place(retail.LocationStore, "SU", "Magasin Sud"),
		depot:    place(retail.LocationWarehouse, "CL", "Centre logistique"),
		category: retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Épicerie", EN: "Grocery"}},
	}
	product := func(sku, fr, en string, price money.Amount, class retail.TaxClass) catalog.Product {
		return catalog.Product{Product: retail.Product{
			ID: uuid.New(), SKU: sku, Name: retail.Text{FR: fr, EN: en}, Category: g.category.ID, Price: price, Class: class,
		}}
	}
	g.syrup, g.soap = product("204310", "Sirop d’érable", "Maple syrup", 1149, retail.ZeroRated), product("310412", "Savon à mains", "Hand soap", 499, retail.Taxable)
	g.coffee, g.last = product("150101", "Café filtre", "Filter coffee", 199, retail.Taxable), product("500101", "Tuque de laine", "Wool tuque", 1999, retail.Taxable)
	g.coffee.MadeHere = true
	w.tx(func(tx *db.Tx) error {
		ctx := w.t.Context()
		if err := stock.PutLocations(ctx, tx, g.north, g.south, g.depot); err != nil {
			return err
		}
		if err := catalog.PutCategories(ctx, tx, g.category); err != nil {
			return err
		}
		if err := catalog.PutTaxRates(ctx, tx, retail.Quebec("1", "2")...); err != nil {
			return err
		}
		if _, err := catalog.PutProducts(ctx, tx, sunday.Add(-48*time.Hour), []catalog.Product{g.syrup, g.soap, g.coffee, g.last}); err != nil {
			return err
		}
		return stock.Set(ctx, tx, sunday.Add(-time.Hour), uuid.New(), []stock.Found{
			{Location: g.north.ID, Product: g.syrup.ID, OnHand: 16 * money.One},
			{Location: g.depot.ID, Product: g.syrup.ID, OnHand: 640 * money.One},
			{Location: g.north.ID, Product: g.soap.ID, OnHand: 30 * money.One},
			{Location: g.south.ID, Product: g.soap.ID, OnHand: 9 * money.One},
			{Location: g.depot.ID, Product: g.soap.ID, OnHand: 90 * money.One},
			{Location: g.north.ID, Product: g.last.ID, OnHand: money.One},
		})
	})
	return g
}

// visitor is a browser without scripts.
type visitor struct {
	w      *world
	client *http.Client
	lang   string
}

func (w *world) visitor() visitor {
	jar, err := cookiejar.New(nil)
	require.NoError(w.t, err)
	return visitor{w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, "fr"}
}

func (v visitor) get(path string) (status int, body string) {
	v.w.t.Helper()
	r, err := http.NewRequestWithContext(v.w.t.Context(), http.MethodGet, v.w.server.URL+path, nil)
	require.NoError(v.w.t, err)
	status, body, _ = v.do(r)
	return status, body
}

func (v visitor) post(path string, pairs ...string) (status int, body, location string) {
	v.w.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(v.w.t.Context(), http.MethodPost, v.w.server.URL+path, strings.NewReader(form.Encode()))
	require.NoError(v.w.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

func (v visitor) do(r *http.Request) (status int, body, location string) {
	v.w.t.Helper()
	r.Header.Set("Accept-Language", v.lang)
	resp, err := v.client.Do(r)
	require.NoError(v.w.t, err)
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	require.NoError(v.w.t, err)
	require.Contains(v.w.t, resp.Header.Get("Cache-Control"), "no-store", "%s may be kept and shown to somebody else", r.URL)
	require.Contains(v.w.t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
	return resp.StatusCode, strings.ReplaceAll(html.UnescapeString(string(read)), "\u00a0", " "), resp.Header.Get("Location")
}

func (v visitor) add(p catalog.Product, quantity string) {
	v.w.t.Helper()
	status, body, location := v.post("/shop/cart", "product", p.ID.String(), "quantity", quantity)
	require.Equal(v.w.t, http.StatusSeeOther, status, body)
	require.Equal(v.w.t, "/shop/products/"+p.ID.String(), location)
}

func (v visitor) register(email string) {
	v.w.t.Helper()
	status, body, _ := v.post("/shop/register", "name", "Alice Roy", "email", email, "password", password, "next", "/shop/cart")
	require.Equal(v.w.t, http.StatusSeeOther, status, body)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// checkout fills the form in and sends it; pairs come after what the form has, and count.
func (v visitor) checkout(pairs ...string) (status int, body, location string) {
	v.w.t.Helper()
	status, form := v.get("/shop/checkout")
	require.Equal(v.w.t, http.StatusOK, status)
	return v.post("/shop/checkout", append(v.filled(form), pairs...)...)
}

func (v visitor) filled(form string) []string {
	fields := []string{"name", "Alice Roy", "email", "alice@example.com", "card", approves}
	for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
		fields = append(fields, m[1], m[2])
	}
	return fields
}
