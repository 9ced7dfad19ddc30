package web_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

func TestAManagerErasesACustomer(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	marie := retail.Customer{ID: uuid.New(), Name: "Marie Tremblay", Phone: "514 555-0123", At: sunday.UnixMilli()}
	w.tx(func(tx *db.Tx) error { return users.PutCustomer(t.Context(), tx, c.north.ID, marie) })
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/customers")
	require.NotContains(t, page, "Tremblay", "it is no list to read through")
	_, page, _ = v.get("/customers?q=tremb")
	require.Contains(t, page, "Marie Tremblay")
	require.Contains(t, page, "/customers/"+marie.ID.String()+"/erase")
	status, _, _ := v.post("/customers/" + marie.ID.String() + "/erase")
	require.Equal(t, http.StatusSeeOther, status)
	_, page, _ = v.get("/customers?q=tremb")
	require.NotContains(t, page, "Marie Tremblay")
	_, page, _ = v.get("/customers?q=" + marie.ID.String())
	require.Contains(t, page, marie.ID.String())
	require.NotContains(t, page, "555-0123")
	found, err := users.FindCustomers(t.Context(), w.db, marie.ID.String(), 1)
	require.NoError(t, err)
	require.True(t, found[0].Erased)
	_, page, _ = v.get("/customers?q=nobody")
	require.Contains(t, page, "Aucun client")
}
