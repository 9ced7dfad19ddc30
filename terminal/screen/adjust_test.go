package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
)

func TestDiscountsByKeys(t *testing.T) {
	w := signedIn(t, Light, French)
	w.scan(w.code("Muffin"), w.code("Carnet"))
	w.press(fyne.KeyF8)
	w.typeIn("10")
	w.scan(w.code("Muffin"))
	w.press(fyne.KeyDown, fyne.KeyReturn)
	require.Equal(t, retail.Discount{Rate: 10_000, Reason: "loyal"}, w.app.Till.Ticket().Lines[1].Off)
	require.EqualValues(t, 90, w.app.Till.Ticket().Taken)

	w.press(fyne.KeyF8, fyne.KeyRight)
	w.typeIn("$500")
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal(), "half of it is more than a cashier takes off")
	require.EqualValues(t, 90, w.app.Till.Ticket().Taken)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.False(t, w.app.stage.Modal())
	require.EqualValues(t, 590, w.app.Till.Ticket().Taken)

	w.press(fyne.KeyF8, fyne.KeyRight)
	w.typeIn("0")
	w.press(fyne.KeyReturn)
	require.EqualValues(t, 90, w.app.Till.Ticket().Taken, "nothing takes it back")
	w.typeIn("12345678901")
	w.press(fyne.KeyEscape)
}

func TestAPriceWithAReason(t *testing.T) {
	w := signedIn(t, Light, English)
	w.scan(w.code("Carnet"))
	w.press(fyne.KeyF8, fyne.KeyRight, fyne.KeyRight)
	w.typeIn("499")
	w.press(fyne.KeyReturn)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	l := w.app.Till.Ticket().Lines[0]
	require.EqualValues(t, 499, l.Amount)
	require.Equal(t, []any{"label", money.Amount(899)}, []any{l.Reason, l.List})
	require.Equal(t, id(3), bodies[retail.Override](w.journal)[0].Approver)

	w.press(fyne.KeyF8, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeyReturn)
	require.Zero(t, w.app.Till.Ticket().Total, "free, by one key")
	w.press(fyne.KeyF8, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight)
	require.False(t, w.app.stage.over[0].(*Dialog).spec.Keys.(*adjust).reasons.Visible(), "a note has no reason")
	w.typeIn("torn 2")
	w.press(fyne.KeyReturn)
	require.Equal(t, "torn 2", w.app.Till.Ticket().Lines[0].Note)
}
