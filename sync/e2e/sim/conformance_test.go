package sim_test

import (
	"flag"
	"runtime"
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

// histories has rapid play a hundred histories in the short form, the same each time, and a thousand new ones in the full.
func histories(t *testing.T) {
	set := func(name, value string) {
		before := flag.Lookup(name).Value.String()
		require.NoError(t, flag.Set(name, value))
		t.Cleanup(func() { _ = flag.Set(name, before) })
	}
	if !testing.Short() {
		set("rapid.checks", "1000")
		return
	}
	set("rapid.checks", "500") // of which rapid plays a fifth
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		set("rapid.seed", "1")
	}
}

// TestATillKeepsDeedsWhollyOrNotAtAll plays random histories of a till on SQLite beside the model.
func TestATillKeepsDeedsWhollyOrNotAtAll(t *testing.T) {
	histories(t)
	all := newFolders(t)
	rapid.Check(t, func(r *rapid.T) {
		defer all.clear()
		sim.PlayTill(r, func() sim.Breakable {
			f := all.add()
			f.counted = true
			return f
		})
	})
}

// TestHeadquartersKeepsDeedsWhollyOrNotAtAll plays random histories of headquarters on Postgres beside the model.
func TestHeadquartersKeepsDeedsWhollyOrNotAtAll(t *testing.T) {
	histories(t)
	s := newShaky(t)
	rapid.Check(t, func(r *rapid.T) {
		if err := s.Empty(t.Context()); err != nil {
			r.Fatal(err)
		}
		sim.PlayHeadquarters(r, s)
	})
}
