package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"comptant/sync/e2e/fleet"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// What the system that Comptant replaces did wrong, line by line as its users told, each shown to be right here: over the network, on a
// headquarters as it is run. The laws behind them are tested where they live (hq/order, hq/stock, hq/payments).
func TestWhatWasWrongBefore(t *testing.T) {
	t.Parallel()
	c := openChain(t)
	c.cutOff(t)
	for _, line := range []struct {
		wrong string
		right func(*testing.T, *chain)
	}{
		{"one cart shared by all customers of a store", oneCartEach},
		{"stock never restored by a compensation", compensated},
		{"a cancelled checkout that was not", cancelledIsCancelled},
		{"457 units removed for 240 sold at concurrency 16", sixteenAtOnce},
		{"a transfer to an unknown store that loses the unit", nowhereToSend},
		{"a duplicate e-mail that takes the users service down", sameEMailTwice},
		{"totals in integer columns, money in floats", moneyIsExact},
		{"updates that answer 500, deletes that answer 404 after deleting", answersAreTrue},
		{"changes by GET", looksChangeNothing},
		{"negative prices and quantities accepted", nothingNegative},
		{"a checkout completed twice", onceIsOnce},
		{"a best seller that is the largest single line", bestIsTheSum},
		{"reports that crash for a store without sales", newStoreHasReports},
		{"no authentication anywhere", everyDoorIsLocked},
		{"load balancing to a port nobody listened on", whereItListens},
		{"a saga that gets stuck and never resumes", resumed},
		{"two stock ledgers that disagree", oneLedger}, // after all of the above
	} {
		t.Run(line.wrong, func(t *testing.T) { line.right(t, c) })
	}
}

func oneCartEach(t *testing.T, c *chain) {
	adas, bens := "/ecommerce/carts/"+account(t, c, "ada"), "/ecommerce/carts/"+account(t, c, "ben")
	require.Equal(t, http.StatusOK, c.ask(t, http.MethodPost, adas+"/lines", object{"product": c.products[0], "quantity": 2 * unitPiece}, nil))
	var ada, ben struct{ Lines []object }
	c.ask(t, http.MethodGet, adas, nil, &ada)
	c.ask(t, http.MethodGet, bens, nil, &ben)
	require.Len(t, ada.Lines, 1)
	require.Empty(t, ben.Lines)
	// Nor do visitors share one.
	one, other := visit(t, c.hq), visit(t, c.hq)
	one.post("/shop/store", "store", c.store, "next", "/shop/")
	one.post("/shop/cart", "product", c.products[0], "quantity", "1")
	page, _ := one.get("/shop/cart")
	require.Contains(t, page, c.products[0])
	page, _ = other.get("/shop/cart")
	require.NotContains(t, page, c.products[0])
}

// registered is a customer with an account, at the shop; the page says what came of it.
func registered(t *testing.T, c *chain, email string) (page, at string) {
	t.Helper()
	return visit(t, c.hq).post("/shop/register", "name", "Somebody", "email", email, "phone", "", "password", "the password of "+email)
}

// account is the id of a customer who has just registered.
func account(t *testing.T, c *chain, name string) string {
	t.Helper()
	registered(t, c, name+"@example.com")
	var found struct{ Items []struct{ ID string } }
	require.Equal(t, http.StatusOK, c.ask(t, http.MethodGet, "/customers?q="+name+"%40example.com", nil, &found))
	require.Len(t, found.Items, 1)
	return found.Items[0].ID
}

func compensated(t *testing.T, c *chain) {
	product := c.products[0]
	onHand, reserved := c.level(t, product)
	var o placed
	require.Equal(t, http.StatusCreated, c.ask(t, http.MethodPost, "/ecommerce/orders", c.basket(product, 3, badCard), &o))
	require.Equal(t, "cancelled", o.State)
	nowOnHand, nowReserved := c.level(t, product)
	require.Equal(t, onHand, nowOnHand)
	require.Equal(t, reserved, nowReserved)
	var steps struct{ Items []struct{ To string } }
	c.ask(t, http.MethodGet, "/ecommerce/orders/"+o.ID+"/history", nil, &steps)
	var way []string
	for _, s := range steps.Items {
		way = append(way, s.To)
	}
	require.Equal(t, []string{"created", "stock_verified", "stock_reserved", "compensation_started", "cancelled"}, way)
}

func cancelledIsCancelled(t *testing.T, c *chain) {
	product := c.products[0]
	_, before := c.level(t, product)
	var o placed
	c.ask(t, http.MethodPost, "/ecommerce/orders", c.basket(product, 2, goodCard), &o)
	require.Equal(t, "order_confirmed", o.State)
	_, reserved := c.level(t, product)
	require.Equal(t, before+2*unitPiece, reserved)
	require.Equal(t, http.StatusOK, c.ask(t, http.MethodPost, "/ecommerce/orders/"+o.ID+"/cancel", object{"why": "changed my mind"}, &o))
	require.Equal(t, "cancelled", o.State)
	require.Equal(t, http.StatusOK, c.ask(t, http.MethodGet, "/ecommerce/orders/"+o.ID, nil, &o))
	require.Equal(t, "cancelled", o.State)
	_, reserved = c.level(t, product)
	require.Equal(t, before, reserved)
	var held string
	c.read(t, `SELECT state FROM payments.payment WHERE id = '`+o.ID+`'`, &held)
	require.Equal(t, "voided", held)
}

func sixteenAtOnce(t *testing.T, c *chain) {
	const clients, each = 16, 6
	product := c.products[1]
	onHand, reserved := c.level(t, product)
	free := (onHand - reserved) / unitPiece
	var all sync.WaitGroup
	var mu sync.Mutex
	var confirmed int64
	codes := map[string]bool{}
	for client := range clients {
		all.Go(func() {
			for i := range each {
				card := goodCard
				if (client+i)%5 == 0 {
					card = badCard
				}
				status, answer, err := c.send(t.Context(), http.MethodPost, "/ecommerce/orders", c.basket(product, 1, card))
				var o placed
				if err == nil {
					err = json.Unmarshal(answer, &o)
				}
				if err != nil || status != http.StatusCreated {
					t.Errorf("order: %d %v %s", status, err, answer)
					return
				}
				mu.Lock()
				if o.State == "order_confirmed" {
					confirmed++
				}
				codes[o.Code] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Len(t, codes, clients*each, "order ids that collide")
	nowOnHand, nowReserved := c.level(t, product)
	require.Equal(t, onHand, nowOnHand, "nothing leaves before it is handed over")
	require.Equal(t, reserved+confirmed*unitPiece, nowReserved)
	require.LessOrEqual(t, confirmed, free, "never oversold")
	require.Positive(t, confirmed)
}

// underWay counts the orders that nobody but headquarters can take on.
const underWay = `SELECT count(*) FROM orders.placed WHERE state NOT IN ('order_confirmed', 'cancelled')`

// cutOff kills headquarters in the middle of orders whose payment is slow to answer.
func (c *chain) cutOff(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			_, _, _ = c.send(ctx, http.MethodPost, "/ecommerce/orders", c.basket(c.products[2], 1, deafCard))
		})
	}
	for open := 0; open < 4; c.read(t, underWay, &open) {
		require.NoError(t, ctx.Err())
	}
	require.NoError(t, c.hq.Kill())
	all.Wait()
	require.NoError(t, c.hq.Start(ctx))
	c.base, c.database = c.hq.URL(), connect(t, c.hq)
}

// resumed waits until the orders of cutOff have ended by themselves.
func resumed(t *testing.T, c *chain) {
	for end, open := time.Now().Add(patience), 1; open > 0; time.Sleep(50 * time.Millisecond) {
		c.read(t, underWay, &open)
		require.True(t, time.Now().Before(end), "%d sagas are stuck", open)
	}
	var confirmed, charged int
	_, reserved := c.level(t, c.products[2])
	c.read(t, `
		SELECT count(*) FILTER (WHERE o.state = 'order_confirmed'), count(*) FILTER (WHERE p.state = 'authorised')
		FROM orders.placed o JOIN payments.payment p ON p.of_order = o.id WHERE o.lines @> '[{"Product": "`+c.products[2]+`"}]'`, &confirmed, &charged)
	require.Equal(t, 4, confirmed)
	require.Equal(t, 4, charged, "nobody is charged twice")
	require.EqualValues(t, 4*unitPiece, reserved)
}

func nowhereToSend(t *testing.T, c *chain) {
	const all = `SELECT sum(on_hand + in_transit) FROM stock.level`
	var before, after int64
	c.read(t, all, &before)
	status := c.ask(t, http.MethodPost, "/warehouse/restocks", object{"store": uuid.NewString(), "lines": []object{{"product": c.products[0], "quantity": 5 * unitPiece}}}, nil)
	require.Equal(t, http.StatusNotFound, status)
	c.read(t, all, &after)
	require.Equal(t, before, after)
	// To one that is there, the goods are on the way: none is lost.
	var asked struct{ ID string }
	require.Equal(t, http.StatusCreated, c.ask(t, http.MethodPost, "/warehouse/restocks",
		object{"store": c.store, "lines": []object{{"product": c.products[0], "quantity": 5 * unitPiece}}}, &asked))
	way := "/warehouse/restocks/" + c.store + "/" + asked.ID
	require.Equal(t, http.StatusOK, c.ask(t, http.MethodPost, way+"/approve", object{}, nil))
	var warehouse string
	c.read(t, `SELECT id::text FROM stock.location WHERE kind = 2 LIMIT 1`, &warehouse)
	require.Equal(t, http.StatusCreated, c.ask(t, http.MethodPost, way+"/ship", object{"warehouse": warehouse}, nil))
	c.read(t, all, &after)
	require.Equal(t, before, after)
}

func sameEMailTwice(t *testing.T, c *chain) {
	_, at := registered(t, c, "twin@example.com")
	require.NotContains(t, at, "register")
	_, at = registered(t, c, "Twin@Example.com")
	require.Contains(t, at, "register", "the second is refused")
	_, at = registered(t, c, "third@example.com")
	require.NotContains(t, at, "register", "and the next one is not")
	var n int
	c.read(t, `SELECT count(*) FROM users.account WHERE lower(email) = 'twin@example.com'`, &n)
	require.Equal(t, 1, n)
}

func moneyIsExact(t *testing.T, c *chain) {
	rows, err := c.database.Query(t.Context(), `
		SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'queue', 'river') AND data_type IN ('real', 'double precision', 'money')`)
	require.NoError(t, err)
	floats, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Empty(t, floats)
	// 3 at 0.33, with both taxes of Québec: 0.99 + 0.05 + 0.10.
	var p struct{ ID string }
	require.Equal(t, http.StatusCreated, c.ask(t, http.MethodPost, "/products", c.newProduct(t, "CENTS", 33), &p))
	require.Equal(t, http.StatusCreated, c.ask(t, http.MethodPost, "/warehouse/stock/adjustments",
		object{"location": c.store, "product": p.ID, "cause": "found", "to": 10 * unitPiece}, nil))
	var o placed
	require.Equal(t, http.StatusCreated, c.ask(t, http.MethodPost, "/ecommerce/orders", c.basket(p.ID, 3, goodCard), &o))
	require.EqualValues(t, 114, o.Total.Amount)
}

// newProduct is what makes a taxed product at a price, in cents.
func (c *chain) newProduct(t testing.TB, sku string, cents int) object {
	t.Helper()
	var category string
	c.read(t, `SELECT id::text FROM catalog.category LIMIT 1`, &category)
	return object{
		"sku": sku, "name": object{"fr": "Essai", "en": "Trial"}, "category": category, "price": object{"amount": cents, "currency": "CAD"}, "tax_class": 1,
	}
}

func answersAreTrue(t *testing.T, c *chain) {
	var p struct{ ID string }
	require.Equal(t, http.StatusCreated, c.ask(t, http.MethodPost, "/products", c.newProduct(t, "TRUE", 1000), &p))
	var changed struct{ Price struct{ Amount int } }
	require.Equal(t, http.StatusOK, c.ask(t, http.MethodPut, "/products/"+p.ID, c.newProduct(t, "TRUE", 1200), &changed))
	require.Equal(t, 1200, changed.Price.Amount)
	require.Equal(t, http.StatusNoContent, c.ask(t, http.MethodDelete, "/products/"+p.ID, nil, nil))
	var listed struct{ Items []object }
	c.ask(t, http.MethodGet, "/products?q=TRUE", nil, &listed)
	require.Empty(t, listed.Items)
	nobody := "/products/" + uuid.NewString()
	require.Equal(t, http.StatusNotFound, c.ask(t, http.MethodDelete, nobody, nil, nil))
	require.Equal(t, http.StatusNotFound, c.ask(t, http.MethodPut, nobody, c.newProduct(t, "NONE", 1000), nil))
}

var link = regexp.MustCompile(`href="(/[^"#]*)"`)

// looksChangeNothing follows every link of the dashboard that a manager sees, and their links.
func looksChangeNothing(t *testing.T, c *chain) {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	manager := &customer{t: t, base: c.hq.URL(), http: &http.Client{Jar: jar}}
	_, at := manager.send(http.MethodPost, "/login", url.Values{"email": {emma}, "password": {password}})
	require.NotContains(t, at, "login")
	before := c.everything(t)
	seen := map[string]bool{"/": true}
	for next, depth := []string{"/"}, 0; depth < 2; depth++ {
		var found []string
		for _, path := range next {
			page, _ := manager.get(path)
			for _, l := range link.FindAllStringSubmatch(page, -1) {
				path := strings.ReplaceAll(l[1], "&amp;", "&")
				if bare, _, _ := strings.Cut(path, "?"); !seen[bare] && len(seen) < 80 {
					seen[bare] = true
					found = append(found, path)
				}
			}
		}
		next = found
	}
	require.Greater(t, len(seen), 20)
	require.Equal(t, before, c.everything(t))
}

func nothingNegative(t *testing.T, c *chain) {
	before := c.everything(t)
	for what, ask := range map[string]struct {
		path string
		body object
	}{
		"a price":            {"/products", c.newProduct(t, "MINUS", -100)},
		"a quantity ordered": {"/ecommerce/orders", c.basket(c.products[0], -1, goodCard)},
		"none ordered":       {"/ecommerce/orders", c.basket(c.products[0], 0, goodCard)},
		"a quantity asked":   {"/warehouse/restocks", object{"store": c.store, "lines": []object{{"product": c.products[0], "quantity": -1000}}}},
		"a stock":            {"/warehouse/stock/adjustments", object{"location": c.store, "product": c.products[0], "cause": "mistake", "to": -1000}},
	} {
		status, answer, err := c.send(t.Context(), http.MethodPost, ask.path, ask.body)
		require.NoError(t, err)
		require.Contains(t, []int{http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity}, status, "%s: %s", what, answer)
	}
	require.Equal(t, before, c.everything(t))
}

func onceIsOnce(t *testing.T, c *chain) {
	product := c.products[0]
	_, before := c.level(t, product)
	basket := c.basket(product, 1, goodCard)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			status, answer, err := c.send(t.Context(), http.MethodPost, "/ecommerce/orders", basket)
			if err != nil || status >= http.StatusInternalServerError {
				t.Errorf("order: %d %v %s", status, err, answer)
			}
		})
	}
	all.Wait()
	_, reserved := c.level(t, product)
	require.Equal(t, before+unitPiece, reserved)
	var orders, payments int
	c.read(t, fmt.Sprintf(`SELECT (SELECT count(*) FROM orders.placed WHERE id = '%s'), (SELECT count(*) FROM payments.payment WHERE of_order = '%[1]s')`, basket["id"]),
		&orders, &payments)
	require.Equal(t, 1, orders)
	require.Equal(t, 1, payments)

	// Nor is a cart ordered twice, whose order has no name and waits for the bank.
	eve := account(t, c, "eve")
	require.Equal(t, http.StatusOK, c.ask(t, http.MethodPost, "/ecommerce/carts/"+eve+"/lines", object{"product": product, "quantity": unitPiece}, nil))
	cart := c.basket(product, 1, deafCard)
	delete(cart, "id")
	delete(cart, "lines")
	cart["customer"] = eve
	for range 4 {
		all.Go(func() {
			status, answer, err := c.send(t.Context(), http.MethodPost, "/ecommerce/orders", cart)
			if err != nil || status >= http.StatusInternalServerError {
				t.Errorf("order: %d %v %s", status, err, answer)
			}
		})
	}
	all.Wait()
	c.read(t, fmt.Sprintf(`SELECT count(DISTINCT o.id), count(p) FROM orders.placed o JOIN payments.payment p ON p.of_order = o.id WHERE o.customer_id = '%s'`, eve),
		&orders, &payments)
	require.Equal(t, 1, orders)
	require.Equal(t, 1, payments)
}

// lately is a period that has all the sales of the demo.
func lately() string {
	now := time.Now()
	return "from=" + now.AddDate(0, 0, -7).Format(time.DateOnly) + "&to=" + now.AddDate(0, 0, 1).Format(time.DateOnly)
}

func bestIsTheSum(t *testing.T, c *chain) {
	var report struct {
		From, To string
		Best     []struct {
			Product string
			Units   int64
		}
	}
	require.Equal(t, http.StatusOK, c.ask(t, http.MethodGet, "/sales/reports?"+lately(), nil, &report))
	require.NotEmpty(t, report.Best)
	var sum, largest int64
	c.read(t, `SELECT sum(quantity), max(quantity) FROM sales.line WHERE product_id = '`+report.Best[0].Product+`'`, &sum, &largest)
	require.Equal(t, sum, report.Best[0].Units)
	require.Greater(t, sum, largest)
}

func newStoreHasReports(t *testing.T, c *chain) {
	var made struct{ ID string }
	require.Equal(t, http.StatusCreated, c.ask(t, http.MethodPost, "/warehouse/stores", object{"code": "NV", "name": "Nouveau", "zone": "America/Toronto"}, &made))
	var report struct{ Total struct{ Tickets int } }
	require.Equal(t, http.StatusOK, c.ask(t, http.MethodGet, "/sales/reports?"+lately()+"&store="+made.ID, nil, &report))
	require.Zero(t, report.Total.Tickets)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	manager := &customer{t: t, base: c.hq.URL(), http: &http.Client{Jar: jar}}
	manager.send(http.MethodPost, "/login", url.Values{"email": {"admin@comptant.example"}, "password": {"comptant-admin"}})
	for _, path := range []string{"/stores/" + made.ID, "/reports?store=" + made.ID, "/reports.csv?store=" + made.ID} {
		resp, err := manager.http.Get(manager.base + path)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
	}
}

func everyDoorIsLocked(t *testing.T, c *chain) {
	resp, err := http.Get(c.base + "/api/v1/openapi.json")
	require.NoError(t, err)
	defer resp.Body.Close()
	var api struct{ Paths map[string]map[string]any }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&api))
	require.Greater(t, len(api.Paths), 40)
	stranger := &caller{t: t, base: c.base}
	for path, operations := range api.Paths {
		path = regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllLiteralString(path, uuid.NewString())
		for method := range operations {
			require.Equal(t, http.StatusUnauthorized, stranger.ask(t, strings.ToUpper(method), path, nil, nil), "%s %s", method, path)
		}
	}
	for _, path := range []string{"/", "/stores", "/reports", "/orders", "/people", "/system/models"} {
		_, at := visit(t, c.hq).get(path)
		require.Contains(t, at, "login", path)
	}
}

func whereItListens(t *testing.T, c *chain) {
	out, err := c.hq.Command(t.Context(), "ready")
	require.NoError(t, err, out)
	nobody, err := fleet.FreeAddress(t.Context())
	require.NoError(t, err)
	_, err = (&fleet.HQ{Bin: c.hq.Bin, Home: c.hq.Home, Listen: nobody}).Command(t.Context(), "ready")
	require.Error(t, err)
}

func oneLedger(t *testing.T, c *chain) {
	var apart int
	c.read(t, `
		SELECT count(*) FROM stock.level v FULL JOIN (SELECT location_id, product_id, sum(quantity) AS quantity FROM stock.movement GROUP BY 1, 2) m
			USING (location_id, product_id) WHERE coalesce(v.on_hand, 0) <> coalesce(m.quantity, 0)`, &apart)
	require.Zero(t, apart, "a level is the sum of its movements")
	out, err := c.hq.Command(t.Context(), "journal", "verify")
	require.NoError(t, err, out)
}
