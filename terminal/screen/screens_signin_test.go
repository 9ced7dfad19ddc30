package screen

import (
	"time"

	"fyne.io/fyne/v2"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// signinVisits leads to the screens of signing in.
var signinVisits = map[string]func(*world){
	"signin": func(w *world) {
		w.fill()
		w.app.lock()
		w.settle()
		w.typeIn("123")
	},
	"signin-held": func(w *world) {
		w.fill()
		w.scan(bobsBadge)
		w.press(fyne.KeyF4)
	},
	"signin-gone": func(w *world) {
		w.fill()
		w.goods.Staff = w.goods.Staff[1:]
		w.app.Changed()
		w.clock.wait(time.Second)
	},
	"signin-locked": func(w *world) {
		w.fill()
		w.goods.Control = retail.Control{LockedAt: 1, Reason: "Le tiroir ne ferme plus : un technicien passe cet après-midi, ne vendez pas ici avant.", By: "Sophie Lavoie"}
		w.app.Changed()
		w.clock.wait(time.Second)
	},
	"signin-wrong": func(w *world) {
		w.app.lock()
		w.settle()
		w.typeIn("9999")
		w.press(fyne.KeyReturn)
	},
	"signin-nobody": func(w *world) {
		w.goods.Staff, w.goods.Prices = nil, 0
		w.network = till.Network{}
		w.app.lock()
	},
}
