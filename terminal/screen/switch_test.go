package screen

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/stretchr/testify/require"

	"comptant/shared/retail"
)

func (w *world) who() string {
	u, _ := w.app.Till.User()
	return u.Name
}

func TestABadgeChoosesWhoAndThePINStillProvesIt(t *testing.T) {
	w := newWorld(t, Light)
	s := w.app.page.(*signIn)
	w.scan("E99999999")
	require.Equal(t, w.app.words.T("error.signin.badge"), s.wrong)
	w.scan(bobsBadge)
	require.Equal(t, bob, s.chosen)
	require.Empty(t, s.pin.Text())
	w.press(fyne.KeyReturn)
	require.Empty(t, w.who())
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.Equal(t, "Bob", w.who())
	require.Equal(t, English, w.app.words.Language, "each in their own language")
}

// A badge scanned at another's sale changes the cashier with four digits and Enter; the ticket stays.
func TestABadgeAtTheSaleChangesTheCashier(t *testing.T) {
	w := signedIn(t, Light, French)
	w.fill()
	lines := len(w.app.Till.Ticket().Lines)
	w.scan(bobsBadge)
	require.Equal(t, bob, w.app.page.(*signIn).chosen)
	require.Empty(t, w.who())
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.Equal(t, "Bob", w.who())
	require.IsType(t, &sell{}, w.app.page)
	require.Len(t, w.app.Till.Ticket().Lines, lines)

	w.scan(bobsBadge)
	require.Equal(t, "Bob", w.who(), "one's own badge changes nothing")
	require.Len(t, w.app.Till.Ticket().Lines, lines)
}

func TestWhoComesNextMayBeginWithAnEmptyTicket(t *testing.T) {
	w := signedIn(t, Light, French)
	w.fill()
	w.scan(bobsBadge)
	w.press(fyne.KeyF4, fyne.KeyF4, fyne.KeyF4)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.Empty(t, w.app.Till.Ticket().Lines)
	require.Len(t, w.tickets.Held, 1)
	require.Equal(t, "Alice", w.tickets.Held[0].Name)
	require.Equal(t, bob, w.tickets.Held[0].User)

	w.scan(w.code("Muffin"))
	w.press(fyne.KeyF9)
	w.payCard(100)
	w.app.lock()
	w.settle()
	w.press(fyne.KeyF4)
	require.False(t, w.app.page.(*signIn).holds, "money has moved")
}

func TestTheTillLocksWhenNobodyTouchesIt(t *testing.T) {
	w := signedIn(t, Light, French)
	w.fill()
	w.app.visit(PlaceStock)
	w.typeIn("sir")
	w.app.LockAfter = 5 * time.Minute
	w.app.awaitIdle()
	for _, sign := range []func(){
		func() { test.MoveMouse(w.window.Canvas(), fyne.NewPos(200, 190)) },
		func() { test.MoveMouse(w.window.Canvas(), fyne.NewPos(202, 192)) },
		func() { w.press(fyne.KeyDown) },
		func() { w.typeIn("o") },
		func() { w.scan(w.code("Muffin")) },
		func() { test.MoveMouse(w.window.Canvas(), fyne.NewPos(900, 700)) },
	} {
		w.clock.wait(4*time.Minute + 50*time.Second)
		require.Equal(t, "Alice", w.who())
		sign()
	}
	w.clock.wait(4*time.Minute + 50*time.Second)
	require.Equal(t, "Alice", w.who())
	w.clock.wait(time.Minute)
	require.Empty(t, w.who())
	require.IsType(t, &signIn{}, w.app.page)
	require.NotEmpty(t, w.app.Till.Ticket().Lines)

	w.clock.wait(time.Hour)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.Equal(t, "Alice", w.who())
	require.IsType(t, &stock{}, w.app.page, "who comes back finds the screen as it was")
	w.app.LockAfter = 0
	w.app.awaitIdle()
	w.clock.wait(24 * time.Hour)
	require.Equal(t, "Alice", w.who())
}

func TestWhatHeadquartersSaysOfTheCashierCountsAtOnce(t *testing.T) {
	w := signedIn(t, Light, French)
	w.fill()
	hear := func() {
		w.app.Changed()
		w.clock.wait(refreshDelay)
	}
	w.goods.Staff[0].Role = retail.RoleSupervisor
	hear()
	w.press(fyne.KeyF7)
	w.press(fyne.KeyReturn)
	require.Len(t, bodies[retail.DrawerOpen](w.journal), 1, "without anybody's approval")

	w.goods.Staff = w.goods.Staff[1:]
	hear()
	require.Empty(t, w.who())
	s := w.app.page.(*signIn)
	require.Equal(t, w.app.words.T("error.signin.unknown"), s.wrong)
	require.NotEmpty(t, w.app.Till.Ticket().Lines)
}

func TestABadgeChoosesWhoApproves(t *testing.T) {
	w := signedIn(t, Light, French)
	w.fill()
	w.press(fyne.KeyF7)
	w.scan(bobsBadge)
	w.scan(catherinesBadge)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	opened := bodies[retail.DrawerOpen](w.journal)
	require.Len(t, opened, 1)
	require.Equal(t, id(3), opened[0].Approver)
}

// A lock of headquarters shows at once, with the reason and whom to call; neither names nor badges are taken. It ends as it came, and
// the ticket is there.
func TestTheScreenOfATillThatHeadquartersLocked(t *testing.T) {
	w := signedIn(t, Light, English)
	w.fill()
	lines := len(w.app.Till.Ticket().Lines)
	w.app.visit(PlaceStock)
	control := func(c retail.Control) *signIn {
		w.goods.Control = c
		w.app.Changed()
		w.clock.wait(time.Second)
		return w.app.page.(*signIn)
	}
	s := control(retail.Control{LockedAt: 1, Reason: "The drawer is being repaired", By: "Sophie"})
	require.Empty(t, w.who())
	require.Equal(t, "Locked by headquarters", s.nobody.title.full)
	require.Equal(t, "Call Sophie at headquarters", s.nobody.text.full)
	require.Equal(t, "The drawer is being repaired", s.why.lines.Objects[0].(*Label).full)
	require.True(t, s.why.Visible())
	require.False(t, s.people.Visible())
	w.scan(bobsBadge)
	w.press(fyne.KeyDown)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.Empty(t, w.who())
	require.Empty(t, s.pin.Text())

	s = control(retail.Control{LockedAt: 1, Reason: "audit"})
	require.Equal(t, "Call headquarters", s.nobody.text.full)
	s = control(retail.Control{})
	require.True(t, s.people.Visible())
	require.False(t, s.why.Visible())
	require.Equal(t, alice, s.chosen)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.Equal(t, "Alice", w.who())
	require.IsType(t, &stock{}, w.app.page, "who comes back finds the screen as it was")
	require.Len(t, w.app.Till.Ticket().Lines, lines)
}
