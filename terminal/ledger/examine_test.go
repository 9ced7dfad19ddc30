package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExamineReadsAndChangesNothing(t *testing.T) {
	ctx, f := t.Context(), newFolder(t)
	_, err := Examine(ctx, Config{Dir: t.TempDir()})
	require.ErrorIs(t, err, ErrNotEnrolled)
	l := f.open(t)
	for range 5 {
		sell(t, l)
	}
	x, err := Examine(ctx, f.config(t))
	require.NoError(t, err)
	require.True(t, x.Running)
	require.NoError(t, x.Damage)
	require.NoError(t, x.Catalogue)
	require.NoError(t, x.Sentinel)
	require.True(t, x.Keys())
	want, err := l.Waiting(ctx)
	require.NoError(t, err)
	require.Equal(t, want, x.Waiting)
	require.Equal(t, want.Count, x.Entries)

	tamper(t, l, `UPDATE entry SET bytes = x'a0' WHERE seq = 3`)
	x, err = Examine(ctx, f.config(t))
	require.NoError(t, err)
	require.ErrorContains(t, x.Damage, "seq 3")
	tamper(t, l, `DELETE FROM entry WHERE seq = 3`)
	x, err = Examine(ctx, f.config(t))
	require.NoError(t, err)
	require.Error(t, x.Damage)
	tamper(t, l, `UPDATE identity SET device_key = zeroblob(64)`)
	shut(t, l)
	x, err = Examine(ctx, f.config(t))
	require.NoError(t, err)
	require.False(t, x.Running)
	require.False(t, x.Keys())
}
