package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/retail"
)

func TestASupervisorApprovesOverTheSale(t *testing.T) {
	w := signedIn(t, Light, French)
	w.fill()
	total := w.app.Till.Ticket().Total
	w.press(fyne.KeyF7)
	require.True(t, w.app.stage.Modal())
	w.scan(w.code("Muffin"))
	w.typeIn("9999")
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal(), "a wrong PIN leaves the panel")
	require.Empty(t, bodies[retail.DrawerOpen](w.journal))
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.False(t, w.app.stage.Modal())
	opened := bodies[retail.DrawerOpen](w.journal)
	require.Len(t, opened, 1)
	require.Equal(t, id(3), opened[0].Approver)
	require.Equal(t, "change", opened[0].Reason)
	u, _ := w.app.Till.User()
	require.Equal(t, alice, u.ID)
	require.Equal(t, total, w.app.Till.Ticket().Total, "a scan over the panel adds nothing")

	w.press(fyne.KeyF7, fyne.KeyDown)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.Equal(t, id(5), bodies[retail.DrawerOpen](w.journal)[1].Approver, "the arrows choose who")
	w.press(fyne.KeyF7, fyne.KeyEscape)
	require.Len(t, bodies[retail.DrawerOpen](w.journal), 2, "Escape does nothing")
}

func TestASupervisorOnlyGivesAReason(t *testing.T) {
	w := newWorld(t, Light)
	w.signIn(id(3))
	w.press(fyne.KeyF7, fyne.KeyRight, fyne.KeyReturn)
	require.Equal(t, []retail.DrawerOpen{{BusinessDate: 20261122, Reason: "check"}}, bodies[retail.DrawerOpen](w.journal))
}

func TestThePINIsCheckedWhileTheWindowLives(t *testing.T) {
	w := signedIn(t, Light, French)
	w.press(fyne.KeyF7)
	var held []func()
	w.held = &held
	w.typeIn("1234")
	w.press(fyne.KeyReturn, fyne.KeyReturn, fyne.KeyEscape)
	require.Len(t, held, 1, "Enter twice asks once")
	require.True(t, w.app.stage.Modal())
	held[0]()
	require.Len(t, bodies[retail.DrawerOpen](w.journal), 1)
}
