package till_test

import (
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

var practise = retail.Need{Deed: retail.DeedTraining}

// training is a till at which Alice practises.
func training(t *testing.T) *world {
	w := signedIn(t)
	require.NoError(t, w.StartTraining(t.Context(), w.approval(practise)))
	require.True(t, w.Training())
	return w
}

func TestOnlyASupervisorLetsSomebodyPractise(t *testing.T) {
	w := signedIn(t)
	err := w.StartTraining(t.Context(), till.Approval{})
	refused(t, till.KeyApproval, err)
	require.False(t, w.Training())
	n, _ := till.NeedOf(err)
	require.Equal(t, practise, n)

	w.scan(pen.SKU)
	refused(t, till.KeyTrainingTicket, w.StartTraining(t.Context(), w.approval(practise)))
	require.Len(t, w.Ticket().Lines, 1, "a real sale is not lost by it")
	require.NoError(t, w.Clear())
	require.NoError(t, w.StartCount())
	refused(t, till.KeyShiftCounting, w.StartTraining(t.Context(), w.approval(practise)))
}

// A whole day is practised: sales, holds, discounts, refunds, voids, cash, requests, X and Z. The journal and the tickets hear
// nothing of it, the drawer stays shut, and every paper says what it is.
func TestATrainingTouchesNothing(t *testing.T) {
	w := signedIn(t)
	w.scan(coffee.SKU)
	_, err := w.TenderCash(t.Context(), w.pay().Turn, 500)
	require.NoError(t, err)
	w.Close()
	before, printed, open := len(w.journal.Drafts), len(w.printer.Printed), w.tickets.Open
	shift := w.Shift()

	require.NoError(t, w.StartTraining(t.Context(), w.approval(practise)))
	receipts, err := w.Receipts(t.Context(), till.ReceiptFilter{Limit: 9})
	require.NoError(t, err)
	require.Empty(t, receipts, "nothing real is shown in it")
	require.Nil(t, w.Last())
	_, err = w.Refundable(t.Context(), 1, 1)
	refused(t, till.KeyTrainingOnly, err)
	_, err = w.AskHold(t.Context(), retail.ReceiptID{Till: id(98), Epoch: 1, Number: 1}, nil)
	refused(t, till.KeyTrainingOnly, err)

	w.scan(pen.SKU, "6*"+syrup.SKU)
	require.NoError(t, w.DiscountLine(t.Context(), 1, tenth("damaged"), till.Approval{}))
	require.NoError(t, w.Hold(t.Context(), "Marie"))
	held, err := w.Held(t.Context())
	require.NoError(t, err)
	require.NoError(t, w.Recall(t.Context(), held[0].ID))
	p, err := w.TenderCash(t.Context(), w.pay().Turn, 20000)
	require.NoError(t, err)
	require.Equal(t, "CV-01-0-000001", p.Sold.Code, "of an epoch that no journal has")
	r, err := w.Refundable(t.Context(), 0, 1)
	require.NoError(t, err)
	_, err = w.Refund(t.Context(), r, []retail.RefundPart{{Of: 0, Quantity: money.One}}, till.Payback{Kind: retail.TenderCash}, "mistake", till.Approval{})
	require.NoError(t, err)
	w.scan(coffee.SKU)
	p, err = w.TenderCash(t.Context(), w.pay().Turn, 500)
	require.NoError(t, err)
	_, err = w.VoidSale(t.Context(), p.Sold.Receipt, "mistake", w.approval(retail.Need{Deed: retail.DeedVoidSale}))
	require.NoError(t, err)
	require.NoError(t, w.OpenDrawer(t.Context(), "change", w.approval(retail.Need{Deed: retail.DeedDrawer})))
	require.NoError(t, w.CashMove(t.Context(), -5000, retail.CashSafe, ""))
	x, err := w.X(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, x.Z.Totals.Tickets)
	_, err = w.PrintReport(t.Context(), x)
	require.NoError(t, err)
	z := w.close(x.Z.Expected)
	require.NoError(t, z.Z.Check())
	require.Zero(t, z.Z.Difference)
	require.NoError(t, w.OpenShift(t.Context(), 10000), "and the next morning")
	w.scan(pen.SKU)

	w.Lock()
	require.False(t, w.Training(), "the sign-out ends it")
	w.Close()
	require.Len(t, w.journal.Drafts, before)
	require.Equal(t, open, w.tickets.Open)
	require.Empty(t, w.tickets.Held)
	require.Empty(t, w.Ticket().Lines)
	require.Equal(t, shift, w.Shift())
	for _, r := range w.printer.Printed[printed:] {
		require.True(t, r.Training, r.Code())
	}
	require.Len(t, w.printer.Printed, printed+4)
	require.Len(t, w.printer.Reports, 2)
	for _, r := range w.printer.Reports {
		require.True(t, r.Training, r.Code())
	}

	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	w.scan(pen.SKU)
	p, err = w.TenderCard(t.Context(), w.pay().Turn, w.Ticket().Total, "1", "4417")
	require.NoError(t, err)
	w.Close()
	require.Equal(t, "CV-01-1-000002", p.Sold.Code, "no number was taken")
	require.False(t, w.printer.Printed[len(w.printer.Printed)-1].Training)
	kinds := w.journal.Kinds()
	require.Equal(t, []journal.Kind{journal.KindSignIn, journal.KindSale}, kinds[len(kinds)-2:])
}

// A till that ends in the middle of a training is real when it starts again.
func TestARestartEndsATraining(t *testing.T) {
	w := training(t)
	w.scan(pen.SKU)
	w.start()
	require.False(t, w.Training())
	require.Empty(t, w.Ticket().Lines)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	require.EqualValues(t, 1, w.Shift().Number)
	require.EqualValues(t, 20000, w.Shift().Float)
}

// Whoever signs in over a training signs in for real.
func TestASignInEndsATraining(t *testing.T) {
	w := training(t)
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	require.False(t, w.Training())
	kinds := w.journal.Kinds()
	require.Equal(t, journal.KindSignIn, kinds[len(kinds)-1])
}
