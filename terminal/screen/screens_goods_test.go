package screen

import (
	"maps"

	"fyne.io/fyne/v2"
)

func init() { maps.Copy(visits, goodsVisits) }

// goodsVisits leads to the screens of counting and sending.
var goodsVisits = map[string]func(*world){
	"send-to": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyF7)
	},
	"send-nowhere": func(w *world) {
		w.goods.locations = nil
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyF7)
	},
	"send": func(w *world) { w.sendSome() },
	"send-empty": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyF7, fyne.KeyReturn)
	},
	"send-ask": func(w *world) { w.sendSome(); w.press(fyne.KeyF9) },
	"send-sent": func(w *world) {
		w.sendSome()
		w.press(fyne.KeyF9, fyne.KeyReturn)
	},
	"count-shelf-empty": func(w *world) { w.countShelf() },
	"count-shelf": func(w *world) {
		w.countSome()
		w.typeIn("12*")
		w.scan(w.code("Jus"))
	},
	"count-shelf-told":   func(w *world) { w.countSome() },
	"count-shelf-finish": func(w *world) { w.countSome(); w.press(fyne.KeyF9) },
	"count-shelf-drop": func(w *world) {
		w.countSome()
		w.scan(w.code("Café en grains"))
		w.typeIn("7+")
		w.press(fyne.KeyDelete)
	},
	"count-shelf-abandon": func(w *world) { w.countSome(); w.press(fyne.KeyF8) },
	"count-shelf-unknown": func(w *world) {
		w.countSome()
		w.scan(w.code("Jus"), "4001009910465")
	},
	"count-shelf-approve": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF6)
	},
	"stock-counting": func(w *world) {
		w.countSome()
		w.press(fyne.KeyEscape)
		w.typeIn("sir")
	},
}

// countSome counts four products.
func (w *world) countSome() {
	w.countShelf()
	for _, c := range []struct{ name, q string }{
		{"Sirop d’érable ambré", "14"}, {"Carnet", "153"}, {"Café en grains", "125"}, {"Eau", "135"},
	} {
		w.scan(w.code(c.name))
		w.typeIn(c.q)
		w.press(fyne.KeyReturn)
	}
}
