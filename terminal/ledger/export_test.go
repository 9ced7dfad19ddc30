package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"os"
	"testing"

	"comptant/shared/journal"
	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

// readExport is what headquarters would make of a file of the till: its entries, by place.
func readExport(t *testing.T, l *Ledger, all bool) map[place][]byte {
	t.Helper()
	var file bytes.Buffer
	n, err := l.Export(t.Context(), &file, all)
	require.NoError(t, err)
	e, err := wire.ReadExport(&file)
	require.NoError(t, err)
	require.Equal(t, l.Enrolment().Till, e.Head.Till)
	require.NoError(t, e.Verify(l.Enrolment().Key.Public().(ed25519.PublicKey)))
	got := map[place][]byte{}
	for b, err := range e.Batches() {
		require.NoError(t, err)
		for i, entry := range b.Entries {
			got[place{b.Epoch, b.First + uint64(i)}] = entry
		}
	}
	require.Len(t, got, n)
	return got
}

func TestExportHoldsWhatIsNotAcknowledged(t *testing.T) {
	ctx := context.Background()
	l := newFolder(t).open(t)
	for range 1200 { // more than two batches
		_, err := l.Commit(ctx, saleDraft(line(timbit, 1, 25)))
		require.NoError(t, err)
	}
	states, err := l.Epochs(ctx)
	require.NoError(t, err)
	last := states[0].Last
	require.Len(t, readExport(t, l, false), int(last))
	require.NoError(t, l.Acknowledge(ctx, states[0].Path(), 700, day))
	got := readExport(t, l, false)
	require.Len(t, got, int(last)-700)
	require.NotContains(t, got, place{100, 700})
	want, err := l.Read(ctx, states[0].Path(), 700, 1, journal.MaxEntry)
	require.NoError(t, err)
	require.Equal(t, want.Entries[0], got[place{100, 701}])
	require.Len(t, readExport(t, l, true), int(last))

	waiting, err := l.Waiting(ctx)
	require.NoError(t, err)
	require.Equal(t, int(last)-700, waiting.Count, "what was exported still waits")
	require.NoError(t, l.Acknowledge(ctx, states[0].Path(), last, day))
	require.Empty(t, readExport(t, l, false))
}

// An entry that neither the journal nor the sentinel can give is a hole, and what comes after it is there.
func TestExportGoesOnAfterAHole(t *testing.T) {
	ctx, f := context.Background(), newFolder(t)
	l := f.open(t)
	for range 5 {
		_, err := l.Commit(ctx, saleDraft(line(timbit, 1, 25)))
		require.NoError(t, err)
	}
	states, err := l.Epochs(ctx)
	require.NoError(t, err)
	last := states[0].Last
	_, err = l.ledger.write.conn.ExecContext(ctx, `UPDATE entry SET bytes = x'00' WHERE seq = 3`)
	require.NoError(t, err)
	require.Len(t, readExport(t, l, false), int(last), "the sentinel has it")
	shut(t, l)
	require.NoError(t, os.Remove(f.sentinel()))
	l = f.open(t)
	got := readExport(t, l, false)
	require.Len(t, got, int(last)-1+1, "one lost, and the beginning of a new epoch")
	require.NotContains(t, got, place{100, 3})
}
