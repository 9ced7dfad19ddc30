package ledger

import (
	"os"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// imaged makes a till that sold after a disk image of database and sentinel was taken, and was then put back to it and
// told to begin epoch 200 when reopen says so. It gives what headquarters has of epoch 100; the image holds two entries.
func imaged(t testing.TB, sales int, reopen bool) (f folder, l *Ledger, all []link.Batch) {
	t.Helper()
	f = newFolder(t)
	l = f.open(t)
	sell(t, l)
	shut(t, l)
	db, sentinel := backup(t, f.database()), backup(t, f.sentinel())
	l = f.open(t)
	commit(t, l, journal.KindShiftOpen, retail.ShiftOpen{Shift: 1, BusinessDate: 20261122, Float: 5000})
	for range sales {
		sell(t, l)
	}
	all = batches(t, l, wire.Path{Epoch: 100}, 3)
	shut(t, l)
	db.put(t)
	sentinel.put(t)
	l = f.open(t)
	if reopen {
		require.NoError(t, l.OpenEpoch(t.Context(), 200))
	}
	return f, l, all
}

func commit(t testing.TB, l *Ledger, kind journal.Kind, body any) till.Written {
	t.Helper()
	w, err := l.Commit(t.Context(), till.Draft{Kind: kind, Body: func(uint64) any { return body }})
	require.NoError(t, err)
	return w
}

func TestRefill(t *testing.T) {
	f, l, all := imaged(t, 5, true)
	commit(t, l, journal.KindShiftOpen, retail.ShiftOpen{Shift: 1, BusinessDate: 20261123, Float: 7000})
	sell(t, l)
	head := l.head
	grown := 0
	l.OnCommit(func() { grown++ })
	for _, b := range append(all, all...) { // headquarters may say it again
		require.NoError(t, l.Refill(t.Context(), 100, b))
		require.Equal(t, head, l.head)
	}
	require.Equal(t, 2*len(all), grown)
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	require.Equal(t, uint64(8), states[0].Last)
	require.Equal(t, uint64(8), states[0].Acked, "headquarters has what it gave")
	require.Equal(t, all[len(all)-1].Head, states[0].Hash)
	r, err := l.Receipt(t.Context(), 100, 6)
	require.NoError(t, err)
	require.True(t, r.Acked)
	requireSound(t, l)
	shift, err := l.Shift(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 7000, shift.Float, "the shift given back is not the newest")

	shut(t, l)
	l = f.open(t)
	require.Equal(t, head, l.head, "the sentinel ends where the newest epoch does: nothing was restored")
	requireSound(t, l)
	require.EqualValues(t, 2, sell(t, l).Number)
}

// The whole epoch was lost: the till was enrolled again on a new disk.
func TestRefillOfAnEpochTheFileDoesNotHave(t *testing.T) {
	f, l, all := imaged(t, 5, false)
	shut(t, l)
	require.NoError(t, os.Remove(f.database()))
	require.NoError(t, os.Remove(f.sentinel()))
	f.enrol(t, 200)
	l = f.open(t)
	for _, b := range all {
		require.NoError(t, l.Refill(t.Context(), 100, b))
	}
	require.Len(t, everything(t, l), 9)
	requireSound(t, l)
	require.EqualValues(t, 200, sell(t, l).Epoch)
}

func TestRefillThatDoesNotBelong(t *testing.T) {
	_, l, all := imaged(t, 5, false)
	require.ErrorIs(t, l.Refill(t.Context(), 100, all[0]), errNotPlaced, "the epoch is being written")
	require.ErrorIs(t, l.Refill(t.Context(), 150, all[0]), errNotPlaced, "it would be the newest")
	require.NoError(t, l.OpenEpoch(t.Context(), 200))
	require.ErrorIs(t, l.Refill(t.Context(), 100, all[1]), errNotPlaced, "a gap")
	require.ErrorIs(t, l.Refill(t.Context(), 99, all[1]), errNotPlaced, "not from the beginning")
	late := all[0] // the file has its first two entries
	late.Entries = append([][]byte{}, late.Entries...)
	late.Entries[2] = append([]byte{}, late.Entries[2]...)
	late.Entries[2][20] ^= 1
	require.ErrorIs(t, l.Refill(t.Context(), 100, late), errNotPlaced, "a byte after the file's end was changed")
	bad := all[0]
	bad.Entries = append([][]byte{}, bad.Entries...)
	bad.Entries[1] = append([]byte{}, bad.Entries[1]...)
	bad.Entries[1][20] ^= 1
	require.ErrorIs(t, l.Refill(t.Context(), 100, bad), errNotPlaced, "a byte was changed")
	other := journal.Chain(l.identity.Till, 100, 1, journal.Genesis(l.identity.Till, 100), bad.Entries)
	bad.Head = other[len(other)-1].Hash
	require.ErrorIs(t, l.Refill(t.Context(), 100, bad), errNotPlaced, "another life's")
	bad.Entries = bad.Entries[:2]
	bad.Head = other[1].Hash
	require.ErrorIs(t, l.Refill(t.Context(), 100, bad), errNotPlaced, "another life's, and the file goes as far")
	require.ErrorIs(t, l.Refill(t.Context(), 100, link.Batch{}), errNotPlaced)
	requireSound(t, l)
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, states[0].Last)
	require.Zero(t, states[0].Acked)
}

// No room: nothing of the batch is there, selling says why it cannot, and all goes on once there is room.
func TestRefillOnAFullDisk(t *testing.T) {
	_, l, all := imaged(t, 60, true)
	full(t, l, true)
	var last error
	for _, b := range all {
		if last = l.Refill(t.Context(), 100, b); last != nil {
			break
		}
	}
	var shown *retail.Error
	require.ErrorAs(t, last, &shown)
	require.Equal(t, KeyDiskFull, shown.Key)
	requireSound(t, l)
	full(t, l, false)
	for _, b := range all {
		require.NoError(t, l.Refill(t.Context(), 100, b))
	}
	requireSound(t, l)
	sell(t, l)
	requireSound(t, l)
}

// full makes the database unable to grow, or able again.
func full(t testing.TB, l *Ledger, is bool) {
	t.Helper()
	pages := "4294967294"
	if is {
		n, _, err := one(t.Context(), l.ledger.write, value[string], `PRAGMA page_count`)
		require.NoError(t, err)
		pages = n
	}
	_, _, err := one(t.Context(), l.ledger.write, value[int64], `PRAGMA max_page_count = `+pages)
	require.NoError(t, err)
}
