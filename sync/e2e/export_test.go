package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

// carried is what hq journal import says.
type carried struct {
	Entries, New, Flagged int
	Forked, Aside         bool
}

// A till without a network exports, headquarters takes the file, and then the till comes back online: every sale is there
// once, and the till hears that it is.
func TestExportIsCarriedToHeadquarters(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	database := connect(t, hq)
	dir, stick := filepath.Join(t.TempDir(), "till"), t.TempDir()
	require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", 1))
	till := start(t, program(t, "lane"), "--dir", dir)
	till.signIn()
	till.sell(3)
	till.say("drained")
	till.read("drained")
	till.quit()
	before := counted(t, database)

	till = start(t, program(t, "lane"), "--dir", dir, "--offline")
	till.signIn()
	till.sell(40)
	till.restock(2)
	till.say("export %s", stick)
	file := till.read("exported")
	till.sell(5)
	till.say("waiting")
	waiting := till.read("waiting")

	take := func(file string) (c carried) {
		out, err := hq.Command(ctx, "journal", "import", "--json", file)
		require.NoError(t, err, out)
		require.NoError(t, json.Unmarshal([]byte(out), &c))
		return c
	}
	got := take(file)
	require.Equal(t, got.Entries, got.New)
	after := counted(t, database)
	require.Equal(t, 40, after.sales-before.sales)
	require.Equal(t, 2, after.requests-before.requests)
	require.Zero(t, take(file).New, "a file that comes twice")

	// Copies that were cut off or changed on the way are refused, and change nothing.
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	for i, bad := range [][]byte{whole[:len(whole)/2], append(append([]byte{}, whole[:200]...), whole[201:]...)} {
		name := filepath.Join(stick, "bad")
		require.NoError(t, os.WriteFile(name, bad, 0o600))
		out, err := hq.Command(ctx, "journal", "import", name)
		require.Error(t, err, "%d: %s", i, out)
	}
	require.Equal(t, after, counted(t, database))

	// Nothing counts as sent until headquarters says so.
	till.say("waiting")
	require.Equal(t, waiting, till.read("waiting"))
	till.quit()
	till = start(t, program(t, "lane"), "--dir", dir)
	till.say("drained")
	till.read("drained")
	till.signIn()
	till.sell(1)
	till.say("drained")
	till.read("drained")
	till.quit()
	end := counted(t, database)
	require.Equal(t, 46, end.sales-before.sales)
	require.Equal(t, 2, end.requests-before.requests)
	var flags int
	require.NoError(t, database.QueryRow(ctx, `SELECT count(*) FROM journal.flag`).Scan(&flags))
	require.Zero(t, flags)
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
	require.Zero(t, take(file).New, "and again when all was sent")
}
