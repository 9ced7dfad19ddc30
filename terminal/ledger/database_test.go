package ledger

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"
)

func TestEveryConnectionReadsItsPragmasBack(t *testing.T) {
	l := newFolder(t).open(t)
	for _, c := range []struct {
		db          *database
		synchronous int
	}{{l.ledger, 2}, {l.catalogue().database, 1}} {
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

// Shifts from before they had a place keep their order, and the next one is the newest.
func TestShiftsFromBeforeTheirPlaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), ledgerFile)
	old, err := open(path, fullSync, fullReadBack, false)
	require.NoError(t, err)
	files, err := fs.Sub(migrations, "migrations/ledger")
	require.NoError(t, err)
	p, err := goose.NewProvider(goose.DialectSQLite3, old, files)
	require.NoError(t, err)
	_, err = p.UpTo(t.Context(), 1)
	require.NoError(t, err)
	_, err = old.ExecContext(t.Context(), `INSERT INTO epoch (epoch, last, hash, receipts) VALUES (100, 40, x'00', 9), (101, 12, x'00', 3);
		INSERT INTO shift (number, business_date, float, opened_at) VALUES (8, 20261120, 100, 1), (9, 20261121, 200, 2)`)
	require.NoError(t, err)
	require.NoError(t, old.Close())

	db, err := openDatabase(t.Context(), path, "ledger", fullSync, fullReadBack)
	require.NoError(t, err)
	l := &Ledger{ledger: db}
	s, err := l.Shift(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 9, s.Number)
	_, err = db.write.exec(t.Context(), `INSERT INTO shift (epoch, seq, number, business_date, float, opened_at)
		VALUES (100, 41, 12, 20261121, 300, 3), (101, 13, 10, 20261122, 400, 4)`)
	require.NoError(t, err)
	s, err = l.Shift(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 10, s.Number)
	require.NoError(t, db.close())
}
