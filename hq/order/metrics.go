package order

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"comptant/shared/retail"
)

// metrics are what a process saw of the steps of its orders.
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

// moves are what a process wrote of the states of orders.
type moves struct {
	states, sagas *prometheus.CounterVec
	took          prometheus.Histogram
}

// moved is of the process, not of a desk: the tills' answers come in without one.
var moved = newMoves()

func newMoves() *moves {
	m := &moves{
		states: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "comptant_saga_states_total", Help: "Orders that came into a state, in this process.",
		}, []string{"state"}),
		sagas: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "comptant_saga_total", Help: "Orders that were placed, and then confirmed or cancelled, in this process.",
		}, []string{"status"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "comptant_saga_duration_seconds", Help: "From placed to confirmed, of the orders that this process confirmed.",
			Buckets: prometheus.ExponentialBuckets(0.005, 3, 10),
		}),
	}
	for _, s := range retail.OrderSteps {
		m.states.WithLabelValues(string(s.To))
	}
	for _, status := range []string{"placed", "confirmed", "cancelled"} {
		m.sagas.WithLabelValues(status)
	}
	return m
}

// count counts the steps that were written of an order.
func (c *change) count() {
	for _, t := range c.steps {
		if t.From == t.To {
			continue
		}
		moved.states.WithLabelValues(string(t.To)).Inc()
		switch {
		case t.To == retail.OrderCreated:
			moved.sagas.WithLabelValues("placed").Inc()
		case t.To == retail.OrderConfirmed && t.From == retail.OrderPaymentProcessed:
			moved.sagas.WithLabelValues("confirmed").Inc()
			moved.took.Observe(t.At.Sub(c.PlacedAt).Seconds())
		case t.To == retail.OrderCancelled:
			moved.sagas.WithLabelValues("cancelled").Inc()
		}
	}
}

var (
	sagaStates = prometheus.NewDesc("comptant_saga_current_states", "Orders that are not over, by the state they are in.", []string{"state"}, nil)
	sagaStuck  = prometheus.NewDesc("comptant_saga_stuck", "Orders whose present step has failed again and again, by that state.", []string{"state"}, nil)
	sagaOldest = prometheus.NewDesc("comptant_saga_oldest_seconds", "For how long the order has been in a state that is in it for longest; 0 where none is.",
		[]string{"state"}, nil)
	sagaActive = prometheus.NewDesc("comptant_active_sagas", "Orders that headquarters has not confirmed or cancelled yet.", nil, nil)
)

// Describe is of prometheus.Collector.
func (d *Desk) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{sagaStates, sagaStuck, sagaOldest, sagaActive} {
		to <- desc
	}
	for _, c := range d.counted() {
		c.Describe(to)
	}
}

// counted are what this process counts, which costs no query.
func (d *Desk) counted() []prometheus.Collector {
	return []prometheus.Collector{d.metrics.steps, d.metrics.failed, moved.states, moved.sagas, moved.took}
}

// scrapeWithin bounds how long a scrape waits for the database.
const scrapeWithin = 5 * time.Second

// Collect is of prometheus.Collector. Of the orders in the database it reads those that are not over, by the index that has only them: the
// others grow for ever.
func (d *Desk) Collect(to chan<- prometheus.Metric) {
	for _, c := range d.counted() {
		c.Collect(to)
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWithin)
	defer cancel()
	standing, err := d.standing(ctx)
	if err != nil {
		d.Log.Warn("metrics of orders cannot be read", "error", err)
		return
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	var active int64
	seen := map[retail.OrderState]bool{}
	for _, step := range retail.OrderSteps {
		if seen[step.To] {
			continue
		}
		seen[step.To] = true
		s := standing[step.To]
		gauge(sagaStates, float64(s.Orders), string(step.To))
		gauge(sagaStuck, float64(s.Stuck), string(step.To))
		age := 0.0
		if s.Orders > 0 {
			age = d.Now().Sub(s.oldest).Seconds()
		}
		gauge(sagaOldest, age, string(step.To))
		switch step.To {
		case retail.OrderCreated, retail.OrderStockVerified, retail.OrderStockReserved, retail.OrderPaymentProcessed, retail.OrderCompensating:
			active += s.Orders
		}
	}
	gauge(sagaActive, float64(active))
}

// standing counts the orders that are not over, by state, and says since when the oldest is in it.
func (d *Desk) standing(ctx context.Context) (map[retail.OrderState]oldestCount, error) {
	rows, err := d.DB.Query(ctx, `
		SELECT state, count(*), count(*) FILTER (WHERE tries >= $2), min(state_at) FROM orders.placed WHERE `+open+` GROUP BY state`,
		[]uuid.UUID(nil), stuckTries)
	if err != nil {
		return nil, fmt.Errorf("count open orders: %w", err)
	}
	standing := map[retail.OrderState]oldestCount{}
	var s oldestCount
	_, err = pgx.ForEachRow(rows, []any{&s.State, &s.Orders, &s.Stuck, &s.oldest}, func() error {
		standing[s.State] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count open orders: %w", err)
	}
	return standing, nil
}

// oldestCount is a StateCount, and since when the oldest of its orders is in the state.
type oldestCount struct {
	StateCount
	oldest time.Time
}
