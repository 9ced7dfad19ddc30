package screen

import (
	"maps"
	"os"
	"testing"

	"fyne.io/fyne/v2"
)

// Every screen as a picture, to be looked at: SCREENS=/tmp/screens go test -run TestScreens ./screen

// sizes are of the smallest window a till has, and of larger ones.
var sizes = map[string]fyne.Size{"": fyne.NewSize(1024, 768), "-1366": fyne.NewSize(1366, 768), "-1920": fyne.NewSize(1920, 1080)}

func TestScreens(t *testing.T) {
	requireNoneLeft(t)
	modes := map[Mode]string{Light: "light", Dark: "dark"}
	if os.Getenv("SCREENS") == "" {
		delete(modes, Dark) // what fits in light fits in dark
	}
	for _, l := range Languages {
		for mode, name := range modes {
			look := "-" + string(l) + "-" + name
			t.Run(string(l)+"-"+name, func(t *testing.T) {
				for screen, visit := range visits {
					t.Run(screen, func(t *testing.T) {
						w := signedIn(t, mode, l)
						visit(w)
						w.app.refresh()
						for size, of := range sizes {
							w.window.Resize(of)
							picture(t, w.window, screen+look+size)
						}
						w.window.Resize(sizes[""])
						if mode == Light {
							w.requireWritten(screen, l)
						}
						if l == French && mode == Light {
							w.requireOnlyStageFocusable()
							w.requireLargeTargets()
							w.requireScansLand()
						}
					})
				}
			})
		}
	}
}

// visits leads a till at which Alice works to each screen: a file for each place.
var visits = allOf(signinVisits, sellVisits, payVisits, stockVisits, journalVisits, shiftVisits, settingsVisits, ordersVisits)

func allOf(places ...map[string]func(*world)) map[string]func(*world) {
	all := map[string]func(*world){}
	for _, place := range places {
		maps.Copy(all, place)
	}
	return all
}
