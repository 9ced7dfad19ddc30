package chaos_test

import (
	"os"
	"testing"
	"time"

	"comptant/sync/e2e/chaos"

	"github.com/stretchr/testify/require"
)

// A run of a few seconds, with a handful of kills of each process. `make chaos` is the long one.
func TestChaos(t *testing.T) {
	runs := map[string]chaos.Options{"one headquarters": {Seed: 1, Tills: 6, HQs: 1, Lasts: 12 * time.Second}}
	if !testing.Short() {
		runs["two headquarters"] = chaos.Options{Seed: 2, Tills: 20, HQs: 2, Lasts: time.Minute}
	}
	for name, o := range runs {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("/var/tmp", "comptant-chaos-test-")
			require.NoError(t, err)
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			require.NoError(t, os.Chmod(dir, 0o755)) // for Postgres, which refuses to be root
			o.Dir, o.Progress = dir, t.Output()
			r, err := chaos.Run(t.Context(), o)
			require.NoError(t, err)
			t.Logf("%d kills: %s; %d breaks: %s; %d strains: %s; %d sales; agreed after %s",
				r.Kills.Total(), r.Kills, r.Breaks.Total(), r.Breaks, r.Strains.Total(), r.Strains, r.Sales, r.Agreed)
			require.Empty(t, r.Differences)
			// How many there are in the time depends on the machine; that there are some shows that it was a run.
			require.Greater(t, r.Sales, 10)
			require.Positive(t, r.Kills.Total())
			require.Positive(t, r.Collected)
			require.Greater(t, r.Breaks.Total()+r.Strains.Total(), 10)
		})
	}
}
