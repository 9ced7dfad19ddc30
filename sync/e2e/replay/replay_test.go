package replay_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"comptant/sync/e2e/fleet"
	"comptant/sync/e2e/replay"

	"github.com/stretchr/testify/require"
)

// A real chain through 50 tills (ten days of it in the short form, all of it in the full one), and a generated one with
// faults.
func TestReplay(t *testing.T) {
	t.Run("toys", func(t *testing.T) {
		dir := realData(t, "toys")
		h, err := replay.Load(dir)
		require.NoError(t, err)
		differences, known, err := replay.CheckFacts(h, dir)
		require.NoError(t, err)
		require.True(t, known)
		require.Empty(t, differences)
		if testing.Short() {
			h.Until(20170111)
		}
		exact(t, h, false)
	})
	t.Run("generated, with faults", func(t *testing.T) {
		exact(t, replay.Generate(6, 20, 20), true)
	})
}

// realData is where a set of real data is, which is not part of the repository: below COMPTANT_DATA, or a folder shared/data
// beside it. Without that folder the test is skipped; in it, what is missing is a failure.
func realData(t *testing.T, set string) string {
	t.Helper()
	dir := os.Getenv("COMPTANT_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skip("skipped: no data")
	}
	dir = filepath.Join(dir, set)
	require.DirExists(t, dir)
	return dir
}

func exact(t *testing.T, h *replay.History, chaos bool) {
	dir, err := os.MkdirTemp("/var/tmp", "comptant-replay-test-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	bin, err := fleet.Build(t.Context(), dir, "comptant/hq/cmd/hq")
	require.NoError(t, err)
	log, err := os.Create(filepath.Join(dir, "hq.log"))
	require.NoError(t, err)
	defer log.Close()
	result, err := replay.Run(t.Context(), h, replay.Options{
		HQ: &fleet.HQ{Bin: bin, Home: filepath.Join(dir, "home"), Log: log}, Dir: dir, Chaos: chaos, Seed: 1,
	})
	if err != nil {
		raw, _ := os.ReadFile(log.Name())
		t.Log(string(raw[max(0, len(raw)-4000):]))
	}
	require.NoError(t, err)
	require.Empty(t, result.Differences)
	require.Equal(t, h.Count(), result.Sales)
	require.Equal(t, result.Sales, result.Acknowledged)
	t.Logf("%d sales in %s, %d kills, %d cuts", result.Sales, result.Selling, result.Kills, result.Cuts)
}

// A replay that loses, doubles or changes anything must say so.
func TestHistoryThatDoesNotAddUpIsFound(t *testing.T) {
	h := replay.Generate(2, 5, 5)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "facts.json"), []byte(`{"sale_id_distinct": 1, "by_store_month": [[1, "2017-01", 1, 1, 1]]}`), 0o600))
	differences, known, err := replay.CheckFacts(h, dir)
	require.NoError(t, err)
	require.True(t, known)
	require.Len(t, differences, 5)
}
