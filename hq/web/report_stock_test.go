package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/web"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// The value of the stock, by location, category and product, says what the levels come to and leads to what moved them.
func TestStockIsValued(t *testing.T) {
	w, c := traded(t, false)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/reports/valuation")
	for _, shown := range []string{
		"3\u00a0673,60", // the warehouse: 640 at 5.74
		"166,46",        // the north: 29 at 5.74, and soap of which nobody knows the cost
		"Centre logistique", "Épicerie", "Montants en CAD", "au 22\u00a0nov",
		"/stock?product=" + c.syrup.ID.String(),
	} {
		require.Contains(t, page, shown)
	}
	require.NotContains(t, page, `name="compare"`)
	_, page, _ = v.get("/reports/valuation?warehouse=" + c.depot.ID.String())
	require.Contains(t, page, "3\u00a0673,60")
	require.NotContains(t, page, "166,46")
	require.Contains(t, page, "at="+c.depot.ID.String(), "its figures lead to what moved there")
	_, file, _ := v.get("/reports/valuation/table.csv")
	require.Contains(t, file, "Sirop d’érable;204310;Épicerie;667,000;5,76;3840,06;")
	_, page, _ = v.get("/reports/valuation?category=" + uuid.NewString())
	require.NotContains(t, page, "3\u00a0673,60")

	w.sell(c.depot, sunday, c.soap, money.One)
	_, page, _ = v.get("/reports/valuation")
	require.Equal(t, 1, strings.Count(page, ">Centre logistique<"), "a warehouse that has sold is among who sells, and counted once")
	require.Contains(t, page, ">Nord<", "and leaves the stores their short names")
}

func TestShrinkageIsReported(t *testing.T) {
	w, c := traded(t, false)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/reports/shrinkage?period=today")
	for _, shown := range []string{"Abîmé", "−11,48", "Nord", "Sirop d’érable"} {
		require.Contains(t, page, shown)
	}
	require.NotContains(t, page, "=tombé")
	_, page, _ = v.get("/reports/shrinkage?period=today&product=" + c.syrup.ID.String())
	require.Contains(t, page, "Abîmé: =tombé", "of one product each finding")
	_, page, _ = v.get("/reports/shrinkage?period=yesterday")
	require.Contains(t, page, "Rien à rapporter")
	_, file, _ := v.get("/reports/shrinkage/table.csv?period=today")
	require.Contains(t, file, "Abîmé: =tombé")
	require.NotContains(t, file, ";=")
}

func TestDeadStockIsReported(t *testing.T) {
	w, c := traded(t, false)
	_, err := w.db.Exec(t.Context(), `UPDATE stock.movement SET at = at - interval '100 days'`)
	require.NoError(t, err)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/reports/dead")
	require.Contains(t, page, "Savon à mains", "the north never sold it")
	require.NotContains(t, page, "Centre logistique", "the north sells what the warehouse has")
	require.Contains(t, page, "at="+c.north.ID.String())
	_, page, _ = v.get("/reports/dead?idle=180")
	require.Contains(t, page, "Rien à rapporter", "it came 102 days ago")
}

// A manager of one store sees its figures and no other's.
func TestStockReportsKeepToTheirStores(t *testing.T) {
	w, c := traded(t, false)
	_, err := w.db.Exec(t.Context(), `INSERT INTO users.staff_store (store_id, staff_id) SELECT $1, id FROM users.staff WHERE role = 'manager'`, c.south.ID)
	require.NoError(t, err)
	v := w.as(retail.RoleManager)
	for _, name := range []string{"valuation", "shrinkage", "dead"} {
		_, page, _ := v.get("/reports/" + name + "?period=today")
		require.NotContains(t, page, "166,46", name)
		require.NotContains(t, page, "Abîmé", name)
		status, _, _ := v.get("/reports/" + name + "?store=" + c.north.ID.String())
		require.Equal(t, http.StatusForbidden, status)
	}
}

// sellDaily has a store sell a product every day of the last four weeks.
func (w *world) sellDaily(store retail.Location, product uuid.UUID, perDay money.Quantity) {
	for i := range 28 {
		day := retail.DateOf(sunday.AddDate(0, 0, -1-i))
		_, err := w.db.Exec(w.t.Context(), `
			INSERT INTO sales.daily_product (store_id, business_date, product_id, units, revenue, cost) VALUES ($1, $2, $3, $4, 0, 0)`, store.ID, day, product, perDay)
		require.NoError(w.t, err)
	}
}

func TestStockIsFilteredByDaysOfCover(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.sellDaily(c.north, c.syrup.ID, 11*money.One) // 31 there
	w.sellDaily(c.south, c.soap.ID, money.One)     // 90 there
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/stock?cover=short")
	require.Contains(t, page, "Sirop d’érable")
	require.Contains(t, page, "2 j")
	require.NotContains(t, page, "Savon")
	_, page, _ = v.get("/stock?cover=long")
	require.Contains(t, page, "Savon")
	require.Contains(t, page, "90 j")
	require.NotContains(t, page, "Sirop")
	_, page, _ = v.get("/stock?product=" + c.syrup.ID.String())
	require.Contains(t, page, "2 j")
}

// What is suggested stands beside what is asked for, with its rate.
func TestASuggestionStandsBesideTheRequest(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.sellDaily(c.north, c.syrup.ID, 5*money.One)
	w.askFor(c.north, c.syrup.ID, 60*money.One)
	_, page, _ := w.as(retail.RoleManager).get("/restock")
	require.Contains(t, page, "Suggéré")
	require.Contains(t, page, ">24<", "5 a day for 10 days, less 31, in cases of 12")
	require.Contains(t, page, "5 par jour")
}

func TestAutomaticRequestsAreSwitchedOn(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	status, _, location := v.post("/restock/"+c.north.ID.String()+"/automatic", "on", "yes")
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, "/restock#automatic", location)
	on, err := stock.Automatic(t.Context(), w.db)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{c.north.ID}, on)
	w.tx(func(tx *db.Tx) error {
		return stock.RequestRestock(t.Context(), tx, stock.RestockRequest{
			Location: c.north.ID, ID: uuid.New(), At: sunday, Automatic: true, Lines: []retail.StockLine{{Product: c.syrup.ID, Quantity: 12 * money.One}},
		})
	})
	_, page, _ := v.get("/restock")
	require.Contains(t, page, "Automatique")
	v.post("/restock/"+c.north.ID.String()+"/automatic", "on", "no")
	on, err = stock.Automatic(t.Context(), w.db)
	require.NoError(t, err)
	require.Empty(t, on)
}

// A clerk picks what was approved, ships it, and prints what is in the box.
func TestAClerkPicksAndShips(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	id := w.request(c, true)
	v := w.as(retail.RoleWarehouse)
	_, page, _ := v.get("/warehouse")
	require.Contains(t, page, "12 à prendre, 640 en stock")
	require.Contains(t, page, `value="12"`)
	_, _, location := v.post("/restock/"+c.north.ID.String()+"/"+id.String()+"/ship", "from", c.depot.ID.String(), "quantity-"+c.syrup.ID.String(), "12", "next", "packing")
	status, page, _ := v.get(location)
	require.Equal(t, http.StatusOK, status)
	for _, shown := range []string{"EXP-0001", "Magasin Nord", "1 × 12", "Sirop d’érable"} {
		require.Contains(t, page, shown)
	}
	_, page, _ = v.get("/warehouse")
	require.Contains(t, page, "Rien à préparer")
	require.Contains(t, page, "EXP-0001")
}

func TestShelfLabels(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/labels")
	require.Contains(t, page, "Aucune étiquette")
	_, page, _ = v.get("/labels?codes=204310+999")
	require.Contains(t, page, "11,49\u00a0$")
	require.Contains(t, page, "<rect")
	require.Contains(t, page, "Aucun produit pour\u00a0: 999")
	require.Equal(t, 1, strings.Count(page, `class="shelf-label"`))
	_, page, _ = v.get("/labels?since=2026-11-22")
	require.Contains(t, page, "Aucune étiquette", "nothing changed since")
	v.post("/catalogue/prices", "product", c.soap.SKU, "price", "5,49")
	_, page, _ = v.get("/labels?since=2026-11-22")
	require.Contains(t, page, "5,49\u00a0$")
	require.Equal(t, 1, strings.Count(page, `class="shelf-label"`))
	_, page, _ = v.get("/labels?q=s")
	require.Equal(t, 2, strings.Count(page, `class="shelf-label"`))

	// The labels of a store have its own prices.
	v.post("/catalogue/prices", "product", c.soap.SKU, "price", "4,29", "store", c.north.ID.String())
	for store, price := range map[string]string{c.north.ID.String(): "4,29", c.south.ID.String(): "5,49", "": "5,49"} {
		_, page, _ = v.get("/labels?codes=" + c.soap.SKU + "&store=" + store)
		require.Contains(t, page, `class="label-price">`+price+"\u00a0$")
	}
}

// The price of 100 g or 100 ml, from what the name says of the content.
func TestPricesAreComparedByContent(t *testing.T) {
	for name, want := range map[string]string{
		"Sirop d’érable ambré, 540 ml": "213 100 ml", "Eau 6 x 500 mL": "38 100 ml", "Farine 2,5 kg": "46 100 g", "Jus 1 L": "115 100 ml", "Vin 75 cl": "153 100 ml",
		"Savon": "", "Gants, L": "", "Café no 4": "", "Clé 12 gauge": "",
	} {
		require.Equal(t, want, web.PricePer(1149, name), name)
	}
}

// A barcode is that of its code: an EAN has 95 modules, between two bars at each end.
func TestBarcodesAreDrawn(t *testing.T) {
	bars, width := web.BarsOf("4006381333931")
	require.Equal(t, 95, width)
	require.Equal(t, 30, bars)
	_, width = web.BarsOf("204310")
	require.Positive(t, width)
	_, width = web.BarsOf("é")
	require.Zero(t, width)
}
