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

// know has headquarters tell what it knows, in the till's feed.
func (h *hq) know(l *Ledger, known retail.Known) {
	h.t.Helper()
	from := h.seq
	r := h.row(retail.RowKnown, l.identity.Till, known)
	require.NoError(h.t, l.Publish(h.t.Context(), h.page(from, r)))
}

func doubts(t testing.TB, l *Ledger, w till.Written) bool {
	t.Helper()
	doubt, err := l.InDoubt(t.Context(), w.Epoch, w.Number)
	require.NoError(t, err)
	return doubt
}

// An image of the disk was put back. Headquarters tells of what came after it, and gives it back: then the till knows all.
func TestAnImageIsInDoubtUntilAllIsGivenBack(t *testing.T) {
	_, l, all := imaged(t, 5, false)
	h := newHQ(t, l, "store")
	before := till.Written{Epoch: 100, Number: 1}
	require.False(t, doubts(t, l, before), "nothing on the disk shows it")

	require.NoError(t, l.SessionOpened(t.Context(), 3, 200, day))
	require.True(t, doubts(t, l, before), "headquarters says that there is something")
	require.NoError(t, l.OpenEpoch(t.Context(), 200))
	since := sell(t, l)
	require.True(t, doubts(t, l, before))
	require.NoError(t, l.Acknowledge(t.Context(), wire.Path{Epoch: 200}, 1, day))
	last := retail.ChainEnd{Epoch: 100, Seq: 8, Hash: all[len(all)-1].Head[:]}
	h.know(l, retail.Known{Ends: []retail.ChainEnd{last}})
	require.True(t, doubts(t, l, before), "headquarters has said what")
	require.True(t, doubts(t, l, till.Written{Epoch: 100, Number: 5}), "a receipt that is not here")
	require.False(t, doubts(t, l, since), "nobody else had what was sold since")

	for _, b := range all {
		require.True(t, doubts(t, l, before))
		require.NoError(t, l.Refill(t.Context(), 100, b))
	}
	require.False(t, doubts(t, l, before))
	require.False(t, doubts(t, l, since))
}

// Two lives went on from one disk, and headquarters has both: this file has one.
func TestWhatAnotherLifeMayHaveGivenBackIsInDoubt(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	before := sell(t, l)
	own := sell(t, l)
	other := retail.ChainEnd{Epoch: 100, Seq: before.Seq + 1, Hash: make([]byte, 32)}
	after := sell(t, l)
	h.know(l, retail.Known{Ends: []retail.ChainEnd{chainEnd(100, after.Seq, after.Hash), other}})
	require.True(t, doubts(t, l, before))
	require.True(t, doubts(t, l, own), "the other life may have given its number too")
	require.False(t, doubts(t, l, after))
	h.know(l, retail.Known{Ends: []retail.ChainEnd{chainEnd(100, after.Seq, after.Hash)}})
	require.False(t, doubts(t, l, before))
}

// What nobody can give may hold anything, even where this file still has a part of it.
func TestWhatWasSoldBeforeAHoleIsInDoubt(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	before, missing, after := sell(t, l), sell(t, l), sell(t, l)
	h.know(l, retail.Known{Holes: []retail.ChainEnd{chainEnd(100, missing.Seq, missing.Hash)}})
	require.True(t, doubts(t, l, before))
	require.False(t, doubts(t, l, after))
}

// The file shows what it lacks without headquarters: the sentinel gave back what comes after it.
func TestAFileKnowsOfItsOwnGaps(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	before := sell(t, l)
	shut(t, l)
	db := backup(t, f.database())
	l = f.open(t)
	sell(t, l)
	sell(t, l)
	sell(t, l)
	at := ends(t, l)
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	links := pathOf(t, l, states[0])
	shut(t, l)
	db.put(t)
	flip(t, f.sentinel(), at[2]+100)
	l = f.open(t)
	require.True(t, doubts(t, l, before))
	require.False(t, doubts(t, l, sell(t, l)))
	shut(t, l)
	l = f.open(t)
	require.True(t, doubts(t, l, before), "it knows after the next start too")

	missing := links[3]
	require.NoError(t, l.Refill(t.Context(), 100, link.Batch{
		First: missing.Seq, Prev: missing.Prev, Head: missing.Hash, Entries: [][]byte{missing.Bytes},
	}))
	require.False(t, doubts(t, l, before), "given back")
	requireSound(t, l)
}

// The database is gone, and of an epoch the sentinel gives back the end alone.
func TestAnEpochThatBeginsInTheMiddleIsInDoubt(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	before := sell(t, l)
	require.NoError(t, l.OpenEpoch(t.Context(), 101))
	sell(t, l)
	kept := sell(t, l)
	at := ends(t, l)
	shut(t, l)
	require.NoError(t, os.Remove(f.database()))
	flip(t, f.sentinel(), at[2]-10)
	flip(t, f.sentinel(), at[3]-10)
	f.enrol(t, 200)
	l = f.open(t)
	require.True(t, doubts(t, l, before))
	require.False(t, doubts(t, l, kept))
	require.True(t, doubts(t, l, till.Written{Epoch: 101, Number: 1}), "not here")
}
