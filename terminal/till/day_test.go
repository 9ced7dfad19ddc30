package till_test

import (
	"testing"
	"time"

	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
)

const oneDay = 24 * time.Hour

func TestADateThatCannotBeRightIsAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *world)
		asks  bool
	}{
		"the day after":                           {func(w *world) { w.clock = w.clock.Add(oneDay) }, false},
		"before the last shift's":                 {func(w *world) { w.clock = w.clock.Add(-oneDay) }, true},
		"before the program was made":             {func(w *world) { w.built = w.clock.Add(3 * oneDay); w.clock = w.clock.Add(oneDay) }, true},
		"a month later, measured":                 {func(w *world) { w.unheard(30 * oneDay); w.network.Certain = true }, false},
		"two days later, with an uncertain clock": {func(w *world) { w.unheard(2 * oneDay) }, true},
		"a day later, with an uncertain clock":    {func(w *world) { w.unheard(oneDay) }, false},
		"the same, and prices are due by it": {func(w *world) {
			w.goods.Next = till.NextPrices{Version: 1285, From: w.clock.Add(oneDay / 2)}
			w.unheard(oneDay)
		}, true},
		"the same, and prices are due later": {func(w *world) {
			w.goods.Next = till.NextPrices{Version: 1285, From: w.clock.Add(2 * oneDay)}
			w.unheard(oneDay)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := signedIn(t)
			w.close(20000)
			c.spoil(w)
			w.start()
			require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
			before := len(w.journal.Drafts)
			err := w.OpenShift(t.Context(), 10000)
			if !c.asks {
				require.NoError(t, err)
				return
			}
			e := refused(t, till.KeyDate, err)
			require.Equal(t, retail.DateOf(w.Now()), e.Args["date"])
			require.Len(t, w.journal.Drafts, before, "nothing is written")
			require.Zero(t, w.Shift())
		})
	}
}

// unheard lets time pass in which nothing is heard of the time.
func (w *world) unheard(d time.Duration) {
	w.network.Certain, w.network.Passed = false, w.clock
	w.clock = w.clock.Add(d)
}

func TestAConfirmedDateIsTheShiftsAndLasts(t *testing.T) {
	w := signedIn(t)
	w.close(20000)
	refused(t, till.KeyNoShift, w.ConfirmDate(t.Context(), 20261125))
	w.unheard(-4000 * oneDay) // the battery is empty
	refused(t, till.KeyDate, w.OpenShift(t.Context(), 15000))
	refused(t, till.KeyDateWrong, w.ConfirmDate(t.Context(), 20261344))
	w.Lock()
	refused(t, till.KeySignInNeeded, w.ConfirmDate(t.Context(), 20261125))
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	refused(t, till.KeyDate, w.OpenShift(t.Context(), 15000))
	require.NoError(t, w.ConfirmDate(t.Context(), 20261125))
	require.Equal(t, retail.Date(20261125), w.Shift().BusinessDate)
	opened := w.journal.Drafts[len(w.journal.Drafts)-1].Body
	require.Equal(t, retail.ShiftOpen{Shift: 2, BusinessDate: 20261125, Float: 15000, Uncertain: true, Confirmed: true}, opened)
	require.False(t, w.LeftOpen())
	w.scan("100216")
	_, err := w.TenderCard(t.Context(), w.pay().Turn, w.pay().Left, "1", "4417")
	require.NoError(t, err)
	require.Equal(t, retail.Date(20261125), tilltest.Bodies[retail.Sale](w.journal)[0].BusinessDate)

	w.close(15000)
	w.clock = w.clock.Add(time.Hour)
	require.NoError(t, w.OpenShift(t.Context(), 15000), "it is not asked again")
	require.Equal(t, uint64(3), w.Shift().Number)
	require.Equal(t, retail.Date(20261125), w.Shift().BusinessDate)
	w.close(15000)
	w.clock = w.clock.Add(oneDay)
	require.NoError(t, w.OpenShift(t.Context(), 15000))
	require.Equal(t, retail.Date(20261126), w.Shift().BusinessDate, "the days go on from there")

	// The time is measured, and the person was wrong by a year: the clock counts again.
	w.close(15000)
	w.clock = time.Date(2026, 11, 26, 19, 0, 0, 0, time.UTC)
	w.network = till.Network{Certain: true, Error: time.Second}
	require.NoError(t, w.OpenShift(t.Context(), 15000))
	require.Equal(t, uint64(5), w.Shift().Number)
}
