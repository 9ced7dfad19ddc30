package sim

import (
	"bytes"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cases must all happen in the seeds of a run, or the run says nothing about them: what headquarters can see in a hello,
// and what a till can find when it starts.
var cases = []string{
	"normal", "restored, nothing sold", "fork", "session behind, a copy of the disk", "again the same day, two machines",
	"session ahead, headquarters rolled back", "acknowledged entries unknown", "no key, enrolled again",
	"given back", "asked for what another could not give", "unknown parent", "search for the common entry", "hole", "printed, never received",
	"receipt printed twice", "deferred", "late message of a fenced session", "late hello of a dead connection", "late hello, of before the newest session",
	"fenced by a newer session", "one entry ahead of the sentinel", "restored, found at the start", "stray branch",
	"damaged sentinel", "damaged end of the sentinel", "snapshot", "digest differs", "feed reset",
	"refund", "hold asked for", "hold asked for again", "hold of an unknown receipt", "hold granted", "hold refused", "refund under a hold",
	"refund in doubt", "hold in doubt", "given back on its own word, knowing all", "hold given up", "hold taken back", "refund with an override", "refunded beyond what was sold",
	"count", "something before a count arrives after it",
}

// TestSimulator plays SEEDS histories, from the seed FIRST on, or the one of SEED with its log.
func TestSimulator(t *testing.T) {
	if seed := number(t, "SEED", 0); seed != 0 {
		_, err := Run(seed, Options{Log: os.Stdout, Steps: int(number(t, "STEPS", 0))})
		require.NoError(t, err)
		return
	}
	seeds := uint64(20_000)
	if testing.Short() {
		seeds = 2_000
	}
	seeds = number(t, "SEEDS", seeds)
	began := time.Now()
	hits, errs := playAll(number(t, "FIRST", 1), seeds)
	spent := time.Since(began)
	t.Logf("%d seeds in %s, %.0f a second", seeds, spent.Round(time.Millisecond), float64(seeds)/spent.Seconds())
	for _, name := range slices.Sorted(maps.Keys(hits)) {
		t.Logf("%8d  %s", hits[name], name)
	}
	for _, err := range errs[:min(len(errs), 10)] {
		t.Errorf("%v", err)
	}
	if len(errs) > 0 {
		t.Fatalf("%d of %d seeds broke a law; make simulate SEED=n shows one", len(errs), seeds)
	}
	if seeds < 2_000 {
		return
	}
	for _, name := range cases {
		require.Positive(t, hits["case: "+name], "no seed had the case: %s", name)
	}
}

// playAll plays seeds on every processor.
func playAll(first, seeds uint64) (hits map[string]int, errs []error) {
	hits = map[string]int{}
	var next atomic.Uint64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1); i <= seeds; i = next.Add(1) {
				had, err := Run(first+i-1, Options{})
				mu.Lock()
				for name, n := range had {
					hits[name] += n
				}
				if err != nil {
					errs = append(errs, err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return hits, errs
}

// A seed is of use only when it plays the same history each time.
func TestAHistoryCanBePlayedAgain(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		var one, two bytes.Buffer
		_, errOne := Run(seed, Options{Log: &one})
		_, errTwo := Run(seed, Options{Log: &two})
		require.Equal(t, errOne, errTwo)
		require.Equal(t, one.String(), two.String(), "seed %d", seed)
	}
}

func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	require.NoError(t, err, name)
	return n
}
