package db_test

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
)

var quiet = slog.New(slog.DiscardHandler)

func TestUnsafeServerIsRefused(t *testing.T) {
	address := pgtest.URL(t)
	_, err := db.Open(t.Context(), address, quiet, db.Options{})
	require.ErrorContains(t, err, "fsync is off")
	require.ErrorContains(t, err, "full_page_writes is off")
	require.ErrorContains(t, err, "synchronous_commit is off: take it out of the command")
	d, err := db.Open(t.Context(), address, quiet, db.Options{AllowUnsafe: true})
	require.NoError(t, err)
	d.Close()
}

func TestUnsafeSessionsAreRefused(t *testing.T) {
	ctx, address := t.Context(), pgtest.DurableURL(t)
	d, err := db.Open(ctx, address, quiet, db.Options{})
	require.NoError(t, err)
	defer d.Close()

	_, err = db.Open(ctx, address+"&options=-c%20synchronous_commit%3Doff", quiet, db.Options{})
	require.ErrorContains(t, err, "synchronous_commit is off: take it out of DATABASE_URL")

	name := d.Config().ConnConfig.Database
	_, err = d.Exec(ctx, "ALTER DATABASE "+name+" SET synchronous_commit = off")
	require.NoError(t, err)
	_, err = db.Open(ctx, address, quiet, db.Options{})
	require.ErrorContains(t, err, "synchronous_commit is off: run ALTER DATABASE")
}

func TestUnknownServer(t *testing.T) {
	_, err := db.Open(t.Context(), "postgres://nobody:secret@127.0.0.1:1/none", quiet, db.Options{})
	require.ErrorContains(t, err, "open database none on 127.0.0.1")
	require.NotContains(t, err.Error(), "secret")
}

// empty makes a database without any migration.
func empty(t *testing.T) string {
	t.Helper()
	beside := pgtest.New(t)
	config := beside.Config().ConnConfig
	name := config.Database + "_empty"
	_, err := beside.Exec(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	t.Cleanup(func() {
		conn, err := pgx.ConnectConfig(context.Background(), config)
		require.NoError(t, err)
		defer func() { _ = conn.Close(context.Background()) }()
		_, err = conn.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		require.NoError(t, err)
	})
	address, err := url.Parse(config.ConnString())
	require.NoError(t, err)
	address.Path = "/" + name
	return address.String()
}

func TestSeveralProcessesMigrateAtOnce(t *testing.T) {
	address := empty(t)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for range 3 {
		d, err := db.Open(t.Context(), address, quiet, db.Options{AllowUnsafe: true, MaxConns: 2})
		require.NoError(t, err)
		defer d.Close()
		all.Go(func() {
			<-begin
			if err := d.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	all.Wait()

	d, err := db.Open(t.Context(), address, quiet, db.Options{AllowUnsafe: true})
	require.NoError(t, err)
	defer d.Close()
	var twice int
	require.NoError(t, d.QueryRow(t.Context(),
		`SELECT count(*) - count(DISTINCT version_id) FROM goose_db_version`).Scan(&twice))
	require.Zero(t, twice)
	var made bool
	require.NoError(t, d.QueryRow(t.Context(), `SELECT to_regnamespace('feed') IS NOT NULL`).Scan(&made))
	require.True(t, made)

	_, err = d.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999999, true)`)
	require.NoError(t, err)
	require.ErrorContains(t, d.Migrate(t.Context()), "run the newer HQ")
}
