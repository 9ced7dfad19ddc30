package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/users"
)

// The pages that nobody has to sign in for, and what is shown of an address that is none.
func TestScreensOutside(t *testing.T) {
	w := newWorld(t)
	ctx := openBrowser(t)
	looks, axe := looksOf(t)
	token, _, err := users.NewSessions(w.db, func() time.Time { return sunday }).Forgot(t.Context(), "manager@comptant.example")
	require.NoError(t, err)
	for name, path := range map[string]string{
		"login": "/login", "login-next": "/login?next=%2Freports", "forgot": "/forgot", "reset": "/reset/" + token, "outside-error": nowhere,
	} {
		w.lookAt(ctx, name, path, looks, axe)
	}
}

// A headquarters that has no store yet, and one whose stores have sold nothing: every page says what is missing.
func TestScreensOfNothing(t *testing.T) {
	w := newWorld(t)
	ctx := openBrowser(t)
	w.browse(ctx, "administrator@comptant.example", password)
	looks, axe := looksOf(t)
	pages := []string{
		"/", "/stores", "/reports", "/reports/breakdown", "/reports/taxes", "/reports/shifts", "/reports/shrinkage", "/receipts", "/stock", "/stock/counts",
		"/restock", "/warehouse", "/purchases", "/catalogue", "/orders", "/customers", "/tills", "/journal", "/exceptions", "/audit",
	}
	looks = looks[:2]
	if testing.Short() {
		looks = looks[1:]
	}
	for _, path := range pages {
		w.lookAt(ctx, "no-stores"+strings.ReplaceAll(path, "/", "-"), path, looks, axe)
	}
	w.open()
	for _, path := range pages {
		w.lookAt(ctx, "no-sales"+strings.ReplaceAll(path, "/", "-"), path, looks, axe)
	}
}
