package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/server"
)

// Scripts of the sites that are set up may use the API, as a browser asks before it lets them; no others, and nothing but the API.
func TestSitesThatMayUseTheAPI(t *testing.T) {
	const tools, other = "https://tools.example.com", "https://other.example.com"
	ask := func(address, method, path, origin string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, nil)
		require.NoError(t, err)
		r.Header.Set("Origin", origin)
		if method == http.MethodOptions {
			r.Header.Set("Access-Control-Request-Method", http.MethodPatch)
			r.Header.Set("Access-Control-Request-Headers", "authorization,content-type,if-match")
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Empty(t, resp.Header.Get("Access-Control-Allow-Credentials"))
		return resp
	}
	const products = "/api/v1/products"
	address, _ := serve(t, server.Config{Origins: []string{"http://localhost:3000", tools}})
	before := ask(address, http.MethodOptions, products, tools)
	require.Equal(t, http.StatusNoContent, before.StatusCode)
	require.Equal(t, tools, before.Header.Get("Access-Control-Allow-Origin"))
	require.Contains(t, before.Header.Get("Access-Control-Allow-Methods"), "PATCH")
	for _, header := range []string{"Authorization", "Content-Type", "If-Match", "Idempotency-Key"} {
		require.Contains(t, before.Header.Get("Access-Control-Allow-Headers"), header)
	}
	require.Contains(t, before.Header.Values("Vary"), "Origin")
	answer := ask(address, http.MethodGet, products, tools)
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode, "the token is missing, and the script may read so")
	require.Equal(t, tools, answer.Header.Get("Access-Control-Allow-Origin"))
	require.Contains(t, answer.Header.Get("Access-Control-Expose-Headers"), "ETag")

	nowhere, _ := serve(t, server.Config{})
	for what, resp := range map[string]*http.Response{
		"another origin":  ask(address, http.MethodOptions, products, other),
		"its answers":     ask(address, http.MethodGet, products, other),
		"the dashboard":   ask(address, http.MethodOptions, "/people", tools),
		"its pages":       ask(address, http.MethodGet, "/login", tools),
		"the shop":        ask(address, http.MethodGet, "/shop/", tools),
		"metrics":         ask(address, http.MethodGet, "/metrics", tools),
		"none is set up":  ask(nowhere, http.MethodOptions, products, tools),
		"nor for answers": ask(nowhere, http.MethodGet, products, tools),
	} {
		require.NotEqual(t, http.StatusNoContent, resp.StatusCode, what)
		require.Empty(t, resp.Header.Get("Access-Control-Allow-Origin"), what)
	}
}
