package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/sync/e2e/fleet"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A cashier's real window sells, typed into as a scanner types, and a manager's open dashboard moves: by its one event
// stream, without polling and without another navigation.
func TestASaleInTheWindowReachesTheOpenDashboard(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	hq := headquarters(t)
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", 1))
	database := connect(t, hq)
	var code string
	var price money.Amount
	require.NoError(t, database.QueryRow(ctx, `
		SELECT b.code, p.price FROM catalog.barcode b JOIN catalog.product p ON p.id = b.product_id
		WHERE NOT p.weighed AND NOT p.made_here AND p.tax_class = 2 AND p.price > 100 ORDER BY p.sku LIMIT 1`).Scan(&code, &price))
	var store string
	require.NoError(t, database.QueryRow(ctx, `SELECT id::text FROM stock.location WHERE code = 'CV'`).Scan(&store))

	// The window comes first: once its catalogue is loaded nothing happens until somebody sells.
	w := openWindow(t, dir)
	w.click(272, 180) // the first name: Alice
	w.keys(pin)
	w.key("Return")
	w.key("F9") // opens a shift
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
	w.scan(code)
	require.Equal(t, loaded, dashboard.seen(), "the dashboard asks without having been told: it polls")
	w.key("F9")
	w.settle()
	w.key("Return")

	second, err := chromedp.Run(page, chromedp.Evaluate[string](`new Promise((done) => {
		const look = () => { const now = `+figure+`; if (now !== `+fmt.Sprintf("%q", first)+`) done(now) };
		new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
		look();
	})`, chromedp.EvalAwaitPromise))
	require.NoError(t, err, "till window: %s", w.picture("stuck"))
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

// window is the till's real window on a display of its own.
type window struct {
	t       *testing.T
	display string
	till    *exec.Cmd
}

// openDisplay begins a display of the size of the smallest window, with nothing on it.
func openDisplay(t *testing.T) *window {
	t.Helper()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	xvfb := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1024x768x24", "-noreset", "-nolisten", "tcp")
	xvfb.ExtraFiles = []*os.File{write}
	require.NoError(t, xvfb.Start())
	require.NoError(t, write.Close())
	t.Cleanup(func() { _ = xvfb.Process.Kill(); _ = xvfb.Wait() })
	var number int
	_, err = fmt.Fscan(read, &number)
	require.NoError(t, err)
	return &window{t: t, display: fmt.Sprintf(":%d", number)}
}

func openWindow(t *testing.T, dir string) *window {
	t.Helper()
	w := openDisplay(t)
	w.run(dir)
	return w
}

// run starts the till, and waits until its window shows the catalogue.
func (w *window) run(dir string, flags ...string) {
	w.t.Helper()
	ready := filepath.Join(w.t.TempDir(), "ready")
	till := exec.Command(buildTill(w.t), append([]string{"run", "--dir", dir, "--theme", "light", "--ready", ready}, flags...)...)
	till.Env = append(os.Environ(), "DISPLAY="+w.display, "LANG=C.UTF-8")
	till.Stderr = logWriter{w.t}
	require.NoError(w.t, till.Start())
	w.till = till
	w.t.Cleanup(func() { _ = till.Process.Signal(os.Interrupt); _ = till.Wait() })
	require.Eventually(w.t, func() bool { _, err := os.Stat(ready); return err == nil }, patience, 50*time.Millisecond)
	w.settle()
}

// kill ends the till as a power cut would.
func (w *window) kill() {
	w.t.Helper()
	require.NoError(w.t, w.till.Process.Kill())
	_ = w.till.Wait()
}

// buildTill builds the window's program, once.
var tillProgram = sync.OnceValues(func() (string, error) {
	dir, err := programs()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "till")
	cmd := exec.Command("go", "build", "-tags", "x11,no_animations,migrated_fynedo", "-o", bin, "comptant/terminal/cmd/till")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build till: %w\n%s", err, out)
	}
	return bin, nil
})

func buildTill(t *testing.T) string {
	t.Helper()
	bin, err := tillProgram()
	require.NoError(t, err)
	return bin
}

func (w *window) xdotool(args ...string) {
	w.t.Helper()
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+w.display)
	out, err := cmd.CombinedOutput()
	require.NoError(w.t, err, string(out))
}

func (w *window) click(x, y int) {
	w.xdotool("mousemove", fmt.Sprint(x), fmt.Sprint(y), "click", "1")
	w.settle()
}

func (w *window) keys(text string) { w.xdotool("type", "--delay", "120", text) }
func (w *window) key(name string)  { w.xdotool("key", name); w.settle() }
func (w *window) scan(code string) { w.xdotool("type", "--delay", "4", code); w.key("Return") }

// settle waits until the window shows the same picture twice, 250 ms apart, which is longer than it takes to follow a press
// and shorter than its clock's minute.
func (w *window) settle() {
	w.t.Helper()
	var last []byte
	same := 0
	require.Eventually(w.t, func() bool {
		now := w.grab()
		if bytes.Equal(now, last) {
			same++
		} else {
			same = 0
		}
		last = now
		return same >= 2
	}, patience, 250*time.Millisecond, "the window does not come to rest")
}

// grab is the pixels of the display.
func (w *window) grab() []byte {
	cmd := exec.Command("import", "-window", "root", "png:-")
	cmd.Env = append(os.Environ(), "DISPLAY="+w.display)
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		return nil
	}
	var pixels bytes.Buffer
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 2 {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 2 {
			r, g, b, _ := img.At(x, y).RGBA()
			pixels.Write([]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)})
		}
	}
	return pixels.Bytes()
}

// picture keeps what the window shows, for a person to look at.
func (w *window) picture(name string) string {
	path := filepath.Join(os.TempDir(), "comptant-"+name+".png")
	cmd := exec.Command("import", "-window", "root", path)
	cmd.Env = append(os.Environ(), "DISPLAY="+w.display)
	_ = cmd.Run()
	return path
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
