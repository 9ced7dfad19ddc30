package intake_test

import (
	"fmt"
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
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// sends has the till send one product to another store at a moment.
func (l *lane) sends(at time.Time, id uuid.UUID, to *world, product int, quantity money.Quantity) uint64 {
	return l.at(journal.KindTransferOut, at, 0, time.Second, retail.TransferOut{
		ID: id, To: to.store.ID, Lines: []retail.StockLine{{Product: l.w.products[product].ID, Quantity: quantity}},
	})
}

func (l *lane) receives(at time.Time, id uuid.UUID, product int, quantity money.Quantity) uint64 {
	return l.at(journal.KindReceive, at, 0, time.Second, retail.Receive{
		Shipment: id, Lines: []retail.StockLine{{Product: l.w.products[product].ID, Quantity: quantity}},
	})
}

// coming is what is on its way to the store.
func (w *world) coming(product int) int64 {
	return w.count(`SELECT coalesce(sum(in_transit), 0)::bigint FROM stock.level WHERE location_id = $1 AND product_id = $2`,
		w.store.ID, w.products[product].ID)
}

func TestATransferLeavesAtOnceAndArrivesWhenItIsReceived(t *testing.T) {
	centre := newWorld(t)
	north := centre.another(1)
	a, b := centre.enrol(1), north.enrol(1)
	id := uuid.New()
	a.sends(opened, id, north, 1, 12_000)
	require.Empty(t, a.push(1).Notes)
	require.EqualValues(t, -12_000, centre.onHand(1), "it has left, whatever headquarters thought was there")
	require.EqualValues(t, 12_000, north.coming(1))
	centre.sound()

	told := func() (s retail.Shipment) {
		var body []byte
		require.NoError(t, centre.db.QueryRow(ctx, `SELECT body FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3`,
			feed.Store(north.store.ID), int16(retail.RowShipment), id).Scan(&body))
		require.NoError(t, cbor.Unmarshal(body, &s))
		return s
	}
	require.Equal(t, retail.Shipment{
		ID: id, Code: retail.TransferCode(id), From: centre.store.ID, At: opened.UnixMilli(),
		Lines: []retail.StockLine{{Product: centre.products[1].ID, Quantity: 12_000}},
	}, told())

	sent := func() (s retail.Sent) {
		var body []byte
		require.NoError(t, centre.db.QueryRow(ctx, `SELECT body FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3`,
			feed.Store(centre.store.ID), int16(retail.RowSent), id).Scan(&body))
		require.NoError(t, cbor.Unmarshal(body, &s))
		return s
	}
	require.Equal(t, retail.Sent{
		ID: id, To: north.store.ID, At: opened.UnixMilli(), Lines: []retail.SentLine{{Product: centre.products[1].ID, Sent: 12_000}},
	}, sent(), "the sender is told too")

	b.receives(opened.Add(time.Hour), id, 1, 11_000) // one is short
	require.Empty(t, b.push(1).Notes)
	require.EqualValues(t, 1_000, sent().Short())
	require.Zero(t, sent().Over())
	require.EqualValues(t, 11_000, north.onHand(1))
	require.Zero(t, north.coming(1))
	require.True(t, told().Received)
	require.EqualValues(t, 11_000, centre.count(`SELECT received FROM stock.shipment_line WHERE shipment_id = $1`, id))
	centre.sound()
}

// Headquarters was restored from a backup: the store that received is heard before the one that sent.
func TestATransferThatIsHeardAfterItsReceipt(t *testing.T) {
	centre := newWorld(t)
	north := centre.another(1)
	a, b := centre.enrol(1), north.enrol(1)
	id := uuid.New()
	a.sends(opened, id, north, 1, 12_000)
	b.receives(opened.Add(time.Hour), id, 1, 12_000)
	require.Len(t, b.push(1).Notes, 1, "it waits")
	require.Zero(t, north.onHand(1))
	a.push(1)
	applied, err := centre.desk.RetryDeferred(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, applied)
	require.EqualValues(t, 12_000, north.onHand(1))
	require.Zero(t, north.coming(1))
	centre.sound()
}

func TestTransfersThatMakeNoSense(t *testing.T) {
	centre := newWorld(t)
	north := centre.another(1)
	a := centre.enrol(1)
	id := uuid.New()
	a.sends(opened, uuid.New(), centre, 1, 5000) // to itself
	a.sends(opened, uuid.New(), north, 0, 5000)  // made here
	a.sends(opened, uuid.New(), north, 1, -5000)
	a.sends(opened, id, north, 1, 12_000)
	require.Len(t, a.push(1).Notes, 3)
	require.EqualValues(t, -12_000, centre.onHand(1))
	require.EqualValues(t, 3, centre.count(`SELECT count(*) FROM journal.flag WHERE code = 'invalid'`))
	require.Zero(t, centre.count(`SELECT count(*) FROM journal.deferred`))

	// A transfer with an id that was taken is not counted twice, and one to nobody waits until there is such a store.
	a.sends(opened.Add(time.Second), id, north, 2, 7000)
	nobody := *north
	nobody.store.ID = uuid.New()
	seq := a.sends(opened, uuid.New(), &nobody, 1, 3000)
	require.Len(t, a.push(seq-1).Notes, 2)
	require.EqualValues(t, 2, centre.count(`SELECT count(*) FROM journal.deferred`))
	require.EqualValues(t, -12_000, centre.onHand(1))
	require.EqualValues(t, 12_000, north.coming(1))
	require.Zero(t, north.coming(2))
	centre.sound()

	// Once there is, it is taken at the time that is known by then.
	a.at(journal.KindClock, opened.Add(time.Hour), 0, time.Second,
		retail.Clock{Epoch: a.epoch, From: seq, To: seq, Correction: time.Minute.Milliseconds(), Error: 20})
	a.push(seq + 1)
	nobody.store.Code, nobody.store.Name = "OU", "Magasin Ouest"
	require.NoError(t, centre.db.InTx(ctx, func(tx *db.Tx) error { return stock.PutLocations(ctx, tx, nobody.store) }))
	applied, err := centre.desk.RetryDeferred(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, applied)
	require.EqualValues(t, 3000, nobody.coming(1))
	centre.sound()
}

// A count has seen what left before it, however late headquarters hears of it, and a clock may say that it left after.
func TestATransferBeforeACount(t *testing.T) {
	centre := newWorld(t)
	north := centre.another(1)
	a, b := centre.enrol(1), centre.enrol(2)
	b.counts(opened.Add(time.Minute), 1, 20_000)
	b.push(1)
	seq := a.sends(opened, uuid.New(), north, 1, 12_000)
	a.push(1)
	require.EqualValues(t, 20_000, centre.onHand(1))
	centre.sound()
	a.at(journal.KindClock, opened.Add(time.Hour), 0, time.Second,
		retail.Clock{Epoch: a.epoch, From: seq, To: seq, Correction: (30 * time.Minute).Milliseconds(), Error: 20})
	a.push(seq + 1)
	require.EqualValues(t, 8000, centre.onHand(1))
	require.EqualValues(t, 12_000, north.coming(1))
	centre.sound()
}

// What transfers come to is a function of the set of entries, whatever the order in which they came.
func TestTransfersAreOfTheSetOfEntries(t *testing.T) {
	base := worldOn(t, pgtest.New(t), 3)
	stores := 0
	rapid.Check(t, func(rt *rapid.T) {
		stores += 2
		centre, north := base.another(stores), base.another(stores+1)
		f := forest{centre.enrol(1), centre.enrol(2), north.enrol(1)}
		var ids []uuid.UUID
		for n := range rapid.IntRange(1, 14).Draw(rt, "entries") {
			l := rapid.SampledFrom(f).Draw(rt, "till")
			at := opened.Add(time.Duration(rapid.IntRange(0, 5).Draw(rt, "at")) * time.Second)
			quantity := money.Quantity(rapid.Int64Range(1, 9).Draw(rt, "quantity")) * money.One
			switch rapid.IntRange(0, 4).Draw(rt, "entry") {
			case 0:
				to := north
				if l.w.store.ID == north.store.ID {
					to = centre
				}
				ids = append(ids, uuid.NewSHA1(centre.store.ID, []byte{byte(n)}))
				l.sends(at, ids[len(ids)-1], to, 1, quantity)
			case 1:
				if len(ids) > 0 {
					l.receives(at, rapid.SampledFrom(ids).Draw(rt, "shipment"), 1, quantity)
				}
			case 2:
				l.counts(at, 1, quantity)
			case 3:
				to := rapid.Uint64Range(1, uint64(len(l.entries))).Draw(rt, "to")
				l.at(journal.KindClock, at, 0, time.Second, retail.Clock{
					Epoch: l.epoch, From: rapid.Uint64Range(1, to).Draw(rt, "from"), To: to,
					Correction: rapid.Int64Range(-3, 3).Draw(rt, "correction") * 1000, Error: 20,
				})
			default:
				l.sells(at, quantity)
			}
		}
		whole := func() string {
			return fmt.Sprint(centre.onHand(1), centre.coming(1), centre.variances(1), north.onHand(1), north.coming(1), north.variances(1))
		}
		retry := func() {
			_, err := centre.desk.RetryDeferred(ctx)
			require.NoError(rt, err)
		}
		for _, l := range f {
			_, err := l.w.desk.Store(ctx, l.batch(1, uint64(len(l.entries))))
			require.NoError(rt, err)
		}
		retry()
		want := whole()
		centre.sound()
		centre.forget()
		for _, i := range rapid.Permutation([]int{0, 1, 2}).Draw(rt, "order") {
			l := f[i]
			cut := rapid.Uint64Range(1, uint64(len(l.entries))).Draw(rt, "cut")
			_, err := l.w.desk.Store(ctx, l.batch(1, cut))
			require.NoError(rt, err)
			if rapid.Bool().Draw(rt, "retry") {
				retry()
			}
		}
		for _, l := range f {
			_, err := l.w.desk.Store(ctx, l.batch(1, uint64(len(l.entries))))
			require.NoError(rt, err)
		}
		retry()
		require.Equal(rt, want, whole())
		centre.sound()
		centre.forget()
	})
}

func TestTamperedTransfers(t *testing.T) {
	w := newWorld(t)
	north := w.another(1)
	l := w.enrol(1)
	l.sends(opened, uuid.New(), north, 1, 12_000)
	l.push(1)
	w.sound()
	for name, c := range map[string]struct{ tamper, undo string }{
		"shipped": {`UPDATE stock.shipment_line SET shipped = shipped + 1`, `UPDATE stock.shipment_line SET shipped = shipped - 1`},
		"where":   {`UPDATE stock.shipment SET from_id = id`, fmt.Sprintf(`UPDATE stock.shipment SET from_id = '%s'`, w.store.ID)},
		"when": {
			`UPDATE stock.shipment SET shipped_at = shipped_at + interval '1 second'`,
			`UPDATE stock.shipment SET shipped_at = shipped_at - interval '1 second'`,
		},
		"in transit": {`UPDATE stock.level SET in_transit = in_transit + 1`, `UPDATE stock.level SET in_transit = in_transit - 1`},
		"left": {
			`WITH m AS (UPDATE stock.movement SET quantity = quantity + 5) UPDATE stock.level SET on_hand = on_hand + 5 WHERE on_hand <> 0`,
			`WITH m AS (UPDATE stock.movement SET quantity = quantity - 5) UPDATE stock.level SET on_hand = on_hand - 5 WHERE on_hand <> 0`,
		},
		"no entry": {
			`INSERT INTO stock.movement (location_id, product_id, at, ref, line, reason, quantity, till_id, epoch, seq)
				SELECT location_id, product_id, at, gen_random_uuid(), 0, 4, 0, till_id, epoch, seq FROM stock.movement`,
			`DELETE FROM stock.movement WHERE quantity = 0`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.db.Exec(ctx, c.tamper)
			require.NoError(t, err)
			faults, err := w.desk.Verify(ctx, uuid.Nil)
			require.NoError(t, err)
			require.NotEmpty(t, faults)
			_, err = w.db.Exec(ctx, c.undo)
			require.NoError(t, err)
			w.sound()
		})
	}
}
