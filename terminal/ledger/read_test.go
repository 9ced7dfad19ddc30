package ledger

import (
	"os"
	"testing"

	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// tamper changes the database behind the ledger's back, as a bad disk would.
func tamper(t testing.TB, l *Ledger, statement string, args ...any) {
	t.Helper()
	require.NoError(t, l.ledger.write.tx(t.Context(), func() error {
		_, err := l.ledger.write.exec(t.Context(), statement, args...)
		return err
	}))
}

// rot changes the middle of an entry's bytes in the database.
func rot(t testing.TB, l *Ledger, seqs ...uint64) {
	t.Helper()
	for _, seq := range seqs {
		tamper(t, l, `UPDATE entry SET bytes = CAST(substr(bytes, 1, 30) || x'5a' || substr(bytes, 32) AS BLOB) WHERE seq = ?`, seq)
	}
}

// batches reads a path to its end, as the link does.
func batches(t testing.TB, l *Ledger, path wire.Path, limit int) (all []link.Batch) {
	t.Helper()
	for after := uint64(0); ; {
		b, err := l.Read(t.Context(), path, after, limit, wire.BatchBytes)
		require.NoError(t, err)
		if len(b.Entries) == 0 {
			return all
		}
		all = append(all, b)
		after = b.First + uint64(len(b.Entries)) - 1
	}
}

func spans(all []link.Batch) (spans [][2]uint64) {
	for _, b := range all {
		spans = append(spans, [2]uint64{b.First, b.First + uint64(len(b.Entries)) - 1})
	}
	return spans
}

// A byte that flipped on the disk: the sentinel still has the entry, and the path is whole.
func TestRottenEntriesComeFromTheSentinel(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	for range 8 {
		sell(t, l)
	}
	rot(t, l, 3, 4, 9)
	require.Equal(t, [][2]uint64{{1, 2}, {3, 3}, {4, 4}, {5, 8}, {9, 9}}, spans(batches(t, l, wire.Path{Epoch: 100}, 4)))
	require.Len(t, everything(t, l), 9)
	receipts, err := l.Receipts(t.Context(), till.ReceiptFilter{Limit: 100})
	require.NoError(t, err)
	require.Len(t, receipts, 8)

	// Not even the rows are left: the hashes follow from the entries after them.
	tamper(t, l, `UPDATE entry SET hash = x'00', prev = x'00' WHERE seq IN (3, 4)`)
	require.Len(t, everything(t, l), 9)
	tamper(t, l, `DELETE FROM entry WHERE seq IN (3, 4, 9)`)
	require.Len(t, everything(t, l), 9)
}

// What comes after a damaged record of the sentinel, or is in one that was put aside, can still be given: a till may not say
// that there is a hole.
func TestRottenEntriesComeFromADamagedSentinel(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	for range 4 {
		sell(t, l)
	}
	at := ends(t, l)
	flip(t, f.sentinel(), at[1]+100)
	rot(t, l, 4)
	require.Len(t, everything(t, l), 5)
	shut(t, l)
	l = f.open(t)
	require.FileExists(t, f.sentinel()+".damaged-1")
	require.Len(t, everything(t, l), 6)
}

// The sentinel has not got it either: it is passed over, what follows is sent, and everything else still works.
func TestLostEntriesArePassedOver(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	for range 8 {
		sell(t, l)
	}
	shut(t, l)
	require.NoError(t, os.Remove(f.sentinel()))
	l = f.open(t)
	rot(t, l, 3, 4, 9)
	require.Equal(t, [][2]uint64{{1, 2}, {5, 7}, {8, 8}}, spans(batches(t, l, wire.Path{Epoch: 100}, 3)))
	b, err := l.Read(t.Context(), wire.Path{Epoch: 100}, 2, 4, 1<<20)
	require.NoError(t, err)
	require.EqualValues(t, 5, b.First, "a hole")
	prev, err := l.HashAt(t.Context(), wire.Path{Epoch: 100}, 4)
	require.NoError(t, err)
	require.Equal(t, prev, b.Prev, "which the entry after it names")
	tamper(t, l, `DELETE FROM entry WHERE seq IN (3, 4)`)
	unknown, err := l.HashAt(t.Context(), wire.Path{Epoch: 100}, 3)
	require.NoError(t, err, "a search for the common entry goes on")
	require.Zero(t, unknown)

	receipts, err := l.Receipts(t.Context(), till.ReceiptFilter{Limit: 100})
	require.NoError(t, err)
	require.Len(t, receipts, 5)
	_, err = l.Receipt(t.Context(), 100, 2)
	var shown *retail.Error
	require.ErrorAs(t, err, &shown)
	require.Equal(t, retail.NotFound, shown.Code)
	waiting, err := l.Waiting(t.Context())
	require.NoError(t, err)
	require.Equal(t, till.Waiting{Count: 10, Oldest: day}, waiting)
	require.EqualValues(t, 1, sell(t, l).Number)
}

// The sentinel may hold another entry with the same number: it is not taken for the lost one.
func TestAnotherLifesEntryIsNotTaken(t *testing.T) {
	f, _ := twoLives(t)
	l := f.open(t)
	rot(t, l, 3)
	require.Equal(t, [][2]uint64{{1, 2}}, spans(batches(t, l, wire.Path{Epoch: 100}, 10)))
	require.Equal(t, [][2]uint64{{3, 4}}, spans(batches(t, l, wire.Path{Epoch: 100, Branch: 1}, 10)))
}

// Pages of the file that SQLite itself cannot read: the entries on them come from the sentinel, those beside them are read.
func TestPagesThatCannotBeRead(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	for range 60 {
		sell(t, l)
	}
	pages, err := list(t.Context(), l.ledger.read, value[int64], `SELECT pageno FROM dbstat WHERE name = 'entry' AND pagetype = 'leaf' ORDER BY path`)
	if err != nil {
		t.Skip("this SQLite has no dbstat: ", err)
	}
	size, _, err := one(t.Context(), l.ledger.read, value[int64], `PRAGMA page_size`)
	require.NoError(t, err)
	shut(t, l)
	file, err := os.OpenFile(f.database(), os.O_RDWR, 0)
	require.NoError(t, err)
	for _, page := range pages[1:3] {
		_, err = file.WriteAt(make([]byte, 64), (page-1)*size)
		require.NoError(t, err)
	}
	require.NoError(t, file.Close())

	l = f.open(t)
	require.EqualValues(t, 100, l.head.epoch)
	require.Len(t, everything(t, l), 61)
	receipts, err := l.Receipts(t.Context(), till.ReceiptFilter{Limit: 100})
	require.NoError(t, err)
	require.Len(t, receipts, 60)
	waiting, err := l.Waiting(t.Context())
	require.NoError(t, err)
	require.Equal(t, 61, waiting.Count)
	require.EqualValues(t, 61, sell(t, l).Number)
	_, err = l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
}
