package ledger

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

func (f folder) sentinel() string { return filepath.Join(f.dir, sentinelFile) }

// ends gives where each record of the sentinel ends.
func ends(t testing.TB, l *Ledger) []int64 {
	t.Helper()
	at := int64(sentinelHead)
	var all []int64
	_, err := l.sentinel.scan(func(k journal.Link) error {
		at += int64(recordHead + recordFixed + len(k.Bytes))
		all = append(all, at)
		return nil
	})
	require.NoError(t, err)
	return all
}

// opening is the body of the first entry of the newest epoch.
func opening(t testing.TB, l *Ledger) retail.EpochOpen {
	t.Helper()
	b, err := l.Read(context.Background(), wire.Path{Epoch: l.head.epoch}, 0, 1, 1)
	require.NoError(t, err)
	e, err := journal.Decode(b.Entries[0])
	require.NoError(t, err)
	body, err := journal.DecodeBody[retail.EpochOpen](e)
	require.NoError(t, err)
	return body
}

func TestSentinelRepeatsTheJournal(t *testing.T) {
	l := newFolder(t).open(t)
	sell(t, l)
	sell(t, l)
	v := journal.NewVerifier(l.identity.Till, 100)
	_, err := l.sentinel.scan(func(k journal.Link) error { return v.Add(k) })
	require.NoError(t, err)
	seq, hash := v.Head()
	require.Equal(t, uint64(3), seq)
	require.Equal(t, l.head.hash, hash)
}

// Power went after the commit and before, or in, the append: the sale has happened, the sentinel catches up.
func TestSentinelOneEntryBehind(t *testing.T) {
	for name, torn := range map[string]int64{"no record": 0, "torn head": 3, "torn body": 60} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			l := f.open(t)
			sell(t, l)
			sell(t, l)
			at := ends(t, l)
			shut(t, l)
			require.NoError(t, os.Truncate(f.sentinel(), at[len(at)-2]+torn))

			l = f.open(t)
			require.Equal(t, uint64(100), l.head.epoch, "no new epoch")
			requireSound(t, l)
			require.Equal(t, uint64(3), sell(t, l).Number)
		})
	}
}

// An append that the file system had only made room for reads as zeros.
func TestSentinelWithZerosAtItsEnd(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	at := ends(t, l)
	shut(t, l)
	require.NoError(t, os.Truncate(f.sentinel(), at[len(at)-1]+300))
	l = f.open(t)
	require.Equal(t, uint64(100), l.head.epoch)
	requireSound(t, l)
}

// The database comes back from a backup: the sentinel gives back what it lacks, and a new epoch begins.
func TestRestoredDatabase(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	shut(t, l)
	backup, err := os.ReadFile(filepath.Join(f.dir, ledgerFile))
	require.NoError(t, err)
	l = f.open(t)
	sell(t, l)
	lost := sell(t, l)
	shut(t, l)
	require.NoError(t, os.WriteFile(filepath.Join(f.dir, ledgerFile), backup, 0o600))

	l = f.open(t)
	require.Equal(t, uint64(101), l.head.epoch)
	r, err := l.Receipt(t.Context(), 100, lost.Number)
	require.NoError(t, err)
	require.Equal(t, lost, r.Written, "the sale is back, verbatim")
	body := opening(t, l)
	require.Equal(t, retail.EpochRestored, body.Reason)
	require.Equal(t, uint64(2), body.File.Seq)
	require.Equal(t, lost.Seq, body.Sentinel.Seq)
	require.Equal(t, lost.Hash[:], body.Sentinel.Hash)
	next := sell(t, l)
	require.Equal(t, uint64(101), next.Epoch)
	require.Equal(t, uint64(1), next.Number)
	requireSound(t, l)
	shut(t, l)
	l = f.open(t)
	require.Equal(t, uint64(101), l.head.epoch, "it was restored once")
	requireSound(t, l)
}

// Database and sentinel come from different lives: what does not chain on stays in the sentinel.
func TestRestoredAndSoldBefore(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	shut(t, l)
	backup, err := os.ReadFile(filepath.Join(f.dir, ledgerFile))
	require.NoError(t, err)
	sentinel, err := os.ReadFile(f.sentinel())
	require.NoError(t, err)
	l = f.open(t)
	sell(t, l)
	sell(t, l)
	shut(t, l)
	other, err := os.ReadFile(f.sentinel())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(f.dir, ledgerFile), backup, 0o600))
	require.NoError(t, os.WriteFile(f.sentinel(), sentinel, 0o600))
	l = f.open(t)
	_, err = l.Commit(t.Context(), saleDraft(line(coffee, 9, 199)))
	require.NoError(t, err)
	shut(t, l)
	require.NoError(t, os.WriteFile(f.sentinel(), other, 0o600))

	l = f.open(t)
	require.Equal(t, uint64(101), l.head.epoch)
	requireSound(t, l)
	var kept int
	_, err = l.sentinel.scan(func(journal.Link) error { kept++; return nil })
	require.NoError(t, err)
	require.Equal(t, 5, kept, "four of the other life, and the new epoch's first")
}

// The backup is from before an epoch that the sentinel knows: the new one is above it.
func TestRestoredToBeforeAnEpoch(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	shut(t, l)
	db := backup(t, f.database())
	l = f.open(t)
	require.NoError(t, l.OpenEpoch(t.Context(), 300))
	lost := sell(t, l)
	shut(t, l)
	db.put(t)
	l = f.open(t)
	require.EqualValues(t, 301, l.head.epoch)
	r, err := l.Receipt(t.Context(), 300, 1)
	require.NoError(t, err)
	require.Equal(t, lost, r.Written)
	requireSound(t, l)
}

func TestLostSentinel(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	sell(t, l)
	shut(t, l)
	require.NoError(t, os.Remove(f.sentinel()))
	l = f.open(t)
	require.Equal(t, uint64(101), l.head.epoch)
	require.Equal(t, retail.EpochRestored, opening(t, l).Reason)
	requireSound(t, l)
	shut(t, l)
	l = f.open(t)
	require.Equal(t, uint64(101), l.head.epoch)
}

func TestLostDatabaseIsBuiltFromTheSentinel(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	first, second := sell(t, l), sell(t, l)
	shut(t, l)
	for _, name := range []string{ledgerFile, ledgerFile + "-wal", ledgerFile + "-shm"} {
		_ = os.Remove(filepath.Join(f.dir, name))
	}
	f.enrol(t, 200)
	l = f.open(t)
	require.Equal(t, uint64(200), l.head.epoch)
	requireSound(t, l)
	for _, w := range []uint64{first.Number, second.Number} {
		_, err := l.Receipt(t.Context(), 100, w)
		require.NoError(t, err)
	}
}

func TestDamagedSentinelIsPutAside(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	for range 3 {
		sell(t, l)
	}
	at := ends(t, l)
	shut(t, l)
	file, err := os.OpenFile(f.sentinel(), os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteAt([]byte{0xff}, at[1]+40)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	l = f.open(t)
	require.Equal(t, uint64(101), l.head.epoch)
	require.FileExists(t, f.sentinel()+".damaged-1")
	require.Equal(t, retail.EpochDamaged, opening(t, l).Reason)
	requireSound(t, l)
}

// The append fails after the commit: the sale has happened and says so; the next one first mends the sentinel.
func TestSentinelFailureAfterTheCommit(t *testing.T) {
	l := newFolder(t).open(t)
	sell(t, l)
	require.NoError(t, l.sentinel.ready())
	require.NoError(t, l.sentinel.file.Close())
	require.Equal(t, uint64(2), sell(t, l).Number)
	require.Error(t, l.Health())
	require.Equal(t, uint64(3), sell(t, l).Number)
	require.NoError(t, l.Health())
	requireSound(t, l)
	v := journal.NewVerifier(l.identity.Till, 100)
	_, err := l.sentinel.scan(func(k journal.Link) error { return v.Add(k) })
	require.NoError(t, err)
}

// While the sentinel cannot be mended, nothing more is committed: it never falls behind by two.
func TestSentinelThatStaysAway(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	require.NoError(t, l.sentinel.ready())
	require.NoError(t, l.sentinel.file.Close())
	sell(t, l)
	require.NoError(t, os.Rename(f.sentinel(), f.sentinel()+".away"))
	_, err := l.Commit(t.Context(), saleDraft(line(timbit, 1, 25)))
	var shown *retail.Error
	require.ErrorAs(t, err, &shown)
	require.Equal(t, KeySentinel, shown.Key)
	require.NoError(t, os.Rename(f.sentinel()+".away", f.sentinel()))
	require.Equal(t, uint64(2), sell(t, l).Number)
	requireSound(t, l)
}

func TestTwoProgramsOneFolder(t *testing.T) {
	f := newFolder(t)
	f.open(t)
	_, err := Open(t.Context(), f.config(t))
	require.ErrorContains(t, err, "another program has this till open")
}

func TestEpochs(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	require.Equal(t, retail.EpochEnrolled, opening(t, l).Reason)
	sell(t, l)
	last := sell(t, l)
	require.NoError(t, l.OpenEpoch(t.Context(), 90))
	require.Equal(t, uint64(100), l.head.epoch, "it already writes a later one")
	require.NoError(t, l.OpenEpoch(t.Context(), 300))
	body := opening(t, l)
	require.Equal(t, retail.EpochGranted, body.Reason)
	require.Equal(t, retail.ChainEnd{Epoch: 100, Seq: last.Seq, Hash: last.Hash[:]}, body.File)
	require.Equal(t, body.File, body.Sentinel)
	w := sell(t, l)
	require.Equal(t, [3]uint64{300, 2, 1}, [3]uint64{w.Epoch, w.Seq, w.Number})
	requireSound(t, l)
	shut(t, l)
	f.enrol(t, 400)
	l = f.open(t)
	require.Equal(t, uint64(400), l.head.epoch, "a new key begins where it was granted")
	requireSound(t, l)

	other := f
	other.till = coffee
	var shown *retail.Error
	require.ErrorAs(t, Enrol(t.Context(), f.dir, Enrolment{Till: coffee}), &shown)
	require.Equal(t, KeyOtherTill, shown.Key)
}

// The disk was full when headquarters asked for an epoch: the next sale is the first that can open it, and does.
func TestAnEpochThatCouldNotBeOpened(t *testing.T) {
	l := newFolder(t).open(t)
	sell(t, l)
	require.NoError(t, l.SessionOpened(t.Context(), 5, 300, day))
	w := sell(t, l)
	require.EqualValues(t, 300, w.Epoch)
	require.EqualValues(t, 1, w.Number)
	require.Equal(t, retail.EpochGranted, opening(t, l).Reason)
	requireSound(t, l)
}

// A sentinel is damaged and put aside while the database is an old copy with one entry: it is not one entry ahead of the
// new, empty sentinel.
func TestOneEntryIsNotOneAhead(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	shut(t, l)
	one, err := os.ReadFile(filepath.Join(f.dir, ledgerFile))
	require.NoError(t, err)
	l = f.open(t)
	sell(t, l)
	last := sell(t, l)
	all := ends(t, l)
	shut(t, l)
	require.NoError(t, os.WriteFile(filepath.Join(f.dir, ledgerFile), one, 0o600))
	sentinel, err := os.ReadFile(f.sentinel())
	require.NoError(t, err)
	sentinel[all[0]+recordHead+1] ^= 1 // inside the second record
	require.NoError(t, os.WriteFile(f.sentinel(), sentinel, 0o600))
	l = f.open(t)
	require.Greater(t, sell(t, l).Epoch, last.Epoch, "or its number would be given again")
	requireSound(t, l)
	shut(t, l)

	// Nor is it when the sentinel is lost altogether.
	require.NoError(t, os.WriteFile(filepath.Join(f.dir, ledgerFile), one, 0o600))
	for _, path := range []string{f.sentinel(), f.sentinel() + ".damaged-1"} {
		require.NoError(t, os.Remove(path))
	}
	l = f.open(t)
	require.Greater(t, sell(t, l).Epoch, last.Epoch)
	requireSound(t, l)
}
