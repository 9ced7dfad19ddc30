package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/demo"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/hq/ui/uitest"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// nowhere is a page that is not there, which a browser mentions.
const nowhere = "/nowhere"

// openBrowser starts an empty Chromium and returns the context of its first tab. What a page writes to the console, and
// what its policy refuses, fails the test.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	ctx := uitest.Browser(t)
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
			if !strings.HasSuffix(e.Entry.URL, nowhere) {
				t.Errorf("browser: %s %s", e.Entry.Text, e.Entry.URL)
			}
		}
	}))
	return ctx
}

// browse signs a browser in by the form.
func (w *world) browse(ctx context.Context, email, password string) {
	w.t.Helper()
	require.NoError(w.t, chromedp.Do(ctx, chromedp.Navigate(w.server.URL+"/login"),
		chromedp.SendKeys("[name=email]", email), chromedp.SendKeys("[name=password]", password+"\r"), chromedp.WaitVisible("main#content")))
}

// An open overview moves when a store sells: one stream, one request for the changed part, no navigation.
func TestOverviewIsLive(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.sell(c.north, sunday.Add(-time.Minute), c.syrup, money.One)
	w.requests = make(chan string, 1000)
	ctx := openBrowser(t)
	w.browse(ctx, "manager@comptant.example", password)
	require.NoError(t, chromedp.Do(ctx, chromedp.WaitVisible(".live[data-live=on]")))
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.sameDocument = true`))
	require.NoError(t, err)
	before := w.asked()
	require.Equal(t, 1, before["GET /events"])

	w.sell(c.north, sunday, c.soap, 2*money.One)
	revenue, err := chromedp.Run(ctx, chromedp.Evaluate[string](`new Promise((done) => {
		const look = () => {
			const figure = document.querySelector("[data-figure=revenue]");
			if (figure.textContent.includes("21") && figure.classList.contains("changed")) done(figure.textContent);
		};
		new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
		look();
	})`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	require.Equal(t, "21,47\u00a0$", strings.TrimSpace(revenue))
	same, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.sameDocument === true`))
	require.NoError(t, err)
	require.True(t, same, "the page was loaded again")
	require.Equal(t, map[string]int{"GET /": 1}, w.asked(), "the changed part once, and nothing else")
}

// asked counts what was requested since it was last called.
func (w *world) asked() map[string]int {
	count := map[string]int{}
	for {
		select {
		case request := <-w.requests:
			count[request]++
		default:
			return count
		}
	}
}

// Opens every page with the demo's data: nothing is wider than the window, and no script complains. With SCREENS=folder
// it also writes a picture of each.
func TestScreens(t *testing.T) {
	days := 8
	if os.Getenv("SCREENS") != "" {
		days = 40
	}
	w := serve(t, pgtest.New(t), logTo(t))
	_, err := demo.Create(t.Context(), w.db, demo.Options{Now: sunday, Days: days, Log: logTo(t)})
	require.NoError(t, err)
	w.connect()
	ctx := openBrowser(t)
	w.browse(ctx, "admin@comptant.example", "comptant-admin")
	looks, axe := looksOf(t)
	for name, path := range w.pages() {
		w.lookAt(ctx, name, path, looks, axe)
	}
}

// look is a way to look at a page.
type look struct {
	lang, theme   string
	width, height int64
}

// looksOf are the ways to look at every page, and the script that finds what keeps people out; none in the short form.
func looksOf(t *testing.T) (looks []look, axe string) {
	looks = []look{{"fr", "light", 1440, 900}, {"en", "dark", 390, 844}}
	if !testing.Short() {
		axe = uitest.Axe(t)
		looks = append(looks, look{"en", "light", 1440, 900}, look{"fr", "dark", 1440, 900}, look{"fr", "light", 390, 844}, look{"fr", "light", 1920, 1080})
	}
	return looks, axe
}

// lookAt opens a page in every way: nothing is wider than the window, and nobody is kept out.
func (w *world) lookAt(ctx context.Context, name, path string, looks []look, axe string) {
	t := w.t.(*testing.T)
	t.Helper()
	for _, look := range looks {
		address := w.server.URL + path
		// From another page: a browser that is asked for a place on its own page loads nothing.
		require.NoError(t, chromedp.Do(ctx, cookie(w, "lang", look.lang), cookie(w, "theme", look.theme),
			chromedp.EmulateViewport(look.width, look.height), chromedp.Navigate("about:blank"), chromedp.Navigate(address), chromedp.WaitReady("body")))
		require.Equal(t, look.lang, ask[string](ctx, t, "document.documentElement.lang"), path)
		require.Empty(t, ask[string](ctx, t, "document.querySelector('main') ? '' : document.body.textContent"), "%s is no page", path)
		if wide := ask[int64](ctx, t, "document.documentElement.scrollWidth"); wide > look.width {
			t.Errorf("%s is %d wide in a window of %d", path, wide, look.width)
		}
		uitest.Accessible(ctx, t, axe, fmt.Sprintf("%s in %s, %s, %d wide", path, look.lang, look.theme, look.width))
		if folder := os.Getenv("SCREENS"); folder != "" {
			w.picture(ctx, filepath.Join(folder, "hq", fmt.Sprintf("%s-%s-%s-%d.png", name, look.lang, look.theme, look.width)))
		}
	}
}

func cookie(w *world, name, value string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: w.server.URL})
		return err
	})
}

func (w *world) picture(ctx context.Context, path string) {
	live, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.body.hasAttribute('sse-connect')"))
	require.NoError(w.t, err)
	if live {
		require.NoError(w.t, chromedp.Do(ctx, chromedp.WaitVisible(".live[data-live=on]")))
	}
	_, err = chromedp.Run(ctx, chromedp.Evaluate[bool]("document.fonts.ready.then(() => true)", chromedp.EvalAwaitPromise))
	require.NoError(w.t, err)
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	require.NoError(w.t, err)
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, picture, 0o644))
}

// connect brings the tills online but one, as on an ordinary day, and locks one.
func (w *world) connect() {
	w.t.Helper()
	tills, err := w.desk.List(w.t.Context())
	require.NoError(w.t, err)
	for i, till := range tills {
		if till.Session == nil {
			continue
		}
		require.NoError(w.t, w.desk.Seen(w.t.Context(), till.ID, *till.Session, sunday.Add(-time.Duration(i)*time.Second), nil))
		if i == len(tills)/2 {
			require.NoError(w.t, w.desk.Closed(w.t.Context(), till.ID, *till.Session, sunday.Add(-134*time.Minute)))
		}
	}
	w.tx(func(tx *db.Tx) error {
		return w.desk.LockOut(w.t.Context(), tx, tills[0].ID, "Le tiroir ne ferme plus", "Sophie Lavoie")
	})
}

// pages is every page of the dashboard, by the name of its picture.
func (w *world) pages() map[string]string {
	w.t.Helper()
	stores, err := stock.Stores(w.t.Context(), w.db)
	require.NoError(w.t, err)
	tills, err := w.desk.List(w.t.Context())
	require.NoError(w.t, err)
	pages := map[string]string{
		"overview": "/", "stores": "/stores", "store": "/stores/" + stores[0].ID.String(), "reports": "/reports",
		"receipts": "/receipts?period=today", "stock": "/stock", "stock-negative": "/stock?alert=negative", "stock-out": "/stock?alert=out", "counts": "/stock/counts",
		"restock": "/restock", "restock-ship": "/restock?list=ship", "restock-sent": "/restock?list=sent", "restock-closed": "/restock?list=closed", "catalogue": "/catalogue", "people": "/people", "tills": "/tills", "journal": "/journal", "exceptions": "/exceptions",
		"journal-till": "/journal/" + tills[0].ID.String(),
		"models":       "/system/models", "models-stock": "/system/models?domain=stock", "models-tills": "/system/models?domain=tills",
	}
	var product uuid.UUID
	w.tx(func(tx *db.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT product_id FROM sales.daily_product JOIN stock.level USING (product_id) GROUP BY 1 ORDER BY sum(units) DESC LIMIT 1`).Scan(&product)
	})
	w.tx(func(tx *db.Tx) error {
		_, err := catalog.AddBook(w.t.Context(), tx, sunday, sunday.Add(39*time.Hour+28*time.Minute), uuid.Nil, []retail.PriceLine{{Product: product, Price: 999}})
		return err
	})
	found, err := catalog.Search(w.t.Context(), w.db, catalog.Filter{Text: "sirop", Limit: 4})
	require.NoError(w.t, err)
	var counted []retail.Product
	for _, p := range found.Products {
		counted = append(counted, p.Product)
	}
	w.countsAround(stores[0], sunday.Add(-time.Hour), counted...)
	pages["count"] = "/stock/counts/" + stores[0].ID.String() + "/" + uuid.UUID{5}.String()
	for _, name := range reportNames {
		pages["report-"+name] = "/reports/" + name
	}
	pages["customers"], pages["customers-found"], pages["error"] = "/customers", "/customers?q=a", nowhere
	pages["prices"] = "/catalogue?q=sirop#prices"
	w.picturePages(pages)
	w.productPages(pages)
	w.tx(func(tx *db.Tx) error {
		return stock.TakeTransfer(w.t.Context(), tx, stock.Transfer{
			From: stores[1].ID, To: stores[0].ID, ID: uuid.NewSHA1(uuid.Nil, []byte("transfer")), At: sunday.Add(-3 * time.Hour),
			Till: tills[0].ID, Epoch: 9, Seq: 9, Lines: []retail.StockLine{{Product: product, Quantity: 12 * money.One}},
			Cost: func(uuid.UUID) money.Amount { return 100 },
		})
	})
	w.supplies(pages)
	pages["till"] = "/tills?till=" + tills[1].ID.String()
	pages["stock-panel"] = "/stock?product=" + product.String()
	pages["movements"], pages["health"] = "/stock/"+product.String()+"/movements", "/system/health"
	w.people(pages)
	w.token("Comptabilité", users.ReadSales, users.ReadStock)
	pages["tokens"] = "/people/tokens"
	var receipt string
	w.tx(func(tx *db.Tx) error {
		return tx.QueryRow(w.t.Context(), `
			SELECT format('/receipts/%s/%s/%s/%s-%s-%s', store_id, to_date(business_date::text, 'YYYYMMDD'), till_id, epoch, seq, branch)
			FROM sales.document ORDER BY units DESC LIMIT 1`).Scan(&receipt)
	})
	pages["receipt"] = receipt
	w.orderPages(pages)
	return pages
}

// supplies adds the pages of goods from suppliers, of the warehouse and of labels, with something on each.
func (w *world) supplies(pages map[string]string) {
	ctx := w.t.Context()
	depots, err := stock.Warehouses(ctx, w.db)
	require.NoError(w.t, err)
	found, err := catalog.Search(ctx, w.db, catalog.Filter{Text: "sirop", Limit: 3})
	require.NoError(w.t, err)
	var lines []stock.GoodsLine
	for _, p := range found.Products {
		lines = append(lines, stock.GoodsLine{Product: p.ID, Quantity: 48 * money.One, UnitCost: p.Cost})
	}
	var p stock.Purchase
	w.tx(func(tx *db.Tx) (err error) {
		for i, supplier := range []string{"Érablière Roy", "Savonnerie des Cantons"} {
			at := sunday.Add(time.Duration(i-30) * time.Hour)
			p, err = stock.Expect(ctx, tx, stock.NewPurchase{Location: depots[0].ID, ID: uuid.New(), At: at, Supplier: supplier, Reference: fmt.Sprint("BL-88", i), Lines: lines})
			if err != nil {
				return err
			}
			d, err := stock.Receive(ctx, tx, stock.Received{Location: depots[0].ID, Purchase: p.ID, ID: uuid.New(), At: at.Add(time.Hour), Lines: lines[:2], Note: "palette 1"})
			if err != nil {
				return err
			}
			_, err = stock.Correct(ctx, tx, stock.Correction{
				Location: depots[0].ID, Purchase: p.ID, Delivery: d.ID, ID: uuid.New(), At: at.Add(2 * time.Hour), Note: "compté deux fois",
				Quantities: map[uuid.UUID]money.Quantity{lines[0].Product: 12 * money.One},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	pages["purchases"], pages["purchase-new"] = "/purchases", "/purchases/new"
	pages["purchase"] = "/purchases/" + p.Location.String() + "/" + p.ID.String()
	pages["warehouse"], pages["labels"], pages["stock-cover"] = "/warehouse", "/labels?q=sirop", "/stock?cover=short"
	sent, err := stock.Shipments(ctx, w.db, stock.ShipmentFilter{Limit: 1})
	require.NoError(w.t, err)
	pages["packing"] = "/warehouse/" + sent.Shipments[0].Location.String() + "/" + sent.Shipments[0].ID.String()
}
