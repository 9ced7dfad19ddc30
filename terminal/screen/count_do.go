package screen

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"comptant/shared/barcode"
	"comptant/terminal/till"
)

// What the keys and the scanner do to a count, and the line that is being counted.

// ended ends the session when a person has said yes.
func (s *shelfCount) ended(end func(context.Context) error) func(bool) {
	return func(yes bool) {
		s.app.stage.Close()
		if !yes {
			return
		}
		if err := end(s.app.ctx); err != nil {
			s.did(err)
			return
		}
		s.back()
	}
}

// Scanned counts one piece, or as many as were typed before.
func (s *shelfCount) Scanned(code string) {
	if q, ok := multiplierOf(s.typed.Text()); ok {
		code = q + "*" + code
		s.typed.Set("")
	} else if err := s.take(); err != nil {
		s.did(err)
		return
	}
	found, err := s.count.Scan(s.app.ctx, code)
	s.did(err)
	if err != nil {
		return
	}
	s.said = func(row *FeedbackRow) {
		row.Refused(s.app.words.T("receive.unknown", "Code", barcode.Display(found.Code)))
	}
	if found.Known {
		s.said = func(row *FeedbackRow) {
			w := s.app.words
			note := ""
			if open, ok := s.count.Open(); ok {
				note = w.quantity(open.Quantity)
			}
			row.Added(nameOrGone(w, found.Product), note)
		}
	}
	s.show()
}

func (s *shelfCount) Typed(c rune) {
	_, counting := s.count.Open()
	switch {
	case c == '+' && s.typed.Text() == "":
		s.change(1)
	case c == '-' && s.typed.Text() == "":
		s.change(-1)
	case c == '*' || c >= '0' && c <= '9' || counting && (c == '.' || c == ','):
		s.said = nil
		s.typed.Typed(c)
	}
}

func (s *shelfCount) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		if s.typed.Text() != "" {
			s.typed.Clear()
			return
		}
		s.back()
	case fyne.KeyBackspace:
		s.typed.Erase()
	case fyne.KeyReturn, fyne.KeyEnter:
		s.confirm()
	case fyne.KeyDelete:
		s.askDrop()
	case fyne.KeyUp, fyne.KeyDown:
		by := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[key]
		if n := len(s.count.Lines()); n > 0 {
			s.chosen = min(max(s.chosen+by, 0), n-1)
			s.show()
			s.rows.Reveal(s.chosen)
		}
	case fyne.KeyF6:
		s.countAgain()
	case fyne.KeyF8:
		s.askAbandon()
	case fyne.KeyF9:
		s.askFinish()
	}
}

// openLine is the product that is being counted, its quantity, and the keys to change and confirm it.
type openLine struct {
	widget.BaseWidget
	words         *Words
	initials      *Initials
	name, code    *Label
	quantity      *NumberBox
	minus, plus   *Button
	pad           fyne.CanvasObject
	drop, confirm *Button
}

func newOpenLine(w *Words, page *shelfCount) *openLine {
	o := &openLine{
		words:    w,
		initials: NewInitials("", "", 48),
		name:     NewName("", SizeAmount, Foreground).Bold(),
		code:     NewName("", SizeCaption, Muted),
		quantity: NewNumberBox(w.T("shelf.quantity"), SizeHeading, HeightMain, nil),
		minus:    NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { page.change(-1) }}),
		plus:     NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { page.change(1) }}),
		drop:     NewButton(ButtonSpec{Text: w.T("shelf.drop"), Key: w.T("key.delete"), Pressed: page.askDrop}),
		confirm: NewButton(ButtonSpec{
			Text: w.T("receive.confirm"), Key: w.T("key.enter"), Style: Filled, Pressed: page.confirm,
		}),
	}
	spec := KeypadSpec{Height: HeightInRow, Target: page}
	spec.Left = NewBackspace(spec, Outlined)
	spec.Right = NewButton(ButtonSpec{Text: ",", Size: SizeKey, Strong: true, Height: HeightInRow, Pressed: func() { page.Typed(',') }})
	o.pad = NewKeypad(spec)
	o.ExtendBaseWidget(o)
	return o
}

// show writes the line; typed is what stands in place of its quantity, "" for nothing.
func (o *openLine) show(l till.CountLine, typed string) {
	name := nameOrGone(o.words, l.Product)
	o.initials.Set(name, l.Product.Category.String())
	o.name.SetText(name)
	o.code.SetText(codeOf(l.Product))
	if typed == "" {
		typed = o.words.quantity(l.Quantity)
	}
	o.quantity.Set(typed, true)
	o.minus.Update(func(b *ButtonSpec) { b.Off = l.Quantity <= 0 })
	o.confirm.Update(func(b *ButtonSpec) { b.Off = l.Moved })
	o.Refresh()
}

func (o *openLine) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{o.initials, o.name, o.code, o.minus, o.quantity, o.plus, o.pad, o.drop, o.confirm}
	return widget.NewSimpleRenderer(placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(o.initials, 0, 0, 48, 48)
		put(o.name, 60, 2, size.Width-60, 24)
		put(o.code, 60, 28, size.Width-60, 18)
		y := float32(48 + gapMedium)
		put(o.minus, 0, y, HeightMain, HeightMain)
		put(o.quantity, HeightMain+gap, y, size.Width-2*(HeightMain+gap), HeightMain)
		put(o.plus, size.Width-HeightMain, y, HeightMain, HeightMain)
		y += HeightMain + gap
		bottom := size.Height - HeightMain
		put(o.pad, 0, y, size.Width, bottom-gap-y)
		third := (size.Width - gap) / 3
		put(o.drop, 0, bottom, third, HeightMain)
		put(o.confirm, third+gap, bottom, size.Width-third-gap, HeightMain)
	}))
}
