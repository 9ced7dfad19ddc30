package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

// Headquarters comes back from an old backup: what it had acknowledged since is gone there, and the tills send it again.
func TestHeadquartersRolledBack(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", 1))
	till := start(t, program(t, "lane"), "--dir", dir)
	till.signIn()
	till.sell(5)
	till.say("drained")
	till.read("drained")

	require.NoError(t, hq.Stop())
	backup := hq.Home + ".backup"
	out, err := exec.CommandContext(ctx, "cp", "-a", hq.Home, backup).CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, hq.Start(ctx))
	till.sell(20)
	till.restock(1)
	till.say("drained")
	till.read("drained")
	want := counted(t, connect(t, hq))

	require.NoError(t, hq.Stop())
	require.NoError(t, os.RemoveAll(hq.Home))
	require.NoError(t, os.Rename(backup, hq.Home))
	require.NoError(t, hq.Start(ctx))
	require.Less(t, counted(t, connect(t, hq)).sales, want.sales, "the backup is older")

	// The next session tells: headquarters says what it has, and the till resumes there.
	till.sell(1)
	want.sales++
	till.say("drained")
	till.read("drained")
	till.quit()
	require.Equal(t, want, counted(t, connect(t, hq)))
	verified, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, verified)

	var flags int
	require.NoError(t, connect(t, hq).QueryRow(ctx, `SELECT count(*) FROM journal.flag WHERE code = 'hq-rolled-back'`).Scan(&flags))
	require.Equal(t, 1, flags, "a person is told")
}
