package intake_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/pgtest"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/hub"
)

// counts has the till count a product at a moment.
func (l *lane) counts(at time.Time, product int, quantity money.Quantity) uint64 {
	return l.at(journal.KindCount, at, 0, time.Second, retail.Count{Session: uuid.UUID{5}, Product: l.w.products[product].ID, Quantity: quantity})
}

// sells sells one product at a moment.
func (l *lane) sells(at time.Time, quantity money.Quantity) uint64 {
	return l.at(journal.KindSale, at, 0, time.Second, l.ticket(0, quantity))
}

// variances are those of a product, in order of time.
func (w *world) variances(product int) (all []int64) {
	rows, err := w.db.Query(ctx, `SELECT quantity FROM stock.movement WHERE location_id = $1 AND product_id = $2 AND reason = 7 ORDER BY at, ref`,
		w.store.ID, w.products[product].ID)
	require.NoError(w.t, err)
	for rows.Next() {
		var q int64
		require.NoError(w.t, rows.Scan(&q))
		all = append(all, q)
	}
	require.NoError(w.t, rows.Err())
	return all
}

func TestACountReplaces(t *testing.T) {
	w := newWorld(t)
	a, b := w.enrol(1), w.enrol(2)
	a.sells(opened, 3000)
	a.counts(opened.Add(time.Minute), 1, 20_000)
	a.sells(opened.Add(2*time.Minute), 1000)
	a.push(1)
	require.EqualValues(t, 19_000, w.onHand(1))
	require.Equal(t, []int64{23_000}, w.variances(1))

	// Another till sold before the count, and was not connected then.
	b.sells(opened.Add(30*time.Second), 5000)
	b.sells(opened.Add(90*time.Second), 2000)
	b.push(1)
	require.EqualValues(t, 17_000, w.onHand(1), "the count has seen what was sold before it")
	require.Equal(t, []int64{28_000}, w.variances(1))

	// And it had counted too, before.
	b.counts(opened.Add(-time.Minute), 1, 31_000)
	b.counts(opened.Add(time.Hour), 2, 4000)
	b.add(journal.KindCount, retail.Count{Session: uuid.UUID{5}, Done: true})
	b.counts(opened.Add(time.Hour), 1, -1)   // flagged, and nothing else
	b.counts(opened.Add(time.Hour), 0, 7000) // what is made here holds no stock
	stored := b.push(4)
	require.Len(t, stored.Notes, 1)
	require.EqualValues(t, 17_000, w.onHand(1))
	require.EqualValues(t, 4000, w.onHand(2))
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM stock.count_done`))
	w.sound()
}

// What is taken back whole after a count is on the shelf again.
func TestAVoidAfterACount(t *testing.T) {
	w := newWorld(t)
	a := w.enrol(1)
	sale := a.ticket(0, 3000)
	a.at(journal.KindSale, opened, 0, time.Second, sale)
	a.counts(opened.Add(time.Minute), 1, 20_000)
	void, err := retail.NewVoid(sale, retail.ReceiptID{Till: a.id, Epoch: a.epoch, Number: sale.Number})
	require.NoError(t, err)
	a.number++
	void.Number, void.BusinessDate, void.Reason = a.number, today, "mistake"
	a.at(journal.KindVoid, opened.Add(2*time.Minute), 0, time.Second, void)
	a.push(1)
	require.EqualValues(t, 23_000, w.onHand(1))
	w.sound()
}

// A clock entry that dates a sale of another till before the count moves the level.
func TestAClockMovesASaleBeforeACount(t *testing.T) {
	w := newWorld(t)
	a, b := w.enrol(1), w.enrol(2)
	a.counts(opened, 1, 20_000)
	seq := b.sells(opened.Add(time.Hour), 5000) // its clock is two hours ahead
	a.push(1)
	b.push(1)
	require.EqualValues(t, 15_000, w.onHand(1))
	b.at(journal.KindClock, opened.Add(time.Minute), 0, time.Second,
		retail.Clock{Epoch: b.epoch, From: seq, To: seq, Correction: (-2 * time.Hour).Milliseconds(), Error: 20})
	b.push(seq + 1)
	require.EqualValues(t, 20_000, w.onHand(1))
	w.sound()
	seq = a.at(journal.KindClock, opened.Add(time.Minute), 0, time.Second,
		retail.Clock{Epoch: a.epoch, From: 2, To: 2, Correction: (-2 * time.Hour).Milliseconds(), Error: 20})
	a.push(seq)
	require.EqualValues(t, 15_000, w.onHand(1), "the count itself was before")
	w.sound()
}

// What counts come to is a function of the set of entries of all tills, whatever their clocks said and the order in which
// they came.
func TestCountsAreOfTheSetOfEntries(t *testing.T) {
	base := worldOn(t, pgtest.New(t), 3)
	stores := 0
	rapid.Check(t, func(rt *rapid.T) {
		stores++
		w := base.another(stores)
		f := forest{w.enrol(1), w.enrol(2)}
		for range rapid.IntRange(1, 12).Draw(rt, "entries") {
			l := rapid.SampledFrom(f).Draw(rt, "till")
			at := opened.Add(time.Duration(rapid.IntRange(0, 5).Draw(rt, "at")) * time.Second)
			switch rapid.IntRange(0, 6).Draw(rt, "entry") {
			case 0, 1, 2:
				l.counts(at, rapid.IntRange(1, 2).Draw(rt, "product"), money.Quantity(rapid.Int64Range(0, 9).Draw(rt, "quantity"))*money.One)
			case 3:
				to := rapid.Uint64Range(1, uint64(len(l.entries))).Draw(rt, "to")
				l.at(journal.KindClock, at, 0, time.Second, retail.Clock{
					Epoch: l.epoch, From: rapid.Uint64Range(1, to).Draw(rt, "from"), To: to,
					Correction: rapid.Int64Range(-3, 3).Draw(rt, "correction") * 1000, Error: 20,
				})
			case 4:
				if len(f) < 4 {
					f = append(f, l.copyAt(rapid.IntRange(1, len(l.entries)).Draw(rt, "copy")))
				}
			default:
				l.sells(at, money.Quantity(rapid.Int64Range(1, 9).Draw(rt, "quantity"))*money.One)
			}
		}
		whole := func() string { return fmt.Sprint(w.onHand(1), w.variances(1), w.onHand(2), w.variances(2)) }
		for _, l := range f {
			_, err := w.desk.Store(ctx, l.batch(1, uint64(len(l.entries))))
			require.NoError(rt, err)
		}
		want := whole()
		w.sound()
		w.forget()
		f.arrive(rt, w, true)
		require.Equal(rt, want, whole())
		w.sound()
		w.forget()
	})
}

// Two tills that sell and count the same products at once neither wait for each other for ever nor miss each other.
func TestTwoTillsCountAtOnce(t *testing.T) {
	w := newWorld(t)
	lanes := []*lane{w.enrol(1), w.enrol(2)}
	var batches [2][]hub.Batch
	for i, l := range lanes {
		for n := range 40 {
			at := opened.Add(time.Duration(n*7%11) * time.Second)
			switch (n + i) % 3 {
			case 0:
				l.counts(at, 1+(n+i)%5, money.Quantity(n)*money.One)
			default:
				quantities := make([]money.Quantity, 6)
				quantities[1+n%5], quantities[1+(n*3+i)%5] = money.One, money.One
				l.at(journal.KindSale, at, 0, time.Second, l.ticket(quantities...))
			}
		}
		for first := uint64(1); first <= uint64(len(l.entries)); first += 3 {
			batches[i] = append(batches[i], l.batch(first, min(first+2, uint64(len(l.entries)))))
		}
	}
	var done sync.WaitGroup
	var failed [2]error
	for i := range lanes {
		done.Go(func() {
			for _, b := range batches[i] {
				if _, err := w.desk.Store(ctx, b); err != nil {
					failed[i] = err
					return
				}
			}
		})
	}
	done.Wait()
	require.NoError(t, failed[0])
	require.NoError(t, failed[1])
	require.Zero(t, w.count(`SELECT count(*) FROM journal.deferred`))
	w.sound()
}

func TestTamperedCounts(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sells(opened, 3000)
	l.counts(opened.Add(time.Minute), 1, 20_000)
	l.sells(opened.Add(2*time.Minute), 1000)
	l.push(1)
	w.sound()
	restore := w.keep()
	for _, sql := range []string{
		`UPDATE stock.level SET on_hand = on_hand + 1`, `DELETE FROM stock.count`, `UPDATE stock.count SET product_id = ref`,
		`WITH m AS (UPDATE stock.movement SET quantity = quantity + 5 WHERE reason = 7) UPDATE stock.level SET on_hand = on_hand + 5`,
	} {
		t.Run(sql, func(t *testing.T) {
			defer restore()
			_, err := w.db.Exec(ctx, sql)
			require.NoError(t, err)
			faults, err := w.desk.Verify(ctx, uuid.Nil)
			require.NoError(t, err)
			require.NotEmpty(t, faults)
		})
	}
}
