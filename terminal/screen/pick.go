package screen

import (
	"strings"

	"fyne.io/fyne/v2"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/terminal/till"
)

// pick puts an order of the shop together by scanning what goes into its bag.
type pick struct {
	app     *App
	picking *till.Picking
	chosen  int
	// typed is a quantity for the next scan: "3*".
	typed Entry
	said  func(*FeedbackRow)

	rows     *Rows
	head     *Label
	feedback *FeedbackRow
	facts    [3]*fact
	minus    *Button
	plus     *Button
	quantity *Label
	all      *Button
	short    *Button
	ready    *Button
}

func newPick(a *App, picking *till.Picking) *pick {
	p := &pick{app: a, picking: picking}
	p.typed = Entry{Max: 6, Changed: func(string) { p.show() }}
	return p
}

func (p *pick) build() (left, right fyne.CanvasObject) {
	w := p.app.words
	p.rows = NewRows(func() int { return len(p.picking.Lines()) }, newCountRow, p.showLine)
	p.head = NewName("", 14, Muted)
	return listLeft(w, w.T("pick.title"), p.back, p.head, p.rows), p.buildRight()
}

func (p *pick) buildRight() fyne.CanvasObject {
	w := p.app.words
	p.feedback = NewFeedbackRow()
	facts := make([]fyne.CanvasObject, len(p.facts))
	for i := range p.facts {
		p.facts[i] = newFact()
		facts[i] = p.facts[i]
	}
	column := NewGrid(1, 0, facts...)
	p.minus = NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { p.change(-1) }})
	p.plus = NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { p.change(1) }})
	p.quantity = NewLabel("", SizeHeading, Foreground, fyne.TextAlignCenter).Bold()
	p.all = NewButton(ButtonSpec{Icon: IconCheck, Text: w.T("receive.all"), Key: "F6", Pressed: p.allFound})
	p.short = NewButton(ButtonSpec{Icon: IconWarning, Text: w.T("orders.short"), Key: "F7", Pressed: p.askShort})
	p.ready = NewButton(ButtonSpec{Icon: IconCheck, Text: w.T("pick.ready"), Key: "F9", Style: Filled, Size: 22, Height: HeightPay, Pressed: p.askReady})
	objects := []fyne.CanvasObject{p.feedback, column, p.minus, p.quantity, p.plus, p.all, p.short, p.ready}
	return placed(fyne.NewSize(TicketWidth, 0), objects, func(size fyne.Size) {
		put(p.feedback, 0, 0, size.Width, feedbackHeight)
		put(column, 18, feedbackHeight+gapMedium, size.Width-36, float32(len(facts))*44)
		bottom, half := size.Height-74, (size.Width-2*gapMedium-gap)/2
		put(p.all, gapMedium, bottom-gap-HeightMain, half, HeightMain)
		put(p.short, gapMedium+half+gap, bottom-gap-HeightMain, half, HeightMain)
		row := bottom - 2*(gap+HeightMain)
		put(p.minus, gapMedium, row, HeightMain, HeightMain)
		put(p.quantity, gapMedium+HeightMain, row, size.Width-2*gapMedium-2*HeightMain, HeightMain)
		put(p.plus, size.Width-gapMedium-HeightMain, row, HeightMain, HeightMain)
		put(p.ready, gapMedium, bottom, size.Width-2*gapMedium, HeightPay)
	})
}

func (p *pick) refresh() { p.show() }

func (p *pick) show() {
	p.rows.Update()
	w, o, lines := p.app.words, p.picking.Order(), p.picking.Lines()
	left := p.picking.Left()
	p.head.SetText(strings.TrimSuffix(o.Code+" · "+o.Name, " · "))
	p.facts[0].set(w.T("pick.ordered"), w.quantity(o.Units()))
	p.facts[1].set(w.T("receive.found"), w.quantity(o.Units()-left))
	p.facts[2].set(w.T("pick.left"), w.quantity(left))
	switch q, ok := multiplierOf(p.typed.Text()); {
	case ok:
		p.feedback.Say(IconOrders, Primary, w.T("sell.times", "Quantity", q), "")
	case p.said != nil:
		p.said(p.feedback)
	default:
		p.feedback.Say(IconOrders, Muted, w.T("receive.scan"), p.typed.Text())
	}
	l := lines[p.chosen]
	p.quantity.SetText(w.quantity(l.Found))
	p.rows.Reveal(p.chosen)
	p.minus.Update(func(b *ButtonSpec) { b.Off = l.Found == 0 })
	p.plus.Update(func(b *ButtonSpec) { b.Off = l.Left() == 0 })
	p.all.Update(func(b *ButtonSpec) { b.Off = left == 0 })
	p.short.Update(func(b *ButtonSpec) { b.Off = left == 0 })
}

func (p *pick) showLine(i int, row *countRow) {
	w, l := p.app.words, p.picking.Lines()[i]
	line := countLine{
		name: l.Product.Name.In(w.lang()), group: l.Product.Category.String(), code: codeOf(l.Product),
		found: w.quantity(l.Found), shipped: w.T("receive.of_shipped", "Quantity", w.quantity(l.Ordered)),
		chosen: i == p.chosen, pressed: func() { p.choose(i) },
	}
	switch {
	case l.Left() == 0:
		line.mark, line.tag = MarkOK, w.T("receive.complete")
	case l.Found > 0:
		line.mark, line.tag = MarkLow, w.T("receive.missing", "Quantity", w.quantity(l.Left()))
	}
	row.set(line)
}

func (p *pick) choose(i int) {
	p.chosen, p.said = i, nil
	p.show()
}

// change finds one more or one less, and the rest of what is weighed.
func (p *pick) change(by int) {
	l := p.picking.Lines()[p.chosen]
	found := min(max(l.Found+money.Quantity(by)*money.One, 0), l.Ordered)
	if err := p.picking.Set(p.chosen, found); err != nil {
		p.failed(err)
		return
	}
	p.choose(p.chosen)
}

func (p *pick) allFound() {
	p.picking.AllFound()
	p.choose(p.chosen)
}

func (p *pick) failed(err error) {
	p.said = func(row *FeedbackRow) { row.Refused(p.app.words.Error(err)) }
	p.show()
	p.app.fail(p.feedback, err)
}

// askReady asks again when something was not found.
func (p *pick) askReady() {
	w, left := p.app.words, p.picking.Left()
	if left == 0 {
		p.finish()
		return
	}
	p.app.ask(DialogSpec{
		Icon: IconWarning, Colour: Warn, Title: w.T("pick.by_hand"), Text: w.T("pick.by_hand_text", "Quantity", w.quantity(left)),
		Cancel: w.T("pick.go_on"), Accept: w.T("pick.ready"),
		Done: func(yes bool) {
			p.app.stage.Close()
			if yes {
				p.finish()
			}
		},
	})
}

func (p *pick) finish() {
	if err := p.picking.Ready(p.app.ctx, true); err != nil {
		p.failed(err)
		return
	}
	p.leave("pick.done")
}

// askShort shows what was not found before headquarters is told.
func (p *pick) askShort() {
	w, missing := p.app.words, p.picking.Missing()
	if len(missing) == 0 {
		return
	}
	var what []string
	for _, l := range p.picking.Lines() {
		if l.Left() > 0 {
			what = append(what, w.quantity(l.Left())+" × "+l.Product.Name.In(w.lang()))
		}
	}
	p.app.ask(DialogSpec{
		Icon: IconWarning, Colour: Warn, Title: w.T("pick.short"), Text: w.T("pick.short_text", "What", strings.Join(what, ", ")),
		Cancel: w.T("pick.go_on"), Accept: w.T("orders.short"),
		Done: func(yes bool) {
			p.app.stage.Close()
			if !yes {
				return
			}
			if err := p.app.Till.ShortOrder(p.app.ctx, p.picking.Order().ID, missing); err != nil {
				p.failed(err)
				return
			}
			p.leave("pick.told")
		},
	})
}

// leave goes back to the orders, and says there what was done.
func (p *pick) leave(said string) {
	next, o := newOrders(p.app), p.picking.Order()
	next.chosen = o.ID
	next.said = func(row *FeedbackRow) { row.Added(p.app.words.T(said, "Code", o.Code), "") }
	p.app.open(next)
}

// back leaves; what was found stays found.
func (p *pick) back() {
	next := newOrders(p.app)
	next.chosen = p.picking.Order().ID
	p.app.open(next)
}

// Scanned finds one piece, or as many as were typed before.
func (p *pick) Scanned(code string) {
	if q, ok := multiplierOf(p.typed.Text()); ok {
		code = q + "*" + code
	}
	p.typed.Set("")
	found, err := p.picking.Scan(p.app.ctx, code)
	switch {
	case err != nil:
		p.failed(err)
		return
	case !found.Known:
		p.said = func(row *FeedbackRow) {
			row.Refused(p.app.words.T("receive.unknown", "Code", barcode.Display(found.Code)))
		}
	default:
		p.chosen = found.Line
		l := p.picking.Lines()[found.Line]
		p.said = func(row *FeedbackRow) {
			w := p.app.words
			row.Added(l.Product.Name.In(w.lang()), w.T("receive.counted", "Found", w.quantity(l.Found), "Shipped", w.quantity(l.Ordered)))
		}
	}
	p.show()
}

func (p *pick) Typed(c rune) {
	switch {
	case c == '+' && p.typed.Text() == "":
		p.change(1)
	case c == '-' && p.typed.Text() == "":
		p.change(-1)
	case c == '*' || c >= '0' && c <= '9':
		p.said = nil
		p.typed.Typed(c)
	}
}

func (p *pick) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		if p.typed.Text() != "" {
			p.typed.Clear()
			return
		}
		p.back()
	case fyne.KeyBackspace:
		p.typed.Erase()
	case fyne.KeyUp, fyne.KeyDown:
		by := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[key]
		p.choose(min(max(p.chosen+by, 0), len(p.picking.Lines())-1))
	case fyne.KeyF6:
		p.allFound()
	case fyne.KeyF7:
		p.askShort()
	case fyne.KeyF9:
		p.askReady()
	}
}
