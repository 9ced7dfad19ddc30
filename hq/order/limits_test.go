package order_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/shared/retail"
)

// away is a gateway that answers nothing.
type away struct{ payments.Gateway }

var errAway = errors.New("nobody answers")

func (away) Authorise(context.Context, payments.Request) (payments.Answer, error) {
	return payments.Answer{}, errAway
}

func (away) Find(context.Context, payments.Request) (payments.Answer, error) {
	return payments.Answer{}, errAway
}

func (away) Void(context.Context, payments.Request) (payments.Answer, error) {
	return payments.Answer{}, errAway
}

// While the bank says nothing the goods are kept for an hour, and then they are somebody else's. What it held is given up when it answers.
func TestABankThatSaysNothingKeepsNoGoods(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 5)
	log := slog.New(slog.DiscardHandler)
	heard := w.desk
	w.desk = order.New(order.Config{DB: w.db, Payments: payments.New(w.db, away{w.gateway}, log, w.clock), Log: log, Now: w.clock})
	p := cart(downtown, approves, of(syrup, 2))
	_, err := w.desk.Place(t.Context(), p)
	require.True(t, payments.Later(err), "%v", err)
	w.pass(59 * time.Minute)
	w.jobs(t)
	require.Equal(t, retail.OrderStockReserved, w.one(t, p.ID).State)
	_, reserved := w.level(t, downtown, syrup)
	require.EqualValues(t, 2, reserved)
	w.pass(11 * time.Minute)
	w.jobs(t)
	require.Equal(t, retail.OrderCompensating, w.one(t, p.ID).State)
	_, reserved = w.level(t, downtown, syrup)
	require.Zero(t, reserved)
	w.desk = heard
	w.pass(time.Hour)
	w.jobs(t)
	o := w.one(t, p.ID)
	require.Equal(t, retail.OrderCancelled, o.State)
	require.Equal(t, order.FailedUnpaid, o.Failure)
	require.NotEqual(t, payments.Authorised, w.charge(t, p.ID).State)
}

// A store that accepted and prepares nothing for a week loses the order to another one, which need not be paid again.
func TestWhatIsNotPreparedIsAskedOfAnother(t *testing.T) {
	w := open(t)
	w.stocked(t, depot, syrup, 5)
	w.stocked(t, reserve, syrup, 5)
	o := w.place(t, cart(depot, approves, of(syrup, 2)), retail.OrderConfirmed)
	_, err := w.desk.Prepare(t.Context(), o.ID, clerk)
	require.NoError(t, err)
	w.pass(6 * 24 * time.Hour)
	w.jobs(t)
	require.Equal(t, depot.ID, w.one(t, o.ID).Location)
	w.pass(25 * time.Hour)
	w.jobs(t)
	o = w.one(t, o.ID)
	require.Equal(t, retail.OrderConfirmed, o.State)
	require.Equal(t, reserve.ID, o.Location)
	_, reserved := w.level(t, depot, syrup)
	require.Zero(t, reserved)
	taken := *o.Captured
	o, err = w.desk.Prepare(t.Context(), o.ID, clerk)
	require.NoError(t, err)
	require.Equal(t, retail.OrderPicking, o.State, "it is paid, and can be shipped")
	require.Equal(t, taken, *o.Captured)
	o, err = w.desk.Ship(t.Context(), o.ID, clerk, "")
	require.NoError(t, err)
	require.Equal(t, retail.OrderShipped, o.State)
	require.Equal(t, o.Total, w.charge(t, o.ID).Captured)
}

// A letter that cannot be sent makes nothing stuck: one that the address takes none of is given up at once, any other after a day.
func TestALetterThatDoesNotGoKeepsNoOrder(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		waits time.Duration
	}{
		"no such address": {fmt.Errorf("send: %w", order.ErrUnreachable), 0},
		"no server":       {errors.New("nobody answers"), 25 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.stocked(t, downtown, syrup, 5)
			log := slog.New(slog.DiscardHandler)
			tries := 0
			w.desk = order.New(order.Config{
				DB: w.db, Payments: payments.New(w.db, w.gateway, log, w.clock), Log: log, Now: w.clock,
				Tell: func(context.Context, order.Order) error {
					tries++
					return c.err
				},
			})
			o := w.place(t, cart(downtown, approves, of(syrup, 1)), retail.OrderConfirmed)
			_, err := w.desk.Cancel(t.Context(), o.ID, clerk, "")
			require.NoError(t, err)
			for passed := time.Duration(0); passed < c.waits; passed += time.Hour {
				w.jobs(t)
				require.False(t, w.one(t, o.ID).Stuck())
				require.Equal(t, tries, int(passed/time.Hour)+1)
				w.pass(time.Hour)
			}
			w.jobs(t)
			o = w.one(t, o.ID)
			require.Nil(t, o.Due)
			require.True(t, o.Guest(w.clock()), "who ordered can be forgotten")
			history := must(order.History(t.Context(), w.db, o.ID))
			last := history[len(history)-1]
			require.Equal(t, "tell", last.Deed)
			require.NotEmpty(t, last.Error)
			require.NotEqual(t, "tell", history[len(history)-2].Deed, "it is noted once")
		})
	}
}

// An order that is tried for ever has a history that people can read.
func TestAHistoryDoesNotGrowForEver(t *testing.T) {
	w := open(t)
	o := w.owed(t)
	for range 200 {
		w.pass(7 * time.Hour)
		w.jobs(t)
	}
	o = w.one(t, o.ID)
	require.Greater(t, o.Tries, 200)
	require.Less(t, len(must(order.History(t.Context(), w.db, o.ID))), 25)
}

// owed is an order that was handed over, and whose card pays nothing.
func (w *world) owed(t *testing.T) order.Order {
	w.stocked(t, downtown, syrup, 9)
	o := w.place(t, cart(downtown, "4000 0000 1000 0083", of(syrup, 2)), retail.OrderConfirmed)
	_, err := w.collect(t.Context(), o, downtown.ID)
	require.NoError(t, err)
	for range 5 {
		w.pass(time.Hour)
		w.jobs(t)
	}
	o = w.one(t, o.ID)
	require.Equal(t, retail.OrderCollected, o.State)
	return o
}

// What went out and is not paid is not over: people see it until they say how it was settled.
func TestWhatIsOwedIsSettledByPeople(t *testing.T) {
	w := open(t)
	o := w.owed(t)
	require.True(t, o.Stuck())
	require.False(t, o.Over())
	counts := must(order.CountOpen(t.Context(), w.db, nil))
	require.Equal(t, []order.StateCount{{State: retail.OrderCollected, Orders: 1, Stuck: 1}}, counts)
	require.Equal(t, 1, must(order.CountWaiting(t.Context(), w.db, nil)))
	_, err := w.desk.Settle(t.Context(), o.ID, clerk, " ")
	require.ErrorContains(t, err, "payment.how")
	o, err = w.desk.Settle(t.Context(), o.ID, clerk, "paid in cash")
	require.NoError(t, err)
	require.True(t, o.Over())
	require.True(t, w.one(t, o.ID).Over())
	require.Empty(t, must(order.CountOpen(t.Context(), w.db, nil)))
	history := must(order.History(t.Context(), w.db, o.ID))
	said := history[len(history)-1]
	require.Equal(t, "settle", said.Deed)
	require.Equal(t, clerk, said.By)
	require.JSONEq(t, `{"how": "paid in cash"}`, string(said.Request))
	_, err = w.desk.Settle(t.Context(), o.ID, clerk, "paid in cash")
	require.ErrorContains(t, err, "order.state")
}

// A till may hand over and take back before headquarters has taken the money: the till has paid it back, so it is taken.
func TestWhatCameBackBeforeItWasPaidIsPaid(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	o := w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
	_, err := w.collect(t.Context(), o, downtown.ID)
	require.NoError(t, err)
	w.giveBack(t, o)
	require.Equal(t, retail.OrderReturned, w.one(t, o.ID).State)
	w.jobs(t)
	o = w.one(t, o.ID)
	require.True(t, o.Over())
	charge := w.charge(t, o.ID)
	require.Equal(t, payments.Captured, charge.State)
	require.Equal(t, o.Total, charge.Captured)
}

// What was refused is refused, whatever jobs do with the order at the same time.
func TestAfterTellsWhatWasDone(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	o := w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
	before := o
	_, failed := w.desk.Settle(t.Context(), o.ID, clerk, "cash")
	w.do(t, func(tx *db.Tx) error {
		_, err := order.Accept(t.Context(), tx, w.answer(o))
		return err
	})
	_, err := w.desk.After(t.Context(), before, failed)
	require.ErrorIs(t, err, failed)
}
