package ledger

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSlotsAlwaysHaveAWholeRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slots")
	read := func() (string, error) {
		s, err := openSlots(path)
		require.NoError(t, err)
		defer func() { require.NoError(t, s.close()) }()
		record, err := s.record()
		return string(record), err
	}
	found, err := read()
	require.NoError(t, err)
	require.Empty(t, found)

	s, err := openSlots(path)
	require.NoError(t, err)
	for _, record := range []string{"one", "two, and longer", "", "three"} {
		require.NoError(t, s.replace([]byte(record)))
		found, err := read()
		require.NoError(t, err)
		require.Equal(t, record, found)
	}
	require.Error(t, s.replace(make([]byte, slotSize)))
	require.NoError(t, s.replace([]byte("before")))
	require.NoError(t, s.replace([]byte("newest"))) // the sixth, in the first place
	require.NoError(t, s.close())

	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	spoil := func(at int) {
		spoilt := append([]byte(nil), whole...)
		spoilt[at] ^= 4
		require.NoError(t, os.WriteFile(path, spoilt, 0o600))
	}
	for n := range slotHead + len("newest") {
		spoil(n)
		found, err := read()
		require.NoError(t, err)
		require.Equal(t, "before", found, "byte %d of the newest", n)
		spoil(slotSize + n)
		found, err = read()
		require.NoError(t, err)
		require.Equal(t, "newest", found, "byte %d of the one before", n)
	}
	require.NoError(t, os.WriteFile(path, whole[:slotHead+2], 0o600))
	_, err = read()
	require.ErrorIs(t, err, errSpoilt)
	s, err = openSlots(path)
	require.NoError(t, err)
	require.NoError(t, s.replace([]byte("again")))
	require.NoError(t, s.close())
	found, err = read()
	require.NoError(t, err)
	require.Equal(t, "again", found)
}
