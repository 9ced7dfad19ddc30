package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// idle is how long nobody has touched the till.
type idle struct {
	since time.Time
	stop  func()
}

// used says that somebody is there.
func (a *App) used() { a.idle.since = a.Clock.Now() }

// awaitIdle locks the till when nobody has touched it for LockAfter. A PIN that is being checked is somebody.
func (a *App) awaitIdle() {
	if a.idle.stop != nil {
		a.idle.stop()
		a.idle.stop = nil
	}
	if a.LockAfter <= 0 {
		return
	}
	rest := a.LockAfter - a.Clock.Now().Sub(a.idle.since)
	if rest > 0 {
		a.idle.stop = a.Clock.After(rest, a.awaitIdle)
		return
	}
	if _, ok := a.Till.User(); ok && !a.busy {
		a.lock()
	}
	a.used()
	a.awaitIdle()
}

// The stage hears every key, and the pointer wherever no part of it listens to it.
var (
	_ desktop.Hoverable = (*Stage)(nil)
	_ desktop.Hoverable = (*alert)(nil)
)

func (s *Stage) MouseIn(*desktop.MouseEvent) { s.used() }

func (s *Stage) MouseMoved(*desktop.MouseEvent) { s.used() }

func (s *Stage) MouseOut() { s.used() }

func (s *Stage) used() {
	if s.Used != nil {
		s.Used()
	}
}

// alert passes on that the pointer moves over a row: a list would keep that to itself.
type alert struct {
	widget.BaseWidget
	row fyne.CanvasObject
}

func newAlert(row fyne.CanvasObject) *alert {
	a := &alert{row: row}
	a.ExtendBaseWidget(a)
	return a
}

func (a *alert) MouseIn(*desktop.MouseEvent) { a.tell() }

func (a *alert) MouseMoved(*desktop.MouseEvent) { a.tell() }

func (a *alert) MouseOut() { a.tell() }

func (a *alert) tell() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(a); c != nil {
		if s, ok := c.Content().(*Stage); ok {
			s.used()
		}
	}
}

func (a *alert) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(a.row) }
