package api

import (
	"net/http"
	"slices"
)

// What scripts of other origins send, and may read of answers.
const (
	askedHeaders    = "Authorization, Content-Type, Accept-Language, If-Match, If-None-Match, Idempotency-Key"
	answeredHeaders = "ETag, Location, Retry-After, WWW-Authenticate, Content-Disposition"
	methods         = "GET, POST, PUT, PATCH, DELETE"
)

// shared lets scripts of some origins use the API (CORS, https://fetch.spec.whatwg.org). They have a token to send: no cookie counts here,
// and none is let through.
func shared(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, origin := w.Header(), r.Header.Get("Origin")
		h.Add("Vary", "Origin")
		if !slices.Contains(origins, origin) || r.URL.Path == Metrics {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", methods)
			h.Set("Access-Control-Allow-Headers", askedHeaders)
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.Set("Access-Control-Expose-Headers", answeredHeaders)
		next.ServeHTTP(w, r)
	})
}
