package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strings"
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

// A product that is changed by a program, at the dashboard, by a file or by a command is another at once where that was done, and soon at
// every other process of headquarters, though both remember it.
func TestARememberedProductIsNeverOld(t *testing.T) {
	ctx, url := t.Context(), pgtest.DurableURL(t)
	here, _ := serveOn(t, url, server.Config{})
	there, _ := serveOn(t, url, server.Config{})
	command, err := server.Database{URL: url, Log: slog.New(slog.DiscardHandler)}.Visit(ctx)
	require.NoError(t, err)
	store := retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: "NO", Name: "Nord", Zone: "America/Toronto"}
	category := retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Épicerie"}}
	syrup := catalog.Product{Product: retail.Product{ID: uuid.New(), SKU: "204310", Name: retail.Text{FR: "Sirop"}, Category: category.ID, Price: 1149, Class: retail.Taxable, Pack: 1}}
	phrase, err := users.NewPassword(forgot)
	require.NoError(t, err)
	var token string
	require.NoError(t, command.InTx(ctx, func(tx *db.Tx) error {
		if err := stock.PutLocations(ctx, tx, store); err != nil {
			return err
		}
		if err := catalog.PutCategories(ctx, tx, category); err != nil {
			return err
		}
		if _, err := catalog.PutProducts(ctx, tx, time.Now(), []catalog.Product{syrup}); err != nil {
			return err
		}
		emma := users.Staff{ID: uuid.New(), Name: "Emma", Email: email, Role: retail.RoleAdministrator, Lang: "en"}
		if err := users.Put(ctx, tx, emma, phrase, users.PIN{}); err != nil {
			return err
		}
		var err error
		_, token, err = users.NewToken(ctx, tx, users.Token{Name: "Caisse", Scopes: users.Scopes}, time.Now())
		return err
	}))

	program := func(method, hq, tag string, body io.Reader) (answer map[string]any, newTag string) {
		r, err := http.NewRequestWithContext(ctx, method, "http://"+hq+"/api/v1/products/"+syrup.ID.String(), body)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("If-Match", tag)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
		return answer, resp.Header.Get("ETag")
	}
	seen := func(hq string) string {
		answer, _ := program(http.MethodGet, hq, "", nil)
		return fmt.Sprint(answer["name"].(map[string]any)["fr"], " ", answer["price"].(map[string]any)["amount"])
	}
	emma := browser(t, "")
	_, _ = ask(t, emma, http.MethodPost, "http://"+here+"/login", "email", email, "password", forgot)
	for _, change := range []struct {
		to string
		do func()
	}{
		{"Sirop clair 1149", func() {
			p, tag := program(http.MethodGet, here, "", nil)
			p["name"] = map[string]any{"fr": "Sirop clair"}
			delete(p, "id")
			body, err := json.Marshal(p)
			require.NoError(t, err)
			_, _ = program(http.MethodPut, here, tag, bytes.NewReader(body))
		}},
		{"Sirop clair 1249", func() {
			resp, _ := ask(t, emma, http.MethodPost, "http://"+here+"/catalogue/prices", "product", syrup.SKU, "price", "12.49")
			require.Equal(t, http.StatusSeeOther, resp.StatusCode)
		}},
		{"Sirop foncé 1249", func() { bring(t, emma, "http://"+here, "Code;Nom;Prix\n204310;Sirop foncé;12,49 $\n") }},
	} {
		was := seen(here)
		require.NotEqual(t, change.to, was)
		require.Equal(t, was, seen(there))
		change.do()
		require.Equal(t, change.to, seen(here))
		require.Eventually(t, func() bool { return seen(there) == change.to }, 30*time.Second, 50*time.Millisecond)
	}

	syrup.Name.FR = "Sirop"
	require.NoError(t, command.InTx(ctx, func(tx *db.Tx) error {
		_, err := catalog.PutProducts(ctx, tx, time.Now(), []catalog.Product{syrup})
		return err
	}))
	command.Close()
	for _, hq := range []string{here, there} {
		require.Eventually(t, func() bool { return seen(hq) == "Sirop 1149" }, 30*time.Second, 50*time.Millisecond)
	}
}

// bring imports a file of products, and comes back when it is in.
func bring(t *testing.T, b *http.Client, hq, file string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(t, form.WriteField("kind", "products"))
	part, err := form.CreateFormFile("file", "produits.csv")
	require.NoError(t, err)
	_, err = io.WriteString(part, file)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, hq+"/catalogue/import", &body)
	require.NoError(t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := b.Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	address := hq + resp.Header.Get("Location")
	settled := func() bool {
		_, page := ask(t, b, http.MethodGet, address)
		return !strings.Contains(page, "every 1s")
	}
	require.Eventually(t, settled, 30*time.Second, 5*time.Millisecond)
	resp, _ = ask(t, b, http.MethodPost, address+"/apply")
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)
	require.Eventually(t, settled, 30*time.Second, 5*time.Millisecond)
}
