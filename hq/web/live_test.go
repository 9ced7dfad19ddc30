package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

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
