package order_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/pgtest"
	"comptant/shared/retail"
)

// atOnce places orders that come while the first of them waits for the level of its product, and gives what became of each.
func atOnce(t *testing.T, w *world, all ...order.Placement) (orders []order.Order, errs []error) {
	orders, errs = make([]order.Order, len(all)), make([]error, len(all))
	held, end := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(end) })
	defer release()
	var done sync.WaitGroup
	done.Go(func() {
		err := w.db.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `SELECT FROM stock.level FOR UPDATE`)
			close(held)
			<-end
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	place := func(i int) { orders[i], errs[i] = w.desk.Place(t.Context(), all[i]) }
	done.Go(func() { place(0) })
	pgtest.UntilBlocked(t, w.db)
	for i := range all[1:] {
		done.Go(func() { place(i + 1) })
	}
	require.Eventually(t, func() bool { return w.desk.Waiting() == len(all)-1 }, 10*time.Second, time.Millisecond)
	release()
	done.Wait()
	return orders, errs
}

func (w *world) transactions(t *testing.T) (n int) {
	require.NoError(t, w.db.QueryRow(context.Background(), `SELECT count(DISTINCT xmin::text) FROM orders.transition WHERE to_state = 'created'`).Scan(&n))
	return n
}

func TestOrdersThatComeAtOnceShareATransaction(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 10)
	var all []order.Placement
	for range 8 {
		all = append(all, cart(downtown, approves, of(syrup, 2)))
	}
	all = append(all, cart(downtown, "4000 0000 0000 9995", of(syrup, 1))) // declined, if it was ever asked
	var beside atomic.Int64
	for i := range all {
		all[i].Beside = func(tx *db.Tx) error {
			tx.AfterCommit(func() { beside.Add(1) })
			return nil
		}
	}
	orders, errs := atOnce(t, w, all...)
	require.EqualValues(t, len(all), beside.Load(), "what is written beside each of them")
	confirmed := 0
	for i, o := range orders {
		require.NoError(t, errs[i])
		switch o.State {
		case retail.OrderConfirmed:
			confirmed++
		case retail.OrderCancelled:
			require.Contains(t, []string{order.FailedStock, order.FailedPayment}, o.Failure)
		default:
			require.Fail(t, "an order is not driven to its end", o.State)
		}
		require.Equal(t, o.Code, w.one(t, o.ID).Code)
	}
	require.GreaterOrEqual(t, confirmed, 4, "the declined one may hold one unit for a while")
	_, reserved := w.level(t, downtown, syrup)
	require.EqualValues(t, 2*confirmed, reserved)
	require.LessOrEqual(t, reserved, int64(10), "nothing is promised twice")
	require.Equal(t, 2, w.transactions(t), "the first is alone, the others are together")
}

// What one of them cannot do is its own matter, and an order that is asked for twice at once is one.
func TestOrdersThatComeAtOnceDoNotFailTogether(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 10)
	twice := cart(downtown, approves, of(syrup, 1))
	orders, errs := atOnce(t, w,
		cart(downtown, approves, of(syrup, 1)), cart(downtown, "no card", of(syrup, 1)), twice, twice, cart(downtown, approves, of(syrup, 1)))
	require.Error(t, errs[1])
	for _, i := range []int{0, 2, 3, 4} {
		require.NoError(t, errs[i])
		require.Equal(t, retail.OrderConfirmed, orders[i].State)
	}
	require.Equal(t, orders[2].Code, orders[3].Code)
	_, reserved := w.level(t, downtown, syrup)
	require.EqualValues(t, 3, reserved)
	require.Equal(t, 3, w.transactions(t), "each goes again alone")
}
