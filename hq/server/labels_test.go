package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/server"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// A program is given the labels that the dashboard prints, with barcodes, in the language it asks for.
func TestProgramsPrintLabels(t *testing.T) {
	database := pgtest.DurableURL(t)
	address, _ := serve(t, server.Config{Database: server.Database{URL: database}})
	d, err := db.Open(t.Context(), database, slog.New(slog.DiscardHandler), db.Options{})
	require.NoError(t, err)
	defer d.Close()
	category := retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Épicerie"}}
	soap := catalog.Product{Product: retail.Product{
		ID: uuid.New(), SKU: "310412", Name: retail.Text{FR: "Savon", EN: "Soap"}, Category: category.ID, Price: 499, Class: retail.Taxable, Barcodes: []string{"4006381333931"},
	}}
	var token string
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) (err error) {
		store := retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: "NO", Name: "Nord", Zone: "America/Toronto"}
		if err := stock.PutLocations(t.Context(), tx, store); err != nil {
			return err
		}
		if err := catalog.PutCategories(t.Context(), tx, category); err != nil {
			return err
		}
		if _, err := catalog.PutProducts(t.Context(), tx, time.Now().Add(-time.Hour), []catalog.Product{soap}); err != nil {
			return err
		}
		_, token, err = users.NewToken(t.Context(), tx, users.Token{Name: "Imprimante", Scopes: []users.Scope{users.ReadCatalog}}, time.Now())
		return err
	}))
	labels := func(lang, query string) (*http.Response, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/api/v1/products/labels?"+query, nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Accept-Language", lang)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp, string(body)
	}
	resp, page := labels("fr", "codes=310412+x")
	require.Equal(t, http.StatusOK, resp.StatusCode, page)
	require.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "style-src 'self'")
	require.Contains(t, page, "Savon")
	require.Contains(t, page, "4,99")
	require.Contains(t, page, `aria-label="4006381333931"`)
	_, page = labels("en", "q=soap")
	require.Contains(t, page, "Soap")
	require.Contains(t, page, "$4.99")
	_, page = labels("en", "q=nothing")
	require.NotContains(t, page, "shelf-label")
	resp, _ = labels("en", "store="+uuid.NewString())
	require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode)
	resp, _ = labels("en", "since=yesterday")
	require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode)
}
