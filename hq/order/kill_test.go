package order_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// The tests run themselves as headquarters that take orders, to kill them.
const (
	childURL    = "COMPTANT_ORDERS_DATABASE"
	childOrders = "COMPTANT_ORDERS_COUNT"
	childDone   = "all orders are placed"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		count, err := strconv.Atoi(os.Getenv(childOrders))
		if err == nil {
			err = takeOrders(context.Background(), url, count)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// numbered is the n-th order: always the same, so that whoever comes after a killed process places it again.
func numbered(n int) order.Placement {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], uint64(n))
	r := rand.New(rand.NewChaCha8(seed))
	card := approves
	if r.IntN(5) == 0 {
		card = payments.Cards[r.IntN(len(payments.Cards))].Number
	}
	var goods []retail.StockLine
	for range 1 + r.IntN(2) {
		goods = append(goods, of(products[r.IntN(len(products))], 1+int64(r.IntN(2))))
	}
	p := cart(places[r.IntN(2)], card, goods...)
	p.ID = uuid.NewSHA1(uuid.NameSpaceOID, binary.LittleEndian.AppendUint64(nil, uint64(n)))
	return p
}

// takeOrders is a process of headquarters with 16 customers, who all order what is not settled yet.
func takeOrders(ctx context.Context, url string, count int) error {
	log := slog.New(slog.DiscardHandler)
	d, err := db.Open(ctx, url, log, db.Options{AllowUnsafe: true, MaxConns: 24})
	if err != nil {
		return err
	}
	desk := deskOn(d, time.Now)
	failed := make(chan error, 1)
	go func() { failed <- desk.Run(ctx, func(func([]string)) func() { return func() {} }) }()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for n := next.Add(1); n <= int64(count); n = next.Add(1) {
				p := numbered(int(n))
				if o, err := order.One(ctx, d, p.ID); err == nil && (o.Over() || o.State == retail.OrderConfirmed) {
					continue
				}
				_, _ = desk.Place(ctx, p) // what does not go on now is the jobs'
			}
		})
	}
	all.Wait()
	fmt.Println(childDone)
	return <-failed
}

func deskOn(d *db.DB, now func() time.Time) *order.Desk {
	log := slog.New(slog.DiscardHandler)
	gateway := payments.NewSandbox(d, now, payments.Delays{Pause: 5 * time.Millisecond, Late: 50 * time.Millisecond})
	return order.New(order.Config{DB: d, Payments: payments.New(d, gateway, log, now), Log: log, Now: now})
}

// TestProcessesAreKilledWhileManyOrder kills headquarters again and again while 16 customers order few products, and tills take and
// refuse what was ordered. Nothing is oversold, no order is stuck, what left the shelves is what was sold.
func TestProcessesAreKilledWhileManyOrder(t *testing.T) {
	orders, units := 10_000, int64(3000)
	if testing.Short() {
		orders, units = 300, 120
	}
	url := pgtest.URL(t)
	d, err := db.Open(t.Context(), url, slog.New(slog.DiscardHandler), db.Options{AllowUnsafe: true, MaxConns: 8})
	require.NoError(t, err)
	t.Cleanup(d.Close)
	w := &world{db: d, now: time.Now().Add(time.Hour)}
	w.desk, w.gateway = deskOn(d, w.clock), payments.NewSandbox(d, w.clock, payments.Delays{})
	w.do(t, func(tx *db.Tx) error { return stock.PutLocations(t.Context(), tx, places...) })
	for _, where := range places[:2] {
		for _, product := range products {
			w.stocked(t, where, product, units)
		}
	}

	store, closing := context.WithCancel(t.Context())
	sold := map[string]int64{}
	var shop sync.WaitGroup
	shop.Go(func() { w.trade(store, t, sold) })
	kills := killedUntilDone(t, d, url, orders)
	closing()
	shop.Wait()

	for range 10 { // tries that failed, and what one store lacks is another's to hand over
		w.trade(t.Context(), t, sold)
		w.pass(time.Hour)
		w.jobs(t)
	}
	rows, err := d.Query(t.Context(), `SELECT state, count(*), count(*) FILTER (WHERE tries >= 5) FROM orders.placed GROUP BY state`)
	require.NoError(t, err)
	counts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[order.StateCount])
	require.NoError(t, err)
	var total, stuck int64
	for _, c := range counts {
		require.Contains(t, []retail.OrderState{retail.OrderCancelled, retail.OrderCollected}, c.State, "every order ends")
		total, stuck = total+c.Orders, stuck+c.Stuck
	}
	require.EqualValues(t, orders, total)
	for _, where := range places[:2] {
		for _, product := range products {
			onHand, reserved := w.level(t, where, product)
			require.GreaterOrEqual(t, onHand, int64(0), "never oversold")
			require.Zero(t, reserved)
			require.Equal(t, units-sold[fmt.Sprint(where.ID, product)], onHand, "units removed are units sold")
		}
	}
	var charges, payers, wrong int64
	require.NoError(t, d.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT payment) FROM payments.sandbox_charge`).Scan(&charges, &payers))
	require.Equal(t, payers, charges, "nobody is charged twice")
	require.NoError(t, d.QueryRow(t.Context(), `
		SELECT count(*) FROM orders.placed o JOIN payments.sandbox_charge c ON c.payment = o.id
		WHERE o.state = 'cancelled' AND (c.state = 'authorised' OR c.captured <> c.refunded) OR
			o.state = 'collected' AND c.captured <> o.total AND (o.captured_at IS NOT NULL OR o.tries < 5)`).Scan(&wrong))
	require.Zero(t, wrong, "what was sold is paid, or known to be owed, and nothing else")
	var deadlocks int
	require.NoError(t, d.QueryRow(t.Context(), `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&deadlocks))
	require.Zero(t, deadlocks, "orders that change their store wait for each other")
	t.Logf("%d orders, %d kills, %v", orders, kills, counts)
}

// killedUntilDone starts headquarters, and kills and starts it again, each time after it has placed some orders, until it has placed
// every one.
func killedUntilDone(t *testing.T, d *db.DB, url string, orders int) (kills int) {
	for {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), childURL+"="+url, fmt.Sprintf("%s=%d", childOrders, orders))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		done := make(chan struct{})
		go func() {
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				if lines.Text() == childDone {
					close(done)
				}
			}
		}()
		finished := waitForOrders(t, d, rand.IntN(orders/10), done)
		require.NoError(t, child.Process.Kill())
		_ = child.Wait()
		kills++
		if finished {
			return kills
		}
	}
}

// waitForOrders waits until so many more orders are placed, or all are: then it is true.
func waitForOrders(t *testing.T, d *db.DB, more int, done <-chan struct{}) (finished bool) {
	placed := func() (n int) {
		require.NoError(t, d.QueryRow(t.Context(), `SELECT count(*) FROM orders.transition`).Scan(&n))
		return n
	}
	for from := placed(); placed() <= from+5*more; {
		select {
		case <-done:
			return true
		case <-time.After(5 * time.Millisecond):
		}
	}
	return false
}

// trade is the tills of both stores: they hand over what was ordered, and are short of some of it.
func (w *world) trade(ctx context.Context, t *testing.T, sold map[string]int64) {
	for {
		page, err := order.List(context.Background(), w.db, order.Filter{States: []retail.OrderState{retail.OrderConfirmed}, Limit: 200})
		if err != nil {
			t.Error(err)
			return
		}
		for _, o := range page.Orders {
			if o.ID[0]%8 == 0 && o.Attempt == 1 {
				w.do(t, func(tx *db.Tx) error {
					_, err := order.Short(context.Background(), tx, w.answer(o), nil)
					return err
				})
				continue
			}
			verdict, err := w.collect(context.Background(), o, o.Location)
			if err != nil {
				t.Error(err)
				return
			}
			if verdict != order.Counts {
				t.Error("an order went another way while its store held it")
			}
			for _, l := range o.Lines {
				sold[fmt.Sprint(o.Location, l.Product)] += int64(l.Quantity / money.One)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
		if len(page.Orders) == 0 && ctx == t.Context() {
			return
		}
	}
}
