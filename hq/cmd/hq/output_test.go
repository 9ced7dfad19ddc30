package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
)

// Whatever a command says it says to programs too, as one JSON value and nothing else.
func TestCommandsPrintJSON(t *testing.T) {
	address := pgtest.DurableURL(t)
	d, err := db.Open(t.Context(), address, slog.New(slog.DiscardHandler), db.Options{})
	require.NoError(t, err)
	defer d.Close()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	// says runs a command, and gives what its JSON has at a path of names and places.
	says := func(code int, args []string, path ...any) any {
		t.Helper()
		var v any
		out := printed(t, func() {
			require.Equal(t, code, run(append([]string{"--database-url", address}, append(args, "--json")...)), "%v", args)
		})
		decoder := json.NewDecoder(bytes.NewReader(out))
		require.NoError(t, decoder.Decode(&v), "%v: %s", args, out)
		require.False(t, decoder.More(), "%v: %s", args, out)
		for _, at := range path {
			switch at := at.(type) {
			case string:
				require.Contains(t, v, at)
				v = v.(map[string]any)[at]
			case int:
				require.Greater(t, len(v.([]any)), at)
				v = v.([]any)[at]
			}
		}
		return v
	}
	stores := file("stores.csv", "store,name,zone\nCV,Magasin Centre-Ville,America/Toronto\n")
	require.Equal(t, false, says(0, []string{"import", "stores", stores}, "imported"))
	require.Equal(t, 1.0, says(0, []string{"import", "stores", stores, "--apply"}, "new"))
	require.Equal(t, 1.0, says(0, []string{"import", "stores", stores, "--apply"}, "unchanged"))
	products := file("products.csv", "sku,name,price,colour\nA,Tea,2,red\n")
	require.Equal(t, "colour", says(0, []string{"import", "products", products, "--apply"}, "ignored_columns", 0))
	bad := file("bad.csv", "sku,name,price\nB,Coffee,free\n")
	require.Equal(t, map[string]any{"line": 2.0, "column": "price", "value": "free", "reason": `price: amount "free": not a number`},
		says(found, []string{"import", "products", bad}, "bad", 0))
	require.Equal(t, false, says(failed, []string{"import", "products", bad, "--apply"}, "imported"))
	customers := file("customers.csv", "number,name,email\n7,Ann Roy,ann@example.com\n")
	says(0, []string{"import", "customers", customers, "--apply"})
	require.Equal(t, "ann@example.com", says(0, []string{"user", "customers", "Ann"}, 0, "email"))
	require.Empty(t, says(0, []string{"user", "customers", "Nobody"}))

	require.Zero(t, run([]string{"--database-url", address, "user", "add", "--name", "Luc", "--role", "cashier", "--pin", "604182", "--store", "CV"}))
	require.Equal(t, "Luc", says(0, []string{"user", "list"}, 0, "name"))
	require.Equal(t, true, says(0, []string{"user", "list"}, 0, "has_pin"))
	rights := says(0, []string{"user", "rights", "--role", "cashier", "--discount", "5"}).([]any)
	require.Contains(t, rights, map[string]any{"role": "cashier", "discount_percent": 5.0, "refund_cents": 10000.0, "alone": []any{}})

	token := says(0, []string{"token", "add", "--name", "BI", "--scope", "sales:read"})
	require.NotEmpty(t, token.(map[string]any)["token"])
	require.Equal(t, token.(map[string]any)["id"], says(0, []string{"token", "list"}, 0, "id"))
	require.Equal(t, "active", says(0, []string{"token", "list"}, 0, "state"))
	require.NotContains(t, says(0, []string{"token", "list"}, 0), "token")

	require.Equal(t, 2.0, says(0, []string{"prices", "add", "A=3"}, "version"))
	require.NotEmpty(t, says(0, []string{"till", "code", "--store", "CV", "--number", "2"}, "code"))
	all, err := stock.Stores(t.Context(), d)
	require.NoError(t, err)
	till := enrol(t, d, all[0].ID)
	require.Equal(t, "locked", says(0, []string{"till", "lock", till, "--reason", "audit"}, "done"))
	require.Equal(t, "unlocked", says(0, []string{"till", "unlock", till}, "done"))
	require.Equal(t, "Luc", says(0, []string{"till", "revoke", till, "--stolen"}, "pins_reset", 0))

	require.Equal(t, 0.0, says(0, []string{"journal", "export", "--from", "2026-11-01", "--to", "2026-11-02", "--out", filepath.Join(dir, "audit.gz")}, "entries"))
	require.Empty(t, says(0, []string{"journal", "verify"}))
	require.Greater(t, says(0, []string{"docs", "--to", filepath.Join(dir, "docs")}, "files"), 1.0)
	require.Equal(t, "administrator", says(0, []string{"demo", "--sign-ins"}, 0, "role"))
	copied := filepath.Join(dir, "a.backup")
	require.Greater(t, says(0, []string{"backup", "--to", copied}, "bytes"), 1000.0)
	require.Equal(t, 1.0, says(0, []string{"restore", copied}, "in_the_backup", "tills"))
}

// On a terminal long work says how far it is, in one line; elsewhere nothing.
func TestProgress(t *testing.T) {
	require.Nil(t, newProgress().out, "a test writes to no terminal")
	var out bytes.Buffer
	p := &progress{out: &out}
	p.say("%d of %d", 1, 9)
	p.say("%d of %d", 2, 9) // too soon to be read
	p.end()
	require.Equal(t, "\r1 of 9"+eraseLine+"\r"+eraseLine, out.String())

	out.Reset()
	p = &progress{out: &out}
	broken := errors.New("broken")
	require.ErrorIs(t, p.during("Copying", func() error { time.Sleep(1100 * time.Millisecond); return broken }), broken)
	require.Equal(t, "\rCopying: 1s"+eraseLine+"\r"+eraseLine, out.String())

	silent := &progress{}
	silent.say("%d", 1)
	require.NoError(t, silent.during("Copying", func() error { return nil }))
	silent.end()
}
