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

// categoryForm is where the form of a category posts, and the version that it sends back.
func (v visitor) categoryForm(id uuid.UUID) (path, version string) {
	v.w.t.Helper()
	_, page, _ := v.get("/catalogue/categories?category=" + id.String())
	found := regexp.MustCompile(`name="version" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	require.Len(v.w.t, found, 2)
	return "/catalogue/categories/" + id.String(), found[1]
}

// category makes an empty one.
func (w *world) category(name string) uuid.UUID {
	id := uuid.New()
	w.tx(func(tx *db.Tx) error {
		return catalog.PutCategories(w.t.Context(), tx, retail.Category{ID: id, Name: retail.Text{FR: name}})
	})
	return id
}

func TestCategoriesAreAddedRenamedAndRemoved(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v, other := w.as(retail.RoleManager), w.as(retail.RoleAdministrator)
	grocery := c.syrup.Category.String()
	w.tx(func(tx *db.Tx) error { return catalog.Retire(t.Context(), tx, sunday, c.soap.ID) })
	_, page, _ := v.get("/catalogue/categories")
	require.Contains(t, page, `href="/catalogue?category=`+grocery+`"`)
	require.Contains(t, page, `href="/catalogue?category=`+grocery+`&amp;retired=yes"`)

	status, page, _ := v.post("/catalogue/categories", "name_fr", " ", "name_en", "", "order", "4")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "Une catégorie a un nom.", wrongAt(page, "name_fr"))
	require.Contains(t, page, `value="4"`)
	_, page, _ = v.post("/catalogue/categories", "name_fr", "Boissons", "order", "-4")
	require.NotEmpty(t, wrongAt(page, "order"))
	status, _, location := v.post("/catalogue/categories", "name_fr", "Boissons", "name_en", "Drinks", "order", "4")
	require.Equal(t, http.StatusSeeOther, status)
	require.Contains(t, v.flash(), "La catégorie Boissons est ajoutée.")
	_, drinks, _ := strings.Cut(location, "category=")

	path, version := v.categoryForm(uuid.MustParse(drinks))
	status, _, _ = v.post(path, "name_fr", "Breuvages", "name_en", "Drinks", "order", "4", "version", version)
	require.Equal(t, http.StatusSeeOther, status)
	status, page, _ = other.post(path, "name_fr", "Boissons", "name_en", "Soft drinks", "order", "4", "version", version)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "Maintenant\u00a0: Breuvages", wrongAt(page, "name_fr"))
	require.Contains(t, page, `value="Soft drinks"`)
	all, err := catalog.Categories(t.Context(), w.db)
	require.NoError(t, err)
	require.Equal(t, retail.Text{FR: "Breuvages", EN: "Drinks"}, all[1].Name)
	changes := w.changesOf(users.DidEditCategory)
	require.Len(t, changes, 1)
	require.Contains(t, string(changes[0].Before), "Boissons")

	// One with products stays, a retired one counts.
	_, page, _ = v.get("/catalogue/categories?category=" + grocery)
	require.NotContains(t, page, "/remove")
	v.post("/catalogue/categories/" + grocery + "/remove")
	require.Contains(t, v.flash(), "Cette catégorie a 2 produits")
	_, page, _ = v.get("/catalogue/categories?category=" + drinks)
	require.Contains(t, page, path+"/remove")
	_, _, location = v.post(path + "/remove")
	require.Equal(t, "/catalogue/categories", location)
	require.Contains(t, v.flash(), "La catégorie Breuvages est enlevée.")
	_, page, _ = v.get("/catalogue/categories")
	require.NotContains(t, page, drinks)
	var bodies int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM feed.item WHERE id = $1 AND body IS NOT NULL`, drinks).Scan(&bodies))
	require.Zero(t, bodies, "no till has it any more")
	status, _, _ = v.get("/catalogue/categories?category=" + drinks)
	require.Equal(t, http.StatusNotFound, status)
	require.Len(t, w.changesOf(users.DidRemoveCategory), 1)

	w.keepTo(c.north)
	_, page, _ = v.get("/catalogue/categories")
	require.Contains(t, page, "Épicerie")
	require.NotContains(t, page, `action="/catalogue/categories`)
}
