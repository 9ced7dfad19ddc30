package sim_test

import (
	"flag"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"

	"comptant/sync/e2e/sim"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
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

// histories has rapid play a hundred histories in the short form, the same each time, and a thousand new ones in the full, on every
// processor. begin makes what those of one processor are played on, one after the other.
func histories(t *testing.T, begin func(t *testing.T) func(r *rapid.T)) {
	set := func(name, value string) {
		before := flag.Lookup(name).Value.String()
		require.NoError(t, flag.Set(name, value))
		t.Cleanup(func() { _ = flag.Set(name, before) })
	}
	if testing.Short() {
		set("rapid.checks", "500") // of which rapid plays a fifth
		if flag.Lookup("rapid.seed").Value.String() == "0" {
			set("rapid.seed", "1")
		}
		rapid.Check(t, begin(t))
		return
	}
	workers := runtime.GOMAXPROCS(0)
	set("rapid.checks", strconv.Itoa((1000+workers-1)/workers))
	for range workers {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, begin(t))
		})
	}
}

// TestATillKeepsDeedsWhollyOrNotAtAll plays random histories of a till on SQLite beside the model.
func TestATillKeepsDeedsWhollyOrNotAtAll(t *testing.T) {
	histories(t, func(t *testing.T) func(r *rapid.T) {
		all := newFolders(t)
		return func(r *rapid.T) {
			defer all.clear()
			sim.PlayTill(r, func() sim.Breakable {
				f := all.add()
				f.counted = true
				return f
			})
		}
	})
}

// TestHeadquartersKeepsDeedsWhollyOrNotAtAll plays random histories of headquarters on Postgres beside the model.
func TestHeadquartersKeepsDeedsWhollyOrNotAtAll(t *testing.T) {
	histories(t, func(t *testing.T) func(r *rapid.T) {
		s := newShaky(t)
		return func(r *rapid.T) {
			if err := s.Empty(t.Context()); err != nil {
				r.Fatal(err)
			}
			sim.PlayHeadquarters(r, s)
		}
	})
}
