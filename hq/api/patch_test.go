package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/users"
)

// A part is written, the rest stays, what is null goes; and all of it keeps to what a write of the whole keeps to.
func TestParts(t *testing.T) {
	w := newWorld(t)
	at := "/products/" + w.syrup.ID.String()
	was := w.get(at).is(http.StatusOK)
	before := read[api.Product](was)
	write := "Bearer " + w.newToken(users.WriteCatalog)
	after := read[api.Product](w.patch(at, map[string]any{"name": map[string]any{"en": "Dark maple syrup"}, "pack": 6}, "Authorization", write).is(http.StatusOK))
	require.Equal(t, api.Text{FR: before.Name.FR, EN: "Dark maple syrup"}, after.Name)
	require.EqualValues(t, 6, after.Pack)
	after.Name, after.Pack = before.Name, before.Pack
	require.Equal(t, before, after, "the rest")
	require.Equal(t, "Dark maple syrup", read[api.Product](w.get(at)).Name.EN)
	require.Empty(t, read[api.Product](w.patch(at, map[string]any{"name": map[string]any{"en": nil}}).is(http.StatusOK)).Name.EN)

	w.patch(at, map[string]any{"pack": 4}, "If-Match", was.header.Get("ETag")).problem(http.StatusPreconditionFailed, "error.changed")
	w.patch(at, map[string]any{"pack": 4}, "If-Match", w.get(at).header.Get("ETag")).is(http.StatusOK)
	w.patch(at, map[string]any{"sku": nil}).is(http.StatusUnprocessableEntity)
	w.patch(at, map[string]any{"weather": "fine"}).is(http.StatusUnprocessableEntity)
	w.patch(at, map[string]any{"pack": "many"}).is(http.StatusUnprocessableEntity)
	for _, body := range []string{`[]`, `null`, `"x"`, `{`, ``} {
		w.patch(at, body).problem(http.StatusUnprocessableEntity, "error.invalid")
	}
	w.patch(at, "pack: 4", "Content-Type", "application/yaml").problem(http.StatusUnsupportedMediaType, "error.patch_type")
	w.patch(at, map[string]any{"pack": 4}, "Authorization", "Bearer "+w.newToken(users.ReadCatalog)).problem(http.StatusForbidden, "token.scope")
	w.patch("/products/"+w.depot.ID.String(), map[string]any{"pack": 4}).problem(http.StatusNotFound, "product.unknown")

	store := "/warehouse/stores/" + w.north.ID.String()
	renamed := read[api.Store](w.patch(store, map[string]any{"name": "Magasin du Nord"}).is(http.StatusOK))
	require.Equal(t, w.north.Code, renamed.Code)
	require.Equal(t, "Magasin du Nord", renamed.Name)
	require.Equal(t, w.syrup.Category, read[api.Product](w.get(at)).Category)
}
