package screen

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// sendSome leads David to goods for the second store of the list.
func (w *world) sendSome() *send {
	w.t.Helper()
	lang := w.app.words.Language
	w.app.lock()
	w.settle()
	w.signIn(david)
	w.app.speak(lang)
	w.app.visit(PlaceStock)
	w.press(fyne.KeyF4, fyne.KeyF7, fyne.KeyDown, fyne.KeyReturn)
	w.settle()
	page, ok := w.app.page.(*send)
	require.True(w.t, ok, "%T", w.app.page)
	w.typeIn("12*")
	w.scan(w.code("Sirop d’érable ambré"), w.code("Carnet"), w.code("Beurre"))
	return page
}

func TestSendToAnotherStoreByScanning(t *testing.T) {
	w := signedIn(t, Light, French)
	page := w.sendSome()
	require.Equal(t, "Magasin Sud", page.sending.To().Name)
	w.typeIn("-")
	require.Len(t, page.sending.Lines(), 2, "one less of one is none")
	w.typeIn("++")
	w.press(fyne.KeyEscape)
	require.True(t, w.app.stage.Modal(), "what is in the box is not lost without a question")
	w.press(fyne.KeyEscape, fyne.KeyF9, fyne.KeyReturn)
	sent := bodies[retail.TransferOut](w.journal)
	require.Len(t, sent, 1)
	require.Equal(t, []retail.StockLine{
		{Product: w.product("Sirop d’érable ambré").ID, Quantity: 12 * money.One}, {Product: w.product("Carnet").ID, Quantity: 3 * money.One},
	}, sent[0].Lines)
	require.Contains(t, w.texts(), retail.TransferCode(sent[0].ID), "what to write on the boxes")
	w.press(fyne.KeyEscape)
	require.IsType(t, &shipments{}, w.app.page)
}

func TestWhoMayNotSendAsks(t *testing.T) {
	w := signedIn(t, Light, French)
	w.app.visit(PlaceStock)
	w.press(fyne.KeyF4, fyne.KeyF7, fyne.KeyReturn)
	w.scan(w.code("Carnet"))
	w.press(fyne.KeyF9, fyne.KeyReturn)
	require.Empty(t, bodies[retail.TransferOut](w.journal))
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.Equal(t, id(3), bodies[retail.TransferOut](w.journal)[0].Approver)
}

// sentSome leads to what was sent: on its way, and received short by headquarters' word.
func (w *world) sentSome() *sentPage {
	w.t.Helper()
	w.sendSome()
	w.press(fyne.KeyF9, fyne.KeyReturn, fyne.KeyEscape)
	w.journal.Sent = []retail.Sent{{
		ID: id(71), To: id(83), At: w.clock.now.Add(-30 * time.Hour).UnixMilli(), Received: true,
		Lines: []retail.SentLine{{Product: w.product("Carnet").ID, Sent: 12 * money.One, Received: 10 * money.One}},
	}}
	w.press(fyne.KeyF6)
	page, ok := w.app.page.(*sentPage)
	require.True(w.t, ok, "%T", w.app.page)
	return page
}

func TestWhatWasSentIsShownWithItsState(t *testing.T) {
	w := signedIn(t, Light, English)
	page := w.sentSome()
	require.Len(t, page.list, 2)
	states := map[string]bool{}
	for i := range page.list {
		_, state := sentState(w.app.words, page.list[i])
		states[state] = true
	}
	require.Equal(t, map[string]bool{"on its way": true, "short 2": true}, states)
	w.press(fyne.KeyDown, fyne.KeyDown)
	require.Equal(t, 1, page.chosen)
	w.press(fyne.KeyEscape)
	require.IsType(t, &shipments{}, w.app.page)
}
