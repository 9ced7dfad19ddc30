package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// watched is a connection whose every statement is told of before it runs and after. An error fails it there.
type watched struct {
	driver.Connector
	at func(moment string) error
}

// watch puts a watched connection in the place of the one the ledger writes with.
func watch(t testing.TB, l *Ledger, at func(moment string) error) {
	t.Helper()
	c, err := connector(l.ledger.path, fullSync, fullReadBack, false)
	require.NoError(t, err)
	db := sql.OpenDB(watched{c, at})
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	require.NoError(t, l.ledger.write.close())
	commits := l.ledger.write.commits.Load()
	l.ledger.write = &writer{db: db, conn: conn, stmts: map[string]*sql.Stmt{}}
	l.ledger.write.commits.Store(commits)
}

func (w watched) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := w.Connector.Connect(ctx)
	return watchedConn{c, w.at}, err
}

type watchedConn struct {
	driver.Conn
	at func(moment string) error
}

func (c watchedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	return watchedStmt{s, firstWords(query), c.at}, err
}

type watchedStmt struct {
	driver.Stmt
	name string
	at   func(moment string) error
}

func (s watchedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.at("before " + s.name); err != nil {
		return nil, err
	}
	r, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if err == nil {
		err = s.at("after " + s.name)
	}
	return r, err
}

func (s watchedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// photo is a till's folder as a kill at one moment leaves it: what was written is there, flushed or not.
type photo struct {
	moment string
	files  map[string][]byte
}

// photograph reads the folder. The index of the WAL is left out: whoever opens the file next makes it anew.
func photograph(moment, dir string) (photo, error) {
	p := photo{moment: moment, files: map[string][]byte{}}
	names, err := os.ReadDir(dir)
	for _, n := range names {
		if n.IsDir() || strings.HasSuffix(n.Name(), "-shm") {
			continue
		}
		text, failed := os.ReadFile(filepath.Join(dir, n.Name()))
		p.files[n.Name()], err = text, errors.Join(err, failed)
	}
	return p, err
}

// print makes a folder of it.
func (p photo) print(t testing.TB) (dir string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "comptant-photo-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, text := range p.files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	return dir
}

func (p photo) sum() [sha256.Size]byte {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		fmt.Fprintln(h, name, len(p.files[name]))
		h.Write(p.files[name])
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// torn are photos between two: one file has only a part of what was written to it meanwhile, and later ones nothing.
func torn(before, after photo) (all []photo) {
	for name, now := range after.files {
		was := before.files[name]
		if bytes.Equal(was, now) {
			continue
		}
		first := 0
		for first < min(len(was), len(now)) && was[first] == now[first] {
			first++
		}
		last := len(now)
		for last > first && last <= len(was) && was[last-1] == now[last-1] {
			last--
		}
		for _, cut := range []int{first + 1, (first + last) / 2, last - 1} {
			if cut <= first || cut >= last {
				continue
			}
			p := photo{moment: fmt.Sprintf("%s, %d bytes of %d to %s", after.moment, cut-first, last-first, name), files: maps.Clone(before.files)}
			p.files[name] = append(slices.Clone(now[:cut]), was[min(cut, len(was)):]...)
			all = append(all, p)
		}
	}
	return all
}
