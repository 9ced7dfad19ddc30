package intake_test

import (
	"slices"
	"testing"

	"comptant/hq/intake"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// openShift opens a shift with 200 dollars.
func (l *lane) openShift(number uint64) (seq uint64) {
	return l.add(journal.KindShiftOpen, retail.ShiftOpen{Shift: number, BusinessDate: today, Float: 20000})
}

// end names an entry of the epoch.
func (l *lane) end(seq uint64) retail.ChainEnd {
	hash := l.batch(seq, seq).Head
	return retail.ChainEnd{Epoch: l.epoch, Seq: seq, Hash: hash[:]}
}

// closeShift writes the Z of what came since an entry, a coin short, and signs the chain.
func (l *lane) closeShift(number uint64, opened uint64) (seq uint64) {
	l.w.t.Helper()
	z := retail.ShiftClose{
		Number: number, Shift: number, BusinessDate: today, Currency: "CAD", Opened: l.end(opened), Float: 20000,
	}
	for _, b := range l.entries[opened:] {
		e, err := journal.Decode(b)
		require.NoError(l.w.t, err)
		switch e.Kind {
		case journal.KindSale:
			body, err := journal.DecodeBody[retail.Sale](e)
			require.NoError(l.w.t, err)
			z.Totals.Add(l.id, l.epoch, body)
		case journal.KindRefund:
			body, err := journal.DecodeBody[retail.Refund](e)
			require.NoError(l.w.t, err)
			z.Totals.Add(l.id, l.epoch, body)
		case journal.KindVoid:
			body, err := journal.DecodeBody[retail.Void](e)
			require.NoError(l.w.t, err)
			z.Totals.Add(l.id, l.epoch, body)
		case journal.KindCashMove:
			body, err := journal.DecodeBody[retail.CashMove](e)
			require.NoError(l.w.t, err)
			z.Totals.Add(l.id, l.epoch, body)
		}
	}
	z.Expected = z.Totals.Expect(z.Float)
	z.Counted, z.Difference = z.Expected-5, -5
	z.Count = []retail.Denomination{{Value: 1, Count: int64(z.Counted)}}
	require.NoError(l.w.t, z.Check())
	seq = l.add(journal.KindShiftClose, z)
	l.add(journal.KindChainHead, retail.SignHead(l.id, l.end(seq), l.key))
	return seq
}

func (l *lane) moveCash(amount money.Amount) uint64 {
	return l.add(journal.KindCashMove, retail.CashMove{
		BusinessDate: today, Currency: "CAD", Amount: amount, Reason: retail.CashSafe,
	})
}

// shifts are the store's, oldest first.
func (w *world) shifts() []intake.Shift {
	w.t.Helper()
	all, err := w.desk.Shifts(ctx, intake.ShiftFilter{Store: w.store.ID, Most: 100})
	require.NoError(w.t, err)
	slices.Reverse(all)
	return all
}

func TestShiftsAreAppliedAndAgree(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	opened := l.openShift(1)
	l.sale(money.One, 2*money.One)
	l.moveCash(-5000)
	l.sale(0, money.One)
	l.closeShift(1, opened)
	l.openShift(2)
	l.sale(money.One)
	l.push(1)
	w.sound()
	require.Zero(t, w.count(`SELECT count(*) FROM journal.deferred`))
	require.Zero(t, w.count(`SELECT count(*) FROM journal.flag`))
	all := w.shifts()
	require.Len(t, all, 2)
	require.Equal(t, []int64{1, 2}, []int64{all[0].Number, all[1].Number})
	require.NotNil(t, all[0].ClosedAt)
	require.Equal(t, money.Amount(-5), all[0].Difference())
	require.EqualValues(t, 1, all[0].Z)
	require.True(t, all[0].Agrees)
	require.Nil(t, all[1].ClosedAt)

	// The same again changes nothing.
	l.push(1)
	require.Equal(t, all, w.shifts())
}

// A Z that is not what the entries come to is seen, whichever came first.
func TestAZThatDoesNotAgreeIsSeen(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	opened := l.openShift(1)
	l.sale(0, money.One)
	l.closeShift(1, opened)
	l.push(1)
	require.True(t, w.shifts()[0].Agrees)

	m := w.enrol(2)
	opened = m.openShift(1)
	m.sale(0, money.One)
	before := slices.Clone(m.entries)
	m.closeShift(1, opened)
	z := m.entries[len(before)]
	m.entries = before
	m.sale(0, 2*money.One)
	m.raw(z)
	m.push(1)
	for _, s := range w.shifts() {
		require.Equal(t, s.Till == l.id, s.Agrees)
	}
}

// On a fork each Z is that of its own branch.
func TestEachBranchHasItsZ(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	opened := l.openShift(1)
	l.sale(0, money.One)
	common := slices.Clone(l.entries)
	l.sale(0, money.One)
	l.closeShift(1, opened)
	l.push(1)
	l.entries, l.number = common, 1
	l.sale(0, 3*money.One)
	l.moveCash(-1000)
	l.closeShift(1, opened)
	l.push(uint64(len(common)) + 1)
	all := w.shifts()
	require.Len(t, all, 2, "one opening with two Zs")
	for _, s := range all {
		require.True(t, s.Agrees)
	}
	require.NotEqual(t, all[0].Expected, all[1].Expected)
	w.sound()
}

func TestAChainThatNobodySignedIsFlagged(t *testing.T) {
	w := newWorld(t)
	l, other := w.enrol(1), w.enrol(2)
	seq := l.openShift(1)
	bad := l.add(journal.KindChainHead, retail.SignHead(l.id, l.end(seq), other.key))
	l.push(1)
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM journal.flag WHERE code = $1 AND seq = $2`, intake.FlagSignature, bad))
	faults, err := w.desk.Verify(ctx, uuid.Nil)
	require.NoError(t, err)
	require.Len(t, faults, 1)
	require.ErrorIs(t, faults[0], intake.ErrSignature)
	require.Equal(t, bad, faults[0].Seq)
}

// A key that was replaced has signed what it signed.
func TestAnOldKeyHasSignedItsHeads(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	opened := l.openShift(1)
	l.closeShift(1, opened)
	l.push(1)
	w.enrol(1)
	w.sound()
}
