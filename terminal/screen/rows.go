package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"fyne.io/fyne/v2/canvas"
)

// Rows is a scrolling list of one kind of row. Only rows in sight exist.
type Rows struct {
	*container.ThemeOverride
	list *widget.List
}

// NewRows returns a list; show fills the row of item i, and must set all of it: rows are used again.
func NewRows[R fyne.CanvasObject](length func() int, row func() R, show func(i int, r R)) *Rows {
	list := widget.NewList(length,
		func() fyne.CanvasObject { return row() },
		func(i widget.ListItemID, o fyne.CanvasObject) { show(i, o.(R)) })
	list.HideSeparators = true
	return &Rows{container.NewThemeOverride(list, rowTheme{}), list}
}

// Update shows the items again.
func (r *Rows) Update() { r.list.Refresh() }

// Reveal scrolls as little as needed to show item i.
func (r *Rows) Reveal(i int) { r.list.ScrollTo(i) }

// frame is what every row has: a ground, a bar when selected, a line below.
type frame struct {
	ground, bar, line *Box
}

func newFrame() frame {
	return frame{
		ground: NewBox(Surface, Transparent, 0, 0),
		bar:    NewBox(Primary, Transparent, 0, 0),
		line:   NewBox(Separator, Transparent, 0, 0),
	}
}

func (f frame) with(objects ...fyne.CanvasObject) []fyne.CanvasObject {
	return append([]fyne.CanvasObject{f.ground, f.bar, f.line}, objects...)
}

func (f frame) choose(on bool) {
	show(f.bar, on)
	if on {
		f.ground.Paint(Tint, Transparent, 0)
	} else {
		f.ground.Paint(Surface, Transparent, 0)
	}
}

func (f frame) put(size fyne.Size) {
	put(f.ground, 0, 0, size.Width, size.Height)
	put(f.bar, 0, 0, 4, size.Height)
	put(f.line, 0, size.Height-1, size.Width, 1)
}

// TicketLine is what a row of the ticket says.
type TicketLine struct {
	Quantity, Name, Detail, Amount, Tax string
	Selected                            bool
	Pressed                             func()
}

// TicketRow is a line of the ticket, 56 high.
type TicketRow struct {
	widget.BaseWidget
	frame
	pressed                              func()
	quantity, name, detail, amount, note *Label
}

// NewTicketRow returns an empty row.
func NewTicketRow() *TicketRow {
	r := &TicketRow{
		frame:    newFrame(),
		quantity: NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
		name:     NewName("", SizeBody, Foreground),
		detail:   NewName("", SizeCaption, Muted),
		amount:   NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
		note:     NewLabel("", 12, Muted, fyne.TextAlignTrailing),
	}
	r.ExtendBaseWidget(r)
	return r
}

// Set fills the row.
func (r *TicketRow) Set(l TicketLine) {
	r.pressed = l.Pressed
	r.quantity.SetText(l.Quantity)
	r.name.SetText(l.Name)
	r.detail.SetText(l.Detail)
	r.amount.SetText(l.Amount)
	r.note.SetText(l.Tax)
	r.choose(l.Selected)
	r.Refresh()
}

func (r *TicketRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *TicketRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.quantity, r.name, r.detail, r.amount, r.note)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightTicket), objects, func(size fyne.Size) {
		r.put(size)
		right := size.Width - 14
		put(r.quantity, 8, 0, 52, size.Height)
		amount, note := r.amount.Width(), r.note.Width()
		put(r.name, 68, 9, right-amount-gap-68, 21)
		put(r.amount, right-amount, 8, amount, 23)
		put(r.detail, 68, 29, right-note-gap-68, 18)
		put(r.note, right-note, 29, note, 18)
	}))
}

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
		right := size.Width - 12
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
	for _, p := range emphasize(s.name, s.found) {
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

// FeedbackRow is the strip above the ticket: what the last scan did. Its place never changes.
type FeedbackRow struct {
	widget.BaseWidget
	ground, line *Box
	icon         *Glyph
	text, note   *Label
}

// feedbackHeight is the height of the strip above the ticket.
const feedbackHeight = 40

// NewFeedbackRow returns an empty strip.
func NewFeedbackRow() *FeedbackRow {
	f := &FeedbackRow{
		ground: NewBox(Surface, Transparent, 0, 0),
		line:   NewBox(Separator, Transparent, 0, 0),
		icon:   NewGlyph("", 20, Muted),
		text:   NewName("", 14, Foreground),
		note:   NewLabel("", 14, Muted, fyne.TextAlignTrailing),
	}
	f.ExtendBaseWidget(f)
	return f
}

// Say writes what the strip is about, with a note at its end: "7 lines · 17 items".
func (f *FeedbackRow) Say(icon Icon, colour fyne.ThemeColorName, text, note string) {
	f.dress(Surface, colour, Foreground, icon, text, note)
	f.note.SetColour(Muted)
	f.text.SetBold(false)
}

// Added says that a scan is on the ticket.
func (f *FeedbackRow) Added(name, note string) { f.Say(IconOK, OK, name, note) }

// Refused says in red that a scan did nothing.
func (f *FeedbackRow) Refused(text string) {
	f.dress(Alarm, White, White, IconError, text, "")
	f.text.SetBold(true)
}

func (f *FeedbackRow) dress(ground, mark, words fyne.ThemeColorName, icon Icon, text, note string) {
	f.ground.Paint(ground, Transparent, 0)
	f.icon.Set(icon, mark)
	f.text.SetText(text)
	f.text.SetColour(words)
	f.note.SetText(note)
	f.Refresh()
}

func (f *FeedbackRow) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{f.ground, f.line, f.icon, f.text, f.note}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, feedbackHeight), objects, func(size fyne.Size) {
		put(f.ground, 0, 0, size.Width, size.Height)
		put(f.line, 0, size.Height-1, size.Width, 1)
		note := f.note.Width()
		put(f.icon, 14, (size.Height-20)/2, 20, 20)
		put(f.text, 43, 0, size.Width-43-14-note-gap, size.Height)
		put(f.note, size.Width-14-note, 0, note, size.Height)
	}))
}
