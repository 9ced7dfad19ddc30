package bench

import (
	"bytes"
	"context"
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// scripted is a part whose limit and product take what is written, in milliseconds.
func scripted(limits, products []int) Part {
	next := func(list *[]int) func(context.Context, *Watch) error {
		return func(_ context.Context, w *Watch) error {
			w.Start()
			w.Lap(time.Duration((*list)[0]) * time.Millisecond)
			*list = (*list)[1:]
			w.Stop(1)
			return nil
		}
	}
	return Part{Limit: next(&limits), Product: next(&products), Figure: Median, Unit: TimeP50, Goal: Goal{AtMost: 1.8}}
}

func TestTheFirstRoundIsDroppedAndVoidOnesAreRunAgain(t *testing.T) {
	part := scripted(
		[]int{50, 50, 10, 10, 10, 13, 10, 12, 20, 20, 10, 10},
		[]int{5000, 15, 1000, 22, 60, 16},
	)
	r, err := rounds(t.Context(), part, Options{Rounds: 5, Progress: &bytes.Buffer{}})
	require.NoError(t, err)
	require.Len(t, r.Rounds, 4)
	require.Equal(t, 1, r.Void, "10 and 13 differ by more than a quarter, 10 and 12 do not")
	median, least, greatest := r.Ratio()
	require.InDelta(t, 1.5, least, 1e-9)
	require.InDelta(t, 3, greatest, 1e-9)
	require.InDelta(t, (1.6+2)/2, median, 1e-9)
}

func TestARowWhoseRoundsAreAllVoidGivesNoRatio(t *testing.T) {
	var limits, products []int
	for range 9 {
		limits, products = append(limits, 10, 20), append(products, 10)
	}
	part := scripted(limits, products)
	r, err := rounds(t.Context(), part, Options{Rounds: 5, Progress: &bytes.Buffer{}})
	require.NoError(t, err)
	require.Empty(t, r.Rounds)
	var out bytes.Buffer
	require.NoError(t, Report{Results: []Result{r}}.WriteTable(&out))
	require.Contains(t, out.String(), "not measured")
	require.NotContains(t, out.String(), "met ")
}

func TestGoals(t *testing.T) {
	require.True(t, Goal{AtMost: 1.8}.Met(1.8))
	require.False(t, Goal{AtMost: 1.8}.Met(1.81))
	require.True(t, Goal{AtLeast: 0.25}.Met(0.25))
	require.False(t, Goal{AtLeast: 0.25}.Met(0.24))
}

func TestPercentiles(t *testing.T) {
	w := newWatch(nil, nil)
	w.Start()
	for i := range 100 {
		w.Lap(time.Duration(100-i) * time.Second)
	}
	w.Stop(100)
	require.InDelta(t, 50, Median(w.reading), 1e-9)
	require.InDelta(t, 99, P99(w.reading), 1e-9)
}

func TestATillIsNotMeasuredInMemory(t *testing.T) {
	const memory = "/dev/shm"
	d, err := diskOf(memory)
	if err != nil || d.kind != "tmpfs" {
		t.Skip("no file system in memory here")
	}
	_, err = Run(t.Context(), []Row{Commit}, Options{Dir: memory, Rounds: 5})
	require.ErrorContains(t, err, "tmpfs")
}

func TestGoodsAreTheSameInEveryRun(t *testing.T) {
	a, err := goods("", 3000)
	require.NoError(t, err)
	b, err := goods("", 3000)
	require.NoError(t, err)
	require.Len(t, a, 3000)
	require.Equal(t, a, b)
}

// Figures said to be of real goods are of real goods.
func TestDataWithoutItsFilesIsAnError(t *testing.T) {
	_, err := goods(t.TempDir(), 3000)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, _, err = month(Place{Data: t.TempDir()})
	require.ErrorIs(t, err, fs.ErrNotExist)
}
