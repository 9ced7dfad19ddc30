package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

// A backup is made while a till sells, headquarters' machine is lost, and the backup is restored on a new one: the till, which
// was told that more is stored than the backup has, sends it again, and everything is as it was.
func TestHeadquartersIsRestoredOnANewMachine(t *testing.T) {
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
	backups := t.TempDir()
	out, err := hq.Command(ctx, "backup", "--to", backups)
	require.NoError(t, err, out)
	files, err := filepath.Glob(filepath.Join(backups, "comptant-hq-*.backup"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	info, err := os.Stat(files[0])
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	till.sell(20)
	till.restock(1)
	till.say("drained")
	till.read("drained")
	want := counted(t, connect(t, hq))

	_, err = hq.Command(ctx, "restore", files[0], "--apply")
	require.ErrorContains(t, err, "stop it first")
	require.Equal(t, want, counted(t, connect(t, hq)))

	require.NoError(t, hq.Stop())
	require.NoError(t, os.RemoveAll(hq.Home))
	out, err = hq.Command(ctx, "restore", files[0])
	require.NoError(t, err, out)
	require.Contains(t, out, "preview")
	out, err = hq.Command(ctx, "restore", files[0], "--apply")
	require.NoError(t, err, out)
	require.NoError(t, hq.Start(ctx))
	require.Less(t, counted(t, connect(t, hq)).sales, want.sales, "the backup is older")

	till.sell(1)
	want.sales++
	till.say("drained")
	till.read("drained")
	till.quit()
	require.Equal(t, want, counted(t, connect(t, hq)))
	verified, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, verified)
}
