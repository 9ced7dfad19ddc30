package api_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// customer is somebody a till wrote down.
func (w *world) customer(name string) uuid.UUID {
	w.t.Helper()
	id := uuid.New()
	w.tx(func(tx *db.Tx) error {
		return users.PutCustomer(w.t.Context(), tx, w.north.ID, retail.Customer{ID: id, Name: name, At: sunday.UnixMilli()})
	})
	return id
}

func (w *world) ordered(body map[string]any) map[string]any {
	base := map[string]any{"location": w.north.ID, "name": "Alice Tremblay", "email": "alice@example.com", "method": approved}
	for k, v := range body {
		base[k] = v
	}
	return base
}

// Each customer has a cart, and nobody else's: the system this one replaces had one for all customers of a store.
func TestEveryCustomerHasACart(t *testing.T) {
	w := newWorld(t)
	alice, bob := w.customer("Alice"), w.customer("Bob")
	cart := func(who uuid.UUID) string { return "/ecommerce/carts/" + who.String() }
	w.post(cart(alice)+"/lines", map[string]any{"product": w.syrup.ID, "quantity": 2000}).is(http.StatusOK)
	w.post(cart(alice)+"/lines", map[string]any{"product": w.syrup.ID, "quantity": 1000}).is(http.StatusOK)
	require.Empty(t, read[api.Cart](w.get(cart(bob)).is(http.StatusOK)).Lines)
	require.Equal(t, []api.Line{{Product: w.syrup.ID, Quantity: 3 * money.One}}, read[api.Cart](w.get(cart(alice)).is(http.StatusOK)).Lines)
	w.post(cart(alice)+"/lines", map[string]any{"product": w.syrup.ID, "quantity": 500}).problem(http.StatusUnprocessableEntity, "cart.quantity")
	w.get(cart(uuid.New())).problem(http.StatusNotFound, "customer.unknown")

	o := read[api.Order](w.post("/ecommerce/orders", w.ordered(map[string]any{"customer": alice})).is(http.StatusCreated))
	require.Equal(t, api.OrderState(retail.OrderConfirmed), o.State)
	require.Equal(t, money.Amount(3447), o.Total.Amount, "no taxes in this world")
	require.Empty(t, read[api.Cart](w.get(cart(alice)).is(http.StatusOK)).Lines, "what is ordered is in no cart")
}

// A checkout that is sent twice makes one order, and one that is declined leaves the cart as it was.
func TestACheckoutIsCompletedOnce(t *testing.T) {
	w := newWorld(t)
	alice, id := w.customer("Alice"), uuid.New()
	lines := []map[string]any{{"product": w.syrup.ID, "quantity": 2000}}
	first := read[api.Order](w.post("/ecommerce/orders", w.ordered(map[string]any{"id": id, "lines": lines})).is(http.StatusCreated))
	recorded := w.recorded()
	again := read[api.Order](w.post("/ecommerce/orders", w.ordered(map[string]any{"id": id, "lines": lines}), idempotency, "again").is(http.StatusCreated))
	require.Equal(t, first, again)
	require.Equal(t, recorded, w.recorded(), "the record is of the one order")
	w.post("/ecommerce/orders", w.ordered(map[string]any{"lines": lines, "total": 1})).problem(http.StatusConflict, "checkout.changed")
	w.post("/ecommerce/orders", w.ordered(map[string]any{"lines": []map[string]any{{"product": w.syrup.ID, "quantity": -2000}}})).is(http.StatusUnprocessableEntity)
	w.post("/ecommerce/orders", w.ordered(map[string]any{})).problem(http.StatusUnprocessableEntity, "checkout.empty")

	cart := "/ecommerce/carts/" + alice.String()
	w.post(cart+"/lines", map[string]any{"product": w.syrup.ID, "quantity": 1000}).is(http.StatusOK)
	no := read[api.Order](w.post("/ecommerce/orders", w.ordered(map[string]any{"customer": alice, "method": declined})).is(http.StatusCreated))
	require.Equal(t, api.OrderState(retail.OrderCancelled), no.State)
	require.Equal(t, "order.declined", no.Failure)
	require.Len(t, read[api.Cart](w.get(cart).is(http.StatusOK)).Lines, 1)
	w.expect("north has 29 and promises 2", 31*money.One, 2*money.One)
}

// expect says how much syrup the store has, and has promised.
func (w *world) expect(why string, onHand, reserved money.Quantity) {
	w.t.Helper()
	var there, promised money.Quantity
	require.NoError(w.t, w.db.QueryRow(w.t.Context(), `SELECT on_hand, reserved FROM stock.level WHERE location_id = $1 AND product_id = $2`,
		w.north.ID, w.syrup.ID).Scan(&there, &promised))
	require.Equal(w.t, []money.Quantity{onHand, reserved}, []money.Quantity{there, promised}, why)
}

// Who is erased is in no order any more, and never was in the record of what programs did.
func TestAnErasedCustomerIsInNoOrder(t *testing.T) {
	w := newWorld(t)
	alice := w.customer("Alice")
	lines := []map[string]any{{"product": w.syrup.ID, "quantity": 1000}}
	o := read[api.Order](w.post("/ecommerce/orders", w.ordered(map[string]any{"customer": alice, "lines": lines})).is(http.StatusCreated))
	w.delete("/customers/" + alice.String()).is(http.StatusNoContent)
	gone := read[api.Order](w.get("/ecommerce/orders/" + o.ID.String()).is(http.StatusOK))
	require.Empty(t, gone.Name+gone.Email)
	var recorded int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM users.audit c WHERE c::text ILIKE '%alice@example.com%' OR c::text LIKE '%4242%'`).Scan(&recorded))
	require.Zero(t, recorded)
}

// A cart whose order waits for the bank is not ordered again: not when the request is sent again, at once or later, nor under another id.
func TestACartIsOrderedOnce(t *testing.T) {
	w := newWorld(t)
	alice := w.customer("Alice")
	cart := "/ecommerce/carts/" + alice.String()
	w.post(cart+"/lines", map[string]any{"product": w.syrup.ID, "quantity": 2000}).is(http.StatusOK)
	body := w.ordered(map[string]any{"customer": alice, "method": unheard})
	var all sync.WaitGroup
	answers := make([]answer, 2) // each may ask the bank once, which answers the fourth time
	for i := range answers {
		all.Go(func() { answers[i] = w.send(http.MethodPost, api.Root+"/ecommerce/orders", body) })
	}
	all.Wait()
	first := read[api.Order](answers[0].is(http.StatusAccepted))
	require.Equal(t, api.OrderState(retail.OrderStockReserved), first.State)
	for _, a := range answers {
		require.Equal(t, first.ID, read[api.Order](a).ID)
	}
	w.expect("one order is promised", 31*money.One, 2*money.One)
	again := read[api.Order](w.send(http.MethodPost, api.Root+"/ecommerce/orders", body))
	require.Equal(t, first.ID, again.ID)
	other := w.ordered(map[string]any{"customer": alice, "id": uuid.New()})
	p := w.post("/ecommerce/orders", other).problem(http.StatusConflict, "checkout.waiting")
	require.Contains(t, string(p.body), first.Code)
	// Somebody who wants it otherwise is not told what the other order says.
	differs := w.post("/ecommerce/orders", w.ordered(map[string]any{"customer": alice, "name": "Mallory"})).problem(http.StatusConflict, "checkout.waiting")
	require.NotContains(t, string(differs.body), "Tremblay")
	w.expect("nor is another", 31*money.One, 2*money.One)

	_, err := w.orders.Cancel(t.Context(), first.ID, uuid.Nil, "")
	require.NoError(t, err)
	next := read[api.Order](w.post("/ecommerce/orders", other).is(http.StatusCreated))
	require.Equal(t, other["id"], next.ID, "once it is known how the first ended")
	require.Equal(t, api.OrderState(retail.OrderConfirmed), next.State)
	require.Empty(t, read[api.Cart](w.get(cart).is(http.StatusOK)).Lines)
}

// The name of a request is that of one request: with another order under it nothing is ordered, and nothing told of the first.
func TestAnOrdersNameIsOfOneOrder(t *testing.T) {
	w := newWorld(t)
	lines := func(units int) []map[string]any {
		return []map[string]any{{"product": w.syrup.ID, "quantity": units * 1000}}
	}
	first := map[string]any{"lines": lines(2), "phone": "514 555 0199"}
	writes := []string{"Authorization", "Bearer " + w.newToken(users.WriteOrders)}
	for name, headers := range map[string][]string{"an id": {idempotency, "not seen"}, "a key": {idempotency, "key"}} {
		if name == "an id" {
			first["id"] = uuid.New()
		} else {
			delete(first, "id")
		}
		headers = append(headers, writes...)
		made := w.post("/ecommerce/orders", w.ordered(first), headers...).is(http.StatusCreated)
		o := read[api.Order](made)
		require.Equal(t, "/api/v1/ecommerce/orders/"+o.ID.String(), made.header.Get("Location"))
		require.Equal(t, o, read[api.Order](w.post("/ecommerce/orders", w.ordered(first), headers...).is(http.StatusCreated)))
		for what, value := range map[string]any{
			"lines": lines(3), "name": "Mallory", "email": "mallory@example.com", "phone": "", "location": w.south.ID, "method": declined,
			"lang": "en", "total": 1, "customer": w.customer("Bob"),
		} {
			body := w.ordered(first)
			body[what] = value
			other := w.post("/ecommerce/orders", body, headers...)
			other.problem(http.StatusUnprocessableEntity, "once.other")
			require.NotContains(t, string(other.body), "alice", "%s: %s", name, what)
		}
	}
	w.expect("two orders of two", 31*money.One, 4*money.One)
}

// Nothing is ordered for somebody who is not there, or is not there any more.
func TestOrdersAreOfCustomersWhoAreThere(t *testing.T) {
	w := newWorld(t)
	lines := []map[string]any{{"product": w.syrup.ID, "quantity": 1000}}
	gone := w.customer("Gone")
	w.delete("/customers/" + gone.String()).is(http.StatusNoContent)
	for _, who := range []uuid.UUID{uuid.New(), gone} {
		w.post("/ecommerce/orders", w.ordered(map[string]any{"customer": who, "lines": lines})).problem(http.StatusNotFound, "customer.unknown")
		w.post("/ecommerce/orders", w.ordered(map[string]any{"customer": who})).problem(http.StatusNotFound, "customer.unknown")
		w.get("/ecommerce/carts/"+who.String()).problem(http.StatusNotFound, "customer.unknown")
		w.post("/ecommerce/carts/"+who.String()+"/lines", lines[0]).problem(http.StatusNotFound, "customer.unknown")
	}
	w.expect("nothing was ordered", 31*money.One, 0)
}
