package ledger

import (
	"testing"

	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
)

func TestBeginAgain(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	_, err := BeginAgain(t.Context(), f.config(t))
	require.ErrorIs(t, err, errInUse, "the till runs")
	shut(t, l)

	begun, err := BeginAgain(t.Context(), f.config(t))
	require.NoError(t, err)
	require.Equal(t, Begun{Before: 100, Epoch: 101}, begun)
	l = f.open(t)
	require.Equal(t, retail.EpochRestored, opening(t, l).Reason)
	require.EqualValues(t, 101, l.head.epoch)
	requireSound(t, l)
	shut(t, l)

	begun, err = BeginAgain(t.Context(), f.config(t))
	require.NoError(t, err)
	require.Equal(t, Begun{Before: 101, Epoch: 102, Again: true}, begun)
	l = f.open(t)
	require.EqualValues(t, 1, sell(t, l).Number)
	shut(t, l)

	// The database alone was put back: opening sees it, and one new epoch is enough.
	old := backup(t, f.database())
	l = f.open(t)
	sell(t, l)
	shut(t, l)
	old.put(t)
	begun, err = BeginAgain(t.Context(), f.config(t))
	require.NoError(t, err)
	require.Equal(t, Begun{Before: 102, Epoch: 103}, begun)
	requireSound(t, f.open(t))

	_, err = BeginAgain(t.Context(), folder{dir: t.TempDir()}.config(t))
	require.ErrorIs(t, err, ErrNotEnrolled)
}
