package screen

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"github.com/stretchr/testify/require"
)

// What must hold on every screen, however one came to it.

// watched notes what reaches whoever has the keyboard, and does not pass it on.
type watched struct{ got []string }

func (w *watched) Scanned(code string)      { w.got = append(w.got, "<"+code+">") }
func (w *watched) Typed(r rune)             { w.got = append(w.got, string(r)) }
func (w *watched) Pressed(key fyne.KeyName) { w.got = append(w.got, "["+string(key)+"]") }

// top is who has the keyboard.
func (s *Stage) top() *Target {
	if s.Modal() {
		return &s.over[len(s.over)-1]
	}
	return &s.page
}

// requireScansLand scans ten codes in two seconds: each reaches whoever has the keyboard, once, in order and as a scan. None of
// their characters is typed into a field, and their Enter presses nothing. What a scan does is the test of each screen; here it
// only goes on as it does there.
func (w *world) requireScansLand() {
	w.t.Helper()
	w.settle()
	began := w.clock.now
	for i := range 10 {
		target := w.app.Stage().top()
		real, watch := *target, &watched{}
		*target = watch
		code := fmt.Sprintf("40010020431%02d", i)
		w.scan(code)
		require.Equal(w.t, []string{"<" + code + ">"}, watch.got)
		if *target = real; real != nil {
			real.Scanned(code)
		}
	}
	require.LessOrEqual(w.t, w.clock.now.Sub(began), 2*time.Second)
}

// requireOnlyStageFocusable holds that nothing but the stage takes the keyboard: so nothing can swallow a scan, and Space and
// Enter press nothing by themselves. Fyne's lists could, but lie inside the stage, which keeps it (see stage_test.go).
func (w *world) requireOnlyStageFocusable() {
	w.t.Helper()
	stage := w.app.Stage()
	require.Equal(w.t, fyne.Focusable(stage), w.window.Canvas().Focused())
	each(w.window.Canvas().Content(), func(o fyne.CanvasObject) bool {
		switch o.(type) {
		case *Stage, *widget.List, *widget.GridWrap:
		case fyne.Focusable:
			w.t.Fatalf("%T can be focused", o)
		}
		return true
	})
}

// requireLargeTargets holds that what is pressed most is as large as a thumb and a thumb's error apart from the next: the thing
// to do next, tiles and the rail. Chips choose a category, and are lower.
func (w *world) requireLargeTargets() {
	w.t.Helper()
	type target struct {
		what string
		at   fyne.Position
		size fyne.Size
	}
	var all []target
	layers := w.app.Stage().layers.Objects
	each(layers[len(layers)-2], func(o fyne.CanvasObject) bool { // the last is the shield
		switch o := o.(type) {
		case *chips:
			return false
		case *Button:
			if o.Spec().Style == Filled && !o.Spec().Off {
				all = append(all, target{o.Spec().Text, w.app.placeOf(o), o.Size()})
			}
		case *Tile:
			require.GreaterOrEqual(w.t, min(o.Size().Width, o.Size().Height), float32(HeightMain+8), "a tile, with the gap around it")
		case *railItem:
			require.GreaterOrEqual(w.t, min(o.Size().Width, o.Size().Height), float32(HeightMain), "the rail")
		}
		return true
	})
	for i, a := range all {
		require.GreaterOrEqual(w.t, min(a.size.Width, a.size.Height), float32(HeightMain), a.what)
		for _, b := range all[:i] {
			across := max(a.at.X-b.at.X-b.size.Width, b.at.X-a.at.X-a.size.Width)
			down := max(a.at.Y-b.at.Y-b.size.Height, b.at.Y-a.at.Y-a.size.Height)
			require.GreaterOrEqual(w.t, max(across, down), float32(8), "%s and %s", a.what, b.what)
		}
	}
}

// each visits an object and, while told to, everything visible in it.
func each(o fyne.CanvasObject, visit func(fyne.CanvasObject) bool) {
	if !o.Visible() || !visit(o) {
		return
	}
	switch o := o.(type) {
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			each(child, visit)
		}
	case *fyne.Container:
		for _, child := range o.Objects {
			each(child, visit)
		}
	}
}
