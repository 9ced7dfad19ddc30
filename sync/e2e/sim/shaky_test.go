package sim_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/pgtest"
	"comptant/sync/e2e/sim"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// shaky is headquarters with a line to its database that can be cut.
type shaky struct {
	*office
	*line
	feeds *feed.Reader
	// direct is a line that holds, to look at what there is.
	direct *db.DB
	// dump reads all rows, empty deletes them.
	dump, empty string
}

var _ sim.BreakableHeadquarters = (*shaky)(nil)

func newShaky(t *testing.T) *shaky {
	address, log := pgtest.URL(t), slog.New(slog.DiscardHandler)
	open := func(address string) *db.DB {
		d, err := db.Open(t.Context(), address, log, db.Options{AllowUnsafe: true})
		require.NoError(t, err)
		t.Cleanup(d.Close)
		return d
	}
	s := &shaky{direct: open(address)}
	var through string
	s.line, through = newLine(t, address)
	cut := open(through)
	s.office, s.feeds = officeOn(cut), feed.NewReader(cut, feed.NewNotifier(cut, log))

	rows, err := s.direct.Query(t.Context(), `SELECT schemaname || '.' || tablename FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public') AND (schemaname, tablename) <> ('tills', 'identity') ORDER BY 1`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	var all []string
	for _, name := range tables {
		all = append(all, "SELECT '"+name+" ' || t::text AS row FROM "+name+" t")
	}
	s.dump = `SELECT coalesce(string_agg(row, E'\n' ORDER BY row), '') FROM (` + strings.Join(all, " UNION ALL ") + `) AS everything`
	// Faster than to truncate them, in any order.
	s.empty = "BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM " + strings.Join(tables, "; DELETE FROM ") + "; COMMIT"
	_, err = s.Identity(t.Context()) // made once
	require.NoError(t, err)
	return s
}

func (s *shaky) Code(ctx context.Context, store uuid.UUID, number int) (string, error) {
	return s.NewCode(ctx, store, number)
}

func (s *shaky) Publish(ctx context.Context, name string, rows []wire.Row) error {
	var all []feed.Row
	for _, r := range rows {
		all = append(all, feed.Row{Type: r.Type, ID: r.ID, Body: r.Body})
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		feed.Publish(ctx, tx, name, all...)
		return nil
	})
}

func (s *shaky) Restored(ctx context.Context, name string, gen, floor uint64) error {
	_, err := s.direct.Exec(ctx, `
		INSERT INTO feed.head (feed, gen, floor) VALUES ($1, $2, $3) ON CONFLICT (feed) DO UPDATE SET gen = $2, floor = $3`, name, int64(gen), int64(floor))
	return err
}

func (s *shaky) Page(ctx context.Context, cursor wire.Cursor) (wire.Changes, *wire.Reset, bool, error) {
	return s.feeds.Page(ctx, cursor)
}

func (s *shaky) Contents(ctx context.Context) (all string, err error) {
	return all, s.direct.QueryRow(ctx, s.dump).Scan(&all)
}

// Empty forgets the history before.
func (s *shaky) Empty(ctx context.Context) error {
	_, err := s.direct.Exec(ctx, s.empty)
	return err
}
