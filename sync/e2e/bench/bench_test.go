package bench_test

import (
	"os"
	"path/filepath"
	"testing"

	"comptant/sync/e2e/bench"

	"github.com/stretchr/testify/require"
)

// Each row works, once and small. What it takes says nothing and is not looked at.
func TestRows(t *testing.T) {
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		require.NoError(t, os.Chmod(d, 0o755)) // for Postgres, which refuses to be root
	}
	for _, row := range bench.Rows() {
		t.Run(row.Name, func(t *testing.T) {
			report, err := bench.Run(t.Context(), []bench.Row{row}, bench.Options{Dir: dir, Quick: true, Data: os.Getenv("COMPTANT_DATA")})
			require.NoError(t, err)
			require.NotEmpty(t, report.Results)
			require.NoError(t, report.WriteTable(t.Output()))
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			for _, entry := range left {
				require.Equal(t, "programs", entry.Name(), "a row clears its folder away")
			}
		})
	}
}
