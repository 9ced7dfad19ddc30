package e2e_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/sync/e2e/proxy"
	"comptant/terminal/printer/emulator"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// shopper is a customer's browser.
type shopper struct {
	t     *testing.T
	page  context.Context
	at    string // headquarters
	store string
	ean   string // of what is ordered
}

func (s *shopper) do(actions ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.page, patience)
	defer cancel()
	require.NoError(s.t, chromedp.Do(ctx, actions...))
}

// press presses a button that a page has somewhere.
func (s *shopper) press(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](`document.querySelector('` + selector + `').click()`)
}

// pays fills the checkout in.
func (s *shopper) pays(card string) {
	s.t.Helper()
	s.do(chromedp.Navigate(s.at+"/shop/checkout"), chromedp.WaitVisible("#field-card"),
		chromedp.SetValue("#field-store", s.store), chromedp.SetValue("#field-name", "Jeanne Mance"), chromedp.SetValue("#field-email", "jeanne@example.com"),
		chromedp.SendKeys("#field-card", card+"\r"), chromedp.WaitVisible(".stages"))
}

// state waits until the order's page, which nobody loads again, says something.
func (s *shopper) state(word string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.page, patience)
	defer cancel()
	same, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise((done) => {
		const look = () => {
			if (document.querySelector("[data-figure=state]").textContent.includes("`+word+`")) done(window.sameDocument === true);
		};
		new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
		look();
	})`, chromedp.EvalAwaitPromise))
	require.NoError(s.t, err, "the page does not say %q", word)
	require.True(s.t, same, "the page was loaded again")
}

// watches keeps the page that is open: what follows must come to it by itself.
func (s *shopper) watches() {
	s.t.Helper()
	s.do(chromedp.WaitReady("[hx-get]"))
	_, err := chromedp.Run(s.page, chromedp.Evaluate[bool](`window.sameDocument = true`))
	require.NoError(s.t, err)
}

// openTill is a till in its window that finds headquarters at an address.
func openTill(t *testing.T, hq *fleet.HQ, url string) *day {
	t.Helper()
	d := &day{window: openDisplay(t), dir: filepath.Join(t.TempDir(), "till"), printer: emulator.New(48), known: map[uuid.UUID]bool{}, pictures: os.Getenv("DAY")}
	require.NoError(t, fleet.EnrolThrough(t.Context(), hq, url, d.dir, "CV", 1))
	var err error
	d.address, err = d.printer.Listen()
	require.NoError(t, err)
	d.start()
	return d
}

// A customer orders in a browser, is declined and pays again; the store's till shows the order in its window, accepts, picks by
// scanning and hands it over, and the customer's page follows without being loaded again. Then once more, ordered while the till has
// been cut off for an hour.
func TestAnOrderFromTheBrowserToTheWindow(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	hq := headquarters(t)
	database := connect(t, hq)
	line, err := proxy.Listen(ctx, proxy.Config{Dial: func() (io.ReadWriteCloser, error) { return net.Dial("tcp", hq.Listen) }})
	require.NoError(t, err)
	t.Cleanup(func() { _ = line.Close() })
	d := openTill(t, hq, line.URL())
	d.does(press("Down", "Down", "Down"), keys(supervisor), press("Return")) // Catherine
	d.reaches(journal.KindSignIn, 1)
	require.True(t, d.within(patience, func() bool { return d.at(railSell) || d.at(railShift) }), "the sign-in stays")
	d.does(keys("20000"), press("F9"))
	d.reaches(journal.KindShiftOpen, 1)
	d.visits(railOrders)

	jeanne := &shopper{t: t, page: browser(t), at: hq.URL()}
	require.NoError(t, chromedp.Do(jeanne.page, chromedp.Navigate("about:blank"))) // the browser lives as long as the context of its first page
	var product string
	require.NoError(t, database.QueryRow(ctx, `
		SELECT p.id::text, l.id::text, b.code FROM stock.level v JOIN stock.location l ON l.id = v.location_id JOIN catalog.product p ON p.id = v.product_id
		JOIN catalog.barcode b ON b.product_id = p.id
		WHERE l.code = 'CV' AND v.on_hand > 9000 AND NOT p.made_here AND NOT p.weighed AND NOT p.open_price ORDER BY p.sku LIMIT 1`).
		Scan(&product, &jeanne.store, &jeanne.ean))
	buy := func() {
		t.Helper()
		jeanne.do(chromedp.Navigate(jeanne.at+"/shop/products/"+product), chromedp.WaitVisible(".buy"), chromedp.Click(".buy .main"),
			chromedp.WaitVisible(".cart-count"))
	}
	jeanne.do(chromedp.Navigate(jeanne.at+"/shop/"), chromedp.WaitVisible("main"), jeanne.press(`button[name=lang][value=en]`), chromedp.WaitVisible("html[lang=en] main"))
	buy()
	jeanne.pays("4000000000009995")
	require.Equal(t, retail.OrderCancelled, stateOf(t, database))
	jeanne.pays("4242424242424242")
	jeanne.watches()
	jeanne.state("Order confirmed")
	d.serves(jeanne, 1)

	// The till is cut off, and headquarters has not heard it for an hour.
	line.SetDown(true)
	silent := func() (online bool) {
		require.NoError(t, database.QueryRow(ctx, `SELECT online FROM tills.till WHERE enrolled_at IS NOT NULL AND store_id = $1`, jeanne.store).Scan(&online))
		return !online
	}
	require.True(t, d.within(patience, silent))
	_, err = database.Exec(ctx, `UPDATE tills.till SET seen_at = seen_at - interval '1 hour' WHERE store_id = $1`, jeanne.store)
	require.NoError(t, err)
	buy()
	jeanne.pays("4242424242424242")
	jeanne.watches()
	jeanne.state("Order confirmed")
	d.xdotool("key", "F9") // would accept it
	require.False(t, d.within(time.Second, func() bool { return d.count(journal.KindOrderAccept) > 1 }), "the till knows of the order without a line")
	line.SetDown(false)
	d.serves(jeanne, 2)

	var orders, reserved int
	require.NoError(t, database.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM orders.placed o JOIN sales.document s ON s.till_id = o.sold_till AND s.epoch = o.sold_epoch AND s.number = o.sold_number
			WHERE o.state = 'collected' AND s.total = o.total), (SELECT sum(reserved) FROM stock.level)`).Scan(&orders, &reserved))
	require.Equal(t, 2, orders, "each is one sale of the till that handed it over")
	require.Zero(t, reserved)
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}

// serves prepares the one order that the till's window shows, its n-th, and hands it over, while the customer looks on.
func (d *day) serves(s *shopper, n int) {
	d.t.Helper()
	// Until the window shows the order there is nothing to accept. One press too many would go on to picking.
	require.True(d.t, d.within(patience, func() bool {
		d.xdotool("key", "F9")
		return d.within(3*time.Second, func() bool { return d.count(journal.KindOrderAccept) == n })
	}), "the order does not come to the till")
	s.state("Being prepared")
	d.rests(quiet)
	d.look("order accepted")
	d.does(press("F9")) // picks
	d.does(scans(s.ean))
	d.look("order picked")
	d.does(press("F9")) // it is ready
	d.reaches(journal.KindOrderReady, n)
	s.state("Ready")
	d.look("order ready")
	d.does(press("F8"))
	require.True(d.t, d.within(patience, d.asked), "nobody is asked")
	d.look("order asked for")
	d.xdotool("key", "Return")
	d.reaches(journal.KindSale, n)
	d.look("order handed over")
	s.state("Collected")
}
