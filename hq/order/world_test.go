package order_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

var (
	downtown = retail.Location{ID: id("downtown"), Kind: retail.LocationStore, Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto"}
	north    = retail.Location{ID: id("north"), Kind: retail.LocationStore, Code: "NO", Name: "Magasin Nord", Zone: "America/Toronto"}
	depot    = retail.Location{ID: id("depot"), Kind: retail.LocationWarehouse, Code: "ENT", Name: "Entrepôt", Zone: "America/Toronto"}
	reserve  = retail.Location{ID: id("reserve"), Kind: retail.LocationWarehouse, Code: "RES", Name: "Réserve", Zone: "America/Toronto"}
	places   = []retail.Location{downtown, north, depot, reserve}

	syrup, sugar = id("syrup"), id("sugar")
	clerk        = id("clerk")
	noon         = time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
)

const approves = "4242 4242 4242 4242"

func id(name string) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(name)) }

// world is a headquarters with two stores and two warehouses.
type world struct {
	db      *db.DB
	desk    *order.Desk
	gateway *payments.Sandbox
	mu      sync.Mutex
	now     time.Time
	number  atomic.Int64
	told    []string
}

func open(t testing.TB) *world {
	return openOn(t, pgtest.New(t))
}

func openOn(t testing.TB, d *db.DB) *world {
	w := &world{db: d, now: noon}
	log := slog.New(slog.DiscardHandler)
	w.gateway = payments.NewSandbox(w.db, w.clock, payments.Delays{Pause: time.Microsecond, Late: 5 * time.Second})
	w.desk = order.New(order.Config{
		DB: w.db, Payments: payments.New(w.db, w.gateway, log, w.clock), Log: log, Now: w.clock,
		Tell: func(_ context.Context, o order.Order) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.told = append(w.told, fmt.Sprintf("%s %s", o.Code, o.State))
			return nil
		},
	})
	w.do(t, func(tx *db.Tx) error { return stock.PutLocations(t.Context(), tx, places...) })
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) do(t require.TestingT, fn func(tx *db.Tx) error) {
	require.NoError(t, w.db.InTx(context.Background(), fn))
}

// stocked puts units of a product at a location.
func (w *world) stocked(t require.TestingT, location retail.Location, product uuid.UUID, units int64) {
	w.do(t, func(tx *db.Tx) error {
		return stock.Set(context.Background(), tx, noon.Add(-time.Hour), uuid.New(), []stock.Found{{
			Location: location.ID, Product: product, OnHand: money.Quantity(units) * money.One, UnitCost: 500,
		}})
	})
}

// cart is an order of units of products, at 10.00 and with TPS and TVQ on it.
func cart(where retail.Location, card string, goods ...retail.StockLine) order.Placement {
	p := order.Placement{
		ID: uuid.New(), Name: "Alice Tremblay", Email: "alice@example.com", Lang: "fr", Delivery: retail.Collect, At: where,
		Currency: "CAD", Prices: 3, Method: card,
	}
	if where.Kind == retail.LocationWarehouse {
		p.Delivery, p.Address = retail.Ship, "1, rue du Port"
	}
	for _, g := range goods {
		p.Lines = append(p.Lines, retail.Line{
			Product: g.Product, SKU: "SKU", Name: "Sirop", Quantity: g.Quantity, UnitPrice: 1000, Amount: money.Amount(1000).Mul(g.Quantity), Class: retail.Taxable,
		})
		p.Total += money.Amount(1000).Mul(g.Quantity)
	}
	p.Taxes = quebec.Taxes(p.Lines)
	for _, t := range p.Taxes {
		p.Total += t.Amount
	}
	return p
}

var quebec = retail.TaxTable{
	{ID: id("tps"), Code: "TPS", Name: retail.Text{FR: "TPS", EN: "GST"}, Rate: 5000, Classes: []retail.TaxClass{retail.Taxable}, From: 20080101},
	{ID: id("tvq"), Code: "TVQ", Name: retail.Text{FR: "TVQ", EN: "QST"}, Rate: 9975, Classes: []retail.TaxClass{retail.Taxable}, From: 20130101},
}

func of(product uuid.UUID, units int64) retail.StockLine {
	return retail.StockLine{Product: product, Quantity: money.Quantity(units) * money.One}
}

// place places an order that goes on to a state.
func (w *world) place(t testing.TB, p order.Placement, want retail.OrderState) order.Order {
	o, err := w.desk.Place(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, want, o.State)
	return o
}

// answer is what the tills of the order's store say of it.
func (w *world) answer(o order.Order) order.Answer {
	return order.Answer{Order: o.ID, Attempt: o.Attempt, At: w.clock(), Heard: w.clock(), By: clerk}
}

// saleRef is what the movements of an order's sale are known by.
func saleRef(o order.Order, number int64) uuid.UUID {
	return uuid.NewSHA1(o.ID, []byte(fmt.Sprint(number)))
}

// collect hands an order over at a till of a store, as intake does: the sale moves stock in the same transaction.
func (w *world) collect(ctx context.Context, o order.Order, store uuid.UUID) (verdict order.Verdict, err error) {
	n := w.number.Add(1)
	err = w.db.InTx(ctx, func(tx *db.Tx) error {
		verdict, err = order.Collect(ctx, tx, order.Sold{
			Answer: w.answer(o), Location: store, Receipt: retail.ReceiptID{Till: id("till"), Epoch: 1, Number: uint64(n)}, Code: fmt.Sprint("CV-01-1-", n),
		})
		if err != nil {
			return err
		}
		var movements []stock.Movement
		for i, l := range o.Lines {
			movements = append(movements, stock.Movement{
				Location: store, Product: l.Product, At: w.clock(), Ref: saleRef(o, n), Line: i, Reason: stock.Sold, Quantity: -l.Quantity,
			})
		}
		return stock.Record(ctx, tx, movements)
	})
	return verdict, err
}

// giveBackPart gives back a part of a collected order at a till, and its goods stay with the customer.
func (w *world) giveBackPart(t require.TestingT, o order.Order, part money.Amount) {
	w.do(t, func(tx *db.Tx) error {
		receipt, err := w.receipt(tx, o)
		if err != nil {
			return err
		}
		return order.GiveBack(context.Background(), tx, retail.Refund{Receipt: receipt, Total: part}, w.clock(), clerk)
	})
}

// receipt is that of the sale of a collected order.
func (w *world) receipt(tx *db.Tx, o order.Order) (r retail.ReceiptID, err error) {
	return r, tx.QueryRow(context.Background(), `SELECT sold_till, sold_epoch, sold_number FROM orders.placed WHERE id = $1`, o.ID).Scan(
		&r.Till, &r.Epoch, &r.Number)
}

// giveBack takes what is left of a collected order back at a till, as intake does.
func (w *world) giveBack(t require.TestingT, o order.Order) {
	w.do(t, func(tx *db.Tx) error {
		receipt, err := w.receipt(tx, o)
		if err != nil {
			return err
		}
		var movements []stock.Movement
		for i, l := range o.Lines {
			movements = append(movements, stock.Movement{
				Location: o.Location, Product: l.Product, At: w.clock(), Ref: uuid.NewSHA1(o.ID, []byte("back")), Line: i, Reason: stock.Back, Quantity: l.Quantity,
			})
		}
		if err := stock.Record(context.Background(), tx, movements); err != nil {
			return err
		}
		history, err := order.History(context.Background(), tx, o.ID)
		if err != nil {
			return err
		}
		return order.GiveBack(context.Background(), tx, retail.Refund{Receipt: receipt, Total: o.Total - order.GivenBack(history)}, w.clock(), clerk)
	})
}

// jobs drives every order that is due, again and again until none is, as the jobs do.
func (w *world) jobs(t require.TestingT) {
	var left []string
	for range 200 {
		rows, err := w.db.Query(context.Background(), `SELECT id FROM orders.placed WHERE due_at <= $1 ORDER BY due_at, id`, w.clock())
		require.NoError(t, err)
		var due []uuid.UUID
		var one uuid.UUID
		for rows.Next() {
			require.NoError(t, rows.Scan(&one))
			due = append(due, one)
		}
		require.NoError(t, rows.Err())
		if len(due) == 0 {
			return
		}
		left = nil
		for _, id := range due {
			o, err := w.desk.Retry(context.Background(), id) // a failure is written down, with a later due_at
			left = append(left, fmt.Sprintln(o.Code, o.State, o.Due, o.Until, o.Tries, err))
		}
	}
	require.Fail(t, "orders are due for ever", "%s: %v", w.clock(), left)
}

// level is what is on hand at a location and what of it is promised, in units.
func (w *world) level(t require.TestingT, where retail.Location, product uuid.UUID) (onHand, reserved int64) {
	found, err := stock.Promises(context.Background(), w.db, where.ID, []uuid.UUID{product})
	require.NoError(t, err)
	return int64(found[product].OnHand / money.One), int64(found[product].Reserved / money.One)
}

// charge is how the gateway has the payment of an order.
func (w *world) charge(t require.TestingT, id uuid.UUID) payments.Answer {
	a, err := w.gateway.Find(context.Background(), payments.Request{Key: id.String() + "/test", Charge: id.String() + "/authorise", Payment: id})
	require.NoError(t, err)
	return a
}

func (w *world) one(t require.TestingT, id uuid.UUID) order.Order {
	o, err := order.One(context.Background(), w.db, id)
	require.NoError(t, err)
	return o
}

// path is the states an order went through.
func (w *world) path(t require.TestingT, id uuid.UUID) (states []retail.OrderState) {
	history, err := order.History(context.Background(), w.db, id)
	require.NoError(t, err)
	for _, h := range history {
		if h.From != h.To {
			states = append(states, h.To)
		}
	}
	return states
}
