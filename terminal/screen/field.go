package screen

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Entry is the text a person is typing somewhere. It is not drawn: fields and screens show it.
type Entry struct {
	Max     int  // longest text in runes; 0 for no limit
	Digits  bool // takes digits only
	Changed func(text string)

	text []rune
}

// Text is what has been typed.
func (e *Entry) Text() string { return string(e.text) }

// Set replaces the text without calling Changed.
func (e *Entry) Set(text string) { e.text = []rune(text) }

// Typed adds a character, if there is room and it is of the right kind.
func (e *Entry) Typed(r rune) {
	if e.Digits && (r < '0' || r > '9') || e.Max > 0 && len(e.text) >= e.Max {
		return
	}
	e.text = append(e.text, r)
	e.changed()
}

// Erase takes the last character away.
func (e *Entry) Erase() {
	if len(e.text) > 0 {
		e.text = e.text[:len(e.text)-1]
		e.changed()
	}
}

// Clear takes all away.
func (e *Entry) Clear() {
	if len(e.text) > 0 {
		e.text = nil
		e.changed()
	}
}

func (e *Entry) changed() {
	if e.Changed != nil {
		e.Changed(e.Text())
	}
}

// SearchField shows what is being looked for. It is always ready: Stage's target types into its Entry.
type SearchField struct {
	widget.BaseWidget
	Entry
	Searched func(text string)

	box         *Box
	icon        *Glyph
	placeholder *Label
	text        *Label
	caret       *Box
	note        *Label
	key         *KeyCap
	clear       *clearCross
}

// NewSearchField returns an empty field.
func NewSearchField(placeholder, key string, searched func(text string)) *SearchField {
	f := &SearchField{
		Searched:    searched,
		box:         NewBox(Surface, Primary, borderSelected, radius),
		icon:        NewGlyph(IconSearch, 24, Muted),
		placeholder: NewName(placeholder, 17, Muted),
		text:        NewLabel("", 17, Foreground, fyne.TextAlignLeading),
		caret:       NewBox(Primary, Transparent, 0, 0),
		note:        NewLabel("", 14, Muted, fyne.TextAlignTrailing),
		key:         NewKeyCap(key),
	}
	f.clear = newClearCross(f.Clear)
	f.Changed = func(text string) {
		f.update()
		if f.Searched != nil {
			f.Searched(text)
		}
	}
	f.ExtendBaseWidget(f)
	f.update()
	return f
}

// SetText replaces the text without searching.
func (f *SearchField) SetText(text string) {
	f.Set(text)
	f.update()
}

// Note writes at the field's end: "8 of 41". It is shown while there is text.
func (f *SearchField) Note(text string) {
	f.note.SetText(text)
	f.Refresh()
}

// TakeMultiplier returns "3" and empties the field when "3*" or "3 *" was typed before a scan.
func (f *SearchField) TakeMultiplier() (quantity string, ok bool) {
	if quantity, ok = multiplierOf(f.Text()); ok {
		f.Clear()
	}
	return quantity, ok
}

func (f *SearchField) update() {
	text := f.Text()
	show(f.placeholder, text == "")
	show(f.key, text == "")
	show(f.note, text != "")
	show(f.clear, text != "")
	f.Refresh()
}

func (f *SearchField) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{f.box, f.icon, f.placeholder, f.text, f.caret, f.note, f.key, f.clear}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(240, HeightMain), objects, func(size fyne.Size) {
		put(f.box, 0, 0, size.Width, size.Height)
		put(f.icon, 16, 16, 24, 24)
		key := f.key.MinSize()
		put(f.key, size.Width-16-key.Width, (size.Height-key.Height)/2, key.Width, key.Height)
		put(f.clear, size.Width-52, 4, 48, 48)
		note := f.note.Width()
		put(f.note, size.Width-56-note, 0, note, size.Height)
		put(f.placeholder, 52, 0, size.Width-52-16-key.Width-gap, size.Height)
		room := size.Width - 52 - 56 - note - gap
		f.text.SetText(tail(f.Text(), room, f.text.text.TextSize))
		width := f.text.Width()
		put(f.text, 52, 0, width, size.Height)
		caret := 52 + width + 1
		if f.Text() == "" {
			caret = 47
		}
		put(f.caret, caret, 16, 2, 24)
	}))
}

// tail cuts text at its front: the end is where one types.
func tail(text string, width, size float32) string {
	for text != "" && fyne.MeasureText(text, size, fyne.TextStyle{}).Width > width {
		_, n := utf8.DecodeRuneInString(text)
		text = text[n:]
	}
	return text
}

// clearCross empties a field.
type clearCross struct {
	widget.BaseWidget
	pressed func()
}

func newClearCross(pressed func()) *clearCross {
	c := &clearCross{pressed: pressed}
	c.ExtendBaseWidget(c)
	return c
}

func (c *clearCross) Tapped(*fyne.PointEvent) { c.pressed() }

func (c *clearCross) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(NewGlyph(IconClose, 22, Muted))
}

// NumberBox shows an amount or a quantity that is being typed, or one that is worked out.
type NumberBox struct {
	widget.BaseWidget
	height  float32
	active  bool
	box     *Box
	caption *Label
	value   *Label
	caret   *Box
	pressed func()
}

// NewNumberBox returns a box with a caption at its left and a number of a type size at its right. Touching it calls
// pressed, which may be nil.
func NewNumberBox(caption string, size, height float32, pressed func()) *NumberBox {
	n := &NumberBox{
		height:  height,
		box:     NewBox(Surface, Separator, border, radius),
		caption: NewName(caption, SizeBody, Muted),
		value:   NewLabel("", size, Foreground, fyne.TextAlignTrailing).Bold(),
		caret:   NewBox(Primary, Transparent, 0, 0),
		pressed: pressed,
	}
	n.ExtendBaseWidget(n)
	n.Set("", false)
	return n
}

// Set writes the number, and says whether typing changes it.
func (n *NumberBox) Set(value string, active bool) {
	n.active = active
	n.value.SetText(value)
	show(n.caret, active)
	switch {
	case active:
		n.box.Paint(Surface, Primary, borderSelected)
	case n.pressed != nil:
		n.box.Paint(Surface, Control, border)
	default:
		n.box.Paint(Surface, Separator, border)
	}
	n.Refresh()
}

func (n *NumberBox) Tapped(*fyne.PointEvent) {
	if n.pressed != nil {
		n.pressed()
	}
}

func (n *NumberBox) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{n.box, n.caption, n.value, n.caret}
	return widget.NewSimpleRenderer(fitted(func() fyne.Size {
		return fyne.NewSize(n.value.Width()+28, n.height)
	}, objects, func(size fyne.Size) {
		put(n.box, 0, 0, size.Width, size.Height)
		width := n.value.Width()
		put(n.value, size.Width-14-width, 0, width, size.Height)
		high := min(size.Height-16, n.value.MinSize().Height)
		put(n.caret, size.Width-12, (size.Height-high)/2, 2, high)
		put(n.caption, 16, 0, max(0, size.Width-16-14-width-gap), size.Height)
	}))
}

// PINDots shows how many digits have been typed, and never which.
type PINDots struct {
	widget.BaseWidget
	dots []*Box
}

// NewPINDots returns a row of empty dots.
func NewPINDots(longest int) *PINDots {
	p := &PINDots{}
	for range longest {
		p.dots = append(p.dots, NewBox(Transparent, Control, borderSelected, 10))
	}
	p.ExtendBaseWidget(p)
	p.Set(0, longest)
	return p
}

// Set fills so many dots; those after needed are pale, as they may stay empty.
func (p *PINDots) Set(typed, needed int) {
	for i, d := range p.dots {
		switch {
		case i < typed:
			d.Paint(Primary, Primary, borderSelected)
		case i < needed:
			d.Paint(Transparent, Control, borderSelected)
		default:
			d.Paint(Transparent, Separator, borderSelected)
		}
	}
}

func (p *PINDots) CreateRenderer() fyne.WidgetRenderer {
	objects := make([]fyne.CanvasObject, len(p.dots))
	for i, d := range p.dots {
		objects[i] = d
	}
	width := float32(len(p.dots))*40 - 20
	return widget.NewSimpleRenderer(placed(fyne.NewSize(width, 20), objects, func(size fyne.Size) {
		for i, d := range p.dots {
			put(d, (size.Width-width)/2+float32(i)*40, 0, 20, 20)
		}
	}))
}
