package intake_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// counted is the newest line of a count of a product.
func (w *world) counted(product int) intake.Counted {
	w.t.Helper()
	all, _, err := w.desk.Counts(ctx, intake.CountFilter{Stores: []uuid.UUID{w.store.ID}, Most: 100})
	require.NoError(w.t, err)
	for _, c := range all {
		if c.Product == w.products[product].ID {
			return c
		}
	}
	w.t.Fatal("not counted")
	return intake.Counted{}
}

// doubted are the entries that may be on the other side of the newest count of product 1.
func (w *world) doubted() (seqs []uint64) {
	for _, m := range w.counted(1).Doubtful {
		seqs = append(seqs, m.Seq)
	}
	return seqs
}

// A sale whose error, with the count's, spans the count is listed, whoever is taken to be first; one of the counting till is
// not, nor what a second count settles.
func TestASaleThatSpansACountIsListed(t *testing.T) {
	w := newWorld(t)
	a, b := w.enrol(1), w.enrol(2)
	noon := opened.Add(time.Hour)
	a.sells(noon.Add(-time.Second), 1000)
	a.counts(noon, 1, 20_000) // within a second
	a.sells(noon.Add(time.Second), 1000)
	a.push(1)
	before := b.sells(noon.Add(-2001*time.Millisecond), 1000)
	last := b.sells(noon.Add(-1500*time.Millisecond), 2000)
	first := b.sells(noon.Add(2*time.Second), 3000)
	after := b.sells(noon.Add(2001*time.Millisecond), 4000)
	b.push(1)
	require.Equal(t, []uint64{last, first}, w.doubted(), "entry %d was before and %d after", before, after)
	c := w.counted(1)
	require.True(t, c.Latest)
	require.EqualValues(t, 24_000, c.Variance, "1 of the counting till and 3 of the other are taken to have been before")
	require.False(t, c.Doubtful[0].Happened().After(c.Happened()))
	require.True(t, c.Doubtful[1].Happened().After(c.Happened()))
	w.sound()

	// A clock entry that knows better takes one off the list.
	seq := b.at(journal.KindClock, noon.Add(time.Minute), 0, time.Second, retail.Clock{Epoch: b.epoch, From: last, To: last, Correction: 600, Error: 20})
	b.push(seq)
	require.Equal(t, []uint64{last, first}, w.doubted(), "900 ms are within the count's own second")
	seq = b.at(journal.KindClock, noon.Add(time.Minute), 0, time.Second, retail.Clock{Epoch: b.epoch, From: last, To: last, Correction: -600, Error: 20})
	b.push(seq)
	require.Equal(t, []uint64{first}, w.doubted())

	// So does counting again.
	seq = a.counts(noon.Add(time.Minute), 1, 14_000)
	a.push(seq)
	require.Empty(t, w.doubted())
	w.sound()
}

// So is what was sent to another store, or came from one, at about that time.
func TestATransferThatSpansACountIsListed(t *testing.T) {
	w := newWorld(t)
	north := w.another(1)
	a, b, there := w.enrol(1), w.enrol(2), north.enrol(1)
	noon := opened.Add(time.Hour)
	a.push(a.counts(noon, 1, 20_000) - 1)
	coming := uuid.New()
	there.sends(noon.Add(-time.Hour), coming, w, 1, 3000)
	there.push(1)
	sent := b.sends(noon.Add(-1500*time.Millisecond), uuid.New(), north, 1, 2000)
	b.sends(noon.Add(-2001*time.Millisecond), uuid.New(), north, 1, 1000)
	received := b.receives(noon.Add(2*time.Second), coming, 1, 3000)
	b.push(1)
	require.Equal(t, []uint64{sent, received}, w.doubted())
	w.sound()
}

// A till that never measured its clock may be off by two seconds without saying so.
func TestASaleOfAClockThatWasNeverMeasuredSpansTwoSeconds(t *testing.T) {
	w := newWorld(t)
	a, b := w.enrol(1), w.enrol(2)
	noon := opened.Add(time.Hour)
	a.counts(noon, 1, 20_000) // within a second
	a.push(1)
	b.at(journal.KindSale, noon.Add(-3001*time.Millisecond), 0, 0, b.ticket(0, 1000))
	within := b.at(journal.KindSale, noon.Add(-2999*time.Millisecond), 0, 0, b.ticket(0, 1000))
	b.push(1)
	require.Equal(t, []uint64{within}, w.doubted())
}

// Of a sale whose time nobody knows only this is known: it was written after what its till wrote before, and before
// headquarters received it.
func TestASaleOfAnUncertainClockSpansWhatItMay(t *testing.T) {
	w := newWorld(t)
	a, b := w.enrol(1), w.enrol(2)
	known := b.at(journal.KindSignIn, opened.Add(-2*time.Hour), 0, time.Second, retail.SignIn{Name: "Emma"})
	first := b.sells(opened.Add(-30*24*time.Hour), 1000) // its clock fell back by a month
	last := b.sells(opened.Add(-30*24*time.Hour+time.Minute), 1000)
	seq := b.at(journal.KindClock, opened, 0, time.Second, retail.Clock{Epoch: b.epoch, From: first, To: last})
	b.push(1)
	a.push(1)
	require.EqualValues(t, 2, known)
	require.EqualValues(t, 5, seq)

	for _, tc := range []struct {
		at       time.Duration
		doubtful bool
	}{{-3 * time.Hour, false}, {-time.Hour, true}, {2 * time.Second, false}} {
		a.push(a.counts(opened.Add(tc.at), 1, 20_000))
		if tc.doubtful {
			require.Equal(t, []uint64{first, last}, w.doubted(), tc.at)
		} else {
			require.Empty(t, w.doubted(), tc.at)
		}
	}
}

// A variance is provisional until every till of the store has spoken of later, and while entries are missing.
func TestACountIsFinalOnceEveryTillHasCaughtUp(t *testing.T) {
	w := newWorld(t)
	a, b, gone := w.enrol(1), w.enrol(2), w.enrol(3)
	_, err := w.db.Exec(ctx, `UPDATE tills.till SET enrolled_at = enrolled_at - interval '1 day'`)
	require.NoError(t, err)
	require.NoError(t, w.desk.Revoke(ctx, gone.id))
	a.push(1)
	b.push(1)
	a.push(a.counts(opened.Add(-time.Minute), 1, 20_000))
	require.Empty(t, w.counted(1).Awaits, "at its hello the other had nothing that is not here")

	a.push(a.counts(opened.Add(time.Minute), 2, 20_000))
	require.Equal(t, []uuid.UUID{b.id}, w.counted(2).Awaits)
	require.False(t, w.counted(2).Final())
	b.push(b.sells(opened.Add(time.Minute+time.Second), 1000))
	require.Equal(t, []uuid.UUID{b.id}, w.counted(2).Awaits, "it may have sold in the same second")
	seq := b.sells(opened.Add(2*time.Minute), 1000)
	require.Equal(t, []uuid.UUID{b.id}, w.counted(2).Awaits, "not sent yet")
	b.push(seq)
	require.True(t, w.counted(2).Final())
}

// A till that says hello with more than headquarters has may have had it before the count; entries that are missing may be of
// before it too, but not when they were missed before.
func TestACountWaitsForWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	a, b := w.enrol(1), w.enrol(2)
	_, err := w.db.Exec(ctx, `UPDATE tills.till SET enrolled_at = enrolled_at - interval '1 day'`)
	require.NoError(t, err)
	a.push(1)
	b.push(b.sells(opened.Add(-10*time.Minute), 1000) - 1)
	seq := b.sells(opened.Add(-5*time.Minute), 1000)
	a.push(a.counts(opened.Add(-time.Minute), 1, 20_000))
	require.Empty(t, w.counted(1).Awaits)
	b.open(wire.Hello{Till: b.id, N: 1, Epochs: []wire.EpochState{b.state(seq - 1)}})
	require.Equal(t, []uuid.UUID{b.id}, w.counted(1).Awaits)
	b.push(seq)
	require.Empty(t, w.counted(1).Awaits, "all it had at its hello")

	for range 3 {
		b.sells(opened, 1000)
	}
	late := b.batch(seq+3, seq+3)
	late.Hole = true
	_, err = w.desk.Store(ctx, late)
	require.NoError(t, err)
	a.push(a.counts(opened.Add(2*time.Second), 2, 20_000))
	require.True(t, w.counted(1).Missing)
	require.False(t, w.counted(1).Final())
	require.False(t, w.counted(2).Missing)
	_, err = w.desk.Store(ctx, b.batch(seq+1, seq+3))
	require.NoError(t, err)
	require.False(t, w.counted(1).Missing)
}

// What is stored and not applied yet is missing from the stock as well.
func TestACountWaitsForWhatIsDeferred(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	_, err := w.db.Exec(ctx, `ALTER TABLE sales.document ADD CONSTRAINT broken CHECK (number <> 1)`)
	require.NoError(t, err)
	sold := l.sells(opened.Add(-time.Minute), 1000)
	l.counts(opened, 1, 20_000)
	require.Equal(t, []wire.Note{{Seq: sold, Code: wire.Deferred}}, l.push(1).Notes)
	require.True(t, w.counted(1).Missing)
	_, err = w.db.Exec(ctx, `ALTER TABLE sales.document DROP CONSTRAINT broken`)
	require.NoError(t, err)
	_, err = w.desk.RetryDeferred(ctx)
	require.NoError(t, err)
	require.False(t, w.counted(1).Missing)
}

// A session sums up its lines, and is as final as they are; what comes late changes it.
func TestSessionsOfCountingAreSummedUp(t *testing.T) {
	w := newWorld(t)
	north := w.another(1)
	a, b, there := w.enrol(1), w.enrol(2), north.enrol(1)
	_, err := w.db.Exec(ctx, `UPDATE tills.till SET enrolled_at = enrolled_at - interval '1 day'`)
	require.NoError(t, err)
	b.push(1)
	noon := opened.Add(time.Hour)
	counts := func(l *lane, at time.Time, session byte, product int, quantity money.Quantity) {
		l.push(l.at(journal.KindCount, at, 0, time.Second, retail.Count{Session: uuid.UUID{session}, Product: w.products[product].ID, Quantity: quantity}))
	}
	a.push(a.sells(noon.Add(-time.Minute), 3000) - 1)
	counts(a, noon, 5, 1, 20_000)
	counts(a, noon.Add(time.Minute), 5, 2, 1500)
	counts(a, noon.Add(2*time.Minute), 5, 1, 19_000)
	a.push(a.at(journal.KindCount, noon.Add(3*time.Minute), 0, time.Second, retail.Count{Session: uuid.UUID{5}, Done: true}))
	counts(a, noon.Add(time.Hour), 6, 1, 19_000)
	there.push(1)
	counts(there, noon.Add(2*time.Hour), 5, 1, 7000) // a session of another store, though it is called the same

	list := func(f stock.CountFilter) (all []intake.CountSession) {
		for range 5 {
			page, next, err := w.desk.CountSessions(ctx, f)
			require.NoError(t, err)
			all = append(all, page...)
			if f.Before = next; next == "" {
				break
			}
		}
		return all
	}
	all := list(stock.CountFilter{Limit: 1})
	require.Len(t, all, 3)
	require.Equal(t, list(stock.CountFilter{}), all)
	require.Equal(t, north.store.ID, all[0].Location)
	require.Equal(t, uuid.UUID{6}, all[1].ID)
	require.Len(t, list(stock.CountFilter{Locations: []uuid.UUID{north.store.ID}}), 1)
	require.Empty(t, list(stock.CountFilter{Locations: []uuid.UUID{}}))

	summed := func() intake.CountSession {
		s := list(stock.CountFilter{Locations: []uuid.UUID{w.store.ID}})[1]
		lines, err := w.desk.CountsOf(ctx, s.Location, s.ID)
		require.NoError(t, err)
		require.Len(t, lines, 3)
		for _, l := range lines {
			s.Variance -= l.Variance
			s.Cost -= l.Cost()
		}
		require.Zero(t, s.Variance, "the sum of the lines")
		require.Zero(t, s.Cost)
		return list(stock.CountFilter{Locations: []uuid.UUID{w.store.ID}})[1]
	}
	s := summed()
	require.Equal(t, 2, s.Products, "one was counted twice")
	require.EqualValues(t, 19_000+3000+1500, s.Variance)
	require.NotZero(t, s.Cost)
	require.Equal(t, []uuid.UUID{b.id}, s.Awaits)
	require.True(t, s.Done)
	require.True(t, noon.Equal(s.From) && noon.Add(2*time.Minute).Equal(s.Until))
	b.push(b.sells(noon.Add(-time.Minute), 2000))
	require.EqualValues(t, 19_000+5000+1500, summed().Variance, "of before the count, though it comes after")
	b.push(b.sells(noon.Add(90*time.Second), 1000))
	require.Equal(t, []uuid.UUID{b.id}, summed().Awaits, "it has caught up with the first line and not with the last")
	b.push(b.sells(noon.Add(3*time.Hour), 1000))
	require.Empty(t, summed().Awaits)
	require.False(t, list(stock.CountFilter{})[1].Done)
	w.sound()
}
