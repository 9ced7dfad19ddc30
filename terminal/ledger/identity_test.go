package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEnrolledMayBeAskedWhileTheTillRuns(t *testing.T) {
	known, err := Enrolled(t.Context(), t.TempDir())
	require.NoError(t, err)
	require.False(t, known)

	f := newFolder(t)
	f.open(t)
	known, err = Enrolled(t.Context(), f.dir)
	require.NoError(t, err)
	require.True(t, known)
}
