package order_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/shared/retail"
)

// A card that takes no refund leaves an order that people must look at: it is tried on, and counted as stuck.
func TestARefundThatIsRefusedIsSeen(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 9)
	o := w.place(t, cart(downtown, "4000 0000 1000 0117", of(syrup, 1)), retail.OrderConfirmed)
	w.do(t, func(tx *db.Tx) error {
		_, err := order.Ready(t.Context(), tx, w.answer(o))
		return err
	})
	w.jobs(t)
	_, _ = w.desk.Cancel(t.Context(), o.ID, clerk, "")
	for range 8 {
		w.pass(time.Hour)
		w.jobs(t)
	}
	o = w.one(t, o.ID)
	require.Equal(t, retail.OrderCompensating, o.State)
	require.True(t, o.Stuck())
}

// deaf is a gateway whose answers to authorisations are lost.
type deaf struct{ payments.Gateway }

func (d deaf) Authorise(ctx context.Context, r payments.Request) (payments.Answer, error) {
	_, err := d.Gateway.Authorise(ctx, r)
	return payments.Answer{}, errors.Join(errors.New("the answer is lost"), err)
}

// beaten is a gateway whose answer to a capture is lost, after somebody else has captured.
type beaten struct {
	payments.Gateway
	by func()
}

func (b beaten) Capture(context.Context, payments.Request) (payments.Answer, error) {
	b.by()
	return payments.Answer{}, errors.New("the answer is lost")
}

// Who hears nothing of a capture that another was told of meanwhile writes no failure down: nobody would ever try it again, and the order
// would be due for ever.
func TestACaptureThatAnotherMadeHasNotFailed(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 5)
	o := w.place(t, cart(downtown, approves, of(syrup, 1)), retail.OrderConfirmed)
	verdict, err := w.collect(t.Context(), o, downtown.ID)
	require.NoError(t, err)
	require.Equal(t, order.Counts, verdict)
	log := slog.New(slog.DiscardHandler)
	gateway := beaten{w.gateway, func() {
		_, err := w.desk.Retry(t.Context(), o.ID)
		require.NoError(t, err)
	}}
	late := order.New(order.Config{DB: w.db, Payments: payments.New(w.db, gateway, log, w.clock), Log: log, Now: w.clock})
	_, err = late.Retry(t.Context(), o.ID)
	require.Error(t, err)
	o = w.one(t, o.ID)
	require.NotNil(t, o.Captured)
	require.Nil(t, o.Due)
	require.Zero(t, o.Tries)
	w.pass(time.Hour)
	w.jobs(t)
}

// Headquarters may be away for longer than an authorisation lasts: what it hears of then was never its to take.
func TestAnAuthorisationThatLapsedUnheardIsCalledOff(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 5)
	log := slog.New(slog.DiscardHandler)
	unheard := order.New(order.Config{DB: w.db, Payments: payments.New(w.db, deaf{w.gateway}, log, w.clock), Log: log, Now: w.clock})
	p := cart(downtown, "4000 0000 1000 0083", of(syrup, 2))
	_, err := unheard.Place(t.Context(), p)
	require.True(t, payments.Later(err), "%v", err)
	w.pass(8 * 24 * time.Hour)
	w.jobs(t)
	o := w.one(t, p.ID)
	require.Equal(t, retail.OrderCancelled, o.State)
	require.Equal(t, order.FailedUnpaid, o.Failure)
	_, reserved := w.level(t, downtown, syrup)
	require.Zero(t, reserved)
}

// An order whose card takes no refund ends when people have given the money back another way; its goods do not wait for that.
func TestWhatTheCardRefusesIsRepaidByPeople(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	o := w.place(t, cart(downtown, "4000 0000 1000 0117", of(syrup, 2)), retail.OrderConfirmed)
	w.do(t, func(tx *db.Tx) error {
		_, err := order.Accept(t.Context(), tx, w.answer(o))
		return err
	})
	w.jobs(t)
	require.Equal(t, payments.Captured, w.charge(t, o.ID).State)
	_, err := w.desk.Repay(t.Context(), o.ID, clerk, "cash")
	require.ErrorContains(t, err, "order.state", "it is not being undone")
	_, err = w.desk.Cancel(t.Context(), o.ID, clerk, "")
	require.ErrorContains(t, err, "payment.refund_refused")
	require.Equal(t, retail.OrderCompensating, w.one(t, o.ID).State)
	_, reserved := w.level(t, downtown, syrup)
	require.Zero(t, reserved, "somebody else may have the goods")
	_, err = w.desk.Repay(t.Context(), o.ID, clerk, "")
	require.ErrorContains(t, err, "payment.how")
	o, err = w.desk.Repay(t.Context(), o.ID, clerk, "cash")
	require.NoError(t, err)
	require.Equal(t, retail.OrderCancelled, o.State)
	history := must(order.History(t.Context(), w.db, o.ID))
	said := history[len(history)-2]
	require.Equal(t, "repay", said.Deed)
	require.Equal(t, clerk, said.By)
	require.JSONEq(t, `{"how": "cash"}`, string(said.Request))
	_, err = w.desk.Repay(t.Context(), o.ID, clerk, "cash")
	require.ErrorContains(t, err, "payment.not_refused")
}

// What tills give back of a collected order in parts is in its history; with the last part it is returned.
func TestACollectedOrderIsGivenBackInParts(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	o := w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
	_, err := w.collect(t.Context(), o, downtown.ID)
	require.NoError(t, err)
	w.jobs(t)
	w.giveBackPart(t, o, 100)
	w.giveBackPart(t, o, 50)
	require.Equal(t, retail.OrderCollected, w.one(t, o.ID).State)
	history := must(order.History(t.Context(), w.db, o.ID))
	require.EqualValues(t, 150, order.GivenBack(history))
	require.Equal(t, "give back", history[len(history)-1].Deed)
	require.Equal(t, clerk, history[len(history)-1].By)
	w.giveBackPart(t, o, o.Total-150)
	require.Equal(t, retail.OrderReturned, w.one(t, o.ID).State)
	w.jobs(t)
	require.True(t, w.one(t, o.ID).Over())
	require.Equal(t, o.Total, w.charge(t, o.ID).Captured, "the till has paid it back, not the card")
	require.Zero(t, w.charge(t, o.ID).Refunded)
}

// The same for what was shipped and came back.
func TestWhatTheCardRefusesOfAReturnIsRepaidByPeople(t *testing.T) {
	w := open(t)
	w.stocked(t, depot, syrup, 3)
	o := w.place(t, cart(depot, "4000 0000 1000 0117", of(syrup, 2)), retail.OrderConfirmed)
	_, err := w.desk.Prepare(t.Context(), o.ID, clerk)
	require.NoError(t, err)
	_, err = w.desk.Ship(t.Context(), o.ID, clerk, "")
	require.NoError(t, err)
	_, err = w.desk.Deliver(t.Context(), o.ID, clerk)
	require.NoError(t, err)
	_, err = w.desk.Repay(t.Context(), o.ID, clerk, "cash")
	require.ErrorContains(t, err, "payment.not_refused", "it did not come back")
	_, err = w.desk.Return(t.Context(), o.ID, clerk)
	require.ErrorContains(t, err, "payment.refund_refused")
	o, err = w.desk.Repay(t.Context(), o.ID, clerk, "cash")
	require.NoError(t, err)
	require.Equal(t, retail.OrderReturned, o.State)
	onHand, _ := w.level(t, depot, syrup)
	require.EqualValues(t, 3, onHand)
	var refunds int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM sales.document WHERE refund`).Scan(&refunds))
	require.Equal(t, 1, refunds)
}

// A refund may fail days after the bank had taken it, when the order has ended: that is in its history, and people give the money back.
func TestARefundThatFailsLaterIsRepaidByPeople(t *testing.T) {
	w := open(t)
	w.stocked(t, depot, syrup, 3)
	o := w.place(t, cart(depot, "4242 4242 4242 4242", of(syrup, 2)), retail.OrderConfirmed)
	_, err := w.desk.Prepare(t.Context(), o.ID, clerk)
	require.NoError(t, err)
	o, err = w.desk.Cancel(t.Context(), o.ID, clerk, "")
	require.NoError(t, err)
	require.Equal(t, retail.OrderCancelled, o.State)
	require.Equal(t, o.Total, must(payments.One(t.Context(), w.db, o.ID)).Refunded)
	_, err = w.desk.Repay(t.Context(), o.ID, clerk, "cash")
	require.ErrorContains(t, err, "payment.not_refused", "the bank gave it back")
	before := must(order.History(t.Context(), w.db, o.ID))

	fails := payments.Event{ID: "e1", Payment: o.ID, Kind: "refund.failed", Refund: o.ID.String() + "/void/1", Reason: "expired_or_canceled_card", At: w.clock()}
	for range 3 {
		require.NoError(t, w.desk.Notified(t.Context(), fails))
		fails.ID += "x"
	}
	require.NoError(t, w.desk.Notified(t.Context(), payments.Event{ID: "e2", Payment: id("nobody's"), Refund: "x"}))
	history := must(order.History(t.Context(), w.db, o.ID))
	require.Len(t, history, len(before)+1, "it is said once")
	said := history[len(history)-1]
	require.Equal(t, "refund", said.Deed)
	require.Contains(t, said.Error, "expired_or_canceled_card")
	require.JSONEq(t, `{"key": "payment.refund_failed"}`, string(said.Response))
	w.jobs(t)
	require.Equal(t, retail.OrderCancelled, w.one(t, o.ID).State)

	o, err = w.desk.Repay(t.Context(), o.ID, clerk, "cash")
	require.NoError(t, err)
	require.Equal(t, retail.OrderCancelled, o.State)
	_, err = w.desk.Repay(t.Context(), o.ID, clerk, "cash")
	require.ErrorContains(t, err, "payment.not_refused")
}
