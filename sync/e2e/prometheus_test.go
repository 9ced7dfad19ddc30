package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

const (
	alertRules = "../../deploy/prometheus/comptant.rules.yml"
	board      = "../../deploy/grafana/comptant.json"
)

// watcher is a token with which Prometheus may read.
func watcher(t *testing.T, hq *fleet.HQ) string {
	t.Helper()
	out, err := hq.Command(t.Context(), "token", "add", "--name", "Prometheus", "--scope", "metrics:read")
	require.NoError(t, err)
	return strings.TrimSpace(out)
}

// scrape is what Prometheus reads.
func scrape(t *testing.T, hq *fleet.HQ) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, hq.URL()+"/metrics", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+watcher(t, hq))
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, string(body))
	return string(body)
}

// sellingTill is a till of the store that sold something and was heard.
func sellingTill(t *testing.T, hq *fleet.HQ) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(t.Context(), hq, dir, "CV", 1))
	till := start(t, program(t, "lane"), "--dir", dir)
	till.signIn()
	till.sell(2)
	till.say("drained")
	till.read("drained")
	t.Cleanup(till.quit)
}

// An alert on a metric that nobody exports would never be raised, and a panel of one stays empty.
func TestAlertsAndPanelsAreOfMetricsThatExist(t *testing.T) {
	t.Parallel()
	hq := headquarters(t)
	sellingTill(t, hq)
	metrics := scrape(t, hq)
	require.Regexp(t, `comptant_till_online\{store="CV",till="01"\} 1`, metrics)
	require.Contains(t, metrics, "comptant_db_up 1\n")
	rules, err := os.ReadFile(alertRules)
	require.NoError(t, err)
	panels, err := os.ReadFile(board)
	require.NoError(t, err)
	require.True(t, json.Valid(panels))
	for file, text := range map[string][]byte{alertRules: rules, board: panels} {
		names := regexp.MustCompile(`comptant_\w+|process_\w+`).FindAllString(string(text), -1)
		require.NotEmpty(t, names)
		for _, name := range names {
			require.Regexp(t, `(?m)^`+name+`[ {]`, metrics, "%s in %s", name, file)
		}
	}
}

// packaged finds a program of a package: on PATH, or where deploy/fetch put it.
func packaged(t *testing.T, pack, program string) string {
	t.Helper()
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	path := filepath.Join(cache, "comptant", pack, "usr", "bin", program)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not here: deploy/fetch %s %s fetches it", program, pack, program)
	}
	return path
}

func TestAlertsAreRaised(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), packaged(t, "prometheus", "promtool"), "test", "rules", "../../deploy/prometheus/comptant.rules.test.yml").CombinedOutput()
	require.NoError(t, err, string(out))
}

// A real Prometheus reads a real headquarters, sees its tills, and sees it go.
func TestPrometheusScrapesHeadquarters(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the full form only")
	}
	program := packaged(t, "prometheus", "prometheus")
	hq := headquarters(t)
	sellingTill(t, hq)
	dir := t.TempDir()
	rules, err := filepath.Abs(alertRules)
	require.NoError(t, err)
	token := filepath.Join(dir, "token")
	require.NoError(t, os.WriteFile(token, []byte(watcher(t, hq)+"\n"), 0o600))
	config := fmt.Sprintf("global: {scrape_interval: 500ms, evaluation_interval: 500ms}\nrule_files: [%s]\n"+
		"scrape_configs: [{job_name: comptant, authorization: {credentials_file: %q}, static_configs: [{targets: [%q]}]}]\n", rules, token, hq.Listen)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listen := l.Addr().String()
	require.NoError(t, l.Close())
	cmd := exec.CommandContext(t.Context(), program, "--config.file", filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path", filepath.Join(dir, "data"), "--web.listen-address", listen)
	cmd.Stderr = logWriter{t}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })

	value := func(query string) (found string) {
		resp, err := http.Get("http://" + listen + "/api/v1/query?query=" + url.QueryEscape(query))
		if err != nil {
			return ""
		}
		defer resp.Body.Close()
		var answer struct {
			Data struct {
				Result []struct{ Value [2]any }
			}
		}
		if json.NewDecoder(resp.Body).Decode(&answer) != nil || len(answer.Data.Result) != 1 {
			return ""
		}
		return fmt.Sprint(answer.Data.Result[0].Value[1])
	}
	becomes := func(query, want string) {
		t.Helper()
		require.Eventually(t, func() bool { return value(query) == want }, time.Minute, 200*time.Millisecond, query)
	}
	becomes(`up{job="comptant"}`, "1")
	becomes(`comptant_till_online{store="CV",till="01"}`, "1")
	becomes(`comptant_till_waiting_entries{store="CV",till="01"}`, "0")
	require.NoError(t, hq.Stop())
	becomes(`up{job="comptant"}`, "0")
	becomes(`ALERTS{alertname="HeadquartersDown",alertstate="pending"}`, "1")
}
