package ledger

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryConnectionReadsItsPragmasBack(t *testing.T) {
	l := newFolder(t).open(t)
	for _, c := range []struct {
		db          *database
		synchronous int
	}{{l.ledger, 2}, {l.catalog, 1}} {
		for range readers {
			// Held until the end of the test, so that every connection of the pool is a new one.
			conn, err := c.db.read.db.Conn(t.Context())
			require.NoError(t, err)
			defer conn.Close()
			var mode string
			var synchronous, keys, readOnly int
			require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode))
			require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&synchronous))
			require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA foreign_keys").Scan(&keys))
			require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA query_only").Scan(&readOnly))
			require.Equal(t, "wal", mode)
			require.Equal(t, c.synchronous, synchronous)
			require.Equal(t, 1, keys)
			require.Equal(t, 1, readOnly)
		}
		synchronous, _, err := one(t.Context(), c.db.write, value[int], "PRAGMA synchronous")
		require.NoError(t, err)
		require.Equal(t, c.synchronous, synchronous)
	}
}

func TestWeakSynchronousIsRefused(t *testing.T) {
	for _, weak := range []string{"OFF", "NORMAL"} {
		_, err := openDatabase(t.Context(), filepath.Join(t.TempDir(), "x.db"), "ledger", weak, fullReadBack)
		require.ErrorContains(t, err, "pragma synchronous reads back")
	}
	// The same open succeeds when nothing is wrong.
	db, err := openDatabase(t.Context(), filepath.Join(t.TempDir(), "x.db"), "ledger", fullSync, fullReadBack)
	require.NoError(t, err)
	require.NoError(t, db.close())
}

func TestPathsAreTakenAsTheyAre(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "caisse n° 1 ?mode=memory#%20")
	f := folder{dir: dir, till: timbit}
	f.enrol(t, 1)
	sell(t, f.open(t))
	require.FileExists(t, filepath.Join(dir, ledgerFile))
}

func TestNotEnrolled(t *testing.T) {
	_, err := Open(t.Context(), folder{dir: t.TempDir()}.config(t))
	require.ErrorIs(t, err, ErrNotEnrolled)
}

func TestCheckpointKeepsTheWALSmall(t *testing.T) {
	l := newFolder(t).open(t)
	for range 2 * checkpointEvery {
		sell(t, l)
	}
	require.NoError(t, l.ledger.checkpoint(t.Context()))
	pages, err := passive(t.Context(), l.ledger.read)
	require.NoError(t, err)
	require.Less(t, pages, checkpointForce)
}
