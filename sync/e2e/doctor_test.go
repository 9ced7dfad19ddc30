package e2e_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The administrator's look at headquarters: while it runs, when it does not, and when a till has been silent.
func TestDoctorOfHeadquarters(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	look := func() map[string]string {
		out, _ := hq.Command(ctx, "doctor", "--json") // the exit code says how bad it is, and is not 0 on a machine without NTP
		var all []struct{ Check, Is, Says, Do string }
		require.NoError(t, json.Unmarshal([]byte(out), &all), out)
		is := map[string]string{}
		for _, f := range all {
			is[f.Check] = f.Is
			require.Equal(t, f.Is == "ok", f.Do == "", "%s says what to do when it is not well", f.Check)
			t.Log(f.Is, f.Check, f.Says)
		}
		return is
	}
	db := connect(t, hq)
	_, err := db.Exec(ctx, `UPDATE tills.till SET seen_at = now()`)
	require.NoError(t, err)
	is := look()
	for _, check := range []string{"headquarters", "database", "tills", "journals"} {
		require.Equal(t, "ok", is[check], check)
	}
	_, err = db.Exec(ctx, `UPDATE tills.till SET seen_at = now() - interval '2 days', clock_offset = 120000`)
	require.NoError(t, err)
	is = look()
	require.Equal(t, "warning", is["tills"])
	require.Equal(t, "warning", is["tills' clocks"])
	require.NoError(t, hq.Stop())
	is = look()
	require.Equal(t, "bad", is["headquarters"])
	require.Equal(t, "ok", is["database"], "started to be looked at")

	// Looking at nothing, or copying it, makes nothing.
	hq.Home = filepath.Join(t.TempDir(), "nothing")
	require.Equal(t, "bad", look()["database"])
	_, err = hq.Command(ctx, "backup", "--to", t.TempDir())
	require.ErrorContains(t, err, "no headquarters")
	require.NoDirExists(t, hq.Home)
}
