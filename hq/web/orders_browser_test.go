package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// A manager sees an order go on when a till of the store accepts it, and calls another off; a clerk ships one with a phone.
func TestOrdersMoveWhileTheyAreLookedAt(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	watched, other := w.place(c.north, approved, 1, c.syrup), w.place(c.north, approved, 1, c.soap)
	parcel := w.further(w.place(c.depot, approved, 2, c.syrup), 1)
	w.requests = make(chan string, 1000)
	ctx := openBrowser(t)
	w.browse(ctx, "manager@comptant.example", password)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(w.server.URL+"/orders/"+watched.ID.String()), chromedp.WaitVisible(".live[data-live=on]")))
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.sameDocument = true`))
	require.NoError(t, err)
	here := func(word string) bool {
		found, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise((done) => {
			const look = () => {
				const now = document.querySelector(".path-lying .station.now");
				if (now?.textContent.includes("`+word+`")) done(window.sameDocument === true);
			};
			new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
			look();
			setTimeout(() => done(false), 20000);
		})`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		return found
	}
	require.True(t, here("Confirmée"))
	w.tx(func(tx *db.Tx) error {
		verdict, err := order.Accept(t.Context(), tx, order.Answer{Order: watched.ID, Attempt: 1, At: sunday, By: uuid.New()})
		require.Equal(t, order.Counts, verdict)
		return err
	})
	require.True(t, here("Acceptée"), "the path did not move, or the page was loaded again")

	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(w.server.URL+"/orders/"+other.ID.String()),
		chromedp.Click(".order-head .confirm summary"), chromedp.SendKeys("[name=why]", "changé d’avis"),
		chromedp.Click(".confirm form button"), chromedp.WaitVisible(".flash.ok")))
	require.Equal(t, retail.OrderCancelled, w.state(other))

	phone := openBrowser(t)
	require.NoError(t, chromedp.Do(phone, chromedp.EmulateViewport(390, 844)))
	w.browse(phone, "warehouse@comptant.example", password)
	require.NoError(t, chromedp.Do(phone, chromedp.Click(".bottom [href='/orders']"), chromedp.WaitVisible("table"),
		chromedp.Click("a[href='/orders/"+parcel.ID.String()+"']"), chromedp.WaitVisible(".order-head"),
		chromedp.Click(".order-head .confirm:last-of-type summary"), chromedp.SendKeys("[name=tracking]", "1Z 999"),
		chromedp.Click("form[action$='/ship'] button"), chromedp.WaitVisible(".flash.ok")))
	require.Equal(t, retail.OrderShipped, w.state(parcel))
}

// orderPages adds the pages of orders that stand in different places, to look at.
func (w *world) orderPages(pages map[string]string) {
	w.t.Helper()
	ctx := w.t.Context()
	stores, err := stock.Stores(ctx, w.db)
	require.NoError(w.t, err)
	warehouses, err := stock.Warehouses(ctx, w.db)
	require.NoError(w.t, err)
	goods := func(where retail.Location) (found []catalog.Product) {
		rows, err := w.db.Query(ctx, `SELECT product_id FROM stock.level WHERE location_id = $1 ORDER BY on_hand DESC LIMIT 3`, where.ID)
		require.NoError(w.t, err)
		var ids []uuid.UUID
		for rows.Next() {
			var id uuid.UUID
			require.NoError(w.t, rows.Scan(&id))
			ids = append(ids, id)
		}
		require.NoError(w.t, rows.Err())
		products, err := catalog.ByID(ctx, w.db, ids)
		require.NoError(w.t, err)
		for _, id := range ids {
			found = append(found, products[id])
		}
		return found
	}
	accept := func(o order.Order) {
		w.tx(func(tx *db.Tx) error {
			_, err := order.Accept(ctx, tx, order.Answer{Order: o.ID, Attempt: o.Attempt, At: sunday, By: uuid.New(), Here: true})
			return err
		})
	}
	store, depot := goods(stores[0]), goods(warehouses[0])
	confirmed := w.place(stores[0], approved, 2, store...)
	stuck := w.place(stores[0], approved, 1, store...)
	accept(stuck)
	_, err = w.db.Exec(ctx, `UPDATE orders.placed SET tries = 6, due_at = $2 WHERE id = $1`, stuck.ID, sunday.Add(4*time.Minute))
	require.NoError(w.t, err)
	_, err = w.db.Exec(ctx, `
		INSERT INTO orders.transition (order_id, n, from_state, to_state, deed, at, took, error)
		SELECT $1, 100 + n, 'accepted', 'accepted', 'capture', $2, 10000000, 'the gateway did not answer within 10 s; the same key is kept' FROM generate_series(1, 6) n`,
		stuck.ID, sunday)
	require.NoError(w.t, err)
	refused := w.place(stores[0], declined, 1, store...)
	picking := w.further(w.place(warehouses[0], approved, 3, depot...), 1)
	delivered := w.further(w.place(warehouses[0], approved, 1, depot...), 3)
	bounced := w.further(w.place(warehouses[0], approved, 2, depot...), 1)
	// The last, for what is lacking is promised to nobody from then on.
	short, err := w.orders.Lack(ctx, w.place(warehouses[0], approved, 1, depot...).ID, uuid.New(), []retail.StockLine{{Product: depot[0].ID, Quantity: money.One}})
	require.NoError(w.t, err)
	_, err = w.orders.Cancel(ctx, bounced.ID, uuid.New(), "")
	require.NoError(w.t, err)
	require.NoError(w.t, w.orders.Notified(ctx, payments.Event{ID: "1", Payment: bounced.ID, Refund: bounced.ID.String() + "/void/1", Reason: "expired_or_canceled_card"}))
	for name, o := range map[string]order.Order{
		"order-refund-failed": bounced, "order-confirmed": confirmed, "order-stuck": stuck, "order-refused": refused, "order-picking": picking, "order-delivered": delivered, "order-short": short,
	} {
		pages[name] = "/orders/" + o.ID.String()
	}
	pages["orders"], pages["orders-none"] = "/orders", "/orders?q=nobody"
}
