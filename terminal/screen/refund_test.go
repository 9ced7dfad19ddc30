package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
)

func TestGoodsOfAReceiptComeBack(t *testing.T) {
	w := signedIn(t, Light, French)
	w.sellSome()
	w.app.visit(PlaceJournal)
	w.settle()
	w.press(fyne.KeyF8)
	r := w.app.page.(*refund)
	require.True(t, r.accept.Spec().Off, "nothing is chosen")
	w.press(fyne.KeyF9)
	require.Empty(t, bodies[retail.Refund](w.journal))

	w.scan(w.code("Muffin"), w.code("Muffin"))
	require.Equal(t, r.app.words.T("refund.not_on_it"), r.said, "one was sold")
	w.scan(w.code("Carnet"))
	w.press(fyne.KeyF9)
	refunds := bodies[retail.Refund](w.journal)
	require.Len(t, refunds, 1)
	require.Equal(t, []retail.RefundPart{{Of: 2, Quantity: money.One}, {Of: 5, Quantity: money.One}}, refunds[0].Parts())
	require.True(t, refunds[0].WriteOff, "what is defective")
	require.Equal(t, []any{uint64(6), "defect", uint64(7)}, []any{refunds[0].Receipt.Number, refunds[0].Reason, refunds[0].Number})
	require.IsType(t, &sell{}, w.app.page, "the next sale")
	require.True(t, w.app.stage.Modal(), "it says what to hand out")
	w.press(fyne.KeyEscape)

	w.app.visit(PlaceJournal)
	w.press(fyne.KeyF8)
	r = w.app.page.(*refund)
	require.Zero(t, r.left[2])
	w.press(fyne.KeyF4, fyne.KeyRight)
	require.Zero(t, r.takes[2])
	require.Equal(t, 2*money.One, r.takes[0])
	r.because(1)
	require.False(t, r.pay().WriteOff, "what is not goes back on the shelf")
	w.press(fyne.KeyEscape)
	require.IsType(t, &journalPage{}, w.app.page)
}

// More than a cashier may give back alone asks for a supervisor, over the refund.
func TestALargeRefundIsApproved(t *testing.T) {
	w := signedIn(t, Light, English)
	for i := range w.goods.products {
		w.goods.products[i].Price += 1000
	}
	w.sellSome()
	w.app.visit(PlaceJournal)
	w.press(fyne.KeyF8, fyne.KeyF4, fyne.KeyF9)
	require.True(t, w.app.stage.Modal())
	require.Empty(t, bodies[retail.Refund](w.journal))
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	refunds := bodies[retail.Refund](w.journal)
	require.Len(t, refunds, 1)
	require.Equal(t, id(3), refunds[0].Approver)
}

// A receipt that is scanned where one sells opens its refund; the sale that was begun stays.
func TestAReceiptScannedWhileSelling(t *testing.T) {
	w := signedIn(t, Light, French)
	w.sellSome()
	w.fill()
	w.app.visit(PlaceSell)
	lines := len(w.app.Till.Ticket().Lines)
	w.scan(retail.ReceiptCode("CV", 1, 1, 2))
	r := w.app.page.(*refund)
	require.EqualValues(t, 2, r.of.Sale.Number)
	w.press(fyne.KeyReturn, fyne.KeyF9)
	require.Len(t, bodies[retail.Refund](w.journal), 1)
	require.Equal(t, retail.TenderCard, bodies[retail.Refund](w.journal)[0].Tenders[0].Kind, "as it was paid")
	require.Len(t, w.app.Till.Ticket().Lines, lines)

	w.press(fyne.KeyEscape)
	w.scan(retail.ReceiptCode("CV", 1, 1, 99))
	require.IsType(t, &sell{}, w.app.page, "no such receipt")
}
