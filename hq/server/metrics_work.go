package server

import (
	"context"
	"log/slog"
	"time"

	"comptant/hq/importer"
	"comptant/hq/order"

	"github.com/prometheus/client_golang/prometheus"
)

// workMetrics reads how work in the background stands when Prometheus asks. Every process of headquarters says the same.
type workMetrics struct {
	store *Store
	now   func() time.Time
	log   *slog.Logger

	jobs, waits, imports *prometheus.Desc
}

func newWorkMetrics(s *Store, now func() time.Time, log *slog.Logger) *workMetrics {
	return &workMetrics{
		store: s, now: now, log: log,
		jobs: prometheus.NewDesc("comptant_jobs", "Jobs that are not done, by kind and by their state in the queue.", []string{"kind", "state"}, nil),
		waits: prometheus.NewDesc("comptant_jobs_oldest_available_age_seconds", "How long the job that has waited longest could have been worked; 0 when none waits.",
			nil, nil),
		imports: prometheus.NewDesc("comptant_imports", "Files that people brought to be imported in the last day, by state.", []string{"state"}, nil),
	}
}

// Describe is of prometheus.Collector.
func (m *workMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.jobs, m.waits, m.imports} {
		to <- d
	}
}

// Collect is of prometheus.Collector.
func (m *workMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectWithin)
	defer cancel()
	send := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	counts, oldest, err := order.CountJobs(ctx, m.store.DB)
	if err != nil {
		m.log.Warn("metrics of jobs cannot be read", "error", err)
		return
	}
	for _, c := range counts {
		send(m.jobs, float64(c.Count), c.Kind, c.State)
	}
	age := 0.0
	if !oldest.IsZero() {
		age = max(m.now().Sub(oldest).Seconds(), 0)
	}
	send(m.waits, age)
	uploads, err := importer.CountUploads(ctx, m.store.DB, m.now())
	if err != nil {
		m.log.Warn("metrics of imports cannot be read", "error", err)
		return
	}
	for state, n := range uploads {
		send(m.imports, float64(n), string(state))
	}
}
