package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/db"
	"comptant/hq/importer"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

func TestStock(t *testing.T) {
	w := newWorld(t)
	type page = api.Page[api.Level]
	for query, found := range map[string]int{
		"": 5, "?location=" + w.north.ID.String(): 2, "?product=" + w.syrup.ID.String(): 3, "?alert=negative": 1, "?alert=over": 1,
		"?alert=out&location=" + w.north.ID.String(): 1,
	} {
		require.Len(t, read[page](w.get("/warehouse/stock"+query).is(http.StatusOK)).Items, found, query)
	}
	seen := map[[2]uuid.UUID]bool{}
	for next := ""; ; {
		p := read[page](w.get("/warehouse/stock?limit=2&cursor=" + next).is(http.StatusOK))
		for _, l := range p.Items {
			seen[[2]uuid.UUID{l.Location, l.Product}] = true
		}
		if next = p.Next; next == "" {
			break
		}
	}
	require.Len(t, seen, 5)
	w.get("/warehouse/stock?cursor=x").problem(http.StatusUnprocessableEntity, "page.unknown")
	w.get("/warehouse/stock?alert=blue").is(http.StatusUnprocessableEntity)

	at := "/warehouse/stock/" + w.north.ID.String() + "/" + w.syrup.ID.String()
	l := read[api.Level](w.get(at).is(http.StatusOK))
	require.EqualValues(t, 31_000, l.OnHand)
	require.Equal(t, api.Money{Amount: 574, Currency: "CAD"}, l.UnitCost)
	require.Equal(t, [2]money.Quantity{0, 31_000}, [2]money.Quantity{l.Reserved, l.Available})
	w.tx(func(tx *db.Tx) error {
		wish := stock.Wish{Location: w.north.ID, Order: uuid.New(), Lines: []retail.StockLine{{Product: w.syrup.ID, Quantity: 3000}}}
		var batch pgx.Batch
		shelves := stock.Hold(&batch, wish)
		require.NoError(t, tx.Send(t.Context(), &batch))
		require.Nil(t, shelves.Reserve(tx, wish)[0])
		return nil
	})
	promised := read[api.Level](w.get(at).is(http.StatusOK))
	require.Equal(t, [3]money.Quantity{31_000, 3000, 28_000}, [3]money.Quantity{promised.OnHand, promised.Reserved, promised.Available})
	require.Contains(t, read[page](w.get("/warehouse/stock?location="+w.north.ID.String())).Items, promised)
	empty := read[api.Level](w.get("/warehouse/stock/" + w.depot.ID.String() + "/" + w.soap.ID.String()).is(http.StatusOK))
	require.Zero(t, empty.OnHand)
	require.Nil(t, empty.ChangedAt)
	w.get("/warehouse/stock/"+uuid.NewString()+"/"+w.soap.ID.String()).problem(http.StatusNotFound, "location.unknown")
	w.get("/warehouse/stock/"+w.depot.ID.String()+"/"+uuid.NewString()).problem(http.StatusNotFound, "product.unknown")

	set := read[api.Level](w.put(at+"/thresholds", map[string]any{"restock_below": 40_000, "out_below": 5000, "over_above": 90_000}).is(http.StatusOK))
	require.EqualValues(t, "restock", set.Alert)
	w.put(at+"/thresholds", map[string]any{"restock_below": 1, "out_below": 5000, "over_above": 90_000}).problem(http.StatusUnprocessableEntity, "threshold.order")
}

func TestAdjustments(t *testing.T) {
	w := newWorld(t)
	adjust := func(pairs ...any) map[string]any {
		body := map[string]any{"location": w.north.ID, "product": w.syrup.ID, "cause": "damaged", "note": "tombé"}
		for i := 0; i < len(pairs); i += 2 {
			body[pairs[i].(string)] = pairs[i+1]
		}
		return body
	}
	by := read[api.Adjustment](w.post("/warehouse/stock/adjustments", adjust("change", -1500)).is(http.StatusCreated))
	require.EqualValues(t, 29_500, by.Level.OnHand)
	to := read[api.Adjustment](w.post("/warehouse/stock/adjustments", adjust("to", 40_000, "cause", "found")).is(http.StatusCreated))
	require.EqualValues(t, 10_500, to.Change)
	w.post("/warehouse/stock/adjustments", adjust("to", 40_000)).problem(http.StatusUnprocessableEntity, "adjust.quantity")
	w.post("/warehouse/stock/adjustments", adjust()).problem(http.StatusUnprocessableEntity, "adjust.quantity")
	w.post("/warehouse/stock/adjustments", adjust("to", 1, "change", 1)).problem(http.StatusUnprocessableEntity, "adjust.quantity")
	w.post("/warehouse/stock/adjustments", adjust("change", int64(1)<<60)).problem(http.StatusUnprocessableEntity, "adjust.quantity")
	w.post("/warehouse/stock/adjustments", adjust("change", 1, "product", uuid.New())).problem(http.StatusUnprocessableEntity, "product.unknown")
	w.post("/warehouse/stock/adjustments", adjust("change", 1, "location", uuid.New())).problem(http.StatusNotFound, "location.unknown")
	w.post("/warehouse/stock/adjustments", adjust("change", 1, "cause", "stolen")).is(http.StatusUnprocessableEntity)

	path := "/warehouse/stock/" + w.north.ID.String() + "/" + w.syrup.ID.String() + "/movements"
	all := read[api.Page[api.Movement]](w.get(path).is(http.StatusOK)).Items
	require.Len(t, all, 3)
	last := all[2]
	require.Equal(t, "opening", last.Reason)
	var notes []string
	for _, m := range all[:2] {
		require.Equal(t, "adjusted", m.Reason)
		require.NotNil(t, m.By)
		notes = append(notes, m.Cause+" "+m.Note)
	}
	require.ElementsMatch(t, []string{"damaged tombé", "found tombé"}, notes)
	first := read[api.Page[api.Movement]](w.get(path + "?limit=2").is(http.StatusOK))
	require.Equal(t, []api.Movement{last}, read[api.Page[api.Movement]](w.get(path+"?cursor="+first.Next)).Items)
}

// Goods go from the warehouse to a store: asked for, approved in part, shipped.
func TestRestocks(t *testing.T) {
	w := newWorld(t)
	line := func(product uuid.UUID, quantity int) map[string]any {
		return map[string]any{"product": product, "quantity": quantity}
	}
	ask := func(store uuid.UUID, lines ...any) answer {
		return w.post("/warehouse/restocks", map[string]any{"store": store, "lines": lines})
	}
	made := ask(w.north.ID, line(w.syrup.ID, 24_000)).is(http.StatusCreated)
	r := read[api.Restock](made)
	require.Equal(t, "requested", r.State)
	require.EqualValues(t, 640_000, r.Lines[0].Warehouse)
	at := "/warehouse/restocks/" + w.north.ID.String() + "/" + r.ID.String()
	require.Equal(t, api.Root+at, made.header.Get("Location"))
	ask(w.depot.ID, line(w.syrup.ID, 1)).problem(http.StatusNotFound, "location.unknown")
	ask(w.north.ID, line(uuid.New(), 1)).problem(http.StatusUnprocessableEntity, "product.unknown")
	ask(w.north.ID, line(w.syrup.ID, 0)).is(http.StatusUnprocessableEntity)

	ship := func(lines ...any) answer {
		return w.post(at+"/ship", map[string]any{"warehouse": w.depot.ID, "lines": lines})
	}
	ship().problem(http.StatusConflict, "restock.not_approved")
	w.post(at+"/approve", map[string]any{"lines": []any{line(w.syrup.ID, 25_000)}}).problem(http.StatusUnprocessableEntity, "restock.approved")
	w.post(at+"/approve", map[string]any{"lines": []any{line(w.syrup.ID, 1), line(w.syrup.ID, 2)}}).problem(http.StatusUnprocessableEntity, "restock.twice")
	approved := read[api.Restock](w.post(at+"/approve", map[string]any{"lines": []any{line(w.syrup.ID, 12_000)}}).is(http.StatusOK))
	require.Equal(t, "approved", approved.State)
	require.EqualValues(t, 12_000, approved.Lines[0].Approved)
	w.post(at+"/reject", nil).problem(http.StatusConflict, "restock.decided")
	sent := read[api.Shipment](ship(line(w.syrup.ID, 10_000)).is(http.StatusCreated))
	require.Equal(t, r.ID, *sent.Restock)
	ship().problem(http.StatusConflict, "restock.not_approved")
	got := w.get(at).is(http.StatusOK)
	require.Equal(t, "shipped", read[api.Restock](got).State)
	require.Equal(t, sent.ID, *read[api.Restock](got).Shipment)
	require.EqualValues(t, 630_000, read[api.Level](w.get("/warehouse/stock/"+w.depot.ID.String()+"/"+w.syrup.ID.String())).OnHand)
	require.EqualValues(t, 10_000, read[api.Level](w.get("/warehouse/stock/"+w.north.ID.String()+"/"+w.syrup.ID.String())).InTransit)
	require.Equal(t, []api.Shipment{sent}, read[api.Page[api.Shipment]](w.get("/warehouse/shipments?on_the_way=true&store="+w.north.ID.String()).is(http.StatusOK)).Items)
	require.Equal(t, sent, read[api.Shipment](w.get("/warehouse/shipments/"+w.north.ID.String()+"/"+sent.ID.String()).is(http.StatusOK)))

	second := read[api.Restock](ask(w.south.ID, line(w.syrup.ID, 1000), line(w.soap.ID, 1000)).is(http.StatusCreated))
	whole := "/warehouse/restocks/" + w.south.ID.String() + "/" + second.ID.String()
	require.EqualValues(t, 1000, read[api.Restock](w.post(whole+"/approve", nil).is(http.StatusOK)).Lines[1].Approved)
	third := read[api.Restock](ask(w.south.ID, line(w.soap.ID, 1000)).is(http.StatusCreated))
	require.Equal(t, "refused", read[api.Restock](w.post("/warehouse/restocks/"+w.south.ID.String()+"/"+third.ID.String()+"/reject", nil).is(http.StatusOK)).State)
	for query, found := range map[string]int{"": 3, "?state=shipped": 1, "?store=" + w.south.ID.String(): 2, "?state=requested": 0} {
		require.Len(t, read[api.Page[api.Restock]](w.get("/warehouse/restocks"+query).is(http.StatusOK)).Items, found, query)
	}
}

func TestStores(t *testing.T) {
	w := newWorld(t)
	body := func(code, name string) map[string]any {
		return map[string]any{"code": code, "name": name, "zone": "America/Toronto", "currency": "CAD"}
	}
	made := read[api.Store](w.post("/warehouse/stores", body("OU", "Magasin Ouest")).is(http.StatusCreated))
	require.Len(t, read[api.Page[api.Store]](w.get("/warehouse/stores").is(http.StatusOK)).Items, 3)
	require.Equal(t, w.depot.ID, read[api.Page[api.Store]](w.get("/warehouse/locations?kind=warehouse").is(http.StatusOK)).Items[0].ID)
	all := read[api.Page[api.Store]](w.get("/warehouse/locations").is(http.StatusOK)).Items
	require.Len(t, all, 4)
	require.Equal(t, []string{"store", "warehouse"}, []string{all[0].Kind, all[3].Kind})
	require.Len(t, read[api.Page[api.Store]](w.get("/warehouse/locations?kind=store").is(http.StatusOK)).Items, 3)
	at := "/warehouse/stores/" + made.ID.String()
	got := w.get(at).is(http.StatusOK)
	w.put(at, body("OU", "Magasin de l’Ouest"), "If-Match", got.header.Get("ETag")).is(http.StatusOK)
	w.put(at, body("OU", "Ouest"), "If-Match", got.header.Get("ETag")).problem(http.StatusPreconditionFailed, "error.changed")
	w.put(at, body("NO", "Ouest")).problem(http.StatusConflict, "location.code_taken")
	w.put(at, body("OU", "Magasin Nord")).problem(http.StatusConflict, "location.name_taken")
	w.post("/warehouse/stores", body("ou", "x")).problem(http.StatusUnprocessableEntity, "location.code")
	zone, currency := body("XX", "x"), body("XX", "x")
	zone["zone"], currency["currency"] = "Mars", "XXX"
	w.post("/warehouse/stores", zone).problem(http.StatusUnprocessableEntity, "location.zone")
	w.post("/warehouse/stores", currency).problem(http.StatusUnprocessableEntity, "location.currency")
	w.delete(at, "If-Match", got.header.Get("ETag")).problem(http.StatusPreconditionFailed, "error.changed")
	person := users.Staff{ID: uuid.New(), Name: "Luc", Role: retail.RoleCashier, Lang: "fr", Stores: []uuid.UUID{made.ID}}
	w.tx(func(tx *db.Tx) error { return users.Put(t.Context(), tx, person, users.Password{}, users.PIN{}) })
	w.delete(at).problem(http.StatusConflict, "location.used")
	person.Stores = nil
	w.tx(func(tx *db.Tx) error { return users.Put(t.Context(), tx, person, users.Password{}, users.PIN{}) })
	code := read[api.Code](w.post("/tills/codes", map[string]any{"store": made.ID, "number": 1}).is(http.StatusCreated)).Code
	w.put("/warehouse/stock/"+made.ID.String()+"/"+w.syrup.ID.String()+"/thresholds", map[string]any{"restock_below": 1, "out_below": 1, "over_above": 2}).is(http.StatusOK)
	w.delete(at).is(http.StatusNoContent)
	w.get(at).problem(http.StatusNotFound, "location.unknown")
	w.delete(at).problem(http.StatusNotFound, "location.unknown")
	_, err := w.desk.Enrol(t.Context(), wire.EnrolRequest{Code: code, Key: make([]byte, 32)}, "127.0.0.1")
	require.Error(t, err, "its codes enrol nothing any more")
	var left int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM stock.threshold WHERE location_id = $1`, made.ID).Scan(&left))
	require.Zero(t, left)
	w.delete("/warehouse/stores/"+w.north.ID.String()).problem(http.StatusConflict, "location.used")
	w.delete("/warehouse/stores/"+w.depot.ID.String()).problem(http.StatusNotFound, "location.unknown")
	w.get("/warehouse/stores/"+w.depot.ID.String()).problem(http.StatusNotFound, "location.unknown")
	w.put("/warehouse/stores/"+w.depot.ID.String(), body("CL", "x")).problem(http.StatusNotFound, "location.unknown")
}

// A store is not removed while an import writes for it, nor written for once it is being removed: nothing is left to nobody, and who is
// refused is told why.
func TestAStoreIsRemovedWhileItIsImportedFor(t *testing.T) {
	w := newWorld(t)
	store := func(code string) (at string) {
		made := read[api.Store](w.post("/warehouse/stores", map[string]any{"code": code, "name": "Magasin " + code, "zone": "America/Toronto"}).is(http.StatusCreated))
		return "/warehouse/stores/" + made.ID.String()
	}
	bring := func(code string) (apply string) {
		u := read[api.Upload](w.ask(http.MethodPost, api.Root+"/imports?kind=stock", "store;sku;stock on hand\n"+code+";204310;5\n", "Content-Type", "text/csv").is(http.StatusCreated))
		require.Zero(t, w.upload(u.ID).Bad)
		return "/imports/" + u.ID.String()
	}
	// held keeps a table from being written until what it gives is called.
	held := func(table string) (release func()) {
		tx, err := w.db.Begin(t.Context())
		require.NoError(t, err)
		t.Cleanup(func() { _ = tx.Rollback(context.Background()) }) // or what waits would wait for ever
		_, err = tx.Exec(t.Context(), `LOCK TABLE `+table+` IN SHARE MODE`)
		require.NoError(t, err)
		return func() { require.NoError(t, tx.Commit(t.Context())) }
	}
	waits := func(n int) {
		t.Helper()
		require.Eventually(t, func() bool {
			var waiting int
			err := w.db.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(&waiting)
			return err == nil && waiting >= n
		}, time.Minute, 10*time.Millisecond)
	}
	imported := func(upload string) api.Upload {
		return w.upload(uuid.MustParse(strings.TrimPrefix(upload, "/imports/")))
	}

	first, upload := store("P1"), bring("P1")
	release := held("stock.movement")
	w.post(upload+"/apply", nil).is(http.StatusOK)
	waits(1)
	w.put(first, map[string]any{"code": "P1", "name": "Premier", "zone": "America/Toronto"}).is(http.StatusOK)
	busy := w.delete(first, "Accept-Language", "fr")
	release()
	busy.problem(http.StatusConflict, "location.busy")
	require.Contains(t, string(busy.body), "en cours d’importation")
	require.Equal(t, importer.Imported, imported(upload).State)
	w.delete(first).problem(http.StatusConflict, "location.used")

	second, upload := store("P2"), bring("P2")
	release = held("stock.threshold")
	gone := make(chan answer)
	go func() { gone <- w.send(http.MethodDelete, api.Root+second, nil) }()
	waits(1)
	w.post(upload+"/apply", nil).is(http.StatusOK)
	waits(2)
	release()
	require.Equal(t, http.StatusNoContent, (<-gone).status)
	refused := imported(upload)
	require.Equal(t, importer.Checked, refused.State)
	require.Len(t, refused.BadRows, 1)
	require.Equal(t, importer.Remedy("store"), refused.BadRows[0].Remedy)

	var lost int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM stock.level l WHERE NOT EXISTS (SELECT FROM stock.location p WHERE p.id = l.location_id)`).Scan(&lost))
	require.Zero(t, lost)
}
