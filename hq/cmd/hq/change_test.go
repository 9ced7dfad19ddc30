package main

import (
	"crypto/ed25519"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/hq/users"
	"comptant/sync/wire"
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
	store, err := stock.Stores(t.Context(), d)
	require.NoError(t, err)
	till, pin := enrol(t, d, store[0].ID), func() bool {
		s, err := users.Get(t.Context(), d, all[0].ID)
		require.NoError(t, err)
		return s.HasPIN
	}
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		all[0].Stores = []uuid.UUID{store[0].ID}
		return users.Put(t.Context(), tx, all[0], users.Password{}, users.PIN{})
	}))
	did(t, d, address, users.DidLockTill, "till", "lock", till, "--reason", "audit", "--call", "Ann")
	require.NotZero(t, run([]string{"--database-url", address, "till", "lock", till, "--reason", " "}))
	did(t, d, address, users.DidAskLog, "till", "log", till, "--ask")
	require.NotZero(t, run([]string{"--database-url", address, "till", "log", till}), "it has not come")
	did(t, d, address, users.DidUnlockTill, "till", "unlock", till)
	did(t, d, address, users.DidRevokeTill, "till", "revoke", till)
	require.True(t, pin())
	did(t, d, address, users.DidRevokeTill, "till", "revoke", till, "--stolen")
	require.False(t, pin())
}

// enrol makes a till of the store, and gives its id.
func enrol(t *testing.T, d *db.DB, store uuid.UUID) (id string) {
	t.Helper()
	registry := tills.New(d, time.Now)
	code, err := registry.NewCode(t.Context(), store, 1)
	require.NoError(t, err)
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		till, _, err := registry.Redeem(t.Context(), tx, wire.EnrolRequest{Code: code, Key: make([]byte, ed25519.PublicKeySize)})
		id = till.ID.String()
		return err
	}))
	return id
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
