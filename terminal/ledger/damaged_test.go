package ledger

import (
	"os"
	"path/filepath"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
)

// overwrite damages a stretch of a file.
func overwrite(t *testing.T, path string, from, to int) {
	t.Helper()
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := from; i < min(to, len(file)); i++ {
		file[i] = 0xa5
	}
	require.NoError(t, os.WriteFile(path, file, 0o600))
}

// A till whose database cannot be read goes on by itself with a new one: same till, same key, a new epoch, and every entry
// that the sentinel or the damaged file can give.
func TestADamagedDatabaseIsReplaced(t *testing.T) {
	const sales = 40
	path := func(f folder) string { return filepath.Join(f.dir, ledgerFile) }
	for name, damage := range map[string]func(t *testing.T, f folder){
		"no database any more": func(t *testing.T, f folder) { overwrite(t, path(f), 0, 4096) },
		"the schema":           func(t *testing.T, f folder) { overwrite(t, path(f), 100, 4096) },
		"empty":                func(t *testing.T, f folder) { require.NoError(t, os.Truncate(path(f), 0)) },
		"nothing readable":     func(t *testing.T, f folder) { overwrite(t, path(f), 0, 1<<30) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			l := f.open(t)
			key := l.Enrolment().Key
			for range sales {
				sell(t, l)
			}
			last := l.head
			all, _ := entries(t, l)
			shut(t, l)
			damage(t, f)

			l = f.open(t)
			require.Equal(t, key, l.Enrolment().Key)
			require.Equal(t, last.epoch+1, l.head.epoch)
			require.Equal(t, retail.EpochDamaged, opening(t, l).Reason)
			kept, _ := entries(t, l)
			require.Equal(t, all, kept[:len(all)], "every entry, to the byte")
			require.FileExists(t, path(f)+".damaged-1")
			waiting, err := l.Waiting(t.Context())
			require.NoError(t, err)
			require.Equal(t, len(all)+1, waiting.Count)
			sold := sell(t, l)
			require.EqualValues(t, 1, sold.Number)
			receipt, err := l.Receipt(t.Context(), last.epoch, sales)
			require.NoError(t, err)
			require.EqualValues(t, sales, receipt.Sale.Number)

			shut(t, l)
			l = f.open(t)
			require.Equal(t, last.epoch+1, l.head.epoch, "once")
		})
	}
}

// With the sentinel gone too, what can be read of the database is kept, and no number is given again.
func TestADamagedDatabaseAndNoSentinel(t *testing.T) {
	for name, all := range map[string]bool{"nothing readable": true, "the first page": false} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			l := f.open(t)
			require.NoError(t, l.OpenEpoch(t.Context(), 140))
			sell(t, l)
			shut(t, l)
			require.NoError(t, os.Remove(f.sentinel()))
			end := 4096
			if all {
				end = 1 << 30
			}
			overwrite(t, filepath.Join(f.dir, ledgerFile), 0, end)
			l = f.open(t)
			require.EqualValues(t, 141, l.head.epoch)
			require.Equal(t, retail.EpochDamaged, opening(t, l).Reason)
		})
	}
}

// A database that opens, and breaks inside: what stands before and after the damage is salvaged, the rest is a hole.
func TestSalvageOfAPartOfADatabase(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	for range 400 {
		sell(t, l)
	}
	all, _ := entries(t, l)
	pages, _, err := one(t.Context(), l.ledger.read, value[int], `PRAGMA page_count`)
	require.NoError(t, err)
	shut(t, l)
	require.NoError(t, os.Remove(f.sentinel()))
	path := filepath.Join(f.dir, ledgerFile)
	overwrite(t, path, pages/2*4096, (pages/2+6)*4096)
	var found []uint64
	require.NoError(t, salvageDatabase(t.Context(), path, func(k journal.Link) error { found = append(found, k.Seq); return nil }))
	require.NotEmpty(t, found)
	require.EqualValues(t, 1, found[0])
	require.EqualValues(t, len(all), found[len(found)-1])
	require.IsIncreasing(t, found)
	require.Less(t, len(found), len(all))
}

func TestADamagedCatalogueIsLoadedAgain(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	global := newHQ(t, l, "global")
	p := bread("apple", 300)
	require.NoError(t, l.Publish(t.Context(), global.page(0, global.row(retail.RowProduct, p.ID, p))))
	shut(t, l)
	overwrite(t, filepath.Join(f.dir, catalogFirst), 0, 8192)
	l = f.open(t)
	require.NoError(t, l.Follow(t.Context(), []string{"global"}))
	require.False(t, shows(t, l, "apple"))
	cursors, err := l.Cursors(t.Context())
	require.NoError(t, err)
	for _, c := range cursors {
		require.Zero(t, c.Seq, "from the beginning")
	}
	require.NoError(t, l.Publish(t.Context(), global.page(0, global.row(retail.RowProduct, p.ID, p))))
	require.True(t, shows(t, l, "apple"))
	sell(t, l)
}

// Damage that only shows when something is written: that sale is refused, and the next start goes on with a new file.
func TestDamageIsFoundWhileTheTillRuns(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	for range 50 {
		sell(t, l)
	}
	root, _, err := one(t.Context(), l.ledger.read, value[int], `SELECT rootpage FROM sqlite_schema WHERE name = 'sale_tender'`)
	require.NoError(t, err)
	last := l.head
	shut(t, l)
	overwrite(t, filepath.Join(f.dir, ledgerFile), (root-1)*4096, root*4096)

	l = f.open(t)
	require.Equal(t, last.epoch, l.head.epoch, "it opens")
	_, err = l.Commit(t.Context(), saleDraft(line(timbit, 1, 25)))
	known := (*retail.Error)(nil)
	require.ErrorAs(t, err, &known)
	require.Equal(t, KeyDamaged, known.Key)
	shut(t, l)

	l = f.open(t)
	require.Equal(t, last.epoch+1, l.head.epoch)
	require.NoFileExists(t, filepath.Join(f.dir, suspectFile))
	sell(t, l)
}

func TestAFalseAlarmIsForgotten(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	l.suspect(errBroken)
	epoch := l.head.epoch
	shut(t, l)
	l = f.open(t)
	require.Equal(t, epoch, l.head.epoch)
	require.NoFileExists(t, filepath.Join(f.dir, suspectFile))
}

// The check at the start finds damage that nothing has met yet.
func TestTheCheckFindsDamage(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	for range 50 {
		sell(t, l)
	}
	root, _, err := one(t.Context(), l.ledger.read, value[int], `SELECT rootpage FROM sqlite_schema WHERE name = 'sale_line'`)
	require.NoError(t, err)
	shut(t, l)
	overwrite(t, filepath.Join(f.dir, ledgerFile), (root-1)*4096, root*4096)
	l = f.open(t)
	l.check(t.Context())
	require.FileExists(t, filepath.Join(f.dir, suspectFile))
}
