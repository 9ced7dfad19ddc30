package till_test

import (
	"errors"
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
)

var dollar, _ = retail.CurrencyOf("CAD")

// inEuros is a till in France, where nothing is rounded, at which Alice works.
func inEuros(t *testing.T) *world {
	w := newWorld(t)
	w.goods.Identity.Currency = "EUR"
	w.start()
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	require.NoError(t, w.OpenShift(t.Context(), 20001), "there are cents")
	return w
}

func TestATillInEurosRoundsNothing(t *testing.T) {
	w := inEuros(t)
	w.scan(pen.SKU)
	k := w.Ticket()
	require.EqualValues(t, 127, k.Total, "not a multiple of 5")
	require.Equal(t, k.Total, k.CashDue)
	turn := w.pay()
	require.Equal(t, []till.QuickCash{{127, 0}, {200, 100}, {500, 500}, {1000, 1000}, {2000, 2000}}, w.QuickCash())
	w.start()
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	p, err := w.TenderCash(t.Context(), turn.Turn, 500)
	require.NoError(t, err, "a payment that began before a restart goes on as it did")
	require.EqualValues(t, 373, p.Sold.Change)
	require.Equal(t, []till.Piece{{200, 1, true}, {100, 1, true}, {50, 1, true}, {20, 1, true}, {2, 1, true}, {1, 1, true}}, p.Sold.HandOver)
	sale := tilltest.Bodies[retail.Sale](w.journal)[0]
	require.NoError(t, sale.Check())
	require.Equal(t, []any{money.Amount(0), money.Amount(1)}, []any{sale.Rounding, sale.CashStep})
	require.NoError(t, <-p.Sold.Printed)
	require.Equal(t, "€", w.printer.Printed[0].Symbol)

	r, err := w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	back, err := w.Refund(t.Context(), r, onePen, inCash, "defect", till.Approval{})
	require.NoError(t, err)
	require.EqualValues(t, 127, back.Refund.Tenders[0].Amount)
	require.NoError(t, back.Refund.Check())
	goods, err := w.WorthToday(t.Context(), []till.Good{{Product: pen, Quantity: money.One}}, inCash)
	require.NoError(t, err)
	require.EqualValues(t, 127, goods.Tenders[0].Amount)

	kinds := w.Denominations()
	require.Equal(t, retail.Denomination{Value: 20000}, kinds[0])
	require.Equal(t, retail.Denomination{Value: 1, Roll: 50}, kinds[len(kinds)-1])
}

// What headquarters says of a currency counts from the next sign-in, or when it is heard, on.
func TestWhatIsRoundedIsData(t *testing.T) {
	w := inEuros(t)
	finland, _ := retail.CurrencyOf("EUR")
	finland.CashStep = 5
	w.goods.Currency = finland
	_, err := w.Recheck(t.Context())
	require.NoError(t, err)
	w.scan(pen.SKU)
	require.EqualValues(t, 125, w.Ticket().CashDue)
	p, err := w.TenderCash(t.Context(), w.pay().Turn, 125)
	require.NoError(t, err)
	require.EqualValues(t, -2, p.Sold.Receipt.Sale.Rounding)
	require.NoError(t, p.Sold.Receipt.Sale.Check())
}

func TestAFloatIsCountedByPieces(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	refused(t, till.KeyShiftCount, w.OpenShiftCounted(t.Context(), []retail.Denomination{{Value: 100, Count: -1}}))
	count := w.Denominations()
	count[2].Count, count[5].Count = 4, 10 // twenties, and coins of two
	require.NoError(t, w.OpenShiftCounted(t.Context(), count))
	open := w.journal.Drafts[len(w.journal.Drafts)-1].Body.(retail.ShiftOpen)
	require.EqualValues(t, 10000, open.Float)
	require.Equal(t, []retail.Denomination{{Value: 2000, Count: 4}, {Value: 200, Count: 10}}, open.Count)
	require.EqualValues(t, 10000, w.Shift().Float)
}

// A count that is put off is there for whoever counts on, also after a restart, while the shift goes on.
func TestACountOfTheDrawerIsPutOff(t *testing.T) {
	w := signedIn(t)
	ctx := t.Context()
	w.KeepDrawer([]retail.Denomination{{Value: 2000, Count: 3}})
	_, ok := w.KeptDrawer(ctx)
	require.False(t, ok, "nobody counts")
	require.NoError(t, w.StartCount())
	count := []retail.Denomination{{Value: 2000, Count: 3}, {Value: 5, Roll: 40, Count: 1}}
	w.KeepDrawer(count)
	w.StopCount()
	w.scan(pen.SKU)
	require.NotEmpty(t, w.Ticket().Lines, "the shift goes on")
	require.NoError(t, w.Clear())
	w.start()
	require.NoError(t, w.SignIn(ctx, robert, "777777"))
	kept, ok := w.KeptDrawer(ctx)
	require.True(t, ok)
	require.Equal(t, []any{count, "Alice"}, []any{kept.Count, kept.By})
	require.True(t, w.clock.Equal(kept.At))

	require.NoError(t, w.StartCount())
	_, err := w.CloseShift(ctx, kept.Count)
	require.NoError(t, err)
	_, ok = w.KeptDrawer(ctx)
	require.False(t, ok)
	require.NoError(t, w.OpenShift(ctx, 0))
	_, ok = w.KeptDrawer(ctx)
	require.False(t, ok, "it was of another shift")

	require.NoError(t, w.StartCount())
	w.KeepDrawer(count)
	w.KeepDrawer([]retail.Denomination{{Value: 2000}})
	_, ok = w.KeptDrawer(ctx)
	require.False(t, ok, "nothing is counted any more")
	w.counts.Fails = errors.New("disk full")
	w.KeepDrawer(count)
}
