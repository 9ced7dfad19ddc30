package screen

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"github.com/stretchr/testify/require"
)

// show1024 puts a stage into a window of the smallest size, without a display.
func show1024(t *testing.T, mode Mode, build func() *Stage) fyne.Window {
	t.Helper()
	app := fyne.CurrentApp() // the one of Fyne's test package: with another, or another theme, it reads the fonts and measures all again
	if s := app.Settings(); s.Theme() != NewTheme(mode) {
		s.SetTheme(NewTheme(mode))
	}
	w := app.NewWindow("")
	t.Cleanup(w.Close)
	build().Attach(w)
	w.Resize(fyne.NewSize(1024, 768))
	return w
}

// picture writes what the window shows to the folder till of SCREENS, when that is set, so that it can be looked at; and checks
// that no text is longer than its place, and that a button's leaves room beside it, give or take a dp on each side.
func picture(t *testing.T, w fyne.Window, name string) {
	t.Helper()
	requireNothingCut(t, w.Canvas().Content())
	screens := os.Getenv("SCREENS")
	if screens == "" {
		return
	}
	folder := filepath.Join(screens, "till")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	f, err := os.Create(filepath.Join(folder, name+".png"))
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, w.Canvas().Capture()))
	require.NoError(t, f.Close())
}

func requireNothingCut(t *testing.T, o fyne.CanvasObject) {
	t.Helper()
	if !o.Visible() {
		return
	}
	switch o := o.(type) {
	case *canvas.Text:
		if o.Size().Width > 0 {
			require.LessOrEqual(t, o.MinSize().Width, o.Size().Width+1, "%q does not fit", o.Text)
		}
	case *Button:
		require.LessOrEqual(t, o.MinSize().Width, o.Size().Width+2, "the button %q is cramped", o.Spec().Text)
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			requireNothingCut(t, child)
		}
	case *fyne.Container:
		for _, child := range o.Objects {
			requireNothingCut(t, child)
		}
	}
}

// handClock is a clock that a test moves.
type handClock struct {
	now    time.Time
	timers []*handTimer
}

type handTimer struct {
	due time.Time
	f   func()
}

func newHandClock() *handClock {
	return &handClock{now: time.Date(2026, 11, 22, 14, 32, 0, 0, time.UTC)}
}

func (c *handClock) Now() time.Time { return c.now }

func (c *handClock) After(d time.Duration, f func()) func() {
	t := &handTimer{c.now.Add(d), f}
	c.timers = append(c.timers, t)
	return func() { t.f = nil }
}

// sleep moves the clock as that of a machine that was asleep: timers that were due ring once, when it wakes up.
func (c *handClock) sleep(d time.Duration) {
	c.now = c.now.Add(d)
	c.wait(0)
}

// wait moves the clock and rings every timer at its time.
func (c *handClock) wait(d time.Duration) {
	until := c.now.Add(d)
	for {
		var next *handTimer
		for _, t := range c.timers {
			if t.f != nil && !t.due.After(until) && (next == nil || t.due.Before(next.due)) {
				next = t
			}
		}
		if next == nil {
			break
		}
		if next.due.After(c.now) {
			c.now = next.due
		}
		f := next.f
		next.f = nil
		f()
	}
	c.now = until
}
