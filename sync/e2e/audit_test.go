package e2e_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

// An auditor gets a file of what the tills wrote and checks it with a program that needs nothing else.
func TestAnAuditorChecksTheFileAlone(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", 1))
	till := start(t, program(t, "lane"), "--dir", dir)
	till.signIn()
	till.sell(3)
	till.say("drained")
	till.read("drained")
	till.quit()
	file := filepath.Join(t.TempDir(), "all.audit.gz")
	out, err := hq.Command(ctx, "journal", "export", "--from", "2020-01-01", "--to", "2099-12-31", "--out", file)
	require.NoError(t, err, out)
	_, err = hq.Command(ctx, "journal", "export", "--from", "2020-01-01", "--to", "2099-12-31", "--out", file)
	require.ErrorContains(t, err, "exists", "nothing is written over")

	audit := filepath.Join(t.TempDir(), "audit")
	build := exec.CommandContext(ctx, "go", "build", "-o", audit, "comptant/hq/cmd/audit")
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	check := func(path string) (string, int) {
		cmd := exec.CommandContext(ctx, audit, path)
		cmd.Env = []string{"PATH="}
		out, err := cmd.CombinedOutput()
		if err != nil {
			require.NotNil(t, cmd.ProcessState, err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	text, code := check(file)
	require.Zero(t, code, text)
	require.Contains(t, text, "Every chain, every signature, every number and every sum agrees.")
	require.Contains(t, text, "CV-01")

	packed, err := os.ReadFile(file)
	require.NoError(t, err)
	cut := filepath.Join(t.TempDir(), "cut")
	require.NoError(t, os.WriteFile(cut, packed[:len(packed)/2], 0o600))
	text, code = check(cut)
	require.Equal(t, 1, code, text)
	r, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	plain, err := io.ReadAll(r)
	require.NoError(t, err)
	forged := filepath.Join(t.TempDir(), "forged")
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err = w.Write(bytes.Replace(plain, []byte(`"bytes":"p`), []byte(`"bytes":"q`), 1))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(forged, b.Bytes(), 0o600))
	text, code = check(forged)
	require.Equal(t, 3, code, text)
}
