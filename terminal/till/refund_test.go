package till_test

import (
	"slices"
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// sold is a world in which three pens were sold for 3.80.
func sold(t *testing.T) (*world, till.Refundable) {
	w := signedIn(t)
	w.scan("3*012345678905")
	p := w.pay()
	_, err := w.TenderCash(t.Context(), p.Turn, 500)
	require.NoError(t, err)
	r, err := w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	return w, r
}

var (
	inCash = till.Payback{Kind: retail.TenderCash}
	onePen = []retail.RefundPart{{Of: 0, Quantity: money.One}}
	pens   = []retail.RefundPart{{Of: 0, Quantity: 3 * money.One}}
)

func TestThreeRefundsGiveBackExactlyWhatWasPaid(t *testing.T) {
	w, r := sold(t)
	var sum, cash money.Amount
	for n := range 3 {
		back, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
		require.NoError(t, err)
		require.EqualValues(t, n+2, back.Refund.Number, "refunds take receipt numbers")
		require.Equal(t, retail.ReceiptCode("CV", 1, 1, back.Number), back.Code)
		require.NoError(t, back.Refund.Check())
		sum += back.Refund.Total
		cash += back.Refund.Tenders[0].Amount
		r, err = w.Refundable(t.Context(), 1, 1)
		require.NoError(t, err)
	}
	require.EqualValues(t, 380, sum)
	require.EqualValues(t, 375, cash, "1.27, 1.26 and 1.27, each rounded as the cash of a sale is")
	_, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, retail.KeyRefundQuantity, err)
}

func TestTheSamePressTwiceRefundsOnce(t *testing.T) {
	w, r := sold(t)
	_, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	require.NoError(t, err)
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundChanged, err)
}

func TestARefundNeedsAReasonAndSomebody(t *testing.T) {
	w, r := sold(t)
	_, err := w.Refund(t.Context(), r, onePen, inCash, "", till.Approval{})
	refused(t, till.KeyRefundReason, err)
	_, err = w.Refund(t.Context(), r, nil, inCash, "cassé", till.Approval{})
	refused(t, retail.KeyRefundEmpty, err)
	w.Lock()
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeySignInNeeded, err)
}

func TestARefundToACardIsExact(t *testing.T) {
	w, r := sold(t)
	toCard := till.Payback{Kind: retail.TenderCard, Approval: "7", LastFour: "4242"}
	_, err := w.Refund(t.Context(), r, onePen, toCard, "cassé", till.Approval{})
	refused(t, till.KeyApproval, err)
	need, ok := till.NeedOf(err)
	require.True(t, ok)
	require.Equal(t, retail.DeedTender, need.Deed, "it was paid in cash")
	back, err := w.Refund(t.Context(), r, onePen, toCard, "cassé", w.approval(need))
	require.NoError(t, err)
	require.Equal(t, sophie, back.Refund.Approver)
	require.Equal(t, "4242", back.Refund.Tenders[0].LastFour)
	require.Equal(t, back.Refund.Total, back.Refund.Tenders[0].Amount)
	require.Zero(t, back.Refund.Rounding)
}

// What was paid by card and in cash goes back by card and in cash, without anybody's approval.
func TestARefundGoesBackAsItWasPaid(t *testing.T) {
	w := signedIn(t)
	w.scan("3*012345678905")
	p := w.pay()
	p, err := w.TenderCard(t.Context(), p.Turn, 200, "083214", "4417")
	require.NoError(t, err)
	_, err = w.TenderCash(t.Context(), p.Turn, 180)
	require.NoError(t, err)
	r, err := w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	back, err := w.Refund(t.Context(), r, pens, till.Payback{}, "cassé", till.Approval{})
	require.NoError(t, err)
	require.Equal(t, []retail.Tender{
		{Kind: retail.TenderCard, Amount: 200, LastFour: "4417"}, {Kind: retail.TenderCash, Amount: 180, Given: 180},
	}, back.Refund.Tenders)
	require.Zero(t, back.Refund.Approver)
	require.NoError(t, back.Refund.Check())
}

// Who answers for a refund without the till that sold may give so much back.
func TestAnApproverHasALimit(t *testing.T) {
	w, _ := sold(t)
	given := other(w, retail.HoldWaits)
	given.Sale.Lines[0].Amount = 200_000_00
	w.book.Given = []retail.HoldGiven{given}
	r, _, err := w.HeldFor(t.Context(), id(201))
	require.NoError(t, err)
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", w.approval(retail.Need{Deed: retail.DeedUnheld}))
	refused(t, till.KeyApprovalRole, err)
}

func TestARefundIsPrintedAgainFromTheJournal(t *testing.T) {
	w, r := sold(t)
	back, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	require.NoError(t, err)
	require.NoError(t, <-back.Printed)
	w.start()
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	all, err := w.Receipts(t.Context(), till.ReceiptFilter{Refunds: true, Limit: 9})
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, back.Code, w.Code(all[0]))
	sales, err := w.Receipts(t.Context(), till.ReceiptFilter{Limit: 9})
	require.NoError(t, err)
	require.Equal(t, all[1:], sales)
	printed, err := w.Reprint(t.Context(), all[0])
	require.NoError(t, err)
	require.NoError(t, <-printed)
	w.printer.Lock()
	defer w.printer.Unlock()
	slips := slices.DeleteFunc(slices.Clone(w.printer.Printed), func(r retail.Receipt) bool { return r.Refund == nil })
	require.Len(t, slips, 2)
	first, again := slips[0], slips[1]
	first.Copy = true
	require.Equal(t, first, again, "the same, marked as a copy")
	require.Equal(t, "CV-01-1-000001", again.Of)
}
