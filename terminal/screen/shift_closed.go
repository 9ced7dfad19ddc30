package screen

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"comptant/terminal/till"
)

// closedPage says what is over or short, once the Z is written.
type closedPage struct {
	app    *App
	closed till.Closed
	// paper is how printing went.
	paper printing

	note *Label
	mark *Glyph
}

func newClosed(a *App, closed till.Closed) *closedPage {
	c := &closedPage{app: a, closed: closed}
	c.follow(closed.Printed)
	return c
}

// follow waits for the printer.
func (c *closedPage) follow(printed <-chan error) {
	c.paper = printingNow
	var err error
	c.app.Background(func() { err = <-printed }, func() {
		c.paper = printedFine
		if err != nil {
			c.paper = printedNothing
		}
		if c.app.page == page(c) {
			c.show()
		}
	})
}

func (c *closedPage) build() (left, right fyne.CanvasObject) {
	w, z := c.app.words, c.closed.Z
	title := NewLabel(w.T("closed.title", "Number", z.Shift), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	steps := newSteps(3, w.T("count.step_ticket"), w.T("count.step_count"), w.T("count.step_result"), w.T("count.step_printed"))
	ground := NewBox(Surface, Separator, border, radius)
	text, colour, amount := w.T("closed.even"), OK, w.money(0)
	switch {
	case z.Difference > 0:
		text, colour, amount = w.T("closed.over"), Warn, w.money(z.Difference)
	case z.Difference < 0:
		text, colour, amount = w.T("closed.short"), Bad, w.money(-z.Difference)
	}
	said := NewLabel(text, SizeWelcome, colour, fyne.TextAlignCenter).Bold()
	difference := NewLabel(amount, SizeCounted, colour, fyne.TextAlignCenter).Bold()
	figures := newSums()
	figures.most = 28
	figures.set(w, append(figuresOf(w, z), sum{caption: w.T("closed.counted"), amount: z.Counted, strong: true}))
	c.mark = NewGlyph("", 20, Muted)
	c.note = NewName("", SizeBody, Muted)
	again := NewButton(ButtonSpec{Icon: IconPrint, Text: w.T("shift.reprint"), Key: "F8", Height: HeightPay, Pressed: c.reprint})
	next := NewButton(ButtonSpec{
		Text: w.T("closed.next"), Key: w.T("key.enter"), Style: Filled, Size: SizeAmount, Height: HeightPay, Pressed: c.next,
	})
	objects := []fyne.CanvasObject{title, steps, ground, said, difference, figures, c.mark, c.note, again, next}
	left = placed(fyne.Size{}, objects, func(size fyne.Size) {
		x, width := float32(gapLarge), size.Width-2*gapLarge
		put(title, x, gapMedium, title.Width(), 40)
		put(steps, x+width-steps.MinSize().Width, gapMedium, steps.MinSize().Width, 40)
		bottom := size.Height - HeightPay - 2*gapMedium
		put(ground, x, 62, width, bottom-62)
		half := width / 2
		put(said, x, 180, half, 44)
		put(difference, x, 230, half, 80)
		put(figures, x+half, 80, half-gapLarge, bottom-100)
		put(c.mark, x+gapLarge, bottom-44, 20, 20)
		put(c.note, x+gapLarge+28, bottom-46, half-gapLarge-28, 24)
		put(again, x, size.Height-HeightPay-gapMedium, 300, HeightPay)
		put(next, x+308, size.Height-HeightPay-gapMedium, width-308, HeightPay)
	})
	return left, nil
}

func (c *closedPage) refresh() { c.show() }

func (c *closedPage) show() {
	w := c.app.words
	text, colour, icon := w.T("closed.printing"), Muted, IconPending
	switch c.paper {
	case printedFine:
		text, colour, icon = w.T("closed.printed", "Code", c.closed.Code), OK, IconCheck
	case printedNothing:
		text, colour, icon = w.T("closed.not_printed", "Code", c.closed.Code), Bad, IconError
	}
	c.note.SetText(text)
	c.note.SetColour(colour)
	c.mark.Set(icon, colour)
	c.app.shell.Refresh()
}

func (c *closedPage) reprint() {
	a := c.app
	r, err := a.Till.Report(a.ctx, c.closed.Close)
	if err != nil {
		a.fail(nil, err)
		return
	}
	printed, err := a.Till.PrintReport(a.ctx, r)
	if err != nil {
		a.fail(nil, err)
		return
	}
	c.follow(printed)
	c.show()
}

func (c *closedPage) next() { c.app.visit(PlaceShift) }

func (c *closedPage) Scanned(string) {}

func (c *closedPage) Typed(rune) {}

func (c *closedPage) Pressed(key fyne.KeyName) {
	switch {
	case key == fyne.KeyF8:
		c.reprint()
	case isEnter(key), key == fyne.KeyEscape:
		c.next()
	}
}

// steps are the way through a close: those done, the one at hand, and those to come.
type steps struct {
	widget.BaseWidget
	objects []fyne.CanvasObject
	width   float32
}

func newSteps(at int, names ...string) *steps {
	s := &steps{}
	for i, name := range names {
		if i > 0 {
			s.place(NewGlyph(IconNext, 18, Muted), 18)
		}
		switch {
		case i < at:
			s.place(NewGlyph(IconOK, 24, OK), 24)
		default:
			fill, text := Raised, Muted
			if i == at {
				fill, text = Primary, OnPrimary
			}
			disc := NewBox(fill, Transparent, 0, 12)
			number := NewLabel(strconv.Itoa(i+1), SizeCaption, text, fyne.TextAlignCenter).Bold()
			s.place(placed(fyne.NewSquareSize(24), []fyne.CanvasObject{disc, number}, func(size fyne.Size) {
				put(disc, 0, 0, size.Width, size.Height)
				put(number, 0, 0, size.Width, size.Height)
			}), 24)
		}
		label := NewLabel(name, SizeBody, Muted, fyne.TextAlignLeading)
		if i <= at {
			label.SetColour(Foreground)
			label.SetBold(i == at)
		}
		s.place(label, label.Width())
	}
	s.ExtendBaseWidget(s)
	return s
}

func (s *steps) place(o fyne.CanvasObject, width float32) {
	if s.width > 0 {
		s.width += 8
	}
	o.Move(fyne.NewPos(s.width, 8))
	o.Resize(fyne.NewSize(width, 24))
	s.objects = append(s.objects, o)
	s.width += width
}

func (s *steps) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(placed(fyne.NewSize(s.width, 40), s.objects, func(fyne.Size) {}))
}
