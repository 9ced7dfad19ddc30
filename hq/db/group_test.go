package db_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
)

// turns is what a group did, turn by turn.
type turns struct {
	sync.Mutex
	all [][]int
}

func (t *turns) do(deeds []int) {
	t.Lock()
	defer t.Unlock()
	t.all = append(t.all, deeds)
}

// Those who come at once go in one turn, the first of them included.
func TestWhoComesAtOnceGoesTogether(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that they come one right after the other
	var done turns
	g := db.NewGroup(func(_ context.Context, deeds ...int) error {
		done.do(deeds)
		return nil
	})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			if err := g.Run(t.Context(), i); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.Len(t, done.all, 1)
	require.ElementsMatch(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, done.all[0])
}

// Who comes while a turn is under way goes in the next one, and when that fails each of them alone: one's fault is no other's.
func TestWhoComesDuringATurnGoesInTheNext(t *testing.T) {
	var done turns
	begun, end := make(chan struct{}), make(chan struct{})
	bad := errors.New("bad")
	g := db.NewGroup(func(_ context.Context, deeds ...int) error {
		done.do(deeds)
		if deeds[0] == 0 {
			close(begun)
			<-end
		}
		for _, d := range deeds {
			if d == 3 {
				return bad
			}
		}
		return nil
	})
	errs := make([]error, 5)
	var group sync.WaitGroup
	group.Go(func() { errs[0] = g.Run(t.Context(), 0) })
	<-begun
	for i := 1; i < 5; i++ {
		group.Go(func() { errs[i] = g.Run(t.Context(), i) })
	}
	for g.Waiting() < 4 {
		runtime.Gosched()
	}
	close(end)
	group.Wait()
	require.Equal(t, []error{nil, nil, nil, bad, nil}, errs)
	require.Equal(t, []int{0}, done.all[0])
	require.ElementsMatch(t, []int{1, 2, 3, 4}, done.all[1])
	require.ElementsMatch(t, [][]int{{1}, {2}, {3}, {4}}, done.all[2:])

	require.NoError(t, g.Run(t.Context(), 5), "and who comes alone afterwards goes at once")
	require.Equal(t, []int{5}, done.all[6])
}
