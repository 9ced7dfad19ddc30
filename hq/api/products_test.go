package api_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// body is a product to write.
func (w *world) body(sku string) map[string]any {
	return map[string]any{
		"sku": sku, "name": map[string]any{"fr": "Beigne", "en": "Donut"}, "category": w.grocery.ID, "tax_class": 1,
		"price": map[string]any{"amount": 125, "currency": "CAD"}, "barcodes": []string{"036000291452"},
	}
}

func TestProducts(t *testing.T) {
	w := newWorld(t)
	type page = api.Page[api.Product]
	first := read[page](w.get("/products?limit=1").is(http.StatusOK))
	require.Len(t, first.Items, 1)
	require.Equal(t, "Hand soap", first.Items[0].Name.EN)
	second := read[page](w.get("/products?limit=1&cursor=" + first.Next).is(http.StatusOK))
	require.Equal(t, w.syrup.ID, second.Items[0].ID)
	require.Empty(t, second.Next)
	require.Equal(t, api.Money{Amount: 1149, Currency: "CAD"}, second.Items[0].Price)
	for query, found := range map[string]int{
		"q=erable+sirop": 1, "q=4006381333931": 1, "q=nothing": 0, "category=" + w.grocery.ID.String(): 2, "category=" + uuid.NewString(): 0, "retired=true": 0,
	} {
		require.Len(t, read[page](w.get("/products?"+query).is(http.StatusOK)).Items, found, query)
	}
	w.get("/products?cursor=x").problem(http.StatusUnprocessableEntity, "page.unknown")
	w.get("/products?limit=201").is(http.StatusUnprocessableEntity)
	w.get("/products?colour=blue").is(http.StatusUnprocessableEntity)
	w.get("/products/"+uuid.NewString()).problem(http.StatusNotFound, "product.unknown")
	w.get("/products/7").is(http.StatusUnprocessableEntity)

	made := w.post("/products", w.body("100")).is(http.StatusCreated)
	p := read[api.Product](made)
	require.Equal(t, api.Root+"/products/"+p.ID.String(), made.header.Get("Location"))
	require.Equal(t, []string{"0036000291452"}, p.Barcodes)
	at := "/products/" + p.ID.String()

	got := w.get(at).is(http.StatusOK)
	same := w.get(at, "If-None-Match", got.header.Get("ETag")).is(http.StatusNotModified)
	require.Equal(t, got.header.Get("ETag"), same.header.Get("ETag"))
	body := w.body("100")
	body["price"] = map[string]any{"amount": 135, "currency": "CAD"}
	changed := w.put(at, body, "If-Match", got.header.Get("ETag")).is(http.StatusOK)
	require.EqualValues(t, 135, read[api.Product](changed).Price.Amount)
	require.Equal(t, changed.header.Get("ETag"), w.get(at, "If-None-Match", got.header.Get("ETag")).is(http.StatusOK).header.Get("ETag"))
	w.put(at, body, "If-Match", got.header.Get("ETag")).problem(http.StatusPreconditionFailed, "error.changed")
	w.put(at, body).is(http.StatusOK)
	w.put("/products/"+uuid.NewString(), w.body("101")).problem(http.StatusNotFound, "product.unknown")
	w.delete(at, "If-Match", got.header.Get("ETag")).problem(http.StatusPreconditionFailed, "error.changed")

	code := at + "/barcodes"
	require.Len(t, read[api.Product](w.post(code, map[string]string{"code": "96385074"}).is(http.StatusCreated)).Barcodes, 2)
	w.post(code, map[string]string{"code": "4006381333931"}).problem(http.StatusConflict, "product.barcode_taken")
	w.delete(code + "/96385074").is(http.StatusNoContent)
	w.delete(code+"/96385074").problem(http.StatusNotFound, "product.no_barcode")
}

func TestProductsThatCannotBe(t *testing.T) {
	w := newWorld(t)
	for key, change := range map[string]func(map[string]any){
		"product.sku_taken":     func(b map[string]any) { b["sku"] = "204310" },
		"product.barcode_taken": func(b map[string]any) { b["barcodes"] = []string{"4006381333931"} },
	} {
		body := w.body("100")
		change(body)
		w.post("/products", body).problem(http.StatusConflict, key)
	}
	for key, change := range map[string]func(map[string]any){
		"product.name":     func(b map[string]any) { b["name"] = map[string]any{} },
		"product.category": func(b map[string]any) { b["category"] = uuid.New() },
		"product.barcode":  func(b map[string]any) { b["barcodes"] = []string{"123"} },
		"product.charge":   func(b map[string]any) { b["charges"] = []string{"BTL"} },
		"product.price":    func(b map[string]any) { b["price"] = map[string]any{"amount": -1, "currency": "CAD"} },
		"api.currency":     func(b map[string]any) { b["price"] = map[string]any{"amount": 1, "currency": "EUR"} },
	} {
		body := w.body("100")
		change(body)
		w.post("/products", body).problem(http.StatusUnprocessableEntity, key)
	}
	for _, change := range []func(map[string]any){
		func(b map[string]any) { delete(b, "price") },
		func(b map[string]any) { b["price"] = 1.25 },
		func(b map[string]any) { b["price"] = map[string]any{"amount": 1.5, "currency": "CAD"} },
		func(b map[string]any) { b["tax_class"] = 10 },
		func(b map[string]any) { b["colour"] = "blue" },
	} {
		body := w.body("100")
		change(body)
		w.post("/products", body).is(http.StatusUnprocessableEntity)
	}
	w.post("/products", "{").is(http.StatusBadRequest)
	require.Len(t, read[api.Page[api.Product]](w.get("/products")).Items, 2)
}

// A retired product is at no till and in no list, keeps what is its own, and comes back by being written.
func TestRetiredProducts(t *testing.T) {
	w := newWorld(t)
	told := func() (n int) {
		require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3 AND body IS NOT NULL`,
			feed.Global, int(retail.RowProduct), w.syrup.ID).Scan(&n))
		return n
	}
	at := "/products/" + w.syrup.ID.String()
	require.Equal(t, 1, told())
	w.delete(at).is(http.StatusNoContent)
	w.delete(at).is(http.StatusNoContent)
	require.Zero(t, told())
	require.Len(t, read[api.Page[api.Product]](w.get("/products")).Items, 1)
	require.Len(t, read[api.Page[api.Product]](w.get("/products?retired=true")).Items, 1)
	p := read[api.Product](w.get(at).is(http.StatusOK))
	require.WithinDuration(t, sunday, *p.RetiredAt, 0)
	// A change of its price goes to no till either.
	w.post(at+"/prices", map[string]any{"price": map[string]any{"amount": 1, "currency": "CAD"}}).is(http.StatusCreated)
	require.Zero(t, told())
	back := read[api.Product](w.put(at, p.ProductBody).is(http.StatusOK))
	require.Nil(t, back.RetiredAt)
	require.Equal(t, 1, told())
}

func TestPrices(t *testing.T) {
	w := newWorld(t)
	at := "/products/" + w.syrup.ID.String() + "/prices"
	price := func(amount int, from string) map[string]any {
		body := map[string]any{"price": map[string]any{"amount": amount, "currency": "CAD"}}
		if from != "" {
			body["from"] = from
		}
		return body
	}
	now := read[api.Price](w.post(at, price(1199, "")).is(http.StatusCreated))
	require.EqualValues(t, "in-force", now.State)
	later := read[api.Price](w.post(at, price(1299, "2026-12-01T00:00:00-05:00")).is(http.StatusCreated))
	require.EqualValues(t, "future", later.State)
	require.Equal(t, "2026-12-01T05:00:00Z", later.From.Format(time.RFC3339))
	type page = api.Page[api.Price]
	var states []string
	for next := ""; ; {
		p := read[page](w.get(at + "?limit=1&cursor=" + next).is(http.StatusOK))
		states = append(states, string(p.Items[0].State))
		if next = p.Next; next == "" {
			break
		}
	}
	require.Equal(t, []string{"future", "in-force", "past"}, states)
	require.EqualValues(t, 1199, read[api.Product](w.get("/products/"+w.syrup.ID.String())).Price.Amount)

	book := map[string]any{"from": "2026-12-02T00:00:00Z", "prices": []any{
		map[string]any{"product": w.soap.ID, "price": map[string]any{"amount": 599, "currency": "CAD"}},
	}}
	planned := read[api.PriceBook](w.post("/price-books", book).is(http.StatusCreated))
	require.Equal(t, 1, planned.Prices)
	books := read[api.Page[api.PriceBook]](w.get("/price-books?limit=1").is(http.StatusOK))
	require.Equal(t, planned, books.Items[0])
	w.delete("/price-books/4").is(http.StatusNoContent)
	w.delete("/price-books/4").problem(http.StatusConflict, "prices.not_future")
	w.delete("/price-books/99").problem(http.StatusNotFound, "prices.unknown")
	w.post(at, price(-1, "")).problem(http.StatusUnprocessableEntity, "prices.price")
	w.post("/products/"+uuid.NewString()+"/prices", price(1, "")).problem(http.StatusNotFound, "product.unknown")

	// A price of one store, until it is as everywhere there.
	store := w.north.ID
	cheaper := price(999, "")
	cheaper["store"] = store
	own := read[api.Price](w.post(at, cheaper).is(http.StatusCreated))
	require.Equal(t, &store, own.Store)
	require.EqualValues(t, "in-force", own.State)
	require.EqualValues(t, 1199, read[api.Product](w.get("/products/"+w.syrup.ID.String())).Price.Amount)
	there := "/products/" + w.syrup.ID.String() + "?store="
	for id, want := range map[uuid.UUID]api.Money{store: {Amount: 999, Currency: "CAD"}, w.south.ID: {Amount: 1199, Currency: "CAD"}} {
		one := read[api.Product](w.get(there + id.String()).is(http.StatusOK))
		require.Equal(t, &want, one.StorePrice)
		require.EqualValues(t, 1199, one.Price.Amount, "that of every store is what one writes")
		require.Contains(t, read[api.Page[api.Product]](w.get("/products?store="+id.String()).is(http.StatusOK)).Items, one)
	}
	for _, id := range []uuid.UUID{w.depot.ID, uuid.New()} {
		w.get(there+id.String()).problem(http.StatusUnprocessableEntity, "location.unknown")
		w.get("/products?store="+id.String()).problem(http.StatusUnprocessableEntity, "location.unknown")
	}
	book = map[string]any{"store": store, "prices": []any{map[string]any{"product": w.syrup.ID}}}
	require.Equal(t, &store, read[api.PriceBook](w.post("/price-books", book).is(http.StatusCreated)).Store)
	ended := read[page](w.get(at + "?limit=2").is(http.StatusOK)).Items[1] // after the one to come
	require.Equal(t, &store, ended.Store)
	require.Nil(t, ended.Price)
	delete(book, "store")
	w.post("/price-books", book).problem(http.StatusUnprocessableEntity, "prices.everywhere")
	cheaper["store"] = w.depot.ID
	w.post(at, cheaper).problem(http.StatusUnprocessableEntity, "location.unknown")
	cheaper["store"] = uuid.New()
	w.post(at, cheaper).problem(http.StatusNotFound, "location.unknown")
}

func TestCategories(t *testing.T) {
	w := newWorld(t)
	name := func(fr string) map[string]any { return map[string]any{"name": map[string]string{"fr": fr}} }
	c := read[api.Category](w.post("/categories", name("Boissons")).is(http.StatusCreated))
	require.Len(t, read[api.Page[api.Category]](w.get("/categories").is(http.StatusOK)).Items, 2)
	at := "/categories/" + c.ID.String()
	got := w.get(at).is(http.StatusOK)
	w.get(at, "If-None-Match", got.header.Get("ETag")).is(http.StatusNotModified)
	w.put(at, name("Cafés"), "If-Match", got.header.Get("ETag")).is(http.StatusOK)
	w.put(at, name("Thés"), "If-Match", got.header.Get("ETag")).problem(http.StatusPreconditionFailed, "error.changed")
	w.put(at, name(" ")).problem(http.StatusUnprocessableEntity, "category.name")
	w.get("/categories/"+uuid.NewString()).problem(http.StatusNotFound, "category.unknown")
	w.put("/categories/"+uuid.NewString(), name("x")).problem(http.StatusNotFound, "category.unknown")

	w.delete(at, "If-Match", got.header.Get("ETag")).problem(http.StatusPreconditionFailed, "error.changed")
	w.delete(at, "If-Match", w.get(at).header.Get("ETag")).is(http.StatusNoContent)
	w.delete(at).problem(http.StatusNotFound, "category.unknown")
	w.delete("/products/" + w.soap.ID.String()).is(http.StatusNoContent)
	full := w.delete("/categories/"+w.grocery.ID.String(), "Accept-Language", "fr")
	full.problem(http.StatusConflict, "category.not_empty")
	require.Contains(t, string(full.body), "2 produits", "one is retired, and has it all the same")
	w.get("/categories/" + w.grocery.ID.String()).is(http.StatusOK)
}

// A deposit is made and written whole or in part, and what carries it is told; its code stays.
func TestDepositsAndFees(t *testing.T) {
	w := newWorld(t)
	body := func(pairs ...any) map[string]any {
		b := map[string]any{"name": map[string]string{"fr": "Consigne"}, "amount": map[string]any{"amount": 10, "currency": "CAD"}, "tax_class": retail.Exempt}
		for i := 0; i < len(pairs); i += 2 {
			b[pairs[i].(string)] = pairs[i+1]
		}
		return b
	}
	w.post("/charges", body("code", "cons 10")).problem(http.StatusUnprocessableEntity, "charge.wrong")
	made := w.post("/charges", body("code", "CONS-10"), idempotency, "one").is(http.StatusCreated)
	require.Equal(t, api.Root+"/charges/CONS-10", made.header.Get("Location"))
	w.post("/charges", body("code", "CONS-10"), idempotency, "one").is(http.StatusCreated)
	taken := w.post("/charges", body("code", "CONS-10"), "Accept-Language", "fr")
	taken.problem(http.StatusConflict, "charge.code_taken")
	require.Contains(t, string(taken.body), "CONS-10 existe déjà")

	at := "/charges/CONS-10"
	got := w.get(at).is(http.StatusOK)
	tag := got.header.Get("ETag")
	require.Equal(t, read[api.Charge](made), read[api.Charge](got))
	w.get(at, "If-None-Match", tag).is(http.StatusNotModified)
	w.put(at, body("tax_class", retail.Taxable), "If-Match", tag).is(http.StatusOK)
	w.put(at, body(), "If-Match", tag).problem(http.StatusPreconditionFailed, "error.changed")
	dearer := read[api.Charge](w.patch(at, map[string]any{"amount": map[string]any{"amount": 25}}).is(http.StatusOK))
	require.EqualValues(t, 25, dearer.Amount.Amount)
	require.Equal(t, retail.Taxable, dearer.TaxClass)
	w.put(at, body("amount", map[string]any{"amount": -1, "currency": "CAD"})).problem(http.StatusUnprocessableEntity, "charge.amount_wrong")
	w.put(at, body("amount", map[string]any{"amount": 1, "currency": "EUR"})).problem(http.StatusUnprocessableEntity, "api.currency")
	w.put(at, body("name", map[string]string{"fr": " "})).problem(http.StatusUnprocessableEntity, "charge.name")
	w.put("/charges/NONE", body()).problem(http.StatusNotFound, "charge.unknown")
	w.get("/charges/NONE").problem(http.StatusNotFound, "charge.unknown")
}

// However JSON is asked for, the answer is the one that its tag is of.
func TestATagIsOfWhatIsAnswered(t *testing.T) {
	w := newWorld(t)
	body := w.body("100")
	body["name"] = map[string]any{"fr": "Sel & <poivre>"}
	p := read[api.Product](w.post("/products", body).is(http.StatusCreated))
	at := "/products/" + p.ID.String()
	first := w.get(at).is(http.StatusOK)
	require.Contains(t, string(first.body), `"fr":"Sel & <poivre>"`)
	for _, accept := range []string{"application/json", "json", "*/*", "text/html"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+api.Root+at, nil)
		require.NoError(t, err)
		r.Header = http.Header{"Authorization": {"Bearer " + w.token}, "Accept": {accept}}
		resp, err := w.server.Client().Do(r)
		require.NoError(t, err)
		again, err := io.ReadAll(resp.Body)
		require.NoError(t, errors.Join(err, resp.Body.Close()))
		require.Equal(t, string(first.body), string(again), accept)
		require.Equal(t, first.header.Get("ETag"), resp.Header.Get("ETag"), accept)
	}
	written := w.put(at, body, "If-Match", first.header.Get("ETag")).is(http.StatusOK)
	require.Equal(t, string(first.body), string(written.body))
	body["name"] = map[string]any{"fr": "Sel & <poivre >"}
	require.NotEqual(t, first.header.Get("ETag"), w.put(at, body).is(http.StatusOK).header.Get("ETag"))
}
