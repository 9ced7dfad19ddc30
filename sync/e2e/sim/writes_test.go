package sim_test

import (
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
