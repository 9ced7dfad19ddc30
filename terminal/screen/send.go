package screen

import (
	"fyne.io/fyne/v2"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// sendTo asks which store goods go to.
type sendTo struct {
	app    *App
	stores []retail.Location
	chosen int

	rows *Rows
	none *empty
	head *Label
}

func newSendTo(a *App) *sendTo { return &sendTo{app: a} }

func (s *sendTo) build() (left, right fyne.CanvasObject) {
	w := s.app.words
	s.rows = NewRows(func() int { return len(s.stores) }, newShipmentRow, s.showStore)
	s.none = newEmpty(IconTruck, w.T("send.nowhere"), w.T("send.nowhere_text"))
	s.head = NewName("", 14, Muted)
	hint := newEmpty(IconTruck, w.T("send.choose"), w.T("send.choose_text"))
	return listLeft(w, w.T("send.title"), s.back, s.head, s.rows, s.none), hint
}

func (s *sendTo) refresh() {
	stores, err := s.app.Till.Stores(s.app.ctx)
	if err != nil {
		s.app.Log.Error("list stores", "err", err)
	}
	s.stores = stores
	s.chosen = min(s.chosen, max(len(stores)-1, 0))
	show(s.none, len(stores) == 0)
	show(s.rows, len(stores) > 0)
	s.head.SetText(s.app.words.N("send.stores", len(stores)))
	s.rows.Update()
}

func (s *sendTo) showStore(i int, row *shipmentRow) {
	l := s.stores[i]
	row.set(shipmentLine{code: l.Name, when: l.Code, chosen: i == s.chosen, pressed: func() { s.begin(i) }})
}

func (s *sendTo) begin(i int) {
	sending, err := s.app.Till.Send(s.app.ctx, s.stores[i].ID)
	if err != nil {
		s.app.fail(nil, err)
		return
	}
	s.app.open(newSend(s.app, sending))
}

func (s *sendTo) back() { s.app.open(newShipments(s.app)) }

func (*sendTo) Scanned(string) {}

func (*sendTo) Typed(rune) {}

func (s *sendTo) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		s.back()
	case fyne.KeyUp:
		s.chosen = max(s.chosen-1, 0)
		s.refresh()
	case fyne.KeyDown:
		s.chosen++
		s.refresh()
	case fyne.KeyReturn, fyne.KeyEnter:
		if len(s.stores) > 0 {
			s.begin(s.chosen)
		}
	}
}

// send puts goods together for another store by scanning what goes into the boxes.
type send struct {
	app     *App
	sending *till.Sending
	chosen  int
	// typed is a quantity for the next scan: "12*".
	typed Entry
	said  func(*FeedbackRow)

	rows     *Rows
	none     *empty
	head     *Label
	feedback *FeedbackRow
	facts    [3]*fact
	minus    *Button
	plus     *Button
	quantity *Label
	confirm  *Button
}

func newSend(a *App, sending *till.Sending) *send {
	s := &send{app: a, sending: sending}
	s.typed = Entry{Max: 6, Changed: func(string) { s.show() }}
	return s
}

func (s *send) build() (left, right fyne.CanvasObject) {
	w := s.app.words
	s.rows = NewRows(func() int { return len(s.sending.Lines()) }, newCountRow, s.showLine)
	s.none = newEmpty(IconTruck, w.T("send.nothing"), w.T("send.nothing_text"))
	s.head = NewName("", 14, Muted)
	return listLeft(w, w.T("send.title"), s.back, s.head, s.rows, s.none), s.buildRight()
}

func (s *send) buildRight() fyne.CanvasObject {
	w := s.app.words
	s.feedback = NewFeedbackRow()
	facts := make([]fyne.CanvasObject, len(s.facts))
	for i := range s.facts {
		s.facts[i] = newFact()
		facts[i] = s.facts[i]
	}
	column := NewGrid(1, 0, facts...)
	s.minus = NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { s.change(-1) }})
	s.plus = NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { s.change(1) }})
	s.quantity = NewLabel("", SizeHeading, Foreground, fyne.TextAlignCenter).Bold()
	s.confirm = NewButton(ButtonSpec{
		Icon: IconTruck, Text: w.T("send.confirm"), Key: "F9", Style: Filled, Size: 22, Height: HeightPay, Pressed: s.ask,
	})
	objects := []fyne.CanvasObject{s.feedback, column, s.minus, s.quantity, s.plus, s.confirm}
	return placed(fyne.NewSize(TicketWidth, 0), objects, func(size fyne.Size) {
		put(s.feedback, 0, 0, size.Width, feedbackHeight)
		put(column, 18, feedbackHeight+gapMedium, size.Width-36, float32(len(facts))*44)
		bottom := size.Height - 74
		row := bottom - gap - HeightMain
		put(s.minus, gapMedium, row, HeightMain, HeightMain)
		put(s.quantity, gapMedium+HeightMain, row, size.Width-2*gapMedium-2*HeightMain, HeightMain)
		put(s.plus, size.Width-gapMedium-HeightMain, row, HeightMain, HeightMain)
		put(s.confirm, gapMedium, bottom, size.Width-2*gapMedium, HeightPay)
	})
}

func (s *send) refresh() { s.show() }

func (s *send) show() {
	w, lines := s.app.words, s.sending.Lines()
	s.rows.Update()
	show(s.none, len(lines) == 0)
	show(s.rows, len(lines) > 0)
	s.head.SetText(w.T("send.to", "Store", s.sending.To().Name))
	s.facts[0].set(w.T("send.destination"), s.sending.To().Name)
	s.facts[1].set(w.T("receive.products"), w.number(uint64(len(lines))))
	s.facts[2].set(w.T("send.units"), w.quantity(s.units()))
	switch q, ok := multiplierOf(s.typed.Text()); {
	case ok:
		s.feedback.Say(IconTruck, Primary, w.T("sell.times", "Quantity", q), "")
	case s.said != nil:
		s.said(s.feedback)
	default:
		s.feedback.Say(IconTruck, Muted, w.T("receive.scan"), s.typed.Text())
	}
	s.chosen = min(s.chosen, len(lines)-1)
	s.quantity.SetText("")
	if s.chosen < 0 && len(lines) > 0 {
		s.chosen = 0
	}
	if s.chosen >= 0 {
		s.quantity.SetText(w.quantity(lines[s.chosen].Quantity))
		s.rows.Reveal(s.chosen)
	}
	s.minus.Update(func(b *ButtonSpec) { b.Off = s.chosen < 0 })
	s.plus.Update(func(b *ButtonSpec) { b.Off = s.chosen < 0 })
	s.confirm.Update(func(b *ButtonSpec) { b.Off = len(lines) == 0 })
	s.app.shell.Refresh()
}

func (s *send) units() (sum money.Quantity) {
	for _, l := range s.sending.Lines() {
		sum += l.Quantity
	}
	return sum
}

func (s *send) showLine(i int, row *countRow) {
	w, l := s.app.words, s.sending.Lines()[i]
	line := countLine{
		name: nameOrGone(w, l.Product), group: l.Product.Category.String(), code: codeOf(l.Product), found: w.quantity(l.Quantity),
		chosen: i == s.chosen, pressed: func() { s.choose(i) },
	}
	if l.Known {
		line.shipped = w.T("stock.here", "Quantity", w.quantity(l.Here))
		if l.Quantity > l.Here {
			line.mark, line.tag = MarkLow, w.T("send.too_many")
		}
	}
	row.set(line)
}

func (s *send) choose(i int) {
	s.chosen, s.said = i, nil
	s.show()
}

func (s *send) change(by int) {
	lines := s.sending.Lines()
	if s.chosen < 0 || s.chosen >= len(lines) {
		return
	}
	if err := s.sending.Set(s.chosen, max(lines[s.chosen].Quantity+money.Quantity(by)*money.One, 0)); err != nil {
		s.failed(err)
		return
	}
	s.choose(s.chosen)
}

func (s *send) failed(err error) {
	s.said = func(row *FeedbackRow) { row.Refused(s.app.words.Error(err)) }
	s.show()
	s.app.fail(s.feedback, err)
}

// ask says what leaves before it does.
func (s *send) ask() {
	w := s.app.words
	if len(s.sending.Lines()) == 0 {
		return
	}
	s.app.ask(DialogSpec{
		Icon: IconTruck, Title: w.T("send.ask"),
		Text:   w.T("send.ask_text", "Units", w.quantity(s.units()), "Store", s.sending.To().Name),
		Cancel: w.T("receive.count_on"), Accept: w.T("send.confirm"),
		Done: func(yes bool) {
			s.app.stage.Close()
			if yes {
				s.commit()
			}
		},
	})
}

// commit writes the transfer down, with somebody's word when one is needed, and shows what to write on the boxes.
func (s *send) commit() {
	a := s.app
	var sent till.Sent
	a.approved("", func(by till.Approval) (err error) {
		sent, err = s.sending.Commit(a.ctx, by)
		return err
	}, func(err error) {
		if err != nil {
			s.failed(err)
			return
		}
		a.open(newShipments(a))
		a.ask(DialogSpec{
			Icon: IconTruck, Title: sent.Code, Text: a.words.T("send.sent", "Store", s.sending.To().Name),
			Cancel: a.words.T("dialog.close"), Done: func(bool) { a.stage.Close() },
		})
	})
}

// back gives the boxes up, and asks first when something is in them.
func (s *send) back() {
	leave := func() { s.app.open(newSendTo(s.app)) }
	if len(s.sending.Lines()) == 0 {
		leave()
		return
	}
	w := s.app.words
	s.app.ask(DialogSpec{
		Icon: IconWarning, Colour: Warn, Title: w.T("send.leave"), Text: w.T("send.leave_text"),
		Cancel: w.T("receive.count_on"), Accept: w.T("receive.leave_yes"), Danger: true,
		Done: func(yes bool) {
			s.app.stage.Close()
			if yes {
				leave()
			}
		},
	})
}

// Scanned puts one piece in the box, or as many as were typed before.
func (s *send) Scanned(code string) {
	if q, ok := multiplierOf(s.typed.Text()); ok {
		code = q + "*" + code
	}
	s.typed.Set("")
	found, err := s.sending.Scan(s.app.ctx, code)
	switch {
	case err != nil:
		s.failed(err)
		return
	case !found.Known:
		s.said = func(row *FeedbackRow) {
			row.Refused(s.app.words.T("receive.unknown", "Code", barcode.Display(found.Code)))
		}
	default:
		s.chosen = found.Line
		name, line := found.Product.Name, s.sending.Lines()[found.Line]
		s.said = func(row *FeedbackRow) {
			w := s.app.words
			row.Added(name.In(w.lang()), w.quantity(line.Quantity))
		}
	}
	s.show()
}

func (s *send) Typed(c rune) {
	switch {
	case c == '+' && s.typed.Text() == "":
		s.change(1)
	case c == '-' && s.typed.Text() == "":
		s.change(-1)
	case c == '*' || c >= '0' && c <= '9':
		s.said = nil
		s.typed.Typed(c)
	}
}

func (s *send) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		if s.typed.Text() != "" {
			s.typed.Clear()
			return
		}
		s.back()
	case fyne.KeyBackspace:
		s.typed.Erase()
	case fyne.KeyUp, fyne.KeyDown:
		by := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[key]
		if n := len(s.sending.Lines()); n > 0 {
			s.choose(min(max(s.chosen+by, 0), n-1))
		}
	case fyne.KeyF9:
		s.ask()
	}
}
