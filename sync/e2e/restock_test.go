package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"testing"

	"comptant/sync/e2e/fleet"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// A store asks, the manager approves a part through the dashboard's forms, the warehouse ships, the store receives; in the
// end both sides count the same, and the units that left the warehouse are the store's.
func TestRestock(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	database := connect(t, hq)
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", 1))
	till := start(t, program(t, "lane"), "--dir", dir)
	till.signIn()
	till.restock(1)
	till.say("drained")
	till.read("drained")

	var store, request, product, warehouse, sku string
	require.NoError(t, database.QueryRow(ctx, `
		SELECT r.location_id::text, r.id::text, l.product_id::text, p.sku, w.id::text
		FROM stock.restock r JOIN stock.restock_line l ON l.location_id = r.location_id AND l.restock_id = r.id
		JOIN catalog.product p ON p.id = l.product_id
		JOIN stock.location s ON s.id = r.location_id AND s.code = 'CV' CROSS JOIN stock.location w
		WHERE w.kind = 2 AND r.state = 1 ORDER BY r.requested_at DESC LIMIT 1`).Scan(&store, &request, &product, &sku, &warehouse))
	storeBefore, depotBefore := level(t, database, store, product), level(t, database, warehouse, product)

	manager := signIn(t, hq)
	path := hq.URL() + "/restock/" + store + "/" + request
	manager.post(path+"/decide", url.Values{"decision": {"part"}, "quantity-" + product: {"7"}})
	manager.post(path+"/ship", url.Values{"from": {warehouse}, "quantity-" + product: {"7"}})
	require.Equal(t, depotBefore-7000, level(t, database, warehouse, product))
	require.Equal(t, storeBefore, level(t, database, store, product), "in transit is not on the shelf")

	// The till hears of it, loses headquarters, receives all the same, and tells it later.
	till.say("shipments %d", 2)
	till.read("shipments")
	require.NoError(t, hq.Kill())
	till.say("receive")
	for range 2 { // the demo has one on its way already
		till.read("received")
	}
	require.NoError(t, hq.Start(ctx))
	till.say("drained")
	till.read("drained")
	require.Equal(t, storeBefore+7000, level(t, database, store, product))

	till.say("stock")
	var here map[string]int64
	require.NoError(t, json.Unmarshal([]byte(till.read("stock")), &here))
	require.Equal(t, storeBefore+7000, here[sku], "the till counts what it received")
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}

func level(t *testing.T, database *pgx.Conn, location, product string) (onHand int64) {
	t.Helper()
	require.NoError(t, database.QueryRow(t.Context(),
		`SELECT coalesce((SELECT on_hand FROM stock.level WHERE location_id = $1 AND product_id = $2), 0)`, location, product).Scan(&onHand))
	return onHand
}

// person is somebody signed in to the dashboard.
type person struct {
	t      *testing.T
	client *http.Client
}

func signIn(t *testing.T, hq *fleet.HQ) person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	p := person{t, &http.Client{Jar: jar}}
	p.post(hq.URL()+"/login", url.Values{"email": {emma}, "password": {password}})
	return p
}

// post sends a form and follows to the page it leads to.
func (p person) post(address string, form url.Values) {
	p.t.Helper()
	resp, err := p.client.PostForm(address, form)
	require.NoError(p.t, err)
	require.NoError(p.t, resp.Body.Close())
	require.Equal(p.t, http.StatusOK, resp.StatusCode, address)
}
