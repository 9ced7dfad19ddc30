package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"comptant/sync/e2e/fleet"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// caller is a program that uses the API with a token.
type caller struct {
	t     *testing.T
	base  string
	token string
}

// ask sends a request, gives the status, and reads the answer into what it is given; nil for what is not looked at.
func (p *caller) ask(t testing.TB, method, path string, body, into any) int {
	t.Helper()
	status, answer, err := p.send(t.Context(), method, path, body)
	require.NoError(t, err)
	if into != nil {
		require.NoError(t, json.Unmarshal(answer, into), string(answer))
	}
	return status
}

func (p *caller) send(ctx context.Context, method, path string, body any) (status int, answer []byte, err error) {
	var sent io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		sent = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.base+"/api/v1"+path, sent)
	if err != nil {
		return 0, nil, err
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// object is a JSON object that is sent.
type object = map[string]any

// chain is a headquarters with a demo, as programs, customers and managers use it.
type chain struct {
	*caller
	hq       *fleet.HQ
	database *pgx.Conn
	store    string
	products []string // with much stock in the store
}

const (
	goodCard  = "4242424242424242"
	badCard   = "4000000000009995"
	deafCard  = "4000000010000018" // the gateway charges, and its answer is lost
	unitPiece = 1000
)

func openChain(t *testing.T) *chain {
	t.Helper()
	c := &chain{hq: headquarters(t)}
	args := []string{"token", "add", "--name", "test"}
	for _, s := range []string{"catalog:read", "catalog:write", "stock:read", "stock:write", "sales:read", "users:read", "orders:read", "orders:write"} {
		args = append(args, "--scope", s)
	}
	token, err := c.hq.Command(t.Context(), args...)
	require.NoError(t, err)
	c.caller = &caller{t: t, base: c.hq.URL(), token: strings.TrimSpace(token)}
	c.database = connect(t, c.hq)
	rows, err := c.database.Query(t.Context(), `
		SELECT p.id::text FROM stock.level v JOIN stock.location l ON l.id = v.location_id JOIN catalog.product p ON p.id = v.product_id
		WHERE l.code = 'CV' AND v.on_hand > 9000 AND NOT p.made_here AND NOT p.weighed AND NOT p.open_price ORDER BY p.sku`)
	require.NoError(t, err)
	c.products, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	c.read(t, `SELECT id::text FROM stock.location WHERE code = 'CV'`, &c.store)
	return c
}

func (c *chain) read(t testing.TB, query string, into ...any) {
	t.Helper()
	require.NoError(t, c.database.QueryRow(t.Context(), query).Scan(into...), query)
}

// level is what a product has in the store.
func (c *chain) level(t testing.TB, product string) (onHand, reserved int64) {
	t.Helper()
	c.read(t, `SELECT on_hand, reserved FROM stock.level WHERE location_id = '`+c.store+`' AND product_id = '`+product+`'`, &onHand, &reserved)
	return onHand, reserved
}

// placed is the part of an order that is looked at.
type placed struct {
	ID, Code, State string
	Total           struct{ Amount int64 }
}

func (c *chain) basket(product string, units int, card string) object {
	return object{
		"id": uuid.NewString(), "location": c.store, "name": "Camille Roy", "email": "camille@example.com", "method": card,
		"lines": []object{{"product": product, "quantity": units * unitPiece}},
	}
}

// everything is all there is of money and goods, in one figure that changes when any of it does.
func (c *chain) everything(t testing.TB) (sum string) {
	t.Helper()
	var parts []string
	for _, table := range []string{
		"stock.level", "stock.movement", "stock.restock", "stock.shipment", "catalog.product", "catalog.category", "sales.document", "orders.placed",
		"payments.payment", "users.staff", "users.audit",
	} {
		var part string
		c.read(t, `SELECT count(*) || ':' || coalesce(sum(hashtextextended(x::text, 0)), 0) FROM `+table+` x`, &part)
		parts = append(parts, table+" "+part)
	}
	return strings.Join(parts, "\n")
}
