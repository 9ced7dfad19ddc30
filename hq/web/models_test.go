package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/shared/retail"
)

// The page draws what the database has at that moment, and says so when it has not what is asked for.
func TestModelsAreDrawnFromTheRunningDatabase(t *testing.T) {
	w := newWorld(t)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/system/models")
	require.Contains(t, page, "shipment_line")
	require.Contains(t, page, "Version 1.2.3<")
	require.Contains(t, page, `href="/api/docs"`)
	require.NotContains(t, page, "parcel")
	_, err := w.db.Exec(t.Context(), `CREATE TABLE stock.parcel (location_id uuid, id uuid, PRIMARY KEY (location_id, id))`)
	require.NoError(t, err)
	_, page, _ = v.get("/system/models?domain=stock")
	require.Contains(t, page, ">parcel</text>")
	require.Contains(t, page, ">Approuvée</text>", "the states of a request")
	require.Contains(t, page, "l’entrepôt expédie", "and what leads to them")
	status, page, _ := v.get("/system/models?domain=fish")
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, page, "Ce domaine n’existe pas.")
}
