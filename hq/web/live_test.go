package web_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// patience is how long a page may take, on a machine that does much else.
const patience = 30 * time.Second

// until waits for a condition on the page, which is looked at when the page changes.
func until(ctx context.Context, t *testing.T, condition string) {
	t.Helper()
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`new Promise((done) => {
		const look = () => (%s) && done(true);
		new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
		look();
	})`, condition), chromedp.EvalAwaitPromise))
	require.NoError(t, err, condition)
}

// ask gives what an expression is on the page.
func ask[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	require.NoError(t, err, expression)
	return answer
}

// What is typed stays while stores sell, and so do the focus, the caret, what is unfolded and the scroll; the rest of the page moves.
func TestWhatIsTypedStaysWhileStoresSell(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	id := w.askFor(c.north, c.syrup.ID, 60*money.One)
	w.askFor(c.south, c.soap.ID, 24*money.One)
	ctx := openBrowser(t)
	w.browse(ctx, "manager@comptant.example", password)
	require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(1024, 400), chromedp.Navigate(w.server.URL+"/restock"), chromedp.WaitVisible(".live[data-live=on]")))
	syrup, soap := fmt.Sprintf(`[name="quantity-%s"]`, c.syrup.ID), fmt.Sprintf(`[name="quantity-%s"]`, c.soap.ID)
	// What the stores have, from the cells after the fields; both fall with each sale.
	here := func(field string) string {
		return fmt.Sprintf(`parseInt(document.querySelector('%s').closest("tr").children[5].textContent.replace("−", "-"))`, field)
	}
	moved := func() {
		t.Helper()
		for _, field := range []string{syrup, soap} {
			until(ctx, t, here(field)+" < "+fmt.Sprint(ask[int](ctx, t, here(field))))
		}
	}
	w.whileSelling(c, func() {
		ask[bool](ctx, t, fmt.Sprintf("document.querySelector('%s').select(); true", syrup))
		require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(syrup, "48\t")))
		require.NotEqual(t, "INPUT", ask[string](ctx, t, "document.activeElement.tagName"), "the field has lost the focus")
		ask[bool](ctx, t, "scrollTo(0, 60); true")
		moved()
		moved()
		require.Equal(t, "48", ask[string](ctx, t, fmt.Sprintf("document.querySelector('%s').value", syrup)))
		require.Equal(t, "BUTTON part", ask[string](ctx, t, "document.activeElement.tagName + ' ' + document.activeElement.value"))
		require.Equal(t, 60, ask[int](ctx, t, "scrollY"))

		require.NoError(t, chromedp.Do(ctx, chromedp.Focus(soap)))
		ask[bool](ctx, t, fmt.Sprintf("document.querySelector('%s').setSelectionRange(1, 1); true", soap))
		moved()
		require.Equal(t, "1 0", ask[string](ctx, t, "document.activeElement.selectionStart + ' ' + document.activeElement.value"))

		// Somebody else asks: the new form does not get what was typed into another.
		older := w.requestsOf(c.south, c.syrup.ID, sunday.AddDate(0, 0, -1), 1)[0]
		until(ctx, t, fmt.Sprintf(`document.querySelector('form[action*="%s"]')`, older))
		require.Equal(t, "1", ask[string](ctx, t, fmt.Sprintf(`document.querySelector('form[action*="%s"] .quantity').value`, older)))
		require.Equal(t, "1 0", ask[string](ctx, t, "document.activeElement.selectionStart + ' ' + document.activeElement.value"))
		require.NoError(t, chromedp.Do(ctx, chromedp.Click(fmt.Sprintf(`form[action*="%s"] [value=part]`, id)), chromedp.WaitVisible(".flash.ok")))
	})
	r, err := stock.OneRestock(t.Context(), w.db, c.north.ID, id)
	require.NoError(t, err)
	require.Equal(t, retail.RestockApproved, r.State)
	require.Equal(t, 48*money.One, r.Lines[0].Approved)
}

// A page that does not come at once shows that it is under way, and says it; what a live part asks for shows without a word.
func TestWhatIsSlowShows(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	// Requests at a gate wait until the page has told what it shows.
	type gate struct {
		path string
		open chan struct{}
	}
	var shut atomic.Pointer[gate]
	closed := func(path string) (open func()) {
		g := &gate{path, make(chan struct{})}
		shut.Store(g)
		open = sync.OnceFunc(func() {
			shut.Store(nil)
			close(g.open)
		})
		t.Cleanup(open) // before the server waits for its requests
		return open
	}
	shown := make(chan string, 100)
	w.before = func(r *http.Request) {
		if text := r.URL.Query().Get("shown"); text != "" {
			shown <- text
		} else if g := shut.Load(); g != nil && r.URL.Path == g.path {
			<-g.open
		}
	}
	h := hand{w, t, openBrowser(t)}
	h.signsIn(retail.RoleManager)
	tells := func() {
		ask[bool](h.ctx, t, `(() => {
			const slow = document.querySelector(".slow");
			new MutationObserver(() => {
				const on = slow.classList.contains("on");
				fetch("/?shown=" + encodeURIComponent([on, slow.textContent, getComputedStyle(slow).animationName]), { keepalive: true });
			}).observe(slow, { attributes: true });
			return true;
		})()`)
	}
	told := func() string {
		select {
		case text := <-shown:
			return text
		case <-time.After(patience):
			require.FailNow(t, "nothing was shown")
			return ""
		}
	}
	h.opens("/")
	tells()
	open := closed("/")
	w.sell(c.north, sunday, c.soap, money.One)
	require.Equal(t, "true,,slow", told())
	open()
	require.Equal(t, "false,,none", told())

	h.opens("/catalogue")
	_, err := chromedp.Call(h.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	require.NoError(t, err)
	tells()
	open = closed("/reports")
	ask[bool](h.ctx, t, `document.querySelector('.rail [href="/reports"]').click(); true`)
	require.Equal(t, "true,Chargement…,none", told(), "and does not move for who cannot bear it")
	open()
	h.do(chromedp.WaitVisible(`.rail [href="/reports"][aria-current=page]`))
}
