package server

import (
	"net/http"
	"strconv"
	"time"

	"comptant/hq/db"
	"comptant/sync/hub"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics is what Prometheus reads at api.Metrics.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(d *db.DB, h *hub.Hub, version string) *metrics {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	auto := promauto.With(r)
	m := &metrics{registry: r, requests: auto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "comptant_http_request_seconds", Help: "Time to answer a request, by route and status.",
		Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 10),
	}, []string{"route", "code"})}

	gauge := func(name, help string, value func() float64) {
		auto.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	counter := func(name, help string, value func() float64) {
		auto.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value)
	}
	auto.NewGaugeVec(prometheus.GaugeOpts{Name: "comptant_build_info", Help: "1, with the version of this program."}, []string{"version"}).
		WithLabelValues(version).Set(1)
	gauge("comptant_db_connections", "Open database connections.", func() float64 { return float64(d.Stat().TotalConns()) })
	gauge("comptant_db_connections_busy", "Database connections in use.", func() float64 { return float64(d.Stat().AcquiredConns()) })
	counter("comptant_db_wait_seconds_total", "Time spent waiting for a database connection.",
		func() float64 { return d.Stat().AcquireDuration().Seconds() })
	registerHub(gauge, counter, h)
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// measure records how long requests take, under the pattern of the route that answered.
func (m *metrics) measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		s := &statusWriter{ResponseWriter: w, code: http.StatusOK}
		next.ServeHTTP(s, r)
		route := r.Pattern
		if route == "" {
			route = "none"
		}
		m.requests.WithLabelValues(route, strconv.Itoa(s.code)).Observe(time.Since(start).Seconds())
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	code int
}

func (w *statusWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the flusher and deadlines of what is wrapped.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func registerHub(gauge, counter func(name, help string, value func() float64), h *hub.Hub) {
	stat := func(pick func(hub.Stats) int64) func() float64 {
		return func() float64 { return float64(pick(h.Stats())) }
	}
	gauge("comptant_sync_sessions", "Tills connected.", stat(func(s hub.Stats) int64 { return s.Sessions }))
	counter("comptant_sync_sessions_opened_total", "Sessions opened.", stat(func(s hub.Stats) int64 { return s.Opened }))
	counter("comptant_sync_sessions_refused_total", "Sessions refused.", stat(func(s hub.Stats) int64 { return s.Refused }))
	counter("comptant_sync_sessions_fenced_total", "Sessions ended by a newer one.", stat(func(s hub.Stats) int64 { return s.Fenced }))
	counter("comptant_sync_connections_turned_away_total", "Connections beyond the limits of this process.", stat(func(s hub.Stats) int64 { return s.TurnedAway }))
	counter("comptant_sync_sessions_cut_total", "Sessions ended because the till did not read.", stat(func(s hub.Stats) int64 { return s.Cut }))
	counter("comptant_sync_batches_total", "Batches of entries stored.", stat(func(s hub.Stats) int64 { return s.Batches }))
	counter("comptant_sync_entries_total", "Entries stored.", stat(func(s hub.Stats) int64 { return s.Entries }))
	counter("comptant_sync_nacks_total", "Batches refused.", stat(func(s hub.Stats) int64 { return s.Nacks }))
	counter("comptant_sync_pages_sent_total", "Feed pages sent.", stat(func(s hub.Stats) int64 { return s.PagesSent }))
	counter("comptant_sync_pages_encoded_total", "Feed pages read and encoded.", stat(func(s hub.Stats) int64 { return s.PagesEncoded }))
	counter("comptant_sync_resets_total", "Feeds tills had to load again.", stat(func(s hub.Stats) int64 { return s.Resets }))
	counter("comptant_sync_feed_errors_total", "Feed reads that failed.", stat(func(s hub.Stats) int64 { return s.FeedErrors }))
	counter("comptant_sync_bytes_in_total", "Bytes received from tills.", stat(func(s hub.Stats) int64 { return s.BytesIn }))
	counter("comptant_sync_bytes_out_total", "Bytes sent to tills.", stat(func(s hub.Stats) int64 { return s.BytesOut }))
}
