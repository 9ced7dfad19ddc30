package screen

import (
	"unicode"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// cashMove asks how much cash comes into the drawer or leaves it, and why.
type cashMove struct {
	app     *App
	sign    money.Amount
	reason  int
	amount  Entry
	note    Entry
	box     *NumberBox
	words   *NumberBox
	reasons []*Button
	dialog  *Dialog
	done    func(money.Amount)
}

var cashReasons = []retail.CashReason{retail.CashFloat, retail.CashSafe, retail.CashExpense, retail.CashOther}

// askCashMove asks for cash in, sign 1, or out, sign -1; done gets what was moved.
func (a *App) askCashMove(sign money.Amount, done func(money.Amount)) {
	w := a.words
	m := &cashMove{app: a, sign: sign, done: done}
	m.amount = Entry{Max: 7, Digits: true, Changed: func(string) { m.show() }}
	m.note = Entry{Max: 40, Changed: func(string) { m.show() }}
	m.box = NewNumberBox(w.T("shift.amount"), 28, HeightMain, nil)
	m.words = NewNumberBox(w.T("shift.note"), SizeBody, HeightMain, func() { m.choose(len(cashReasons) - 1) })
	for i, name := range []string{"shift.reason_float", "shift.reason_safe", "shift.reason_expense", "shift.reason_other"} {
		m.reasons = append(m.reasons, NewButton(ButtonSpec{Text: w.T(name), Pressed: func() { m.choose(i) }}))
	}
	spec := KeypadSpec{Height: HeightInRow, Target: m}
	spec.Left = NewButton(ButtonSpec{Text: "00", Size: SizeKey, Strong: true, Height: HeightInRow, Pressed: func() {
		m.amount.Typed('0')
		m.amount.Typed('0')
	}})
	spec.Right = NewBackspace(spec, Outlined)
	pad := NewKeypad(spec)
	reasons := NewGrid(2, gap, m.reasons[0], m.reasons[1], m.reasons[2], m.reasons[3])
	height := 2*HeightMain + gap + (2*HeightMain + gap) + pad.MinSize().Height + 2*gap
	body := placed(fyne.NewSize(0, height), []fyne.CanvasObject{m.box, reasons, m.words, pad}, func(size fyne.Size) {
		put(m.box, 0, 0, size.Width, HeightMain)
		put(reasons, 0, HeightMain+gap, size.Width, 2*HeightMain+gap)
		put(m.words, 0, 3*HeightMain+3*gap, size.Width, HeightMain)
		put(pad, 0, 4*HeightMain+4*gap, size.Width, size.Height-4*HeightMain-4*gap)
	})
	title := w.T("shift.in")
	if sign < 0 {
		title = w.T("shift.out")
		m.reason = 1
	}
	m.dialog = a.ask(DialogSpec{
		Icon: IconCash, Title: title, Text: w.T("shift.move_text"), Body: body, Keys: m,
		Cancel: w.T("dialog.close"), Accept: w.T("shift.confirm"), Done: m.answer,
	})
	m.show()
}

func (m *cashMove) choose(i int) {
	m.reason = i
	m.show()
}

func (m *cashMove) other() bool { return cashReasons[m.reason] == retail.CashOther }

func (m *cashMove) show() {
	w := m.app.words
	m.box.Set(w.plain(centsOf(m.amount.Text())), true)
	m.words.Set(m.note.Text(), m.other())
	for i, b := range m.reasons {
		b.Update(func(s *ButtonSpec) {
			s.Style = Outlined
			if i == m.reason {
				s.Style = Chosen
			}
		})
	}
	m.dialog.Allow(centsOf(m.amount.Text()) > 0 && (!m.other() || m.note.Text() != ""))
}

func (m *cashMove) answer(accepted bool) {
	a := m.app
	if !accepted {
		a.stage.Close()
		return
	}
	amount, note := m.sign*centsOf(m.amount.Text()), ""
	if m.other() {
		note = m.note.Text()
	}
	if err := a.Till.CashMove(a.ctx, amount, cashReasons[m.reason], note); err != nil {
		m.dialog.Say(a.words.Error(err), Bad)
		return
	}
	a.stage.Close()
	m.done(amount)
}

func (*cashMove) Scanned(string) {}

// Typed takes digits for the amount; with another reason, everything after the first letter is its words.
func (m *cashMove) Typed(r rune) {
	if unicode.IsDigit(r) && m.note.Text() == "" {
		m.amount.Typed(r)
		return
	}
	if m.other() {
		m.note.Typed(r)
	}
}

func (m *cashMove) Pressed(key fyne.KeyName) {
	typed := &m.amount
	if m.note.Text() != "" {
		typed = &m.note
	}
	switch key {
	case fyne.KeyBackspace:
		typed.Erase()
	case fyne.KeyDelete:
		typed.Clear()
	case fyne.KeyUp, fyne.KeyLeft:
		m.choose(max(m.reason-1, 0))
	case fyne.KeyDown, fyne.KeyRight:
		m.choose(min(m.reason+1, len(cashReasons)-1))
	}
}
