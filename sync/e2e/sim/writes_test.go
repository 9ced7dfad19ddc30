package sim_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"comptant/sync/e2e/sim"

	"modernc.org/sqlite"
)

// errBroken is why a write fails that was broken.
var errBroken = errors.New("this write is broken")

// writes counts the writes to the databases of a folder, and breaks one. Each row that is inserted, changed or deleted is
// one, and each commit.
type writes struct {
	at, count int
	keep      bool
	left      *folder
	broke     bool
}

// broken are the folders whose writes are counted, by their path.
var broken sync.Map

func init() {
	sqlite.MustRegisterScalarFunction("sim_write", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		return nil, written(args[0].(string))
	})
	sqlite.RegisterConnectionHook(countWrites)
}

// countWrites puts triggers before every write of a connection to a folder's database. They are temporary: the file has none.
func countWrites(conn sqlite.ExecQuerierContext, dsn string) error {
	path, options, _ := strings.Cut(strings.TrimPrefix(dsn, "file:"), "?")
	path = strings.TrimPrefix(path, "//")
	dir := filepath.Dir(path)
	if _, counted := broken.Load(dir); !counted || strings.Contains(options, "query_only") || !strings.Contains(options, "journal_mode") {
		return nil
	}
	conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
		if written(dir) != nil {
			return 1
		}
		return 0
	})
	rows, err := conn.QueryContext(context.Background(), `SELECT name FROM sqlite_master
		WHERE type = 'table' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`, nil)
	if err != nil {
		return err
	}
	var statements strings.Builder
	name := make([]driver.Value, 1)
	for err = rows.Next(name); err == nil; err = rows.Next(name) {
		for _, change := range []string{"INSERT", "UPDATE", "DELETE"} {
			fmt.Fprintf(&statements, "CREATE TEMP TRIGGER sim_%[1]s_%[2]s BEFORE %[2]s ON main.%[1]s BEGIN SELECT sim_write('%[3]s'); END;\n",
				name[0], change, dir)
		}
	}
	if err = errors.Join(ended(err), rows.Close()); err != nil {
		return err
	}
	_, err = conn.ExecContext(context.Background(), statements.String(), nil)
	return err
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// written is called at every write of a folder.
func written(dir string) error {
	f, ok := broken.Load(dir)
	if !ok {
		return nil
	}
	w := &f.(*folder).writes
	if w.count++; w.count != w.at {
		return nil
	}
	w.broke = true
	if !w.keep {
		return errBroken
	}
	var err error
	w.left, err = f.(*folder).copy()
	return errors.Join(errBroken, err)
}

func (f *folder) Break(n int, keep bool) { f.writes = writes{at: n, keep: keep} }

func (f *folder) Broke() (left sim.Folder, broke bool) {
	if f.writes.left != nil {
		left = f.writes.left
	}
	return left, f.writes.broke
}

// Version asks connections that stay: to each, SQLite says when others have committed something.
func (f *folder) Version() (string, error) {
	var all strings.Builder
	for _, name := range []string{"ledger.db", "catalog.db"} {
		path := filepath.Join(f.dir, name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		if f.watch[name] == nil {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				return "", err
			}
			db.SetMaxOpenConns(1)
			f.watch[name] = db
		}
		var version int
		if err := f.watch[name].QueryRow(`PRAGMA data_version`).Scan(&version); err != nil {
			return "", err
		}
		fmt.Fprintln(&all, name, version)
	}
	return all.String(), nil
}

// blink closes the connections that watch.
func (f *folder) blink() (err error) {
	for _, db := range f.watch {
		err = errors.Join(err, db.Close())
	}
	clear(f.watch)
	return err
}

// Contents reads a copy, because whoever opens a database that was left behind tidies it.
func (f *folder) Contents() (c sim.Contents, err error) {
	of, err := f.copy()
	if err != nil {
		return c, err
	}
	var all strings.Builder
	for _, name := range []string{"ledger.db", "catalog.db"} {
		if err := dump(&all, filepath.Join(of.dir, name)); err != nil {
			return c, err
		}
	}
	c.Rows = all.String()
	if info, err := os.Stat(filepath.Join(of.dir, "sentinel")); err == nil {
		end := 24
		err = of.sentinel(func(_ int, record []byte) bool {
			c.Records++
			end += len(record)
			return true
		})
		if err != nil {
			return c, err
		}
		c.Rest = int(info.Size()) - end
	}
	return c, os.RemoveAll(of.dir)
}

// dump writes the rows of a database, a line each.
func dump(to *strings.Builder, path string) error {
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var tables []string
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'table'
		AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' AND name <> 'clock' ORDER BY name`)
	if err != nil {
		return err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		tables = append(tables, name)
	}
	for _, t := range tables {
		rows, err := db.Query(`SELECT * FROM ` + t)
		if err != nil {
			return err
		}
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		values, at := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			at[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(at...); err != nil {
				return err
			}
			fmt.Fprintf(to, "%s %x\n", t, values)
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

// logs are the files that grow at their ends, in the order in which a deed writes them.
var logs = []string{"ledger.db-wal", "catalog.db-wal", "sentinel"}

// grown is what a file was and what came after it.
type grown struct {
	name     string
	was, new []byte
}

// errNotGrown says that a log began again from its beginning: what was in it is in the database, and maybe more.
var errNotGrown = errors.New("a log began again")

func (f *folder) grown(since *folder) (all []grown, err error) {
	for _, name := range logs {
		was, err := read(filepath.Join(since.dir, name))
		if err != nil {
			return nil, err
		}
		now, err := read(filepath.Join(f.dir, name))
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(now, was) {
			return nil, errNotGrown
		}
		all = append(all, grown{name, was, now[len(was):]})
	}
	return all, nil
}

func read(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

func (f *folder) Written(since sim.Folder) (sum int, err error) {
	all, err := f.grown(since.(*folder))
	for _, g := range all {
		sum += len(g.new)
	}
	return sum, err
}

func (f *folder) Torn(since sim.Folder, n int) (sim.Folder, error) {
	all, err := f.grown(since.(*folder))
	if err != nil {
		return nil, err
	}
	torn, err := since.(*folder).copy()
	for _, g := range all {
		k := min(n, len(g.new))
		n -= k
		if k > 0 {
			err = errors.Join(err, os.WriteFile(filepath.Join(torn.dir, g.name), append(g.was, g.new[:k]...), 0o600))
		}
	}
	return torn, err
}
