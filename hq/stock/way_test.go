package stock_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

var (
	ctx   = context.Background()
	store = retail.Location{ID: id("store"), Kind: retail.LocationStore, Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto"}
	depot = retail.Location{ID: id("depot"), Kind: retail.LocationWarehouse, Code: "ENT", Name: "Entrepôt", Zone: "America/Toronto"}
	syrup = id("syrup")
	sugar = id("sugar")
	tea   = id("tea")
	david = id("david")
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func id(name string) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(name)) }

// open gives a store and a warehouse: 10 syrup at 5.00 and 100 at 7.00, no sugar and 50 at 3.00.
func open(t *testing.T) *db.DB {
	d := pgtest.New(t)
	do(t, d, func(tx *db.Tx) error { return stock.PutLocations(ctx, tx, store, depot) })
	set(t, d, stock.Found{store.ID, syrup, 10 * money.One, 500}, stock.Found{depot.ID, syrup, 100 * money.One, 700}, stock.Found{depot.ID, sugar, 50 * money.One, 300})
	return d
}

func do(t require.TestingT, d *db.DB, fn func(tx *db.Tx) error) { require.NoError(t, d.InTx(ctx, fn)) }

func set(t require.TestingT, d *db.DB, found ...stock.Found) {
	do(t, d, func(tx *db.Tx) error { return stock.Set(ctx, tx, noon.Add(-time.Hour), uuid.New(), found) })
}

func refused(t require.TestingT, err error, key string) *retail.Error {
	var told *retail.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, key, told.Key)
	return told
}

func of(product uuid.UUID, q money.Quantity) retail.StockLine {
	return retail.StockLine{Product: product, Quantity: q}
}

// ask requests 30 syrup and 20 sugar.
func ask(t require.TestingT, d *db.DB) (restock uuid.UUID) {
	restock = uuid.New()
	do(t, d, func(tx *db.Tx) error {
		return stock.RequestRestock(ctx, tx, stock.RestockRequest{
			Location: store.ID, ID: restock, By: david, At: noon,
			Lines: []retail.StockLine{of(syrup, 10*money.One), of(sugar, 20*money.One), of(syrup, 20*money.One), of(tea, 0), of(tea, -5)},
		})
	})
	return restock
}

func decide(d *db.DB, restock uuid.UUID, approved map[uuid.UUID]money.Quantity) error {
	return d.InTx(ctx, func(tx *db.Tx) error {
		return stock.Decide(ctx, tx, stock.Decision{Location: store.ID, Restock: restock, By: david, At: noon, Approved: approved})
	})
}

func ship(d *db.DB, restock uuid.UUID, quantities map[uuid.UUID]money.Quantity) (s stock.Shipment, err error) {
	err = d.InTx(ctx, func(tx *db.Tx) (err error) {
		s, err = stock.Ship(ctx, tx, stock.Dispatch{Location: store.ID, Restock: restock, From: depot.ID, By: david, At: noon, Quantities: quantities})
		return err
	})
	return s, err
}

// shipped asks, approves all and ships all.
func shipped(t require.TestingT, d *db.DB) stock.Shipment {
	restock := ask(t, d)
	r, err := stock.OneRestock(ctx, d, store.ID, restock)
	require.NoError(t, err)
	require.NoError(t, decide(d, restock, r.All()))
	s, err := ship(d, restock, nil)
	require.NoError(t, err)
	return s
}

func receive(d *db.DB, r stock.Receipt) error {
	return d.InTx(ctx, func(tx *db.Tx) error { return stock.ReceiveShipment(ctx, tx, r) })
}

// level is on hand and in transit.
func level(t require.TestingT, d *db.DB, location, product uuid.UUID) [2]money.Quantity {
	rows, err := stock.Matrix(ctx, d, []uuid.UUID{product})
	require.NoError(t, err)
	c := rows[0].At[location]
	return [2]money.Quantity{c.OnHand / money.One, c.InTransit / money.One}
}

// told reads a row of the store's feed.
func told[T any](t require.TestingT, d *db.DB, kind retail.RowType, id uuid.UUID) (body T) {
	var b []byte
	require.NoError(t, d.QueryRow(ctx, `SELECT body FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3`, feed.Store(store.ID), int16(kind), id).Scan(&b))
	require.NoError(t, cbor.Unmarshal(b, &body))
	return body
}

func balanced(t require.TestingT, d *db.DB) {
	do(t, d, func(tx *db.Tx) error {
		wrong, err := stock.Unbalanced(ctx, tx, uuid.Nil)
		require.Empty(t, wrong)
		return err
	})
}

func TestWayOfARestock(t *testing.T) {
	d := open(t)
	id := ask(t, d)
	r, err := stock.OneRestock(ctx, d, store.ID, id)
	require.NoError(t, err)
	require.Equal(t, retail.RestockRequested, r.State)
	require.Nil(t, r.Shipment)
	byProduct := map[uuid.UUID]stock.RestockLine{}
	for _, l := range r.Lines {
		byProduct[l.Product] = l
	}
	require.Len(t, byProduct, 2)
	require.Equal(t, stock.RestockLine{
		RestockLine: retail.RestockLine{Product: syrup, Asked: 30 * money.One}, Here: 10 * money.One, Depot: 100 * money.One,
	}, byProduct[syrup])
	waits, ready, err := stock.Waiting(ctx, d, nil)
	require.NoError(t, err)
	require.Equal(t, 1, waits.Count)
	require.Equal(t, store.ID, waits.Store)
	require.Zero(t, ready)

	_, err = ship(d, id, nil)
	refused(t, err, "restock.not_approved")
	refused(t, decide(d, id, map[uuid.UUID]money.Quantity{syrup: 30*money.One + 1}), "restock.approved")
	refused(t, decide(d, id, map[uuid.UUID]money.Quantity{tea: 1}), "restock.approved")
	refused(t, decide(d, id, map[uuid.UUID]money.Quantity{syrup: -1}), "restock.approved")
	require.NoError(t, decide(d, id, map[uuid.UUID]money.Quantity{syrup: 24 * money.One, sugar: 0}))
	refused(t, decide(d, id, r.All()), "restock.decided")
	require.Equal(t, retail.RestockApproved, told[retail.Restock](t, d, retail.RowRestock, id).State)
	waits, ready, err = stock.Waiting(ctx, d, nil)
	require.NoError(t, err)
	require.Zero(t, waits)
	require.Equal(t, 1, ready.Count)

	_, err = ship(d, id, map[uuid.UUID]money.Quantity{syrup: 25 * money.One})
	refused(t, err, "restock.packed")
	_, err = ship(d, id, map[uuid.UUID]money.Quantity{})
	refused(t, err, "restock.empty")
	s, err := ship(d, id, map[uuid.UUID]money.Quantity{syrup: 20 * money.One})
	require.NoError(t, err)
	require.Equal(t, "EXP-0001", s.Code)
	_, err = ship(d, id, nil)
	refused(t, err, "restock.not_approved")
	require.Equal(t, [2]money.Quantity{80, 0}, level(t, d, depot.ID, syrup))
	require.Equal(t, [2]money.Quantity{10, 20}, level(t, d, store.ID, syrup))
	require.Equal(t, retail.Shipment{
		ID: s.ID, Code: "EXP-0001", Restock: id, At: noon.UnixMilli(), Lines: []retail.StockLine{of(syrup, 20*money.One)},
	}, told[retail.Shipment](t, d, retail.RowShipment, s.ID))
	rows, err := stock.Matrix(ctx, d, []uuid.UUID{syrup})
	require.NoError(t, err)
	require.EqualValues(t, 633, rows[0].At[store.ID].UnitCost, "10 at 5.00 and 20 at 7.00")

	require.NoError(t, receive(d, stock.Receipt{
		Location: store.ID, Shipment: s.ID, By: david, At: noon.Add(time.Hour), Entry: []byte{1},
		Lines: []retail.StockLine{of(syrup, 18*money.One), of(tea, 2*money.One)},
	}))
	require.Equal(t, [2]money.Quantity{28, 0}, level(t, d, store.ID, syrup))
	require.Equal(t, [2]money.Quantity{2, 0}, level(t, d, store.ID, tea), "what nobody expected is on the shelf too")
	s, err = stock.OneShipment(ctx, d, store.ID, s.ID)
	require.NoError(t, err)
	require.True(t, s.Differs())
	require.Equal(t, -2*money.One, s.Lines[0].Difference())
	require.Equal(t, noon.Add(time.Hour), s.ReceivedAt.UTC())
	require.Equal(t, david, *s.ReceivedBy)
	row := told[retail.Restock](t, d, retail.RowRestock, id)
	require.Equal(t, retail.RestockReceived, row.State)
	require.Contains(t, row.Lines, retail.RestockLine{Product: syrup, Asked: 30 * money.One, Approved: 24 * money.One, Shipped: 20 * money.One, Received: 18 * money.One})
	require.True(t, told[retail.Shipment](t, d, retail.RowShipment, s.ID).Received)
	balanced(t, d)
}

func TestNothingApproved(t *testing.T) {
	d := open(t)
	id := ask(t, d)
	require.NoError(t, decide(d, id, nil))
	require.Equal(t, retail.RestockRefused, told[retail.Restock](t, d, retail.RowRestock, id).State)
	_, err := ship(d, id, nil)
	refused(t, err, "restock.not_approved")
}

func TestRequestsAreStoredOnce(t *testing.T) {
	d := open(t)
	id := ask(t, d)
	require.NoError(t, decide(d, id, map[uuid.UUID]money.Quantity{syrup: money.One}))
	do(t, d, func(tx *db.Tx) error {
		return stock.RequestRestock(ctx, tx, stock.RestockRequest{Location: store.ID, ID: id, By: david, At: noon, Lines: []retail.StockLine{of(tea, 99)}})
	})
	r, err := stock.OneRestock(ctx, d, store.ID, id)
	require.NoError(t, err)
	require.Equal(t, retail.RestockApproved, r.State)
	require.Len(t, r.Lines, 2)
}

func TestWarehouseShipsOnlyWhatItHas(t *testing.T) {
	d := open(t)
	set(t, d, stock.Found{Location: depot.ID, Product: sugar, OnHand: 19 * money.One})
	id := ask(t, d)
	r, err := stock.OneRestock(ctx, d, store.ID, id)
	require.NoError(t, err)
	require.NoError(t, decide(d, id, r.All()))
	_, err = ship(d, id, nil)
	require.Equal(t, map[string]any{"product": sugar, "packed": 20 * money.One, "left": 19 * money.One}, refused(t, err, "restock.warehouse_short").Args)
	require.Equal(t, [2]money.Quantity{100, 0}, level(t, d, depot.ID, syrup), "nothing left")
	err = d.InTx(ctx, func(tx *db.Tx) error {
		_, err := stock.Ship(ctx, tx, stock.Dispatch{Location: store.ID, Restock: id, From: store.ID, By: david, At: noon})
		return err
	})
	refused(t, err, "restock.not_warehouse")
	balanced(t, d)
}

// Two people press the button at once: one shipment leaves.
func TestShipRace(t *testing.T) {
	d := open(t)
	id := ask(t, d)
	r, err := stock.OneRestock(ctx, d, store.ID, id)
	require.NoError(t, err)
	require.NoError(t, decide(d, id, r.All()))
	results := make(chan error, 2)
	for range 2 {
		go func() { _, err := ship(d, id, nil); results <- err }()
	}
	first, second := <-results, <-results
	if first == nil {
		first, second = second, first
	}
	refused(t, first, "restock.not_approved")
	require.NoError(t, second)
	require.Equal(t, [2]money.Quantity{70, 0}, level(t, d, depot.ID, syrup))
}

func TestUnknownShipmentWaits(t *testing.T) {
	d := open(t)
	err := receive(d, stock.Receipt{Location: store.ID, Shipment: uuid.New(), By: david, At: noon, Entry: []byte{1}})
	require.Equal(t, retail.NotFound, refused(t, err, "shipment.unknown").Code)
	s := shipped(t, d)
	err = receive(d, stock.Receipt{Location: depot.ID, Shipment: s.ID, By: david, At: noon, Entry: []byte{1}})
	refused(t, err, "shipment.unknown")
}

// In whatever order receipts for one shipment come in, and however often, the effect is that of the earliest alone.
func TestReceiptsCommute(t *testing.T) {
	d := open(t)
	products := []uuid.UUID{syrup, sugar, tea}
	rapid.Check(t, func(t *rapid.T) {
		set(t, d, stock.Found{Location: depot.ID, Product: syrup, OnHand: 100 * money.One}, stock.Found{Location: depot.ID, Product: sugar, OnHand: 100 * money.One},
			stock.Found{Location: store.ID, Product: syrup}, stock.Found{Location: store.ID, Product: sugar}, stock.Found{Location: store.ID, Product: tea})
		s := shipped(t, d)
		var receipts []stock.Receipt
		for i := range rapid.IntRange(1, 4).Draw(t, "receipts") {
			r := stock.Receipt{
				Location: store.ID, Shipment: s.ID, By: uuid.New(), Entry: []byte{byte(i), 1},
				At: noon.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "second"))*time.Second + 123*time.Nanosecond),
			}
			for _, product := range append(products, syrup) {
				if rapid.Bool().Draw(t, "found") {
					r.Lines = append(r.Lines, retail.StockLine{Product: product, Quantity: money.Quantity(rapid.IntRange(-1, 40).Draw(t, "n")) * money.One})
				}
			}
			receipts = append(receipts, r)
		}
		earliest := receipts[0]
		for _, r := range receipts[1:] {
			if r.At.Before(earliest.At) || r.At.Equal(earliest.At) && bytes.Compare(r.Entry, earliest.Entry) < 0 {
				earliest = r
			}
		}
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(receipts)-1), 0, 6).Draw(t, "again") {
			require.NoError(t, receive(d, receipts[i]))
		}
		for _, r := range rapid.Permutation(receipts).Draw(t, "order") {
			require.NoError(t, receive(d, r))
		}

		want := map[uuid.UUID]money.Quantity{}
		for _, l := range earliest.Lines {
			want[l.Product] += max(l.Quantity, 0)
		}
		at := earliest.At.Truncate(time.Microsecond)
		for _, product := range products {
			require.Equal(t, [2]money.Quantity{want[product] / money.One, 0}, level(t, d, store.ID, product))
			page, err := stock.Movements(ctx, d, stock.MovementFilter{Product: product, Locations: []uuid.UUID{store.ID}, Limit: 1000})
			require.NoError(t, err)
			var arrived money.Quantity
			for _, m := range page.Movements {
				if m.Ref == s.ID {
					require.Equal(t, at, m.At.UTC())
					require.Equal(t, s.Code, m.Document.Code)
					arrived += m.Quantity
				}
			}
			require.Equal(t, want[product], arrived)
		}
		after, err := stock.OneShipment(ctx, d, store.ID, s.ID)
		require.NoError(t, err)
		require.Equal(t, earliest.By, *after.ReceivedBy)
		require.Equal(t, at, after.ReceivedAt.UTC())
		for _, l := range after.Lines {
			require.Equal(t, want[l.Product], *l.Received)
		}
		balanced(t, d)
	})
}
