package screen

import (
	"time"

	"comptant/terminal/till"
)

// settingsVisits leads to the screens of the settings and of the status.
var settingsVisits = map[string]func(*world){
	"status-printer": func(w *world) {
		w.notPrinted()
		w.printer.state = till.PrinterState{Trouble: till.PrinterOff, Waiting: 3, Since: w.clock.now.Add(-4 * time.Minute)}
		w.network = till.Network{
			Since: w.clock.now.Add(-4 * time.Hour), LastAck: w.clock.now.Add(-4 * time.Hour),
			Offset: -1500 * time.Millisecond, Error: 20 * time.Millisecond, Certain: true,
		}
		w.journal.Unsent = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-2*time.Hour - 5*time.Minute)}
		w.app.showStatus()
	},
	"settings": func(w *world) {
		w.settable()
		w.goods.Identity.Store.Address = "1100, rue Notre-Dame Ouest, Montréal"
		w.app.Settings.Now.Printer = "tcp://192.168.1.50:9100?paper=58"
		w.openSettings().choose(1)
	},
	"settings-fixed": func(w *world) {
		w.settable()
		w.app.Settings.Fixed = map[Setting]bool{SettingPrinter: true, SettingTheme: true, SettingScale: true, SettingLock: true}
		w.openSettings().choose(0)
	},
	"settings-approve": func(w *world) {
		w.settable()
		w.app.visit(PlaceSettings)
	},
	"status-full": func(w *world) {
		w.fill()
		w.full, w.free = true, 30_000_000
		w.app.Changed()
		w.app.showStatus()
	},
	"status-clock": func(w *world) {
		w.network.Offset = -4 * time.Minute
		w.app.showStatus()
	},
	"status": func(w *world) {
		w.free = 41_200_000_000
		w.network = till.Network{
			Since: w.clock.now.Add(-4 * time.Hour), LastAck: w.clock.now.Add(-4 * time.Hour),
			Offset: -1500 * time.Millisecond, Error: 20 * time.Millisecond, Certain: true,
		}
		w.journal.Unsent = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-2*time.Hour - 5*time.Minute)}
		w.goods.Next = till.NextPrices{Version: 1285, From: w.clock.now.Truncate(24 * time.Hour).Add(35 * time.Hour)}
		w.app.showStatus()
	},
}
