package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/order"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// place orders units of syrup where they are prepared.
func (w *world) place(where retail.Location, card string, units int64) order.Order {
	w.t.Helper()
	p := order.Placement{
		ID: uuid.New(), Name: "Alice Tremblay", Email: "alice@example.com", Lang: "fr", Delivery: retail.Collect, At: where, Currency: "CAD",
		Prices: 1, Method: card, Total: w.syrup.Price.Mul(money.Quantity(units) * money.One),
	}
	if where.Kind == retail.LocationWarehouse {
		p.Delivery, p.Address = retail.Ship, "1, rue du Port"
	}
	p.Lines = []retail.Line{{
		Product: w.syrup.ID, SKU: w.syrup.SKU, Name: w.syrup.Name.FR, Quantity: money.Quantity(units) * money.One, UnitPrice: w.syrup.Price,
		Amount: p.Total, Class: retail.Taxable,
	}}
	o, err := w.orders.Place(w.t.Context(), p)
	require.NoError(w.t, err)
	return o
}

const (
	approved = "4242 4242 4242 4242"
	declined = "4000 0000 0000 0002"
	// unheard is a card of which nobody hears whether it was charged, three times.
	unheard = "4000 0000 1000 0034"
)

func (w *world) deed(o order.Order, deed string, body any) answer {
	w.t.Helper()
	return w.post("/ecommerce/orders/"+o.ID.String()+"/"+deed, body)
}

func TestAnOrderIsShippedByAProgram(t *testing.T) {
	w := newWorld(t)
	o := w.place(w.depot, approved, 2)
	path := "/ecommerce/orders/" + o.ID.String()
	got := read[api.Order](w.get(path).is(http.StatusOK))
	require.Equal(t, api.OrderState("order_confirmed"), got.State)
	require.Equal(t, "ship", got.Delivery)
	require.Equal(t, api.Money{Amount: 2298, Currency: "CAD"}, got.Total)
	require.NotNil(t, got.Until)
	w.deed(o, "ship", nil).problem(http.StatusConflict, "order.state")
	require.Equal(t, api.OrderState("picking"), read[api.Order](w.deed(o, "accept", nil).is(http.StatusOK)).State)
	w.deed(o, "accept", nil).problem(http.StatusConflict, "order.state")
	shipped := read[api.Order](w.deed(o, "ship", map[string]any{"tracking": "1Z 999"}).is(http.StatusOK))
	require.Equal(t, w.depot.Code+"-W-1", shipped.Receipt)
	w.deed(o, "cancel", map[string]any{"why": "too late"}).problem(http.StatusConflict, "order.state")
	w.deed(o, "deliver", nil).is(http.StatusOK)
	require.Equal(t, api.OrderState("returned"), read[api.Order](w.deed(o, "return", nil).is(http.StatusOK)).State)

	events := read[api.Page[api.SagaEvent]](w.get(path + "/history").is(http.StatusOK)).Items
	var deeds []string
	for _, e := range events {
		deeds = append(deeds, e.Deed)
	}
	require.Equal(t, []string{"place", "verify", "reserve", "authorise", "confirm", "accept", "pick", "ship", "deliver", "return"}, deeds)
	require.Equal(t, map[string]any{"tracking": "1Z 999"}, events[7].Request)
	require.NotNil(t, events[7].By)
	require.Nil(t, events[4].By)
	saga := "/ecommerce/sagas/" + o.ID.String()
	require.Equal(t, events, read[api.Page[api.SagaEvent]](w.get(saga+"/events").is(http.StatusOK)).Items)
	require.True(t, read[api.Saga](w.get(saga).is(http.StatusOK)).Over)
	tagged := w.get(saga).header.Get("ETag")
	w.get(saga, "If-None-Match", tagged).is(http.StatusNotModified)
}

func TestOrdersOfAStoreArePreparedAtItsTills(t *testing.T) {
	w := newWorld(t)
	o := w.place(w.north, approved, 1)
	for _, deed := range []string{"accept", "ship", "deliver", "return"} {
		w.deed(o, deed, nil).problem(http.StatusConflict, "orders.at_till")
	}
	lines := map[string]any{"lines": []any{map[string]any{"product": w.syrup.ID, "quantity": 1000}}}
	w.deed(o, "short", lines).problem(http.StatusConflict, "orders.at_till")
	w.deed(o, "cancel", map[string]any{"why": ""}).is(http.StatusUnprocessableEntity)
	called := read[api.Order](w.deed(o, "cancel", map[string]any{"why": "out of season"}).is(http.StatusOK))
	require.Equal(t, api.OrderState("cancelled"), called.State)
	require.Equal(t, order.CancelledByStaff, called.Failure)
	// Again is the same, and says so.
	w.deed(o, "cancel", map[string]any{"why": "out of season"}).is(http.StatusOK)
	depot := w.place(w.depot, approved, 1)
	twice := map[string]any{"lines": []any{lines["lines"].([]any)[0], lines["lines"].([]any)[0]}}
	w.deed(depot, "short", twice).is(http.StatusUnprocessableEntity)
	require.Equal(t, order.FailedStock, read[api.Order](w.deed(depot, "short", lines).is(http.StatusOK)).Failure)
	w.get("/ecommerce/orders/"+uuid.NewString()).problem(http.StatusNotFound, "order.unknown")
	w.get("/ecommerce/sagas/"+uuid.NewString()+"/events").problem(http.StatusNotFound, "order.unknown")
}

func TestOrdersAreListed(t *testing.T) {
	w := newWorld(t)
	require.Empty(t, read[api.Page[api.Order]](w.get("/ecommerce/orders").is(http.StatusOK)).Items)
	north, refused, depot := w.place(w.north, approved, 1), w.place(w.north, declined, 1), w.place(w.depot, approved, 1)
	for i, o := range []order.Order{north, refused, depot} {
		_, err := w.db.Exec(t.Context(), `UPDATE orders.placed SET placed_at = $2 WHERE id = $1`, o.ID, sunday.Add(time.Duration(i)*time.Minute))
		require.NoError(t, err)
	}
	var codes []string
	for path := "/ecommerce/orders?limit=2"; path != ""; {
		page := read[api.Page[api.Order]](w.get(path).is(http.StatusOK))
		for _, o := range page.Items {
			codes = append(codes, o.Code)
		}
		path = ""
		if page.Next != "" {
			path = "/ecommerce/orders?limit=2&cursor=" + page.Next
		}
	}
	require.Equal(t, []string{depot.Code, refused.Code, north.Code}, codes)
	for query, want := range map[string]int{
		"state=cancelled": 1, "location=" + w.depot.ID.String(): 1, "q=" + north.Code: 1, "stuck=true": 0, "q=tremblay&state=order_confirmed": 2,
	} {
		require.Len(t, read[api.Page[api.Order]](w.get("/ecommerce/orders?"+query).is(http.StatusOK)).Items, want, query)
		require.Len(t, read[api.Page[api.Saga]](w.get("/ecommerce/sagas?"+query).is(http.StatusOK)).Items, want, query)
	}
	w.get("/ecommerce/orders?state=nonsense").is(http.StatusUnprocessableEntity)
	w.get("/ecommerce/orders?cursor=nonsense").problem(http.StatusUnprocessableEntity, "page.unknown")
}

// A step of which nobody knows the end is seen, and tried again when somebody asks for it.
func TestAnOrderThatDoesNotGoOn(t *testing.T) {
	w := newWorld(t)
	id := uuid.New()
	_, err := w.orders.Place(t.Context(), order.Placement{
		ID: id, Name: "Alice", Email: "alice@example.com", Lang: "fr", Delivery: retail.Collect, At: w.north, Currency: "CAD", Prices: 1,
		Method: unheard, Total: 1149, Lines: []retail.Line{{
			Product: w.syrup.ID, SKU: "204310", Name: "Sirop", Quantity: money.One, UnitPrice: 1149, Amount: 1149, Class: retail.Taxable,
		}},
	})
	require.Error(t, err)
	o := order.Order{ID: id}
	saga := read[api.Saga](w.get("/ecommerce/sagas/" + id.String()).is(http.StatusOK))
	require.Equal(t, 1, saga.Tries)
	require.NotNil(t, saga.NextTry)
	require.False(t, saga.Stuck)
	require.Equal(t, "ok", read[api.SagaHealth](w.get("/ecommerce/sagas/health").is(http.StatusOK)).Status)
	_, err = w.db.Exec(t.Context(), `UPDATE orders.placed SET tries = 6 WHERE id = $1`, id)
	require.NoError(t, err)
	require.Equal(t, api.SagaHealth{
		Status: "stuck", Open: 1, Stuck: 1, States: []api.SagaStates{{State: "stock_reserved", Orders: 1, Stuck: 1}},
	}, read[api.SagaHealth](w.get("/ecommerce/sagas/health").is(http.StatusOK)))
	var state api.OrderState
	for range 5 {
		state = read[api.Order](w.deed(o, "retry", nil).is(http.StatusOK)).State
	}
	require.Equal(t, api.OrderState("order_confirmed"), state)
	events := read[api.Page[api.SagaEvent]](w.get("/ecommerce/sagas/" + id.String() + "/events").is(http.StatusOK)).Items
	require.Equal(t, "stock_reserved stock_reserved true", fmt.Sprint(events[3].From, " ", events[3].To, " ", events[3].Error != ""))
}
