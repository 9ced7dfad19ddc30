package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/intake"
	"comptant/hq/pgtest"
	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// known is what the till is told of its closed epochs.
func (l *lane) known() retail.Known {
	k, _ := row[retail.Known](l.w, l.id, retail.RowKnown, l.id)
	return k
}

func TestATillIsToldWhereItsClosedEpochsEnd(t *testing.T) {
	w := newWorld(t)
	l := w.sells(3)
	_, told := row[retail.Known](w, l.id, retail.RowKnown, l.id)
	require.False(t, told, "the newest epoch goes on")
	c := l.copyAt(2)
	c.sale(0, 5000)
	_, err := w.desk.Store(ctx, c.batch(3, 3))
	require.NoError(t, err)
	require.Zero(t, l.known(), "whoever lacks one of the two is told to open another epoch")

	first, other := l.end(4), c.end(3)
	l.next()
	l.push(1)
	require.Equal(t, retail.Known{Ends: []retail.ChainEnd{other, first}}, l.known())
	c.sale(0, 5000)
	_, err = w.desk.Store(ctx, c.batch(4, 4))
	require.NoError(t, err)
	require.ElementsMatch(t, []retail.ChainEnd{first, c.end(4)}, l.known().Ends, "late entries count")
	head := w.count(`SELECT seq FROM feed.head WHERE feed = $1`, "till:"+l.id.String())
	l.sale(0, 1000)
	l.push(2)
	require.Equal(t, head, w.count(`SELECT seq FROM feed.head WHERE feed = $1`, "till:"+l.id.String()), "a sale is nothing to tell")
}

func TestATillIsToldOfAHole(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	for range 7 {
		l.sale(0, 1000)
	}
	_, err := w.desk.Store(ctx, l.batch(1, 3))
	require.NoError(t, err)
	late := l.batch(6, 7)
	late.Hole = true
	_, err = w.desk.Store(ctx, late)
	require.NoError(t, err)
	require.Equal(t, retail.Known{Holes: []retail.ChainEnd{l.end(5)}}, l.known())
	_, err = w.desk.Store(ctx, l.batch(4, 5))
	require.NoError(t, err)
	require.Zero(t, l.known(), "it is filled")

	// A database from before tills were told: the next hello tells.
	_, err = w.db.Exec(ctx, `UPDATE journal.hole SET filled_at = NULL`)
	require.NoError(t, err)
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(8)}})
	require.Equal(t, retail.Known{Holes: []retail.ChainEnd{l.end(5)}}, l.known())
}

// What a till is told is a function of the set of entries, in whatever order and pieces they come.
func TestWhatATillIsToldIsOfTheSetOfEntries(t *testing.T) {
	base := worldOn(t, pgtest.New(t), 3)
	stores := 0
	rapid.Check(t, func(rt *rapid.T) {
		stores++
		w := base.another(stores)
		f := grow(rt, w)
		later := *f[0]
		later.next()
		all := append(f, &later)
		for _, l := range all {
			_, err := w.desk.Store(ctx, l.batch(1, uint64(len(l.entries))))
			require.NoError(rt, err)
		}
		want := f[0].known()
		require.NotEmpty(rt, want.Ends)
		w.forget()
		_, err := w.db.Exec(ctx, `DELETE FROM feed.item`)
		require.NoError(rt, err)
		all.arrive(rt, w, false)
		require.Equal(rt, want, f[0].known())
		w.forget()
	})
}

// A till that lacks entries gives no right, and refunds its own receipts with an approval only: a person sees it.
func TestWhatIsRefundedInDoubtIsFlagged(t *testing.T) {
	w := newWorld(t)
	seller, asker := w.enrol(1), w.enrol(2)
	sale := seller.ticket(0, 3000)
	seller.add(journal.KindSale, sale)
	receipt, hold := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: sale.Number}, uuid.New()
	own := seller.refundOf(sale, receipt, uuid.Nil, nil, part(0, 1000))
	own.Doubt, own.Approver = true, uuid.UUID{6}
	at := seller.add(journal.KindRefund, own)
	seller.push(1)
	asker.push(1)
	require.Equal(t, map[string][]uint64{intake.FlagDoubt: {at}}, seller.codes())

	require.NoError(t, asker.ask(hold, receipt, part(0, 1000)))
	answer := retail.RefundHold{ID: hold, Receipt: receipt, For: asker.id, Before: own.Parts(), Doubt: true}
	seller.add(journal.KindRefundHold, answer)
	seller.push(at + 1)
	given, _ := row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, hold)
	require.Equal(t, retail.HoldInDoubt, given.State)
	require.Equal(t, []retail.RefundPart{part(0, 1000)}, given.Hold.Parts, "what was asked for: a supervisor may go on")
	require.Equal(t, own.Parts(), given.Hold.Before)
	asker.add(journal.KindRefund, asker.refundOf(sale, receipt, uuid.Nil, own.Parts(), part(0, 1000)))
	asker.push(2)
	require.Equal(t, []uint64{2}, asker.flagged())
	w.sound()
}

// One copy of the till that sold cannot tell, another can: what that says counts, whichever came first.
func TestACopyThatKnowsCountsBeforeOneThatDoesNot(t *testing.T) {
	for _, want := range []retail.HoldState{retail.HoldGranted, retail.HoldRefused} {
		for _, doubtFirst := range []bool{true, false} {
			w := newWorld(t)
			seller, asker := w.enrol(1), w.enrol(2)
			seller.sale(0, 3000)
			receipt, hold := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: 1}, uuid.New()
			knows := retail.RefundHold{ID: hold, Receipt: receipt, For: asker.id}
			if want == retail.HoldGranted {
				knows.Parts = []retail.RefundPart{part(0, 1000)}
			}
			doubts := retail.RefundHold{ID: hold, Receipt: receipt, For: asker.id, Doubt: true}
			answers := []retail.RefundHold{doubts, knows}
			if !doubtFirst {
				answers = []retail.RefundHold{knows, doubts}
			}
			for _, a := range answers {
				seller.add(journal.KindRefundHold, a)
			}
			seller.push(1)
			given, _ := row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, hold)
			require.Equal(t, want, given.State)
		}
	}
}
