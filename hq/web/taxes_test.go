package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// chargeForm is where the form of a charge posts, and the version that it sends back.
func (v visitor) chargeForm(code string) (path, version string) {
	v.w.t.Helper()
	_, page, _ := v.get("/catalogue/taxes?charge=" + code)
	found := regexp.MustCompile(`name="version" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	require.Len(v.w.t, found, 2)
	return "/catalogue/charges/" + code, found[1]
}

// The page says which rates were, are and will be in force, and what is charged today on each class.
func TestTaxesAreShown(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	table := retail.Quebec("123456789 RT0001", "")
	table[0].To = 20270101
	later := table[0]
	later.ID, later.From, later.To, later.Rate = uuid.New(), 20270101, 0, 6000
	reduced := retail.TaxRate{
		ID: uuid.New(), Code: "X", Name: retail.Text{FR: "Taxe d’hier"}, Rate: 2000, Classes: []retail.TaxClass{4}, From: 20100101, To: 20120101, Included: true,
	}
	w.tx(func(tx *db.Tx) error { return catalog.PutTaxRates(t.Context(), tx, append(table, later, reduced)...) })
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/catalogue/taxes")
	today := regexp.MustCompile(`<span class="cell-text">(TPS[^<]*)</span>`).FindAllStringSubmatch(page, -1)
	require.Equal(t, "TPS 5\u00a0% + TVQ 9,975\u00a0%", today[len(today)-1][1])
	for _, said := range []string{"31\u00a0déc. 2026", "1er\u00a0janv. 2027", "6\u00a0%", "à venir", "en vigueur", "passée", "123456789 RT0001", "classe 4", "comprise dans les prix"} {
		require.Contains(t, page, said)
	}
	require.Contains(t, page, `href="/catalogue/import"`)
	w.keepTo(c.north)
	_, page, _ = v.get("/catalogue/taxes")
	require.Contains(t, page, "TVQ")
	require.NotContains(t, page, `action="/catalogue/charges`)
	require.NotContains(t, page, `href="/catalogue/import"`)
}

// A deposit is added and changed, and so is what the tills ask for the products that carry it.
func TestChargesAreAddedAndChanged(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v, other := w.as(retail.RoleManager), w.as(retail.RoleAdministrator)
	form := []string{"code", " cons10 ", "name_fr", "Consigne", "name_en", "Deposit", "amount", "0,10", "tax_class", "3"}
	for name, wrong := range map[string]struct{ value, said string }{
		"code":    {"CONS 10", "Un code a 1 à 20 lettres"},
		"amount":  {"-0,10", "Ce n’est pas un montant de 0 ou plus."},
		"name_fr": {strings.Repeat("x", 201), "200 caractères au plus."},
	} {
		status, page, _ := v.post("/catalogue/charges", with(form, name, wrong.value)...)
		require.Equal(t, http.StatusUnprocessableEntity, status, name)
		require.Contains(t, wrongAt(page, name), wrong.said)
		require.Contains(t, page, `value="Deposit"`)
	}
	status, _, location := v.post("/catalogue/charges", form...)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, "/catalogue/taxes?charge=CONS10", location)
	_, page, _ := v.post("/catalogue/charges", with(form, "amount", "9")...)
	require.Equal(t, "CONS10 existe déjà.", wrongAt(page, "code"))
	status, _, _ = v.post(productAt(c.syrup), append(v.productForm(c.syrup), "charge", "CONS10")...)
	require.Equal(t, http.StatusSeeOther, status)

	path, version := v.chargeForm("CONS10")
	status, _, _ = v.post(path, with(form, "amount", "0,25", "version", version)...)
	require.Equal(t, http.StatusSeeOther, status)
	status, page, _ = other.post(path, with(form, "amount", "0,30", "version", version)...)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "Maintenant\u00a0: 0,25", wrongAt(page, "amount"))
	require.EqualValues(t, 25, w.product(c.syrup.ID).Charges[0].Unit)
	require.Len(t, w.changesOf(users.DidAddCharge), 1)
	require.Len(t, w.changesOf(users.DidEditCharge), 1)
	status, _, _ = v.get("/catalogue/taxes?charge=NONE")
	require.Equal(t, http.StatusNotFound, status)
}
