package screen

import (
	"time"

	"fyne.io/fyne/v2"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/terminal/till"
)

// receive counts a shipment into the store by scanning what is really in it.
type receive struct {
	app      *App
	counting *till.Receiving
	chosen   int
	// typed is a quantity for the next scan: "12*".
	typed Entry
	said  func(*FeedbackRow)

	rows     *Rows
	head     *Label
	feedback *FeedbackRow
	facts    [5]*fact
	minus    *Button
	plus     *Button
	quantity *Label
	all      *Button
	confirm  *Button
}

func newReceive(a *App, counting *till.Receiving) *receive {
	r := &receive{app: a, counting: counting}
	r.typed = Entry{Max: 6, Changed: func(string) { r.show() }}
	return r
}

func (r *receive) build() (left, right fyne.CanvasObject) {
	w := r.app.words
	r.rows = NewRows(func() int { return len(r.counting.Lines()) }, newCountRow, r.showCount)
	r.head = NewName("", 14, Muted)
	return listLeft(w, w.T("receive.title"), r.back, r.head, r.rows), r.buildRight()
}

func (r *receive) buildRight() fyne.CanvasObject {
	w := r.app.words
	r.feedback = NewFeedbackRow()
	facts := make([]fyne.CanvasObject, len(r.facts))
	for i := range r.facts {
		r.facts[i] = newFact()
		facts[i] = r.facts[i]
	}
	column := NewGrid(1, 0, facts...)
	r.minus = NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { r.change(-1) }})
	r.plus = NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { r.change(1) }})
	r.quantity = NewLabel("", SizeHeading, Foreground, fyne.TextAlignCenter).Bold()
	r.all = NewButton(ButtonSpec{Icon: IconCheck, Text: w.T("receive.all"), Pressed: r.allFound})
	r.confirm = NewButton(ButtonSpec{
		Text: w.T("receive.confirm"), Key: "F9", Style: Filled, Size: 22, Height: HeightPay, Pressed: r.ask,
	})
	objects := []fyne.CanvasObject{r.feedback, column, r.minus, r.quantity, r.plus, r.all, r.confirm}
	return placed(fyne.NewSize(TicketWidth, 0), objects, func(size fyne.Size) {
		put(r.feedback, 0, 0, size.Width, feedbackHeight)
		put(column, 18, feedbackHeight+gapMedium, size.Width-36, float32(len(facts))*44)
		bottom := size.Height - 74
		put(r.all, gapMedium, bottom-gap-HeightMain, size.Width-2*gapMedium, HeightMain)
		row := bottom - 2*(gap+HeightMain)
		put(r.minus, gapMedium, row, HeightMain, HeightMain)
		put(r.quantity, gapMedium+HeightMain, row, size.Width-2*gapMedium-2*HeightMain, HeightMain)
		put(r.plus, size.Width-gapMedium-HeightMain, row, HeightMain, HeightMain)
		put(r.confirm, gapMedium, bottom, size.Width-2*gapMedium, HeightPay)
	})
}

func (r *receive) refresh() { r.show() }

func (r *receive) show() {
	r.rows.Update()
	w, s, lines := r.app.words, r.counting.Shipment(), r.counting.Lines()
	d := differenceOf(lines)
	at := time.UnixMilli(s.At).In(r.app.Till.Now().Location())
	r.head.SetText(w.T("receive.of", "Code", s.Code, "When", w.moment(at)))
	r.facts[0].set(w.T("receive.products"), w.quantity(money.Quantity(len(lines))*money.One))
	r.facts[1].set(w.T("receive.shipped"), w.quantity(d.shipped))
	r.facts[2].set(w.T("receive.found"), w.quantity(d.found))
	r.facts[3].set(w.T("receive.short"), w.quantity(d.short))
	r.facts[4].set(w.T("receive.over"), w.quantity(d.over))
	switch q, ok := multiplierOf(r.typed.Text()); {
	case ok:
		r.feedback.Say(IconTruck, Primary, w.T("sell.times", "Quantity", q), "")
	case r.said != nil:
		r.said(r.feedback)
	default:
		r.feedback.Say(IconTruck, Muted, w.T("receive.scan"), r.typed.Text())
	}
	r.chosen = min(r.chosen, len(lines)-1)
	r.quantity.SetText("")
	if r.chosen >= 0 {
		r.quantity.SetText(w.quantity(lines[r.chosen].Found))
		r.rows.Reveal(r.chosen)
	}
	r.minus.Update(func(b *ButtonSpec) { b.Off = r.chosen < 0 || lines[r.chosen].Found < money.One })
	r.plus.Update(func(b *ButtonSpec) { b.Off = r.chosen < 0 })
	r.confirm.Update(func(b *ButtonSpec) { b.Off = d.found == 0 })
}

// difference is what a shipment and its count come to.
type difference struct{ shipped, found, short, over money.Quantity }

func differenceOf(lines []till.ReceiveLine) difference {
	var d difference
	for _, l := range lines {
		d.shipped += l.Shipped
		d.found += l.Found
		d.short += max(-l.Difference(), 0)
		d.over += max(l.Difference(), 0)
	}
	return d
}

func (r *receive) showCount(i int, row *countRow) {
	w, l := r.app.words, r.counting.Lines()[i]
	line := countLine{
		name: l.Product.Name.In(w.lang()), group: l.Product.Category.String(), code: codeOf(l.Product),
		found: w.quantity(l.Found), shipped: w.T("receive.of_shipped", "Quantity", w.quantity(l.Shipped)),
		chosen: i == r.chosen, pressed: func() { r.choose(i) },
	}
	if line.name == "" {
		line.name = w.T("stock.unknown_product")
	}
	switch d := l.Difference(); {
	case d == 0:
		line.mark, line.tag = MarkOK, w.T("receive.complete")
	case d > 0:
		line.mark, line.tag = MarkOver, w.T("receive.too_many", "Quantity", w.quantity(d))
	case l.Found > 0:
		line.mark, line.tag = MarkLow, w.T("receive.missing", "Quantity", w.quantity(-d))
	}
	row.set(line)
}

func (r *receive) choose(i int) {
	r.chosen, r.said = i, nil
	r.show()
}

func (r *receive) change(by int) {
	if r.chosen < 0 {
		return
	}
	l := r.counting.Lines()[r.chosen]
	if err := r.counting.Set(r.chosen, max(l.Found+money.Quantity(by)*money.One, 0)); err != nil {
		r.failed(err)
		return
	}
	r.choose(r.chosen)
}

func (r *receive) allFound() {
	r.counting.AllFound()
	r.choose(r.chosen)
}

// ask shows what is short or over before it is written down.
func (r *receive) ask() {
	w, d := r.app.words, differenceOf(r.counting.Lines())
	if d.short == 0 && d.over == 0 || d.found == 0 {
		r.commit()
		return
	}
	r.app.ask(DialogSpec{
		Icon: IconWarning, Colour: Warn, Title: w.T("receive.ask"),
		Text:   w.T("receive.ask_text", "Short", w.quantity(d.short), "Over", w.quantity(d.over)),
		Cancel: w.T("receive.count_on"), Accept: w.T("receive.confirm"),
		Done: func(yes bool) {
			r.app.stage.Close()
			if yes {
				r.commit()
			}
		},
	})
}

func (r *receive) commit() {
	code := r.counting.Shipment().Code
	if err := r.counting.Commit(r.app.ctx); err != nil {
		r.failed(err)
		return
	}
	next := newShipments(r.app)
	next.said = func(row *FeedbackRow) { row.Added(r.app.words.T("receive.received", "Code", code), "") }
	r.app.open(next)
}

func (r *receive) failed(err error) {
	r.said = func(row *FeedbackRow) { row.Refused(r.app.words.Error(err)) }
	r.show()
	r.app.fail(r.feedback, err)
}

// back leaves the count, and asks first when something was counted.
func (r *receive) back() {
	leave := func() { r.app.open(newShipments(r.app)) }
	if differenceOf(r.counting.Lines()).found == 0 {
		leave()
		return
	}
	w := r.app.words
	r.app.ask(DialogSpec{
		Icon: IconWarning, Colour: Warn, Title: w.T("receive.leave"), Text: w.T("receive.leave_text"),
		Cancel: w.T("receive.count_on"), Accept: w.T("receive.leave_yes"), Danger: true,
		Done: func(yes bool) {
			r.app.stage.Close()
			if yes {
				leave()
			}
		},
	})
}

// Scanned counts one piece, or as many as were typed before.
func (r *receive) Scanned(code string) {
	if q, ok := multiplierOf(r.typed.Text()); ok {
		code = q + "*" + code
	}
	r.typed.Set("")
	found, err := r.counting.Scan(r.app.ctx, code)
	switch {
	case err != nil:
		r.failed(err)
		return
	case !found.Known:
		r.said = func(row *FeedbackRow) {
			row.Refused(r.app.words.T("receive.unknown", "Code", barcode.Display(found.Code)))
		}
	default:
		r.chosen = found.Line
		name, count := found.Product.Name, r.counting.Lines()[found.Line]
		r.said = func(row *FeedbackRow) {
			w := r.app.words
			row.Added(name.In(w.lang()), w.T("receive.counted", "Found", w.quantity(count.Found), "Shipped", w.quantity(count.Shipped)))
		}
	}
	r.show()
}

func (r *receive) Typed(c rune) {
	switch {
	case c == '+' && r.typed.Text() == "":
		r.change(1)
	case c == '-' && r.typed.Text() == "":
		r.change(-1)
	case c == '*' || c >= '0' && c <= '9':
		r.said = nil
		r.typed.Typed(c)
	}
}

func (r *receive) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		if r.typed.Text() != "" {
			r.typed.Clear()
			return
		}
		r.back()
	case fyne.KeyBackspace:
		r.typed.Erase()
	case fyne.KeyUp, fyne.KeyDown:
		by := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[key]
		if n := len(r.counting.Lines()); n > 0 {
			r.choose(min(max(r.chosen+by, 0), n-1))
		}
	case fyne.KeyF9:
		r.ask()
	}
}
