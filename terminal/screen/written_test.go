package screen

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/stretchr/testify/require"
)

// Every screen in words, in both languages: testdata/screens/NAME.txt. A line is what can be touched, or a text of its own: where
// and how large it is, what it is, what is written on it, <drawings> and the colours that mean something. What has changed on a
// screen is read in the difference: go test -run TestScreens ./screen -update

var update = flag.Bool("update", false, "write the screens in words anew")

// requireWritten compares what a window of the smallest size shows with the file of its screen.
func (w *world) requireWritten(screen string, l Language) {
	w.t.Helper()
	file := filepath.Join("testdata", "screens", screen+".txt")
	kept, err := os.ReadFile(file)
	if err != nil && !*update {
		w.t.Fatalf("%v: write it with -update", err)
	}
	parts := map[Language]string{}
	for _, part := range strings.SplitAfter(string(kept), "\n\n") {
		if l, text, ok := strings.Cut(part, "\n"); ok {
			parts[Language(l)] = strings.TrimRight(text, "\n")
		}
	}
	now := w.written()
	if !*update {
		require.Equal(w.t, parts[l], now, "if %s has changed as it should: -update", file)
		return
	}
	parts[l] = now
	var all []string
	for _, l := range Languages {
		all = append(all, string(l)+"\n"+parts[l]+"\n")
	}
	require.NoError(w.t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(w.t, os.WriteFile(file, []byte(strings.Join(all, "\n")), 0o644))
}

// requireNoneLeft holds that every file is of a screen there is.
func requireNoneLeft(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "screens", "*.txt"))
	require.NoError(t, err)
	for _, f := range files {
		if visits[strings.TrimSuffix(filepath.Base(f), ".txt")] == nil {
			require.True(t, *update, "%s is of no screen: -update", f)
			require.NoError(t, os.Remove(f))
		}
	}
}

// written is what is shown: the dialog when there is one, and without what all screens share.
func (w *world) written() string {
	layers := w.app.Stage().layers.Objects
	var b strings.Builder
	if w.app.Stage().Modal() {
		fmt.Fprintf(&b, "dialog %d\n", len(layers)-2)
	}
	w.write(&b, layers[len(layers)-2], fyne.Position{}) // the last is the shield
	return drawn.ReplaceAllString(strings.TrimRight(b.String(), "\n"), "$1…")
}

// drawn are the numbers of transfers: their end is drawn by lot.
var drawn = regexp.MustCompile(`\b(TR-)[0-9A-Z]{6}\b`)

func (w *world) write(b *strings.Builder, o fyne.CanvasObject, from fyne.Position) {
	if !o.Visible() {
		return
	}
	at := from.Add(o.Position())
	switch o := o.(type) {
	case *Label, *Glyph, *Initials, *Avatar, *Rail, *TopBar, *Button, *FeedbackRow:
		line(b, o, at)
		return
	case *Tiles: // the first stands for all: the same goods are on many screens
		fmt.Fprintf(b, "%.0f,%.0f %.0fx%.0f %d tiles:\n", at.X, at.Y, o.Size().Width, o.Size().Height, o.grid.Length())
		first := true
		each(o, func(o fyne.CanvasObject) bool {
			if t, ok := o.(*Tile); ok && first {
				line(b, t, at)
				first = false
			}
			return first
		})
		return
	case fyne.Tappable:
		if !touchable(o.(fyne.CanvasObject)) {
			line(b, o.(fyne.CanvasObject), at)
			return
		}
	}
	for _, child := range inside(o) {
		w.write(b, child, at)
	}
}

// touchable says that there is something to touch inside.
func touchable(o fyne.CanvasObject) bool {
	return slices.ContainsFunc(inside(o), func(child fyne.CanvasObject) bool {
		_, is := child.(fyne.Tappable)
		return child.Visible() && (is || touchable(child))
	})
}

func inside(o fyne.CanvasObject) []fyne.CanvasObject {
	switch o := o.(type) {
	case fyne.Widget:
		return test.WidgetRenderer(o).Objects()
	case *fyne.Container:
		return o.Objects
	}
	return nil
}

// line is all that is in an object.
func line(b *strings.Builder, o fyne.CanvasObject, at fyne.Position) {
	var words []string
	_, isButton := o.(*Button) // its style says it
	each(o, func(o fyne.CanvasObject) bool {
		switch o := o.(type) {
		case *Label:
			if o.text.Text != "" {
				words = append(words, o.text.Text+meaning(" ", o.colour))
			}
			return false
		case *Glyph:
			if o.icon != "" {
				words = append(words, "<"+string(o.icon)+meaning(" ", o.colour)+">")
			}
			return false
		case *Box:
			if m := strings.TrimSpace(meaning("", o.fill) + meaning(" |", o.stroke)); m != "" && !isButton {
				words = append(words, "["+m+"]")
			}
			return false
		}
		return true
	})
	if len(words) == 0 {
		return
	}
	kind := strings.TrimPrefix(fmt.Sprintf("%T", o), "*screen.")
	switch o := o.(type) {
	case *Label:
		kind = fmt.Sprint(o.text.TextSize)
		if o.text.TextStyle.Bold {
			kind += "b"
		}
	case *Button:
		kind = [...]string{"outlined", "filled", "quiet", "danger", "chosen"}[o.spec.Style]
		if o.spec.Off {
			kind += " off"
		}
	}
	size := o.Size()
	fmt.Fprintf(b, "%.0f,%.0f %.0fx%.0f %s: %s\n", at.X, at.Y, size.Width, size.Height, kind, strings.Join(words, " · "))
}

// meaning names a colour that says something; those of grounds, lines and plain text do not.
func meaning(before string, c fyne.ThemeColorName) string {
	switch c {
	case OK, OKTint, Warn, WarnTint, Bad, BadTint, Alarm, Practice, Primary, Tint:
		return before + string(c)
	}
	return ""
}
