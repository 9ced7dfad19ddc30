package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
)

// smallDisk is a folder on a disk of its own, for who may mount one; for others it is a folder like any.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Logf("the disk will not be full: it can only be made so by who may mount one: %s", out)
		return dir
	}
	t.Cleanup(func() { require.NoError(t, exec.Command("umount", dir).Run()) })
	return dir
}

// fullDisk fills the disk during a ticket. It is sold, and others until the room is used that was kept back; then nothing new
// begins, and that is said. Once there is room the till goes on by itself.
func (d *day) fullDisk() {
	d.t.Helper()
	kept := filepath.Join(d.dir, "ballast")
	if exec.CommandContext(d.t.Context(), "mountpoint", "-q", filepath.Dir(d.dir)).Run() != nil {
		return
	}
	there := func() bool { _, err := os.Stat(kept); return err == nil }
	require.True(d.t, d.within(patience, there), "room is kept back")
	d.does(scans(d.codes(2, 30)...))
	filler := fill(d.t, filepath.Dir(d.dir))
	before := d.count(journal.KindSale)
	d.pays()
	d.xdotool("key", "Return")
	require.Len(d.t, d.sold(before+1).Lines, 2)

	full := 0
	for ; full < 200 && there(); full++ {
		d.cashSale(d.codes(5, full)...)
	}
	d.t.Logf("%d more sales until the disk was full", full)
	require.NoFileExists(d.t, kept)
	sales := d.count(journal.KindSale)
	d.does(scans(d.codes(1, 31)...))
	require.True(d.t, d.within(patience, d.asked), "it is said that nothing new begins")
	d.look("the disk is full")
	d.does(press("Escape"))
	d.answered()
	d.look("on a full disk")
	d.does(press("F9"), press("Return"))
	require.Equal(d.t, sales, d.count(journal.KindSale))

	require.NoError(d.t, os.Remove(filler))
	d.cashSale(d.codes(1, 32)...)
	require.True(d.t, d.within(patience, there), "room is kept back again")
	d.look("there is room again")
}

// fill leaves no byte on the disk of a folder, and gives the file that takes the room.
func fill(t *testing.T, dir string) string {
	t.Helper()
	f, err := os.CreateTemp(dir, "filler")
	require.NoError(t, err)
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			require.ErrorIs(t, err, syscall.ENOSPC)
			size /= 2
		}
	}
	require.NoError(t, f.Close())
	return f.Name()
}
