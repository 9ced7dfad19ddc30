package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// shiftVisits leads to the screens of the shift, its cash and its date.
var shiftVisits = map[string]func(*world){
	"shift-x-included": func(w *world) {
		w.carry()
		w.include()
		w.sellSome()
		w.app.visit(PlaceShift)
		w.press(fyne.KeyF7)
	},
	"training-shift": func(w *world) {
		w.train()
		w.sellSome()
		w.app.visit(PlaceShift)
	},
	"date": func(w *world) {
		w.closeShift()
		w.doubtTheDate()
		w.press(fyne.KeyReturn)
		w.typeIn("202611")
	},
	"shift-none": func(w *world) {
		w.sellSome()
		w.closeShift()
	},
	"shift-open": func(w *world) {
		w.closeShift()
		w.press(fyne.KeyF9)
		w.sellSome()
		w.app.visit(PlaceShift)
		w.clock.sleep(24 * time.Hour)
	},
	"shift-x": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceShift)
		w.press(fyne.KeyF7)
	},
	"shift-cash": func(w *world) {
		w.app.visit(PlaceShift)
		w.press(fyne.KeyF3, fyne.KeyDown, fyne.KeyDown)
		w.typeIn("2500sacs")
	},
	"shift-count": func(w *world) {
		w.sellSome()
		w.network = till.Network{Since: w.clock.now.Add(-4 * time.Hour)}
		w.journal.Unsent = till.Waiting{Count: 143, Oldest: w.clock.now.Add(-4 * time.Hour)}
		w.count("1", "3", "21", "14", "19", "23", "31", "42", "57", "18")
	},
	"shift-closed": func(w *world) {
		w.sellSome()
		w.count("0", "0", "14", "3", "2")
		w.press(fyne.KeyF9)
	},
	"shift-even": func(w *world) {
		w.count("0", "0", "10")
		w.press(fyne.KeyF9)
	},
	"shift-count-later": func(w *world) {
		w.count("1", "3", "21")
		w.press(fyne.KeyEscape)
		w.count()
	},
	"shift-float": func(w *world) {
		w.closeShift()
		w.press(fyne.KeyF7)
		w.typeIn("1")
		w.press(fyne.KeyRight)
		w.typeIn("25")
	},
	"shift-count-euro": func(w *world) {
		w.goods.Currency, _ = retail.CurrencyOf("EUR")
		_, err := w.app.Till.Recheck(w.t.Context())
		require.NoError(w.t, err)
		w.app.words = wordsOf(w.app.Till)
		w.count("1", "3", "21", "14", "19", "23", "31", "42", "57", "18", "4", "12", "9", "2", "3", "1", "1")
	},
}
