package screen

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/stretchr/testify/require"
)

// notes is a Target that writes down what it gets.
type notes struct{ got []string }

func (n *notes) Scanned(code string)      { n.got = append(n.got, "<"+code+">") }
func (n *notes) Typed(r rune)             { n.got = append(n.got, string(r)) }
func (n *notes) Pressed(key fyne.KeyName) { n.got = append(n.got, "["+string(key)+"]") }

// scanInto plays a scan through the focus of the window, as Fyne does.
func scanInto(t *testing.T, w fyne.Window, clock *handClock, code string) {
	t.Helper()
	for _, r := range code {
		clock.wait(5 * time.Millisecond)
		focused := w.Canvas().Focused()
		if focused == nil { // the test driver drops the focus on a tap; the window then calls these
			w.Canvas().OnTypedRune()(r)
			continue
		}
		focused.TypedRune(r)
	}
	clock.wait(5 * time.Millisecond)
	w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
}

func TestStageGetsScansWhateverWasTouched(t *testing.T) {
	clock, target := newHandClock(), &notes{}
	pressed := 0
	button := NewButton(ButtonSpec{Text: "Pay", Pressed: func() { pressed++ }})
	rows := NewRows(func() int { return 3 }, NewTicketRow, func(int, *TicketRow) {})
	search := NewSearchField("", "F2", nil)
	w := show1024(t, Light, func() *Stage {
		s := NewStage(DefaultScanner, clock)
		s.Present(NewGrid(1, 0, button, rows, search), target)
		return s
	})
	require.Same(t, w.Canvas().Content(), w.Canvas().Focused(), "the stage has the focus")
	clock.wait(time.Second)
	for _, y := range []float32{10, 266, 520} {
		test.TapCanvas(w.Canvas(), fyne.NewPos(20, y))
		scanInto(t, w, clock, "4001002043133")
	}
	require.Equal(t, 1, pressed)
	require.Equal(t, []string{"<4001002043133>", "<4001002043133>", "<4001002043133>"}, target.got)
}

func TestNothingOfTheKitTakesTheFocus(t *testing.T) {
	for name, o := range map[string]any{
		"button": NewButton(ButtonSpec{}), "tile": NewTile(), "ticket row": NewTicketRow(), "result row": NewResultRow(),
		"search": NewSearchField("", "", nil), "number": NewNumberBox("", 20, 48, nil), "dialog": NewDialog(DialogSpec{}),
		"chip": NewStatusChip(nil),
	} {
		_, focusable := o.(fyne.Focusable)
		require.False(t, focusable, name)
	}
}

func TestNewScreenIgnoresPressesForAMoment(t *testing.T) {
	clock := newHandClock()
	pressed := 0
	w := show1024(t, Light, func() *Stage {
		s := NewStage(DefaultScanner, clock)
		s.Present(NewButton(ButtonSpec{Pressed: func() { pressed++ }}), &notes{})
		return s
	})
	clock.wait(399 * time.Millisecond)
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 100))
	require.Zero(t, pressed)
	clock.wait(time.Millisecond)
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 100))
	require.Equal(t, 1, pressed)
}

func TestDialogTakesKeysAndPressesUntilItIsClosed(t *testing.T) {
	clock, page := newHandClock(), &notes{}
	var answers []bool
	below := 0
	var stage *Stage
	w := show1024(t, Light, func() *Stage {
		stage = NewStage(DefaultScanner, clock)
		stage.Present(NewButton(ButtonSpec{Pressed: func() { below++ }}), page)
		return stage
	})
	d := NewDialog(DialogSpec{Title: "Void?", Cancel: "Keep", Accept: "Void", Danger: true, Done: func(ok bool) {
		answers = append(answers, ok)
		stage.Close()
	}})
	stage.Open(d, d)
	clock.wait(time.Second)
	test.TapCanvas(w.Canvas(), fyne.NewPos(5, 5))
	require.Zero(t, below, "what is below a dialog cannot be touched")
	stage.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	require.Empty(t, answers, "Enter does not lose anything")
	scanInto(t, w, clock, "4001002043133")
	require.Empty(t, page.got)
	stage.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	require.Equal(t, []bool{false}, answers)
	require.False(t, stage.Modal())
	clock.wait(time.Second)
	test.TapCanvas(w.Canvas(), fyne.NewPos(5, 5))
	require.Equal(t, 1, below)
}

func TestTypingReachesTheTargetWithinFiftyMilliseconds(t *testing.T) {
	clock, target := newHandClock(), &notes{}
	show1024(t, Light, func() *Stage {
		s := NewStage(DefaultScanner, clock)
		s.Present(NewButton(ButtonSpec{}), target)
		s.TypedRune('c')
		return s
	})
	clock.wait(49 * time.Millisecond)
	require.Equal(t, []string{"c"}, target.got)
}
