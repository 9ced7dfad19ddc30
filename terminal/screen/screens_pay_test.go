package screen

import (
	"errors"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/terminal/till"
)

// payVisits leads to the screens of paying and giving change.
var payVisits = map[string]func(*world){
	"training-pay": func(w *world) {
		w.train()
		w.fill()
		w.press(fyne.KeyF9)
	},
	"pay": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9)
		w.payCard(2000)
		w.typeIn("4000")
	},
	"pay-card": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9, fyne.KeyRight)
		w.scan("4001009910465")
		w.typeIn("2000")
	},
	"change": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9)
		w.payCard(2000)
		w.typeIn("4000")
		w.press(fyne.KeyReturn)
	},
	"change-waits": func(w *world) {
		w.printer.state.Trouble = till.PrinterPaper
		var held []func()
		w.held = &held
		w.fill()
		w.press(fyne.KeyF9)
		w.typeIn("5000")
		w.press(fyne.KeyReturn)
	},
	"change-large": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9)
		w.typeIn("200000")
		w.press(fyne.KeyReturn)
	},
	"change-card": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9, fyne.KeyRight, fyne.KeyReturn)
	},
}

// notPrinted sells something of which no receipt comes out, and goes on.
func (w *world) notPrinted() {
	w.printer.Jam = errors.New("no paper")
	w.fill()
	w.press(fyne.KeyF9, fyne.KeyReturn)
	w.clock.wait(patient)
	w.press(fyne.KeyReturn)
	w.printer.Jam = nil
}

// payCard takes a part of a payment by card.
func (w *world) payCard(amount money.Amount) {
	p, ok := w.app.Till.Payment()
	require.True(w.t, ok)
	_, err := w.app.Till.TenderCard(w.t.Context(), p.Turn, amount, "083214", "4417")
	require.NoError(w.t, err)
	w.app.refresh()
}
