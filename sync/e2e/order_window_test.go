package e2e_test

import (
	"context"
	"database/sql"
	"errors"
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
	"github.com/jackc/pgx/v5"
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
// scanning and hands it over with its receipt, and the customer's page follows without being loaded again. Then once more while the till has
// no line, of which headquarters and the customer hear late; and an order that came meanwhile.
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
	d.serves(1, jeanne.state, jeanne.ean)

	// The till knows of an order when it loses its line, and serves it; one that is ordered meanwhile it cannot know.
	buy()
	jeanne.pays("4242424242424242")
	jeanne.watches()
	jeanne.state("Order confirmed")
	require.True(t, d.within(patience, d.knows(lastOrder(t, database))), "the order does not come to the till")
	line.SetDown(true)
	silent := func() (online bool) {
		require.NoError(t, database.QueryRow(ctx, `SELECT online FROM tills.till WHERE enrolled_at IS NOT NULL AND store_id = $1`, jeanne.store).Scan(&online))
		return !online
	}
	require.True(t, d.within(patience, silent))
	_, later := visit(t, hq).order(product, jeanne.store, "4242 4242 4242 4242")
	d.serves(2, func(string) {}, jeanne.ean)
	jeanne.state("Order confirmed") // for all that headquarters knows
	d.xdotool("key", "F9")          // would accept the other
	require.False(t, d.within(time.Second, func() bool { return d.count(journal.KindOrderAccept) > 2 }), "the till knows of the order without a line")
	line.SetDown(false)
	jeanne.state("Collected")
	jeanne.do(chromedp.Navigate(jeanne.at+later), chromedp.WaitVisible(".stages"))
	jeanne.watches()
	d.serves(3, jeanne.state, jeanne.ean, jeanne.ean)

	var orders, reserved int
	require.NoError(t, database.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM orders.placed o JOIN sales.document s ON s.till_id = o.sold_till AND s.epoch = o.sold_epoch AND s.number = o.sold_number
			WHERE o.state = 'collected' AND s.total = o.total), (SELECT sum(reserved) FROM stock.level)`).Scan(&orders, &reserved))
	require.Equal(t, 3, orders, "each is one sale of the till that handed it over")
	require.Zero(t, reserved)
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}

// lastOrder is the one that was placed last.
func lastOrder(t *testing.T, database *pgx.Conn) (id uuid.UUID) {
	t.Helper()
	require.NoError(t, database.QueryRow(t.Context(), `SELECT id FROM orders.placed ORDER BY placed_at DESC LIMIT 1`).Scan(&id))
	return id
}

// knows tells whether the till has heard of an order.
func (d *day) knows(order uuid.UUID) func() bool {
	return func() (known bool) {
		catalogues, err := filepath.Glob(filepath.Join(d.dir, "catalog*.db"))
		require.NoError(d.t, err)
		for _, path := range catalogues {
			catalogue, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_busy_timeout=5000")
			require.NoError(d.t, err)
			err = catalogue.QueryRowContext(d.t.Context(), `SELECT EXISTS (SELECT 1 FROM row WHERE type = ? AND id = ?)`, retail.RowOrder, order[:]).Scan(&known)
			require.NoError(d.t, errors.Join(err, catalogue.Close()))
			if known {
				return true
			}
		}
		return false
	}
}

// serves prepares the one order that the till's window shows, its n-th, by scanning what is in it, and hands it over with its receipt. Who
// looks on sees each state.
func (d *day) serves(n int, state func(string), codes ...string) {
	d.t.Helper()
	// Until the window shows the order there is nothing to accept. One press too many would go on to picking.
	require.True(d.t, d.within(patience, func() bool {
		d.xdotool("key", "F9")
		return d.within(3*time.Second, func() bool { return d.count(journal.KindOrderAccept) == n })
	}), "the order does not come to the till")
	state("Being prepared")
	d.rests(quiet)
	d.look("order accepted")
	d.does(press("F9")) // picks
	d.does(scans(codes...))
	d.look("order picked")
	d.does(press("F9")) // it is ready
	d.reaches(journal.KindOrderReady, n)
	state("Ready")
	d.look("order ready")
	d.does(press("F8"))
	require.True(d.t, d.within(patience, d.asked), "nobody is asked")
	d.look("order asked for")
	d.xdotool("key", "Return")
	d.reaches(journal.KindSale, n)
	d.look("order handed over")
	d.onPaper++
	d.paper()
	state("Collected")
}
