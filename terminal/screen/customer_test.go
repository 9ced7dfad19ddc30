package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/retail"
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

func TestACustomerIsCorrectedAtTheTill(t *testing.T) {
	w := signedIn(t, Light, English)
	w.fill()
	require.NoError(t, w.people.KeepCustomer(t.Context(), retail.Customer{ID: id(60), Name: "Marie Tremblay", Phone: "514 555-0123"}))
	w.press(fyne.KeyF3, fyne.KeyF4)
	w.typeIn("marie")
	w.press(fyne.KeyF4, fyne.KeyDown, fyne.KeyDelete)
	w.typeIn("5145550199")
	w.press(fyne.KeyReturn)
	require.False(t, w.app.stage.Modal())
	require.Equal(t, id(60), w.app.Till.Ticket().Customer)
	c, ok, err := w.people.Customer(t.Context(), id(60))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, []any{"Marie Tremblay", "5145550199"}, []any{c.Name, c.Phone})
}
