package api_test

import (
	"crypto/ed25519"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// enrol uses a code as a till would.
func (w *world) enrol(code string) wire.EnrolReply {
	w.t.Helper()
	key, _, err := ed25519.GenerateKey(nil)
	require.NoError(w.t, err)
	reply, err := w.desk.Enrol(w.t.Context(), wire.EnrolRequest{Code: code, Key: key}, "127.0.0.1")
	require.NoError(w.t, err)
	return reply
}

// sell records the sale of a quantity of a product, paid by card with the taxes of Québec.
func (w *world) sell(till uuid.UUID, seq uint64, store retail.Location, p catalog.Product, units money.Quantity) {
	w.t.Helper()
	amount := p.Price.Mul(units)
	tps, tvq := money.Rate(5000).Of(amount), money.Rate(9975).Of(amount)
	d := sales.Document{
		Place:        sales.Place{Store: store.ID, Till: till, Epoch: 1, Seq: seq, At: w.now.Add(time.Duration(seq) * time.Minute), User: uuid.New()},
		BusinessDate: retail.DateOf(w.now), Number: seq, Revenue: amount, Total: amount + tps + tvq, Card: amount + tps + tvq,
		Taxes: []sales.Tax{{Code: "TPS", Rate: 5000, Base: amount, Amount: tps}, {Code: "TVQ", Rate: 9975, Base: amount, Amount: tvq}},
		Lines: []sales.Line{{Product: p.ID, Quantity: units, Revenue: amount, Cost: p.Cost.Mul(units)}},
	}
	w.tx(func(tx *db.Tx) error { return sales.Record(w.t.Context(), tx, []sales.Document{d}) })
}

func TestSales(t *testing.T) {
	w := newWorld(t)
	code, err := w.desk.NewCode(t.Context(), w.north.ID, 1)
	require.NoError(t, err)
	till := w.enrol(code).Till
	for seq := range uint64(3) {
		w.sell(till, seq+1, w.north, w.syrup, 2*money.One)
	}
	w.sell(uuid.New(), 1, w.south, w.soap, money.One)

	type page = api.Page[api.Receipt]
	require.Len(t, read[page](w.get("/sales/receipts").is(http.StatusOK)).Items, 4, "today")
	require.Empty(t, read[page](w.get("/sales/receipts?from=2026-11-21&to=2026-11-21").is(http.StatusOK)).Items)
	at := "/sales/receipts?from=2026-11-20&store=" + w.north.ID.String() + "&limit=2"
	first := read[page](w.get(at).is(http.StatusOK))
	require.Len(t, first.Items, 2)
	require.Equal(t, "NO-01-1-000003", first.Items[0].Number)
	require.Equal(t, "NO-01-1-000001", read[page](w.get(at + "&cursor=" + first.Next)).Items[0].Number)
	w.get("/sales/receipts?cursor=x").problem(http.StatusUnprocessableEntity, "page.unknown")
	w.get("/sales/receipts?from=yesterday").is(http.StatusUnprocessableEntity)
	w.get("/sales/receipts?store="+uuid.NewString()).problem(http.StatusUnprocessableEntity, "location.unknown")

	got := w.get("/sales/receipts/" + first.Items[0].ID).is(http.StatusOK)
	r := read[api.ReceiptInFull](got)
	require.Equal(t, first.Items[0], r.Receipt)
	require.Equal(t, "204310", r.Lines[0].SKU)
	require.EqualValues(t, 2298, r.Lines[0].Revenue.Amount)
	require.EqualValues(t, 229, r.Taxes[1].Amount.Amount)
	w.get("/sales/receipts/"+first.Items[0].ID, "If-None-Match", got.header.Get("ETag")).is(http.StatusNotModified)
	for _, id := range []string{"x", w.north.ID.String() + "_2026-11-22_" + till.String() + "_1-9-0", w.north.ID.String() + "_x_" + till.String() + "_1-9-0", "a_b_c_d"} {
		w.get("/sales/receipts/"+id).problem(http.StatusNotFound, "receipt.unknown")
	}

	report := read[api.Report](w.get("/sales/reports?from=2026-11-16&to=2026-11-22").is(http.StatusOK))
	require.EqualValues(t, 3*2298+499, report.Total.Revenue.Amount)
	require.Len(t, report.Days, 7)
	require.EqualValues(t, 4, report.Days[6].Tickets)
	require.Len(t, report.Stores, 2)
	require.Equal(t, w.syrup.ID, report.Best[0].Product)
	require.EqualValues(t, report.Total.Total.Amount-report.Total.Revenue.Amount, report.Taxes[0].Amount.Amount+report.Taxes[1].Amount.Amount)
	require.Len(t, read[api.Report](w.get("/sales/reports?store="+w.south.ID.String())).Stores, 1)
	year := w.get("/sales/reports?from=2026-01-01&to=2026-11-22").is(http.StatusOK)
	require.Equal(t, strconv.Itoa(len(year.body)), year.header.Get("Content-Length"), "it comes in chunks")
	w.get("/sales/reports?from=2026-11-22&to=2026-11-01").problem(http.StatusUnprocessableEntity, "report.period")

	broken := read[api.Breakdown](w.get("/sales/reports/breakdown?each=product&paid_by=card").is(http.StatusOK))
	require.Len(t, broken.Parts, 2)
	require.Equal(t, w.syrup.ID, *broken.Parts[0].ID)
	require.EqualValues(t, 3*2298, broken.Parts[0].Revenue.Amount)
	require.EqualValues(t, 6000, broken.Parts[0].Units)
	require.Len(t, read[api.Breakdown](w.get("/sales/reports/breakdown?each=product&limit=1")).Parts, 1)
	days := read[api.Breakdown](w.get("/sales/reports/breakdown?each=day&from=2026-11-01&product=" + w.soap.ID.String()).is(http.StatusOK))
	require.Equal(t, "2026-11-22", days.Parts[0].Date)
	require.EqualValues(t, 499, days.Parts[0].Revenue.Amount)
	category := "/sales/reports/breakdown?each=category&category=" + w.syrup.Category.String()
	require.Equal(t, w.syrup.Category, *read[api.Breakdown](w.get(category).is(http.StatusOK)).Parts[0].ID)
	require.Empty(t, read[api.Breakdown](w.get("/sales/reports/breakdown?each=tender&cashier="+uuid.NewString())).Parts)
	w.get("/sales/reports/breakdown?each=weather").is(http.StatusUnprocessableEntity)
	w.get("/sales/reports/breakdown").is(http.StatusUnprocessableEntity)

	w.tx(func(tx *db.Tx) error {
		w.south.Currency = "EUR"
		if err := catalog.PutCurrencies(t.Context(), tx, retail.Currencies()...); err != nil {
			return err
		}
		return stock.PutLocations(t.Context(), tx, w.south)
	})
	for _, at := range []string{"/sales/reports?", "/sales/reports/breakdown?each=store&"} {
		w.get(at).problem(http.StatusUnprocessableEntity, "report.currencies")
		w.get(at+"currency=USD").problem(http.StatusUnprocessableEntity, "report.currency")
		w.get(at + "store=" + w.south.ID.String()).is(http.StatusOK)
	}
	euros := read[api.Report](w.get("/sales/reports?currency=EUR").is(http.StatusOK))
	require.Equal(t, api.Money{Amount: 499, Currency: "EUR"}, euros.Total.Revenue)
}

func TestShifts(t *testing.T) {
	w := newWorld(t)
	till, user := uuid.New(), uuid.New()
	w.tx(func(tx *db.Tx) error {
		var all []sales.Drawer
		for n := range uint64(3) {
			all = append(all, sales.Drawer{
				Place: sales.Place{Store: w.north.ID, Till: till, Epoch: 1, Seq: 10*n + 1, At: sunday.Add(time.Duration(n) * time.Hour), User: user},
				Body:  retail.ShiftOpen{Shift: n + 1, BusinessDate: 20261122, Float: 10_000},
			})
		}
		all = append(all, sales.Drawer{
			Place: sales.Place{Store: w.north.ID, Till: till, Epoch: 1, Seq: 2, At: sunday.Add(time.Minute), User: user},
			Body: retail.ShiftClose{
				Number: 1, Shift: 1, BusinessDate: 20261122, Opened: retail.ChainEnd{Epoch: 1, Seq: 1}, Float: 10_000, Expected: 10_000, Counted: 9_900,
			},
		})
		return sales.RecordDrawer(t.Context(), tx, all)
	})
	type page = api.Page[api.Shift]
	at := "/sales/shifts?store=" + w.north.ID.String()
	first := read[page](w.get(at + "&limit=2").is(http.StatusOK))
	require.Len(t, first.Items, 2)
	require.EqualValues(t, 3, first.Items[0].Number)
	require.Nil(t, first.Items[0].ClosedAt)
	require.Nil(t, first.Items[0].Counted)
	rest := read[page](w.get(at + "&limit=2&cursor=" + first.Next).is(http.StatusOK))
	require.Len(t, rest.Items, 1)
	require.Empty(t, rest.Next)
	require.Equal(t, api.Money{Amount: -100, Currency: "CAD"}, *rest.Items[0].Difference)
	require.True(t, *rest.Items[0].Agrees)
	w.get(at+"&cursor=x").problem(http.StatusUnprocessableEntity, "page.unknown")
	w.get("/sales/shifts").is(http.StatusUnprocessableEntity)
	w.get("/sales/shifts?store="+w.depot.ID.String()).problem(http.StatusUnprocessableEntity, "location.unknown")
}

func TestTills(t *testing.T) {
	w := newWorld(t)
	code := func(store uuid.UUID, number int) answer {
		return w.post("/tills/codes", map[string]any{"store": store, "number": number})
	}
	till := w.enrol(read[api.Code](code(w.north.ID, 1).is(http.StatusCreated)).Code).Till
	w.enrol(read[api.Code](code(w.south.ID, 1).is(http.StatusCreated)).Code)
	code(w.depot.ID, 1).problem(http.StatusNotFound, "location.unknown")
	code(w.north.ID, 100).is(http.StatusUnprocessableEntity)
	type page = api.Page[api.Till]
	first := read[page](w.get("/tills?limit=1").is(http.StatusOK))
	require.Len(t, read[page](w.get("/tills?limit=1&cursor="+first.Next).is(http.StatusOK)).Items, 1)
	require.Equal(t, till, read[page](w.get("/tills?store=" + w.north.ID.String())).Items[0].ID)
	at := "/tills/" + till.String()
	require.Equal(t, "offline", read[api.Till](w.get(at).is(http.StatusOK)).State)
	lock := map[string]string{"reason": "audit", "call": "Ann"}
	require.Equal(t, api.Lock{At: sunday.UTC(), Reason: "audit", Call: "Ann"}, *read[api.Till](w.post(at+"/lock", lock).is(http.StatusOK)).Lock)
	require.Nil(t, read[api.Till](w.post(at+"/unlock", nil).is(http.StatusOK)).Lock)
	w.post(at+"/lock", map[string]string{"reason": ""}).is(http.StatusUnprocessableEntity)
	require.Equal(t, "revoked", read[api.Till](w.post(at+"/revoke", nil).is(http.StatusOK)).State)
	w.post(at+"/lock", lock).problem(http.StatusConflict, "tills.is_revoked")
	hasPIN := func() (n int) {
		require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM users.staff WHERE pin IS NOT NULL`).Scan(&n))
		return n
	}
	pin, err := users.NewPIN("1234")
	require.NoError(t, err)
	zoe := users.Staff{ID: uuid.New(), Name: "Zoé", Role: retail.RoleCashier, Lang: "fr", Stores: []uuid.UUID{w.north.ID}}
	w.tx(func(tx *db.Tx) error { return users.Put(t.Context(), tx, zoe, users.Password{}, pin) })
	w.post(at+"/revoke", nil).is(http.StatusOK)
	require.Equal(t, 1, hasPIN())
	w.post(at+"/revoke?stolen=true", nil).is(http.StatusOK)
	require.Zero(t, hasPIN())
	w.post("/tills/"+uuid.NewString()+"/revoke", nil).problem(http.StatusNotFound, "tills.unknown")
	w.get("/tills/"+uuid.NewString()).problem(http.StatusNotFound, "tills.unknown")
}

func TestUsers(t *testing.T) {
	w := newWorld(t)
	emma := users.Staff{ID: uuid.New(), Name: "Emma", Email: "emma@comptant.example", Role: retail.RoleManager, Lang: "fr", Stores: []uuid.UUID{w.north.ID}}
	marie := retail.Customer{ID: uuid.New(), Name: "Marie Tremblay", Phone: "514 555-0199", At: sunday.UnixMilli()}
	w.tx(func(tx *db.Tx) error {
		if err := users.Put(t.Context(), tx, emma, users.Password{}, users.PIN{}); err != nil {
			return err
		}
		return users.PutCustomer(t.Context(), tx, w.north.ID, marie)
	})
	all := read[api.Page[api.User]](w.get("/users").is(http.StatusOK)).Items
	require.Len(t, all, 1)
	require.Equal(t, []uuid.UUID{w.north.ID}, all[0].Stores)
	at := "/users/" + emma.ID.String()
	require.Equal(t, all[0], read[api.User](w.get(at).is(http.StatusOK)))
	require.NotNil(t, read[api.User](w.post(at+"/disable", nil).is(http.StatusOK)).DisabledAt)
	require.Nil(t, read[api.User](w.post(at+"/enable", nil).is(http.StatusOK)).DisabledAt)
	w.get("/users/"+uuid.NewString()).problem(http.StatusNotFound, "staff.unknown")
	w.post("/users/"+uuid.NewString()+"/disable", nil).problem(http.StatusNotFound, "staff.unknown")

	found := read[api.Page[api.Customer]](w.get("/customers?q=tremb").is(http.StatusOK)).Items
	require.Len(t, found, 1)
	who := "/customers/" + marie.ID.String()
	require.Equal(t, "Marie Tremblay", read[api.Customer](w.get(who).is(http.StatusOK)).Name)
	w.delete(who).is(http.StatusNoContent)
	gone := read[api.Customer](w.get(who).is(http.StatusOK))
	require.Empty(t, gone.Name)
	require.NotNil(t, gone.ErasedAt)
	w.get("/customers").is(http.StatusUnprocessableEntity)
	w.get("/customers/"+uuid.NewString()).problem(http.StatusNotFound, "customer.unknown")
	w.delete("/customers/"+uuid.NewString()).problem(http.StatusNotFound, "customer.unknown")
}
