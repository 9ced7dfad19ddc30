package ledger

import (
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

func TestAVoidTakesItsSaleBack(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	second := sell(t, l)
	r, err := l.Receipt(t.Context(), second.Epoch, second.Number)
	require.NoError(t, err)
	require.False(t, r.Voided)
	id := retail.ReceiptID{Till: l.identity.Till, Epoch: r.Epoch, Number: r.Number}
	void, err := retail.NewVoid(r.Sale, id)
	require.NoError(t, err)
	before := movedBy(t, l)
	w, err := l.Commit(t.Context(), till.Draft{Kind: journal.KindVoid, Numbered: true, Body: func(n uint64) any {
		void.Number, void.Reason = n, "mistake"
		return void
	}})
	require.NoError(t, err)
	require.EqualValues(t, r.Number+1, w.Number)
	require.Zero(t, before+2*sold(r.Sale), "two sales moved the stock before")
	require.EqualValues(t, -sold(r.Sale), movedBy(t, l), "and one does now")
	gone, err := l.GivenBack(t.Context(), r.Epoch, r.Number)
	require.NoError(t, err)
	require.Len(t, gone, len(r.Sale.Lines))
	receipts, err := l.Receipts(t.Context(), till.ReceiptFilter{Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []bool{true, false}, []bool{receipts[0].Voided, receipts[1].Voided})
	requireSound(t, l)

	again, ok, err := l.Void(t.Context(), r.Epoch, r.Number)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, void, again.Body)
	require.Equal(t, w.Hash, again.Hash)
	_, ok, err = l.Void(t.Context(), receipts[1].Epoch, receipts[1].Number)
	require.NoError(t, err)
	require.False(t, ok, "the other sale stands")
}

func sold(s retail.Sale) (q int64) {
	for _, l := range s.Lines {
		q += int64(l.Quantity)
	}
	return q
}

func movedBy(t *testing.T, l *Ledger) int64 {
	t.Helper()
	q, _, err := one(t.Context(), l.ledger.read, value[int64], `SELECT sum(quantity) FROM movement`)
	require.NoError(t, err)
	return q
}
