package intake_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/intake"
	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// copyAt is the till's disk as it was after its first entries, in the same session.
func (l *lane) copyAt(entries int) *lane {
	c := *l
	c.entries, c.number = slices.Clone(l.entries[:entries]), 0
	for _, b := range c.entries {
		e, err := journal.Decode(b)
		require.NoError(l.w.t, err)
		if e.Kind == journal.KindSale || e.Kind == journal.KindRefund || e.Kind == journal.KindVoid {
			c.number++
		}
	}
	return &c
}

// codes are the open flags of the till, each with its seq.
func (l *lane) codes() map[string][]uint64 {
	l.w.t.Helper()
	flags, err := l.w.desk.Flags(ctx)
	require.NoError(l.w.t, err)
	var codes map[string][]uint64
	for _, f := range flags {
		if f.Till != l.id {
			continue
		}
		if codes == nil {
			codes = map[string][]uint64{}
		}
		codes[f.Code] = append(codes[f.Code], f.Seq)
		slices.Sort(codes[f.Code])
	}
	return codes
}

// sells makes a till with n sales of product 1, all stored.
func (w *world) sells(n int) *lane {
	l := w.enrol(1)
	for range n {
		l.sale(0, 1000)
	}
	l.push(1)
	return l
}

func TestAForkIsABranch(t *testing.T) {
	w := newWorld(t)
	l := w.sells(3)
	c := l.copyAt(2)
	c.sale(0, 5000)
	c.sale(0, 5000)
	stored, err := w.desk.Store(ctx, c.batch(3, 4))
	require.NoError(t, err)
	require.True(t, stored.Forked)
	require.EqualValues(t, 4, stored.Upto)
	require.EqualValues(t, -13_000, w.onHand(1), "applied as it is, once")
	require.Equal(t, map[string][]uint64{
		intake.FlagFork: {2}, intake.FlagPrintedTwice: {3, 3, 4, 4},
	}, l.codes())
	w.sound()

	stored, err = w.desk.Store(ctx, c.batch(2, 4))
	require.NoError(t, err)
	require.False(t, stored.Forked, "it is known now")
	c.sale(0, 1000)
	stored, err = w.desk.Store(ctx, c.batch(5, 5))
	require.NoError(t, err)
	require.False(t, stored.Forked, "and goes on")
	l.sale(0, 1000)
	stored, err = w.desk.Store(ctx, l.batch(5, 5))
	require.NoError(t, err)
	require.False(t, stored.Forked, "as does the other")
	require.EqualValues(t, -15_000, w.onHand(1))
	require.EqualValues(t, 2, w.count(`SELECT count(*) FROM journal.branch`))
	w.sound()

	seq, err := w.desk.Known(ctx, w.store.ID, l.id, 1, []wire.Point{
		{Seq: 5, Hash: journal.Hash{1}}, {Seq: 4, Hash: c.batch(4, 4).Head}, {Seq: 3, Hash: l.batch(3, 3).Head},
	})
	require.NoError(t, err)
	require.EqualValues(t, 4, seq)
}

// Two machines with one disk send at the same moment: one goes on, the other forks, whoever comes first.
func TestTwoWritersAtOnce(t *testing.T) {
	w := newWorld(t)
	l := w.sells(1)
	for range 15 {
		c := l.copyAt(len(l.entries))
		l.sale(0, 1000)
		c.sale(0, 2000)
		last := uint64(len(l.entries))
		errs := make(chan error, 2)
		for _, writer := range []*lane{l, c} {
			b := writer.batch(last, last)
			go func() {
				_, err := w.desk.Store(ctx, b)
				errs <- err
			}()
		}
		require.NoError(t, errors.Join(<-errs, <-errs))
	}
	require.EqualValues(t, -1000-15*3000, w.onHand(1))
	w.sound()
}

// Two files that open the same epoch share no entry.
func TestTwoFilesWithOneEpoch(t *testing.T) {
	w := newWorld(t)
	l := w.sells(1)
	c := l.copyAt(1)
	c.entries, c.number = nil, 0
	c.add(journal.KindEpochOpen, retail.EpochOpen{Nonce: []byte{9}, Store: w.store.ID, Reason: retail.EpochEnrolled})
	c.sale(0, 2000)
	stored, err := w.desk.Store(ctx, c.batch(1, 2))
	require.NoError(t, err)
	require.True(t, stored.Forked)
	require.EqualValues(t, -3000, w.onHand(1))
	require.Equal(t, []uint64{2, 2}, l.codes()[intake.FlagPrintedTwice])
	w.sound()
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(2)}})
	require.EqualValues(t, 101, l.session.MinEpoch)
}

func TestAHoleIsFilledByAnyFileThatHasIt(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	for range 7 {
		l.sale(0, 1000)
	}
	_, err := w.desk.Store(ctx, l.batch(1, 3))
	require.NoError(t, err)
	late := l.batch(6, 7)
	_, err = w.desk.Store(ctx, late)
	require.ErrorIs(t, err, wire.UnknownParent)
	late.Hole = true
	for range 2 {
		stored, err := w.desk.Store(ctx, late)
		require.NoError(t, err)
		require.Equal(t, hub.Stored{Upto: 7}, stored)
	}
	require.Equal(t, map[string][]uint64{intake.FlagHole: {5}}, l.codes())
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM journal.hole WHERE first = 4 AND last = 5 AND filled_at IS NULL`))
	require.EqualValues(t, -4000, w.onHand(1))
	w.sound()

	stored, err := w.desk.Store(ctx, l.batch(4, 8))
	require.NoError(t, err)
	require.Equal(t, hub.Stored{Upto: 8}, stored)
	require.Empty(t, l.codes())
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM journal.hole WHERE filled_at IS NOT NULL`))
	require.EqualValues(t, -7000, w.onHand(1))
	require.EqualValues(t, 8, w.count(`SELECT count(*) FROM journal.entry`))
	w.sound()
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(8)}})
	require.EqualValues(t, 1, l.session.MinEpoch, "all of it is on the till's path")
}

// A copy of the disk has what is missing, and has sold something else since: it must hear of the fork at once.
func TestWhatFillsAHoleMayFork(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	for range 3 {
		l.sale(0, 1000)
	}
	_, err := w.desk.Store(ctx, l.batch(1, 2))
	require.NoError(t, err)
	c := l.copyAt(3)
	l.sale(0, 1000)
	late := l.batch(4, 4)
	late.Hole = true
	_, err = w.desk.Store(ctx, late)
	require.NoError(t, err)

	c.sale(0, 2000)
	c.sale(0, 2000)
	stored, err := w.desk.Store(ctx, c.batch(3, 5))
	require.NoError(t, err)
	require.True(t, stored.Forked)
	require.Equal(t, []uint64{3}, l.codes()[intake.FlagFork])
	require.NotContains(t, l.codes(), intake.FlagHole)
	w.sound()
}

// Headquarters asks who says hello with the end of a path for what is missing before it: each machine once, a copy always.
func TestAMachineIsAskedForAHole(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	for range 7 {
		l.sale(0, 1000)
	}
	_, err := w.desk.Store(ctx, l.batch(1, 3))
	require.NoError(t, err)
	late := l.batch(6, 8)
	late.Hole = true
	_, err = w.desk.Store(ctx, late)
	require.NoError(t, err)
	have := func(n, floor uint64) uint64 {
		state := l.state(8)
		state.Floor = floor
		l.open(wire.Hello{Till: l.id, N: n, Epochs: []wire.EpochState{state}})
		return l.session.Epochs[0].Have
	}
	require.EqualValues(t, 8, have(1, 0), "it has just said that it cannot give it")
	require.NoError(t, w.desk.Seen(ctx, l.id, l.session.ID, time.Now(), nil))
	require.EqualValues(t, 8, have(l.session.N, 6), "it has pruned it")

	_, err = w.db.Exec(ctx, `UPDATE tills.till SET key = sha256(key)`) // another machine
	require.NoError(t, err)
	require.EqualValues(t, 3, have(l.session.N, 0))
	require.EqualValues(t, 8, have(l.session.N, 0), "asked once")
	require.NoError(t, w.desk.Seen(ctx, l.id, l.session.ID, time.Now(), nil))
	require.EqualValues(t, 4, have(1, 4), "a copy of its disk may have what it has not")

	stored, err := w.desk.Store(ctx, l.batch(4, 5))
	require.NoError(t, err)
	require.EqualValues(t, 5, stored.Upto)
	require.NotContains(t, l.codes(), intake.FlagHole)
	require.EqualValues(t, 8, have(1, 0), "nothing is missing")
	w.sound()
}

// The entry before a hole's end is not here: the levels do not include it, and no mark may say so.
func TestAMarkDoesNotNameWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	for range 7 {
		l.sale(0, 1000)
	}
	l.push(1)
	c := l.copyAt(3)
	for range 4 {
		c.sale(0, 2000)
	}
	late := c.batch(6, 7)
	late.Hole = true
	mark := func() retail.Mark {
		require.NoError(t, w.flusher().Flush(ctx, w.store.ID))
		return decode[retail.Mark](t, w.published(feed.Store(w.store.ID))[retail.RowMark][l.id])
	}
	_, err := w.desk.Store(ctx, late)
	require.NoError(t, err)
	m := mark()
	require.Len(t, m.Ends, 2)
	require.Empty(t, m.Forks)
	_, err = w.desk.Store(ctx, c.batch(4, 5))
	require.NoError(t, err)
	require.NotEmpty(t, mark().Forks, "after entry 3, now that it came")
}

// A hole whose beginning nobody ever had: the epoch begins with it.
func TestAHoleAtTheBeginning(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	for range 4 {
		l.sale(0, 1000)
	}
	late := l.batch(4, 5)
	late.Hole = true
	_, err := w.desk.Store(ctx, late)
	require.NoError(t, err)
	w.sound()
	stored, err := w.desk.Store(ctx, l.batch(1, 3))
	require.NoError(t, err)
	require.False(t, stored.Forked)
	require.Empty(t, l.codes())
	w.sound()
}

func TestALostFileIsGivenBack(t *testing.T) {
	w := newWorld(t)
	l := w.sells(4)
	closed := slices.Clone(l.entries)
	l.next()
	l.sale(0, 1000)
	l.push(1)
	// The file knows two entries of epoch 1, and nothing of epoch 2.
	c := l.copyAt(2)
	c.epoch, c.entries = 1, closed[:2]
	c.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{c.state(2)}})
	require.EqualValues(t, 101, c.session.MinEpoch)
	require.Equal(t, []hub.Gap{
		{Epoch: 1, After: 2, Hash: c.batch(2, 2).Head}, {Epoch: 2, Hash: journal.Genesis(l.id, 2)},
	}, c.session.Gaps)

	part, err := w.desk.Refill(ctx, w.store.ID, l.id, c.session.Gaps[0])
	require.NoError(t, err)
	require.EqualValues(t, 3, part.First)
	require.Equal(t, closed[2:], part.Entries)
	c.entries = closed
	require.Equal(t, c.batch(5, 5).Head, part.Head)
	rest, err := w.desk.Refill(ctx, w.store.ID, l.id, hub.Gap{Epoch: 1, After: 5, Hash: part.Head})
	require.NoError(t, err)
	require.Empty(t, rest.Entries)
	part, err = w.desk.Refill(ctx, w.store.ID, l.id, c.session.Gaps[1])
	require.NoError(t, err)
	require.Equal(t, l.entries, part.Entries)
}

func TestAnOlderCopyOfTheDisk(t *testing.T) {
	w := newWorld(t)
	l := w.sells(2)
	use := func() { require.NoError(t, w.desk.Seen(ctx, l.id, l.session.ID, opened, nil)) }
	use()
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(3)}})
	// The welcome is lost, and the till says hello again with the number it has.
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(3)}})
	require.EqualValues(t, 1, l.session.MinEpoch)
	require.Empty(t, l.codes())
	use()
	require.EqualValues(t, 3, l.session.N)

	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(3)}})
	require.EqualValues(t, 101, l.session.MinEpoch)
	require.Equal(t, map[string][]uint64{intake.FlagDiskImage: {0}}, l.codes())
	use()
	l.open(wire.Hello{Till: l.id, N: 3, Epochs: []wire.EpochState{l.state(3)}})
	require.EqualValues(t, 201, l.session.MinEpoch, "never the same for both")
	require.Equal(t, []uint64{0}, l.codes()[intake.FlagTwoMachines], "the same day")
	w.sound()
}

func TestPrintedAndNeverReceived(t *testing.T) {
	w := newWorld(t)
	l := w.sells(1)
	l.sale(0, 1000)
	l.sale(0, 1000)
	lost := l.batch(3, 4)
	c := l.copyAt(2)
	c.epoch, c.entries = 2, nil
	c.add(journal.KindEpochOpen, retail.EpochOpen{
		Nonce: []byte{3}, Store: w.store.ID, Reason: retail.EpochRestored, Sentinel: retail.ChainEnd{Epoch: 1, Seq: 4, Hash: lost.Head[:]},
	})
	c.push(1)
	require.Equal(t, map[string][]uint64{intake.FlagNeverReceived: {4}}, l.codes())
	_, err := w.desk.Store(ctx, lost)
	require.NoError(t, err)
	require.Empty(t, l.codes(), "they came after all")
}

func TestTheTillHearsOfItsEntries(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	wrong := l.ticket(0, 1000)
	wrong.Total++
	seq := l.add(journal.KindSale, wrong)
	unknown := l.add(journal.Kind(99), map[int]int{1: 2})
	l.push(1)
	notice := func(seq uint64) (retail.Notice, bool) {
		hash := l.batch(seq, seq).Head
		return row[retail.Notice](w, l.id, retail.RowNotice, uuid.UUID(hash[:16]))
	}
	n, ok := notice(seq)
	require.True(t, ok)
	hash := l.batch(seq, seq).Head
	require.Equal(t, retail.Notice{
		Entry: retail.ChainEnd{Epoch: 1, Seq: seq, Hash: hash[:]}, Code: intake.FlagInvalid, At: opened.UnixMilli(),
	}, n)
	n, ok = notice(unknown)
	require.True(t, ok)
	require.Equal(t, "deferred", n.Code)

	flags, err := w.desk.Flags(ctx)
	require.NoError(t, err)
	require.Len(t, flags, 1)
	by := uuid.New()
	resolve := func(note string) (done bool) {
		require.NoError(t, w.db.InTx(ctx, func(tx *db.Tx) (err error) { done, err = w.desk.Resolve(ctx, tx, flags[0], by, note); return err }))
		return done
	}
	require.True(t, resolve("the customer was called"))
	require.False(t, resolve("again"))
	_, ok = notice(seq)
	require.False(t, ok, "settled")
	l.push(1)
	require.Empty(t, l.codes(), "and stays so")
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM journal.flag WHERE resolved_by = $1 AND note <> ''`, by))
}

// One entry that cannot be applied among ten thousand delays nothing.
func TestOnePoisonAmongTenThousand(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 2_000
	}
	w := newWorld(t)
	l := w.enrol(1)
	for range n / 2 {
		l.sale(0, 1000)
	}
	l.raw([]byte("poison"))
	for range n / 2 {
		l.sale(0, 1000)
	}
	for first := uint64(1); first <= uint64(len(l.entries)); first += wire.BatchEntries {
		last := min(first+wire.BatchEntries-1, uint64(len(l.entries)))
		stored, err := w.desk.Store(ctx, l.batch(first, last))
		require.NoError(t, err)
		require.Equal(t, last, stored.Upto)
	}
	require.EqualValues(t, -1000*n, w.onHand(1))
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM journal.deferred`))
	require.EqualValues(t, n, w.count(`SELECT count(*) FROM sales.document`))
}

func TestMarksNameForksAndWhatIsDeferred(t *testing.T) {
	w := newWorld(t)
	l := w.sells(2)
	c := l.copyAt(2)
	c.sale(0, 3000)
	c.raw([]byte("poison"))
	_, err := w.desk.Store(ctx, c.batch(3, 4))
	require.NoError(t, err)
	require.NoError(t, w.flusher().Flush(ctx, w.store.ID))
	m := decode[retail.Mark](t, w.published(feed.Store(w.store.ID))[retail.RowMark][l.id])
	chain := func(l *lane, seq uint64) retail.ChainEnd {
		h := l.batch(seq, seq).Head
		return retail.ChainEnd{Epoch: 1, Seq: seq, Hash: h[:]}
	}
	require.Equal(t, retail.Mark{
		Ends: []retail.ChainEnd{chain(l, 3), chain(c, 4)}, Forks: []retail.ChainEnd{chain(l, 2)}, Deferred: []retail.ChainEnd{chain(c, 4)},
	}, m)
}
