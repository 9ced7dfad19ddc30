package lane_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptant/shared/health"
	"comptant/terminal/lane"

	"github.com/stretchr/testify/require"
)

// looked is what was found, by what was looked at.
func looked(t *testing.T, cfg lane.Config) map[string]health.Finding {
	t.Helper()
	found := map[string]health.Finding{}
	for _, f := range lane.Examine(t.Context(), cfg) {
		require.NotContains(t, found, f.Check)
		require.NotEmpty(t, f.Says)
		require.Equal(t, f.Is == health.Well, f.Do == "", "what is wrong says what to do: %+v", f)
		found[f.Check] = f
	}
	return found
}

func TestExamine(t *testing.T) {
	hq := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/healthz", r.URL.Path)
	}))
	defer hq.Close()
	roots := x509.NewCertPool()
	roots.AddCert(hq.Certificate())
	dir := enrolled(t)
	require.NoError(t, os.Chmod(dir, 0o700))
	l := open(t, dir)
	cfg := lane.Config{Dir: dir, URL: hq.URL}.Trusting(&tls.Config{RootCAs: roots})
	is := func(cfg lane.Config, check string, want health.State) health.Finding {
		t.Helper()
		found := looked(t, cfg)
		require.Contains(t, found, check)
		require.Equal(t, want, found[check].Is, "%+v", found[check])
		return found[check]
	}
	all := looked(t, cfg)
	for _, check := range []string{"folder", "disk", "enrolment", "ledger", "catalogue", "queue", "printer", "headquarters", "tls", "clock"} {
		require.Equal(t, health.Well, all[check].Is, "%+v", all[check])
	}
	require.Contains(t, all["enrolment"].Says, "it runs")
	require.NoError(t, l.Close())
	require.NotContains(t, looked(t, cfg)["enrolment"].Says, "it runs")
	require.NoFileExists(t, filepath.Join(dir, "sentinel.damaged-1"))

	late := func(d time.Duration) lane.Config {
		c := cfg
		c.Now = func() time.Time { return time.Now().Add(d) }
		return c
	}
	is(late(48*time.Hour), "queue", health.Soon)
	is(late(31*24*time.Hour), "queue", health.Bad)
	require.Contains(t, is(late(10*time.Minute), "clock", health.Soon).Says, "ahead")
	require.Contains(t, is(late(-10*time.Minute), "clock", health.Soon).Says, "behind")

	stranger := lane.Config{Dir: dir, URL: hq.URL}
	require.Contains(t, is(stranger, "headquarters", health.Bad).Do, "certificate")
	is(stranger, "clock", health.Soon)
	gone := cfg
	gone.URL, gone.PrintTo = "http://127.0.0.1:1", "tcp://127.0.0.1:1"
	is(gone, "headquarters", health.Bad)
	is(gone, "printer", health.Bad)
	require.NoError(t, os.Chmod(dir, 0o755))
	is(cfg, "folder", health.Soon)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "catalog.db"), make([]byte, 4096), 0o600))
	is(cfg, "catalogue", health.Soon)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ledger.db"), []byte("not a database, and long enough to be read as one"), 0o600))
	is(cfg, "ledger", health.Bad)

	nobody := lane.Config{Dir: filepath.Join(t.TempDir(), "none")}
	is(nobody, "enrolment", health.Bad)
	is(nobody, "folder", health.Bad)
	require.NoDirExists(t, nobody.Dir, "it changes nothing")
}
