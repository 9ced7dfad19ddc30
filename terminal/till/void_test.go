package till_test

import (
	"errors"
	"slices"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// soldMixed sells three pens and a syrup, part by card and the rest in cash.
func soldMixed(w *world) till.Receipt {
	w.t.Helper()
	w.scan("3*"+pen.SKU, syrup.SKU)
	require.NoError(w.t, w.DiscountTicket(w.t.Context(), retail.Discount{Amount: 77, Reason: "loyal"}, till.Approval{}))
	p, err := w.TenderCard(w.t.Context(), w.pay().Turn, 500, "083214", "4417")
	require.NoError(w.t, err)
	p, err = w.TenderCash(w.t.Context(), p.Turn, 2000)
	require.NoError(w.t, err)
	return p.Sold.Receipt
}

// slips are the voids that were printed, whatever else came out.
func (w *world) slips() []retail.Receipt {
	w.printer.Lock()
	defer w.printer.Unlock()
	return slices.DeleteFunc(slices.Clone(w.printer.Printed), func(r retail.Receipt) bool { return !r.Void })
}

func TestTheLastSaleIsTakenBackWhole(t *testing.T) {
	w := signedIn(t)
	ctx := t.Context()
	r := soldMixed(w)
	_, err := w.VoidSale(ctx, r, "mistake", till.Approval{})
	refused(t, till.KeyApproval, err)
	need, _ := till.NeedOf(err)
	ok, err := w.Voidable(ctx, r)
	require.NoError(t, err)
	require.True(t, ok)
	by := w.approval(need)
	v, err := w.VoidSale(ctx, r, "mistake", by)
	require.NoError(t, err)
	require.NoError(t, retail.Refund(v.Void).Check())
	require.EqualValues(t, 1, r.Sale.Number, "it keeps its number")
	require.EqualValues(t, 2, v.Void.Number)
	require.Equal(t, "CV-01-1-000002", v.Code)
	require.Equal(t, []any{r.Sale.Total, r.Sale.Rounding, sophie}, []any{v.Void.Total, v.Void.Rounding, v.Void.Approver})
	require.Equal(t, []money.Amount{500, r.Sale.Tenders[1].Amount}, []money.Amount{v.Void.Tenders[0].Amount, v.Void.Tenders[1].Amount})
	require.Equal(t, retail.TenderCard, v.Void.Tenders[0].Kind)
	last := w.journal.Drafts[len(w.journal.Drafts)-1]
	require.Equal(t, []any{journal.KindVoid, alice}, []any{last.Kind, last.User})
	require.NoError(t, <-v.Printed)
	slip := w.slips()[0]
	require.Equal(t, []any{v.Code, "CV-01-1-000001", true, false}, []any{slip.Code(), slip.Of, slip.Void, slip.Copy})
	require.Equal(t, v.Void.Total, slip.Refund.Total)

	_, err = w.VoidSale(ctx, r, "mistake", by)
	refused(t, till.KeyVoidGone, err)
	ok, err = w.Voidable(ctx, r)
	require.NoError(t, err)
	require.False(t, ok)
	back, err := w.Refundable(ctx, 1, 1)
	require.NoError(t, err)
	_, err = w.Refund(ctx, back, onePen, inCash, "defect", till.Approval{})
	refused(t, retail.KeyRefundQuantity, err)
}

func TestOnlyTheLastSaleOfTheShiftIsVoided(t *testing.T) {
	w := signedIn(t)
	ctx := t.Context()
	first := soldMixed(w)
	second := soldMixed(w)
	by := w.approval(retail.Need{Deed: retail.DeedVoidSale})
	_, err := w.VoidSale(ctx, first, "mistake", by)
	refused(t, till.KeyVoidLast, err)
	r, err := w.Refundable(ctx, 1, 2)
	require.NoError(t, err)
	_, err = w.Refund(ctx, r, onePen, till.Payback{}, "defect", till.Approval{})
	require.NoError(t, err)
	_, err = w.VoidSale(ctx, second, "mistake", by)
	refused(t, till.KeyVoidGone, err)

	third := soldMixed(w)
	w.close(20000)
	require.NoError(t, w.OpenShift(ctx, 20000))
	_, err = w.VoidSale(ctx, third, "mistake", by)
	refused(t, till.KeyVoidLast, err)
}

func TestTheSlipOfAVoidIsPrintedAgainFromTheJournal(t *testing.T) {
	w := signedIn(t)
	r := soldMixed(w)
	_, err := w.ReprintVoid(t.Context(), r)
	refused(t, till.KeyVoidNone, err)
	v, err := w.VoidSale(t.Context(), r, "mistake", w.approval(retail.Need{Deed: retail.DeedVoidSale, Amount: r.Sale.Total}))
	require.NoError(t, err)
	require.NoError(t, <-v.Printed)
	w.start()
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	printed, err := w.ReprintVoid(t.Context(), r)
	require.NoError(t, err)
	require.NoError(t, <-printed)
	first, again := w.slips()[0], w.slips()[1]
	first.Copy = true
	require.Equal(t, first, again, "the same, marked as a copy")
}

func TestWhatIsTakenOffAfterTheTotalIsJournaled(t *testing.T) {
	w := signedIn(t)
	w.scan("3*"+pen.SKU, syrup.SKU, coffee.SKU)
	require.NoError(t, w.Remove(2))
	require.NoError(t, w.Increment(0, -1))
	entries := len(w.journal.Drafts)
	w.pay()
	require.NoError(t, w.CancelPayment())
	require.Len(t, w.journal.Drafts, entries, "a ticket is nobody's business before its total")

	require.NoError(t, w.Increment(0, 1))
	require.NoError(t, w.Increment(0, -2))
	w.journal.Fails = errors.New("disk full")
	refused(t, till.KeyJournal, w.Remove(1))
	require.Len(t, w.Ticket().Lines, 2, "what is not journaled is not taken off")
	w.journal.Fails = nil
	require.NoError(t, w.Remove(1))
	require.NoError(t, w.Clear())
	require.NoError(t, w.Clear())
	var done []retail.Override
	for _, d := range w.journal.Drafts[entries:] {
		done = append(done, d.Body.(retail.Override))
	}
	require.Equal(t, []retail.Override{
		{Deed: retail.DeedVoidLine, BusinessDate: 20261122, Product: pen.ID, Quantity: 2000, Amount: 220},
		{Deed: retail.DeedVoidLine, BusinessDate: 20261122, Product: syrup.ID, Quantity: 1000, Amount: 1149},
		{Deed: retail.DeedVoidTicket, BusinessDate: 20261122, Amount: 110},
	}, done)
}
