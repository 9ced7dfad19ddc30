package api_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/users"
)

const idempotency = "Idempotency-Key"

// A request that is sent again is answered again, makes nothing more, and keeps to its token.
func TestKeysMakeOnce(t *testing.T) {
	w := newWorld(t)
	first := w.post("/products", w.body("100"), idempotency, "a").is(http.StatusCreated)
	again := w.post("/products", w.body("100"), idempotency, "a").is(http.StatusCreated)
	require.JSONEq(t, string(first.body), string(again.body))
	require.Equal(t, 1, w.recorded(), "what is answered again was not done again")
	require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
	require.Len(t, read[api.Page[api.Product]](w.get("/products")).Items, 3)
	w.post("/products", w.body("101"), idempotency, "a").problem(http.StatusUnprocessableEntity, "once.other")
	w.post("/categories", map[string]any{"name": map[string]any{"fr": "x"}}, idempotency, "a").problem(http.StatusUnprocessableEntity, "once.other")
	w.post("/products", w.body("100"), idempotency, "b").problem(http.StatusConflict, "product.sku_taken")
	other := w.newToken(users.WriteCatalog)
	w.post("/products", w.body("100"), idempotency, "a", "Authorization", "Bearer "+other).problem(http.StatusConflict, "product.sku_taken")

	// What failed is not kept: mended, it is made under the same key.
	fixed := w.body("102")
	fixed["barcodes"] = []string{}
	w.post("/products", fixed, idempotency, "b").is(http.StatusCreated)

	w.now = w.now.Add(24 * time.Hour)
	w.post("/products", w.body("100"), idempotency, "a").problem(http.StatusConflict, "product.sku_taken")
	var kept int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM api.answer WHERE at < $1`, w.now).Scan(&kept))
	require.Equal(t, 2, kept, "the refusal took the forgetting back")
	w.post("/categories", map[string]any{"name": map[string]any{"fr": "x"}}, idempotency, "c").is(http.StatusCreated)
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM api.answer WHERE at < $1`, w.now).Scan(&kept))
	require.Zero(t, kept, "a day is over")
}

func TestKeysMakeOnceAtOnce(t *testing.T) {
	w := newWorld(t)
	adjust := map[string]any{"location": w.north.ID, "product": w.syrup.ID, "cause": "damaged", "change": -1000}
	var all sync.WaitGroup
	answers := make([]answer, 8)
	for i := range answers {
		all.Go(func() { answers[i] = w.post("/warehouse/stock/adjustments", adjust, idempotency, "same") })
	}
	all.Wait()
	for _, a := range answers {
		require.Equal(t, string(answers[0].is(http.StatusCreated).body), string(a.body))
	}
	require.EqualValues(t, 30_000, read[api.Level](w.get("/warehouse/stock/"+w.north.ID.String()+"/"+w.syrup.ID.String())).OnHand)
}

// A code is shown to who made it; the table that keeps the answer does not have it.
func TestKeptAnswersAreSealed(t *testing.T) {
	w := newWorld(t)
	body := map[string]any{"store": w.north.ID, "number": 3}
	made := read[api.Code](w.post("/tills/codes", body, idempotency, "a").is(http.StatusCreated))
	require.Equal(t, made, read[api.Code](w.post("/tills/codes", body, idempotency, "a").is(http.StatusCreated)))
	require.Equal(t, w.now.Add(15*time.Minute), made.ExpiresAt)
	var seen int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM api.answer WHERE position($1::bytea IN answer) > 0`, []byte(made.Code)).Scan(&seen))
	require.Zero(t, seen)
	require.Equal(t, 3, w.enrol(made.Code).Number)
}
