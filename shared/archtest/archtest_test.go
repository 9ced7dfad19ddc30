package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// The workspace keeps to the table.
func TestArchitecture(t *testing.T) {
	root, err := os.Getwd()
	require.NoError(t, err)
	// Climbing by ".." keeps the paths, as written, below this module: go test forgets a cached result only when such a
	// file changes, and this one depends on every file of the workspace.
	for range strings.Count(filepath.ToSlash(root), "/") {
		if _, err := os.Stat(root + "/go.work"); err == nil {
			break
		}
		root += "/.."
	}
	require.FileExists(t, root+"/go.work", "no go.work above this package")
	files, err := load(os.DirFS(root))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	if found := check(files); len(found) > 0 {
		t.Fatalf("against the architecture:\n%s", strings.Join(found, "\n"))
	}
	t.Logf("%d files", len(files))
}

// Each line of the fixture breaks one rule, or shows what the rule lets through (want "").
func TestCheckFindsViolations(t *testing.T) {
	for _, c := range []struct{ name, file, source, want string }{
		{"corridor", "sync/link/shell.go", `package link; import _ "comptant/sync/wire"`, ""},
		{"link sees hub", "sync/link/shell.go", `package link; import _ "comptant/sync/hub"`, "comptant/sync/link may not import comptant/sync/hub"},
		{"till sees ledger", "terminal/till/sale.go", `package till; import _ "comptant/terminal/ledger"`, "comptant/terminal/till may not import comptant/terminal/ledger"},
		{"screen sees ledger", "terminal/screen/sell.go", `package screen; import _ "comptant/terminal/ledger"`, "comptant/terminal/screen may not import comptant/terminal/ledger"},
		{"terminal sees hq", "terminal/lane/lane.go", `package lane; import _ "comptant/hq/server"`, "may not import comptant/hq/server"},
		{"hq sees terminal", "hq/server/server.go", `package server; import _ "comptant/terminal/till"`, "may not import comptant/terminal/till"},
		{"hq test sees terminal", "hq/server/server_test.go", `package server; import _ "comptant/terminal/till"`, "tests of comptant/hq/server may not import comptant/terminal/till"},
		{"sales uses stock", "hq/sales/sale.go", `package sales; import _ "comptant/hq/stock"`, ""},
		{"stock uses sales", "hq/stock/level.go", `package stock; import _ "comptant/hq/sales"`, "comptant/hq/stock may not import comptant/hq/sales"},
		{"domain test on Postgres", "hq/stock/level_test.go", `package stock_test; import _ "comptant/hq/pgtest"`, ""},
		{"domain on pgtest", "hq/stock/level.go", `package stock; import _ "comptant/hq/pgtest"`, "comptant/hq/stock may not import comptant/hq/pgtest"},
		{"command imported", "hq/server/server.go", `package server; import _ "comptant/hq/cmd/hq"`, "may not import comptant/hq/cmd/hq"},
		{"pages do not wire", "hq/shop/page/page.go", `package page; import _ "comptant/hq/server"`, "comptant/hq/shop/page may not import comptant/hq/server"},
		{"e2e reaches into a lane", "sync/e2e/fleet/fleet.go", `package fleet; import _ "comptant/terminal/ledger"`, "comptant/sync/e2e/fleet may not import comptant/terminal/ledger"},
		{"unknown package", "hq/loyalty/points.go", `package loyalty`, `hq/loyalty: unknown package "comptant/hq/loyalty"`},
		{"package at a module's root", "sync/sync.go", `package sync`, `unknown package "comptant/sync"`},
		{"outside any module", "tools/gen.go", `package main`, `unknown package ""`},

		{"Fyne in till", "terminal/till/sale.go", `package till; import _ "fyne.io/fyne/v2"`, "Fyne stays on the screen"},
		{"app in screen", "terminal/screen/sell.go", `package screen; import _ "fyne.io/fyne/v2/app"`, "only the program opens a window"},
		{"app in cmd", "terminal/cmd/till/main.go", `package main; import _ "fyne.io/fyne/v2/app"`, ""},
		{"pgx in ledger", "terminal/ledger/db.go", `package ledger; import _ "github.com/jackc/pgx/v5"`, "Postgres is headquarters'"},
		{"SQLite in hq", "hq/db/db.go", `package db; import _ "modernc.org/sqlite"`, "SQLite is the ledger's"},
		{"SQLite in a test of e2e", "sync/e2e/crash_test.go", `package e2e; import _ "modernc.org/sqlite"`, ""},
		{"gorilla in wire", "sync/wire/conn.go", `package wire; import _ "github.com/gorilla/websocket"`, "websockets stay behind link and hub"},
		{"I/O in shared", "shared/money/save.go", `package money; import _ "database/sql"`, "shared packages do no I/O"},
		{"I/O in a test of shared", "shared/money/save_test.go", `package money; import _ "os"`, ""},

		{"core with network", "sync/hub/core_push.go", `package hub; import _ "net/http"`, "a core may not import net/http"},
		{"core with a clock", "sync/link/core.go", `package link; import "time"; var now = time.Now`, "a core may not use time.Now"},
		{"core with a hidden clock", "sync/link/core.go", `package link; import t "time"; func f() { <-t.After(1) }`, "a core may not use time.After"},
		{"core with a dotted clock", "sync/link/core.go", `package link; import . "time"; var timer = NewTimer(1)`, "a core may not use time.NewTimer"},
		{"core with a goroutine", "sync/link/core.go", `package link; func f() { go f() }`, "a core may not start a goroutine"},
		{"core with durations", "sync/link/core.go", `package link; import "time"; const wait = time.Second`, ""},
		{"shell with everything", "sync/link/shell.go", `package link; import "time"; func f() { time.Now(); go f() }`, ""},
		{"shell without a core", "sync/link/dial.go", `package link; import _ "github.com/gorilla/websocket"`, "a shell without a core"},

		{"Fyne's button", "terminal/screen/sell.go", `package screen; import "fyne.io/fyne/v2/widget"; var b = widget.NewButtonWithIcon`, "widget.NewButtonWithIcon swallows"},
		{"embedded entry", "terminal/screen/sell.go", `package screen; import "fyne.io/fyne/v2/widget"; type e struct{ widget.Entry }`, "widget.Entry swallows"},
		{"renamed", "terminal/cmd/till/main.go", `package main; import w "fyne.io/fyne/v2/widget"; var e = w.NewEntry`, "widget.NewEntry swallows"},
		{"Fyne's dialog", "terminal/screen/sell.go", `package screen; import _ "fyne.io/fyne/v2/dialog"`, "fyne.io/fyne/v2/dialog swallows"},
		{"own focusable set", "terminal/screen/focus_entry.go", `package screen; import "fyne.io/fyne/v2/widget"; var e = widget.NewEntry`, ""},
		{"list", "terminal/screen/sell.go", `package screen; import "fyne.io/fyne/v2/widget"; var l = widget.NewList`, ""},

		{"vague folder", "hq/ui/util/x.go", `package text`, `package "util" says where`},
		{"vague package", "hq/ui/text/x.go", `package helpers`, `package "helpers" says where`},
		{"ignored folders", "hq/testdata/util/x.go", `package util`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			files, err := load(workspace(c.file, c.source))
			require.NoError(t, err)
			found := check(files)
			if c.want == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Contains(t, found[0], c.want)
			require.Contains(t, found[0], filepath.ToSlash(filepath.Dir(c.file)))
		})
	}
}

func TestLoadSaysWhatItCannotRead(t *testing.T) {
	_, err := load(workspace("sync/wire/wire.go", `package`))
	require.ErrorContains(t, err, "sync/wire/wire.go")
}

// workspace is the modules of the layout with a single file in them.
func workspace(name, source string) fstest.MapFS {
	return fstest.MapFS{
		"shared/go.mod":   {Data: []byte("module comptant/shared\n")},
		"sync/go.mod":     {Data: []byte("module comptant/sync\n")},
		"sync/e2e/go.mod": {Data: []byte("// whole-system tests\nmodule comptant/sync/e2e\n")},
		"terminal/go.mod": {Data: []byte("module comptant/terminal\n")},
		"hq/go.mod":       {Data: []byte("module comptant/hq\n")},
		name:              {Data: []byte(source)},
	}
}
