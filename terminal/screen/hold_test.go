package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"
)

func TestHoldAndRecallByKeys(t *testing.T) {
	w := signedIn(t, Light, French)
	w.press(fyne.KeyF4)
	require.False(t, w.app.stage.Modal(), "nothing to hold")
	w.press(fyne.KeyF5)
	require.False(t, w.app.stage.Modal(), "nothing waits")

	w.scan(w.code("Muffin"), w.code("Carnet"))
	was := w.app.Till.Ticket()
	w.press(fyne.KeyF4)
	w.scan(w.code("Savon"))
	w.typeIn("Marie")
	w.press(fyne.KeyReturn)
	require.Empty(t, w.app.Till.Ticket().Lines)
	require.Equal(t, "Marie", w.tickets.Held[0].Name, "a scan is no name")
	w.scan(w.code("Savon"))
	w.press(fyne.KeyF4, fyne.KeyReturn)
	require.Len(t, w.tickets.Held, 2)

	w.app.lock()
	w.settle()
	w.signIn(bob)
	w.press(fyne.KeyF5, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn)
	w.app.speak(French)
	require.Equal(t, was, w.app.Till.Ticket())
	require.Len(t, w.tickets.Held, 1)
	w.press(fyne.KeyF5, fyne.KeyReturn)
	require.Equal(t, was, w.app.Till.Ticket(), "an open sale is not lost")
	require.Len(t, w.tickets.Held, 1)
}

func TestAnOpenPriceIsTyped(t *testing.T) {
	w := signedIn(t, Light, French)
	w.goods.Products[4].OpenPrice = true
	w.typeIn("2*")
	w.scan(w.goods.Products[4].Barcodes[0])
	require.True(t, w.app.stage.Modal())
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal(), "nothing typed is no price")
	w.typeIn("1250")
	w.press(fyne.KeyReturn)
	require.EqualValues(t, 2500, w.app.Till.Ticket().Subtotal)
}
