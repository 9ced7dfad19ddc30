package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"comptant/hq/users"
)

// Metrics is where Prometheus reads.
const Metrics = "/metrics"

// admitWithin bounds how long a scrape waits for the database to say whose token it is: Prometheus waits 10 s for all.
const admitWithin = 2 * time.Second

// watched lets in who may read metrics. While the database does not answer, a token that it knew at its last scrape is believed:
// that the database does not answer is what the metrics have to say then.
func (s *site) watched(next http.Handler) http.Handler {
	var believed sync.Map // digests of tokens
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plain := bearer(r.Header.Get("Authorization"))
		digest := sha256.Sum256([]byte(plain))
		ctx, cancel := context.WithTimeout(r.Context(), admitWithin)
		defer cancel()
		_, refused := s.admit(ctx, plain, users.ReadMetrics)
		switch {
		case refused == nil:
			believed.Store(digest, nil)
		case refused.status == http.StatusServiceUnavailable:
			if _, ok := believed.Load(digest); ok {
				refused = nil
			}
		default:
			believed.Delete(digest)
		}
		if refused != nil {
			s.turnAway(w, r, refused)
			return
		}
		next.ServeHTTP(w, r)
	})
}
