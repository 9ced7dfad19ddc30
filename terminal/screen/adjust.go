package screen

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// What F8 changes.
const (
	adjustLine = iota
	adjustTicket
	adjustPrice
	adjustAccuracy
	adjustNote
)

// longestNote is how much of a note fits on a ticket.
const longestNote = 60

// adjust asks what is taken off, or what something costs, and why.
type adjust struct {
	sell    *sell
	line    int // selected on the ticket; -1 for none
	mode    int
	percent bool
	reason  int
	digits  Entry
	text    Entry

	modes, reasons *chips
	value          *NumberBox
	unit           *Button
	dialog         *Dialog
}

// adjust opens the panel of F8.
func (s *sell) adjust() {
	t := s.app.Till.Ticket()
	if len(t.Lines) == 0 {
		return
	}
	a, w := &adjust{sell: s, line: t.Selected, percent: true}, s.app.words
	a.digits = Entry{Max: 7, Digits: true, Changed: func(string) { a.show() }}
	a.text = Entry{Max: longestNote, Changed: func(string) { a.show() }}
	a.modes = newChips(a.choose)
	a.reasons = newChips(func(i int) { a.reason = i; a.show() })
	a.value = NewNumberBox("", SizeHeading, HeightMain, nil)
	spec := KeypadSpec{Order: CalculatorOrder, Height: HeightMain, Target: a}
	spec.Left = NewBackspace(spec, Quiet)
	a.unit = NewButton(ButtonSpec{Text: "%", Size: SizeKey, Style: Quiet, Height: HeightMain, Pressed: a.turn})
	spec.Right = a.unit
	a.dialog = s.app.ask(DialogSpec{
		Icon: IconCash, Title: w.T("adjust.title"), Text: " ", Keys: a,
		Body:   column(a.modes, a.value, a.reasons, NewKeypad(spec)),
		Cancel: w.T("approve.cancel"), Accept: w.T("adjust.accept"), Done: a.answer,
	})
	a.show()
}

func (a *adjust) choose(mode int) {
	a.mode, a.reason = mode, 0
	a.digits.Set("")
	a.text.Set("")
	if mode == adjustNote {
		a.text.Set(a.noted())
	}
	a.show()
}

// noted is the note there is already.
func (a *adjust) noted() string {
	t := a.sell.app.Till.Ticket()
	if a.line < 0 {
		return t.Note
	}
	return t.Lines[a.line].Note
}

// turn changes between a part and an amount.
func (a *adjust) turn() {
	a.percent = !a.percent
	a.digits.Set("")
	a.show()
}

func (a *adjust) deed() retail.Deed {
	switch a.mode {
	case adjustPrice:
		return retail.DeedPrice
	case adjustAccuracy:
		return retail.DeedAccuracy
	}
	return retail.DeedDiscount
}

func (a *adjust) show() {
	w, t := a.sell.app.words, a.sell.app.Till.Ticket()
	a.modes.set([]string{
		w.T("adjust.line"), w.T("adjust.ticket"), w.T("adjust.price"), w.T("adjust.accuracy"), w.T("adjust.note"),
	}, a.mode)
	about := w.T("adjust.whole", "Amount", w.money(t.Subtotal))
	if a.line >= 0 && a.mode != adjustTicket {
		about = t.Lines[a.line].Name + " · " + w.money(t.Lines[a.line].UnitPrice)
	}
	if a.mode == adjustAccuracy {
		about = w.T("adjust.accuracy_text")
	}
	a.dialog.Say(oneLine(about), Muted)
	var reasons []string
	if a.mode != adjustNote { // a note says why itself
		reasons = w.reasons(a.deed())
	}
	a.reasons.set(reasons, a.reason)
	show(a.reasons, a.mode != adjustNote)
	discount := a.mode == adjustLine || a.mode == adjustTicket
	a.unit.Update(func(b *ButtonSpec) {
		b.Off, b.Text = !discount, "%"
		if a.percent && discount {
			b.Text = "$"
		}
	})
	switch {
	case a.mode == adjustNote:
		a.value.Set(a.text.Text(), true)
	case a.mode == adjustAccuracy && a.line >= 0:
		l := t.Lines[a.line]
		a.value.Set(w.off(retail.AccuracyOff(l.Line, l.Weighed)), false)
	case discount && a.percent:
		a.value.Set(money.Rate(a.number()*1000).Format(w.lang()), true)
	default:
		a.value.Set(w.money(money.Amount(a.number())), true)
	}
	a.dialog.Allow(a.ready())
}

func (a *adjust) number() int64 {
	n, err := strconv.ParseInt(a.digits.Text(), 10, 64)
	if err != nil {
		return 0 // nothing is typed yet
	}
	return n
}

// ready says that the panel can go ahead: a line is needed for what is done to one.
func (a *adjust) ready() bool {
	switch a.mode {
	case adjustTicket:
		return !a.percent || a.number() <= 100
	case adjustLine:
		return a.line >= 0 && (!a.percent || a.number() <= 100)
	case adjustPrice:
		return a.line >= 0 && a.digits.Text() != ""
	case adjustNote:
		return true
	}
	return a.line >= 0
}

func (a *adjust) answer(accepted bool) {
	app := a.sell.app
	if !accepted {
		app.stage.Close()
		return
	}
	if !a.ready() {
		return
	}
	app.stage.Close()
	if a.mode == adjustNote {
		a.sell.did(a.note())
		return
	}
	app.approved(retail.Reasons(a.deed())[a.reason], a.do, a.sell.did)
}

func (a *adjust) note() error {
	if a.line < 0 {
		return a.sell.app.Till.NoteTicket(a.text.Text())
	}
	return a.sell.app.Till.NoteLine(a.line, a.text.Text())
}

func (a *adjust) do(by till.Approval) error {
	app, reason := a.sell.app, retail.Reasons(a.deed())[a.reason]
	d := retail.Discount{Amount: money.Amount(a.number()), Reason: reason}
	if a.percent {
		d = retail.Discount{Rate: money.Rate(a.number() * 1000), Reason: reason}
	}
	switch a.mode {
	case adjustLine:
		return app.Till.DiscountLine(app.ctx, a.line, d, by)
	case adjustTicket:
		return app.Till.DiscountTicket(app.ctx, d, by)
	case adjustPrice:
		return app.Till.SetPrice(app.ctx, a.line, money.Amount(a.number()), reason, by)
	}
	return app.Till.Accuracy(app.ctx, a.line, by)
}

func (a *adjust) Scanned(string) {}

func (a *adjust) Typed(r rune) {
	switch {
	case a.mode == adjustNote:
		a.text.Typed(r)
	case r == '%' && !a.percent, r == '$' && a.percent:
		a.turn()
	default:
		a.digits.Typed(r)
	}
}

func (a *adjust) Pressed(key fyne.KeyName) {
	entry := &a.digits
	if a.mode == adjustNote {
		entry = &a.text
	}
	switch key {
	case fyne.KeyBackspace:
		entry.Erase()
	case fyne.KeyDelete:
		entry.Clear()
	case fyne.KeyLeft:
		a.choose(max(a.mode-1, 0))
	case fyne.KeyRight:
		a.choose(min(a.mode+1, adjustNote))
	case fyne.KeyUp, fyne.KeyDown:
		by := 1
		if key == fyne.KeyUp {
			by = -1
		}
		a.reason = min(max(a.reason+by, 0), len(retail.Reasons(a.deed()))-1)
		a.show()
	}
}

// lineDetail says what was done to a line, after its price.
func lineDetail(w *Words, l retail.Line) string {
	var said []string
	for _, c := range l.Charges {
		said = append(said, c.Name.In(w.lang())+" "+w.plain(c.Amount))
	}
	if l.Reason != "" {
		said = append(said, w.T("ticket.instead", "Price", w.plain(l.List)))
	}
	switch {
	case l.Off.Rate > 0:
		said = append(said, w.T("ticket.discount", "Off", w.off(l.Off)))
	case l.Discount > l.Share:
		said = append(said, w.T("ticket.discount", "Off", w.off(retail.Discount{Amount: l.Discount - l.Share})))
	}
	if l.Note != "" {
		said = append(said, l.Note)
	}
	if len(said) == 0 {
		return ""
	}
	return " · " + strings.Join(said, " · ")
}
