package intake_test

import (
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// find asks for a receipt and gives the answer.
func (l *lane) find(printed retail.Printed) (f retail.ReceiptFound, err error) {
	l.w.t.Helper()
	ask := retail.ReceiptAsked{ID: uuid.New(), Printed: printed}
	args, err := cbor.Marshal(ask)
	require.NoError(l.w.t, err)
	if err := l.w.desk.Command(ctx, l.w.store.ID, l.id, wire.Command{ID: ask.ID, Name: wire.CommandReceipt, Args: args}); err != nil {
		return f, err
	}
	f, ok := row[retail.ReceiptFound](l.w, l.id, retail.RowFound, l.id)
	require.True(l.w.t, ok)
	require.Equal(l.w.t, ask.ID, f.ID)
	return f, nil
}

// A till is told of a receipt of whichever store, with what is gone of it.
func TestAReceiptOfAnotherStoreIsFound(t *testing.T) {
	w := newWorld(t)
	north := w.another(1)
	seller, asker, other := north.enrol(1), w.enrol(1), w.enrol(2)
	sale := seller.ticket(0, 3000)
	seller.add(journal.KindSale, sale)
	receipt := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: sale.Number}
	seller.add(journal.KindRefund, seller.refundOf(sale, receipt, uuid.Nil, nil, part(0, 1000)))
	promised, used := uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{promised, used} {
		seller.add(journal.KindRefundHold, retail.RefundHold{ID: id, Receipt: receipt, For: other.id, Parts: []retail.RefundPart{part(0, 1000)}})
	}
	seller.push(1)
	other.add(journal.KindRefund, other.refundOf(sale, receipt, used, nil, part(0, 1000)))
	other.push(1)

	printed := retail.Printed{Store: north.store.Code, Till: 1, Epoch: seller.epoch, Number: sale.Number}
	f, err := asker.find(printed)
	require.NoError(t, err)
	require.Equal(t, []any{receipt, north.store.Name, opened.UnixMilli()}, []any{f.Receipt, f.Place, f.At})
	require.Equal(t, sale, f.Sale)
	require.Equal(t, []retail.RefundPart{part(0, 1000), part(0, 1000), part(0, 1000)}, f.Before, "refunded, used, promised")

	printed.Number = 99
	f, err = asker.find(printed)
	require.NoError(t, err)
	require.Zero(t, f.Sale.Number, "the answer takes the place of the one before")
	printed.Store = "ZZ"
	f, err = asker.find(printed)
	require.NoError(t, err)
	require.Zero(t, f.Sale.Number)
	f, err = seller.find(retail.Printed{Store: north.store.Code, Till: 1, Epoch: seller.epoch, Number: sale.Number})
	require.NoError(t, err)
	require.NotZero(t, f.Sale.Number, "its own too")
	_, err = asker.find(retail.Printed{Store: "a\x00", Till: 1, Epoch: 1, Number: 1})
	require.ErrorIs(t, err, wire.Invalid)
	require.EqualValues(t, 1, w.count(`SELECT count(*) FROM feed.item WHERE type = $1 AND feed = $2`, retail.RowFound, "till:"+asker.id.String()))

	// The right to it is asked for as that to a receipt of the same store.
	require.NoError(t, asker.ask(uuid.New(), receipt, part(0, 1000)))
}

// A till is told of the receipts of its store's tills that are like what a customer knows, and of no other store's.
func TestReceiptsAreFoundByWhatACustomerKnows(t *testing.T) {
	w := newWorld(t)
	seller, asker, elsewhere := w.enrol(1), w.enrol(2), w.another(1).enrol(1)
	cash, card := seller.ticket(3000), seller.ticket(0, 1000)
	card.Rounding, card.Tenders = 0, []retail.Tender{{Kind: retail.TenderCard, Amount: card.Total, LastFour: "4417"}}
	seller.add(journal.KindSale, cash)
	seller.add(journal.KindSale, card)
	seller.push(1)
	elsewhere.add(journal.KindSale, elsewhere.ticket(3000))
	elsewhere.push(1)
	like := func(l retail.ReceiptLike) (numbers []uint64) {
		ask := retail.ReceiptAsked{ID: uuid.New(), Like: l}
		args, err := cbor.Marshal(ask)
		require.NoError(t, err)
		require.NoError(t, w.desk.Command(ctx, w.store.ID, asker.id, wire.Command{ID: ask.ID, Name: wire.CommandReceipt, Args: args}))
		f, ok := row[retail.ReceiptFound](w, asker.id, retail.RowFound, asker.id)
		require.True(t, ok)
		require.Equal(t, ask.ID, f.ID)
		for _, m := range f.Like {
			require.Equal(t, []any{w.store.Code, 1, seller.epoch}, []any{m.Printed.Store, m.Printed.Till, m.Printed.Epoch})
			numbers = append(numbers, m.Printed.Number)
		}
		return numbers
	}
	require.Equal(t, []uint64{cash.Number}, like(retail.ReceiptLike{Paid: cash.Total + cash.Rounding}))
	require.Equal(t, []uint64{cash.Number}, like(retail.ReceiptLike{Paid: cash.Total, Day: today}))
	require.Equal(t, []uint64{card.Number}, like(retail.ReceiptLike{Paid: 4417, LastFour: "4417", Number: 4417}))
	require.Equal(t, []uint64{card.Number}, like(retail.ReceiptLike{Number: card.Number}))
	require.Equal(t, []uint64{card.Number, cash.Number}, like(retail.ReceiptLike{Day: today}))
	require.Empty(t, like(retail.ReceiptLike{Day: today - 1}))
	require.Empty(t, like(retail.ReceiptLike{LastFour: "17"}))
}
