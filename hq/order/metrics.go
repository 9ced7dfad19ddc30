package order

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"comptant/shared/retail"
)

// metrics are what a process saw of its orders, and how all of them stand.
type metrics struct {
	steps  *prometheus.HistogramVec
	failed *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "comptant_saga_step_duration_seconds", Help: "How long a step of an order took in this process.",
			Buckets: prometheus.ExponentialBuckets(0.001, 3, 10),
		}, []string{"step"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "comptant_saga_step_failures_total", Help: "Steps of orders that failed in this process, and are tried again.",
		}, []string{"step"}),
	}
	// From 0 on, so that the first failure is seen as one.
	for _, did := range []action{verify, reserve, authorise, confirm, capture, reroute, compensate, giveUp, tell} {
		m.steps.WithLabelValues(string(did))
		m.failed.WithLabelValues(string(did))
	}
	return m
}

func (m *metrics) observe(did action, took time.Duration, err error) {
	m.steps.WithLabelValues(string(did)).Observe(took.Seconds())
	if err != nil {
		m.failed.WithLabelValues(string(did)).Inc()
	}
}

var (
	sagaStates = prometheus.NewDesc("comptant_saga_current_states", "Orders by the state they are in.", []string{"state"}, nil)
	sagaTotal  = prometheus.NewDesc("comptant_saga_total", "Orders that were confirmed, or cancelled, ever.", []string{"status"}, nil)
	sagaActive = prometheus.NewDesc("comptant_active_sagas_total", "Orders that headquarters has not confirmed or cancelled yet.", nil, nil)
	sagaStuck  = prometheus.NewDesc("comptant_saga_stuck", "Orders whose present step has failed again and again, by that state.", []string{"state"}, nil)
	sagaTook   = prometheus.NewDesc("comptant_saga_duration_seconds", "From placed to confirmed, of the last hour's orders: the quantiles.", []string{"quantile"}, nil)
)

// Describe is of prometheus.Collector.
func (d *Desk) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{sagaStates, sagaTotal, sagaActive, sagaStuck, sagaTook} {
		to <- desc
	}
	d.metrics.steps.Describe(to)
	d.metrics.failed.Describe(to)
}

// scrapeWithin bounds how long a scrape waits for the database.
const scrapeWithin = 5 * time.Second

// Collect is of prometheus.Collector.
func (d *Desk) Collect(to chan<- prometheus.Metric) {
	d.metrics.steps.Collect(to)
	d.metrics.failed.Collect(to)
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWithin)
	defer cancel()
	counts, err := CountStates(ctx, d.DB)
	if err != nil {
		d.Log.Warn("metrics of orders cannot be read", "error", err)
		return
	}
	gauge := func(desc *prometheus.Desc, value int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	var active, confirmed, cancelled int64
	for _, c := range all(counts) {
		gauge(sagaStates, c.Orders, string(c.State))
		gauge(sagaStuck, c.Stuck, string(c.State))
		switch c.State {
		case retail.OrderCreated, retail.OrderStockVerified, retail.OrderStockReserved, retail.OrderPaymentProcessed, retail.OrderCompensating:
			active += c.Orders
		case retail.OrderCancelled:
			cancelled += c.Orders
		default:
			confirmed += c.Orders
		}
	}
	gauge(sagaActive, active)
	gauge(sagaTotal, confirmed, "confirmed")
	gauge(sagaTotal, cancelled, "cancelled")
	var half, most *float64
	err = d.DB.QueryRow(ctx, `
		SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY took), percentile_cont(0.99) WITHIN GROUP (ORDER BY took) FROM (
			SELECT extract(epoch FROM t.at - p.placed_at) AS took FROM orders.transition t JOIN orders.placed p ON p.id = t.order_id
			WHERE p.placed_at > $1 AND t.to_state = 'order_confirmed' AND t.from_state = 'payment_processed') s`,
		d.Now().Add(-time.Hour)).Scan(&half, &most)
	if err != nil || half == nil {
		return
	}
	to <- prometheus.MustNewConstMetric(sagaTook, prometheus.GaugeValue, *half, "0.5")
	to <- prometheus.MustNewConstMetric(sagaTook, prometheus.GaugeValue, *most, "0.99")
}

// all adds the states without orders.
func all(counts []StateCount) []StateCount {
	seen := map[retail.OrderState]bool{}
	for _, c := range counts {
		seen[c.State] = true
	}
	for _, step := range retail.OrderSteps {
		if !seen[step.To] {
			counts = append(counts, StateCount{State: step.To})
		}
		seen[step.To] = true
	}
	return counts
}
