package screen

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"
)

// machine is a printer with a drawer; the test says in what state.
type machine struct {
	tilltest.Paper
	state till.PrinterState
}

func (m *machine) State() till.PrinterState {
	m.Lock()
	defer m.Unlock()
	return m.state
}

func (*machine) OpenDrawer() {}

// A receipt that could not be printed is said quietly wherever the cashier is by then, until it is printed.
func TestAReceiptThatWasNotPrintedIsSaidUntilItIs(t *testing.T) {
	w := signedIn(t, Light, French)
	w.printer.state.Trouble = till.PrinterPaper
	var held []func()
	w.held = &held
	w.fill()
	w.press(fyne.KeyF9, fyne.KeyReturn)
	c := w.app.page.(*changeDue)
	require.Equal(t, "Le reçu attend", c.printed.full)
	require.Equal(t, "imprimante : plus de papier", c.file.full)
	chip := w.app.shell.Top.Chip
	w.app.refresh()
	require.Equal(t, "En ligne · imprimante : plus de papier", chip.text.full)
	require.True(t, chip.printer.Visible())

	w.printer.state.Trouble, w.printer.Jam = "", fmt.Errorf("no paper for ten minutes")
	c.reprint()
	w.clock.wait(patient)
	w.press(fyne.KeyReturn)
	for _, end := range held {
		end()
	}
	w.held = nil
	require.Equal(t, "En ligne · 1 reçu non imprimé", chip.text.full)
	s := w.app.page.(*sell)
	s.refresh()
	require.Equal(t, "1 reçu non imprimé", s.pane.feedback.text.full)
	w.app.showStatus()
	require.True(t, w.app.panel.dialog.accept.Visible())
	require.Equal(t, "1 reçu", w.app.panel.facts[9].saying.full)

	w.printer.Jam = nil
	before := len(w.printer.Printed)
	w.press(fyne.KeyReturn)
	require.False(t, w.app.stage.Modal())
	w.app.Till.Close()
	require.Len(t, w.printer.Printed, before+1)
	require.True(t, w.printer.Printed[before].Copy)
	w.app.refresh()
	require.Equal(t, "En ligne", chip.text.full)
	require.False(t, chip.printer.Visible())
	w.app.showStatus()
	require.False(t, w.app.panel.dialog.accept.Visible())
	require.Equal(t, "prête", w.app.panel.facts[8].saying.full)
}

func TestEveryTroubleOfThePrinterHasWords(t *testing.T) {
	for _, l := range Languages {
		w, seen := NewWords(l), map[string]bool{}
		for _, trouble := range till.PrinterTroubles {
			text := w.trouble(trouble)
			require.False(t, seen[text], "%s", trouble)
			seen[text] = true
		}
	}
	a := signedIn(t, Light, English).app
	require.Equal(t, "out of paper · 2 waiting since 14:20", a.printer(till.Status{Printer: till.PrinterState{
		Trouble: till.PrinterPaper, Waiting: 2, Since: a.Clock.Now().Add(-12 * time.Minute),
	}}))
	require.Equal(t, "ready, roll nearly empty", a.printer(till.Status{Printer: till.PrinterState{PaperLow: true}}))
}
