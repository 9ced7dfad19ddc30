package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

//go:embed migrations
var migrations embed.FS

// How ledger.db is opened, and what PRAGMA synchronous must then read back. They are variables only so that the
// durability test of sync/e2e can link a till that does not sync (go build -ldflags "-X …ledger.fullSync=OFF"), show
// that the read-back refuses it, and, with the second one changed too, that the test sees the missing fdatasync. No
// program can set them while it runs.
var (
	fullSync     = "FULL"
	fullReadBack = "2"
)

// What catalog.db uses: it can be loaded again from headquarters.
const (
	normalSync     = "NORMAL"
	normalReadBack = "1"
)

const (
	// readers is how many connections read one file at a time.
	readers = 3
	// readCache is what each may keep of it in memory, in KiB: a code is looked up in a few pages of some hundred, of which
	// SQLite's usual 2 MiB have forgotten most.
	readCache = 8 << 10
)

// database is one SQLite file: a single connection that writes and a few that read.
type database struct {
	path  string
	write *writer
	read  *pool
}

// openDatabase opens or creates the file and brings it up to date with the migrations in folder.
func openDatabase(ctx context.Context, path, folder, synchronous, readBack string) (*database, error) {
	writes, err := open(path, synchronous, readBack, false)
	if err != nil {
		return nil, err
	}
	writes.SetMaxOpenConns(1)
	if err := migrate(ctx, writes, folder); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate %s: %w", path, err), writes.Close())
	}
	conn, err := writes.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), writes.Close())
	}
	reads, err := open(path, synchronous, readBack, true)
	if err != nil {
		return nil, errors.Join(err, conn.Close(), writes.Close())
	}
	reads.SetMaxOpenConns(readers)
	reads.SetMaxIdleConns(readers)
	return &database{
		path:  path,
		write: &writer{db: writes, conn: conn, stmts: map[string]*sql.Stmt{}},
		read:  &pool{db: reads},
	}, nil
}

func open(path, synchronous, readBack string, readOnly bool) (*sql.DB, error) {
	c, err := connector(path, synchronous, readBack, readOnly)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// connector is how the file is connected to.
func connector(path, synchronous, readBack string, readOnly bool) (driver.Connector, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	q := url.Values{
		"_txlock":       {"immediate"},
		"_busy_timeout": {"5000"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {synchronous},
		"_foreign_keys": {"1"},
		// Checkpoints would otherwise fall into the commit of some unlucky sale: see checkpoint.go.
		"_pragma": {"wal_autocheckpoint(0)"},
	}
	if readOnly {
		q.Set("_query_only", "1")
		q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", readCache))
		q.Set("_txlock", "deferred")
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	c, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return checked{Connector: c, path: path, synchronous: readBack}, nil
}

// checked reads the pragmas of every new connection back. SQLite ignores a misspelt pragma without a word, and a till
// that is not durable looks exactly like one that is.
type checked struct {
	driver.Connector
	path, synchronous string
}

// Connect opens a connection and refuses it when a pragma did not take.
func (c checked) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.path, err)
	}
	for _, want := range []struct{ pragma, value string }{
		{"journal_mode", "wal"}, {"synchronous", c.synchronous}, {"foreign_keys", "1"},
	} {
		got, err := readPragma(ctx, conn, want.pragma)
		if err == nil && got != want.value {
			err = fmt.Errorf("pragma %s reads back %q, want %q: the file would not be durable", want.pragma, got, want.value)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", c.path, err), conn.Close())
		}
	}
	return conn, nil
}

func readPragma(ctx context.Context, conn driver.Conn, pragma string) (string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", fmt.Errorf("read pragma %s: the driver cannot query", pragma)
	}
	rows, err := q.QueryContext(ctx, "PRAGMA "+pragma, nil)
	if err != nil {
		return "", fmt.Errorf("read pragma %s: %w", pragma, err)
	}
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err != nil {
		return "", errors.Join(fmt.Errorf("read pragma %s: %w", pragma, err), rows.Close())
	}
	return fmt.Sprint(value[0]), rows.Close()
}

func migrate(ctx context.Context, db *sql.DB, folder string) error {
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// close closes both pools. The last connection to close checkpoints and removes the WAL.
func (d *database) close() error {
	return errors.Join(d.read.close(), d.write.close())
}

// writer is the one connection that writes. Its statements are compiled once.
type writer struct {
	mu    sync.Mutex
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	// commits counts the transactions that may have changed something.
	commits atomic.Uint64
}

// errUnsure is a COMMIT that failed: it may or may not have reached the disk.
var errUnsure = errors.New("the end of a transaction failed")

// tx runs f in one transaction, alone. When it returns an error nothing was written, unless it is errUnsure, which callers
// who count must look into.
func (w *writer) tx(ctx context.Context, f func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.exec(ctx, "BEGIN IMMEDIATE")
	if err == nil {
		err = f()
	}
	if err == nil {
		_, err = w.exec(ctx, "COMMIT")
		w.commits.Add(1)
		if err != nil {
			err = fmt.Errorf("%w: %w", errUnsure, err)
		}
	}
	if err != nil {
		// Where SQLite has rolled back by itself, or not begun, this fails, and that is fine.
		_, _ = w.exec(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return err
}

// exec runs one statement inside tx.
func (w *writer) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", firstWords(query), err)
	}
	return r, nil
}

// QueryContext runs a query inside tx.
func (w *writer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", firstWords(query), err)
	}
	w.stmts[query] = s
	return s, nil
}

func (w *writer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

// pool is the connections that read. Their statements are compiled once per connection.
type pool struct {
	db    *sql.DB
	stmts sync.Map // query -> *sql.Stmt
	// damaged is called when what is read shows that the file is; nil for nobody.
	damaged func()
}

// QueryContext runs a query on any connection.
func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, ok := p.stmts.Load(query)
	if !ok {
		fresh, err := p.db.PrepareContext(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", firstWords(query), err)
		}
		if s, ok = p.stmts.LoadOrStore(query, fresh); ok {
			_ = fresh.Close()
		}
	}
	return s.(*sql.Stmt).QueryContext(ctx, args...)
}

func (p *pool) close() error {
	var errs []error
	p.stmts.Range(func(_, s any) bool {
		errs = append(errs, s.(*sql.Stmt).Close())
		return true
	})
	return errors.Join(append(errs, p.db.Close())...)
}

// querier is anything that answers a query.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// list collects the rows of a query.
func list[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) (all []T, err error) {
	defer func() {
		if p, ok := q.(*pool); ok && p.damaged != nil && corrupt(err) {
			p.damaged()
		}
	}()
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", firstWords(query), err)
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", firstWords(query), err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", firstWords(query), err)
	}
	return all, nil
}

// one gives the first row of a query; ok is false when there is none.
func one[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) (v T, ok bool, err error) {
	all, err := list(ctx, q, scan, query, args...)
	if err != nil || len(all) == 0 {
		return v, false, err
	}
	return all[0], true, nil
}

// value scans a row of one column.
func value[T any](r *sql.Rows) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// firstWords names a statement in an error.
func firstWords(query string) string {
	words := strings.Fields(query)
	return strings.Join(words[:min(len(words), 4)], " ")
}
