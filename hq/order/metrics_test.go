package order_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/require"

	"comptant/shared/retail"
)

// gathered are the values of the desk's counters and gauges, by name and label.
func (w *world) gathered(t *testing.T) map[string]float64 {
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(w.desk))
	families, err := registry.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				name += " " + l.GetValue()
			}
			switch {
			case m.Counter != nil:
				values[name] = m.Counter.GetValue()
			case m.Gauge != nil:
				values[name] = m.Gauge.GetValue()
			case m.Histogram != nil:
				values[name] = float64(m.Histogram.GetSampleCount())
			}
		}
	}
	return values
}

// Counters count each way once, also those that a till's answer takes; gauges only what is not over.
func TestMetricsOfOrders(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 9)
	before := w.gathered(t)
	grew := func(name string) float64 { return w.gathered(t)[name] - before[name] }

	w.place(t, cart(downtown, "4000 0000 0000 0002", of(syrup, 1)), retail.OrderCancelled)
	o := w.place(t, cart(downtown, "4242 4242 4242 4242", of(syrup, 1)), retail.OrderConfirmed)
	w.pass(time.Minute)
	w.place(t, cart(downtown, "4242 4242 4242 4242", of(syrup, 1)), retail.OrderConfirmed)
	require.EqualValues(t, 3, grew("comptant_saga_states_total created"))
	require.EqualValues(t, 2, grew("comptant_saga_states_total order_confirmed"))
	require.EqualValues(t, 3, grew("comptant_saga_total placed"))
	require.EqualValues(t, 2, grew("comptant_saga_total confirmed"))
	require.EqualValues(t, 1, grew("comptant_saga_total cancelled"))
	require.EqualValues(t, 2, grew("comptant_saga_duration_seconds"))
	now := w.gathered(t)
	require.EqualValues(t, 2, now["comptant_saga_current_states order_confirmed"])
	require.Zero(t, now["comptant_saga_current_states cancelled"])
	require.EqualValues(t, 60, now["comptant_saga_oldest_seconds order_confirmed"])
	require.Contains(t, now, "comptant_saga_oldest_seconds picking")
	require.Zero(t, now["comptant_saga_oldest_seconds picking"])
	require.Zero(t, now["comptant_active_sagas"])

	_, err := w.collect(t.Context(), o, downtown.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, grew("comptant_saga_states_total collected"))
	w.jobs(t)
	now = w.gathered(t)
	require.Zero(t, now["comptant_saga_current_states collected"])
	require.Zero(t, now["comptant_saga_oldest_seconds order_confirmed"], "of the other, which was placed just now")

	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(w.desk))
	families, err := registry.Gather()
	require.NoError(t, err)
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)
}
