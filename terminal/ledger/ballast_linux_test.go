package ledger

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
)

// smallDisk is a folder on a disk of its own, of so many bytes.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a disk can only be made full by who may mount one: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	return dir
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

// onSmallDisk is a till with 4 MiB kept back on a disk of 24.
func onSmallDisk(t *testing.T) (folder, Config) {
	t.Helper()
	f := folder{dir: filepath.Join(smallDisk(t, "24m"), "till"), till: timbit}
	f.enrol(t, 100)
	cfg := f.config(t)
	cfg.Ballast = 4 << 20
	return f, cfg
}

// sellUntilFull sells until the room kept back is used; no sale is refused.
func sellUntilFull(t *testing.T, l *Ledger) {
	t.Helper()
	for range 20_000 {
		sell(t, l)
		if l.Full() {
			return
		}
	}
	require.Fail(t, "the disk does not get full")
}

func TestTheDayEndsOnAFullDisk(t *testing.T) {
	f, cfg := onSmallDisk(t)
	l := openWith(t, cfg)
	global := newHQ(t, l, "global")
	l.keepBack()
	require.FileExists(t, filepath.Join(f.dir, ballastFile))
	require.False(t, l.Full())
	filler := fill(t, f.dir)
	sellUntilFull(t, l)
	require.NoFileExists(t, filepath.Join(f.dir, ballastFile))

	// Headquarters' news waits; what ends the day does not.
	p := bread("apple", 300)
	err := l.Publish(t.Context(), global.page(0, global.row(retail.RowProduct, p.ID, p)))
	require.ErrorIs(t, err, errWaits)
	for range 30 {
		sell(t, l)
	}
	requireSound(t, l)
	shut(t, l)
	l = openWith(t, cfg)
	require.EqualValues(t, 100, l.head.epoch, "a full disk is not a restore")
	require.True(t, l.Full(), "also after another start")
	sell(t, l)
	require.NoFileExists(t, filepath.Join(f.dir, ballastFile))

	require.NoError(t, os.Remove(filler))
	require.False(t, l.Full(), "by itself")
	l.keepBack()
	info, err := os.Stat(filepath.Join(f.dir, ballastFile))
	require.NoError(t, err)
	require.Equal(t, cfg.Ballast, info.Size())
	require.NoError(t, l.Publish(t.Context(), global.page(0, global.rows[[2]string{string(rune(retail.RowProduct)), string(p.ID[:])}])))
	sell(t, l)
	requireSound(t, l)
}

// The disk was filled while the till was off: it opens, with what was kept back.
func TestATillOpensOnAFullDisk(t *testing.T) {
	f, cfg := onSmallDisk(t)
	l := openWith(t, cfg)
	l.keepBack()
	sell(t, l)
	shut(t, l)
	filler := fill(t, f.dir)
	l = openWith(t, cfg)
	sell(t, l)
	sellUntilFull(t, l)
	requireSound(t, l)
	shut(t, l)
	require.NoError(t, os.Remove(filler))
	l = openWith(t, cfg)
	require.False(t, l.Full())
	l.keepBack()
	require.FileExists(t, filepath.Join(f.dir, ballastFile))
}

// When even that is used up, entries are refused in words, and nothing is lost.
func TestNothingIsLeftOfTheDisk(t *testing.T) {
	for name, ballast := range map[string]int64{"used up": 4 << 20, "none kept back": 0} {
		t.Run(name, func(t *testing.T) {
			f, cfg := onSmallDisk(t)
			cfg.Ballast = ballast
			l := openWith(t, cfg)
			l.keepBack()
			fillers := []string{fill(t, f.dir)}
			if ballast > 0 {
				sellUntilFull(t, l)
				fillers = append(fillers, fill(t, f.dir))
			}
			var err error
			for range 20_000 {
				if _, err = l.Commit(t.Context(), saleDraft(line(timbit, 1, 25))); err != nil {
					break
				}
			}
			shown := (*retail.Error)(nil)
			require.ErrorAs(t, err, &shown)
			require.Equal(t, KeyDiskFull, shown.Key)
			for _, filler := range fillers {
				require.NoError(t, os.Remove(filler))
			}
			sell(t, l)
			requireSound(t, l)
		})
	}
}

// The sentinel's disk has room of its own to give.
func TestTheDiskOfTheSentinelIsFull(t *testing.T) {
	f := newFolder(t)
	cfg := f.config(t)
	cfg.SentinelDir, cfg.Ballast = filepath.Join(smallDisk(t, "16m"), "sentinel"), 4<<20
	l := openWith(t, cfg)
	l.keepBack()
	require.FileExists(t, filepath.Join(cfg.SentinelDir, ballastFile))
	shut(t, l)
	filler := fill(t, cfg.SentinelDir)
	l = openWith(t, cfg) // without the room that the sentinel had reserved
	sellUntilFull(t, l)
	require.NoFileExists(t, filepath.Join(cfg.SentinelDir, ballastFile))
	requireSound(t, l)
	require.NoError(t, os.Remove(filler))
	require.False(t, l.Full())
}
