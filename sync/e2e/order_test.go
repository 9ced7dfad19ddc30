package e2e_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// customer is somebody at the shop, without JavaScript.
type customer struct {
	t    *testing.T
	base string
	http *http.Client
}

func visit(t *testing.T, hq *fleet.HQ) *customer {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	c := &customer{t: t, base: hq.URL(), http: &http.Client{Jar: jar}}
	c.post("/shop/prefs", "lang", "en", "next", "/shop/")
	return c
}

// get shows a page, and where it was found.
func (c *customer) get(path string) (page, at string) {
	c.t.Helper()
	return c.send(http.MethodGet, path, nil)
}

// post sends a form and follows where it leads.
func (c *customer) post(path string, fields ...string) (page, at string) {
	c.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return c.send(http.MethodPost, path, form)
}

func (c *customer) send(method, path string, form url.Values) (page, at string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(form.Encode()))
	require.NoError(c.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.http.Do(req)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return string(body), resp.Request.URL.Path
}

var hidden = regexp.MustCompile(`name="(order|seen-collect|seen-ship)" value="([^"]*)"`)

// order puts two of a product into the cart and orders it at a store, paid with a card; the address of the order's page.
func (c *customer) order(product, store, card string) (page, at string) {
	c.t.Helper()
	c.post("/shop/store", "store", store, "next", "/shop/")
	_, at = c.post("/shop/cart", "product", product, "quantity", "2")
	require.NotContains(c.t, at, "login")
	return c.pay(store, card)
}

func (c *customer) pay(store, card string) (page, at string) {
	c.t.Helper()
	page, _ = c.get("/shop/checkout")
	fields := []string{"delivery", "collect", "store", store, "name", "Jeanne Mance", "email", "jeanne@example.com", "phone", "", "card", card}
	for _, f := range hidden.FindAllStringSubmatch(page, -1) {
		fields = append(fields, f[1], f[2])
	}
	return c.post("/shop/checkout", fields...)
}

// state waits until the order of a page is in a state.
func stateOf(t *testing.T, database *pgx.Conn) (state retail.OrderState) {
	t.Helper()
	require.NoError(t, database.QueryRow(t.Context(), `SELECT state FROM orders.placed ORDER BY placed_at DESC LIMIT 1`).Scan(&state))
	return state
}

// A customer orders, is declined, and pays again; the store's till hears of it, accepts, picks by scanning and hands it over. It is one
// sale, of that till, and the stock of both sides is exact. The second order comes while the till is cut off.
func TestAnOrderOfTheShop(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	hq := headquarters(t)
	database := connect(t, hq)
	c := openCounter(t, hq, 1)
	staff, err := c.Lane.Till.Staff(ctx)
	require.NoError(t, err)
	for _, s := range staff {
		if s.Name == "David" { // an employee prepares orders; a cashier hands them over
			require.NoError(t, c.Lane.Till.SignIn(ctx, s.ID, "4444"))
		}
	}
	require.NoError(t, c.Drained(ctx))
	var product, store, sku string
	require.NoError(t, database.QueryRow(ctx, `
		SELECT p.id::text, l.id::text, p.sku FROM stock.level v JOIN stock.location l ON l.id = v.location_id JOIN catalog.product p ON p.id = v.product_id
		WHERE l.code = 'CV' AND v.on_hand > 9000 AND NOT p.made_here AND NOT p.weighed AND NOT p.open_price ORDER BY p.sku LIMIT 1`).Scan(&product, &store, &sku))
	goods, _, err := c.Ledger.ByCode(ctx, sku)
	require.NoError(t, err)
	before, err := c.Ledger.StockOf(ctx, goods.ID)
	require.NoError(t, err)

	jeanne := visit(t, hq)
	page, at := jeanne.order(product, store, "4000 0000 0000 9995")
	require.Contains(t, at, "/shop/orders/")
	require.Contains(t, page, "Nothing was charged")
	require.Equal(t, retail.OrderCancelled, stateOf(t, database))
	page, at = jeanne.pay(store, "4242 4242 4242 4242")
	require.Contains(t, at, "/shop/orders/", page)
	require.Equal(t, retail.OrderConfirmed, stateOf(t, database))

	c.serve(ctx, sku)
	require.NoError(t, c.Until(ctx, func() (bool, error) { return stateOf(t, database) == retail.OrderCollected, nil }))
	page, _ = jeanne.get(at)
	require.Contains(t, page, `data-figure="state">Collected`)

	// With the till cut off: it hears of the order when its line is back.
	require.NoError(t, hq.Stop())
	require.NoError(t, hq.Start(ctx))
	jeanne.base, database = hq.URL(), connect(t, hq)
	_, at = jeanne.order(product, store, "4242 4242 4242 4242")
	require.Contains(t, at, "/shop/orders/")
	c.serve(ctx, sku)
	require.NoError(t, c.Until(ctx, func() (bool, error) { return stateOf(t, database) == retail.OrderCollected, nil }))
	require.NoError(t, c.Drained(ctx))

	var orders, sales int
	require.NoError(t, c.Until(ctx, func() (bool, error) { // the money is taken by a job, once the answers are here
		err := database.QueryRow(ctx, `SELECT count(*) FROM orders.placed WHERE state = 'collected' AND captured_at IS NOT NULL`).Scan(&orders)
		return orders == 2, err
	}))
	require.NoError(t, database.QueryRow(ctx, `
		SELECT count(*) FROM sales.document d JOIN orders.placed o ON o.sold_till = d.till_id AND o.sold_epoch = d.epoch AND o.sold_number = d.number
		WHERE d.total = o.total`).Scan(&sales))
	require.Equal(t, 2, sales, "each is one sale of the till that handed it over")
	var online, ordered int64
	require.NoError(t, database.QueryRow(ctx, `SELECT (SELECT sum(online) FROM sales.hourly), (SELECT sum(total) FROM orders.placed WHERE state = 'collected')`).Scan(&online, &ordered))
	require.Equal(t, ordered, online, "it is in the reports as what the shop was paid, and not as a card")
	var reserved, onHand int64
	require.NoError(t, database.QueryRow(ctx, `SELECT reserved, on_hand FROM stock.level WHERE location_id = $1 AND product_id = $2`, store, product).Scan(&reserved, &onHand))
	require.Zero(t, reserved)
	require.Equal(t, int64(before.Here-4*money.One), onHand)
	require.NoError(t, c.Until(ctx, func() (bool, error) {
		now, err := c.Ledger.StockOf(ctx, goods.ID)
		return now.Here == before.Here-4*money.One, err
	}))
	require.Zero(t, flags(t, database, "order"))
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}

// serve prepares the one order that waits, by scanning, and hands it over.
func (c *counter) serve(ctx context.Context, sku string) {
	c.t.Helper()
	var todo int
	require.NoError(c.t, c.Until(ctx, func() (bool, error) {
		var err error
		todo, err = c.Lane.Till.OrdersToDo(ctx)
		return todo == 1, err
	}))
	waiting, err := c.Lane.Till.Orders(ctx, "jeanne")
	require.NoError(c.t, err)
	require.Len(c.t, waiting, 1)
	o := waiting[0]
	require.NoError(c.t, c.Lane.Till.AcceptOrder(ctx, o.ID))
	picking, err := c.Lane.Till.PickOrder(ctx, o.ID)
	require.NoError(c.t, err)
	_, err = picking.Scan(ctx, "2*"+sku)
	require.NoError(c.t, err)
	require.NoError(c.t, picking.Ready(ctx, false))
	sold, err := c.Lane.Till.HandOver(ctx, o.ID, false)
	require.NoError(c.t, err)
	require.Equal(c.t, o.Total, sold.Receipt.Sale.Total)
	require.Equal(c.t, retail.TenderOnline, sold.Receipt.Sale.Tenders[0].Kind)
	again, err := c.Lane.Till.HandOver(ctx, o.ID, false)
	if err == nil {
		require.Equal(c.t, sold.Receipt.Number, again.Receipt.Number, "a second press hands nothing over")
	}
	left, err := c.Lane.Till.Orders(ctx, "")
	require.NoError(c.t, err)
	require.Empty(c.t, left)
}
