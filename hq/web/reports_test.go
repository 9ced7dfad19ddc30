package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

var reportNames = []string{"breakdown", "taxes", "margin", "products", "cashiers", "shifts", "valuation", "shrinkage", "dead"}

// traded is a world in which two stores have sold, given back and closed a drawer; the south pays in euros when it is asked for.
func traded(t *testing.T, euro bool) (*world, chain) {
	w := newWorld(t)
	c := w.open()
	if euro {
		c.south.Currency = "EUR"
		w.tx(func(tx *db.Tx) error {
			if err := catalog.PutCurrencies(t.Context(), tx, retail.Currencies()...); err != nil {
				return err
			}
			return stock.PutLocations(t.Context(), tx, c.south)
		})
	}
	w.sell(c.north, sunday.Add(-time.Hour), c.syrup, 3*money.One)
	w.sell(c.south, sunday.Add(-time.Hour), c.soap, 2*money.One)
	lastSeq += 2
	place := sales.Place{Store: c.north.ID, Till: uuid.UUID{1}, Epoch: 1, Seq: lastSeq, At: sunday}
	w.tx(func(tx *db.Tx) error {
		ctx := t.Context()
		refund := sales.Document{
			Place: place, BusinessDate: 20261122, Number: lastSeq, Refund: true, Revenue: -1149, Total: -1206, Card: -1206,
			Lines: []sales.Line{{Product: c.syrup.ID, Quantity: -money.One, Revenue: -1149, Cost: -574}},
			Taxes: []sales.Tax{{Code: "TPS", Rate: 5000, Base: -1149, Amount: -57}},
		}
		if err := sales.Record(ctx, tx, []sales.Document{refund}); err != nil {
			return err
		}
		broken := -2 * money.One
		adjustment := stock.Adjustment{Location: c.north.ID, ID: uuid.New(), Product: c.syrup.ID, At: sunday.Add(-time.Hour), Cause: "damaged", Note: "=tombé", Change: &broken}
		if _, err := stock.Adjust(ctx, tx, adjustment); err != nil {
			return err
		}
		place.Seq++
		deed := sales.Deed{Place: place, BusinessDate: 20261122, Deed: retail.DeedDrawer, Reason: "=monnaie"}
		if err := sales.RecordDeed(ctx, tx, deed); err != nil {
			return err
		}
		place.Seq++
		z := retail.ShiftClose{Number: 118, Shift: 1, BusinessDate: 20261122, Expected: 20000, Counted: 19915}
		return sales.RecordDrawer(ctx, tx, []sales.Drawer{{Place: place, Body: z}})
	})
	lastSeq += 3
	return w, c
}

// Every report shows what was done, compares or does not, and every link on it can be followed.
func TestReportsLeadToWhatTheyAreMadeOf(t *testing.T) {
	w, _ := traded(t, false)
	v := w.as(retail.RoleManager)
	followed := map[string]bool{}
	for _, name := range reportNames {
		for _, compare := range []string{"none", "before"} {
			status, page, _ := v.get("/reports/" + name + "?period=7&compare=" + compare)
			require.Equal(t, http.StatusOK, status, name)
			if name != "dead" { // what there is came two days ago
				require.NotContains(t, page, "Rien à rapporter", name)
			}
			for _, part := range strings.Split(page, `href="/re`)[1:] {
				href, _, _ := strings.Cut(part, `"`)
				href = "/re" + strings.ReplaceAll(href, "&amp;", "&")
				if !followed[href] {
					followed[href] = true
					status, _, _ := v.get(href)
					require.Equal(t, http.StatusOK, status, "%s on %s", href, name)
				}
			}
		}
		_, page, _ := v.get("/reports/" + name + "?from=2020-01-01&to=2020-01-02")
		if name != "products" && name != "valuation" { // where what is held and not sold is the worst seller; which is of now
			require.Contains(t, page, "Rien à rapporter", name)
		}
		status, _, _ := v.get("/reports/" + name + "?from=2026-11-22&to=2026-11-21")
		require.Equal(t, http.StatusUnprocessableEntity, status, "%s of a period that ends before it begins", name)
	}
	status, _, _ := v.get("/reports/none")
	require.Equal(t, http.StatusNotFound, status)
	_, page, _ := v.get("/reports/taxes?period=today&compare=none")
	for _, shown := range []string{"TPS 5", "−11,49", "−0,57", "2026-11", "Nord"} {
		require.Contains(t, page, shown)
	}
	_, page, _ = v.get("/reports/products?period=today&by=units")
	require.Contains(t, page, "Moins vendus")
	_, page, _ = v.get("/reports/cashiers?period=today&user=" + uuid.Nil.String())
	require.Contains(t, page, "=monnaie")
	_, page, _ = v.get("/reports/shifts?period=today")
	require.Contains(t, page, "−0,85")
	require.Contains(t, page, ">22\u00a0nov. 2026<")
	_, file, _ := v.get("/reports/shifts/table.csv?period=today")
	require.Contains(t, file, ";2026-11-22;")
	_, page, _ = v.get("/receipts?period=today&only=refunds")
	require.Contains(t, page, "remboursements")
	require.Contains(t, page, "1 reçu<")
}

// What the consolidated report adds up is broken down by any side of it, narrowed by the others, down to the receipts.
func TestSalesAreBrokenDown(t *testing.T) {
	w, c := traded(t, false)
	v := w.as(retail.RoleManager)
	for query, lines := range map[string][]string{
		"each=store":             {"Nord;2,000;22,98", "Sud;2,000;9,98", "Total;4,000;32,96;100,0 %"},
		"each=day":               {"2026-11-22;4,000;32,96"},
		"each=category":          {"Épicerie;4,000;32,96;100,0 %;16,46;16,50;50,1 %"},
		"each=tender":            {"Carte;4,000;32,96"},
		"each=tender&paid=cash":  nil,
		"each=product&paid=card": {"Sirop d’érable;204310;2,000;22,98"},
		"each=store&product=" + c.soap.ID.String():                                         {"Sud;2,000;9,98", "Tous les produits;2,000;9,98"},
		"each=cashier&store=" + c.north.ID.String():                                        {"–;2,000;22,98"},
		"each=product&category=" + c.syrup.Category.String() + "&user=" + uuid.NewString(): nil,
	} {
		status, body, _ := v.get("/reports/breakdown/table.csv?period=today&compare=none&" + query)
		require.Equal(t, http.StatusOK, status, query)
		for _, line := range lines {
			require.Contains(t, body, line, query)
		}
		if lines == nil {
			require.NotContains(t, body, "22,98", query)
		}
	}
	_, page, _ := v.get("/receipts?period=today&paid=card")
	require.Contains(t, page, "3 reçus<")
	require.Contains(t, page, "Carte")
	_, page, _ = v.get("/receipts?period=today&paid=cash")
	require.Contains(t, page, "Aucune vente")
	_, page, _ = v.get("/reports/breakdown?period=today&each=product&compare=before")
	require.Contains(t, page, "/receipts?")
}

// The files have what the page has, and no text in them is a formula.
func TestReportsAreFiles(t *testing.T) {
	w, _ := traded(t, false)
	v := w.as(retail.RoleManager)
	for _, name := range reportNames {
		status, body, _ := v.get("/reports/" + name + "/table.csv?period=7")
		require.Equal(t, http.StatusOK, status)
		require.True(t, strings.HasPrefix(body, "\ufeff"), name)
		status, body, _ = v.get("/reports/" + name + "/table.xlsx?period=7")
		require.Equal(t, http.StatusOK, status)
		require.True(t, strings.HasPrefix(body, "PK"), name)
	}
	_, body, _ := v.get("/reports/margin/table.csv?period=today&compare=none")
	require.Contains(t, body, "Sirop d’érable;204310;Épicerie;2,000;22,98;11,48;11,50;50,0 %")
	_, body, _ = v.get("/reports/cashiers/table.csv?period=today&user=" + uuid.Nil.String())
	require.Contains(t, body, ";'=monnaie;")
	require.NotContains(t, body, ";=")
}

// Stores that pay in different currencies are never added up, on no page and in no file, and amounts have the symbol of their store.
func TestCurrenciesAreNotAddedUp(t *testing.T) {
	w, c := traded(t, true)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/reports?period=today")
	require.Contains(t, page, "22,98\u00a0$")
	require.NotContains(t, page, "€")
	require.NotContains(t, page, "32,96", "dollars and euros together")
	require.Contains(t, page, "Tous les magasins (EUR)")
	require.Contains(t, page, "Montants en CAD")
	for _, store := range []string{"EUR", c.south.ID.String()} {
		_, page, _ = v.get("/reports?period=today&store=" + store)
		require.Contains(t, page, "9,98\u00a0€")
		require.NotContains(t, page, "22,98")
		require.Contains(t, page, "Montants en EUR")
		require.Contains(t, page, "store="+store, "links keep to the currency")
		_, page, _ = v.get("/?store=" + store)
		require.Contains(t, page, "9,98\u00a0€")
	}
	_, page, _ = v.get("/")
	require.Contains(t, page, "22,98\u00a0$")
	require.NotContains(t, page, "32,96")
	_, page, _ = v.get("/stores")
	require.Contains(t, page, "22,98\u00a0$")
	require.Contains(t, page, "9,98\u00a0€")
	for _, path := range []string{"/reports.csv?period=today", "/reports/margin/table.csv?period=today"} {
		_, body, _ := v.get(path)
		require.Contains(t, body, "22,98")
		require.NotContains(t, body, "32,96")
		require.NotContains(t, body, "9,98;")
		_, body, _ = v.get(path + "&store=EUR")
		require.Contains(t, body, "9,98")
		require.NotContains(t, body, "22,98")
	}
}
