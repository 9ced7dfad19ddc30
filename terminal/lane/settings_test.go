package lane_test

import (
	"os"
	"path/filepath"
	"testing"

	"comptant/shared/retail"
	"comptant/terminal/lane"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

func TestSettingsAreKeptBesideTheLedger(t *testing.T) {
	dir := t.TempDir()
	got, err := lane.ReadSettings(dir)
	require.NoError(t, err)
	require.Equal(t, till.DefaultSettings(), got)
	want := got
	want.Printer, want.Theme, want.LockAfter = "tcp://192.168.1.50:9100", "dark", 0
	require.NoError(t, lane.KeepSettings(dir, want))
	got, err = lane.ReadSettings(dir)
	require.NoError(t, err)
	require.Equal(t, want, got)

	path := filepath.Join(dir, "settings.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"theme": "system", "later": true}`), 0o600))
	got, err = lane.ReadSettings(dir)
	require.NoError(t, err, "a file of a later program, and what it does not say")
	require.Equal(t, "system", got.Theme)
	require.Equal(t, 5, got.LockAfter)
	for _, bad := range []string{`{`, `{"theme": "pink"}`, `{"scale_percent": "big"}`} {
		require.NoError(t, os.WriteFile(path, []byte(bad), 0o600))
		got, err = lane.ReadSettings(dir)
		require.Error(t, err, bad)
		require.Equal(t, till.DefaultSettings(), got)
	}
	want.Theme = "pink"
	require.Error(t, lane.KeepSettings(dir, want))
	var seen *retail.Error
	require.ErrorAs(t, lane.KeepSettings(filepath.Join(dir, "gone"), till.DefaultSettings()), &seen)
	require.Equal(t, till.KeySettingDisk, seen.Key)
}
