package catalog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/shared/retail"
)

// Every price book that a day can bring, looked at after each thing that is done: what became of it is what BookSteps says.
func TestBookStepsAreWhatIsDone(t *testing.T) {
	d, p := open(t), product(1, "Sirop")
	put(t, d, p)
	line := retail.PriceLine{Product: p.ID, Price: 999}
	seen := map[retail.Step[catalog.BookState]]bool{}
	now, before := monday, states(t, d, monday)
	for _, s := range before {
		require.Equal(t, catalog.BookInForce, s, "the prices that the products came with")
	}
	look := func(deeds ...string) {
		t.Helper()
		after := states(t, d, now)
		for version, to := range after {
			from := before[version]
			if from == to {
				continue
			}
			deed := deeds[0]
			if from == catalog.BookInForce {
				deed = "newer"
			}
			seen[retail.Step[catalog.BookState]{From: from, To: to, Deed: deed}] = true
		}
		before = after
	}
	now = now.Add(time.Hour)
	planned := add(t, d, now, now.Add(time.Hour), line)
	look("plan")
	dropped := add(t, d, now, now.Add(2*time.Hour), line)
	look("plan")
	require.NoError(t, cancel(d, now, dropped))
	look("cancel")
	require.Error(t, cancel(d, now, dropped), "canceled already")
	now = now.Add(time.Hour)
	activate(t, d, now)
	look("time")
	require.Error(t, cancel(d, now, planned), "it has taken effect")
	now = now.Add(time.Hour)
	add(t, d, now, now, line)
	look("change")
	require.Error(t, cancel(d, now, planned), "past")
	now = now.Add(24 * time.Hour)
	activate(t, d, now)
	look("time")
	want := map[retail.Step[catalog.BookState]]bool{}
	for _, s := range catalog.BookSteps {
		want[s] = true
	}
	require.Equal(t, want, seen)
}
