package page_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/order"
	"comptant/hq/ui/uitest"
)

// openBrowser starts an empty Chromium and returns the context of its first tab. What a page writes to the console, and what its
// policy refuses, fails the test.
func openBrowser(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	ctx := uitest.Browser(t, more...)
	require.NoError(t, chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
		return err
	})))
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("script failed: %+v", *e.ExceptionDetails)
		case *runtime.EventConsoleAPICalled:
			t.Errorf("console: %+v", *e.Args[0])
		case *log.EventEntryAdded:
			t.Errorf("browser: %s %s", e.Entry.Text, e.Entry.URL)
		}
	}))
	return ctx
}

// Somebody searches, puts a product into the cart, orders it with the keyboard, and sees the order move when headquarters calls it off.
func TestTheShopInABrowser(t *testing.T) {
	w := serve(t)
	g := w.open()
	ctx := openBrowser(t)
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		require.NoError(t, chromedp.Do(ctx, actions...))
	}
	text := func(script string) string {
		t.Helper()
		found, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
		require.NoError(t, err)
		return found
	}
	do(cookie(w, "lang", "en"), chromedp.Navigate(w.server.URL+"/shop/"), chromedp.SendKeys("#q", "soap\r"), chromedp.WaitVisible(".product-card"),
		chromedp.Click(".product-card"), chromedp.WaitVisible(".buy"), chromedp.Click(".buy .main"), chromedp.WaitVisible(".cart-count"))
	require.Contains(t, text(`document.querySelector(".flash").textContent`), "Hand soap")

	do(chromedp.Navigate(w.server.URL+"/shop/checkout"), chromedp.WaitVisible(".choice"))
	shown := func() string {
		return text(`Array.from(document.querySelectorAll(".summary .button span")).filter((e) => e.offsetParent).map((e) => e.textContent).join()`)
	}
	require.Equal(t, "Place order, $5.74", shown(), "one total, of the delivery that is chosen")
	require.Equal(t, "false", text(`String(!!document.querySelector("#field-address").offsetParent)`))
	do(chromedp.Click("[value=ship]"), chromedp.WaitVisible("#field-address"))
	require.Equal(t, "false", text(`String(!!document.querySelector("#field-store").offsetParent)`))
	do(chromedp.Click("[value=collect]"), chromedp.WaitVisible("#field-store"), chromedp.SendKeys("#field-name", "Alice Roy"),
		chromedp.SendKeys("#field-email", "alice@example.com"), chromedp.SendKeys("#field-card", approves+"\r"), chromedp.WaitVisible(".stages"),
		chromedp.WaitReady("[hx-get]"))
	require.Contains(t, text(`document.querySelector("[data-figure=state]").textContent`), "Order confirmed")

	page, err := order.List(t.Context(), w.db, order.Filter{})
	require.NoError(t, err)
	require.Len(t, page.Orders, 1)
	_, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`window.sameDocument = true`))
	require.NoError(t, err)
	moved := `new Promise((done) => {
		const look = () => {
			const state = document.querySelector("[data-figure=state]").textContent;
			if (state.includes("cancelled")) done(state);
		};
		new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
		look();
	})`
	_, err = w.desk.Cancel(t.Context(), page.Orders[0].ID, uuid.New(), "a test")
	require.NoError(t, err)
	state, err := chromedp.Run(ctx, chromedp.Evaluate[string](moved, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	require.Equal(t, "Order cancelled", state)
	require.Equal(t, "true", text(`String(window.sameDocument === true)`), "the page was loaded again")
	require.Equal(t, g.north.ID, page.Orders[0].Location)
}

// Opens every page: nothing is wider than the window, and nothing complains. With SCREENS=folder it also writes a picture of each.
func TestScreens(t *testing.T) {
	w := serve(t)
	g := w.open()
	w.picture(g.syrup, uitest.Photo(t, 1200, amber))
	w.picture(g.last, uitest.Photo(t, 60, amber))
	ctx := openBrowser(t)
	address, err := url.Parse(w.server.URL)
	require.NoError(t, err)
	customer := w.visitor()
	customer.register("alice@example.com")
	customer.add(g.soap, "2")
	status, body, paid := customer.checkout("delivery", "collect", "store", g.north.ID.String())
	require.Equal(t, http.StatusSeeOther, status, body)
	customer.add(g.soap, "1")
	_, form := customer.get("/shop/checkout")
	fields := customer.filled(form)
	fields[5] = declines
	_, _, declined := customer.post("/shop/checkout", append(fields, "delivery", "ship", "address", "1, rue du Port, Montréal")...)
	customer.add(g.syrup, "2")
	customer.add(g.last, "2")
	for _, c := range customer.client.Jar.Cookies(address) {
		require.NoError(t, chromedp.Do(ctx, cookie(w, c.Name, c.Value)))
	}
	w.look(ctx, t, "main", map[string]string{
		"home": "/shop/", "search": "/shop/search?q=s", "nothing": "/shop/search?q=zzz", "category": "/shop/categories/" + g.category.ID.String(),
		"product": "/shop/products/" + g.syrup.ID.String(), "store-only": "/shop/products/" + g.coffee.ID.String(), "cart": "/shop/cart",
		"checkout": "/shop/checkout", "order": paid, "declined": declined, "account": "/shop/account",
	})
}

// look opens pages in languages, themes and sizes, by the name of their picture. ready is what is there once a page is.
func (w *world) look(ctx context.Context, t *testing.T, ready string, pages map[string]string) {
	type look struct {
		lang, theme   string
		width, height int64
	}
	looks := []look{{"fr", "light", 1280, 900}, {"en", "dark", 390, 844}}
	axe := ""
	if !testing.Short() {
		axe = uitest.Axe(t)
		looks = append(looks, look{"en", "dark", 1440, 900}, look{"fr", "light", 390, 844}, look{"fr", "light", 1920, 1080})
	}
	for name, path := range pages {
		for _, look := range looks {
			require.NoError(t, chromedp.Do(ctx, cookie(w, "lang", look.lang), cookie(w, "theme", look.theme),
				chromedp.EmulateViewport(look.width, look.height), chromedp.Navigate("about:blank")))
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(w.server.URL+path), chromedp.WaitReady(ready)))
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
			require.NoError(t, err)
			if wide > look.width {
				t.Errorf("%s is %d wide in a window of %d", path, wide, look.width)
			}
			unnamed, err := chromedp.Run(ctx, chromedp.Evaluate[int64](
				`Array.from(document.querySelectorAll("input:not([type=hidden], [aria-hidden]), select, textarea")).filter((e) => !e.labels.length).length`))
			require.NoError(t, err)
			if unnamed > 0 {
				t.Errorf("%s has %d fields without a label", path, unnamed)
			}
			headings, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.querySelectorAll("h1").length`))
			require.NoError(t, err)
			if headings != 1 {
				t.Errorf("%s has %d main headings", path, headings)
			}
			uitest.Accessible(ctx, t, axe, fmt.Sprintf("%s in %s, %s, %d wide", path, look.lang, look.theme, look.width))
			if folder := os.Getenv("SCREENS"); folder != "" {
				picture(ctx, t, filepath.Join(folder, "shop", fmt.Sprintf("%s-%s-%s-%d.png", name, look.lang, look.theme, look.width)))
			}
		}
	}
}

func cookie(w *world, name, value string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: w.server.URL})
		return err
	})
}

func picture(ctx context.Context, t *testing.T, path string) {
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.fonts.ready.then(() => true)", chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, shot, 0o644))
}
