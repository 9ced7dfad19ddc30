package stock_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/stock"
	"comptant/shared/money"
)

func TestFoldCountsAndLists(t *testing.T) {
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	sale := func(at int, bound time.Duration) stock.Event {
		return stock.Event{Entry: [32]byte{byte(at)}, At: minute(at), Error: bound, Quantity: -money.One}
	}
	count := stock.Event{Entry: [32]byte{100}, At: minute(10), Error: time.Second, Count: true, Quantity: 20 * money.One}
	early, near, late := sale(1, time.Second), sale(9, 2*time.Minute), sale(11, time.Second)
	unknown := sale(5, 0)
	unknown.Uncertain = true
	level, look := stock.Fold([]stock.Event{late, unknown, count, near, early})
	require.Equal(t, 19*money.One, level)
	require.Equal(t, []stock.Event{unknown, near}, look)
	beside := stock.Event{Entry: [32]byte{50}, At: count.At.Add(-1500 * time.Millisecond), Error: time.Second, Quantity: -money.One}
	_, look = stock.Fold([]stock.Event{beside, count})
	require.Equal(t, []stock.Event{beside}, look, "the count's own error counts too")

	level, look = stock.Fold([]stock.Event{early, late, unknown})
	require.Equal(t, -3*money.One, level, "nothing was counted")
	require.Empty(t, look)
	again := count
	again.Entry, again.At, again.Quantity = [32]byte{101}, minute(20), 7*money.One
	level, look = stock.Fold([]stock.Event{again, count, late, near})
	require.Equal(t, 7*money.One, level, "the latest count replaces")
	require.Empty(t, look)
}

// The order in which events arrive changes nothing, and neither does where in its bound the true time of one lies that is
// not listed.
func TestFoldIsAFunctionOfTheSet(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var events []stock.Event
		for i := range rapid.IntRange(0, 12).Draw(r, "events") {
			events = append(events, stock.Event{
				Entry: [32]byte{byte(i)}, At: noon.Add(time.Duration(rapid.IntRange(0, 15).Draw(r, "at")) * time.Second),
				Error: time.Duration(rapid.IntRange(0, 3).Draw(r, "error")) * time.Second, Uncertain: rapid.IntRange(0, 9).Draw(r, "uncertain") == 9,
				Count: rapid.IntRange(0, 3).Draw(r, "count") == 0, Quantity: money.Quantity(rapid.IntRange(-9, 9).Draw(r, "quantity")) * money.One,
			})
		}
		level, look := stock.Fold(events)
		shuffled := append([]stock.Event{}, events...)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		level2, look2 := stock.Fold(shuffled)
		require.Equal(r, level, level2)
		require.Equal(r, look, look2)

		listed := map[[32]byte]bool{}
		for _, e := range look {
			listed[e.Entry] = true
			if e.Count {
				return // two counts of which nobody knows the latest
			}
		}
		for i, e := range shuffled {
			if still := e.Count && len(look) > 0; !still && !listed[e.Entry] && !e.Uncertain && e.Error > 0 {
				shuffled[i].At = e.At.Add(time.Duration(random.Int64N(2*int64(e.Error)+1)) - e.Error)
			}
		}
		moved, _ := stock.Fold(shuffled)
		require.Equal(r, level, moved)
	})
}
