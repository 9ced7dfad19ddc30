package ledger

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// refundDraft gives back units of the first line of a receipt, when that much is left.
func refundDraft(t testing.TB, l *Ledger, of retail.ReceiptID, units int64, hold uuid.UUID) till.Draft {
	receipt, err := l.Receipt(context.Background(), of.Epoch, of.Number)
	require.NoError(t, err)
	parts := []retail.RefundPart{{Of: 0, Quantity: money.Quantity(units) * money.One}}
	var refund retail.Refund
	return till.Draft{
		Kind: journal.KindRefund, Numbered: true,
		Check: func(ctx context.Context) error {
			before, err := l.GivenBack(ctx, of.Epoch, of.Number)
			if err != nil {
				return err
			}
			refund, err = retail.NewRefund(receipt.Sale, before, parts)
			return err
		},
		Body: func(number uint64) any {
			refund.Number, refund.BusinessDate, refund.Receipt, refund.Hold = number, 20261122, of, hold
			return refund
		},
	}
}

func receiptOf(l *Ledger, w till.Written) retail.ReceiptID {
	return retail.ReceiptID{Till: l.identity.Till, Epoch: w.Epoch, Number: w.Number}
}

func TestWhatIsGivenBackIsGone(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	w, err := l.Commit(t.Context(), saleDraft(line(timbit, 3, 25)))
	require.NoError(t, err)
	of := receiptOf(l, w)

	back, err := l.Commit(t.Context(), refundDraft(t, l, of, 2, uuid.Nil))
	require.NoError(t, err)
	require.EqualValues(t, 2, back.Number, "refunds take receipt numbers")
	stock, err := l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
	require.Equal(t, -1*money.One, stock.Here)

	hold := uuid.New()
	_, err = l.Commit(t.Context(), till.Draft{Kind: journal.KindRefundHold, Body: func(uint64) any {
		return retail.RefundHold{ID: hold, Receipt: of, Parts: []retail.RefundPart{{Of: 0, Quantity: money.One}}}
	}})
	require.NoError(t, err)
	_, err = l.Commit(t.Context(), refundDraft(t, l, of, 1, uuid.Nil))
	require.ErrorContains(t, err, retail.KeyRefundQuantity)

	shut(t, l)
	l = f.open(t)
	given, err := l.GivenBack(t.Context(), of.Epoch, of.Number)
	require.NoError(t, err)
	require.Equal(t, []retail.RefundPart{{Of: 0, Quantity: 3 * money.One}}, given)
	h, err := l.Hold(t.Context(), hold)
	require.NoError(t, err)
	require.True(t, h.Answered)
	require.False(t, h.Released)
	require.Equal(t, of, h.Entry.Receipt)

	_, err = l.Commit(t.Context(), till.Draft{Kind: journal.KindRefundHold, Body: func(uint64) any {
		h.Entry.Released = true
		return h.Entry
	}})
	require.NoError(t, err)
	_, err = l.Commit(t.Context(), refundDraft(t, l, of, 1, uuid.Nil))
	require.NoError(t, err)
	h, err = l.Hold(t.Context(), hold)
	require.NoError(t, err)
	require.True(t, h.Released)
	requireSound(t, l)

	// A bit that flipped on the disk changes no promise: the sentinel says what was written.
	tamper(t, l, `UPDATE entry SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'f4' AS BLOB) WHERE hex(bytes) LIKE '%F5'`)
	again, err := l.Hold(t.Context(), hold)
	require.NoError(t, err)
	require.Equal(t, h, again)
}

// A receipt is found by its day too.
func TestReceiptsOfADay(t *testing.T) {
	l := newFolder(t).open(t)
	sell(t, l)
	for text, want := range map[string]int{"2026-11-22": 1, "2026-11-23": 0, "000001": 1} {
		found, err := l.Receipts(t.Context(), till.ReceiptFilter{Text: text, Limit: 9})
		require.NoError(t, err)
		require.Len(t, found, want, text)
	}
}

// Refunds are listed among the sales where they are asked for, and found as those are.
func TestRefundsAreListedToo(t *testing.T) {
	l := newFolder(t).open(t)
	w, err := l.Commit(t.Context(), saleDraft(line(timbit, 3, 25)))
	require.NoError(t, err)
	back, err := l.Commit(t.Context(), refundDraft(t, l, receiptOf(l, w), 2, uuid.Nil))
	require.NoError(t, err)
	sell(t, l)
	for _, c := range []struct {
		filter till.ReceiptFilter
		want   []uint64
	}{
		{till.ReceiptFilter{Limit: 9}, []uint64{3, 1}},
		{till.ReceiptFilter{Refunds: true, Limit: 9}, []uint64{3, 2, 1}},
		{till.ReceiptFilter{Refunds: true, Limit: 2}, []uint64{3, 2}},
		{till.ReceiptFilter{Refunds: true, Text: "000002", Limit: 9}, []uint64{2}},
		{till.ReceiptFilter{Refunds: true, Text: "CV-01-100-000002", Limit: 9}, []uint64{2}},
		{till.ReceiptFilter{Refunds: true, Day: 20261121, Limit: 9}, nil},
		{till.ReceiptFilter{Refunds: true, Text: "2026-11-22", Limit: 9}, []uint64{3, 2, 1}},
	} {
		found, err := l.Receipts(t.Context(), c.filter)
		require.NoError(t, err)
		var numbers []uint64
		for _, r := range found {
			numbers = append(numbers, r.Number)
			require.Equal(t, r.Number == back.Number, r.Refund != nil)
		}
		require.Equal(t, c.want, numbers, "%+v", c.filter)
	}
	found, err := l.Receipts(t.Context(), till.ReceiptFilter{Refunds: true, Text: "000002", Limit: 1})
	require.NoError(t, err)
	require.Equal(t, back, found[0].Written)
	require.Equal(t, 2*money.One, found[0].Refund.Lines[0].Line.Quantity)
	of, err := l.Receipts(t.Context(), till.ReceiptFilter{Refunds: true, Text: found[0].Refund.Total.Plain("fr"), Limit: 9})
	require.NoError(t, err)
	require.Equal(t, back, of[0].Written, "by its amount")
}

// What is written off comes back to nobody's shelf.
func TestWhatIsWrittenOffIsNotOnTheShelf(t *testing.T) {
	l := newFolder(t).open(t)
	w, err := l.Commit(t.Context(), saleDraft(line(timbit, 3, 25)))
	require.NoError(t, err)
	draft := refundDraft(t, l, receiptOf(l, w), 2, uuid.Nil)
	body := draft.Body
	draft.Body = func(number uint64) any {
		r := body(number).(retail.Refund)
		r.WriteOff = true
		return r
	}
	_, err = l.Commit(t.Context(), draft)
	require.NoError(t, err)
	stock, err := l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
	require.Equal(t, -3*money.One, stock.Here)
	given, err := l.GivenBack(t.Context(), w.Epoch, w.Number)
	require.NoError(t, err)
	require.Equal(t, []retail.RefundPart{{Of: 0, Quantity: 2 * money.One}}, given)
}

// A sentinel holds a refund and a hold that do not chain on to the database any more. They are on a branch, and given away.
func TestWhatABranchGaveBackIsGone(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	w, err := l.Commit(t.Context(), saleDraft(line(timbit, 3, 25)))
	require.NoError(t, err)
	of, given, used := receiptOf(l, w), uuid.New(), uuid.New()
	shut(t, l)
	db, sentinel := backup(t, f.database()), backup(t, f.sentinel())

	l = f.open(t)
	_, err = l.Commit(t.Context(), refundDraft(t, l, of, 1, used))
	require.NoError(t, err)
	promise := retail.RefundHold{ID: given, Receipt: of, Parts: []retail.RefundPart{{Of: 0, Quantity: money.One}}}
	_, err = l.Commit(t.Context(), till.Draft{Kind: journal.KindRefundHold, Body: func(uint64) any { return promise }})
	require.NoError(t, err)
	shut(t, l)
	other := backup(t, f.sentinel())
	db.put(t)
	sentinel.put(t)
	l = f.open(t)
	sell(t, l)
	shut(t, l)
	other.put(t)

	l = f.open(t)
	parts, err := l.GivenBack(t.Context(), of.Epoch, of.Number)
	require.NoError(t, err)
	require.Equal(t, []retail.RefundPart{{Of: 0, Quantity: money.One}, {Of: 0, Quantity: money.One}}, parts)
	_, err = l.Commit(t.Context(), refundDraft(t, l, of, 2, uuid.Nil))
	require.ErrorContains(t, err, retail.KeyRefundQuantity)
	h, err := l.Hold(t.Context(), used)
	require.NoError(t, err)
	require.True(t, h.Used)
	h, err = l.Hold(t.Context(), given)
	require.NoError(t, err)
	require.Equal(t, till.Hold{Answered: true, Entry: promise}, h)
	requireSound(t, l)
}

func TestAHoldOfAnotherTillIsUsedOnce(t *testing.T) {
	l := newFolder(t).open(t)
	w, err := l.Commit(t.Context(), saleDraft(line(timbit, 3, 25)))
	require.NoError(t, err)
	hold := uuid.New()
	h, err := l.Hold(t.Context(), hold)
	require.NoError(t, err)
	require.Equal(t, till.Hold{}, h)
	// The other till's receipt happens to have the numbers of one here: it takes nothing from that one.
	draft := refundDraft(t, l, receiptOf(l, w), 3, hold)
	body := draft.Body
	draft.Body = func(number uint64) any {
		r := body(number).(retail.Refund)
		r.Receipt.Till = uuid.New()
		return r
	}
	_, err = l.Commit(t.Context(), draft)
	require.NoError(t, err)
	h, err = l.Hold(t.Context(), hold)
	require.NoError(t, err)
	require.True(t, h.Used)
	given, err := l.GivenBack(t.Context(), w.Epoch, w.Number)
	require.NoError(t, err)
	require.Empty(t, given)
}

// A cashier refunds while other tills ask for the same units: what is given back and promised never exceeds what was sold.
func TestRefundsAndHoldsAtOnce(t *testing.T) {
	l := newFolder(t).open(t)
	w, err := l.Commit(t.Context(), saleDraft(line(timbit, 5, 25)))
	require.NoError(t, err)
	of := receiptOf(l, w)
	book := asking{Ledger: l}
	for range 4 {
		book.asked = append(book.asked, retail.HoldAsked{
			ID: uuid.New(), Receipt: of, For: uuid.New(), Parts: []retail.RefundPart{{Of: 0, Quantity: money.One}},
		})
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			holds := till.Holds{Till: l.identity.Till, Journal: l, Book: book, Log: slog.New(slog.DiscardHandler)}
			if err := holds.Answer(context.Background()); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			_, _ = l.Commit(context.Background(), refundDraft(t, l, of, 1, uuid.Nil)) // refused once nothing is left
		})
	}
	wg.Wait()
	given, err := l.GivenBack(t.Context(), of.Epoch, of.Number)
	require.NoError(t, err)
	require.Equal(t, []retail.RefundPart{{Of: 0, Quantity: 5 * money.One}}, given)
	requireCount(t, l, 4, `SELECT count(*) FROM hold`) // each answered once
	requireSound(t, l)
}

// asking is a ledger whose feed asks for holds.
type asking struct {
	*Ledger
	asked []retail.HoldAsked
}

func (a asking) HoldsAsked(context.Context) ([]retail.HoldAsked, error) { return a.asked, nil }
