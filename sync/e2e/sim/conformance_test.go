package sim_test

import (
	"runtime"
	"sync/atomic"
	"testing"

	"comptant/sync/e2e/sim"

	"github.com/stretchr/testify/require"
)

// TestRealStorageAnswersAsTheModelsDo plays histories in which headquarters on Postgres and tills on SQLite are asked
// everything the models are asked. Then the tills alone: the model of headquarters can be rolled back.
func TestRealStorageAnswersAsTheModelsDo(t *testing.T) {
	seeds := uint64(1000)
	if testing.Short() {
		seeds = 50
	}
	var next atomic.Uint64
	for range runtime.GOMAXPROCS(0) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			o, all := newOffice(t), newFolders(t)
			for seed := next.Add(1); seed <= seeds; seed = next.Add(1) {
				_, err := sim.Run(seed, sim.Options{Beside: o, Folder: all.make})
				require.NoError(t, err)
				_, err = sim.Run(seed, sim.Options{Folder: all.make})
				require.NoError(t, err, "with tills alone")
				all.clear()
			}
		})
	}
}
