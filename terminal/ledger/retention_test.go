package ledger

import (
	"context"
	"os"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// days is headquarters' time so many days after the first.
func days(n int) time.Time { return day.AddDate(0, 0, n) }

// include publishes a mark with these ends.
func include(t testing.TB, l *Ledger, h *hq, mark retail.Mark) {
	t.Helper()
	from := h.seq
	row := h.row(retail.RowMark, l.identity.Till, mark)
	require.NoError(t, l.Publish(t.Context(), h.page(from, row)))
}

// pruneAt deletes what is old enough on a day, in the foreground and there alone.
func pruneAt(l *Ledger, n int) {
	l.pruning.stop()
	l.today.Store(dayOf(days(n)))
	l.prune(context.Background())
}

func floorOf(t testing.TB, l *Ledger, path wire.Path) uint64 {
	t.Helper()
	s, ok, err := l.path(t.Context(), path)
	require.NoError(t, err)
	require.True(t, ok)
	return s.Floor
}

func sentinelRecords(t testing.TB, l *Ledger) (records int) {
	t.Helper()
	_, err := l.sentinel.scan(func(journal.Link) error { records++; return nil })
	require.NoError(t, err)
	return records
}

func TestEntriesLive35DaysOfHeadquarters(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "store")
	path := wire.Path{Epoch: 100}
	for range 3 {
		sell(t, l)
	}
	require.NoError(t, l.Acknowledge(t.Context(), path, 4, days(0)))
	for range 3 {
		sell(t, l)
	}
	require.NoError(t, l.Acknowledge(t.Context(), path, 7, days(1)))
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{end(l)}})

	pruneAt(l, 35)
	require.Zero(t, floorOf(t, l, path))
	pruneAt(l, 36)
	require.EqualValues(t, 4, floorOf(t, l, path))
	requireSound(t, l)
	require.Equal(t, 3, sentinelRecords(t, l))
	prev, err := l.HashAt(t.Context(), path, 4)
	require.NoError(t, err)
	b, err := l.Read(t.Context(), path, 0, 100, 1<<20)
	require.NoError(t, err)
	require.EqualValues(t, 5, b.First)
	require.Equal(t, prev, b.Prev)
	receipts, err := l.Receipts(t.Context(), till.ReceiptFilter{Day: 20261122, Limit: 100})
	require.NoError(t, err)
	require.Len(t, receipts, 3)
	for _, table := range []string{"sale", "sale_tender"} {
		requireCount(t, l, 3, `SELECT count(*) FROM `+table)
	}
	for _, table := range []string{"sale_line", "movement"} {
		requireCount(t, l, 6, `SELECT count(*) FROM `+table)
	}

	// The newest entry stays, for the sentinel to be compared with, and numbers go on.
	pruneAt(l, 99)
	require.EqualValues(t, 6, floorOf(t, l, path))
	require.Equal(t, 1, sentinelRecords(t, l))
	shut(t, l)
	l = f.open(t)
	require.EqualValues(t, 100, l.head.epoch, "a short sentinel is not a restored one")
	require.EqualValues(t, 7, sell(t, l).Number)
	requireSound(t, l)

	// A closed epoch goes whole, and how it ended stays known.
	require.NoError(t, l.OpenEpoch(t.Context(), 200))
	require.NoError(t, l.Acknowledge(t.Context(), path, 8, days(100)))
	closed, _, err := l.path(t.Context(), path)
	require.NoError(t, err)
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{chainEnd(100, 8, closed.Hash), end(l)}})
	pruneAt(l, 140)
	requireCount(t, l, 0, `SELECT count(*) FROM entry WHERE epoch = 100`)
	requireCount(t, l, 0, `SELECT count(*) FROM ack`)
	last, err := l.HashAt(t.Context(), path, 8)
	require.NoError(t, err)
	require.Equal(t, closed.Hash, last)
	requireSound(t, l)
	shut(t, l)
	l = f.open(t)
	require.EqualValues(t, 200, l.head.epoch)
}

// The 35 days start again when headquarters had lost the entries.
func TestRolledBackHeadquartersStartsTheDaysAgain(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	path := wire.Path{Epoch: 100}
	for range 5 {
		sell(t, l)
	}
	require.NoError(t, l.Acknowledge(t.Context(), path, 6, days(0)))
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{end(l)}})
	require.NoError(t, l.Acknowledge(t.Context(), path, 2, days(30)))
	require.NoError(t, l.Acknowledge(t.Context(), path, 6, days(31)))
	pruneAt(l, 50)
	require.EqualValues(t, 2, floorOf(t, l, path))
	pruneAt(l, 67)
	require.EqualValues(t, 5, floorOf(t, l, path))
	requireSound(t, l)
}

// What the shown level does not include keeps its movements, however old it is.
func TestEntriesOutsideTheMarkStay(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	path := wire.Path{Epoch: 100}
	first, second, third := sell(t, l), sell(t, l), sell(t, l)
	sell(t, l)
	require.NoError(t, l.Acknowledge(t.Context(), path, 5, days(0)))
	pruneAt(l, 99)
	require.Zero(t, floorOf(t, l, path), "no mark yet")
	include(t, l, h, retail.Mark{
		Ends:     []retail.ChainEnd{chainEnd(100, third.Seq, third.Hash)},
		Deferred: []retail.ChainEnd{chainEnd(100, second.Seq, second.Hash)},
	})
	pruneAt(l, 99)
	require.Equal(t, first.Seq, floorOf(t, l, path), "what is deferred is not included")
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{chainEnd(100, third.Seq, third.Hash)}})
	before, err := l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
	pruneAt(l, 99)
	require.Equal(t, third.Seq, floorOf(t, l, path))
	after, err := l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
	require.Equal(t, before, after)
	requireSound(t, l)
}

// A till that hears nothing of headquarters deletes nothing, whatever its own clock says.
func TestOfflineNothingIsDeleted(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "store")
	sell(t, l)
	require.NoError(t, l.Acknowledge(t.Context(), wire.Path{Epoch: 100}, 2, days(0)))
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{end(l)}})
	sell(t, l)
	shut(t, l)
	cfg := f.config(t)
	cfg.Now = func() time.Time { return days(1000) }
	l, err := Open(t.Context(), cfg)
	require.NoError(t, err)
	defer l.Close()
	sell(t, l)
	l.prune(t.Context())
	require.Zero(t, floorOf(t, l, wire.Path{Epoch: 100}))

	// A session tells the time: it happens in the background.
	done := make(chan struct{}, 10)
	l.OnCommit(func() { done <- struct{}{} })
	require.NoError(t, l.SessionOpened(t.Context(), 1, 0, days(36)))
	<-done
	require.EqualValues(t, 2, floorOf(t, l, wire.Path{Epoch: 100}))
}

// Branches are deleted after their time too, and a sentinel that still has them brings nothing back.
func TestBranchesAreDeleted(t *testing.T) {
	f, _ := twoLives(t)
	old := backup(t, f.sentinel())
	l := f.open(t)
	branch := wire.Path{Epoch: 100, Branch: 1}
	require.NoError(t, l.Acknowledge(t.Context(), branch, 4, days(0)))
	pruneAt(l, 36)
	requireCount(t, l, 0, `SELECT count(*) FROM stray`)
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	require.Len(t, states, 2)
	shut(t, l)
	old.put(t)
	l = f.open(t)
	requireCount(t, l, 0, `SELECT count(*) FROM stray`)
	requireSound(t, l)
}

// A sentinel that still has what the database deleted: neither a branch nor anything else.
func TestOldSentinelAfterPruning(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "store")
	for range 4 {
		sell(t, l)
	}
	require.NoError(t, l.Acknowledge(t.Context(), wire.Path{Epoch: 100}, 5, days(0)))
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{end(l)}})
	old := backup(t, f.sentinel())
	sell(t, l)
	pruneAt(l, 36)
	shut(t, l)
	old.put(t)
	l = f.open(t)
	require.EqualValues(t, 101, l.head.epoch)
	requireCount(t, l, 0, `SELECT count(*) FROM stray`)
	requireSound(t, l)
}

// The database was lost and the sentinel had been cut: what it begins with is where the epoch begins.
func TestDatabaseBuiltFromACutSentinel(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "store")
	for range 4 {
		sell(t, l)
	}
	require.NoError(t, l.Acknowledge(t.Context(), wire.Path{Epoch: 100}, 3, days(0)))
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{end(l)}})
	pruneAt(l, 36)
	shut(t, l)
	require.NoError(t, os.Remove(f.database()))
	f.enrol(t, 200)
	l = f.open(t)
	require.EqualValues(t, 3, floorOf(t, l, wire.Path{Epoch: 100}))
	requireSound(t, l)
	_, err := l.Receipt(t.Context(), 100, 4)
	require.NoError(t, err)
}

// Sales go on while the sentinel is written anew; none of them is lost, and a half-written new file is nothing.
func TestSentinelIsShortenedBesideSales(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	for range 5 {
		sell(t, l)
	}
	require.NoError(t, os.WriteFile(f.sentinel()+".new", []byte("half of an earlier try"), 0o600))
	inside := false
	require.NoError(t, l.shortenSentinel(func(k journal.Link) bool {
		if k.Seq == 6 && !inside {
			inside = true
			sell(t, l)
		}
		return k.Seq > 3
	}))
	require.NoFileExists(t, f.sentinel()+".new")
	require.Equal(t, 4, sentinelRecords(t, l))
	sell(t, l)
	require.Equal(t, 5, sentinelRecords(t, l))
	_, err := Open(t.Context(), f.config(t))
	require.ErrorIs(t, err, errInUse, "the new file is locked like the old one")
	shut(t, l)
	l = f.open(t)
	require.EqualValues(t, 100, l.head.epoch)
}

// A new sentinel that cannot be written leaves the old one as it is.
func TestSentinelThatCannotBeShortened(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	require.NoError(t, os.Mkdir(f.sentinel()+".new", 0o700))
	require.Error(t, l.shortenSentinel(func(k journal.Link) bool { return k.Seq > 1 }))
	require.Equal(t, 2, sentinelRecords(t, l))
	sell(t, l)
	requireSound(t, l)
	shut(t, l)
	requireSound(t, f.open(t))
}
