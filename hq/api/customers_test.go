package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/api"
)

func TestCustomersAreWrittenDown(t *testing.T) {
	w := newWorld(t)
	made := w.post("/customers", map[string]any{"name": " Ada Lovelace ", "email": "Ada@Example.com"}).is(http.StatusCreated)
	ada := read[api.Customer](made)
	require.Equal(t, "Ada Lovelace", ada.Name)
	require.Equal(t, "ada@example.com", ada.Email)
	require.Equal(t, "/api/v1/customers/"+ada.ID.String(), made.header.Get("Location"))
	path := "/customers/" + ada.ID.String()
	got := w.get(path).is(http.StatusOK)
	require.Equal(t, ada, read[api.Customer](got))
	w.now = w.now.Add(time.Minute)
	put := w.put(path, map[string]any{"name": "Ada King", "phone": "+1 514 555 0199"}, "If-Match", got.header.Get("ETag")).is(http.StatusOK)
	require.Equal(t, "Ada King", read[api.Customer](put).Name)
	require.Empty(t, read[api.Customer](put).Email)
	w.put(path, map[string]any{"name": "Somebody"}, "If-Match", got.header.Get("ETag")).is(http.StatusPreconditionFailed)
	w.put(path, map[string]any{"name": ""}).is(http.StatusUnprocessableEntity)
	w.post("/customers", map[string]any{"name": "Ada", "email": "nothing"}).is(http.StatusUnprocessableEntity)
	w.put("/customers/0d2a048f-a450-57f4-8cbf-96ed104e7f17", map[string]any{"name": "Nobody"}).problem(http.StatusNotFound, "customer.unknown")
	var recorded int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM users.audit c WHERE c::text ILIKE '%ada%'`).Scan(&recorded))
	require.Zero(t, recorded, "a record cannot be altered, and people can be erased")

	w.delete(path).is(http.StatusNoContent)
	w.put(path, map[string]any{"name": "Ada"}).problem(http.StatusNotFound, "customer.unknown")
}
