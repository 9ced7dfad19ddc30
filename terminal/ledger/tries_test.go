package ledger

import (
	"testing"
	"time"

	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestWrongPINsOutliveTheProgram(t *testing.T) {
	ctx, f := t.Context(), newFolder(t)
	alice, bob := uuid.UUID{15: 1}, uuid.UUID{15: 2}
	until := time.Date(2026, 11, 22, 19, 32, 0, 0, time.UTC)
	l := f.open(t)
	require.NoError(t, l.KeepTry(ctx, alice, till.Try{Wrong: 2}))
	require.NoError(t, l.KeepTry(ctx, alice, till.Try{Wrong: 3, Until: until}))
	require.NoError(t, l.KeepTry(ctx, bob, till.Try{Wrong: 1}))
	shut(t, l)
	l = f.open(t)
	kept, err := l.Tries(ctx)
	require.NoError(t, err)
	require.Equal(t, map[uuid.UUID]till.Try{alice: {Wrong: 3, Until: until}, bob: {Wrong: 1}}, kept)
	require.NoError(t, l.KeepTry(ctx, alice, till.Try{}))
	kept, err = l.Tries(ctx)
	require.NoError(t, err)
	require.Len(t, kept, 1)
}
