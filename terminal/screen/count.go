package screen

import (
	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// shelfCount counts what is on the shelf by scanning, one product at a time. What should be there is told once a line is
// confirmed.
type shelfCount struct {
	app    *App
	count  *till.StockCount
	chosen int // among the confirmed lines
	// typed is the quantity of the open line, or one for the next scan: "12*".
	typed Entry
	said  func(*FeedbackRow)

	rows     *Rows
	none     *empty
	head     *Label
	feedback *FeedbackRow
	line     *openLine
	hint     *empty
	again    *Button
	facts    [3]*fact
	finish   *Button
}

// openShelfCount begins the count, or goes on with it; product, if any, is what to count first.
func (a *App) openShelfCount(product till.ProductStock, some bool) {
	var c *till.StockCount
	a.approved("", func(by till.Approval) (err error) {
		c, err = a.Till.BeginStockCount(a.ctx, by)
		return err
	}, func(err error) {
		if err != nil {
			a.fail(nil, err)
			return
		}
		page := newShelfCount(a, c)
		if some {
			page.tried(c.Choose(a.ctx, product.ID))
		}
		a.open(page)
	})
}

func newShelfCount(a *App, c *till.StockCount) *shelfCount {
	s := &shelfCount{app: a, count: c}
	s.typed = Entry{Max: 9, Changed: func(string) { s.show() }}
	return s
}

func (s *shelfCount) build() (left, right fyne.CanvasObject) {
	w := s.app.words
	s.rows = NewRows(func() int { return len(s.count.Lines()) }, newCountRow, s.showLine)
	s.none = newEmpty(IconCount, w.T("shelf.nothing"), w.T("shelf.nothing_text"))
	s.head = NewName("", 14, Muted)
	return listLeft(w, w.T("shelf.title"), s.back, s.head, s.rows, s.none), s.buildRight()
}

func (s *shelfCount) buildRight() fyne.CanvasObject {
	w := s.app.words
	s.feedback = NewFeedbackRow()
	s.line = newOpenLine(w, s)
	s.hint = newEmpty(IconCount, w.T("shelf.scan"), w.T("shelf.scan_text"))
	s.again = NewButton(ButtonSpec{Icon: IconUndo, Text: w.T("shelf.again"), Key: "F6", Pressed: s.countAgain})
	facts := make([]fyne.CanvasObject, len(s.facts))
	for i := range s.facts {
		s.facts[i] = newFact()
		facts[i] = s.facts[i]
	}
	column := NewGrid(1, 0, facts...)
	abandon := NewButton(ButtonSpec{Text: w.T("shelf.abandon"), Key: "F8", Height: HeightPay, Pressed: s.askAbandon})
	s.finish = NewButton(ButtonSpec{
		Text: w.T("shelf.finish"), Key: "F9", Style: Filled, Size: SizeAmount, Height: HeightPay, Pressed: s.askFinish,
	})
	objects := []fyne.CanvasObject{s.feedback, s.line, s.hint, s.again, column, abandon, s.finish}
	return placed(fyne.NewSize(TicketWidth, 0), objects, func(size fyne.Size) {
		put(s.feedback, 0, 0, size.Width, feedbackHeight)
		x, inner := float32(gapMedium), size.Width-2*gapMedium
		bottom := size.Height - HeightPay - gapMedium
		factsTop := bottom - gapMedium - float32(len(facts))*34
		top := float32(feedbackHeight + gapMedium)
		put(s.line, x, top, inner, factsTop-gapMedium-top)
		put(s.hint, x, top, inner, factsTop-2*gapMedium-HeightMain-top)
		put(s.again, x, factsTop-gapMedium-HeightMain, inner, HeightMain)
		put(column, x+6, factsTop, inner-12, float32(len(facts))*34)
		half := (inner - gap) / 2
		put(abandon, x, bottom, half, HeightPay)
		put(s.finish, x+half+gap, bottom, half, HeightPay)
	})
}

func (s *shelfCount) refresh() { s.show() }

func (s *shelfCount) show() {
	w, lines := s.app.words, s.count.Lines()
	s.chosen = min(s.chosen, max(len(lines)-1, 0))
	s.rows.Update()
	show(s.none, len(lines) == 0)
	show(s.rows, len(lines) > 0)
	s.head.SetText(w.T("shelf.provisional"))
	d := varianceOf(lines)
	s.facts[0].set(w.T("shelf.lines"), w.number(uint64(len(lines))))
	s.facts[1].set(w.T("receive.short"), w.quantity(d.short))
	s.facts[2].set(w.T("receive.over"), w.quantity(d.over))
	open, counting := s.count.Open()
	times, multiplied := multiplierOf(s.typed.Text())
	switch {
	case multiplied:
		s.feedback.Say(IconCount, Primary, w.T("sell.times", "Quantity", times), "")
	case s.said != nil:
		s.said(s.feedback)
	case counting && open.Moved:
		s.feedback.Refused(w.T("shelf.moved", "Name", nameOrGone(w, open.Product)))
	default:
		s.feedback.Say(IconCount, Muted, w.T("shelf.scan"), "")
	}
	typed := s.typed.Text()
	if multiplied {
		typed = ""
	}
	s.line.show(open, typed)
	show(s.line, counting)
	show(s.hint, !counting)
	show(s.again, !counting && len(lines) > 0)
	s.finish.Update(func(b *ButtonSpec) { b.Off = len(lines) == 0 || counting })
	s.app.shell.Refresh()
}

func nameOrGone(w *Words, p retail.Product) string {
	if name := p.Name.In(w.lang()); name != "" {
		return name
	}
	return w.T("stock.unknown_product")
}

// varianceOf is what confirmed lines are short and over.
func varianceOf(lines []till.CountLine) difference {
	var d difference
	for _, l := range lines {
		if l.Known {
			d.short += max(-l.Variance(), 0)
			d.over += max(l.Variance(), 0)
		}
	}
	return d
}

func (s *shelfCount) showLine(i int, row *countRow) {
	w, l := s.app.words, s.count.Lines()[i]
	line := countLine{
		name: nameOrGone(w, l.Product), group: l.Product.Category.String(), code: codeOf(l.Product), found: w.quantity(l.Quantity),
		chosen: i == s.chosen, pressed: func() { s.chosen = i; s.show() },
	}
	if l.Known {
		line.shipped = w.T("shelf.expected", "Quantity", w.quantity(l.Expected))
		line.mark, line.tag = varianceMark(w, l.Variance())
	}
	row.set(line)
}

func varianceMark(w *Words, v money.Quantity) (Mark, string) {
	switch {
	case v < 0:
		return MarkLow, w.T("receive.missing", "Quantity", w.quantity(-v))
	case v > 0:
		return MarkOver, w.T("receive.too_many", "Quantity", w.quantity(v))
	}
	return MarkOK, w.T("shelf.exact")
}

// back leaves the session as it is: it goes on.
func (s *shelfCount) back() { s.app.visit(PlaceStock) }

// tried tells how something went.
func (s *shelfCount) tried(err error) {
	s.said = nil
	if err != nil {
		s.said = func(row *FeedbackRow) { row.Refused(s.app.words.Error(err)) }
	}
}

func (s *shelfCount) did(err error) {
	s.tried(err)
	s.show()
	if err != nil {
		s.app.fail(s.feedback, err)
	}
}

// take uses what was typed as the quantity of the open line; without one it is nobody's.
func (s *shelfCount) take() error {
	text := s.typed.Text()
	if _, counting := s.count.Open(); !counting {
		s.typed.Set("")
		return nil
	}
	if text == "" {
		return nil
	}
	q, err := money.ParseQuantity(text)
	if err != nil {
		return &retail.Error{Code: retail.Invalid, Key: till.KeyQuantity, Args: map[string]any{"most": till.Most}, Err: err}
	}
	s.typed.Set("")
	return s.count.Set(q)
}

func (s *shelfCount) change(by int) {
	err := s.take()
	if open, ok := s.count.Open(); ok && err == nil {
		err = s.count.Set(max(open.Quantity+money.Quantity(by)*money.One, 0))
	}
	s.did(err)
}

// confirm writes the open line down, and says what was expected.
func (s *shelfCount) confirm() {
	if _, counting := s.count.Open(); !counting {
		return
	}
	if err := s.take(); err != nil {
		s.did(err)
		return
	}
	l, err := s.count.Confirm(s.app.ctx)
	s.did(err)
	if err != nil {
		return
	}
	s.chosen = 0
	s.said = func(row *FeedbackRow) {
		w := s.app.words
		note := w.quantity(l.Quantity)
		if l.Known {
			note = w.T("shelf.counted", "Found", note, "Expected", w.quantity(l.Expected))
		}
		row.Added(nameOrGone(w, l.Product), note)
	}
	s.show()
	s.rows.Reveal(0)
}

// countAgain begins the chosen line anew.
func (s *shelfCount) countAgain() {
	lines := s.count.Lines()
	if _, counting := s.count.Open(); counting || len(lines) == 0 {
		return
	}
	s.did(s.count.Choose(s.app.ctx, lines[s.chosen].Product.ID))
}

// askDrop forgets the open line, and asks first when something was counted.
func (s *shelfCount) askDrop() {
	open, counting := s.count.Open()
	if !counting {
		return
	}
	drop := func() {
		s.typed.Set("")
		s.count.Drop()
		s.did(nil)
	}
	if open.Quantity == 0 {
		drop()
		return
	}
	w := s.app.words
	s.app.ask(DialogSpec{
		Icon: IconWarning, Colour: Warn, Title: w.T("shelf.drop_ask"),
		Text:   w.T("shelf.drop_text", "Quantity", w.quantity(open.Quantity), "Name", nameOrGone(w, open.Product)),
		Cancel: w.T("receive.count_on"), Accept: w.T("shelf.drop"), Danger: true,
		Done: func(yes bool) {
			s.app.stage.Close()
			if yes {
				drop()
			}
		},
	})
}

func (s *shelfCount) askFinish() {
	if s.finish.Spec().Off {
		return
	}
	w, lines := s.app.words, s.count.Lines()
	d := varianceOf(lines)
	s.app.ask(DialogSpec{
		Icon: IconCount, Title: w.T("shelf.finish_ask"),
		Text:   w.N("shelf.finish_text", len(lines), "Short", w.quantity(d.short), "Over", w.quantity(d.over)),
		Cancel: w.T("receive.count_on"), Accept: w.T("shelf.finish"), Done: s.ended(s.count.Finish),
	})
}

func (s *shelfCount) askAbandon() {
	w := s.app.words
	s.app.ask(DialogSpec{
		Icon: IconWarning, Colour: Warn, Title: w.T("shelf.abandon_ask"), Text: w.N("shelf.abandon_text", len(s.count.Lines())),
		Cancel: w.T("receive.count_on"), Accept: w.T("shelf.abandon"), Danger: true, Done: s.ended(s.count.Abandon),
	})
}
