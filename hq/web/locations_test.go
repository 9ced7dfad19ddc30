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
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// locationForm is where the form of a location posts, and the version that it sends back.
func (v visitor) locationForm(id uuid.UUID) (path, version string) {
	v.w.t.Helper()
	_, page, _ := v.get("/stores/locations?location=" + id.String())
	found := regexp.MustCompile(`name="version" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	require.Len(v.w.t, found, 2)
	return "/stores/locations/" + id.String(), found[1]
}

// An administrator opens stores and warehouses, and changes them.
func TestStoresAndWarehousesAreAddedAndChanged(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.tx(func(tx *db.Tx) error { return catalog.EnsureCurrencies(t.Context(), tx, retail.Currencies()) })
	v, other := w.as(retail.RoleAdministrator), w.as(retail.RoleAdministrator)
	_, page, _ := v.get("/stores")
	require.Contains(t, page, `href="/stores/locations"`)
	_, page, _ = w.as(retail.RoleManager).get("/stores")
	require.NotContains(t, page, `href="/stores/locations"`)

	form := []string{"kind", "1", "code", " ou ", "name", " Magasin Ouest ", "address", "1, rue du Parc", "zone", "America/Vancouver", "currency", "EUR"}
	for name, wrong := range map[string]struct{ value, said string }{
		"kind":     {"3", "Un nombre entier de 1 à 2."},
		"code":     {"NO", "Un autre magasin a le code NO."},
		"name":     {"Magasin Nord", "Un autre magasin se nomme Magasin Nord."},
		"address":  {strings.Repeat("x", 301), "300 caractères au plus."},
		"zone":     {"Montréal", "Il n’y a pas de fuseau horaire «\u00a0Montréal\u00a0»."},
		"currency": {"XXX", "Il n’y a pas de monnaie XXX ici."},
	} {
		status, page, _ := v.post("/stores/locations", with(form, name, wrong.value)...)
		require.Equal(t, http.StatusUnprocessableEntity, status, name)
		require.Equal(t, wrong.said, wrongAt(page, name))
		if name != "name" {
			require.Contains(t, page, `value=" Magasin Ouest "`, "what was typed stays")
		}
	}
	_, page, _ = v.post("/stores/locations", with(form, "code", "TROIS")...)
	require.NotEmpty(t, wrongAt(page, "code"))
	_, page, _ = v.post("/stores/locations", with(form, "name", " ")...)
	require.NotEmpty(t, wrongAt(page, "name"))
	all, err := stock.Locations(t.Context(), w.db)
	require.NoError(t, err)
	require.Len(t, all, 3)

	status, _, location := v.post("/stores/locations", form...)
	require.Equal(t, http.StatusSeeOther, status)
	_, id, _ := strings.Cut(location, "location=")
	west := retail.Location{
		ID: uuid.MustParse(id), Kind: retail.LocationStore, Code: "OU", Name: "Magasin Ouest", Address: "1, rue du Parc", Zone: "America/Vancouver", Currency: "EUR",
	}
	now := func(id uuid.UUID) retail.Location {
		l, err := stock.Location(t.Context(), w.db, id)
		require.NoError(t, err)
		return l
	}
	require.Equal(t, west, now(west.ID))

	// A warehouse stays one, and the first of two changes stays.
	path, version := v.locationForm(c.depot.ID)
	form = []string{"kind", "1", "code", "CL", "name", "Centre", "zone", "America/Toronto", "currency", "CAD", "version", version}
	status, _, _ = v.post(path, form...)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, retail.LocationWarehouse, now(c.depot.ID).Kind)
	require.Equal(t, "Centre", now(c.depot.ID).Name)
	require.Empty(t, now(c.depot.ID).Currency)
	status, page, _ = other.post(path, with(form, "name", "Dépôt")...)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "Maintenant\u00a0: Centre", wrongAt(page, "name"))
	require.Equal(t, "Centre", now(c.depot.ID).Name)
	require.Len(t, w.changesOf(users.DidAddLocation), 1)
	require.Len(t, w.changesOf(users.DidEditLocation), 1)
	status, _, _ = v.get("/stores/locations?location=" + uuid.NewString())
	require.Equal(t, http.StatusNotFound, status)
}
