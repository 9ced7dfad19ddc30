package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/importer"
	"comptant/hq/intake"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/pgtest"
	"comptant/hq/shop"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// sunday is the time of every test, unless it moves the clock: 14:32 in Montréal.
var sunday = time.Date(2026, 11, 22, 19, 32, 8, 0, time.UTC)

// world is the API behind a test server, with two stores, a warehouse and two products.
type world struct {
	t        *testing.T
	db       *db.DB
	desk     *intake.Desk
	orders   *order.Desk
	server   *httptest.Server
	now      time.Time
	document *document
	letters  []string // that were sent
	// token is that of every request that says no other.
	token string

	north, south, depot retail.Location
	grocery             retail.Category
	syrup, soap         catalog.Product
}

func newWorld(t *testing.T) *world {
	return newWorldOn(t, pgtest.New(t), slog.New(slog.NewTextHandler(t.Output(), nil)))
}

// newWorldOn is newWorld on a database, with a log.
func newWorldOn(t *testing.T, d *db.DB, log *slog.Logger) *world {
	w := &world{t: t, db: d, now: sunday}
	now := func() time.Time { return w.now }
	w.desk = intake.New(w.db, log, now)
	gateway := payments.NewSandbox(w.db, now, payments.Delays{Pause: time.Microsecond, Late: 5 * time.Second})
	w.orders = order.New(order.Config{DB: w.db, Payments: payments.New(w.db, gateway, log, now), Log: log, Now: now})
	notifier := feed.NewNotifier(w.db, log)
	imports := importer.NewDesk(w.db, log, now)
	handler, err := api.New(api.Config{
		Labels:  func(_ context.Context, asked url.Values) ([]byte, error) { return []byte(asked.Encode()), nil }, // see TestProgramsPrintLabels
		Imports: imports, URL: "https://hq.example", Mail: func(_ context.Context, to, _, text string) error {
			w.letters = append(w.letters, to+": "+text)
			return nil
		},
		DB: w.db, Tokens: users.NewTokenDesk(w.db, notifier), Places: stock.NewPlaces(w.db, notifier), Products: catalog.NewProducts(w.db, notifier), Journal: w.desk, Orders: w.orders, Shop: shop.New(shop.Config{DB: w.db, Desk: w.orders, Prices: catalog.NewPriceList(w.db, notifier, now), Now: now}), Watch: http.HandlerFunc(figures), Version: "1.0", Now: now, Log: log,
	})
	require.NoError(t, err)
	w.server = httptest.NewServer(handler)
	t.Cleanup(func() {
		w.server.Close()
		imports.Close()
	})
	w.document = readDocument(t, w.server.URL)
	w.token = w.newToken(users.Scopes...)
	w.open()
	return w
}

// figures stand for what Prometheus reads.
func figures(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "up 1\n") }

func (w *world) tx(fn func(tx *db.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.t.Context(), fn))
}

func (w *world) newToken(scopes ...users.Scope) (plain string) {
	w.t.Helper()
	w.tx(func(tx *db.Tx) (err error) {
		_, plain, err = users.NewToken(w.t.Context(), tx, users.Token{Name: "Comptabilité", Scopes: scopes, CreatedBy: "root"}, w.now)
		return err
	})
	return plain
}

func (w *world) open() {
	place := func(kind retail.LocationKind, code, name string) retail.Location {
		return retail.Location{ID: uuid.New(), Kind: kind, Code: code, Name: name, Zone: "America/Toronto"}
	}
	w.north, w.south = place(retail.LocationStore, "NO", "Magasin Nord"), place(retail.LocationStore, "SU", "Magasin Sud")
	w.depot = place(retail.LocationWarehouse, "CL", "Centre logistique")
	w.grocery = retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Épicerie", EN: "Grocery"}}
	product := func(sku, fr, en string, price money.Amount) catalog.Product {
		return catalog.Product{Cost: price / 2, Product: retail.Product{
			ID: uuid.New(), SKU: sku, Name: retail.Text{FR: fr, EN: en}, Category: w.grocery.ID, Price: price, Class: retail.Taxable, Pack: 12,
		}}
	}
	w.syrup, w.soap = product("204310", "Sirop d’érable", "Maple syrup", 1149), product("310412", "Savon à mains", "Hand soap", 499)
	w.syrup.Barcodes = []string{"4006381333931"}
	before := sunday.Add(-48 * time.Hour)
	w.tx(func(tx *db.Tx) error {
		ctx := w.t.Context()
		if err := stock.PutLocations(ctx, tx, w.north, w.south, w.depot); err != nil {
			return err
		}
		if err := catalog.EnsureCurrencies(ctx, tx, retail.Currencies()); err != nil {
			return err
		}
		if err := catalog.PutCategories(ctx, tx, w.grocery); err != nil {
			return err
		}
		if _, err := catalog.PutProducts(ctx, tx, before, []catalog.Product{w.syrup, w.soap}); err != nil {
			return err
		}
		return stock.Set(ctx, tx, before, uuid.New(), []stock.Found{
			{Location: w.depot.ID, Product: w.syrup.ID, OnHand: 640 * money.One, UnitCost: 574},
			{Location: w.north.ID, Product: w.syrup.ID, OnHand: 31 * money.One, UnitCost: 574},
			{Location: w.south.ID, Product: w.syrup.ID, OnHand: -2 * money.One},
			{Location: w.north.ID, Product: w.soap.ID, OnHand: 3 * money.One},
			{Location: w.south.ID, Product: w.soap.ID, OnHand: 90 * money.One},
		})
	})
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// send sends a request with the world's token, unless headers (names and values) say otherwise, and compares the answer with the
// document. A body is written as JSON, a string as it is.
func (w *world) send(method, path string, body any, headers ...string) answer {
	w.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		written, err := json.Marshal(b)
		require.NoError(w.t, err)
		content = bytes.NewReader(written)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+path, content)
	require.NoError(w.t, err)
	r.Header.Set("Authorization", "Bearer "+w.token)
	r.Header.Set("Accept-Language", "en")
	if content != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	a := answer{w.t, resp.StatusCode, resp.Header, read}
	w.document.check(w.t, method, strings.TrimPrefix(r.URL.Path, api.Root), a)
	return a
}

// ask is send, and wants a record of every deed that was done. One with an Idempotency-Key may have been done before.
func (w *world) ask(method, path string, body any, headers ...string) answer {
	w.t.Helper()
	if method == http.MethodGet || slices.Contains(headers, idempotency) {
		return w.send(method, path, body, headers...)
	}
	recorded := w.recorded()
	a := w.send(method, path, body, headers...)
	if a.status < http.StatusMultipleChoices {
		recorded++
	}
	require.Equal(w.t, recorded, w.recorded(), "records of %s %s", method, path)
	return a
}

func (w *world) get(path string, headers ...string) answer {
	w.t.Helper()
	return w.ask(http.MethodGet, api.Root+path, nil, headers...)
}

func (w *world) post(path string, body any, headers ...string) answer {
	w.t.Helper()
	return w.ask(http.MethodPost, api.Root+path, body, headers...)
}

func (w *world) put(path string, body any, headers ...string) answer {
	w.t.Helper()
	return w.ask(http.MethodPut, api.Root+path, body, headers...)
}

func (w *world) patch(path string, body any, headers ...string) answer {
	w.t.Helper()
	return w.ask(http.MethodPatch, api.Root+path, body, append([]string{"Content-Type", "application/merge-patch+json"}, headers...)...)
}

func (w *world) delete(path string, headers ...string) answer {
	w.t.Helper()
	return w.ask(http.MethodDelete, api.Root+path, nil, headers...)
}

// recorded is how much programs did, by the audit log.
func (w *world) recorded() (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.QueryRow(w.t.Context(), `SELECT count(*) FROM users.audit WHERE kind = 'program'`).Scan(&n))
	return n
}

// is requires a status, and gives the answer.
func (a answer) is(status int) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	return a
}

// problem requires that the answer is that something is wrong.
func (a answer) problem(status int, key string) answer {
	a.t.Helper()
	a.is(status)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	p := read[struct {
		Type, Title, Detail string
		Status              int
	}](a)
	require.Equal(a.t, "urn:comptant:"+key, p.Type)
	require.Equal(a.t, status, p.Status)
	require.NotEmpty(a.t, p.Title)
	require.NotEqual(a.t, key, p.Detail, "no words")
	require.NotContains(a.t, p.Detail, "<no value>")
	return a
}

func read[T any](a answer) (v T) {
	a.t.Helper()
	require.NoError(a.t, json.Unmarshal(a.body, &v), "%s", a.body)
	return v
}

// document is the API's own description.
type document struct {
	Paths  map[string]map[string]operation `json:"paths"`
	raw    []byte
	mu     sync.Mutex // schema is for one at a time
	schema *jsonschema.Compiler
}

type operation struct {
	OperationID string                `json:"operationId"`
	Security    []map[string][]string `json:"security"`
	Responses   map[string]struct {
		Content map[string]any `json:"content"`
	} `json:"responses"`
}

func readDocument(t *testing.T, url string) *document {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+api.Root+"/openapi.json", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	d := &document{schema: jsonschema.NewCompiler()}
	d.raw, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(d.raw, d))
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(d.raw))
	require.NoError(t, err)
	d.schema.DefaultDraft(jsonschema.Draft2020)
	d.schema.AssertFormat()
	require.NoError(t, d.schema.AddResource("openapi.json", whole))
	return d
}

// find is the operation that answers a request, and its path in the document.
func (d *document) find(method, path string) (operation, string, bool) {
	parts := strings.Split(path, "/")
	for pattern, methods := range d.Paths {
		op, ok := methods[strings.ToLower(method)]
		wanted := strings.Split(pattern, "/")
		ok = ok && len(wanted) == len(parts)
		for i := 0; ok && i < len(parts); i++ {
			ok = parts[i] == wanted[i] || strings.HasPrefix(wanted[i], "{") && !d.exact(method, parts, i)
		}
		if ok {
			return op, pattern, true
		}
	}
	return operation{}, "", false
}

// exact tells whether an address with the same part, word for word, is described too: that one answers.
func (d *document) exact(method string, parts []string, i int) bool {
	for pattern, methods := range d.Paths {
		wanted := strings.Split(pattern, "/")
		if _, ok := methods[strings.ToLower(method)]; ok && len(wanted) == len(parts) && wanted[i] == parts[i] && wanted[1] == parts[1] {
			return true
		}
	}
	return false
}

// check compares an answer with what the document says of it.
func (d *document) check(t *testing.T, method, path string, a answer) {
	t.Helper()
	op, pattern, ok := d.find(method, path)
	if !ok {
		return // no operation: see TestStrays
	}
	status := fmt.Sprint(a.status)
	said, ok := op.Responses[status]
	require.True(t, ok, "%s answers %s, which the document does not say: %s", op.OperationID, status, a.body)
	if len(said.Content) == 0 {
		require.Empty(t, a.body, op.OperationID)
		return
	}
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	require.Contains(t, said.Content, kind, op.OperationID)
	if !strings.HasSuffix(kind, "json") {
		return
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	d.mu.Lock()
	schema, err := d.schema.Compile("openapi.json#/paths/" + escape.Replace(pattern) + "/" + strings.ToLower(method) +
		"/responses/" + status + "/content/" + escape.Replace(kind) + "/schema")
	d.mu.Unlock()
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(value), "%s answers %s: %s", op.OperationID, status, a.body)
}
