package intake_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// published is a feed as a till has it after all pages.
func (w *world) published(name string) map[retail.RowType]map[uuid.UUID][]byte {
	w.t.Helper()
	page, _, _, err := feed.NewReader(w.db, nil).Page(ctx, wire.Cursor{Feed: name})
	require.NoError(w.t, err)
	require.False(w.t, page.More)
	rows := map[retail.RowType]map[uuid.UUID][]byte{}
	for _, r := range page.Rows {
		if rows[r.Type] == nil {
			rows[r.Type] = map[uuid.UUID][]byte{}
		}
		rows[r.Type][r.ID] = r.Body
	}
	return rows
}

func decode[T any](t testing.TB, b []byte) (v T) {
	t.Helper()
	require.NoError(t, cbor.Unmarshal(b, &v))
	return v
}

func (w *world) flusher() *intake.Flusher {
	log := slog.New(slog.DiscardHandler)
	return intake.NewFlusher(w.db, log, feed.NewNotifier(w.db, log), now)
}

func TestStockIsPublishedWithTheEntriesItIncludes(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	_, err := w.db.Exec(ctx, `
		INSERT INTO sales.daily_product VALUES ($1, 20261121, $2, 50000, 0, 0), ($1, 20261025, $2, 6000, 0, 0), ($1, 20261024, $2, 99000, 0, 0)`,
		w.store.ID, w.products[1].ID)
	require.NoError(t, err)
	l.sale(0, 2000)
	l.push(1)
	require.NoError(t, w.flusher().Flush(ctx, w.store.ID))
	rows := w.published(feed.Store(w.store.ID))
	require.Len(t, rows[retail.RowStock], 1)
	s := decode[retail.Stock](t, rows[retail.RowStock][w.products[1].ID])
	require.EqualValues(t, -2000, s.OnHand)
	require.Equal(t, stock.DefaultThresholds, stock.Thresholds{RestockBelow: s.RestockBelow, OutBelow: s.OutBelow, OverAbove: s.OverAbove})
	require.EqualValues(t, (50_000*13+6_000*10+99_000*9)/(7*55), s.PerDay, "each week weighs one less")
	head := l.batch(1, 2).Head
	require.Equal(t, retail.Mark{Ends: []retail.ChainEnd{{Epoch: 1, Seq: 2, Hash: head[:]}}}, decode[retail.Mark](t, rows[retail.RowMark][l.id]))

	require.NoError(t, w.db.InTx(ctx, func(tx *db.Tx) error {
		return stock.Record(ctx, tx, []stock.Movement{{
			Location: w.depot.ID, Product: w.products[1].ID, At: opened, Ref: uuid.New(), Reason: stock.Opening, Quantity: 50_000, UnitCost: 40,
		}})
	}))
	require.NoError(t, w.flusher().Flush(ctx, w.depot.ID))
	require.EqualValues(t, 50_000, decode[retail.Depot](t, w.published(feed.Global)[retail.RowDepot][w.products[1].ID]).OnHand)
}

// While tills sell and headquarters publishes, what a page says is always of one moment: the level is what the entries
// up to the mark add up to.
func TestMarksAndLevelsAgree(t *testing.T) {
	const sales = 40
	w := newWorld(t)
	l := w.enrol(1)
	l.push(1)
	selling := make(chan error, 1)
	go func() {
		for i := range uint64(sales) {
			l.sale(0, 1000)
			if _, err := w.desk.Store(ctx, l.batch(2+i, 2+i)); err != nil {
				selling <- err
				return
			}
		}
		selling <- nil
	}()
	f := w.flusher()
	for done := false; !done; {
		select {
		case err := <-selling:
			require.NoError(t, err)
			done = true
		default:
		}
		require.NoError(t, f.Flush(ctx, w.store.ID))
		rows := w.published(feed.Store(w.store.ID))
		if len(rows) == 0 {
			continue
		}
		s := decode[retail.Stock](t, rows[retail.RowStock][w.products[1].ID])
		m := decode[retail.Mark](t, rows[retail.RowMark][l.id])
		require.EqualValues(t, 1000*(m.Ends[0].Seq-1), -s.OnHand)
	}
	require.EqualValues(t, -1000*sales, w.onHand(1))
}

// An entry that is stored between the reading of the levels and that of the marks waits: else the mark would include it and
// the level would not, and its till would leave it out of its stock.
func TestNoEntryComesBetweenLevelsAndMarks(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.push(1)
	// What the marks are read from is held, so that the flush waits right before them.
	holder, err := w.db.Begin(ctx)
	require.NoError(t, err)
	_, err = holder.Exec(ctx, `LOCK TABLE journal.deferred IN ACCESS EXCLUSIVE MODE`)
	require.NoError(t, err)
	flushed, stored := make(chan error, 1), make(chan error, 1)
	go func() { flushed <- w.flusher().Flush(ctx, w.store.ID) }()
	w.untilWaiting(1, nil)
	l.sale(0, 0, 1000) // of a product whose level the flush has not taken
	go func() {
		_, err := w.desk.Store(ctx, l.batch(3, 3))
		stored <- err
	}()
	w.untilWaiting(2, stored)
	require.NoError(t, holder.Commit(ctx))
	require.NoError(t, <-flushed)
	rows := w.published(feed.Store(w.store.ID))
	require.NotContains(t, rows[retail.RowStock], w.products[2].ID)
	require.EqualValues(t, 2, decode[retail.Mark](t, rows[retail.RowMark][l.id]).Ends[0].Seq)
	require.NoError(t, <-stored)
}

// untilWaiting waits until so many statements wait for a lock, or done has something to say, which it keeps.
func (w *world) untilWaiting(statements int64, done chan error) {
	w.t.Helper()
	for {
		if w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) >= statements {
			return
		}
		select {
		case err := <-done:
			done <- err
			return
		default:
		}
	}
}

// Every store is told what the others have of what has changed, once, and whoever publishes it dies in between or not.
func TestStoresAreToldWhatTheOthersHave(t *testing.T) {
	centre := newWorld(t)
	north := centre.another(1)
	a, b := centre.enrol(1), north.enrol(1)
	a.sale(0, 3000)
	a.push(1)
	b.sale(0, 2000, 1000)
	b.push(1)
	told := func() map[uuid.UUID][]byte { return centre.published(feed.Global)[retail.RowElsewhere] }
	require.NoError(t, centre.flusher().Elsewhere(ctx))
	require.Empty(t, told(), "a store's own tills are told first")
	require.NoError(t, centre.flusher().Flush(ctx, centre.store.ID))
	require.NoError(t, centre.flusher().Flush(ctx, north.store.ID))
	require.NoError(t, centre.flusher().Elsewhere(ctx))
	has := func(product int) map[uuid.UUID]money.Quantity {
		all := map[uuid.UUID]money.Quantity{}
		for _, s := range decode[retail.Elsewhere](t, told()[centre.products[product].ID]).Stores {
			require.Equal(t, stock.DefaultThresholds.OverAbove, s.OverAbove)
			require.NotZero(t, s.At)
			all[s.Store] = s.OnHand
		}
		return all
	}
	require.Equal(t, map[uuid.UUID]money.Quantity{centre.store.ID: -3000, north.store.ID: -2000}, has(1))
	require.Equal(t, map[uuid.UUID]money.Quantity{north.store.ID: -1000}, has(2))
	require.Len(t, told(), 2)

	seq := func() int64 { return centre.count(`SELECT max(seq) FROM feed.item WHERE feed = 'global'`) }
	before := seq()
	require.NoError(t, centre.flusher().Elsewhere(ctx))
	require.Equal(t, before, seq(), "nothing has changed")
	a.sale(0, 1000)
	a.push(3)
	require.NoError(t, centre.flusher().Flush(ctx, centre.store.ID))
	require.NoError(t, centre.flusher().Elsewhere(ctx))
	require.Equal(t, map[uuid.UUID]money.Quantity{centre.store.ID: -4000, north.store.ID: -2000}, has(1))
	require.NotContains(t, centre.published(feed.Global), retail.RowStock, "levels of stores are in their own feeds")
}

// A flusher that starts finds what the one before it left.
func TestFlusherFindsWhatADeadProcessLeft(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 2000)
	l.push(1) // nobody flushes
	log := slog.New(slog.DiscardHandler)
	notifier := feed.NewNotifier(w.db, log)
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 2)
	woken := make(chan struct{}, 100)
	notifier.Subscribe(func(topics []string) {
		for _, topic := range topics {
			if topic == feed.Store(w.store.ID) || topic == feed.Global {
				woken <- struct{}{}
			}
		}
	})
	go func() { done <- notifier.Run(running) }()
	go func() { done <- intake.NewFlusher(w.db, log, notifier, now).Run(running) }()
	for len(w.published(feed.Global)[retail.RowElsewhere]) == 0 { // the other stores are told of it too
		<-woken
	}
	l.sale(0, 1000)
	l.push(3)
	for decode[retail.Stock](t, w.published(feed.Store(w.store.ID))[retail.RowStock][w.products[1].ID]).OnHand != -3000 {
		<-woken
	}
	stop()
	require.NoError(t, <-done)
	require.NoError(t, <-done)
}

func TestRestockRequestReachesTheWarehouse(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	id := uuid.New()
	l.add(journal.KindRestockRequest, retail.RestockRequest{ID: id, Lines: []retail.StockLine{{Product: w.products[1].ID, Quantity: 24_000}}})
	unknown := l.add(journal.KindReceive, retail.Receive{Shipment: uuid.New()})
	require.Equal(t, []wire.Note{{Seq: unknown, Code: wire.Deferred}}, l.push(1).Notes, "a shipment nobody sent waits")
	require.EqualValues(t, 24_000, w.count(`SELECT asked FROM stock.restock_line WHERE restock_id = $1`, id))
	require.Contains(t, w.published(feed.Store(w.store.ID))[retail.RowRestock], id)
}
