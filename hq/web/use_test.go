package web_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// hand is a person at a browser.
type hand struct {
	w   *world
	t   *testing.T
	ctx context.Context
}

func (h hand) do(actions ...chromedp.Action[chromedp.Void]) {
	h.t.Helper()
	ctx, stop := context.WithTimeout(h.ctx, patience)
	defer stop()
	require.NoError(h.t, chromedp.Do(ctx, actions...))
}

// signsIn changes who it is.
func (h hand) signsIn(role retail.Role) {
	h.t.Helper()
	if out := `.rail form[action="/logout"] button`; ask[bool](h.ctx, h.t, fmt.Sprintf("!!document.querySelector(%q)", out)) {
		h.opens("/account") // a page that does not ask for itself while it is left
		h.sends(out)
	}
	h.w.browse(h.ctx, string(role)+"@comptant.example", password)
}

func (h hand) opens(path string) {
	h.t.Helper()
	h.do(chromedp.Navigate(h.w.server.URL+path), chromedp.WaitVisible("main#content"))
	if ask[bool](h.ctx, h.t, `!!document.querySelector("[hx-get]")`) {
		h.do(chromedp.WaitVisible(".live[data-live=on]"))
	}
}

func (h hand) clicks(selector string) { h.t.Helper(); h.do(chromedp.Click(selector)) }

// sends clicks a button that leads to another page.
func (h hand) sends(selector string) {
	h.t.Helper()
	ctx, stop := context.WithTimeout(h.ctx, patience)
	defer stop()
	_, err := chromedp.RunResponse(ctx, chromedp.Click(selector))
	require.NoError(h.t, err)
}

// types puts a text in a field instead of what is there, and leaves the field.
func (h hand) types(selector, text string) {
	h.t.Helper()
	h.do(chromedp.WaitVisible(selector))
	ask[bool](h.ctx, h.t, fmt.Sprintf("document.querySelector(%q).select(); true", selector))
	h.do(chromedp.SendKeys(selector, text+"\t"))
}

// sees waits until the page says something.
func (h hand) sees(text string) {
	h.t.Helper()
	until(h.ctx, h.t, fmt.Sprintf(`document.querySelector("main")?.textContent.includes(%q)`, text))
}

// waits lets the live part of the page come again, twice: the first may have been under way.
func (h hand) waits() {
	h.t.Helper()
	ask[bool](h.ctx, h.t, `window.came = 0; document.addEventListener("htmx:afterSettle", () => document.body.dataset.came = ++came); true`)
	until(h.ctx, h.t, "came >= 2")
}

// value is what is in a field.
func (h hand) value(selector string) string {
	h.t.Helper()
	return ask[string](h.ctx, h.t, fmt.Sprintf("document.querySelector(%q).value", selector))
}

// A manager, a clerk and an administrator do their work in a browser while two stores sell.
func TestPeopleWorkWhileStoresSell(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	till := w.writer(c.north, 11, sunday)
	h := hand{w, t, openBrowser(t)}
	h.do(chromedp.EmulateViewport(1440, 900))
	h.signsIn(retail.RoleManager)
	w.whileSelling(c, func() {
		h.restocks(c, till)
		h.changesAPrice(c)
		h.locksATill(till.till.Till)
		h.settlesAnException(c, till.till.Till)
		h.takesAReport(c)
		h.endsASession()
	})
}

// restocks: what a till asks for is approved in part, picked, shipped, and received short.
func (h hand) restocks(c chain, till *writer) {
	id := uuid.New()
	h.opens("/restock")
	asked := []retail.StockLine{{Product: c.syrup.ID, Quantity: 60 * money.One}}
	require.NoError(h.t, till.write(journal.KindRestockRequest, sunday, retail.RestockRequest{ID: id, Lines: asked}))
	form := fmt.Sprintf(`form[action*="%s"] `, id)
	h.types(form+".quantity", "48")
	h.waits()
	h.sends(form + "[value=part]")
	h.sees("La demande est approuvée")

	h.signsIn(retail.RoleWarehouse)
	h.opens("/warehouse")
	h.clicks(".pick summary")
	h.types(form+".quantity", "40")
	h.waits()
	require.True(h.t, ask[bool](h.ctx, h.t, `document.querySelector(".pick").open`), "it was folded")
	h.sends(form + "button")
	h.sees("Bordereau EXP-0001")

	h.signsIn(retail.RoleManager)
	h.opens("/restock?list=sent")
	h.sees("en route")
	r, err := stock.OneRestock(h.t.Context(), h.w.db, c.north.ID, id)
	require.NoError(h.t, err)
	require.Equal(h.t, [2]money.Quantity{48 * money.One, 40 * money.One}, [2]money.Quantity{r.Lines[0].Approved, r.Lines[0].Shipped})
	came := []retail.StockLine{{Product: c.syrup.ID, Quantity: 38 * money.One}}
	require.NoError(h.t, till.write(journal.KindReceive, sunday, retail.Receive{Shipment: r.Shipment.ID, Lines: came}))
	h.sees("Sirop d’érable −2")
}

func (h hand) changesAPrice(c chain) {
	h.opens("/catalogue?price=" + c.syrup.SKU)
	h.types("form.prices [name=price]", "12,49")
	h.sends("form.prices button")
	h.sees("à 12,49")
	p, err := catalog.Get(h.t.Context(), h.w.db, c.syrup.ID)
	require.NoError(h.t, err)
	require.EqualValues(h.t, 1249, p.Price)
}

func (h hand) locksATill(till uuid.UUID) {
	h.opens("/tills?till=" + till.String())
	form := `form[action$="/lock"]`
	h.clicks("details:has(" + form + ") > summary")
	h.types(form+" [name=reason]", "Le tiroir ne ferme plus")
	h.sends(form + " button")
	h.sees("verrouillée")
	h.opens("/tills?till=" + till.String())
	h.sees("Le tiroir ne ferme plus")
	h.sends(`form[action$="/unlock"] button`)
	require.NotContains(h.t, ask[string](h.ctx, h.t, "document.querySelector('main table').textContent"), "verrouillée")
}

func (h hand) settlesAnException(c chain, till uuid.UUID) {
	_, err := h.w.db.Exec(h.t.Context(), `
		INSERT INTO journal.flag (store_id, till_id, epoch, seq, hash, code, detail, at) VALUES ($1, $2, 1, 2, sha256('a'), 'printed-twice', '', now())`,
		c.north.ID, till)
	require.NoError(h.t, err)
	h.opens("/exceptions")
	h.clicks("#flags ~ .table details > summary")
	h.types("[name=note]", "Client rappelé")
	h.waits()
	require.Equal(h.t, "Client rappelé", h.value("[name=note]"))
	h.sends(`form[action="/exceptions/flags"] button`)
	require.False(h.t, ask[bool](h.ctx, h.t, `!!document.querySelector("#flags")`))
	var note string
	require.NoError(h.t, h.w.db.QueryRow(h.t.Context(), `SELECT note FROM journal.flag WHERE resolved_by IS NOT NULL`).Scan(&note))
	require.Equal(h.t, "Client rappelé", note)
}

// takesAReport narrows a report to a store and downloads it.
func (h hand) takesAReport(c chain) {
	folder := h.t.TempDir()
	_, err := chromedp.CallBrowser(h.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder, EventsEnabled: new(true),
	})
	require.NoError(h.t, err)
	done := make(chan string, 1)
	name := "" // of the file that comes
	require.NoError(h.t, chromedp.ListenBrowser(h.ctx, func(event any) {
		switch e := event.(type) {
		case *browser.EventDownloadWillBegin:
			name = e.SuggestedFilename
		case *browser.EventDownloadProgress:
			if e.State == browser.DownloadProgressStateCompleted {
				done <- name
			}
		}
	}))
	h.opens("/reports?period=today")
	ask[bool](h.ctx, h.t, fmt.Sprintf(`(() => {
		const select = document.querySelector("select[name=store]");
		select.value = %q;
		return select.dispatchEvent(new Event("change", { bubbles: true }));
	})()`, c.south.ID))
	h.do(chromedp.WaitVisible(fmt.Sprintf(`a[download][href*="csv"][href*="%s"]`, c.south.ID)))
	h.clicks(`a[download][href*="csv"]`)
	select {
	case name = <-done:
	case <-time.After(patience):
		require.FailNow(h.t, "nothing was downloaded")
	}
	file, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(h.t, err)
	require.Contains(h.t, string(file), "Magasin Sud")
	require.NotContains(h.t, string(file), "Magasin Nord")
}

// endsASession: who is signed in elsewhere is out.
func (h hand) endsASession() {
	other := h.w.as(retail.RoleEmployee)
	h.signsIn(retail.RoleAdministrator)
	h.opens("/people/" + h.w.idOf(retail.RoleEmployee))
	h.sends(`form[action$="/sessions/` + other.session() + `/end"] button`)
	h.do(chromedp.WaitVisible(".flash.ok"))
	status, _, led := other.get("/account")
	require.Equal(h.t, http.StatusSeeOther, status)
	require.True(h.t, strings.HasPrefix(led, "/login"))
}

// Without a mouse: the first Tab is the way past the sections, and each that follows reaches the next control of the page, to the last.
func TestTheKeyboardReachesEverything(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.askFor(c.north, c.syrup.ID, 60*money.One)
	w.askFor(c.south, c.syrup.ID, 12*money.One)
	w.request(c, true)
	h := hand{w, t, openBrowser(t)}
	h.signsIn(retail.RoleManager)
	h.do(chromedp.EmulateViewport(1440, 900))
	pages := []string{"/restock", "/warehouse"}
	if !testing.Short() {
		pages = append(pages, "/", "/stock?product="+c.syrup.ID.String(), "/reports", "/catalogue", "/exceptions", "/tills", "/purchases/new")
	}
	for _, path := range pages {
		h.opens(path)
		ask[bool](h.ctx, t, `window.reached = []; document.activeElement.blur();
			document.addEventListener("focusin", (event) => reached.push(event.target)); true`)
		h.do(chromedp.KeyEvent("\t"))
		require.Equal(t, "skip", ask[string](h.ctx, t, "document.activeElement.className"), path)
		h.do(chromedp.KeyEvent("\r"))
		require.Equal(t, "content", ask[string](h.ctx, t, "document.activeElement.id"), path)
		const controls = `Array.from(document.querySelectorAll("main a[href], main button, main input, main select, main textarea, main summary"))
			.filter((el) => el.checkVisibility() && !el.disabled && el.type !== "hidden" && el.tabIndex >= 0)`
		for range ask[int](h.ctx, t, controls+".length") + 20 { // what scrolls has a stop of its own
			h.do(chromedp.KeyEvent("\t"))
		}
		require.Empty(t, ask[string](h.ctx, t, `(() => {
			let last = -1;
			for (const el of `+controls+`) {
				const at = reached.indexOf(el);
				if (at <= last) return (at < 0 ? "not reached: " : "not in order: ") + el.outerHTML;
				last = at;
			}
			return "";
		})()`), path)
	}
}
