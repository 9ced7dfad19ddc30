package order_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func TestAnOrderIsCollected(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 5)
	p := cart(downtown, approves, of(syrup, 2))
	o := w.place(t, p, retail.OrderConfirmed)
	require.Equal(t, "W-000001", o.Code)
	onHand, reserved := w.level(t, downtown, syrup)
	require.Equal(t, []int64{5, 2}, []int64{onHand, reserved})
	require.Equal(t, payments.Authorised, w.charge(t, o.ID).State, "nothing is taken before the store accepts")

	// The same again is the same order.
	again := w.place(t, p, retail.OrderConfirmed)
	require.Equal(t, o.Code, again.Code)
	w.jobs(t)

	w.do(t, func(tx *db.Tx) error {
		verdict, err := order.Accept(t.Context(), tx, w.answer(o))
		require.Equal(t, order.Counts, verdict)
		return err
	})
	w.jobs(t)
	require.Equal(t, retail.OrderPicking, w.one(t, o.ID).State)
	require.Equal(t, payments.Captured, w.charge(t, o.ID).State)

	w.do(t, func(tx *db.Tx) error {
		_, err := order.Ready(t.Context(), tx, w.answer(o))
		return err
	})
	w.jobs(t)
	verdict, err := w.collect(t.Context(), o, downtown.ID)
	require.NoError(t, err)
	require.Equal(t, order.Counts, verdict)
	w.jobs(t)

	onHand, reserved = w.level(t, downtown, syrup)
	require.Equal(t, []int64{3, 0}, []int64{onHand, reserved})
	require.Equal(t, []retail.OrderState{
		"created", "stock_verified", "stock_reserved", "payment_processed", "order_confirmed", "accepted", "picking", "ready", "collected",
	}, w.path(t, o.ID))
	require.Equal(t, []string{"W-000001 order_confirmed", "W-000001 ready"}, w.told)
	require.Equal(t, "CV-01-1-1", w.one(t, o.ID).Receipt)
}

func TestTwoTillsHandOverOneOrder(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 5)
	o := w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
	verdict, err := w.collect(t.Context(), o, downtown.ID)
	require.NoError(t, err)
	require.Equal(t, order.Counts, verdict, "who hands over has accepted")
	verdict, err = w.collect(t.Context(), o, downtown.ID)
	require.NoError(t, err)
	require.Equal(t, order.Wrong, verdict, "people must look at the second")
	w.jobs(t)
	require.Equal(t, payments.Captured, w.charge(t, o.ID).State)
	onHand, reserved := w.level(t, downtown, syrup)
	require.Equal(t, []int64{1, 0}, []int64{onHand, reserved}, "goods left twice")
}

func TestWhatIsNotThereIsNotSold(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
	o := w.place(t, cart(downtown, approves, of(syrup, 1), of(syrup, 1)), retail.OrderCancelled)
	require.Equal(t, order.FailedStock, o.Failure, "lines of one product are added up")
	require.Zero(t, w.charge(t, o.ID), "nobody was asked for money")
	_, reserved := w.level(t, downtown, syrup)
	require.EqualValues(t, 2, reserved)
}

func TestADeclinedPaymentGivesTheGoodsBack(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	o := w.place(t, cart(downtown, "4000 0000 0000 9995", of(syrup, 2)), retail.OrderCancelled)
	require.Equal(t, order.FailedPayment, o.Failure)
	_, reserved := w.level(t, downtown, syrup)
	require.Zero(t, reserved)
	require.Equal(t, []retail.OrderState{"created", "stock_verified", "stock_reserved", "compensation_started", "cancelled"}, w.path(t, o.ID))
}

func TestALostAnswerIsAskedFor(t *testing.T) {
	for _, card := range []string{"4000 0000 1000 0018", "4000 0000 1000 0026", "4000 0000 1000 0042", "4000 0000 1000 0133"} {
		t.Run(card, func(t *testing.T) {
			w := open(t)
			w.stocked(t, downtown, syrup, 3)
			o, err := w.desk.Place(t.Context(), cart(downtown, card, of(syrup, 2)))
			require.True(t, payments.Later(err), "%v", err)
			require.Equal(t, retail.OrderStockReserved, o.State)
			for range 6 {
				w.pass(time.Minute)
				w.jobs(t)
			}
			require.Equal(t, retail.OrderConfirmed, w.one(t, o.ID).State)
			require.Equal(t, payments.Authorised, w.charge(t, o.ID).State)
			require.Equal(t, o.Total, must(payments.One(t.Context(), w.db, o.ID)).Amount)
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestCancelledWhileItWaits(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	o := w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
	o, err := w.desk.Cancel(t.Context(), o.ID, clerk, "the customer called")
	require.NoError(t, err)
	require.Equal(t, retail.OrderCancelled, o.State)
	require.Equal(t, order.CancelledByStaff, o.Failure)
	require.Equal(t, payments.Voided, w.charge(t, o.ID).State)
	_, reserved := w.level(t, downtown, syrup)
	require.Zero(t, reserved)
	// The till did not know.
	verdict, err := w.collect(t.Context(), o, downtown.ID)
	require.NoError(t, err)
	require.Equal(t, order.Wrong, verdict)
	// Again is no error, and nothing more.
	_, err = w.desk.Cancel(t.Context(), o.ID, clerk, "")
	require.NoError(t, err)
}

func TestCapturedIsRefundedWhenCancelled(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	o := w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
	w.do(t, func(tx *db.Tx) error {
		_, err := order.Ready(t.Context(), tx, w.answer(o))
		return err
	})
	w.jobs(t)
	require.Equal(t, o.Total, w.charge(t, o.ID).Captured)
	// Nobody comes for it.
	w.pass(8 * 24 * time.Hour)
	w.jobs(t)
	o = w.one(t, o.ID)
	require.Equal(t, retail.OrderCancelled, o.State)
	require.Equal(t, order.FailedCollected, o.Failure)
	require.Equal(t, o.Total, w.charge(t, o.ID).Refunded)
	_, reserved := w.level(t, downtown, syrup)
	require.Zero(t, reserved)
}

func TestShortAsksAnotherStore(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	w.stocked(t, north, syrup, 9)
	o := w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
	w.do(t, func(tx *db.Tx) error {
		_, err := order.Short(t.Context(), tx, w.answer(o), []retail.StockLine{of(syrup, 1)})
		return err
	})
	w.jobs(t)
	moved := w.one(t, o.ID)
	require.Equal(t, retail.OrderConfirmed, moved.State)
	require.Equal(t, north.ID, moved.Location)
	require.Equal(t, 2, moved.Attempt)
	_, here := w.level(t, downtown, syrup)
	_, there := w.level(t, north, syrup)
	require.Equal(t, []int64{0, 2}, []int64{here, there})
	// An answer of the first store, late, is of a question nobody asks any more.
	w.do(t, func(tx *db.Tx) error {
		verdict, err := order.Accept(t.Context(), tx, w.answer(o))
		require.Equal(t, order.TooLate, verdict)
		return err
	})
	// The second does not have it either, and there is no third.
	w.do(t, func(tx *db.Tx) error {
		_, err := order.Short(t.Context(), tx, w.answer(moved), nil)
		return err
	})
	w.jobs(t)
	gone := w.one(t, o.ID)
	require.Equal(t, retail.OrderCancelled, gone.State)
	require.Equal(t, order.FailedStock, gone.Failure)
	require.Equal(t, payments.Voided, w.charge(t, o.ID).State)
}

// What a store has said it lacks is promised to nobody else, until somebody sets the record right, or for a day.
func TestWhatAStoreLacksIsNotPromisedAgain(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 5)
	w.stocked(t, downtown, sugar, 5)
	available := func() money.Quantity {
		found, err := w.desk.Available(t.Context(), downtown.ID, []uuid.UUID{syrup, sugar})
		require.NoError(t, err)
		require.EqualValues(t, 5*money.One, found[sugar].Available)
		require.Equal(t, found[syrup].OnHand-found[syrup].Reserved-found[syrup].Buffer, found[syrup].Available)
		return found[syrup].Available
	}
	lack := func() {
		o := w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
		w.do(t, func(tx *db.Tx) error {
			_, err := order.Short(t.Context(), tx, w.answer(o), []retail.StockLine{of(syrup, 1)})
			return err
		})
		w.jobs(t)
		require.Equal(t, retail.OrderCancelled, w.one(t, o.ID).State, "no other store has it")
		require.Zero(t, available())
		o = w.place(t, cart(downtown, approves, of(syrup, 1)), retail.OrderCancelled)
		require.Equal(t, order.FailedStock, o.Failure)
	}
	lack()
	w.pass(time.Minute)
	w.do(t, func(tx *db.Tx) error { // somebody corrects it
		return stock.Record(t.Context(), tx, []stock.Movement{{
			Location: downtown.ID, Product: syrup, At: w.clock(), Ref: uuid.New(), Reason: stock.Mended, Quantity: -money.One,
		}})
	})
	require.EqualValues(t, 4*money.One, available())
	lack()
	w.pass(24 * time.Hour)
	require.EqualValues(t, 4*money.One, available())
}

func TestNobodyAcceptsInTime(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	o := w.place(t, cart(downtown, approves, of(syrup, 2)), retail.OrderConfirmed)
	w.pass(24*time.Hour - time.Second)
	w.jobs(t)
	require.Equal(t, retail.OrderConfirmed, w.one(t, o.ID).State)
	w.pass(time.Second)
	w.jobs(t)
	o = w.one(t, o.ID)
	require.Equal(t, retail.OrderCancelled, o.State)
	require.Equal(t, order.FailedNobody, o.Failure)
	require.Equal(t, payments.Voided, w.charge(t, o.ID).State)
}

func TestAnOrderIsShippedAndComesBack(t *testing.T) {
	w := open(t)
	w.stocked(t, depot, syrup, 3)
	o := w.place(t, cart(depot, approves, of(syrup, 2)), retail.OrderConfirmed)
	_, err := w.desk.Ship(t.Context(), o.ID, clerk, "")
	require.Error(t, err, "nothing is paid for yet")
	o, err = w.desk.Prepare(t.Context(), o.ID, clerk)
	require.NoError(t, err)
	require.Equal(t, retail.OrderPicking, o.State)
	o, err = w.desk.Ship(t.Context(), o.ID, clerk, "RN123")
	require.NoError(t, err)
	require.Equal(t, retail.OrderShipped, o.State)
	_, err = w.desk.Ship(t.Context(), o.ID, clerk, "RN123")
	require.Error(t, err, "once")
	require.Equal(t, "ENT-W-1", o.Receipt)
	onHand, reserved := w.level(t, depot, syrup)
	require.Equal(t, []int64{1, 0}, []int64{onHand, reserved})
	sellers, err := sales.Sellers(t.Context(), w.db)
	require.NoError(t, err)
	require.Equal(t, []string{"CV", "ENT", "NO"}, codes(sellers), "what a warehouse shipped is in the reports; one that shipped nothing is not")
	day := retail.DateOf(w.clock())
	report, err := sales.ReadReport(t.Context(), w.db, sales.Filter{Stores: sellers, Period: sales.Period{From: day, To: day}})
	require.NoError(t, err)
	require.Equal(t, []money.Amount{o.Total, o.Total, 0}, []money.Amount{report.Total.Total, report.Total.Online, report.Total.Card})
	o, err = w.desk.Deliver(t.Context(), o.ID, clerk)
	require.NoError(t, err)
	o, err = w.desk.Return(t.Context(), o.ID, clerk)
	require.NoError(t, err)
	require.Equal(t, retail.OrderReturned, o.State)
	require.Equal(t, o.Total, w.charge(t, o.ID).Refunded)
	onHand, _ = w.level(t, depot, syrup)
	require.EqualValues(t, 3, onHand)
	var tickets, refunds, revenue int64
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT sum(tickets), sum(refunds), sum(revenue) FROM sales.hourly WHERE store_id = $1`, depot.ID).
		Scan(&tickets, &refunds, &revenue))
	require.Equal(t, []int64{1, 1, 0}, []int64{tickets, refunds, revenue}, "one sale, and its refund")

	// Neither what was called off nor what another system sold takes a number of the series.
	past := sales.Document{Place: sales.Place{Store: depot.ID, At: w.clock(), User: clerk}, BusinessDate: day, Source: "A-1"}
	w.do(t, func(tx *db.Tx) error { return sales.RecordHistory(t.Context(), tx, []sales.Document{past}) })
	o = w.place(t, cart(depot, approves, of(syrup, 1)), retail.OrderConfirmed)
	_, err = w.desk.Cancel(t.Context(), o.ID, clerk, "")
	require.NoError(t, err)
	o = w.place(t, cart(depot, approves, of(syrup, 1)), retail.OrderConfirmed)
	_, err = w.desk.Prepare(t.Context(), o.ID, clerk)
	require.NoError(t, err)
	o, err = w.desk.Ship(t.Context(), o.ID, clerk, "")
	require.NoError(t, err)
	require.Equal(t, "ENT-W-3", o.Receipt, "after a sale and its refund")
}

func codes(locations []retail.Location) (codes []string) {
	for _, l := range locations {
		codes = append(codes, l.Code)
	}
	slices.Sort(codes)
	return codes
}

func TestBadOrders(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 3)
	for name, change := range map[string]func(*order.Placement){
		"order.sums":        func(p *order.Placement) { p.Total++ },
		"order.no_id":       func(p *order.Placement) { p.ID = [16]byte{} },
		"order.nobody":      func(p *order.Placement) { p.Email = "" },
		"order.wrong_place": func(p *order.Placement) { p.At = depot },
	} {
		p := cart(downtown, approves, of(syrup, 2))
		change(&p)
		_, err := w.desk.Place(t.Context(), p)
		var told *retail.Error
		require.ErrorAs(t, err, &told, name)
		require.Equal(t, name, told.Key)
	}
	negative := cart(downtown, approves, of(syrup, 2))
	negative.Lines[0].Quantity *= -1
	_, err := w.desk.Place(t.Context(), negative)
	require.Error(t, err)
	_, reserved := w.level(t, downtown, syrup)
	require.Zero(t, reserved)
}

// The codes of the replaced system collided.
func TestCodesGoOnAfterAMillion(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 9)
	_, err := w.db.Exec(t.Context(), `SELECT setval('orders.number', 999999)`)
	require.NoError(t, err)
	for _, code := range []string{retail.OrderCode(1_000_000), retail.OrderCode(1_000_001)} {
		require.Equal(t, code, w.place(t, cart(downtown, approves, of(syrup, 1)), retail.OrderConfirmed).Code)
	}
}

func TestWhoOrderedIsForgotten(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 9)
	alice := uuid.New()
	p := cart(downtown, approves, of(syrup, 1))
	p.Customer, p.Phone = alice, "514 555-0101"
	o := w.place(t, p, retail.OrderConfirmed)
	told := func() (row retail.Order) {
		var body []byte
		require.NoError(t, w.db.QueryRow(t.Context(), `SELECT body FROM feed.item WHERE type = $1 AND id = $2`, int16(retail.RowOrder), o.ID).Scan(&body))
		require.NoError(t, cbor.Unmarshal(body, &row))
		return row
	}
	require.Equal(t, "Alice Tremblay", told().Name)
	require.Equal(t, "4242", told().LastFour, "the receipt says how it was paid")
	w.do(t, func(tx *db.Tx) error { return order.Forget(t.Context(), tx, alice) })
	now := w.one(t, o.ID)
	require.Equal(t, []string{"", "", "", ""}, []string{now.Name, now.Email, now.Phone, now.Address})
	require.Empty(t, told().Name)
	require.Equal(t, o.Total, now.Total, "what was bought stays")
}

// A visitor without an account is forgotten when the order is over and paid, and not before.
func TestAGuestIsForgotten(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 9)
	forget := func(o order.Order) error {
		return w.db.InTx(t.Context(), func(tx *db.Tx) error { return w.desk.ForgetGuest(t.Context(), tx, o.ID) })
	}
	o := w.place(t, cart(downtown, approves, of(syrup, 1)), retail.OrderConfirmed)
	var known *retail.Error
	require.ErrorAs(t, forget(o), &known, "somebody waits for it")
	_, err := w.desk.Cancel(t.Context(), o.ID, uuid.Nil, "")
	require.NoError(t, err)
	require.ErrorAs(t, forget(o), &known, "the letter is not written yet")
	w.jobs(t)
	require.NoError(t, forget(o))
	now := w.one(t, o.ID)
	require.Equal(t, []string{"", "", "", ""}, []string{now.Name, now.Email, now.Phone, now.Address})
	require.Equal(t, o.Total, now.Total)
	require.ErrorAs(t, forget(o), &known, "nobody is there to forget")

	p := cart(downtown, approves, of(syrup, 1))
	p.Customer = uuid.New()
	theirs := w.place(t, p, retail.OrderConfirmed)
	_, err = w.desk.Cancel(t.Context(), theirs.ID, uuid.Nil, "")
	require.NoError(t, err)
	w.jobs(t)
	require.ErrorAs(t, forget(theirs), &known, "erase the customer")
}

// A till that was cut off said ready ten days ago: the customer has a week from when headquarters knows.
func TestReadyWaitsFromWhenItIsHeard(t *testing.T) {
	w := open(t)
	w.stocked(t, downtown, syrup, 9)
	o := w.place(t, cart(downtown, approves, of(syrup, 1)), retail.OrderConfirmed)
	late := w.answer(o)
	w.pass(10 * 24 * time.Hour)
	late.Heard = w.clock()
	w.do(t, func(tx *db.Tx) error {
		_, err := order.Ready(t.Context(), tx, late)
		return err
	})
	require.Equal(t, w.clock().Add(7*24*time.Hour), w.one(t, o.ID).Until.UTC())
}
