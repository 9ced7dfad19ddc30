package stock_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func TestLocations(t *testing.T) {
	d := open(t)
	nord := store
	nord.ID, nord.Code, nord.Name, nord.Address = uuid.New(), "N1", "Magasin Nord", "1, rue Nord"
	do(t, d, func(tx *db.Tx) error { return stock.PutLocations(ctx, tx, nord) })
	all, err := stock.Locations(ctx, d)
	require.NoError(t, err)
	require.Equal(t, []retail.Location{store, nord, depot}, all)
	stores, err := stock.Stores(ctx, d)
	require.NoError(t, err)
	require.Equal(t, []retail.Location{store, nord}, stores)
	warehouses, err := stock.Warehouses(ctx, d)
	require.NoError(t, err)
	require.Equal(t, []retail.Location{depot}, warehouses)
	got, err := stock.Location(ctx, d, nord.ID)
	require.NoError(t, err)
	require.Equal(t, nord, got)
	_, err = stock.Location(ctx, d, uuid.New())
	refused(t, err, "location.unknown")

	for key, change := range map[string]func(*retail.Location){
		"location.kind":       func(l *retail.Location) { l.Kind = 3 },
		"location.code":       func(l *retail.Location) { l.Code = "cv" },
		"location.name":       func(l *retail.Location) { l.Name = "" },
		"location.zone":       func(l *retail.Location) { l.Zone = "Montréal" },
		"location.code_taken": func(l *retail.Location) { l.Code = store.Code },
		"location.name_taken": func(l *retail.Location) { l.Name = store.Name },
	} {
		l := nord
		change(&l)
		refused(t, d.InTx(ctx, func(tx *db.Tx) error { return stock.PutLocations(ctx, tx, l) }), key)
	}
}

// alone compares what is read of a row's levels one by one.
func alone(t *testing.T, d *db.DB, row stock.MatrixRow, locations ...retail.Location) {
	t.Helper()
	for _, l := range locations {
		cell, had := row.At[l.ID]
		h, found, err := stock.LevelAt(ctx, d, l, row.Product)
		require.NoError(t, err)
		require.Equal(t, had, found)
		require.Equal(t, stock.Holding{Location: l.ID, Product: row.Product, Cell: cell}, h)
	}
}

func TestEveryLevelHasItsWorstAlert(t *testing.T) {
	d := open(t)
	products := map[money.Quantity]stock.Alert{
		-1: stock.Negative, 0: stock.Out, 14999: stock.Out, 15000: stock.Low, 24999: stock.Low, 25000: stock.NoAlert, 65000: stock.NoAlert, 65001: stock.Over,
	}
	atDepot := map[money.Quantity]stock.Alert{-1: stock.Negative, 14999: stock.Out, 15000: stock.NoAlert, 65001: stock.NoAlert}
	for onHand, want := range products {
		p := uuid.New()
		found := []stock.Found{{Location: store.ID, Product: p, OnHand: onHand}}
		if _, ok := atDepot[onHand]; ok {
			found = append(found, stock.Found{Location: depot.ID, Product: p, OnHand: onHand})
		}
		set(t, d, found...)
		rows, err := stock.Matrix(ctx, d, []uuid.UUID{p})
		require.NoError(t, err)
		require.Equal(t, want, rows[0].At[store.ID].Alert, onHand)
		require.Equal(t, stock.DefaultThresholds, rows[0].At[store.ID].Thresholds)
		alone(t, d, rows[0], store, depot)
		if want, ok := atDepot[onHand]; ok {
			require.Equal(t, want, rows[0].At[depot.ID].Alert, onHand)
			require.Equal(t, 2*onHand, rows[0].Sum([]retail.Location{store, depot}).Available())
		}
	}
	counts, err := stock.Alerts(ctx, d)
	require.NoError(t, err)
	total := stock.TotalAlerts(counts)
	require.Equal(t, 2, total[stock.Negative].Count)
	require.Equal(t, 4, total[stock.Out].Count, "with the syrup of the store and what the depot has 14.999 of")
	require.Equal(t, 2, total[stock.Low].Count)
	require.Equal(t, 1, total[stock.Over].Count)
	require.EqualValues(t, -1, total[stock.Negative].OnHand)
	require.EqualValues(t, 0, total[stock.Out].OnHand)

	out, err := stock.WithAlert(ctx, d, stock.Out, uuid.Nil)
	require.NoError(t, err)
	require.Len(t, out, 4)
	require.EqualValues(t, 0, out[0].OnHand)
	out, err = stock.WithAlert(ctx, d, stock.Out, depot.ID)
	require.NoError(t, err)
	require.Len(t, out, 1)
}

func TestThresholdsOfAProduct(t *testing.T) {
	d := open(t)
	of := func() stock.Cell {
		rows, err := stock.Matrix(ctx, d, []uuid.UUID{syrup})
		require.NoError(t, err)
		alone(t, d, rows[0], store)
		return rows[0].At[store.ID]
	}
	require.Equal(t, stock.Out, of().Alert)
	own := stock.Thresholds{RestockBelow: 5 * money.One, OutBelow: 2 * money.One, OverAbove: 9 * money.One}
	put := func(limits stock.Thresholds) error {
		return d.InTx(ctx, func(tx *db.Tx) error {
			return stock.SetThresholds(ctx, tx, stock.Threshold{Location: store.ID, Product: syrup, Thresholds: limits})
		})
	}
	do(t, d, func(tx *db.Tx) error { _, err := stock.TakeStale(ctx, tx, store.ID); return err })
	require.NoError(t, put(own))
	require.Equal(t, stock.Over, of().Alert)
	require.Equal(t, own, of().Thresholds)
	do(t, d, func(tx *db.Tx) error {
		stale, err := stock.TakeStale(ctx, tx, store.ID)
		require.Len(t, stale, 1, "tills are told")
		return err
	})
	require.NoError(t, put(stock.DefaultThresholds))
	require.Equal(t, stock.Out, of().Alert)
	for _, wrong := range []stock.Thresholds{{2, 3, 4}, {5, 3, 4}, {3, -1, 4}} {
		refused(t, put(wrong), "threshold.order")
	}
}

func TestMovementsCountBackFromTheLevel(t *testing.T) {
	d := pgtest.New(t)
	do(t, d, func(tx *db.Tx) error { return stock.PutLocations(ctx, tx, store) })
	set(t, d, stock.Found{Location: store.ID, Product: syrup, OnHand: 50})
	sale := uuid.New()
	do(t, d, func(tx *db.Tx) error {
		var movements []stock.Movement
		for i := range 7 {
			movements = append(movements, stock.Movement{
				Location: store.ID, Product: syrup, At: noon.Add(time.Duration(i/3) * time.Minute), Ref: sale, Line: i, Reason: stock.Sold, Quantity: -2, UnitCost: 3,
			})
		}
		return stock.Record(ctx, tx, movements)
	})
	var balances []money.Quantity
	for before, pages := "", 0; pages < 20; pages++ {
		page, err := stock.Movements(ctx, d, stock.MovementFilter{Product: syrup, Locations: []uuid.UUID{store.ID}, Before: before, Limit: 2})
		require.NoError(t, err)
		for _, m := range page.Movements {
			balances = append(balances, m.Balance)
		}
		if before = page.Next; before == "" {
			break
		}
	}
	require.Equal(t, []money.Quantity{36, 38, 40, 42, 44, 46, 48, 50}, balances)
	_, err := stock.Movements(ctx, d, stock.MovementFilter{Product: syrup, Locations: []uuid.UUID{store.ID}, Before: "?", Limit: 2})
	refused(t, err, "page.unknown")
	page, err := stock.Movements(ctx, d, stock.MovementFilter{Product: tea, Locations: []uuid.UUID{store.ID}})
	require.NoError(t, err)
	require.Empty(t, page.Movements)
}

func TestSetMovesWhatIsMissing(t *testing.T) {
	d := open(t)
	before := stock.Found{store.ID, syrup, 10 * money.One, 500}
	set(t, d, before)
	page, err := stock.Movements(ctx, d, stock.MovementFilter{Product: syrup, Locations: []uuid.UUID{store.ID}})
	require.NoError(t, err)
	require.Len(t, page.Movements, 1, "it was right already")
	later := []stock.Found{{Location: store.ID, Product: syrup, OnHand: -4}, {Location: store.ID, Product: tea}}
	do(t, d, func(tx *db.Tx) error { return stock.Set(ctx, tx, noon, uuid.New(), later) })
	page, err = stock.Movements(ctx, d, stock.MovementFilter{Product: syrup, Locations: []uuid.UUID{store.ID}})
	require.NoError(t, err)
	require.Len(t, page.Movements, 2)
	require.EqualValues(t, -4, page.Movements[0].Balance)
	require.EqualValues(t, 10*money.One, page.Movements[1].Balance)
	rows, err := stock.Matrix(ctx, d, []uuid.UUID{tea, syrup})
	require.NoError(t, err)
	require.Equal(t, tea, rows[0].Product)
	require.Contains(t, rows[0].At, store.ID, "sold here, and none left")
	require.EqualValues(t, -4, rows[1].At[store.ID].OnHand)
	require.EqualValues(t, 500, rows[1].At[store.ID].UnitCost)
	balanced(t, d)
	remaining, err := stock.Remaining(ctx, d, []uuid.UUID{store.ID, depot.ID}, []uuid.UUID{syrup, uuid.New()})
	require.NoError(t, err)
	require.Equal(t, map[uuid.UUID]money.Quantity{syrup: 100*money.One - 4}, remaining)
}

// What waits is counted by store, with the one that has waited longest, however many there are.
func TestWaitingCountsAll(t *testing.T) {
	d := open(t)
	other := uuid.New()
	for i := range 60 {
		do(t, d, func(tx *db.Tx) error {
			return stock.RequestRestock(ctx, tx, stock.RestockRequest{
				Location: []uuid.UUID{store.ID, other}[i%2], ID: uuid.New(), At: noon.Add(time.Duration(i) * time.Minute), Lines: []retail.StockLine{of(syrup, money.One)},
			})
		})
	}
	for _, c := range []struct {
		stores []uuid.UUID
		want   stock.Queue
	}{
		{nil, stock.Queue{Count: 60, Oldest: noon, Store: store.ID}},
		{[]uuid.UUID{store.ID}, stock.Queue{Count: 30, Oldest: noon, Store: store.ID}},
		{[]uuid.UUID{other}, stock.Queue{Count: 30, Oldest: noon.Add(time.Minute), Store: other}},
		{[]uuid.UUID{}, stock.Queue{}},
	} {
		decide, ship, err := stock.Waiting(ctx, d, c.stores)
		require.NoError(t, err)
		require.True(t, c.want.Oldest.Equal(decide.Oldest))
		decide.Oldest = c.want.Oldest
		require.Equal(t, c.want, decide)
		require.Zero(t, ship)
	}
}

func TestListsArePaged(t *testing.T) {
	d := open(t)
	var want []uuid.UUID
	for range 5 {
		want = append(want, ask(t, d))
	}
	restocks := func(f stock.RestockFilter) (got []uuid.UUID) {
		f.Limit, f.States, f.Locations = 2, []retail.RestockState{retail.RestockRequested}, []uuid.UUID{store.ID}
		for range 10 {
			page, err := stock.Restocks(ctx, d, f)
			require.NoError(t, err)
			for _, r := range page.Restocks {
				require.Len(t, r.Lines, 2)
				got = append(got, r.ID)
			}
			if f.Before = page.Next; f.Before == "" {
				break
			}
		}
		return got
	}
	got := restocks(stock.RestockFilter{})
	require.ElementsMatch(t, want, got)
	slices.Reverse(got)
	require.Equal(t, got, restocks(stock.RestockFilter{OldestFirst: true}))
	none, err := stock.Restocks(ctx, d, stock.RestockFilter{Locations: []uuid.UUID{}})
	require.NoError(t, err)
	require.Empty(t, none.Restocks, "nil is all stores, an empty list none")
	_, err = stock.Restocks(ctx, d, stock.RestockFilter{Before: "?"})
	refused(t, err, "page.unknown")

	first, second := shipped(t, d), shipped(t, d)
	require.NoError(t, receive(d, stock.Receipt{Location: store.ID, Shipment: first.ID, By: david, At: noon, Entry: []byte{1}}))
	page, err := stock.Shipments(ctx, d, stock.ShipmentFilter{OnTheWay: true})
	require.NoError(t, err)
	require.Len(t, page.Shipments, 1)
	require.Equal(t, second, page.Shipments[0])
	require.False(t, second.Differs())
	page, err = stock.Shipments(ctx, d, stock.ShipmentFilter{Location: store.ID, Limit: 1})
	require.NoError(t, err)
	rest, err := stock.Shipments(ctx, d, stock.ShipmentFilter{Location: store.ID, Limit: 1, Before: page.Next})
	require.NoError(t, err)
	require.Empty(t, rest.Next)
	require.NotEqual(t, page.Shipments[0].ID, rest.Shipments[0].ID)
	page, err = stock.Shipments(ctx, d, stock.ShipmentFilter{Either: []uuid.UUID{depot.ID}, Asked: true})
	require.NoError(t, err)
	require.Len(t, page.Shipments, 2, "what it sent")
	page, err = stock.Shipments(ctx, d, stock.ShipmentFilter{Either: []uuid.UUID{uuid.New()}})
	require.NoError(t, err)
	require.Empty(t, page.Shipments)
	done, err := stock.Restocks(ctx, d, stock.RestockFilter{States: []retail.RestockState{retail.RestockReceived}})
	require.NoError(t, err)
	require.Len(t, done.Restocks, 1)
	require.Equal(t, &stock.ShipmentName{ID: first.ID, Code: first.Code}, done.Restocks[0].Shipment)
}

// What orders were promised is on hand and not available, in whichever way the level is read.
func TestWhatIsPromisedIsNotAvailable(t *testing.T) {
	d := open(t)
	do(t, d, func(tx *db.Tx) error {
		wish := stock.Wish{Location: store.ID, Order: id("order"), Lines: []retail.StockLine{of(syrup, 3*money.One)}}
		var batch pgx.Batch
		shelves := stock.Hold(&batch, wish)
		require.NoError(t, tx.Send(ctx, &batch))
		require.Nil(t, shelves.Reserve(tx, wish)[0])
		return nil
	})
	held, err := stock.Promised(ctx, d, []uuid.UUID{store.ID, depot.ID}, syrup)
	require.NoError(t, err)
	require.Equal(t, []stock.PromisedTo{{Reservation: stock.Reservation{Location: store.ID, Order: id("order")}, Quantity: 3 * money.One}}, held)
	rows, err := stock.Matrix(ctx, d, []uuid.UUID{syrup})
	require.NoError(t, err)
	alone(t, d, rows[0], store, depot)
	require.Equal(t, stock.Quantities{OnHand: 10 * money.One, Reserved: 3 * money.One}, rows[0].At[store.ID].Quantities)
	both := rows[0].Sum([]retail.Location{store, depot})
	require.Equal(t, stock.Quantities{OnHand: 110 * money.One, Reserved: 3 * money.One}, both)
	require.Equal(t, 107*money.One, both.Available())
	require.Equal(t, 100*money.One, rows[0].Sum([]retail.Location{depot}).Available(), "what is asked for, and no more")
	page, err := stock.Levels(ctx, d, stock.LevelFilter{Location: store.ID, Product: syrup})
	require.NoError(t, err)
	require.Equal(t, []stock.Holding{{Location: store.ID, Product: syrup, Cell: rows[0].At[store.ID]}}, page.Levels)
}

// The movements of all locations are one list, each with its level, also those of the same moment and document; a period takes a part.
func TestMovementsOfSeveralLocations(t *testing.T) {
	d := open(t) // an opening of 10 at the store and of 100 at the warehouse, by one document
	till := uuid.New()
	do(t, d, func(tx *db.Tx) error {
		return stock.Record(ctx, tx, []stock.Movement{
			{Location: store.ID, Product: syrup, At: noon, Ref: id("sale"), Reason: stock.Sold, Quantity: -2, Till: till, Epoch: 1, Seq: 7},
			{Location: depot.ID, Product: syrup, At: noon.Add(time.Hour), Ref: id("order"), Reason: stock.Sold, Quantity: -3},
		})
	})
	type line struct {
		at      uuid.UUID
		balance money.Quantity
	}
	list := func(f stock.MovementFilter) (all []line) {
		f.Product, f.Locations, f.Limit = syrup, []uuid.UUID{store.ID, depot.ID}, 1
		for range 10 {
			page, err := stock.Movements(ctx, d, f)
			require.NoError(t, err)
			for _, m := range page.Movements {
				all = append(all, line{m.Location, m.Balance})
			}
			if f.Before = page.Next; f.Before == "" {
				break
			}
		}
		return all
	}
	all := list(stock.MovementFilter{})
	require.Equal(t, []line{{depot.ID, 100*money.One - 3}, {store.ID, 10*money.One - 2}}, all[:2])
	require.ElementsMatch(t, []line{{depot.ID, 100 * money.One}, {store.ID, 10 * money.One}}, all[2:])
	require.Equal(t, all[1:], list(stock.MovementFilter{To: noon.Add(time.Hour)}), "the end is not included")
	require.Equal(t, all[:2], list(stock.MovementFilter{From: noon}))
	page, err := stock.Movements(ctx, d, stock.MovementFilter{Product: syrup, Locations: []uuid.UUID{store.ID}, Limit: 1})
	require.NoError(t, err)
	require.Equal(t, till, page.Movements[0].Till)
	require.EqualValues(t, 7, page.Movements[0].Seq)
	_, err = stock.Movements(ctx, d, stock.MovementFilter{Before: page.Next + "x"})
	refused(t, err, "page.unknown")
}
