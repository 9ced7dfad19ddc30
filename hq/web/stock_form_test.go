package web_test

import (
	"html"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// shelf is where a form of the stock page posts that is about a product at a location.
func (w *world) shelf(at retail.Location, p catalog.Product, do string) string {
	return "/stock/" + at.ID.String() + "/" + p.ID.String() + "/" + do
}

// panelOf is the page with a product at a location chosen.
func (v visitor) panelOf(at retail.Location, p catalog.Product) string {
	status, page, _ := v.get("/stock?q=sirop&product=" + p.ID.String() + "&at=" + at.ID.String())
	require.Equal(v.w.t, http.StatusOK, status)
	return page
}

// formOf is the address of a form of the panel; empty when it has none.
func formOf(page, do string) string {
	return html.UnescapeString(regexp.MustCompile(`/stock/[^"?]+/` + do + `[^"]*`).FindString(page))
}

// level reads what is of a product at a location.
func (w *world) level(at retail.Location, p catalog.Product) stock.Holding {
	h, _, err := stock.LevelAt(w.t.Context(), w.db, at, p.ID)
	require.NoError(w.t, err)
	return h
}

// newest is what was recorded last.
func (w *world) newest() users.Recorded {
	all, err := users.Audit(w.t.Context(), w.db, users.AuditFilter{Limit: 1})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, all)
	return all[0]
}

// A manager sets the thresholds of a product at a store: what is wrong is said and loses nothing, and what was is in the log.
func TestThresholdsAreSetOnThePage(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	address := formOf(v.panelOf(c.north, c.syrup), "thresholds")
	post := func(restock, out, over string) (int, string, string) {
		return v.post(address, "restock_below", restock, "out_below", out, "over_above", over)
	}
	status, page, _ := post("12", "quatre", "60")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "«\u00a0quatre\u00a0» n’est pas une quantité.")
	for _, kept := range []string{`value="12"`, `value="quatre"`, `value="60"`, `<details class="confirm" open>`, `hx-get="/stock?`, `value="sirop"`} {
		require.Contains(t, page, kept)
	}
	_, page, _ = post("12", "20", "60")
	require.Contains(t, page, "Les seuils vont dans l’ordre")
	require.Contains(t, page, `value="20"`)
	require.Equal(t, stock.DefaultThresholds, w.level(c.north, c.syrup).Thresholds)

	_, _, location := post("12", "4,5", "60")
	require.Contains(t, location, "/stock?at="+c.north.ID.String())
	require.Contains(t, location, "q=sirop", "back to where the form was")
	require.Equal(t, stock.Thresholds{RestockBelow: 12 * money.One, OutBelow: 4500, OverAbove: 60 * money.One}, w.level(c.north, c.syrup).Thresholds)
	require.Equal(t, stock.DefaultThresholds, w.level(c.south, c.syrup).Thresholds, "of one store")
	done := w.newest()
	require.Equal(t, users.DidSetThresholds, done.Kind)
	require.JSONEq(t, `{"restock_below": 25000, "out_below": 15000, "over_above": 65000}`, string(done.Before))
	require.JSONEq(t, `{"restock_below": 12000, "out_below": 4500, "over_above": 60000}`, string(done.After))
	_, page, _ = w.as(retail.RoleAdministrator).get("/audit")
	require.Contains(t, page, "Seuils de stock")
	require.Contains(t, page, "4,5")

	// Of a warehouse only running out is shown; the others stay in order.
	page = v.panelOf(c.depot, c.syrup)
	require.NotContains(t, page, `name="over_above"`)
	_, _, _ = v.post(formOf(page, "thresholds"), "out_below", "100")
	require.Equal(t, stock.Thresholds{RestockBelow: 100 * money.One, OutBelow: 100 * money.One, OverAbove: 100 * money.One}, w.level(c.depot, c.syrup).Thresholds)

	// Who has a store of their own sets nothing elsewhere, and is not offered it.
	w.narrow(retail.RoleManager, c.south)
	status, _, _ = v.post(address, "restock_below", "1", "out_below", "1", "over_above", "1")
	require.Equal(t, http.StatusForbidden, status)
	require.Empty(t, formOf(v.panelOf(c.depot, c.syrup), "thresholds"))
	require.NotEmpty(t, formOf(v.panelOf(c.south, c.syrup), "thresholds"))
	require.Empty(t, formOf(w.as(retail.RoleEmployee).panelOf(c.north, c.syrup), "thresholds"))
}

// A person corrects a level: what would become of it is shown first, it is done once, and the log says why.
func TestStockIsCorrectedOnThePage(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	address := formOf(v.panelOf(c.north, c.syrup), "adjust")
	post := func(pairs ...string) (page, location string) {
		_, page, location = v.post(address, append([]string{"note", "caisse tombée"}, pairs...)...)
		return page, location
	}
	page, _ := post("way", "by", "quantity", "deux", "cause", "damaged")
	require.Contains(t, page, "«\u00a0deux\u00a0» n’est pas une quantité.")
	for _, kept := range []string{`value="deux"`, `value="caisse tombée"`, `value="damaged" selected`} {
		require.Contains(t, page, kept)
	}
	page, _ = post("way", "to", "quantity", "31", "cause", "found")
	require.Contains(t, page, "qui change quelque chose")
	page, _ = post("way", "to", "quantity", "29,5", "cause", "lost")
	require.Contains(t, page, "Magasin Nord\u00a0: de 31 à 29,500 (−1,500). Perdu ou volé.")
	require.Equal(t, 31*money.One, w.level(c.north, c.syrup).OnHand, "nothing is done yet")

	var confirm []string
	for _, field := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		confirm = append(confirm, html.UnescapeString(field[1]), html.UnescapeString(field[2]))
	}
	page, _ = post(append(confirm, "do", "edit")...)
	require.Contains(t, page, `name="quantity"`)
	require.Contains(t, page, `value="29,5"`, "what was typed is there to be edited")
	w.tx(func(tx *db.Tx) error { // a sale meanwhile: it was not yet, or not any more, what somebody saw
		return stock.Record(t.Context(), tx, []stock.Movement{{
			Location: c.north.ID, Product: c.syrup.ID, At: sunday, Ref: uuid.New(), Reason: stock.Sold, Quantity: -money.One,
		}})
	})
	_, location := post(append(confirm, "do", "adjust")...)
	require.Contains(t, location, "/stock?at="+c.north.ID.String())
	require.Equal(t, 28_500, int(w.level(c.north, c.syrup).OnHand))
	_, page, _ = v.get(location)
	require.Contains(t, page, "Le stock est corrigé\u00a0: 28,500 à Magasin Nord.")
	done := w.newest()
	require.Equal(t, users.DidAdjustStock, done.Kind)
	require.JSONEq(t, `{"on_hand": 30000}`, string(done.Before))
	require.JSONEq(t, `{"on_hand": 28500, "cause": "lost", "note": "caisse tombée"}`, string(done.After))
	_, page, _ = w.as(retail.RoleAdministrator).get("/audit")
	require.Contains(t, page, "Stock corrigé")
	require.Contains(t, page, "Perdu ou volé")

	page, _ = post(append(confirm, "do", "adjust")...)
	require.Contains(t, page, "Cette correction est déjà faite.")
	require.Equal(t, 28_500, int(w.level(c.north, c.syrup).OnHand))
	_, _, location = v.get(address)
	require.Contains(t, location, "/stock?", "a browser that asks for the form's address is led to the page")
}

// A warehouse clerk corrects the warehouse, a manager the stores of their own, and nobody what is made on the spot.
func TestWhoCorrectsStock(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	made := catalog.Product{Product: retail.Product{
		ID: uuid.New(), SKU: "900001", Name: retail.Text{FR: "Café", EN: "Coffee"}, Category: c.syrup.Category, Price: 199, Class: retail.Taxable, MadeHere: true,
	}}
	w.tx(func(tx *db.Tx) error {
		_, err := catalog.PutProducts(t.Context(), tx, sunday, []catalog.Product{made})
		return err
	})
	w.narrow(retail.RoleManager, c.south)
	for role, may := range map[retail.Role][3]bool{ // north, south, depot
		retail.RoleAdministrator: {true, true, true}, retail.RoleManager: {false, true, false}, retail.RoleWarehouse: {false, false, true}, retail.RoleEmployee: {},
	} {
		v := w.as(role)
		for i, at := range []retail.Location{c.north, c.south, c.depot} {
			status, _, _ := v.post(w.shelf(at, c.syrup, "adjust"), "do", "adjust", "id", uuid.NewString(), "by", "-1", "cause", "lost")
			if may[i] {
				require.Equal(t, http.StatusSeeOther, status, "%s at %s", role, at.Code)
				require.NotEmpty(t, formOf(v.panelOf(at, c.syrup), "adjust"), "%s at %s", role, at.Code)
			} else {
				require.Equal(t, http.StatusForbidden, status, "%s at %s", role, at.Code)
				require.NotContains(t, v.panelOf(at, c.syrup), w.shelf(at, c.syrup, "adjust"))
			}
		}
	}
	admin := w.as(retail.RoleAdministrator)
	admin.post(w.shelf(c.north, made, "adjust"), "do", "adjust", "id", uuid.NewString(), "by", "5", "cause", "found")
	require.Contains(t, admin.flash(), "est fait sur place")
	require.Empty(t, formOf(admin.panelOf(c.north, made), "adjust"))
}

// What is suggested stands on the stock page and in its file, and asking for it, or for something else, makes a request to decide on.
func TestRestockIsAskedForOnThePage(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.sellDaily(c.north, c.syrup.ID, 5*money.One) // 5 a day for 10 days, less 31, in cases of 12: 24
	w.sellDaily(c.south, c.syrup.ID, money.One)   // 10, and the 2 that are missing: 12
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/stock?q=sirop")
	require.Contains(t, html.UnescapeString(page), `#suggested"><span class="cell-text">36</span>`)
	_, file, _ := v.get("/stock.csv?q=sirop")
	require.Contains(t, file, ";669,000;36,000;\r\n")

	page = v.panelOf(c.north, c.syrup)
	require.Contains(t, page, "Demander 24")
	require.Contains(t, page, "5 par jour × 10 jours − 31 en stock − 0 en route = 19, en caisses de 12.")
	require.Contains(t, page, `name="wanted"`)
	address, id := formOf(page, "restock"), hiddenID.FindStringSubmatch(page)[1]
	_, page, _ = v.post(address, "id", id, "wanted", "beaucoup")
	require.Contains(t, page, "«\u00a0beaucoup\u00a0» n’est pas une quantité.")
	require.Contains(t, page, `value="beaucoup"`)
	_, page, _ = v.post(address, "id", id, "wanted", "0")
	require.Contains(t, page, "Demandez plus que zéro.")
	waiting := func() []stock.Restock {
		page, err := stock.Restocks(t.Context(), w.db, stock.RestockFilter{})
		require.NoError(t, err)
		return page.Restocks
	}
	require.Empty(t, waiting())
	for range 2 {
		_, _, location := v.post(address, "id", id, "wanted", "36")
		require.Contains(t, location, "/stock?at="+c.north.ID.String())
	}
	all := waiting()
	require.Len(t, all, 1, "a form that is sent twice asks once")
	require.Equal(t, c.north.ID, all[0].Location)
	require.Equal(t, w.idOf(retail.RoleManager), all[0].RequestedBy.String())
	require.False(t, all[0].Automatic)
	require.Equal(t, 36*money.One, all[0].Lines[0].Asked)
	done := w.newest()
	require.Equal(t, users.DidRequestRestock, done.Kind)
	require.JSONEq(t, `{"asked": {"`+c.syrup.ID.String()+`": 36000}}`, string(done.After))

	// An employee asks for the stores they see, nobody for a warehouse or for what is sold no more.
	w.narrow(retail.RoleEmployee, c.south)
	employee := w.as(retail.RoleEmployee)
	status, _, _ := employee.post(address, "id", uuid.NewString(), "wanted", "12")
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, employee.panelOf(c.south, c.syrup), "Demander 12")
	v.post(w.shelf(c.depot, c.syrup, "restock"), "id", uuid.NewString(), "wanted", "12")
	require.Len(t, waiting(), 1)
	require.Empty(t, formOf(v.panelOf(c.depot, c.syrup), "restock"))
	w.tx(func(tx *db.Tx) error { return catalog.Retire(t.Context(), tx, sunday, c.syrup.ID) })
	require.Empty(t, formOf(v.panelOf(c.north, c.syrup), "restock"))
	_, page, _ = v.get("/stock?q=sirop")
	require.NotContains(t, page, ">36<")
}
