package uitest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// axe-core finds what keeps people with a screen reader, with a keyboard only or with weak eyes out of a page. It is fetched once and
// kept in the user's cache. https://github.com/dequelabs/axe-core
const (
	axeVersion = "4.13.0"
	axeSHA256  = "096912f6e77b4b695fc9304b7be65091db42d98de054da674ae222a11cb33f70"
	axeWithin  = time.Minute
)

// Axe is the script of axe-core; empty, with a line in the test's log, on a machine that cannot fetch it.
func Axe(t *testing.T) string {
	t.Helper()
	folder, err := os.UserCacheDir()
	if err != nil {
		folder = os.TempDir()
	}
	path := filepath.Join(folder, "comptant", "axe-core-"+axeVersion+".tgz")
	packed, err := os.ReadFile(path)
	if err != nil || !isAxe(packed) {
		if packed, err = fetchAxe(t.Context()); err != nil {
			t.Logf("accessibility is not looked at: axe-core cannot be fetched: %v", err)
			return ""
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, packed, 0o644))
	}
	script, err := unpackAxe(packed)
	require.NoError(t, err)
	return script
}

func isAxe(packed []byte) bool {
	sum := sha256.Sum256(packed)
	return hex.EncodeToString(sum[:]) == axeSHA256
}

func fetchAxe(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, axeWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://registry.npmjs.org/axe-core/-/axe-core-"+axeVersion+".tgz", http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	packed, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK || !isAxe(packed) {
		return nil, fmt.Errorf("%s: %d bytes are not axe-core %s", resp.Status, len(packed), axeVersion)
	}
	return packed, nil
}

func unpackAxe(packed []byte) (string, error) {
	plain, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	for files := tar.NewReader(plain); ; {
		file, err := files.Next()
		if err != nil {
			return "", err
		}
		if file.Name == "package/axe.min.js" {
			script, err := io.ReadAll(files)
			return string(script), err
		}
	}
}

// Accessible fails the test where axe-core finds that the page in the tab breaks a rule of WCAG 2.2 AA, or a good practice. It looks at
// nothing without the script of Axe.
func Accessible(ctx context.Context, t *testing.T, axe, page string) {
	t.Helper()
	if axe == "" {
		return
	}
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](axe+";true"))
	require.NoError(t, err)
	said, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document, { resultTypes: ["violations"] }).then((found) => JSON.stringify(
		found.violations.map((rule) => ({ rule: rule.id, help: rule.help, nodes: rule.nodes.map((n) => n.target.join(" ") + ": " + n.failureSummary) }))))`,
		chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	var violations []struct {
		Rule, Help string
		Nodes      []string
	}
	require.NoError(t, json.Unmarshal([]byte(said), &violations))
	for _, v := range violations {
		t.Errorf("%s: %s (%s), %d times, as at\n%s", page, v.Help, v.Rule, len(v.Nodes), v.Nodes[0])
	}
}
