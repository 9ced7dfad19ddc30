package screen

import (
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// unopened is a till at which Alice has signed in, and no shift is open.
func unopened(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, Light)
	w.app.page.(*signIn).choose(alice)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	w.settle()
	return w
}

// count begins to count and types so many of each denomination, one after the other.
func (w *world) count(pieces ...string) {
	w.app.visit(PlaceShift)
	w.settle()
	w.press(fyne.KeyF9)
	w.settle()
	for i, n := range pieces {
		if i > 0 {
			w.press(fyne.KeyReturn)
		}
		w.typeIn(n)
	}
}

// closeShift closes the shift with 200 dollars in the drawer, and goes back to where one opens.
func (w *world) closeShift() {
	w.count("2")
	w.press(fyne.KeyF9)
	w.settle()
	w.press(fyne.KeyReturn)
	w.settle()
}

func TestTheTillLeadsToWhereAShiftOpens(t *testing.T) {
	w := unopened(t)
	require.IsType(t, &shiftPage{}, w.app.page)
	w.app.visit(PlaceSell)
	require.IsType(t, &shiftPage{}, w.app.page, "nothing is sold without a shift")
	w.scan(w.code("Muffin"))
	require.IsType(t, &shiftPage{}, w.app.page)
	w.typeIn("15001")
	w.press(fyne.KeyF9)
	require.True(t, w.app.stage.Modal() || w.app.page.(*shiftPage).said != "", "a cent cannot be counted")
	w.app.closeDialogs()
	w.press(fyne.KeyBackspace)
	w.typeIn("0")
	w.press(fyne.KeyReturn)
	require.IsType(t, &sell{}, w.app.page)
	require.Equal(t, []retail.ShiftOpen{{Shift: 1, BusinessDate: 20261122, Float: 15000}}, bodies[retail.ShiftOpen](w.journal))

	w.app.visit(PlaceShift)
	w.press(fyne.KeyEscape)
	require.IsType(t, &sell{}, w.app.page)
}

func TestAShiftIsCountedBlindAndClosed(t *testing.T) {
	w := signedIn(t, Light, English)
	w.sellSome()
	w.count("0", "1", "9")
	p := w.app.page.(*countPage)
	require.Equal(t, money.Amount(23000), p.sum())
	_, err := w.app.Till.X(t.Context())
	require.Error(t, err, "what should be there is not told while it is counted")
	w.press(fyne.KeyUp, fyne.KeyDelete)
	w.typeIn("2")
	w.press(fyne.KeyRight)
	w.typeIn("3")
	require.Equal(t, money.Amount(28000+300), p.sum())
	w.app.speak(French)
	require.Equal(t, money.Amount(28300), w.app.page.(*countPage).sum(), "the count stays in the other language")
	w.press(fyne.KeyF9)
	closed := w.app.page.(*closedPage)
	require.Equal(t, printedFine, closed.paper)
	z := bodies[retail.ShiftClose](w.journal)
	require.Len(t, z, 1)
	require.Equal(t, money.Amount(28300), z[0].Counted)
	require.Equal(t, uint64(6), z[0].Totals.Tickets)
	require.NoError(t, z[0].Check())
	w.press(fyne.KeyF8)
	require.Len(t, w.printer.Reports, 2)
	require.True(t, w.printer.Reports[1].Copy)
	w.press(fyne.KeyReturn)
	require.IsType(t, &shiftPage{}, w.app.page)

	// The list has it, and the last float is suggested for the next.
	w.press(fyne.KeyF8)
	require.Len(t, w.printer.Reports, 3)
	w.press(fyne.KeyF9)
	require.Equal(t, money.Amount(20000), bodies[retail.ShiftOpen](w.journal)[1].Float)
	require.IsType(t, &sell{}, w.app.page)
}

func TestAnUnfinishedSaleIsDealtWithFirst(t *testing.T) {
	w := signedIn(t, Light, English)
	w.scan(w.code("Muffin"))
	w.app.visit(PlaceShift)
	w.press(fyne.KeyF9)
	require.IsType(t, &shiftPage{}, w.app.page)
	require.NotEmpty(t, w.app.page.(*shiftPage).said)
	w.app.closeDialogs()
	require.NoError(t, w.app.Till.Clear())
	w.count("10")
	w.press(fyne.KeyEscape)
	require.IsType(t, &shiftPage{}, w.app.page, "the count can be left")
	require.True(t, w.app.Till.Shift().Open())
	w.press(fyne.KeyF7)
	require.NotNil(t, w.app.page.(*shiftPage).x)
	w.press(fyne.KeyF8)
	require.Len(t, w.printer.Reports, 1)
	require.False(t, w.printer.Reports[0].Final())
	w.press(fyne.KeyEscape)
	require.Nil(t, w.app.page.(*shiftPage).x)
}

func TestAPrinterThatFailsDoesNotUndoAClose(t *testing.T) {
	w := signedIn(t, Light, French)
	w.printer.Jam = errors.New("no paper")
	w.count("2")
	w.press(fyne.KeyF9)
	closed := w.app.page.(*closedPage)
	require.Equal(t, printedNothing, closed.paper)
	w.printer.Jam = nil
	w.press(fyne.KeyF8)
	require.Equal(t, printedFine, closed.paper)

	w = signedIn(t, Light, French)
	w.count("2")
	w.journal.Fails = errors.New("disk full")
	w.press(fyne.KeyF9)
	require.IsType(t, &countPage{}, w.app.page)
	require.True(t, w.app.stage.Modal())
	w.app.closeDialogs()
	w.journal.Fails = nil
	w.press(fyne.KeyF9)
	require.IsType(t, &closedPage{}, w.app.page, "what was counted is not typed again")
}

func TestCashGoesInAndOutWithAReason(t *testing.T) {
	w := signedIn(t, Light, French)
	w.app.visit(PlaceShift)
	w.press(fyne.KeyF2)
	w.typeIn("5000")
	w.press(fyne.KeyReturn)
	require.False(t, w.app.stage.Modal())
	w.press(fyne.KeyF3)
	w.typeIn("1001")
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal(), "a cent cannot be counted out")
	w.press(fyne.KeyBackspace, fyne.KeyDown, fyne.KeyDown)
	w.typeIn("0")
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal(), "another reason needs words")
	w.typeIn("sel 2 kg")
	w.press(fyne.KeyReturn)
	require.False(t, w.app.stage.Modal())
	w.press(fyne.KeyF3)
	w.typeIn("2000")
	w.press(fyne.KeyEscape)
	moves := bodies[retail.CashMove](w.journal)
	require.Equal(t, []retail.CashMove{
		{BusinessDate: 20261122, Currency: "CAD", Amount: 5000, Reason: retail.CashFloat},
		{BusinessDate: 20261122, Currency: "CAD", Amount: -1000, Reason: retail.CashOther, Note: "sel 2 kg"},
	}, moves)
}

func TestAShiftLeftOpenIsAQuietReminder(t *testing.T) {
	w := signedIn(t, Light, French)
	require.False(t, w.app.shell.Rail.places[PlaceShift].reminds)
	w.clock.sleep(24 * time.Hour)
	require.True(t, w.app.shell.Rail.places[PlaceShift].reminds)
	require.False(t, w.app.stage.Modal())
	w.scan(w.code("Muffin"))
	require.Len(t, w.app.Till.Ticket().Lines, 1, "selling goes on")
}

func TestTheFloatIsCountedByPieces(t *testing.T) {
	w := unopened(t)
	w.press(fyne.KeyF7)
	p := w.app.page.(*floatPage)
	w.press(fyne.KeyF9)
	require.Same(t, p, w.app.page.(*floatPage), "nothing is counted")
	w.typeIn("1")
	w.press(fyne.KeyRight, fyne.KeyRight)
	w.typeIn("2")
	require.Equal(t, money.Amount(10000+2*25*200), p.sum())
	w.press(fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyUp, fyne.KeyDelete)
	w.press(fyne.KeyF9)
	require.IsType(t, &sell{}, w.app.page)
	open := bodies[retail.ShiftOpen](w.journal)[0]
	require.Equal(t, []any{money.Amount(10000), []retail.Denomination{{Value: 200, Roll: 25, Count: 2}}}, []any{open.Float, open.Count})
}

func TestACountIsFinishedLater(t *testing.T) {
	w := signedIn(t, Light, English)
	w.count("0", "3")
	w.press(fyne.KeyEscape)
	require.IsType(t, &shiftPage{}, w.app.page)
	require.True(t, w.app.Till.Shift().Open())
	w.app.visit(PlaceSell)
	w.scan(w.code("Muffin"))
	require.Len(t, w.app.Till.Ticket().Lines, 1, "the shift goes on")
	require.NoError(t, w.app.Till.Clear())
	w.count()
	p := w.app.page.(*countPage)
	require.Equal(t, money.Amount(15000), p.sum())
	require.Contains(t, p.refusal.full, "Alice")
	w.press(fyne.KeyF9)
	require.Equal(t, money.Amount(15000), bodies[retail.ShiftClose](w.journal)[0].Counted)
	w.press(fyne.KeyReturn, fyne.KeyF9)
	w.count()
	require.Zero(t, w.app.page.(*countPage).sum(), "of another shift")
}

// A drawer in France has other pieces, more of them, and cents.
func TestADrawerInEuros(t *testing.T) {
	w := newWorldIn(t, "EUR")
	w.app.page.(*signIn).choose(alice)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	w.settle()
	w.typeIn("20001")
	w.press(fyne.KeyF9)
	require.IsType(t, &sell{}, w.app.page)
	w.fill()
	w.press(fyne.KeyF9, fyne.KeyReturn)
	require.Zero(t, bodies[retail.Sale](w.journal)[0].Rounding)
	w.count()
	p := w.app.page.(*countPage)
	require.Len(t, p.kinds, 22)
	require.Equal(t, "200\u00a0€", p.name(p.kinds[0]))
	require.Equal(t, "50\u00a0c × 40", p.name(p.kinds[16]))
	w.press(fyne.KeyRight)
	require.Equal(t, 6, p.at)
	w.press(fyne.KeyUp, fyne.KeyRight, fyne.KeyRight)
	require.Equal(t, 6+8+5, p.at, "the same place of the rolls")
}
