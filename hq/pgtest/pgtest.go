package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
)

// patience bounds the start of a server and the cloning of a database.
const patience = 2 * time.Minute

// New returns a migrated database of the test's own, closed and dropped when the
// test ends.
func New(t testing.TB) *db.DB {
	t.Helper()
	return open(t, URL(t), db.Options{AllowUnsafe: true})
}

// Watched is New, and tells the text of every statement, without its parameters.
func Watched(t testing.TB, seen func(sql string)) *db.DB {
	t.Helper()
	return open(t, URL(t), db.Options{AllowUnsafe: true, Tracer: watcher(seen)})
}

type watcher func(sql string)

// TraceQueryStart is what pgx calls before each statement.
func (w watcher) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	w(data.SQL)
	return ctx
}

// TraceQueryEnd is what pgx calls after it.
func (watcher) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart is what pgx calls before each batch.
func (w watcher) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	all := make([]string, data.Batch.Len())
	for i, q := range data.Batch.QueuedQueries {
		all[i] = q.SQL
	}
	w(strings.Join(all, "; "))
	return ctx
}

// TraceBatchQuery is what pgx calls after each statement of a batch.
func (watcher) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd is what pgx calls after each batch.
func (watcher) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// URL is New for a test that opens the database itself, or in another process.
func URL(t testing.TB) string {
	t.Helper()
	return clone(t, &quick)
}

// Durable is New on a server that flushes to disk, as in production.
func Durable(t testing.TB) *db.DB {
	t.Helper()
	return open(t, DurableURL(t), db.Options{})
}

// DurableURL is URL on a server that flushes to disk: HQ accepts no other.
func DurableURL(t testing.TB) string {
	t.Helper()
	return clone(t, &durable)
}

func open(t testing.TB, address string, o db.Options) *db.DB {
	t.Helper()
	opened, err := db.Open(t.Context(), address, slog.New(slog.NewTextHandler(t.Output(), nil)), o)
	require.NoError(t, err)
	t.Cleanup(opened.Close)
	return opened
}

// UntilBlocked waits until a statement of a database waits for a lock.
func UntilBlocked(t testing.TB, d *db.DB) {
	t.Helper()
	require.Eventually(t, func() bool {
		var waits bool
		err := d.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits)
		return err == nil && waits
	}, 10*time.Second, time.Millisecond)
}

// clone makes a database from the template and returns its address.
func clone(t testing.TB, s *server) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, s.start(ctx))
	name := "test_" + strings.ToLower(rand.Text()[:16])
	_, err := s.admin.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, template()))
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_, err := s.admin.Exec(ctx, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name))
		if err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return withDatabase(s.url, name)
}

func template() string { return "template_" + db.Fingerprint() }

// makeTemplate migrates the template unless another test program has.
func makeTemplate(ctx context.Context, s *server) error {
	conn, err := s.admin.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// The lock ends with the session, should this process die.
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext($1))`, template()); err != nil {
		return err
	}
	defer func() {
		_, _ = conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(hashtext($1))`, template())
	}()
	var ready bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)`, template()).Scan(&ready)
	if err != nil || ready {
		return err
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS ", "CREATE DATABASE "} {
		if _, err := conn.Exec(ctx, statement+template()); err != nil {
			return err
		}
	}
	if err := migrate(ctx, withDatabase(s.url, template())); err != nil {
		return err
	}
	// Nobody may connect any more: a template in use cannot be cloned.
	_, err = conn.Exec(ctx, fmt.Sprintf("ALTER DATABASE %s IS_TEMPLATE true ALLOW_CONNECTIONS false", template()))
	return err
}

func migrate(ctx context.Context, address string) error {
	opened, err := db.Open(ctx, address, slog.New(slog.DiscardHandler), db.Options{AllowUnsafe: true})
	if err != nil {
		return err
	}
	defer opened.Close()
	return opened.Migrate(ctx)
}

// withDatabase is the address of another database on the same server.
func withDatabase(address *url.URL, name string) string {
	other := *address
	other.Path = "/" + name
	return other.String()
}
