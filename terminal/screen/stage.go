package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Target gets what comes through the keyboard: the screen that is shown, or the dialog over it.
type Target interface {
	Scanned(code string)
	Typed(r rune)             // goes to the field in use, if any
	Pressed(key fyne.KeyName) // Enter, Escape, F1 to F12, arrows, Backspace, Delete
}

// shieldTime is how long a new screen ignores presses, so that a finger on its way to the old one does no harm.
const shieldTime = 400 * time.Millisecond

// Clock gives the time and calls back later, on Fyne's goroutine. Call stop before that to call it off.
type Clock interface {
	Now() time.Time
	After(d time.Duration, f func()) (stop func())
}

// SystemClock is the clock of a running till.
type SystemClock struct{}

func (SystemClock) Now() time.Time { return time.Now() }

func (SystemClock) After(d time.Duration, f func()) func() {
	t := time.AfterFunc(d, func() { fyne.Do(f) })
	return func() { t.Stop() }
}

// Stage is the root of the window: the screen, dialogs over it, and around both the only focusable of the till. As
// Fyne keeps the focus where the pointer is inside the focused widget, and everything is inside this one, it never
// loses it.
type Stage struct {
	widget.BaseWidget
	// Used is called for every sign of somebody; nil for nobody who wants to know.
	Used    func()
	clock   Clock
	scanner *Scanner
	stop    func() // the scanner's timer

	layers *fyne.Container
	shield *shield
	lift   func() // the shield's timer
	page   Target
	over   []Target
}

// NewStage returns an empty stage.
func NewStage(config ScannerConfig, clock Clock) *Stage {
	s := &Stage{clock: clock, scanner: NewScanner(config), shield: newShield()}
	s.layers = container.NewStack(container.NewStack(), s.shield)
	s.ExtendBaseWidget(s)
	return s
}

// Attach makes the stage the content of a window and gives it the keyboard for good.
func (s *Stage) Attach(w fyne.Window) {
	w.SetPadded(false)
	w.SetContent(s)
	w.Canvas().SetOnTypedRune(s.TypedRune)
	w.Canvas().SetOnTypedKey(s.TypedKey)
	w.Canvas().Focus(s)
}

// Present replaces the screen, closes dialogs, and ignores presses for a moment.
func (s *Stage) Present(content fyne.CanvasObject, keys Target) {
	s.page, s.over = keys, nil
	s.layers.Objects = []fyne.CanvasObject{content, s.shield}
	s.protect()
}

// Listen gives the keyboard to another part of the screen that is shown, and ignores presses for a moment.
func (s *Stage) Listen(keys Target) {
	s.page = keys
	s.protect()
}

// Open puts a dialog over everything. Until Close it gets scans and keys, and nothing below it can be touched.
func (s *Stage) Open(dialog fyne.CanvasObject, keys Target) {
	s.over = append(s.over, keys)
	last := len(s.layers.Objects) - 1
	layer := container.NewStack(newCurtain(), container.NewCenter(dialog))
	s.layers.Objects = append(s.layers.Objects[:last:last], layer, s.shield)
	s.protect()
}

// Close takes away the dialog opened last. Without one it does nothing.
func (s *Stage) Close() {
	if len(s.over) == 0 {
		return
	}
	s.over = s.over[:len(s.over)-1]
	last := len(s.layers.Objects) - 2
	s.layers.Objects = append(s.layers.Objects[:last:last], s.shield)
	s.protect()
}

// Modal says that a dialog is open.
func (s *Stage) Modal() bool { return len(s.over) > 0 }

func (s *Stage) protect() {
	s.used()
	if s.lift != nil {
		s.lift()
	}
	s.shield.Show()
	s.lift = s.clock.After(shieldTime, s.shield.Hide)
	s.layers.Refresh()
}

func (s *Stage) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.layers) }

func (s *Stage) FocusGained() {}

func (s *Stage) FocusLost() {}

// AcceptsTab keeps Tab from moving the focus: it is the end of a scan, or a key like others.
func (s *Stage) AcceptsTab() bool { return true }

// TypedRune takes a character from Fyne.
func (s *Stage) TypedRune(r rune) { s.feed(s.scanner.FeedRune(r, s.clock.Now())) }

// TypedKey takes a key from Fyne.
func (s *Stage) TypedKey(e *fyne.KeyEvent) { s.feed(s.scanner.FeedKey(e.Name, s.clock.Now())) }

func (s *Stage) feed(inputs []Input) {
	s.used()
	s.deliver(inputs)
}

func (s *Stage) deliver(inputs []Input) {
	for _, in := range inputs {
		to := s.page
		if s.Modal() {
			to = s.over[len(s.over)-1]
		}
		if to == nil {
			continue
		}
		switch {
		case in.Scan != "":
			to.Scanned(in.Scan)
		case in.Key != "":
			to.Pressed(in.Key)
		default:
			to.Typed(in.Rune)
		}
	}
	s.wind()
}

// wind sets the timer for what the scanner holds back.
func (s *Stage) wind() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
	if due := s.scanner.Due(); !due.IsZero() {
		s.stop = s.clock.After(due.Sub(s.clock.Now()), func() { s.deliver(s.scanner.Tick(s.clock.Now())) })
	}
}

// shield swallows presses while it is shown, and is not seen.
type shield struct {
	widget.BaseWidget
}

func newShield() *shield {
	s := &shield{}
	s.ExtendBaseWidget(s)
	return s
}

func (*shield) Tapped(*fyne.PointEvent) {}

func (s *shield) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(NewBox(Transparent, Transparent, 0, 0))
}

// curtain dims what is below a dialog and keeps presses from it.
type curtain struct {
	widget.BaseWidget
}

func newCurtain() *curtain {
	c := &curtain{}
	c.ExtendBaseWidget(c)
	return c
}

func (*curtain) Tapped(*fyne.PointEvent) {}

func (c *curtain) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(NewBox(Scrim, Transparent, 0, 0))
}
