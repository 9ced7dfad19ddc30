package screen

import (
	"time"

	"fyne.io/fyne/v2"

	"comptant/terminal/till"
)

// stockVisits leads to the screens of stock: asking, receiving, sending and counting.
var stockVisits = map[string]func(*world){
	"stock": func(w *world) {
		setStock(w.goods, "Sirop d’érable doré", func(s *till.Stock) { s.DepotAt = w.clock.now.Add(-3 * time.Hour) })
		w.app.visit(PlaceStock)
		w.typeIn("sir")
	},
	"stock-asked": func(w *world) {
		w.app.visit(PlaceStock)
		w.typeIn("érab sir")
		w.app.page.(*stock).ask()
	},
	"stock-enough": func(w *world) {
		setStock(w.goods, "Carnet", func(s *till.Stock) { s.DepotAt = w.clock.now.Add(-3 * time.Hour) })
		w.app.visit(PlaceStock)
		w.scan(w.code("Carnet"))
	},
	"stock-empty": func(w *world) {
		w.goods.Products, w.goods.Categories, w.goods.Prices = nil, nil, 0
		w.goods.Restocks, w.goods.Shipments = nil, nil
		w.app.visit(PlaceStock)
	},
	"receive": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4)
	},
	"receive-empty": func(w *world) {
		w.goods.Shipments = nil
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4)
	},
	"receive-count": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyReturn)
		w.typeIn("12*")
		w.scan(w.code("Sirop d’érable ambré"), w.code("Carnet"), w.code("Beurre"), w.code("Beurre"))
	},
	"receive-ask": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyReturn)
		w.scan(w.code("Beurre"), w.code("Beurre"))
		w.press(fyne.KeyF9)
	},
	"send-to": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyF7)
	},
	"send-nowhere": func(w *world) {
		w.goods.Locations = nil
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
	"sent": func(w *world) { w.sentSome() },
	"sent-none": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyF6)
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
