package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/users"
)

// What a command changes is recorded, under the machine's user.
func TestCommandsAreRecorded(t *testing.T) {
	address := pgtest.DurableURL(t)
	d, err := db.Open(t.Context(), address, slog.New(slog.DiscardHandler), db.Options{})
	require.NoError(t, err)
	defer d.Close()
	file := filepath.Join(t.TempDir(), "stores.csv")
	require.NoError(t, os.WriteFile(file, []byte("store,name,zone\nCV,Magasin Centre-Ville,America/Toronto\n"), 0o600))
	for want, args := range map[string][]string{
		"import":     {"import", "stores", file, "--apply"},
		"staff.add":  {"user", "add", "--name", "Luc", "--role", "cashier", "--pin", "604182"},
		"rights.set": {"user", "rights", "--role", "cashier", "--discount", "5"},
	} {
		t.Run(want, func(t *testing.T) { did(t, d, address, users.ChangeKind(want), args...) })
	}
	all, err := users.List(t.Context(), d)
	require.NoError(t, err)
	person := all[0].ID.String()
	for want, args := range map[string][]string{
		"staff.block":   {"user", "disable", person},
		"staff.unblock": {"user", "enable", person},
		"till.code":     {"till", "code", "--store", "CV", "--number", "1"},
	} {
		t.Run(want, func(t *testing.T) { did(t, d, address, users.ChangeKind(want), args...) })
	}
}

// did runs a command and looks for its record.
func did(t *testing.T, d *db.DB, address string, want users.ChangeKind, args ...string) {
	t.Helper()
	require.Zero(t, run(append([]string{"--database-url", address}, args...)))
	found, err := users.Audit(t.Context(), d, users.AuditFilter{Commands: true, Limit: 100})
	require.NoError(t, err)
	require.Equal(t, want, found[0].Kind)
	require.Equal(t, "hq", found[0].Actor)
	require.Contains(t, found[0].Origin, "@")
	require.False(t, strings.Contains(string(found[0].After), "604182") || strings.Contains(string(found[0].After), "argon2"))
}
