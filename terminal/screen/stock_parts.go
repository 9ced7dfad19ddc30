package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"comptant/shared/money"
)

// stockLine is what a row of the stock's list says.
type stockLine struct {
	name, found, group, code, stock string
	mark                            Mark
	chosen                          bool
	pressed                         func()
}

// stockRow is a product in the narrow list, 64 high: the name above, code and stock below.
type stockRow struct {
	widget.BaseWidget
	frame
	pressed     func()
	initials    *Initials
	name        *strong
	code, stock *Label
	tag         *Tag
}

func newStockRow() *stockRow {
	r := &stockRow{
		frame:    newFrame(),
		initials: NewInitials("", "", 32),
		name:     newStrong(SizeBody),
		code:     NewName("", SizeCaption, Muted),
		stock:    NewLabel("", SizeBody, Foreground, fyne.TextAlignTrailing),
		tag:      NewTag(MarkNeutral, ""),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *stockRow) set(l stockLine) {
	r.pressed = l.pressed
	r.initials.Set(l.name, l.group)
	r.name.set(l.name, l.found)
	r.code.SetText(l.code)
	r.stock.SetText(l.stock)
	r.tag.Set(l.mark, l.stock)
	show(r.stock, l.mark == MarkNeutral)
	show(r.tag, l.mark != MarkNeutral)
	r.choose(l.chosen)
	r.Refresh()
}

func (r *stockRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *stockRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.initials, r.name, r.code, r.stock, r.tag)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightResult), objects, func(size fyne.Size) {
		r.put(size)
		right := size.Width - rowEnd
		put(r.initials, gapMedium, 16, 32, 32)
		put(r.name, 54, 10, right-54, 21)
		width := r.stock.Width()
		if r.tag.Visible() {
			width = r.tag.MinSize().Width
		}
		put(r.stock, right-width, 33, width, 22)
		put(r.tag, right-width, 32, width, 24)
		put(r.code, 54, 33, right-width-gap-54, 20)
	}))
}

// figureCard is one number of a stock with what it means and how old it is.
type figureCard struct {
	widget.BaseWidget
	box            *Box
	caption, value *Label
	more           *Label // above the note
	note, when     *Label
	clock          *Glyph
}

func newFigureCard(caption string) *figureCard {
	c := &figureCard{
		box:     NewBox(Surface, Separator, border, radius),
		caption: NewName(caption, 14, Muted),
		value:   NewLabel("", 32, Foreground, fyne.TextAlignLeading).Bold(),
		more:    NewLabel("", SizeCaption, Muted, fyne.TextAlignTrailing),
		note:    NewLabel("", SizeCaption, Muted, fyne.TextAlignTrailing),
		when:    NewLabel("", SizeCaption, Muted, fyne.TextAlignTrailing),
		clock:   NewGlyph(IconClock, 16, Warn),
	}
	c.ExtendBaseWidget(c)
	return c
}

func (c *figureCard) set(value, note string, colour fyne.ThemeColorName, outlined bool) {
	c.value.SetText(value)
	c.value.SetColour(colour)
	c.note.SetText(note)
	c.more.SetText("")
	if outlined {
		c.box.Paint(Surface, colour, borderSelected)
	} else {
		c.box.Paint(Surface, Separator, border)
	}
	c.Refresh()
}

// promise says how much of the number is promised to orders of the shop, and what is left to sell.
func (c *figureCard) promise(w *Words, of, promised money.Quantity) {
	if promised <= 0 {
		return
	}
	c.more.SetText(w.T("stock.promised", "Quantity", w.quantity(promised)))
	c.note.SetText(w.T("stock.free", "Quantity", w.quantity(of-promised)))
	c.Refresh()
}

// age says how old the number is; one that is old has a mark.
func (c *figureCard) age(w *Words, d time.Duration, known bool) {
	stale := known && d >= staleAfter
	c.when.SetText("")
	if known {
		c.when.SetText(w.ago(d))
	}
	c.when.SetBold(stale)
	c.when.SetColour(Muted)
	if stale {
		c.when.SetColour(Warn)
	}
	show(c.clock, stale)
	c.Refresh()
}

func (c *figureCard) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{c.box, c.caption, c.value, c.more, c.note, c.when, c.clock}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, 104), objects, func(size fyne.Size) {
		put(c.box, 0, 0, size.Width, size.Height)
		when := c.when.Width()
		put(c.caption, 14, 10, size.Width-28-when-24, 22)
		put(c.when, size.Width-14-when, 10, when, 22)
		put(c.clock, size.Width-14-when-20, 13, 16, 16)
		put(c.value, 14, 48, c.value.Width(), 46)
		put(c.more, size.Width-14-c.more.Width(), 52, c.more.Width(), 20)
		put(c.note, size.Width-14-c.note.Width(), 70, c.note.Width(), 20)
	}))
}

// requestRow is a request in a list, 42 high.
type requestRow struct {
	widget.BaseWidget
	line             *Box
	when, what, note *Label
	tag              *Tag
}

func newRequestRow() *requestRow {
	r := &requestRow{
		line: NewBox(Separator, Transparent, 0, 0),
		when: NewLabel("", 14, Muted, fyne.TextAlignLeading),
		what: NewName("", SizeBody, Foreground),
		note: NewLabel("", SizeCaption, Muted, fyne.TextAlignTrailing),
		tag:  NewTag(MarkNeutral, ""),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *requestRow) set(when, what, note string, mark Mark, state string) {
	r.when.SetText(when)
	r.what.SetText(what)
	r.note.SetText(note)
	r.tag.Set(mark, state)
	r.Refresh()
}

func (r *requestRow) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.line, r.when, r.what, r.note, r.tag}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, 42), objects, func(size fyne.Size) {
		put(r.line, 14, size.Height-1, size.Width-28, 1)
		put(r.when, 14, 0, r.when.Width(), size.Height)
		right := size.Width - 14
		tag, note := r.tag.MinSize().Width, r.note.Width()
		put(r.tag, right-tag, (size.Height-24)/2, tag, 24)
		right -= tag + gapMedium
		put(r.note, right-note, 0, note, size.Height)
		if note > 0 {
			right -= note + gapMedium
		}
		put(r.what, 120, 0, max(0, right-120), size.Height)
	}))
}
