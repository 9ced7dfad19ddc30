package ledger

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// nightly is a till that backs up into a folder, with a clock that a test sets.
func nightly(t *testing.T, keep int) (folder, Config, *time.Time) {
	t.Helper()
	f := newFolder(t)
	cfg := f.config(t)
	now := day
	cfg.Now = func() time.Time { return now }
	cfg.BackupDir, cfg.Backups = filepath.Join(t.TempDir(), "backup", "till-1"), keep
	return f, cfg, &now
}

// A backup is the journal as of its beginning, while sales go on.
func TestABackupIsWholeAndStopsNoSale(t *testing.T) {
	_, cfg, _ := nightly(t, 7)
	l := openWith(t, cfg)
	require.Zero(t, l.LastBackup())
	for range 200 {
		sell(t, l)
	}
	before, _ := entries(t, l)
	// While somebody writes: a copy that wanted the lock of a sale would wait for it here, and a sale for the copy elsewhere.
	require.NoError(t, l.ledger.write.tx(t.Context(), func() error { return l.backUp(t.Context()) }))
	sell(t, l)
	part := filepath.Join(cfg.BackupDir, backupPart)
	require.Equal(t, day, l.LastBackup())
	names := l.backups()
	require.Len(t, names, 1)
	require.Equal(t, "ledger-20261122T153000Z.db", filepath.Base(names[0]))
	info, err := os.Stat(names[0])
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the till's key is in it")
	require.NoFileExists(t, part)
	shut(t, l)

	l = openWith(t, cfg)
	require.Equal(t, day, l.LastBackup(), "also after another start")
	shut(t, l)

	// In an empty folder on a new disk it is a till again.
	fresh := folder{dir: filepath.Join(t.TempDir(), "new")}
	require.NoError(t, PutBack(t.Context(), fresh.config(t), names[0]))
	again := fresh.open(t)
	require.EqualValues(t, 101, again.head.epoch)
	require.Equal(t, retail.EpochRestored, opening(t, again).Reason)
	kept, _ := entries(t, again)
	require.Equal(t, before, kept[:len(before)], "every entry, to the byte")
	requireSound(t, again)
	require.EqualValues(t, 1, sell(t, again).Number)
}

// A backup put back where its sentinel still is loses nothing.
func TestABackupIsPutBack(t *testing.T) {
	f, cfg, _ := nightly(t, 7)
	l := openWith(t, cfg)
	sell(t, l)
	require.NoError(t, l.backUp(t.Context()))
	backup := l.backups()[0]
	sell(t, l)
	all, _ := entries(t, l)
	require.ErrorIs(t, PutBack(t.Context(), f.config(t), backup), errInUse, "the till runs")
	shut(t, l)

	other := newFolder(t)
	shut(t, other.open(t))
	shown := (*retail.Error)(nil)
	require.ErrorAs(t, PutBack(t.Context(), other.config(t), backup), &shown)
	require.Equal(t, KeyOtherTill, shown.Key)
	require.Error(t, PutBack(t.Context(), f.config(t), f.sentinel()), "that is no database")

	// A till that was killed leaves its WAL, which must not meet the backup.
	require.NoError(t, os.WriteFile(filepath.Join(f.dir, ledgerFile+"-wal"), nil, 0o600))
	require.NoError(t, PutBack(t.Context(), f.config(t), backup))
	require.FileExists(t, filepath.Join(f.dir, ledgerFile+replacedSuffix+"-1"))
	require.NoFileExists(t, filepath.Join(f.dir, ledgerFile+"-wal"))
	begun, err := BeginAgain(t.Context(), f.config(t))
	require.NoError(t, err)
	require.Equal(t, Begun{Before: 100, Epoch: 101}, begun)
	l = f.open(t)
	kept, _ := entries(t, l)
	require.Equal(t, all, kept[:len(all)])
	requireSound(t, l)
}

func TestTheOldestBackupsGo(t *testing.T) {
	_, cfg, now := nightly(t, 3)
	l := openWith(t, cfg)
	require.True(t, l.backupDue(), "there is none")
	for range 5 {
		require.NoError(t, l.backUp(t.Context()))
		require.False(t, l.backupDue())
		*now = now.Add(24 * time.Hour)
		require.True(t, l.backupDue())
	}
	names := l.backups()
	require.Len(t, names, 3)
	require.Equal(t, "ledger-20261124T153000Z.db", filepath.Base(names[0]))
	// A clock that was ahead, and was set right: the copy made now is not the one that goes.
	*now = day.Add(-24 * time.Hour)
	require.True(t, l.backupDue())
	require.NoError(t, l.backUp(t.Context()))
	names = l.backups()
	require.Len(t, names, 3)
	require.Equal(t, "ledger-20261121T153000Z.db", filepath.Base(names[0]))
}

func TestWhenTheNightsWorkIsDue(t *testing.T) {
	toronto := func(text string) time.Time {
		at, err := time.LoadLocation("America/Toronto")
		require.NoError(t, err)
		v, err := time.ParseInLocation("2006-01-02 15:04", text, at)
		require.NoError(t, err)
		return v
	}
	for now, night := range map[string]string{
		"2026-11-22 15:30": "2026-11-22 03:00", "2026-11-22 02:59": "2026-11-21 03:00", "2026-11-22 03:00": "2026-11-22 03:00",
		"2026-11-01 10:00": "2026-11-01 03:00", "2026-03-08 01:59": "2026-03-07 03:00", "2027-01-01 00:10": "2026-12-31 03:00",
	} {
		require.True(t, toronto(night).Equal(lastNight(toronto(now).UTC(), "America/Toronto")), now)
	}
	_, cfg, now := nightly(t, 3)
	l := openWith(t, cfg)
	l.backupTried.Store(now.UnixMilli())
	require.False(t, l.backupDue(), "it has just been tried")
	*now = now.Add(nightAgain)
	require.True(t, l.backupDue())
	l.cfg.Backups = 0
	require.False(t, l.backupDue(), "nobody wants any")
}

// The night's work is done in the background when it is due, once.
func TestTheNightsWork(t *testing.T) {
	_, cfg, now := nightly(t, 3)
	l := openWith(t, cfg)
	global := newHQ(t, l, "global")
	p := bread("apple", 300)
	require.NoError(t, l.Publish(t.Context(), global.page(0, global.row(retail.RowProduct, p.ID, p))))
	told := make(chan struct{}, 100)
	l.OnPublish(func() { told <- struct{}{} })
	work := func() {
		l.LookAtNight()
		<-told
	}
	work()
	require.Len(t, l.backups(), 1)
	require.Equal(t, []string{"catalog-1.db", "catalog.db"}, files(t, l))
	require.False(t, l.backupDue() || l.renewalDue(), "it is done")
	*now = now.Add(24 * time.Hour)
	work()
	require.Len(t, l.backups(), 2)
	require.Equal(t, []string{"catalog-1.db", "catalog-2.db"}, files(t, l))
	require.True(t, shows(t, l, "apple"))
}

// What is damaged is not copied over what is good, and the next start looks at it.
func TestADamagedJournalIsNoBackup(t *testing.T) {
	f, cfg, now := nightly(t, 2)
	l := openWith(t, cfg)
	for range 50 {
		sell(t, l)
	}
	require.NoError(t, l.backUp(t.Context()))
	good := l.backups()
	root, _, err := one(t.Context(), l.ledger.read, value[int], `SELECT rootpage FROM sqlite_schema WHERE name = 'sale_line'`)
	require.NoError(t, err)
	shut(t, l)
	overwrite(t, filepath.Join(f.dir, ledgerFile), (root-1)*4096, root*4096)
	l = openWith(t, cfg)
	*now = now.Add(24 * time.Hour)
	require.Error(t, l.backUp(t.Context()))
	require.Equal(t, good, l.backups())
	require.Equal(t, day, l.LastBackup())
	require.NoFileExists(t, filepath.Join(cfg.BackupDir, backupPart))
	require.FileExists(t, filepath.Join(f.dir, suspectFile))
}

func TestABackupThatCannotBeReadIsNotPutBack(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	path := filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, l.ledger.copyTo(t.Context(), path))
	shut(t, l)
	till, err := checkCopy(t.Context(), path)
	require.NoError(t, err)
	require.Equal(t, f.till, till)
	overwrite(t, path, 8192, 1<<30)
	_, err = checkCopy(t.Context(), path)
	require.Error(t, err)
	require.Error(t, PutBack(t.Context(), f.config(t), path))
	require.NoFileExists(t, filepath.Join(f.dir, ledgerFile+replacedSuffix+"-1"))
	_, err = checkCopy(t.Context(), filepath.Join(t.TempDir(), uuid.NewString()))
	require.Error(t, err)
}
