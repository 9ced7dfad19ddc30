package api_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
)

// Goods come from a supplier in two parts, and one of them is taken back.
func TestPurchases(t *testing.T) {
	w := newWorld(t)
	line := func(product uuid.UUID, quantity, cost int) map[string]any {
		return map[string]any{"product": product, "quantity": quantity, "unit_cost": map[string]any{"amount": cost, "currency": "CAD"}}
	}
	announce := func(lines ...any) answer {
		return w.post("/warehouse/purchases", map[string]any{"warehouse": w.depot.ID, "supplier": "Érablière Roy", "reference": "BL-881", "lines": lines})
	}
	made := announce(line(w.syrup.ID, 100_000, 600), line(w.soap.ID, 10_000, 250)).is(http.StatusCreated)
	p := read[api.Purchase](made)
	require.Equal(t, "expected", p.State)
	at := "/warehouse/purchases/" + w.depot.ID.String() + "/" + p.ID.String()
	require.Equal(t, api.Root+at, made.header.Get("Location"))
	announce().is(http.StatusUnprocessableEntity)
	announce(line(w.syrup.ID, 0, 600)).problem(http.StatusUnprocessableEntity, "purchase.quantity")
	announce(line(uuid.New(), 1000, 600)).problem(http.StatusUnprocessableEntity, "product.unknown")
	w.post("/warehouse/purchases", map[string]any{"warehouse": w.north.ID, "supplier": "Roy", "lines": []any{line(w.syrup.ID, 1000, 600)}}).
		problem(http.StatusUnprocessableEntity, "purchase.not_warehouse")
	dollars := line(w.syrup.ID, 1000, 600)
	dollars["unit_cost"] = map[string]any{"amount": 600, "currency": "EUR"}
	announce(dollars).problem(http.StatusUnprocessableEntity, "api.currency")

	body := map[string]any{"lines": []any{line(w.syrup.ID, 60_000, 600)}, "note": "palette 1"}
	for range 2 { // what is sent again is received once
		p = read[api.Purchase](w.post(at+"/receive", body, "Idempotency-Key", "first").is(http.StatusCreated))
	}
	require.Equal(t, "part", p.State)
	require.Len(t, p.Deliveries, 1)
	level := func() api.Level {
		return read[api.Level](w.get("/warehouse/stock/" + w.depot.ID.String() + "/" + w.syrup.ID.String()).is(http.StatusOK))
	}
	require.EqualValues(t, 700_000, level().OnHand)
	require.EqualValues(t, 576, level().UnitCost.Amount, "640 at 5.74 and 60 at 6.00")
	require.Len(t, read[api.Page[api.Purchase]](w.get("/warehouse/purchases?open=true").is(http.StatusOK)).Items, 1)

	wrong := p.Deliveries[0].ID
	correct := at + "/deliveries/" + wrong.String() + "/correct"
	part := map[string]any{"lines": []any{map[string]any{"product": w.syrup.ID, "quantity": 10_000}}, "note": "compté deux fois"}
	p = read[api.Purchase](w.post(correct, part).is(http.StatusCreated))
	require.Equal(t, wrong, *p.Deliveries[1].Corrects)
	require.EqualValues(t, -10_000, p.Deliveries[1].Lines[0].Quantity)
	p = read[api.Purchase](w.post(correct, nil).is(http.StatusCreated))
	require.EqualValues(t, 640_000, level().OnHand)
	require.EqualValues(t, 574, level().UnitCost.Amount)
	w.post(correct, nil).problem(http.StatusUnprocessableEntity, "delivery.nothing")
	w.post(at+"/deliveries/"+uuid.NewString()+"/correct", nil).problem(http.StatusNotFound, "delivery.unknown")

	require.Equal(t, "closed", read[api.Purchase](w.post(at+"/close", nil).is(http.StatusOK)).State)
	w.post(at+"/close", nil).problem(http.StatusConflict, "purchase.closed")
	w.post(at+"/receive", body).problem(http.StatusConflict, "purchase.closed")
	require.Equal(t, "closed", read[api.Purchase](w.get(at).is(http.StatusOK)).State)
	w.get("/warehouse/purchases/"+w.depot.ID.String()+"/"+uuid.NewString()).problem(http.StatusNotFound, "purchase.unknown")

	now := map[string]any{"warehouse": w.depot.ID, "supplier": "Roy", "receive": true, "lines": []any{line(w.soap.ID, 2000, 250)}}
	require.Equal(t, "received", read[api.Purchase](w.post("/warehouse/purchases", now).is(http.StatusCreated)).State)
}
