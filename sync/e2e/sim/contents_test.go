package sim_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"comptant/sync/e2e/sim"
)

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
