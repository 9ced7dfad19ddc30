package e2e_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"comptant/hq/pgtest"
	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

// Behind deploy/caddy/Caddyfile any process of headquarters may die: the address goes on answering, and the till goes on sending.
func TestAnyProcessBehindTheProxyMayDie(t *testing.T) {
	if testing.Short() {
		t.Skip("the full form only")
	}
	caddy := packaged(t, "caddy", "caddy")
	t.Setenv("COMPTANT_PROXY", "127.0.0.1")
	ctx, database := t.Context(), pgtest.DurableURL(t)
	var processes []*fleet.HQ
	for range 2 {
		hq := &fleet.HQ{Bin: program(t, "hq"), Home: home(t), DatabaseURL: database, Log: logWriter{t}}
		if len(processes) == 0 {
			_, err := hq.Command(ctx, "demo", "--days", "1")
			require.NoError(t, err)
		}
		require.NoError(t, hq.Start(ctx))
		t.Cleanup(func() { _ = hq.Stop() })
		processes = append(processes, hq)
	}

	listen, err := fleet.FreeAddress(ctx)
	require.NoError(t, err)
	admin, err := fleet.FreeAddress(ctx)
	require.NoError(t, err)
	proxy := exec.CommandContext(ctx, caddy, "run", "--config", "../../deploy/caddy/Caddyfile", "--adapter", "caddyfile")
	folder := t.TempDir()
	proxy.Env = append(os.Environ(), "COMPTANT_ADDRESS=http://"+listen, "COMPTANT_PROCESSES="+processes[0].Listen+" "+processes[1].Listen,
		"CADDY_ADMIN="+admin, "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder)
	proxy.Stderr = logWriter{t}
	require.NoError(t, proxy.Start())
	t.Cleanup(func() { _ = proxy.Process.Kill(); _ = proxy.Wait() })
	answers := func() bool {
		resp, err := http.Get("http://" + listen + "/login")
		if err != nil {
			return false
		}
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode == http.StatusOK
	}
	require.Eventually(t, answers, time.Minute, 50*time.Millisecond)

	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.EnrolThrough(ctx, processes[0], "http://"+listen, dir, "CV", 1))
	till := start(t, program(t, "lane"), "--dir", dir)
	till.signIn()
	sells := func() {
		till.sell(1)
		till.say("drained")
		till.read("drained")
	}
	sells()
	for _, hq := range processes {
		require.NoError(t, hq.Kill())
		for range 20 {
			require.True(t, answers(), "while a process is gone")
		}
		sells()
		require.NoError(t, hq.Start(ctx))
	}
	till.quit()
}
