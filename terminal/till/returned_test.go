package till_test

import (
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// Goods without a receipt give back what they cost today, taxes of today included, in cash as a sale is rounded.
func TestGoodsWithoutAReceipt(t *testing.T) {
	w := signedIn(t)
	goods := []till.Good{{Product: pen, Quantity: 3 * money.One}, {Product: syrup, Quantity: money.One, Price: 1000}}
	worth, err := w.WorthToday(t.Context(), goods, inCash)
	require.NoError(t, err)
	require.EqualValues(t, 1380, worth.Total, "three pens with taxes, and a syrup without")
	require.EqualValues(t, 1380, worth.Tenders[0].Amount)
	_, err = w.Return(t.Context(), goods, inCash, "returned", till.Approval{})
	refused(t, till.KeyRefundNoReceipt, err)
	need, ok := till.NeedOf(err)
	require.True(t, ok)
	require.Equal(t, retail.Need{Deed: retail.DeedNoReceipt, Amount: 1380}, need)
	w.Lock()
	require.NoError(t, w.SignIn(t.Context(), sophie, "777777"))
	_, err = w.Return(t.Context(), goods, inCash, "returned", till.Approval{})
	refused(t, till.KeyRefundNoReceipt, err)

	pay := inCash
	pay.WriteOff = true
	back, err := w.Return(t.Context(), goods, pay, "returned", w.approval(need))
	require.NoError(t, err)
	require.NoError(t, back.Refund.Check())
	require.False(t, back.Refund.Receipted())
	require.Equal(t, []any{sophie, "returned", true}, []any{back.Refund.Approver, back.Refund.Reason, back.Refund.WriteOff})
	require.Equal(t, []any{syrup.Price, money.Amount(1000)}, []any{back.Refund.Lines[1].Line.List, back.Refund.Lines[1].Line.UnitPrice})
	card, err := w.Return(t.Context(), goods, till.Payback{Kind: retail.TenderCard, LastFour: "4417"}, "returned", w.approval(need))
	require.NoError(t, err)
	require.Equal(t, []retail.Tender{{Kind: retail.TenderCard, Amount: 1380, LastFour: "4417"}}, card.Refund.Tenders)
}

func TestGoodsThatCannotComeBack(t *testing.T) {
	w := signedIn(t)
	_, err := w.WorthToday(t.Context(), nil, inCash)
	refused(t, retail.KeyRefundEmpty, err)
	_, err = w.WorthToday(t.Context(), []till.Good{{Product: pen}}, inCash)
	refused(t, till.KeyQuantity, err)
	open := pen
	open.OpenPrice, open.Price = true, 0
	_, err = w.WorthToday(t.Context(), []till.Good{{Product: open, Quantity: money.One}}, inCash)
	refused(t, till.KeyAskPrice, err)
	_, err = w.WorthToday(t.Context(), []till.Good{{Product: open, Quantity: money.One, Price: 500}}, inCash)
	require.NoError(t, err)
}

// What comes back is found as for a sale, and what a card refund needs is asked before any money moves.
func TestWhatComesBackIsFoundByItsCode(t *testing.T) {
	w := signedIn(t)
	s, g, err := w.Bring(t.Context(), "3*"+pen.SKU)
	require.NoError(t, err)
	require.True(t, s.Known)
	require.Equal(t, till.Good{Product: pen, Quantity: 3 * money.One}, g)
	require.Equal(t, pen.Price, g.Each())
	_, _, err = w.Bring(t.Context(), apples.SKU)
	refused(t, till.KeyWeight, err)
	_, g, err = w.Bring(t.Context(), "1,240*"+apples.SKU)
	require.NoError(t, err)
	require.EqualValues(t, 1240, g.Quantity)
	s, _, err = w.Bring(t.Context(), "999999")
	require.NoError(t, err)
	require.False(t, s.Known)

	goods := []till.Good{{Product: pen, Quantity: money.One}}
	entries := len(w.journal.Drafts)
	pay := till.Payback{Kind: retail.TenderCard}
	refused(t, till.KeyRefundNoReceipt, w.MayReturn(t.Context(), goods, pay, "returned", till.Approval{}))
	require.NoError(t, w.MayReturn(t.Context(), goods, pay, "returned", w.approval(retail.Need{Deed: retail.DeedNoReceipt, Amount: 126})))
	require.Len(t, w.journal.Drafts, entries)
	_, err = w.WorthToday(t.Context(), []till.Good{{Product: pen, Quantity: 500}}, pay)
	refused(t, till.KeyWhole, err)
	_, err = w.WorthToday(t.Context(), []till.Good{{Product: pen, Quantity: money.One, Price: till.MostPrice + 1}}, pay)
	refused(t, till.KeyPrice, err)
}
