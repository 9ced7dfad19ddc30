package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestACustomerByKeys(t *testing.T) {
	w := signedIn(t, Light, French)
	w.scan(w.code("Carnet"))
	w.press(fyne.KeyF3)
	require.True(t, w.app.stage.Modal())
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal(), "nobody is chosen by an Enter alone")
	w.press(fyne.KeyEscape)
	require.False(t, w.app.stage.Modal())

	// Nobody is found: somebody new is written down, where what was typed belongs.
	w.press(fyne.KeyF3)
	w.typeIn("514 555-0123")
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal())
	w.press(fyne.KeyReturn)
	require.Empty(t, w.people.All, "a number is no name")
	w.typeIn("Marie Tremblay")
	w.press(fyne.KeyDown, fyne.KeyDown)
	w.typeIn("marie")
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal(), "that is no address")
	w.typeIn("@example.com")
	w.press(fyne.KeyReturn)
	require.False(t, w.app.stage.Modal())
	require.Len(t, w.people.All, 1)
	marie := w.people.All[0]
	require.Equal(t, []string{"Marie Tremblay", "514 555-0123", "marie@example.com"}, []string{marie.Name, marie.Phone, marie.Email})
	require.Equal(t, marie.ID, w.app.Till.Ticket().Customer)
	require.Equal(t, "Marie Tremblay", w.app.customerName())

	// Taken off, and found again.
	w.press(fyne.KeyF3, fyne.KeyReturn)
	require.Equal(t, uuid.Nil, w.app.Till.Ticket().Customer)
	w.press(fyne.KeyF3)
	w.typeIn("tremb")
	w.press(fyne.KeyReturn)
	require.Equal(t, marie.ID, w.app.Till.Ticket().Customer)
	w.press(fyne.KeyF9, fyne.KeyReturn)
	require.Equal(t, uuid.Nil, w.app.Till.Ticket().Customer)
}
