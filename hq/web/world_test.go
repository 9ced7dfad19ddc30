package web_test

import (
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/importer"
	"comptant/hq/intake"
	"comptant/hq/order"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
	"comptant/hq/shop/page"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/hq/web"
	"comptant/shared/health"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// sunday is the time of every test: 14:32 in Montréal.
var sunday = time.Date(2026, 11, 22, 19, 32, 8, 0, time.UTC)

// password is everybody's.
const password = "mot de passe des tests"

// findings are what headquarters finds of itself: something of each state.
var findings = []health.Finding{
	{Check: "disk", Is: health.Well, Says: "41.2 GB free of 200 GB"},
	{Check: "database", Is: health.Soon, Says: "cannot tell how old the last backup is: /var/backups/comptant/2026-11-21T02.dump"},
	{Check: "tills", Is: health.Bad, Says: "3 of 12 tills have been offline for more than an hour: Est, till 2; Centre-Ville, till 8; Centre-Ville, till 9"},
}

// world is headquarters behind a test server.
type world struct {
	t        testing.TB
	db       *db.DB
	desk     *intake.Desk
	orders   *order.Desk
	verifier *intake.Verifier
	server   *httptest.Server
	requests chan string           // method and path of what the browser asks for, when it is made
	before   func(r *http.Request) // comes before every answer, when there is one
}

// newWorld serves the dashboard of an empty headquarters with one person of each role.
func newWorld(t testing.TB) *world { return newWorldOn(t, pgtest.New(t), logTo(t)) }

// newWorldOn is newWorld on a database, with a log.
func newWorldOn(t testing.TB, d *db.DB, log *slog.Logger) *world {
	w := serve(t, d, log)
	hash, err := users.NewPassword(password)
	require.NoError(t, err)
	w.tx(func(tx *db.Tx) error {
		for _, role := range roles {
			s := users.Staff{ID: uuid.New(), Name: "Emma", Email: string(role) + "@comptant.example", Role: role, Lang: "fr"}
			if err := users.Put(t.Context(), tx, s, hash, users.PIN{}); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

// roles are those that have something to do at headquarters.
var roles = []retail.Role{retail.RoleAdministrator, retail.RoleManager, retail.RoleEmployee, retail.RoleWarehouse}

// serve serves the dashboard of an empty headquarters.
func serve(t testing.TB, d *db.DB, log *slog.Logger) *world {
	w := &world{t: t, db: d}
	now := func() time.Time { return sunday }
	w.desk = intake.New(w.db, log, now)
	notifier := feed.NewNotifier(w.db, log)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- notifier.Run(ctx) }()
	w.orders = takeOrders(w.db, log, now)
	imports := importer.NewDesk(w.db, log, time.Now)
	w.verifier = intake.NewVerifier(w.desk)
	handler := web.New(web.Config{
		Imports: imports, DB: w.db, InTx: w.db.InTx, Users: users.NewSessions(w.db, now), Journal: w.desk, Verifier: w.verifier, Examine: func(context.Context) []health.Finding { return findings }, Orders: w.orders, Subscribe: notifier.Subscribe, Version: "1.2.3", Now: now, Log: log,
		Snapshot: func(ctx context.Context, read func(stock.Querier) error) error {
			options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
			return w.db.InTxOptions(ctx, options, func(tx *db.Tx) error { return read(tx) })
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/shop/", page.New(page.Config{DB: w.db, Log: log})) // has the pictures of products
	mux.Handle("/", handler)
	w.server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if w.requests != nil && !strings.HasPrefix(r.URL.Path, "/static/") {
			w.requests <- r.Method + " " + r.URL.Path
		}
		if w.before != nil {
			w.before(r)
		}
		mux.ServeHTTP(out, r)
	}))
	t.Cleanup(func() {
		w.server.CloseClientConnections()
		w.server.Close()
		imports.Close()
		w.verifier.Close()
		stop()
		require.NoError(t, <-done)
	})
	return w
}

func (w *world) tx(fn func(tx *db.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.t.Context(), fn))
}

// chain is two stores, a warehouse and two products.
type chain struct {
	north, south, depot retail.Location
	syrup, soap         catalog.Product
}

// open opens the stores.
func (w *world) open() chain {
	place := func(kind retail.LocationKind, code, name string) retail.Location {
		return retail.Location{ID: uuid.New(), Kind: kind, Code: code, Name: name, Zone: "America/Toronto"}
	}
	c := chain{
		north: place(retail.LocationStore, "NO", "Magasin Nord"), south: place(retail.LocationStore, "SU", "Magasin Sud"),
		depot: place(retail.LocationWarehouse, "CL", "Centre logistique"),
	}
	category := retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Épicerie", EN: "Grocery"}}
	product := func(sku, fr, en string, price money.Amount) catalog.Product {
		return catalog.Product{Cost: price / 2, Product: retail.Product{
			ID: uuid.New(), SKU: sku, Name: retail.Text{FR: fr, EN: en}, Category: category.ID, Price: price, Class: retail.Taxable, Pack: 12,
		}}
	}
	c.syrup, c.soap = product("204310", "Sirop d’érable", "Maple syrup", 1149), product("310412", "Savon à mains", "Hand soap", 499)
	w.tx(func(tx *db.Tx) error {
		ctx := w.t.Context()
		if err := stock.PutLocations(ctx, tx, c.north, c.south, c.depot); err != nil {
			return err
		}
		if err := catalog.PutCategories(ctx, tx, category); err != nil {
			return err
		}
		if _, err := catalog.PutProducts(ctx, tx, sunday.Add(-48*time.Hour), []catalog.Product{c.syrup, c.soap}); err != nil {
			return err
		}
		return stock.Set(ctx, tx, sunday.Add(-48*time.Hour), uuid.New(), []stock.Found{
			{Location: c.depot.ID, Product: c.syrup.ID, OnHand: 640 * money.One, UnitCost: 574},
			{Location: c.north.ID, Product: c.syrup.ID, OnHand: 31 * money.One, UnitCost: 574},
			{Location: c.south.ID, Product: c.syrup.ID, OnHand: -2 * money.One},
			{Location: c.north.ID, Product: c.soap.ID, OnHand: 3 * money.One},
			{Location: c.south.ID, Product: c.soap.ID, OnHand: 90 * money.One},
		})
	})
	return c
}

var lastSeq uint64

// sell records the sale of a quantity of a product, paid by card without taxes.
func (w *world) sell(store retail.Location, at time.Time, p catalog.Product, units money.Quantity) sales.Document {
	w.t.Helper()
	zone, err := time.LoadLocation(store.Zone)
	require.NoError(w.t, err)
	lastSeq++
	amount := p.Price.Mul(units)
	d := sales.Document{
		Place:        sales.Place{Store: store.ID, Till: uuid.UUID{1}, Epoch: 1, Seq: lastSeq, At: at.In(zone)},
		BusinessDate: retail.DateOf(at.In(zone)), Number: lastSeq, Revenue: amount, Total: amount, Card: amount,
		Lines: []sales.Line{{Product: p.ID, Quantity: units, Revenue: amount, Cost: p.Cost.Mul(units)}},
	}
	w.tx(func(tx *db.Tx) error { return sales.Record(w.t.Context(), tx, []sales.Document{d}) })
	return d
}

// visitor is a browser without scripts.
type visitor struct {
	w      *world
	client *http.Client
}

func (w *world) visitor() visitor {
	jar, err := cookiejar.New(nil)
	require.NoError(w.t, err)
	return visitor{w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a visitor who has signed in.
func (w *world) as(role retail.Role) visitor {
	w.t.Helper()
	return w.signedIn(string(role) + "@comptant.example")
}

func (w *world) signedIn(email string) visitor {
	w.t.Helper()
	v := w.visitor()
	status, _, location := v.post("/login", "email", email, "password", password)
	require.Equal(w.t, http.StatusSeeOther, status)
	require.Equal(w.t, "/", location)
	return v
}

// managerOf is a manager of one store, who has signed in.
func (w *world) managerOf(store retail.Location) visitor {
	w.t.Helper()
	hash, err := users.NewPassword(password)
	require.NoError(w.t, err)
	w.tx(func(tx *db.Tx) error {
		s := users.Staff{ID: uuid.New(), Name: "Luc", Email: "luc@comptant.example", Role: retail.RoleManager, Lang: "fr", Stores: []uuid.UUID{store.ID}}
		return users.Put(w.t.Context(), tx, s, hash, users.PIN{})
	})
	v := w.visitor()
	_, _, location := v.post("/login", "email", "luc@comptant.example", "password", password)
	require.Equal(w.t, "/", location)
	return v
}

func (v visitor) get(path string) (status int, body, location string) {
	v.w.t.Helper()
	r, err := http.NewRequestWithContext(v.w.t.Context(), http.MethodGet, v.w.server.URL+path, nil)
	require.NoError(v.w.t, err)
	return v.do(r)
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
	r.Header.Set("Accept-Language", "fr")
	resp, err := v.client.Do(r)
	require.NoError(v.w.t, err)
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	require.NoError(v.w.t, err)
	return resp.StatusCode, string(read), resp.Header.Get("Location")
}

func logTo(t testing.TB) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// enrol uses a code as a till would.
func (w *world) enrol(code string) wire.EnrolReply {
	w.t.Helper()
	reply, _ := w.enrolWithKey(code)
	return reply
}

func (w *world) enrolWithKey(code string) (wire.EnrolReply, ed25519.PrivateKey) {
	w.t.Helper()
	public, key, err := ed25519.GenerateKey(nil)
	require.NoError(w.t, err)
	reply, err := w.desk.Enrol(w.t.Context(), wire.EnrolRequest{Code: code, Key: public}, "127.0.0.1")
	require.NoError(w.t, err)
	return reply, key
}
