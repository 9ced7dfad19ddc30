package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// placement is a layout that knows its objects: min is what they need, place puts them.
type placement struct {
	min   func() fyne.Size
	place func(fyne.Size)
}

func (p placement) MinSize([]fyne.CanvasObject) fyne.Size { return p.min() }

func (p placement) Layout(_ []fyne.CanvasObject, size fyne.Size) { p.place(size) }

// placed is a container whose objects are put by place, in a space of at least min.
func placed(min fyne.Size, objects []fyne.CanvasObject, place func(fyne.Size)) *fyne.Container {
	return fitted(func() fyne.Size { return min }, objects, place)
}

// fitted is placed for a smallest size that depends on what is written.
func fitted(min func() fyne.Size, objects []fyne.CanvasObject, place func(fyne.Size)) *fyne.Container {
	return &fyne.Container{Layout: placement{min, place}, Objects: objects}
}

func put(o fyne.CanvasObject, x, y, width, height float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(width, height))
}

// Box is a rectangle in the colours of roles.
type Box struct {
	widget.BaseWidget
	fill, stroke fyne.ThemeColorName
	rect         *canvas.Rectangle
}

// NewBox returns a filled rectangle with a border (in dp, 0 for none) and rounded corners.
func NewBox(fill, stroke fyne.ThemeColorName, width, corner float32) *Box {
	b := &Box{rect: &canvas.Rectangle{CornerRadius: corner}}
	b.ExtendBaseWidget(b)
	b.Paint(fill, stroke, width)
	return b
}

// Paint changes fill and border.
func (b *Box) Paint(fill, stroke fyne.ThemeColorName, width float32) {
	b.fill, b.stroke, b.rect.StrokeWidth = fill, stroke, width
	b.Refresh()
}

func (b *Box) Refresh() {
	b.rect.FillColor, b.rect.StrokeColor = theme.Color(b.fill), theme.Color(b.stroke)
	b.rect.Refresh()
}

func (b *Box) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(b.rect) }

// Label is one line of text in the colour of a role, in the middle of its height.
type Label struct {
	widget.BaseWidget
	full   string
	colour fyne.ThemeColorName
	cut    bool
	text   *canvas.Text
}

// NewLabel returns text that is never cut: amounts, numbers, the words of buttons.
func NewLabel(text string, size float32, colour fyne.ThemeColorName, align fyne.TextAlign) *Label {
	text = writable(text)
	l := &Label{full: text, colour: colour, text: &canvas.Text{Text: text, TextSize: size, Alignment: align}}
	l.text.Color = theme.Color(colour)
	l.ExtendBaseWidget(l)
	return l
}

// NewName returns text that gives way: it ends in an ellipsis when there is no room for it.
func NewName(text string, size float32, colour fyne.ThemeColorName) *Label {
	l := NewLabel(text, size, colour, fyne.TextAlignLeading)
	l.cut = true
	return l
}

// Bold makes the text bold and returns it.
func (l *Label) Bold() *Label {
	l.text.TextStyle.Bold = true
	return l
}

// SetBold changes the weight.
func (l *Label) SetBold(on bool) {
	l.text.TextStyle.Bold = on
	l.Refresh()
}

// SetText changes what is written.
func (l *Label) SetText(text string) {
	text = writable(text)
	if l.full == text {
		return
	}
	l.full = text
	l.Refresh()
}

// SetSize changes the type size.
func (l *Label) SetSize(size float32) {
	l.text.TextSize = size
	l.Refresh()
}

// SetColour changes the role the text is painted in.
func (l *Label) SetColour(colour fyne.ThemeColorName) {
	l.colour = colour
	l.Refresh()
}

// Width is what the whole text needs.
func (l *Label) Width() float32 {
	return fyne.MeasureText(l.full, l.text.TextSize, l.text.TextStyle).Width
}

func (l *Label) MinSize() fyne.Size {
	size := fyne.MeasureText(l.full, l.text.TextSize, l.text.TextStyle)
	if l.cut {
		size.Width = 0
	}
	return size
}

func (l *Label) Resize(size fyne.Size) {
	l.BaseWidget.Resize(size)
	l.fit()
}

func (l *Label) fit() {
	text := l.full
	if width := l.Size().Width; l.cut && width > 0 {
		text = ellipsis(l.full, width, l.text.TextSize, l.text.TextStyle)
	}
	l.text.Text = text
}

func (l *Label) Refresh() {
	l.fit()
	l.text.Color = theme.Color(l.colour)
	l.text.Refresh()
}

func (l *Label) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.text) }

// writable puts an en dash for the minus sign: Noto Sans has no U+2212, and one from another face looks out of place.
func writable(text string) string { return strings.ReplaceAll(text, "\u2212", "–") }

// ellipsis cuts text to a width in dp.
func ellipsis(text string, width, size float32, style fyne.TextStyle) string {
	if fyne.MeasureText(text, size, style).Width <= width {
		return text
	}
	runes := []rune(text)
	fits, tooLong := 0, len(runes)
	for fits+1 < tooLong {
		middle := (fits + tooLong) / 2
		if fyne.MeasureText(string(runes[:middle])+"…", size, style).Width <= width {
			fits = middle
		} else {
			tooLong = middle
		}
	}
	return string(runes[:fits]) + "…"
}

// wrap breaks text into at most so many lines of a width in dp; the last one is cut if it must be.
func wrap(text string, lines int, width, size float32) []string {
	measure := func(s string) float32 { return fyne.MeasureText(s, size, fyne.TextStyle{}).Width }
	var out []string
	for len(out) < lines-1 && measure(text) > width {
		at := lastFit(text, width, measure)
		if at < 0 {
			break
		}
		out = append(out, text[:at])
		text = text[at+1:]
	}
	return append(out, ellipsis(text, width, size, fyne.TextStyle{}))
}

// lastFit is the last space of text before which all fits, or -1.
func lastFit(text string, width float32, measure func(string) float32) int {
	at := -1
	for i, r := range text {
		if r != ' ' {
			continue
		}
		if measure(text[:i]) > width {
			break
		}
		at = i
	}
	return at
}
