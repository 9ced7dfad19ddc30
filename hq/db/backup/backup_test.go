package backup_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptant/hq/db/backup"
	"comptant/hq/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func exec(t *testing.T, address, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func stores(t *testing.T, address string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM stock.location`).Scan(&n))
	require.NoError(t, conn.Close(t.Context()))
	return n
}

const oneMore = `INSERT INTO stock.location (id, kind, code, name, zone) VALUES (gen_random_uuid(), 1, 'ZZ', 'Later', 'America/Toronto')`

func fit(context.Context, string) error { return nil }

func prepared(t *testing.T, address, file string) *backup.Candidate {
	t.Helper()
	c, err := backup.Prepare(t.Context(), address, file, fit)
	require.NoError(t, err)
	return c
}

// The backup takes the place, what was there is kept, and nothing is left beside.
func TestRestoreTakesThePlaceAndKeepsWhatWasThere(t *testing.T) {
	ctx := t.Context()
	address := pgtest.URL(t)
	before := stores(t, address)
	file := filepath.Join(t.TempDir(), "a.backup")
	_, err := backup.Write(ctx, address, file)
	require.NoError(t, err)
	exec(t, address, oneMore)

	c := prepared(t, address, file)
	require.NoError(t, c.Close(ctx), "a preview")
	require.Equal(t, before+1, stores(t, address))

	c = prepared(t, address, file)
	kept, err := c.Place(ctx, time.Now())
	require.NoError(t, err)
	require.NoError(t, c.Close(ctx))
	require.Equal(t, before, stores(t, address))
	exec(t, address, `DROP DATABASE `+kept)
	_, err = backup.Write(ctx, address, file)
	require.ErrorContains(t, err, "is there already")
}

func TestRestoreRefusesWhileHeadquartersRuns(t *testing.T) {
	ctx := t.Context()
	address := pgtest.URL(t)
	file := filepath.Join(t.TempDir(), "a.backup")
	_, err := backup.Write(ctx, address, file)
	require.NoError(t, err)
	conn, err := pgx.Connect(ctx, address)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(ctx)) }()
	c := prepared(t, address, file)
	_, err = c.Place(ctx, time.Now())
	require.ErrorContains(t, err, "stop it first")
	require.NoError(t, c.Close(ctx))
}

// A file that was cut off, or is none, changes nothing.
func TestRestoreRefusesWhatIsNoBackup(t *testing.T) {
	ctx := t.Context()
	address := pgtest.URL(t)
	before := stores(t, address)
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	_, err := backup.Write(ctx, address, whole)
	require.NoError(t, err)
	bytes, err := os.ReadFile(whole)
	require.NoError(t, err)
	cut, text := filepath.Join(dir, "cut"), filepath.Join(dir, "text")
	require.NoError(t, os.WriteFile(cut, bytes[:len(bytes)*3/4], 0o600))
	require.NoError(t, os.WriteFile(text, []byte("code,name\n"), 0o600))
	for _, file := range []string{cut, text, filepath.Join(dir, "none")} {
		_, err := backup.Prepare(ctx, address, file, fit)
		require.Error(t, err, file)
		require.NotContains(t, err.Error(), "no pg_restore")
		require.Equal(t, before, stores(t, address), file)
	}
	c := prepared(t, address, whole)
	require.NoError(t, c.Close(ctx))
}

func TestTheDatabaseMustBeNamedByAURL(t *testing.T) {
	_, err := backup.Write(t.Context(), "host=localhost dbname=comptant", filepath.Join(t.TempDir(), "a"))
	require.ErrorContains(t, err, "postgres://")
}
