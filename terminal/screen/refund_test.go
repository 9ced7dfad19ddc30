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
	require.IsType(t, &journalPage{}, w.app.page, "what is chosen is the refund")
	w.press(fyne.KeyDown, fyne.KeyF8)
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
	for i := range w.goods.Products {
		w.goods.Products[i].Price += 1000
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
	require.Empty(t, bodies[retail.Refund](w.journal), "first the terminal")
	w.typeIn("R99120")
	w.press(fyne.KeyReturn)
	require.Len(t, bodies[retail.Refund](w.journal), 1)
	paid := bodies[retail.Refund](w.journal)[0].Tenders[0]
	require.Equal(t, []any{retail.TenderCard, "R99120", "4417"}, []any{paid.Kind, paid.Approval, paid.LastFour}, "as it was paid")
	require.Len(t, w.app.Till.Ticket().Lines, lines)

	w.press(fyne.KeyEscape)
	w.scan(retail.ReceiptCode("CV", 1, 1, 99))
	require.IsType(t, &findReceipt{}, w.app.page, "headquarters may have it still")
}

// elsewhere leads to the refund of a receipt that another store sold.
func (w *world) elsewhere() *refund {
	w.t.Helper()
	w.sellSome()
	sale := bodies[retail.Sale](w.journal)[0]
	w.app.visit(PlaceJournal)
	w.scan(retail.ReceiptCode("NO", 2, 1, 7))
	require.IsType(w.t, &findReceipt{}, w.app.page)
	require.Len(w.t, w.book.Looked, 1)
	w.book.Came = &retail.ReceiptFound{
		ID: w.book.Looked[0].ID, Receipt: retail.ReceiptID{Till: id(70), Epoch: 1, Number: 7}, Sale: sale,
		Before: []retail.RefundPart{{Of: 2, Quantity: money.One}}, At: w.clock.now.UnixMilli(), Place: "Magasin Nord",
	}
	w.app.refresh()
	r := w.app.page.(*refund)
	require.Zero(w.t, r.left[2], "as headquarters says")
	return r
}

// answer is that of the till that sold to the hold that was asked for last.
func (w *world) answer(state retail.HoldState) {
	asked := w.book.Sent[len(w.book.Sent)-1]
	h := retail.RefundHold{ID: asked.ID, Receipt: asked.Receipt, For: asked.For}
	if state == retail.HoldGranted || state == retail.HoldInDoubt {
		h.Parts = asked.Parts
	}
	w.book.Given = []retail.HoldGiven{{Hold: h, State: state, Sale: w.book.Came.Sale}}
	w.app.refresh()
}

func TestAReceiptOfAnotherStoreNeedsTheWordOfItsTill(t *testing.T) {
	w := signedIn(t, Light, French)
	r := w.elsewhere()
	w.press(fyne.KeyReturn, fyne.KeyF9)
	require.Len(t, w.book.Sent, 1)
	require.Equal(t, r.of.Receipt, w.book.Sent[0].Receipt)
	require.True(t, r.waits)
	require.Empty(t, bodies[retail.Refund](w.journal))
	w.answer(retail.HoldGranted)
	refunds := bodies[retail.Refund](w.journal)
	require.Len(t, refunds, 1)
	require.Equal(t, []any{w.book.Sent[0].ID, r.of.Receipt}, []any{refunds[0].Hold, refunds[0].Receipt})
	require.True(t, w.app.stage.Modal(), "it says what to hand out")
}

func TestWhoDoesNotWaitCallsASupervisor(t *testing.T) {
	for name, state := range map[string]retail.HoldState{"no answer": 0, "in doubt": retail.HoldInDoubt} {
		t.Run(name, func(t *testing.T) {
			w := signedIn(t, Light, English)
			w.elsewhere()
			w.press(fyne.KeyReturn, fyne.KeyF9)
			if state != 0 {
				w.answer(state)
			} else {
				w.press(fyne.KeyF9)
			}
			require.True(t, w.app.stage.Modal())
			require.Empty(t, bodies[retail.Refund](w.journal))
			w.typeIn("1234")
			w.press(fyne.KeyReturn)
			refunds := bodies[retail.Refund](w.journal)
			require.Len(t, refunds, 1)
			require.Zero(t, refunds[0].Hold)
			require.NotZero(t, refunds[0].Approver)
			require.True(t, bodies[retail.RefundHold](w.journal)[0].Released, "the till that sold may have it again")
		})
	}
}

func TestARefusalAndAChangeOfMind(t *testing.T) {
	w := signedIn(t, Light, English)
	r := w.elsewhere()
	w.press(fyne.KeyReturn, fyne.KeyF9)
	w.answer(retail.HoldRefused)
	require.NotEmpty(t, r.said)
	require.False(t, r.waits)
	w.press(fyne.KeyF9)
	require.Len(t, w.book.Sent, 2, "asked again")
	w.press(fyne.KeyEscape)
	require.IsType(t, &journalPage{}, w.app.page)
	w.app.visit(PlaceJournal)
	released := bodies[retail.RefundHold](w.journal)
	require.Equal(t, []any{1, w.book.Sent[1].ID, true}, []any{len(released), released[0].ID, released[0].Released})
}

func TestAReceiptNobodyKnows(t *testing.T) {
	w := signedIn(t, Light, English)
	w.sellSome()
	w.app.visit(PlaceJournal)
	w.network.Online = false
	w.scan(retail.ReceiptCode("NO", 2, 1, 7))
	f := w.app.page.(*findReceipt)
	require.Error(t, f.failed, "no line")
	w.network.Online = true
	w.press(fyne.KeyReturn)
	require.NoError(t, f.failed)
	w.book.Came = &retail.ReceiptFound{ID: f.asked}
	w.app.refresh()
	require.ErrorContains(t, f.failed, "receipt.unknown")
	w.press(fyne.KeyEscape)
	require.IsType(t, &journalPage{}, w.app.page)
	w.typeIn("no-02-1-000007")
	w.press(fyne.KeyReturn)
	require.IsType(t, &findReceipt{}, w.app.page, "typed")
}

// A till that lacks entries says so, and asks for a supervisor for its own receipts too.
func TestARefundInDoubtIsApproved(t *testing.T) {
	w := newWorld(t, Light)
	w.signIn(id(3))
	w.sellSome()
	w.book.Doubt = true
	w.app.visit(PlaceJournal)
	w.press(fyne.KeyF8, fyne.KeyReturn, fyne.KeyF9)
	require.True(t, w.app.stage.Modal())
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	refunds := bodies[retail.Refund](w.journal)
	require.Len(t, refunds, 1)
	require.True(t, refunds[0].Doubt)
}

// alike leads to the receipts of the store's other tills.
func (w *world) alike() *findLike {
	w.t.Helper()
	w.sellSome()
	w.app.visit(PlaceJournal)
	w.typeIn("43,90")
	w.press(fyne.KeyReturn)
	require.IsType(w.t, &findLike{}, w.app.page)
	at := w.clock.now.UnixMilli()
	w.book.Came = &retail.ReceiptFound{ID: w.book.Looked[0].ID, Like: []retail.ReceiptMatch{
		{Printed: retail.Printed{Store: "CV", Till: 2, Epoch: 1, Number: 31}, Paid: 4390, At: at, LastFour: "4417"},
		{Printed: retail.Printed{Store: "CV", Till: 1, Epoch: 1, Number: 2}, Paid: 4390, At: at - 3_600_000},
	}}
	w.app.refresh()
	return w.app.page.(*findLike)
}

func TestAReceiptOfAnotherTillIsFoundByItsAmount(t *testing.T) {
	w := signedIn(t, Light, French)
	f := w.alike()
	require.Len(t, f.found, 2)
	w.press(fyne.KeyDown, fyne.KeyReturn)
	require.EqualValues(t, 2, w.app.page.(*refund).of.Sale.Number, "one of this till is here already")
	w.press(fyne.KeyEscape)
	w.app.open(f)
	w.press(fyne.KeyUp, fyne.KeyReturn)
	require.IsType(t, &findReceipt{}, w.app.page, "the other's is asked for")
	require.EqualValues(t, 31, w.book.Looked[1].Printed.Number)

	w.app.visit(PlaceJournal)
	w.press(fyne.KeyF2)
	w.typeIn("Marie")
	w.press(fyne.KeyReturn)
	require.Error(t, w.app.page.(*findLike).failed)
	w.press(fyne.KeyEscape)
	require.IsType(t, &journalPage{}, w.app.page)
}
