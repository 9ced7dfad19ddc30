package till_test

import (
	"testing"

	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

func TestSettingsAreASupervisors(t *testing.T) {
	w := newWorld(t)
	refused(t, till.KeySignInNeeded, w.OpenSettings(till.Approval{}))
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	// What a retailer decides about deeds changes nothing here.
	w.goods.Rights = []retail.Rights{{Role: retail.RoleCashier, Alone: []retail.Deed{retail.DeedSettings}}, {Role: retail.RoleSupervisor}}
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	need, ok := till.NeedOf(w.OpenSettings(till.Approval{}))
	require.True(t, ok)
	_, err := w.Approve(t.Context(), need, robert, "777777", "settings")
	refused(t, till.KeyApprovalRole, err)
	require.NoError(t, w.OpenSettings(w.approval(need)))
	require.NoError(t, w.SignIn(t.Context(), sophie, "777777"))
	require.NoError(t, w.OpenSettings(till.Approval{}))
}

func TestSettingsAreChecked(t *testing.T) {
	require.NoError(t, till.DefaultSettings().Check())
	for name, spoil := range map[string]func(*till.Settings){
		"scan_gap_ms":        func(s *till.Settings) { s.ScanGap = 0 },
		"scan_prefix":        func(s *till.Settings) { s.ScanPrefix = "123456789" },
		"scan_suffix":        func(s *till.Settings) { s.ScanSuffix = "\r" },
		"lang":               func(s *till.Settings) { s.Lang = "de" },
		"theme":              func(s *till.Settings) { s.Theme = "pink" },
		"scale_percent":      func(s *till.Settings) { s.Scale = 1000 },
		"lock_after_minutes": func(s *till.Settings) { s.LockAfter = -1 },
	} {
		s := till.DefaultSettings()
		spoil(&s)
		require.Equal(t, name, refused(t, till.KeySetting, s.Check()).Args["name"])
	}
}
