package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
)

// oldest is the first version the SQL is written for, as server_version_num.
const oldest = 150000

// Options of Open.
type Options struct {
	MaxConns    int32           // connections in the pool; 0 leaves it to the URL (pool_max_conns) or pgx
	AllowUnsafe bool            // for tests: accept a server that may lose committed work
	Tracer      pgx.QueryTracer // for tests: sees every statement; nil for none
}

// DB is a pool of connections to HQ's database.
type DB struct {
	*pgxpool.Pool
	log   *slog.Logger
	marks marks
}

// Open connects to the database at url and checks that it is fit to use.
func Open(ctx context.Context, url string, log *slog.Logger, o Options) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err) // pgx leaves the password out
	}
	if o.MaxConns > 0 {
		config.MaxConns = o.MaxConns
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.Tracer = o.Tracer
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		pgxuuid.Register(conn.TypeMap()) // otherwise ids go through text
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := fit(ctx, pool, o.AllowUnsafe); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database %s on %s: %w", config.ConnConfig.Database, config.ConnConfig.Host, err)
	}
	return &DB{Pool: pool, log: log}, nil
}

// fit refuses a server that is too old or that may lose committed work.
func fit(ctx context.Context, pool *pgxpool.Pool, allowUnsafe bool) error {
	var version int
	var name string
	err := pool.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_version')`).Scan(&version, &name)
	if err != nil {
		return err
	}
	if version < oldest {
		return fmt.Errorf("it is Postgres %s, HQ needs %d or later", name, oldest/10000)
	}
	if allowUnsafe {
		return nil
	}
	rows, err := pool.Query(ctx, `
		SELECT name, source FROM pg_settings
		WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name`)
	if err != nil {
		return err
	}
	off, err := pgx.CollectRows(rows, pgx.RowToStructByPos[unsafeSetting])
	if err != nil || len(off) == 0 {
		return err
	}
	var mend []string
	for _, s := range off {
		mend = append(mend, fmt.Sprintf("%s is off: %s", s.Name, s.mend()))
	}
	return fmt.Errorf("a power cut would lose sales that tills were told are stored: %s", strings.Join(mend, "; "))
}

// unsafeSetting is one that is off, and where Postgres took that from.
type unsafeSetting struct{ Name, Source string }

func (s unsafeSetting) mend() string {
	switch s.Source {
	case "client":
		return "take it out of DATABASE_URL and PGOPTIONS"
	case "command line":
		return "take it out of the command that starts the server"
	case "database", "database user", "user":
		return fmt.Sprintf("run ALTER DATABASE ... RESET %[1]s or ALTER ROLE ... RESET %[1]s (see \\drds in psql)", s.Name)
	}
	return fmt.Sprintf("run ALTER SYSTEM SET %s = on; SELECT pg_reload_conf();", s.Name)
}

// Unfit says that what was to be written or looked for cannot be: text that is none, or a number or a moment beyond what a column holds.
// It is what somebody sent, then, and not the database, that is wrong.
func Unfit(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && slices.Contains([]string{"22003", "22007", "22008", "22021"}, said.Code)
}
