package e2e_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/sync/e2e/proxy"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A till that knows of an order loses its line for an hour by every clock. It accepts, picks by scanning and hands over meanwhile, and
// headquarters hears of all of it late, at once: the order was sold when it was, the money is taken once, and the customer's page follows.
// What was ordered in that hour waits for the till.
func TestAnOrderThatIsServedWithoutALine(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	m := newMonth(t, 1)
	line, err := proxy.Listen(ctx, proxy.Config{Dial: func() (io.ReadWriteCloser, error) { return net.Dial("tcp", m.hq.Listen) }})
	require.NoError(t, err)
	t.Cleanup(func() { _ = line.Close() })
	now := func() time.Time { return time.Now().Add(time.Duration(m.ahead.Load())) }
	pass := func(d time.Duration) { m.ahead.Add(int64(d)) }
	l, err := fleet.Connect(ctx, m.shop.config(t, now, func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(line.URL(), "http://"))
	}))
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	c := &counter{Till: l, t: t}
	require.NoError(t, c.Work(ctx, m.shop.staff[stays], pin))
	require.NoError(t, c.Drained(ctx))

	jeanne := &shopper{t: t, page: browser(t), at: m.hq.URL()}
	require.NoError(t, chromedp.Do(jeanne.page, chromedp.Navigate("about:blank")))
	var product string
	require.NoError(t, m.database.QueryRow(ctx, `SELECT p.id::text, l.id::text FROM catalog.product p, stock.location l WHERE p.sku = $1 AND l.code = 'CV'`,
		sku(0)).Scan(&product, &jeanne.store))
	jeanne.do(chromedp.Navigate(jeanne.at+"/shop/"), chromedp.WaitVisible("main"), jeanne.press(`button[name=lang][value=en]`), chromedp.WaitVisible("html[lang=en] main"),
		chromedp.Navigate(jeanne.at+"/shop/products/"+product), chromedp.WaitVisible(".buy"), chromedp.Click(".buy .main"), chromedp.WaitVisible(".cart-count"))
	jeanne.pays("4242424242424242")
	jeanne.watches()
	jeanne.state("Order confirmed")
	var order uuid.UUID
	require.NoError(t, c.Until(ctx, func() (bool, error) {
		known, err := c.Lane.Till.Orders(ctx, "")
		if len(known) == 1 {
			order = known[0].ID
		}
		return len(known) == 1, err
	}))

	// The line is cut.
	line.SetDown(true)
	require.NoError(t, c.Until(ctx, func() (online bool, err error) {
		err = m.database.QueryRow(ctx, `SELECT online FROM tills.till WHERE id = $1`, c.Lane.Till.Identity().Till).Scan(&online)
		return !online, err
	}))
	cut := now()
	pass(20 * time.Minute)
	require.NoError(t, c.Lane.Till.AcceptOrder(ctx, order))
	picking, err := c.Lane.Till.PickOrder(ctx, order)
	require.NoError(t, err)
	_, err = picking.Scan(ctx, sku(0))
	require.NoError(t, err)
	pass(10 * time.Minute)
	require.NoError(t, picking.Ready(ctx, false))
	pass(10 * time.Minute)
	sold, err := c.Lane.Till.HandOver(ctx, order, false)
	require.NoError(t, err)
	require.Equal(t, retail.TenderOnline, sold.Receipt.Sale.Tenders[0].Kind)
	pass(20 * time.Minute)

	// Headquarters has not heard of the till for an hour, takes orders all the same, and knows nothing of what the till did.
	var silent time.Duration
	require.NoError(t, m.database.QueryRow(ctx, `SELECT $2::timestamptz - seen_at FROM tills.till WHERE id = $1`, c.Lane.Till.Identity().Till, now()).Scan(&silent))
	require.GreaterOrEqual(t, silent, time.Hour)
	other := visit(t, m.hq)
	_, at := other.order(product, jeanne.store, "4242 4242 4242 4242")
	require.Contains(t, at, "/shop/orders/")
	require.Equal(t, retail.OrderConfirmed, stateOf(t, m.database))
	var state retail.OrderState
	require.NoError(t, m.database.QueryRow(ctx, `SELECT state FROM orders.placed WHERE id = $1`, order).Scan(&state))
	require.Equal(t, retail.OrderConfirmed, state)
	jeanne.state("Order confirmed")
	waiting, err := c.Ledger.Waiting(ctx)
	require.NoError(t, err)
	require.NotZero(t, waiting)

	line.SetDown(false)
	jeanne.state("Collected")
	require.NoError(t, c.Drained(ctx))
	c.serve(ctx, sku(0))
	require.NoError(t, c.Drained(ctx))

	// The money is taken by a job, once the answers are here.
	var charged, captures int
	require.NoError(t, c.Until(ctx, func() (bool, error) {
		err := m.database.QueryRow(ctx, `
			SELECT count(DISTINCT o.id), count(*) FROM orders.placed o JOIN payments.payment p ON p.of_order = o.id JOIN payments.call k ON k.payment_id = p.id
			WHERE o.state = 'collected' AND o.captured_at IS NOT NULL AND p.state = 'captured' AND p.captured = o.total AND k.deed = 'capture'`).Scan(&charged, &captures)
		return charged == 2, err
	}))
	require.Equal(t, 2, captures, "each is captured once")
	var sales int
	var soldAt time.Time
	require.NoError(t, m.database.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM sales.document), d.at FROM sales.document d JOIN orders.placed o ON o.sold_till = d.till_id AND o.sold_epoch = d.epoch AND o.sold_number = d.number
		WHERE o.id = $1 AND d.number = $2 AND d.total = o.total`, order, sold.Receipt.Number).Scan(&sales, &soldAt))
	require.Equal(t, 2, sales)
	require.WithinDuration(t, cut.Add(40*time.Minute), soldAt, 2*time.Minute, "it was sold when it was handed over, not when that was heard of")
	var reserved, onHand int64
	require.NoError(t, m.database.QueryRow(ctx, `SELECT reserved, on_hand FROM stock.level WHERE location_id = $1 AND product_id = $2`, jeanne.store, product).Scan(&reserved, &onHand))
	require.Zero(t, reserved)
	require.EqualValues(t, int64(monthOpening-3)*int64(money.One), onHand)
	require.Zero(t, flags(t, m.database, "order"))
	m.command(t, "journal", "verify")
}
