package till_test

import (
	"errors"
	"fmt"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestCashSale(t *testing.T) {
	w := signedIn(t)
	w.scan("3*" + pen.SKU)
	p := w.pay()
	require.Equal(t, money.Amount(380), p.Left)
	require.True(t, w.Ticket().Frozen)
	p, err := w.TenderCash(t.Context(), p.Turn, 2000)
	require.NoError(t, err)
	require.NotNil(t, p.Sold)
	require.Equal(t, "CV-01-1-000001", p.Sold.Code)
	require.Equal(t, money.Amount(1620), p.Sold.Change)
	require.Equal(t, []till.Piece{{1000, 1, false}, {500, 1, false}, {100, 1, true}, {10, 2, true}}, p.Sold.HandOver)
	require.NoError(t, <-p.Sold.Printed)

	require.Equal(t, []journal.Kind{journal.KindSignIn, journal.KindShiftOpen, journal.KindSale}, w.journal.Kinds())
	sale := tilltest.Bodies[retail.Sale](w.journal)[0]
	require.Equal(t, uint64(1), sale.Number)
	require.NoError(t, sale.Check())
	require.Equal(t, retail.Date(20261122), sale.BusinessDate)
	require.Equal(t, uint64(1284), sale.Prices)
	require.Equal(t, uint64(1), w.journal.Drafts[2].Shift)
	require.Equal(t, alice, w.journal.Drafts[2].User)

	require.Empty(t, w.Ticket().Lines)
	require.False(t, w.Ticket().Frozen)
	require.Same(t, p.Sold, w.Last())
	w.scan(pen.SKU)
	require.Nil(t, w.Last(), "the change is shown until the next item")
}

func TestPressingTwiceTendersOnce(t *testing.T) {
	w := signedIn(t)
	w.scan("2*" + syrup.SKU)
	p := w.pay()
	again, err := w.StartPayment()
	require.NoError(t, err)
	require.Equal(t, p, again)

	first, err := w.TenderCard(t.Context(), p.Turn, 1000, "083214", "4417")
	require.NoError(t, err)
	second, err := w.TenderCard(t.Context(), p.Turn, 1000, "083214", "4417")
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Equal(t, money.Amount(1000), second.Paid)
	require.Equal(t, money.Amount(1298), second.Left)
	require.Equal(t, money.Amount(1300), second.LeftInCash)

	done, err := w.TenderCash(t.Context(), second.Turn, 2000)
	require.NoError(t, err)
	more, err := w.TenderCash(t.Context(), second.Turn, 2000)
	require.NoError(t, err)
	require.Same(t, done.Sold, more.Sold)
	more, err = w.TenderCard(t.Context(), p.Turn, 1000, "083214", "4417")
	require.NoError(t, err)
	require.Same(t, done.Sold, more.Sold)
	require.Len(t, tilltest.Bodies[retail.Sale](w.journal), 1)
	require.Len(t, w.printed(), 1)

	w.scan(pen.SKU)
	next := w.pay()
	late, err := w.TenderCash(t.Context(), second.Turn, 2000)
	require.NoError(t, err)
	require.Nil(t, late.Sold, "a late press of the last sale does not pay the next one")
	require.Equal(t, next.Turn, late.Turn)
}

// printed is what came out once nothing is printing any more.
func (w *world) printed() []retail.Receipt {
	w.Close()
	return w.printer.Printed
}

func TestCommitThatFailsTakesNothing(t *testing.T) {
	w := signedIn(t)
	w.scan(pen.SKU)
	p := w.pay()
	w.journal.Fails = errors.New("disk full")
	after, err := w.TenderCash(t.Context(), p.Turn, 2000)
	refused(t, till.KeyJournal, err)
	require.Equal(t, p, after)
	require.Nil(t, w.Last())
	require.Empty(t, w.printed(), "nothing is printed that is not written")
	w.journal.Fails = fmt.Errorf("commit sale: %w", &retail.Error{Code: retail.Failed, Key: till.KeyDiskFull})
	_, err = w.TenderCash(t.Context(), p.Turn, 2000)
	refused(t, till.KeyDiskFull, err)
	w.journal.Fails = nil
	after, err = w.TenderCash(t.Context(), p.Turn, 2000)
	require.NoError(t, err)
	require.Equal(t, uint64(1), after.Sold.Receipt.Number)
}

func TestPrinterThatFailsNeverUndoesASale(t *testing.T) {
	w := signedIn(t)
	w.printer.Jam = errors.New("out of paper")
	w.scan(pen.SKU)
	p := w.pay()
	p, err := w.TenderCard(t.Context(), p.Turn, p.Left, "083214", "4417")
	require.NoError(t, err)
	require.ErrorContains(t, <-p.Sold.Printed, "out of paper")
	require.Len(t, tilltest.Bodies[retail.Sale](w.journal), 1)

	w.printer.Jam = nil
	receipts, err := w.Receipts(t.Context(), till.ReceiptFilter{Limit: 10})
	require.NoError(t, err)
	w.SetLang("en")
	printed, err := w.Reprint(t.Context(), receipts[0])
	require.NoError(t, err)
	require.NoError(t, <-printed)
	slip := w.printer.Printed[0]
	require.True(t, slip.Copy)
	require.Equal(t, "en", slip.Lang)
	require.Equal(t, "Alice", slip.Cashier)
	require.Equal(t, p.Sold.Receipt.Hash.Short(), slip.Proof)
	require.Equal(t, p.Sold.Code, slip.Code())
	require.Equal(t, 14, slip.At.Hour(), "the store's time")
	require.Len(t, tilltest.Bodies[retail.Sale](w.journal), 1)
}

func TestPaymentIsRefused(t *testing.T) {
	w := signedIn(t)
	_, err := w.StartPayment()
	refused(t, till.KeyEmpty, err)
	_, err = w.TenderCash(t.Context(), till.Turn{}, 2000)
	refused(t, till.KeyPayNone, err)
	require.NoError(t, w.CancelPayment())
	require.Nil(t, w.QuickCash())

	w.scan(pen.SKU)
	p := w.pay()
	_, err = w.Scan(t.Context(), pen.SKU)
	refused(t, till.KeyFrozen, err)
	refused(t, till.KeyFrozen, w.Clear())
	_, err = w.TenderCash(t.Context(), p.Turn, 127)
	refused(t, retail.KeyPayCoins, err)
	_, err = w.TenderCard(t.Context(), p.Turn, 5000, "1", "4417")
	refused(t, retail.KeyPayMoreThanLeft, err)
	_, err = w.TenderCard(t.Context(), p.Turn, 0, "1", "4417")
	refused(t, retail.KeyPayAmount, err)
	require.NoError(t, w.CancelPayment())
	require.False(t, w.Ticket().Frozen)

	p = w.pay()
	p, err = w.TenderCash(t.Context(), p.Turn, 100)
	require.NoError(t, err)
	e := refused(t, till.KeyPayTaken, w.CancelPayment())
	require.Equal(t, money.Amount(100), e.Args["amount"])
	kept, ok := w.Payment()
	require.True(t, ok)
	require.Equal(t, p, kept)
}

func TestAPriceThatChangesDuringPaymentChangesNothing(t *testing.T) {
	w := signedIn(t)
	w.scan(pen.SKU)
	p := w.pay()
	w.goods.Rates, w.goods.Prices = nil, 9999
	p, err := w.TenderCard(t.Context(), p.Turn, p.Left, "1", "4417")
	require.NoError(t, err)
	require.Equal(t, uint64(1284), p.Sold.Receipt.Sale.Prices)
	require.Len(t, p.Sold.Receipt.Sale.Taxes, 2)
}

func TestQuickCash(t *testing.T) {
	for due, want := range map[money.Amount][]till.QuickCash{
		2285: {{2285, 0}, {2300, 100}, {2500, 500}, {3000, 1000}, {4000, 2000}},
		2000: {{2000, 0}},
		500:  {{500, 0}, {1000, 1000}, {2000, 2000}},
		1001: {{1000, 0}, {2000, 2000}},
		5:    {{5, 0}, {100, 100}, {500, 500}, {1000, 1000}, {2000, 2000}},
	} {
		w := signedIn(t)
		p := stamps
		p.ID, p.Price = id(17), due
		require.NoError(t, w.Add(t.Context(), p, money.One))
		w.pay()
		require.Equal(t, want, w.QuickCash(), "%d", due)
	}
}

func TestHandOverAddsUp(t *testing.T) {
	require.Equal(t, []till.Piece{{1000, 1, false}, {500, 1, false}, {200, 1, true}, {10, 1, true}, {5, 1, true}}, till.HandOver(dollar, 1715))
	require.Empty(t, till.HandOver(dollar, 0))
	rapid.Check(t, func(t *rapid.T) {
		change := money.Amount(rapid.Int64Range(0, 100_000).Draw(t, "change")) * 5
		var sum money.Amount
		for _, p := range till.HandOver(dollar, change) {
			require.Positive(t, p.Count)
			sum += p.Value * money.Amount(p.Count)
		}
		require.Equal(t, change, sum)
	})
}
