package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Result is what a row of found products says.
type Result struct {
	Name     string
	Found    string // what was typed: its words are shown strong in the name
	Group    string // gives the colour of the initials
	Code     string
	Stock    string
	Mark     Mark // of Stock; MarkNeutral writes it plainly
	Price    string
	Selected bool
	Pressed  func()
}

// ResultRow is a found product, 64 high.
type ResultRow struct {
	widget.BaseWidget
	frame
	pressed            func()
	initials           *Initials
	name               *strong
	code, stock, price *Label
	tag                *Tag
}

// NewResultRow returns an empty row.
func NewResultRow() *ResultRow {
	r := &ResultRow{
		frame:    newFrame(),
		initials: NewInitials("", "", 32),
		name:     newStrong(16),
		code:     NewName("", SizeCaption, Muted),
		stock:    NewLabel("", SizeCaption, Foreground, fyne.TextAlignTrailing),
		price:    NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
		tag:      NewTag(MarkNeutral, ""),
	}
	r.ExtendBaseWidget(r)
	return r
}

// Set fills the row.
func (r *ResultRow) Set(f Result) {
	r.pressed = f.Pressed
	r.initials.Set(f.Name, f.Group)
	r.name.set(f.Name, f.Found)
	r.code.SetText(f.Code)
	r.stock.SetText(f.Stock)
	r.tag.Set(f.Mark, f.Stock)
	show(r.stock, f.Mark == MarkNeutral)
	show(r.tag, f.Mark != MarkNeutral)
	r.price.SetText(f.Price)
	r.choose(f.Selected)
	r.Refresh()
}

func (r *ResultRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *ResultRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.initials, r.name, r.code, r.stock, r.tag, r.price)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightResult), objects, func(size fyne.Size) {
		r.put(size)
		right := size.Width - rowEnd
		price := r.price.Width()
		put(r.initials, 12, 16, 32, 32)
		put(r.price, right-price, 0, price, size.Height)
		// Prices up to 999.99 leave stock where it is, so that the column is straight.
		right -= max(price, 68) + gapMedium
		width := r.stock.Width()
		if r.tag.Visible() {
			width = r.tag.MinSize().Width
		}
		put(r.stock, right-width, 0, width, size.Height)
		put(r.tag, right-width, 20, width, 24)
		put(r.name, 56, 11, right-width-gap-56, 23)
		put(r.code, 56, 33, right-width-gap-56, 18)
	}))
}

// strong is a name in which what was looked for stands out.
type strong struct {
	widget.BaseWidget
	name, found string
	size        float32
	line        *fyne.Container
}

func newStrong(size float32) *strong {
	s := &strong{size: size, line: container.NewWithoutLayout()}
	s.ExtendBaseWidget(s)
	return s
}

func (s *strong) set(name, found string) {
	s.name, s.found = name, found
	s.Refresh()
}

func (s *strong) Resize(size fyne.Size) {
	s.BaseWidget.Resize(size)
	s.write()
}

func (s *strong) Refresh() {
	s.write()
	s.line.Refresh()
}

func (s *strong) write() {
	s.line.Objects = s.line.Objects[:0]
	room, x := s.Size().Width, float32(0)
	for _, p := range emphasize(writable(s.name), s.found) {
		text := canvas.NewText(p.text, theme.Color(Foreground))
		text.TextSize, text.TextStyle.Bold = s.size, p.strong
		if p.strong {
			text.Color = theme.Color(Primary)
		}
		text.Text = ellipsis(p.text, room-x, s.size, text.TextStyle)
		m := text.MinSize()
		if x+m.Width > room {
			return
		}
		put(text, x, 0, m.Width, s.Size().Height)
		s.line.Add(text)
		if text.Text != p.text {
			return
		}
		x += m.Width
	}
}

func (s *strong) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.line) }

type part struct {
	text   string
	strong bool
}

// emphasize cuts a name where the words that were typed occur in it, whatever the case and the accents.
func emphasize(name, found string) []part {
	runes, plain := []rune(name), []rune(fold(name))
	if len(runes) != len(plain) {
		return []part{{text: name}}
	}
	loud := make([]bool, len(runes))
	for _, word := range strings.Fields(fold(found)) {
		w := []rune(word)
		for i := 0; i+len(w) <= len(plain); i++ {
			if string(plain[i:i+len(w)]) == word {
				for j := range w {
					loud[i+j] = true
				}
				break
			}
		}
	}
	var parts []part
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && loud[j] == loud[i] {
			j++
		}
		parts = append(parts, part{string(runes[i:j]), loud[i]})
		i = j
	}
	return parts
}
