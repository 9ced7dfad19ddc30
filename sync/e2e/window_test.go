package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A cashier's real window sells, typed into as a scanner types, and a manager's open dashboard moves: by its one event
// stream, without polling and without another navigation.
func TestASaleInTheWindowReachesTheOpenDashboard(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	hq := headquarters(t)
	database := connect(t, hq)
	var code string
	var price money.Amount
	require.NoError(t, database.QueryRow(ctx, `
		SELECT b.code, p.price FROM catalog.barcode b JOIN catalog.product p ON p.id = b.product_id
		WHERE NOT p.weighed AND NOT p.made_here AND p.tax_class = 2 AND p.price > 100 ORDER BY p.sku LIMIT 1`).Scan(&code, &price))
	var store string
	require.NoError(t, database.QueryRow(ctx, `SELECT id::text FROM stock.location WHERE code = 'CV'`).Scan(&store))

	// The window comes first: once its catalogue is loaded nothing happens until somebody sells.
	d := openTill(t, hq, hq.URL())
	d.signIn()
	d.does(keys("20000"), press("F9"))
	d.reaches(journal.KindShiftOpen, 1)
	before := counted(t, database)

	dashboard := newWatched(t, hq.URL())
	page := browser(t)
	figure := `document.querySelector("[data-figure='store-` + store + `']").textContent`
	require.NoError(t, chromedp.Do(page, chromedp.Navigate(dashboard.URL+"/login"),
		chromedp.SendKeys(`input[name=email]`, emma), chromedp.SendKeys(`input[name=password]`, password+"\n"),
		chromedp.WaitVisible(".live[data-live=on]")))
	first, err := chromedp.Run(page, chromedp.Evaluate[string](figure))
	require.NoError(t, err)
	loaded := dashboard.seen()

	// Thirteen digits and Enter within some tens of milliseconds, as a scanner types them.
	d.pays(scans(code))
	require.Equal(t, loaded, dashboard.seen(), "the dashboard asks without having been told: it polls")
	d.xdotool("key", "Return")
	d.sold(1)

	waits, enough := context.WithTimeout(page, patience)
	defer enough()
	second, err := chromedp.Run(waits, chromedp.Evaluate[string](`new Promise((done) => {
		const look = () => { const now = `+figure+`; if (now !== `+fmt.Sprintf("%q", first)+`) done(now) };
		new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
		look();
	})`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	require.Equal(t, cents(t, first)+price, cents(t, second), "the store's revenue rises by the price before taxes")
	require.Equal(t, before.sales+1, counted(t, database).sales)

	streams, pages := dashboard.count("/events"), dashboard.count("/")
	require.Equal(t, 1, streams, "event streams")
	require.Equal(t, 1, pages, "navigations to the overview")
}

// cents reads an amount as the page shows it.
func cents(t *testing.T, shown string) money.Amount {
	t.Helper()
	a, err := money.Parse(shown)
	require.NoError(t, err)
	return a
}

// watched stands between the browser and headquarters and notes what is asked.
type watched struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newWatched(t *testing.T, target string) *watched {
	t.Helper()
	to, err := url.Parse(target)
	require.NoError(t, err)
	w := &watched{}
	proxy := &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host }, ErrorLog: nil}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/static/") {
			w.mu.Lock()
			w.asked = append(w.asked, r.URL.Path+fetched(r))
			w.mu.Unlock()
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(func() { w.CloseClientConnections(); w.Close() })
	return w
}

// fetched marks what a script of the page asked for, to tell it from a navigation.
func fetched(r *http.Request) string {
	if r.Header.Get("HX-Request") != "" {
		return " by htmx"
	}
	return ""
}

func (w *watched) seen() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.asked)
}

func (w *watched) count(path string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.asked {
		if p == path {
			n++
		}
	}
	return n
}

// browser is a headless Chromium.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{os.Getenv("CHROME"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	require.NotEmpty(t, path, "no browser: install chromium (deploy/packages test does), or set CHROME to a browser")
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.CombinedOutput(io.Discard), chromedp.UserDataDir(t.TempDir()))...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	return ctx
}
