package screen

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"
)

func (w *world) waiting() string {
	badge := w.app.shell.Rail.places[PlaceOrders]
	if !badge.waits.Visible() {
		return ""
	}
	return badge.waits.full
}

// An order from the moment it is asked for until its customer has it, at one till; and no press too many sells it again.
func TestAnOrderFromItsRowToItsReceipt(t *testing.T) {
	w := signedIn(t, Light, French)
	w.visitOrders(id(4))
	require.Equal(t, "4", w.waiting())
	page := w.app.page.(*orders)
	page.choose(id(504))
	w.press(fyne.KeyF9)
	require.Equal(t, "W-000044 est acceptée", page.detail.feedback.text.full)
	require.Equal(t, "4", w.waiting(), "it waits to be picked")

	w.press(fyne.KeyF9)
	w.settle()
	p := w.app.page.(*pick)
	w.typeIn("5*")
	w.scan(w.code("Bagel"), w.code("Bagel"), w.code("Bagel"))
	require.Equal(t, "Il y en a assez : Bagel sésame", p.feedback.text.full)
	require.Zero(t, p.picking.Left())
	w.press(fyne.KeyF9)
	require.Equal(t, "W-000044 est prête", w.app.page.(*orders).detail.feedback.text.full)
	require.Equal(t, "3", w.waiting())

	w.app.lock()
	w.signIn(alice)
	w.app.visit(PlaceOrders)
	w.settle()
	w.scan("W-000044")
	require.True(t, w.app.stage.Modal())
	w.settle()
	w.press(fyne.KeyReturn, fyne.KeyReturn, fyne.KeyReturn)
	page = w.app.page.(*orders)
	require.Equal(t, "W-000044 est remise", page.detail.feedback.text.full)
	require.Equal(t, "CV-01-1-000001", page.detail.feedback.note.full)
	sales := tilltest.Bodies[retail.Sale](w.journal)
	require.Len(t, sales, 1)
	require.Equal(t, "W-000044", sales[0].OrderCode)
	w.app.closeDialogs()
	w.scan("W-000044")
	require.Equal(t, "W-000044 est déjà remise : CV-01-1-000001.", page.detail.feedback.text.full)
	require.Len(t, tilltest.Bodies[retail.Sale](w.journal), 1)
	w.app.Till.Close()
	require.Len(t, w.printer.Printed, 1)

	w.app.visit(PlaceJournal)
	require.Equal(t, []string{"Payé en ligne ··4242"}, texts(w.app.page.(*journalPage)))
}

// texts is how the receipts of the journal were paid.
func texts(j *journalPage) (paid []string) {
	for i := range j.receipts {
		r := newReceiptRow()
		j.showReceipt(i, r)
		paid = append(paid, r.paid.full)
	}
	return paid
}

func TestACashierPreparesNoOrder(t *testing.T) {
	w := signedIn(t, Light, English)
	w.visitOrders(alice)
	before := len(w.journal.Drafts)
	w.press(fyne.KeyF9, fyne.KeyF7)
	require.IsType(t, &orders{}, w.app.page)
	require.Equal(t, "An employee prepares orders.", w.app.page.(*orders).detail.feedback.text.full)
	require.Len(t, w.journal.Drafts, before)

	// A till that knows nothing of another's answer hands over what the customer shows, once somebody has looked.
	w.scan("W-000042")
	require.False(t, w.app.stage.Modal(), "it is not ready, as far as is known here")
	w.press(fyne.KeyF8)
	w.settle()
	w.press(fyne.KeyEscape)
	require.Len(t, w.journal.Drafts, before)
	w.press(fyne.KeyF8)
	w.settle()
	w.press(fyne.KeyReturn)
	require.Len(t, tilltest.Bodies[retail.Sale](w.journal), 1)
}

func TestAnOrderThatIsNotAllThere(t *testing.T) {
	w := signedIn(t, Light, English)
	w.pickSome()
	w.press(fyne.KeyF7)
	w.settle()
	w.press(fyne.KeyEscape)
	require.IsType(t, &pick{}, w.app.page)
	w.press(fyne.KeyF7)
	w.settle()
	w.press(fyne.KeyReturn)
	require.Equal(t, "W-000042: head office looks elsewhere", w.app.page.(*orders).detail.feedback.text.full)
	missing := tilltest.Bodies[retail.OrderMissing](w.journal)
	require.Len(t, missing, 1)
	require.Equal(t, []money.Quantity{money.One, 2 * money.One, 12 * money.One},
		[]money.Quantity{missing[0].Lines[0].Quantity, missing[0].Lines[1].Quantity, missing[0].Lines[2].Quantity})
	before := len(w.journal.Drafts)
	w.press(fyne.KeyF7, fyne.KeyF8, fyne.KeyF9)
	require.Len(t, w.journal.Drafts, before, "nothing more can be done about it")
}

// What was found is there when somebody comes back to it, and a scan of something else changes nothing.
func TestPickingIsLeftAndTakenUp(t *testing.T) {
	w := signedIn(t, Light, English)
	w.pickSome()
	w.press(fyne.KeyEscape)
	page := w.app.page.(*orders)
	require.Equal(t, id(502), page.chosen)
	_, tag := orderState(w.app.words, w.app, page.list[3])
	require.Equal(t, "3 of 18", tag)
	w.press(fyne.KeyF9)
	w.settle()
	p := w.app.page.(*pick)
	require.Equal(t, 15*money.One, p.picking.Left())
	w.scan(w.code("Eau"))
	require.Equal(t, "Not in this order: Spring water, 500 ml", p.feedback.text.full)
	w.scan("4001009910465")
	require.Equal(t, 15*money.One, p.picking.Left())
	w.press(fyne.KeyDown, fyne.KeyDown)
	w.typeIn("+")
	require.Equal(t, 14*money.One, p.picking.Left())
	w.press(fyne.KeyF9)
	w.settle()
	w.press(fyne.KeyReturn)
	require.Equal(t, journal.KindOrderReady, w.journal.Kinds()[len(w.journal.Drafts)-1])
}

func TestOrdersOffline(t *testing.T) {
	w := signedIn(t, Light, English)
	w.visitOrders(id(4))
	page := w.app.page.(*orders)
	require.Empty(t, page.age.full)
	w.network = till.Network{Heard: w.clock.now.Add(-4 * time.Hour)}
	w.app.refresh()
	require.Equal(t, "Offline: list as of 10:32", page.age.full)
	w.network = till.Network{}
	w.app.refresh()
	require.Equal(t, "Offline: an old list", page.age.full)

	// A row that goes away while it is looked at is gone, and what comes is there.
	w.goods.Orders = w.goods.Orders[:1]
	w.app.refresh()
	require.Equal(t, id(498), page.chosen)
	require.Equal(t, "", w.waiting())
	w.press(fyne.KeyF7)
	require.IsType(t, &orders{}, w.app.page, "what is ready is not short")
}
