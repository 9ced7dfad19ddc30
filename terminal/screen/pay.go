package screen

import (
	"strconv"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// The fields a payment is typed into.
const (
	fieldAmount = iota
	fieldApproval
	fieldLastFour
)

// mostDigits is the longest amount that can be typed, in digits: a barcode does not fit.
const mostDigits = 8

// pay takes the money: cash first, or what the card terminal approved, in as many parts as the customer likes. Where
// Pay was on the screen before there is nothing to touch, so a second press of it does nothing.
type pay struct {
	app     *App
	payment till.Payment
	kind    retail.TenderKind
	// field is what is typed into; the amount counts as typed once a digit was.
	field    int
	amount   Entry
	approval Entry
	lastFour Entry
	quick    []till.QuickCash
	refused  string

	cash, card     *methodCard
	tenders        *Rows
	caption        *Label
	notes          *fyne.Container
	given, change  *NumberBox
	charged        *NumberBox
	code, four     *NumberBox
	take           *Button
	cashBoxes      *fyne.Container
	cardBoxes      *fyne.Container
	pane           *ticketPane
	left, leftNote *Label
	leftWord       *Label
}

func newPay(a *App) *pay {
	p := &pay{app: a, kind: retail.TenderCash}
	changed := func(string) { p.show() }
	p.amount = Entry{Max: mostDigits, Digits: true, Changed: changed}
	p.approval = Entry{Max: 12, Changed: changed}
	p.lastFour = Entry{Max: 4, Digits: true, Changed: changed}
	return p
}

func (p *pay) build() (left, right fyne.CanvasObject) { return p.buildLeft(), p.buildRight() }

func (p *pay) buildLeft() fyne.CanvasObject {
	w := p.app.words
	title := NewLabel(w.T("pay.title"), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	back := NewButton(ButtonSpec{
		Icon: IconBack, Text: w.T("pay.back"), Key: w.T("key.escape"), Height: HeightInRow, Pressed: p.back,
	})
	p.cash = newMethodCard(IconCash, w.T("pay.cash"), func() { p.choose(retail.TenderCash) })
	p.card = newMethodCard(IconCard, w.T("pay.card"), func() { p.choose(retail.TenderCard) })
	p.tenders = NewRows(func() int { return len(p.payment.Tenders) + 1 }, newTenderRow, p.showTender)
	ground := NewBox(Surface, Separator, border, radius)
	p.caption = NewName("", 14, Muted)
	p.notes = NewGrid(5, gap)
	spec := KeypadSpec{Height: HeightPay, Target: p}
	spec.Left = NewButton(ButtonSpec{Text: "00", Size: SizeKey, Strong: true, Height: HeightPay, Pressed: p.hundred})
	spec.Right = NewBackspace(spec, Outlined)
	pad := NewKeypad(spec)
	p.buildBoxes()
	objects := []fyne.CanvasObject{
		title, back, p.cash, p.card, ground, p.tenders, p.caption, p.notes, pad, p.cashBoxes, p.cardBoxes, p.take,
	}
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(title, 0, 0, 220, HeightInRow)
		width := back.MinSize().Width + 20
		put(back, size.Width-width, 0, width, HeightInRow)
		half := (size.Width - gap) / 2
		put(p.cash, 0, 58, half, 104)
		put(p.card, half+gap, 58, half, 104)
		put(ground, 0, 172, size.Width, 98)
		put(p.tenders, 1, 173, size.Width-2, 96)
		put(p.caption, 0, 284, size.Width, 22)
		put(p.notes, 0, 314, size.Width, HeightPay)
		top := size.Height - 280
		column := size.Width - 220 - gapMedium
		put(pad, 0, top, column, 280)
		put(p.cashBoxes, column+gapMedium, top, 220, 136)
		put(p.cardBoxes, column+gapMedium, top, 220, 208)
		if p.kind == retail.TenderCard {
			put(p.take, column+gapMedium, top+216, 220, 64)
		} else {
			put(p.take, column+gapMedium, top+144, 220, 136)
		}
	})
}

// buildBoxes makes what is typed into: two boxes for cash, three for a card.
func (p *pay) buildBoxes() {
	w := p.app.words
	p.given = NewNumberBox(w.T("pay.cash"), 28, HeightPay, nil)
	p.change = NewNumberBox(w.T("pay.change"), 28, HeightPay, nil)
	p.charged = NewNumberBox(w.T("pay.card"), 28, HeightPay, func() { p.enterField(fieldAmount) })
	p.code = NewNumberBox(w.T("pay.approval"), SizeHeading, HeightPay, func() { p.enterField(fieldApproval) })
	p.four = NewNumberBox(w.T("pay.last_four"), SizeHeading, HeightPay, func() { p.enterField(fieldLastFour) })
	p.cashBoxes = NewGrid(1, gap, p.given, p.change)
	p.cardBoxes = NewGrid(1, gap, p.charged, p.code, p.four)
	p.take = NewButton(ButtonSpec{Key: w.T("key.enter"), Under: true, Style: Filled, Size: SizeHeading, Pressed: p.tender})
}

func (p *pay) buildRight() fyne.CanvasObject {
	w := p.app.words
	p.pane = newTicketPane(w, nil)
	lock := NewGlyph(IconLock, 20, Muted)
	frozen := NewName(w.T("pay.frozen"), 14, Muted)
	note := placed(fyne.Size{}, []fyne.CanvasObject{lock, frozen}, func(size fyne.Size) {
		put(lock, 0, (size.Height-20)/2, 20, 20)
		put(frozen, 28, 0, size.Width-28, size.Height)
	})
	box := NewBox(Tint, Transparent, 0, radius)
	p.leftWord = NewLabel(w.T("pay.left"), 14, OnTint, fyne.TextAlignLeading)
	p.leftNote = NewLabel("", SizeCaption, OnTint, fyne.TextAlignLeading)
	p.left = NewLabel("", 28, OnTint, fyne.TextAlignTrailing).Bold()
	foot := placed(fyne.Size{}, []fyne.CanvasObject{box, p.leftWord, p.leftNote, p.left}, func(size fyne.Size) {
		put(box, 0, 0, size.Width, size.Height)
		if p.leftNote.full == "" {
			put(p.leftWord, 14, 0, 150, size.Height)
		} else {
			put(p.leftWord, 14, 12, 150, 20)
		}
		put(p.leftNote, 14, 33, 150, 18)
		put(p.left, 164, 0, size.Width-164-14, size.Height)
	})
	return p.pane.with(note, foot)
}

func (p *pay) refresh() {
	payment, ok := p.app.Till.Payment()
	if !ok {
		p.app.sell()
		return
	}
	p.payment, p.quick = payment, p.app.Till.QuickCash()
	p.pane.show(p.app.Till.Ticket())
	p.show()
}

// offered is what Enter takes now: what was typed, or all that is left.
func (p *pay) offered() money.Amount {
	if text := p.amount.Text(); text != "" {
		cents, err := strconv.ParseInt(text, 10, 64)
		if err == nil {
			return money.Amount(cents)
		}
	}
	if p.kind == retail.TenderCard {
		return p.payment.Left
	}
	return p.payment.LeftInCash
}

func (p *pay) show() {
	w, pm := p.app.words, p.payment
	rounding := w.T("pay.exact")
	if pm.Rounding != 0 {
		rounding = w.T("pay.rounded")
	}
	difference := ""
	if pm.Rounding != 0 {
		difference = signed(w, pm.Rounding)
	}
	p.cash.set(w.money(pm.LeftInCash), rounding, difference, p.kind == retail.TenderCash)
	p.card.set(w.money(pm.Left), w.T("pay.exact"), "", p.kind == retail.TenderCard)
	p.tenders.Update()
	p.tenders.Reveal(len(pm.Tenders))
	p.showQuick()
	p.showBoxes()
	p.leftNote.SetText("")
	if len(pm.Tenders) > 0 {
		p.leftNote.SetText(w.T("pay.paid", "Amount", w.money(pm.Paid)))
	}
	p.left.SetText(w.money(pm.Left))
	t := p.pane.ticket
	if p.refused == "" {
		p.pane.feedback.Say(IconJournal, Muted, w.T("pay.sale"), w.counted(len(t.Lines), t.Items))
	} else {
		p.pane.feedback.Refused(p.refused)
	}
	p.app.shell.Refresh()
}

// signed is an amount with its sign, as a rounding has one.
func signed(w *Words, a money.Amount) string {
	if a > 0 {
		return "+" + w.plain(a)
	}
	return w.plain(a)
}

func (p *pay) showQuick() {
	w := p.app.words
	p.notes.Objects = nil
	if p.kind == retail.TenderCard {
		p.caption.SetText(w.T("pay.terminal", "Amount", w.money(p.offered())))
		return
	}
	p.caption.SetText(w.T("pay.received"))
	for _, q := range p.quick {
		style := Outlined
		if q.Amount == p.offered() {
			style = Chosen
		}
		sub := w.T("pay.quick_exact")
		if q.Step > 0 {
			sub = w.T("pay.quick_step", "Step", int(q.Step/100), "Symbol", w.currency.Symbol)
		}
		p.notes.Add(NewButton(ButtonSpec{
			Text: w.plain(q.Amount), Sub: sub, Size: SizeHeading, Strong: true, Height: HeightPay, Style: style,
			Pressed: func() { p.setAmount(q.Amount) },
		}))
	}
}

func (p *pay) showBoxes() {
	w, offered := p.app.words, p.offered()
	cash := p.kind == retail.TenderCash
	show(p.cashBoxes, cash)
	show(p.cardBoxes, !cash)
	p.given.Set(w.plain(offered), true)
	p.change.Set(w.plain(max(offered-p.payment.LeftInCash, 0)), false)
	p.charged.Set(w.plain(offered), p.field == fieldAmount)
	p.code.Set(p.approval.Text(), p.field == fieldApproval)
	p.four.Set(p.lastFour.Text(), p.field == fieldLastFour)
	p.take.Update(func(b *ButtonSpec) {
		b.Text = w.T("pay.take", "Amount", w.money(offered))
		b.Height = HeightPay
		b.Size = SizeHeading
		if offered >= 1_000_000 {
			b.Size = SizeAmount
		}
	})
}

func (p *pay) showTender(i int, r *tenderRow) {
	w := p.app.words
	if i == len(p.payment.Tenders) {
		name := w.T("pay.cash")
		if p.kind == retail.TenderCard {
			name = w.T("pay.card")
		}
		r.set(false, name, w.T("pay.typing"), w.money(p.offered()))
		return
	}
	t := p.payment.Tenders[i]
	amount := t.Amount
	name, note := tenderName(w, t), w.T("pay.taken")
	if t.Approval != "" {
		note = w.T("pay.approved", "Code", t.Approval)
	}
	r.set(true, name, note, w.money(amount))
}

// tenderName is how a part was paid: "Card ··4417".
func tenderName(w *Words, t retail.Tender) string {
	name := w.T("pay.card")
	switch t.Kind {
	case retail.TenderCash:
		return w.T("pay.cash")
	case retail.TenderOnline:
		name = w.T("pay.online")
	}
	if t.LastFour != "" {
		name += " ··" + t.LastFour
	}
	return name
}
