package api_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/shared/money"
)

// What is there is worth what its levels say, at each location and product by product.
func TestWhatStockIsWorth(t *testing.T) {
	w := newWorld(t)
	sums := map[uuid.UUID]money.Amount{}
	for _, l := range read[api.Page[api.Level]](w.get("/warehouse/stock?limit=200").is(http.StatusOK)).Items {
		sums[l.Location] += l.UnitCost.Amount.Mul(l.OnHand)
	}
	values := read[api.Page[api.LocationValue]](w.get("/warehouse/stock/values").is(http.StatusOK)).Items
	require.Len(t, values, len(sums))
	for _, v := range values {
		require.Equal(t, api.Money{Amount: sums[v.Location], Currency: "CAD"}, v.Cost)
		var parts money.Amount
		for _, p := range read[api.Page[api.ProductValue]](w.get("/warehouse/stock/values/" + v.Location.String()).is(http.StatusOK)).Items {
			parts += p.Cost.Amount
		}
		require.Equal(t, v.Cost.Amount, parts)
	}
	first := read[api.Page[api.LocationValue]](w.get("/warehouse/stock/values?limit=1").is(http.StatusOK))
	require.Len(t, first.Items, 1)
	require.Equal(t, values[1:], read[api.Page[api.LocationValue]](w.get("/warehouse/stock/values?cursor="+first.Next).is(http.StatusOK)).Items)
	w.get("/warehouse/stock/values/"+uuid.NewString()).problem(http.StatusNotFound, "location.unknown")
}

// What was damaged is shrinkage, at cost; what nobody buys lies there.
func TestWhatShrinksAndWhatLies(t *testing.T) {
	w := newWorld(t)
	w.post("/warehouse/stock/adjustments", map[string]any{"location": w.north.ID, "product": w.syrup.ID, "cause": "damaged", "change": -2000}).is(http.StatusCreated)
	w.post("/warehouse/stock/adjustments", map[string]any{"location": w.north.ID, "product": w.syrup.ID, "cause": "found", "change": 1000}).is(http.StatusCreated)
	type page = api.Page[api.Shrinkage]
	found := read[page](w.get("/warehouse/stock/shrinkage").is(http.StatusOK)).Items
	require.Len(t, found, 2)
	cad := func(a money.Amount) api.Money { return api.Money{Amount: a, Currency: "CAD"} }
	require.Equal(t, []api.Shrinkage{
		{Location: w.north.ID, Product: w.syrup.ID, Cause: "damaged", Quantity: -2 * money.One, Cost: cad(-1148), Missing: cad(-1148), Extra: cad(0)},
		{Location: w.north.ID, Product: w.syrup.ID, Cause: "found", Quantity: money.One, Cost: cad(574), Missing: cad(0), Extra: cad(574)},
	}, found)
	require.Empty(t, read[page](w.get("/warehouse/stock/shrinkage?from=2026-11-20&to=2026-11-21").is(http.StatusOK)).Items, "the day before")
	require.Empty(t, read[page](w.get("/warehouse/stock/shrinkage?location="+w.south.ID.String()).is(http.StatusOK)).Items)
	w.get("/warehouse/stock/shrinkage?from=tomorrow").is(http.StatusUnprocessableEntity)

	type lying = api.Page[api.Unsold]
	all := read[lying](w.get("/warehouse/stock/unsold?days=1&location=" + w.north.ID.String()).is(http.StatusOK)).Items
	require.NotEmpty(t, all)
	require.Equal(t, w.syrup.ID, all[0].Product)
	require.EqualValues(t, 30_000, all[0].OnHand)
	require.Equal(t, cad(574*30), all[0].Cost)
	require.NotNil(t, all[0].CameAt)
	require.Empty(t, read[lying](w.get("/warehouse/stock/unsold").is(http.StatusOK)).Items, "it came two days ago, and has not had 90")
	code := read[api.Code](w.post("/tills/codes", map[string]any{"store": w.north.ID, "number": 1}).is(http.StatusCreated))
	w.sell(w.enrol(code.Code).Till, 1, w.north, w.syrup, money.One)
	for _, u := range read[lying](w.get("/warehouse/stock/unsold?days=1&location=" + w.north.ID.String()).is(http.StatusOK)).Items {
		require.NotEqual(t, w.syrup.ID, u.Product, "it was sold today")
	}
}

func TestAutomaticRequests(t *testing.T) {
	w := newWorld(t)
	at := "/warehouse/restocks/automatic/" + w.north.ID.String()
	first := w.get(at).is(http.StatusOK)
	require.False(t, read[api.Automatic](first).On)
	require.True(t, read[api.Automatic](w.put(at, map[string]any{"on": true}).is(http.StatusOK)).On)
	require.True(t, read[api.Automatic](w.get(at).is(http.StatusOK)).On)
	w.put(at, map[string]any{"on": false}, "If-Match", first.header.Get("ETag")).is(http.StatusPreconditionFailed)
	require.False(t, read[api.Automatic](w.put(at, map[string]any{"on": false}).is(http.StatusOK)).On)
	w.put("/warehouse/restocks/automatic/"+w.depot.ID.String(), map[string]any{"on": true}).problem(http.StatusNotFound, "location.unknown")
}
