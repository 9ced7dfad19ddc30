package api_test

import (
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/api"
)

var update = flag.Bool("update", false, "write the document of the API into testdata")

// What programs rely on changes where somebody sees it.
func TestDocument(t *testing.T) {
	const golden = "testdata/openapi.json"
	w := newWorld(t)
	if *update {
		require.NoError(t, os.WriteFile(golden, w.document.raw, 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	was, is := strings.Split(string(want), "\n"), strings.Split(string(w.document.raw), "\n")
	for i := range min(len(was), len(is)) {
		require.Equal(t, was[i], is[i], "line %d of the document changed: if that is meant, run the test with -update", i+1)
	}
	require.Len(t, is, len(was))
	yaml := w.ask(http.MethodGet, api.Root+"/openapi.yaml", nil, "Authorization", "").is(http.StatusOK)
	require.Contains(t, string(yaml.body), "openapi: 3.1.0")
}

// The page has every operation, loads nothing from elsewhere, and is in both languages.
func TestReference(t *testing.T) {
	w := newWorld(t)
	page := w.ask(http.MethodGet, api.Docs, nil, "Authorization", "").is(http.StatusOK)
	for _, methods := range w.document.Paths {
		for _, op := range methods {
			require.Contains(t, string(page.body), `id="`+op.OperationID+`"`)
		}
	}
	require.NotRegexp(t, `(src|href)="(https?:)?//`, string(page.body))
	require.Contains(t, page.header.Get("Content-Security-Policy"), "script-src 'self'")
	require.Contains(t, string(page.body), "Restock")
	french := w.ask(http.MethodGet, api.Docs, nil, "Accept-Language", "fr")
	require.Contains(t, string(french.body), "Réapprovisionnement")
	require.NotRegexp(t, `reference\.\w`, string(page.body)+string(french.body), "a word is missing")
}
