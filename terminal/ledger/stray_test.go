package ledger

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// copyOf is a backup of one file of the folder; put restores it.
type copyOf struct {
	path  string
	bytes []byte
}

func backup(t testing.TB, path string) copyOf {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return copyOf{path, b}
}

func (c copyOf) put(t testing.TB) {
	t.Helper()
	require.NoError(t, os.WriteFile(c.path, c.bytes, 0o600))
}

func (f folder) database() string { return filepath.Join(f.dir, ledgerFile) }

// pathOf reads a whole path through the eyes of the link and checks that it chains.
func pathOf(t testing.TB, l *Ledger, s wire.EpochState) []journal.Link {
	t.Helper()
	ctx := context.Background()
	var all []journal.Link
	for after := s.Floor; after < s.Last; {
		b, err := l.Read(ctx, s.Path(), after, 3, 1<<20)
		require.NoError(t, err)
		require.Equal(t, after+1, b.First, "%v: a hole", s.Path())
		prev, err := l.HashAt(ctx, s.Path(), after)
		require.NoError(t, err)
		require.Equal(t, prev, b.Prev)
		links := journal.Chain(l.identity.Till, s.Epoch, b.First, b.Prev, b.Entries)
		require.Equal(t, b.Head, links[len(links)-1].Hash)
		all = append(all, links...)
		after += uint64(len(links))
	}
	if s.Last > s.Floor {
		require.Equal(t, s.Hash, all[len(all)-1].Hash)
	}
	return all
}

// everything is the hash of every entry that some path lists.
func everything(t testing.TB, l *Ledger) map[journal.Hash]bool {
	t.Helper()
	states, err := l.Epochs(context.Background())
	require.NoError(t, err)
	all := map[journal.Hash]bool{}
	for _, s := range states {
		for _, k := range pathOf(t, l, s) {
			all[k.Hash] = true
		}
	}
	return all
}

// twoLives makes a folder whose database and sentinel come from different lives: both begin with one sale; the database
// then sold nine coffees, the sentinel's life twice the usual. It gives the lost entries.
func twoLives(t testing.TB) (f folder, lost []journal.Hash) {
	t.Helper()
	f = newFolder(t)
	l := f.open(t)
	sell(t, l)
	shut(t, l)
	db, sentinel := backup(t, f.database()), backup(t, f.sentinel())
	l = f.open(t)
	lost = append(lost, sell(t, l).Hash, sell(t, l).Hash)
	shut(t, l)
	other := backup(t, f.sentinel())
	db.put(t)
	sentinel.put(t)
	l = f.open(t)
	_, err := l.Commit(t.Context(), saleDraft(line(coffee, 9, 199)))
	require.NoError(t, err)
	shut(t, l)
	other.put(t)
	return f, lost
}

// What the sentinel holds and does not chain on to the database is kept as a branch, to be sent and not to be counted.
func TestStraysAreABranch(t *testing.T) {
	f, lost := twoLives(t)
	l := f.open(t)
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	require.Len(t, states, 3)
	require.Equal(t, []wire.Path{{Epoch: 100}, {Epoch: 100, Branch: 1}, {Epoch: 101}},
		[]wire.Path{states[0].Path(), states[1].Path(), states[2].Path()})
	branch := states[1]
	require.Equal(t, wire.EpochState{Epoch: 100, Branch: 1, Floor: 2, Last: 4, Hash: lost[1]}, branch)
	links := pathOf(t, l, branch)
	require.Equal(t, lost, []journal.Hash{links[0].Hash, links[1].Hash})
	common, err := l.HashAt(t.Context(), wire.Path{Epoch: 100}, 2)
	require.NoError(t, err)
	require.Equal(t, common, links[0].Prev)
	requireSound(t, l)

	// Its sales are another life's: neither receipts nor stock of this one.
	stock, err := l.StockOfMany(t.Context(), []uuid.UUID{timbit, coffee})
	require.NoError(t, err)
	require.EqualValues(t, -3000, stock[timbit].Here)
	require.EqualValues(t, -10000, stock[coffee].Here)

	// Each branch is acknowledged for itself, across a restart, and never copied twice.
	waiting, err := l.Waiting(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3+2+1, waiting.Count)
	require.NoError(t, l.Acknowledge(t.Context(), branch.Path(), 3, day))
	shut(t, l)
	require.NoError(t, os.Remove(f.sentinel()))
	l = f.open(t)
	states, err = l.Epochs(t.Context())
	require.NoError(t, err)
	require.Len(t, states, 4)
	require.EqualValues(t, 3, states[1].Acked)
	require.Zero(t, states[0].Acked)
}

// The same sentinel put back once more gives nothing new.
func TestStraysAreCopiedOnce(t *testing.T) {
	f, lost := twoLives(t)
	old := backup(t, f.sentinel())
	l := f.open(t)
	sell(t, l)
	shut(t, l)
	old.put(t)
	l = f.open(t)
	require.EqualValues(t, 102, l.head.epoch)
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	require.Len(t, states, 4)
	all := everything(t, l)
	require.True(t, all[lost[0]] && all[lost[1]])
	requireSound(t, l)
}

// Two lives that left at the same entry are two branches.
func TestStraysThatForkAreTwoBranches(t *testing.T) {
	f, lost := twoLives(t)
	first := backup(t, f.database())
	l := f.open(t)
	shut(t, l)
	// A third life of the database, put beside the sentinel that now has two others.
	sentinel := backup(t, f.sentinel())
	first.put(t)
	require.NoError(t, os.Remove(f.sentinel()))
	l = f.open(t)
	more := sell(t, l)
	shut(t, l)
	sentinel.put(t)
	l = f.open(t)
	all := everything(t, l)
	require.True(t, all[lost[0]] && all[lost[1]] && all[more.Hash])
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	var paths []wire.Path
	for _, s := range states {
		paths = append(paths, s.Path())
	}
	require.Equal(t, []wire.Path{{Epoch: 100}, {Epoch: 100, Branch: 1}, {Epoch: 101}, {Epoch: 101, Branch: 1}, {Epoch: 102}}, paths)
}

// Copying back fails in the middle: nothing of it is there, and the next start does it all.
func TestStraysThatCannotBeWritten(t *testing.T) {
	f, lost := twoLives(t)
	direct := func(statement string) {
		db, err := openDatabase(t.Context(), f.database(), "ledger", fullSync, fullReadBack)
		require.NoError(t, err)
		require.NoError(t, db.write.tx(t.Context(), func() error { _, err := db.write.exec(t.Context(), statement); return err }))
		require.NoError(t, db.close())
	}
	direct(`CREATE TRIGGER fault BEFORE INSERT ON stray WHEN NEW.seq = 4 BEGIN SELECT RAISE(ABORT, 'fault'); END`)
	_, err := Open(t.Context(), f.config(t))
	var shown *retail.Error
	require.ErrorAs(t, err, &shown)
	require.Equal(t, KeyFailed, shown.Key)
	direct(`DROP TRIGGER fault`)
	l := f.open(t)
	require.EqualValues(t, 101, l.head.epoch)
	all := everything(t, l)
	require.True(t, all[lost[0]] && all[lost[1]])
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	require.Len(t, states, 3)
	requireSound(t, l)
}

// A damaged sentinel that was put aside still gives what can be read of it.
func TestDamagedSentinelIsSalvaged(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	shut(t, l)
	db := backup(t, f.database())
	l = f.open(t)
	back, broken, tail := sell(t, l), sell(t, l), sell(t, l)
	at := ends(t, l)
	shut(t, l)
	db.put(t)
	flip(t, f.sentinel(), at[2]+100)

	l = f.open(t)
	require.FileExists(t, f.sentinel()+".damaged-1")
	all := everything(t, l)
	require.True(t, all[back.Hash], "it chains on: copied back")
	require.False(t, all[broken.Hash])
	require.True(t, all[tail.Hash], "it comes after the damage: a branch")
	_, err := l.Receipt(t.Context(), 100, back.Number)
	require.NoError(t, err)
	require.EqualValues(t, 101, l.head.epoch)
	requireSound(t, l)
}

// What was kept as a branch, because something before it was missing, goes on the path at a later restore, once headquarters
// has given that back.
func TestAStrayGoesOnItsPathOnceWhatWasBeforeItIsBack(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	shut(t, l)
	db := backup(t, f.database())
	l = f.open(t)
	sell(t, l)
	tail := sell(t, l)
	at := ends(t, l)
	given, err := l.Read(t.Context(), wire.Path{Epoch: 100}, 2, 1, 1<<20)
	require.NoError(t, err)
	shut(t, l)
	db.put(t)
	flip(t, f.sentinel(), at[1]+100)

	l = f.open(t)
	_, err = l.Receipt(t.Context(), 100, tail.Number)
	require.Error(t, err, "a branch")
	require.NoError(t, l.Refill(t.Context(), 100, given))
	shut(t, l)
	require.NoError(t, os.Remove(f.sentinel()))
	l = f.open(t)
	_, err = l.Receipt(t.Context(), 100, tail.Number)
	require.NoError(t, err)
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	require.Equal(t, tail.Hash, states[0].Hash)
	require.Equal(t, wire.Path{Epoch: 100, Branch: 1}, states[1].Path())
	require.Equal(t, tail.Hash, states[1].Hash, "where headquarters hears of it as well, once")
	requireSound(t, l)
}

// A length that was damaged, in a file shorter than the longest record, is not a torn append: others follow it.
func TestDamagedLengthIsNoTornAppend(t *testing.T) {
	for _, byteOfLength := range []int64{0, 1, 2} {
		f := newFolder(t)
		l := f.open(t)
		sell(t, l)
		shut(t, l)
		db := backup(t, f.database())
		l = f.open(t)
		sell(t, l)
		kept := sell(t, l)
		at := ends(t, l)
		shut(t, l)
		db.put(t)
		flip(t, f.sentinel(), at[1]+byteOfLength)
		require.True(t, everything(t, f.open(t))[kept.Hash], "byte %d", byteOfLength)
	}
}

// Database gone and sentinel damaged: what can be read of it is all there is.
func TestDamagedSentinelWithoutADatabase(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	kept, broken := sell(t, l), sell(t, l)
	sell(t, l)
	at := ends(t, l)
	shut(t, l)
	require.NoError(t, os.Remove(f.database()))
	flip(t, f.sentinel(), at[1]+100)
	f.enrol(t, 200)
	l = f.open(t)
	require.EqualValues(t, 200, l.head.epoch)
	require.Equal(t, retail.EpochDamaged, opening(t, l).Reason)
	all := everything(t, l)
	require.True(t, all[kept.Hash])
	require.False(t, all[broken.Hash])
	require.Len(t, all, 4)
	requireSound(t, l)
}

// flip changes one byte of a file.
func flip(t testing.TB, path string, at int64) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	b := make([]byte, 1)
	_, err = file.ReadAt(b, at)
	require.NoError(t, err)
	b[0] ^= 0xff
	_, err = file.WriteAt(b, at)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

// A damaged sentinel that was put aside lost an epoch's first entry; an intact one, put back later, has it. The database is gone both
// times.
func TestWhatADamagedSentinelLostIsTakenFromAnother(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	first, err := l.HashAt(t.Context(), wire.Path{Epoch: 100}, 1)
	require.NoError(t, err)
	shut(t, l)
	intact := backup(t, f.sentinel())
	require.NoError(t, os.Remove(f.database()))
	flip(t, f.sentinel(), 55)
	f.enrol(t, 200)
	l = f.open(t)
	require.False(t, everything(t, l)[first])
	shut(t, l)
	intact.put(t)
	require.NoError(t, os.Remove(f.database()))
	f.enrol(t, 300)
	l = f.open(t)
	require.True(t, everything(t, l)[first])
	requireSound(t, l)
}

// A path begins in the middle when all there was of it did: what was before that, and comes back with another copy, now or later, is kept.
func TestWhatAPathLackedIsKeptWhenItComesBack(t *testing.T) {
	for name, opened := range map[string]bool{"in one go": false, "later": true} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			l := f.open(t)
			sell(t, l)
			sell(t, l)
			all := everything(t, l)
			require.Len(t, all, 3)
			shut(t, l)
			intact := backup(t, f.sentinel())

			damaged := backup(t, f.sentinel())
			damaged.bytes[sentinelHead+recordHead] ^= 0x41 // of the first entry's record
			damaged.put(t)
			db := backup(t, f.database())
			clear(db.bytes[:4096])
			db.put(t)
			if opened {
				l = f.open(t)
				require.Len(t, everything(t, l), 3, "one was lost, and an epoch begun")
				shut(t, l)
			} else {
				require.NoError(t, os.Rename(f.sentinel(), f.sentinel()+damagedSuffix+"-1"))
			}
			intact.put(t)

			l = f.open(t)
			defer shut(t, l)
			known := everything(t, l)
			for h := range all {
				require.True(t, known[h])
			}
			requireSound(t, l)
		})
	}
}
