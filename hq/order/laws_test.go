package order_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// dying is a context that ends at its n-th use: whoever works with it is killed between two statements.
type dying struct {
	context.Context
	left atomic.Int64
	dead chan struct{}
	once sync.Once
}

func dies(uses int64) *dying {
	d := &dying{Context: context.Background(), dead: make(chan struct{})}
	d.left.Store(uses)
	return d
}

func (d *dying) Done() <-chan struct{} {
	if d.left.Add(-1) < 0 {
		d.once.Do(func() { close(d.dead) })
	}
	return d.dead
}

func (d *dying) Err() error {
	select {
	case <-d.dead:
		return context.Canceled
	default:
		return nil
	}
}

var products = []uuid.UUID{syrup, sugar}

// TestEveryOrderEndsExact plays random histories of orders: every card of the sandbox, answers of tills in any order, twice and late,
// orders called off, time that passes, and whoever works killed between any two statements. Then everything is brought to its end.
func TestEveryOrderEndsExact(t *testing.T) {
	w := open(t)
	rapid.Check(t, func(t *rapid.T) {
		// Products of its own: what one history leaves when it fails is nothing to the next.
		h := history{w: w, products: []uuid.UUID{uuid.New(), uuid.New()}, placed: map[uuid.UUID]order.Placement{}, out: map[string]int64{}, unsure: map[uuid.UUID]order.Order{}}
		before := map[string]int64{}
		for _, p := range places {
			for i, product := range h.products {
				units := rapid.Int64Range(0, 6).Draw(t, fmt.Sprint(p.Code, i))
				w.stocked(t, p, product, units)
				before[fmt.Sprint(p.ID, product)] = units
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"place":   h.place,
			"answer":  h.answer,
			"collect": h.collect,
			"ship":    h.ship,
			"back":    h.back,
			"cancel":  h.cancel,
			"settle":  h.byHand,
			"pass":    func(t *rapid.T) { w.pass(time.Duration(rapid.IntRange(1, 40).Draw(t, "hours")) * time.Hour / 4) },
			"jobs":    func(t *rapid.T) { w.jobs(t) },
			"die": func(t *rapid.T) {
				if o, ok := h.any(t); ok {
					_, _ = w.desk.Advance(dies(rapid.Int64Range(0, 60).Draw(t, "uses")), o.ID)
				}
			},
			"": h.holds,
		})
		h.end(t)
		h.settle(t)
		for _, p := range places {
			for _, product := range h.products {
				k := fmt.Sprint(p.ID, product)
				onHand, reserved := w.level(t, p, product)
				require.Equal(t, before[k]-h.out[k], onHand, "units at %s are those that were there less those that left", p.Code)
				require.Zero(t, reserved, "nothing is promised any more at %s", p.Code)
			}
		}
	})
}

// history is what a test did to orders, and what left the shelves for them.
type history struct {
	w        *world
	products []uuid.UUID
	ids      []uuid.UUID
	placed   map[uuid.UUID]order.Placement
	out      map[string]int64
	// unsure are the orders of sales that died, by what the sale's movements are known by.
	unsure map[uuid.UUID]order.Order
}

// context lives on, or dies somewhere.
func (h *history) context(t *rapid.T) context.Context {
	if rapid.IntRange(0, 3).Draw(t, "dies") > 0 {
		return context.Background()
	}
	return dies(rapid.Int64Range(0, 80).Draw(t, "uses"))
}

func (h *history) any(t *rapid.T) (o order.Order, ok bool) {
	if len(h.ids) == 0 {
		return o, false
	}
	return h.w.one(t, rapid.SampledFrom(h.ids).Draw(t, "order")), true
}

func (h *history) place(t *rapid.T) {
	var p order.Placement
	if len(h.ids) > 0 && rapid.IntRange(0, 4).Draw(t, "again") == 0 {
		p = h.placed[rapid.SampledFrom(h.ids).Draw(t, "which")]
	} else {
		where := rapid.SampledFrom(places).Draw(t, "where")
		card := approves
		if rapid.Bool().Draw(t, "trouble") {
			card = rapid.SampledFrom(payments.Cards).Draw(t, "card").Number
		}
		var goods []retail.StockLine
		for range rapid.IntRange(1, 3).Draw(t, "lines") {
			goods = append(goods, of(rapid.SampledFrom(h.products).Draw(t, "product"), rapid.Int64Range(1, 3).Draw(t, "units")))
		}
		p = cart(where, card, goods...)
	}
	ctx := h.context(t)
	_, _ = h.w.desk.Place(ctx, p)
	if _, err := order.One(context.Background(), h.w.db, p.ID); err == nil {
		if _, known := h.placed[p.ID]; !known {
			h.ids = append(h.ids, p.ID)
		}
		h.placed[p.ID] = p
	}
}

func (h *history) answer(t *rapid.T) {
	o, ok := h.any(t)
	if !ok || o.Delivery == retail.Ship {
		return
	}
	a := h.w.answer(o)
	if rapid.IntRange(0, 4).Draw(t, "late") == 0 {
		a.Attempt = max(1, a.Attempt-1)
	}
	ctx := h.context(t)
	_ = h.w.db.InTx(ctx, func(tx *db.Tx) (err error) {
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			_, err = order.Accept(ctx, tx, a)
		case 1:
			_, err = order.Ready(ctx, tx, a)
		default:
			_, err = order.Short(ctx, tx, a, o2goods(o))
		}
		return err
	})
}

func o2goods(o order.Order) []retail.StockLine {
	return []retail.StockLine{{Product: o.Lines[0].Product, Quantity: money.One}}
}

// collect hands over what the till has a row of: orders that are confirmed and not over.
func (h *history) collect(t *rapid.T) {
	o, ok := h.any(t)
	if !ok || o.Delivery == retail.Ship || !told(o.State) {
		return
	}
	if _, err := h.w.collect(h.context(t), o, o.Location); err == nil {
		h.left(o)
	} else {
		h.unsure[saleRef(o, h.w.number.Load())] = o
	}
}

// settle counts what left by the sales whose commit was not answered, and was done all the same.
func (h *history) settle(t *rapid.T) {
	for sale, o := range h.unsure {
		var sold bool
		require.NoError(t, h.w.db.QueryRow(context.Background(), `SELECT EXISTS (SELECT FROM stock.movement WHERE ref = $1)`, sale).Scan(&sold))
		if sold {
			h.left(o)
		}
	}
}

func told(s retail.OrderState) bool {
	return s == retail.OrderConfirmed || s == retail.OrderAccepted || s == retail.OrderPicking || s == retail.OrderReady
}

func (h *history) left(o order.Order) {
	for _, l := range o.Lines {
		h.out[fmt.Sprint(o.Location, l.Product)] += int64(l.Quantity / money.One)
	}
}

// ship does what a person at the warehouse does next, whether it can be done or not.
func (h *history) ship(t *rapid.T) {
	o, ok := h.any(t)
	if !ok || o.Delivery != retail.Ship {
		return
	}
	ctx := h.context(t)
	switch rapid.IntRange(0, 4).Draw(t, "what") {
	case 0, 1:
		_, _ = h.w.desk.Prepare(ctx, o.ID, clerk)
	case 2:
		_, _ = h.w.desk.Lack(ctx, o.ID, clerk, nil)
	case 3:
		_, _ = h.w.desk.Ship(ctx, o.ID, clerk, "")
		if now := h.w.one(t, o.ID); o.State != retail.OrderShipped && now.State == retail.OrderShipped {
			h.left(now)
		}
	case 4:
		_, _ = h.w.desk.Deliver(ctx, o.ID, clerk)
	}
}

// back takes an order back where it was handed over: at the till, or, what was shipped, at headquarters.
func (h *history) back(t *rapid.T) {
	o, ok := h.any(t)
	switch {
	case !ok:
	case o.State == retail.OrderCollected:
		if part := o.Total / 3; part > 0 && rapid.Bool().Draw(t, "a part first") && order.GivenBack(must(order.History(context.Background(), h.w.db, o.ID))) == 0 {
			h.w.giveBackPart(t, o, part)
			return
		}
		h.w.giveBack(t, o)
		h.cameBack(o)
	case o.State == retail.OrderDelivered:
		_, _ = h.w.desk.Return(h.context(t), o.ID, clerk)
		if h.w.one(t, o.ID).State == retail.OrderReturned {
			h.cameBack(o)
		}
	}
}

func (h *history) cameBack(o order.Order) {
	for _, l := range o.Lines {
		h.out[fmt.Sprint(o.Location, l.Product)] -= int64(l.Quantity / money.One)
	}
}

// byHand notes of some order that its money was given back or came another way, whether that can be or not.
func (h *history) byHand(t *rapid.T) {
	o, ok := h.any(t)
	if !ok {
		return
	}
	ctx := h.context(t)
	if rapid.Bool().Draw(t, "given") {
		_, _ = h.w.desk.Repay(ctx, o.ID, clerk, "cash")
		if h.w.one(t, o.ID).State == retail.OrderReturned && o.State == retail.OrderDelivered {
			h.cameBack(o)
		}
		return
	}
	_, _ = h.w.desk.Settle(ctx, o.ID, clerk, "cash")
}

func (h *history) cancel(t *rapid.T) {
	if o, ok := h.any(t); ok {
		_, _ = h.w.desk.Cancel(h.context(t), o.ID, clerk, "")
	}
}

// holds is what is true at every moment.
func (h *history) holds(t *rapid.T) {
	var wrong int
	require.NoError(t, h.w.db.QueryRow(context.Background(), `
		SELECT count(*) FROM stock.level l WHERE product_id = ANY($1) AND (reserved <> (
			SELECT coalesce(sum(quantity), 0) FROM stock.reservation r WHERE r.location_id = l.location_id AND r.product_id = l.product_id)
			OR reserved > on_hand)`, h.products).Scan(&wrong))
	require.Zero(t, wrong, "what is promised is what reservations add up to, and is there")
	for _, id := range h.ids {
		history, err := order.History(context.Background(), h.w.db, id)
		require.NoError(t, err)
		accepted, state := false, retail.OrderState("")
		for _, s := range history {
			require.True(t, s.From == s.To || retail.OrderSteps.Lead(s.From, s.To), "%s -> %s", s.From, s.To)
			require.Equal(t, state, s.From, "each step begins where the last ended")
			state = s.To
			switch s.To {
			case retail.OrderAccepted, retail.OrderReady, retail.OrderCollected:
				accepted = true
			}
		}
		require.Equal(t, state, h.w.one(t, id).State)
		charge := h.w.charge(t, id)
		require.LessOrEqual(t, charge.Captured, h.placed[id].Total)
		require.True(t, accepted || charge.Captured == 0, "nothing is taken before anybody accepts")
	}
}

// end brings every order to its end: time passes, and what is ready is fetched or given up.
func (h *history) end(t *rapid.T) {
	for range 12 {
		h.w.pass(20 * time.Hour)
		h.w.jobs(t)
	}
	for _, id := range h.ids {
		if o := h.w.one(t, id); !order.Ends(o.State) && o.State != retail.OrderShipped {
			// A card that takes no refund is said to the clerk; the order is called off all the same.
			if _, err := h.w.desk.Cancel(context.Background(), id, clerk, "the end"); err != nil {
				require.ErrorContains(t, err, "payment.refund_refused")
			}
		}
	}
	for range 6 {
		h.w.pass(10 * time.Minute)
		h.w.jobs(t)
	}
	for _, id := range h.ids {
		o, charge := h.w.one(t, id), h.w.charge(t, id)
		switch o.State {
		case retail.OrderCancelled:
			require.True(t, h.repaid(t, o) || charge.Captured == charge.Refunded, "%s is cancelled and its money given back: %+v", o.Code, charge)
			require.NotEqual(t, payments.Authorised, charge.State, "%s is cancelled and nothing is held for it", o.Code)
		case retail.OrderShipped, retail.OrderDelivered:
			require.Equal(t, o.Total, charge.Captured, "%s is %s, and paid", o.Code, o.State)
		case retail.OrderCollected, retail.OrderReturned:
			if o.Owed() {
				// The bank took its word back after the goods had gone: people are told, and settle it.
				require.GreaterOrEqual(t, o.Tries, 5, "%s %s is paid, or stuck: %+v", o.Code, o.State, charge)
				o, err := h.w.desk.Settle(context.Background(), id, clerk, "cash")
				require.NoError(t, err)
				require.True(t, o.Over())
				charge = h.w.charge(t, id)
			}
			require.NotEqual(t, payments.Authorised, charge.State, "%s is %s and nothing is held for it", o.Code, o.State)
		case retail.OrderCompensating:
			// The card takes no refund: people are told, and give the money back.
			require.GreaterOrEqual(t, o.Tries, 5, "%s is stuck: %+v", o.Code, charge)
			require.Positive(t, charge.Captured-charge.Refunded, "%s has something left to give back", o.Code)
			o, err := h.w.desk.Repay(context.Background(), id, clerk, "cash")
			require.NoError(t, err)
			require.Equal(t, retail.OrderCancelled, o.State)
		default:
			require.Fail(t, "an order does not end", "%s is %s", o.Code, o.State)
		}
	}
	var charges, orders int
	require.NoError(t, h.w.db.QueryRow(context.Background(), `SELECT count(*), count(DISTINCT payment) FROM payments.sandbox_charge`).Scan(&charges, &orders))
	require.Equal(t, orders, charges, "nobody is charged twice")
}

// repaid tells whether people gave an order's money back.
func (h *history) repaid(t *rapid.T, o order.Order) bool {
	history, err := order.History(context.Background(), h.w.db, o.ID)
	require.NoError(t, err)
	return slices.ContainsFunc(history, func(s order.Transition) bool { return s.Deed == "repay" })
}

func TestNothingIsOversoldWhenManyOrder(t *testing.T) {
	w := open(t)
	const units, buyers, each = 60, 16, 12
	w.stocked(t, downtown, syrup, units)
	w.stocked(t, downtown, sugar, units)
	var confirmed, failed atomic.Int64
	var all sync.WaitGroup
	for range buyers {
		all.Go(func() {
			for range each {
				card := approves
				if rand.IntN(5) == 0 {
					card = "4000 0000 0000 0002"
				}
				goods := []retail.StockLine{of(syrup, 1), of(sugar, 1)}
				if rand.IntN(2) == 0 {
					goods[0], goods[1] = goods[1], goods[0]
				}
				o, err := w.desk.Place(context.Background(), cart(downtown, card, goods...))
				switch {
				case err != nil:
					t.Error(err)
				case o.State == retail.OrderConfirmed:
					confirmed.Add(1)
				case o.State == retail.OrderCancelled:
					failed.Add(1)
				default:
					t.Error(o.State)
				}
			}
		})
	}
	all.Wait()
	require.EqualValues(t, buyers*each, confirmed.Load()+failed.Load())
	require.LessOrEqual(t, confirmed.Load(), int64(units))
	for _, product := range products {
		found := must(stock.Promises(t.Context(), w.db, downtown.ID, []uuid.UUID{product}))[product]
		require.EqualValues(t, confirmed.Load(), found.Reserved/money.One, "every unit promised is of a confirmed order")
	}
}
