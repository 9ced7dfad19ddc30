package screen

import (
	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// refund takes goods of a receipt back: its lines at the left, what they give back at the right.
type refund struct {
	app *App
	of  till.Refundable
	// blind says that there is no receipt: goods are what was scanned, at today's prices.
	blind bool
	goods []till.Good
	typed Entry
	// left is what may be taken of each line, takes what is.
	left, takes []money.Quantity
	chosen      int
	why         int
	// waits says that the till that sold was asked and has not answered.
	waits bool
	// kind is how it is paid; 0 the way the receipt was.
	kind retail.TenderKind
	// off says that what comes back is not put on the shelf again: what is defective is not, until a person says otherwise.
	off bool
	// worth is what it comes to; its error, if any, is said.
	worth retail.Refund
	said  string

	head, note  *Label
	rows        *Rows
	minus, plus *Button
	quantity    *Label
	all         *Button
	reasons     *chips
	shelf       *chips
	pane        *ticketPane
	tenders     *fyne.Container
	accept      *Button
}

func newRefund(a *App, of till.Refundable) *refund {
	r := &refund{app: a, of: of, left: of.Left()}
	r.because(0)
	r.takes = make([]money.Quantity, len(r.left))
	return r
}

func (r *refund) build() (left, right fyne.CanvasObject) { return r.buildLeft(), r.buildRight() }

func (r *refund) buildLeft() fyne.CanvasObject {
	w := r.app.words
	title := NewLabel(w.T("refund.title"), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	back := NewButton(ButtonSpec{
		Icon: IconBack, Text: w.T("refund.back"), Key: w.T("key.escape"), Height: HeightInRow, Pressed: r.leave,
	})
	ground, line := NewBox(Surface, Separator, border, radius), NewBox(Separator, Transparent, 0, 0)
	r.head = NewName("", SizeBody, Foreground).Bold()
	r.note = NewName("", SizeCaption, Muted)
	r.rows = NewRows(r.count, newRefundRow, r.showLine)
	r.minus = NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { r.change(-1) }})
	r.plus = NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { r.change(1) }})
	r.quantity = NewLabel("", SizeHeading, Foreground, fyne.TextAlignCenter).Bold()
	r.all = NewButton(ButtonSpec{Icon: IconCheck, Text: w.T("refund.all"), Key: "F4", Pressed: r.takeAll})
	why, goods := NewName(w.T("refund.why"), 14, Muted), NewName(w.T("refund.goods"), 14, Muted)
	r.reasons = newChips(func(i int) { r.because(i); r.show() })
	r.shelf = newChips(func(i int) { r.off = i == 1; r.show() })
	objects := []fyne.CanvasObject{
		title, back, ground, r.head, r.note, line, r.rows, r.minus, r.quantity, r.plus, r.all, why, r.reasons, goods, r.shelf,
	}
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(title, 0, 0, 260, HeightInRow)
		width := back.MinSize().Width + 20
		put(back, size.Width-width, 0, width, HeightInRow)
		bottom := size.Height - HeightInRow - 28
		const shelf = 232
		put(why, 0, bottom, size.Width-shelf-gap, 22)
		put(r.reasons, 0, bottom+28, size.Width-shelf-gap, HeightInRow)
		put(goods, size.Width-shelf, bottom, shelf, 22)
		put(r.shelf, size.Width-shelf, bottom+28, shelf, HeightInRow)
		row := bottom - gapMedium - HeightMain
		put(r.minus, 0, row, HeightMain, HeightMain)
		put(r.quantity, HeightMain, row, 120, HeightMain)
		put(r.plus, HeightMain+120, row, HeightMain, HeightMain)
		at := 2*HeightMain + 120 + gapMedium
		put(r.all, float32(at), row, size.Width-float32(at), HeightMain)
		put(ground, 0, 58, size.Width, row-58-gapMedium)
		put(r.head, 14, 64, size.Width-28, 22)
		put(r.note, 14, 87, size.Width-28, 18)
		put(line, 1, 111, size.Width-2, 1)
		put(r.rows, 1, 112, size.Width-2, row-112-gapMedium-2)
	})
}

func (r *refund) buildRight() fyne.CanvasObject {
	w := r.app.words
	r.pane = newTicketPane(w, nil)
	r.pane.empty.set(IconUndo, w.T("refund.none"), r.hint())
	r.pane.word.SetText(w.T("refund.total"))
	r.tenders = NewGrid(2, gap)
	r.accept = NewButton(ButtonSpec{Key: "F9", Style: Filled, Size: SizeHeading, Height: HeightPay, Pressed: r.give})
	return r.pane.with(r.tenders, r.accept)
}

func (r *refund) refresh() {
	r.hear()
	if r.app.page == page(r) {
		r.show()
	}
}

// parts is what is taken.
func (r *refund) parts() (parts []retail.RefundPart) {
	for i, q := range r.takes {
		if q > 0 {
			parts = append(parts, retail.RefundPart{Of: i, Quantity: q})
		}
	}
	return parts
}

func (r *refund) pay() till.Payback { return till.Payback{Kind: r.kind, WriteOff: r.off} }

// because chooses why it comes back.
func (r *refund) because(why int) {
	r.why = why
	r.off = retail.Reasons(retail.DeedRefund)[why] == "defect"
}

func (r *refund) show() {
	w := r.app.words
	r.head.SetText(r.of.Code)
	r.note.SetText(r.describe())
	r.rows.Update()
	r.chosen = min(r.chosen, max(r.count()-1, 0))
	r.rows.Reveal(r.chosen)
	takes, most := r.taken()
	r.quantity.SetText(w.quantity(takes))
	r.minus.Update(func(b *ButtonSpec) { b.Off = takes == 0 })
	r.plus.Update(func(b *ButtonSpec) { b.Off = takes >= most })
	r.all.Update(func(b *ButtonSpec) { b.Off = !r.someLeft() })
	show(r.all, !r.blind)
	r.reasons.set(w.reasons(retail.DeedRefund), r.why)
	shelf := 0
	if r.off {
		shelf = 1
	}
	r.shelf.set([]string{w.T("refund.on_shelf"), w.T("refund.written_off")}, shelf)
	r.worth = retail.Refund{}
	if r.some() {
		var err error
		if r.worth, err = r.worthIn(r.kind); err != nil {
			r.said = w.Error(err)
		}
	}
	r.showWorth()
	r.app.shell.Refresh()
}

// some says that something is taken.
func (r *refund) some() bool { return len(r.goods) > 0 || len(r.parts()) > 0 }

// worthIn is what is taken comes to when it is paid in a way.
func (r *refund) worthIn(kind retail.TenderKind) (retail.Refund, error) {
	pay := till.Payback{Kind: kind, WriteOff: r.off}
	if r.blind {
		return r.app.Till.WorthToday(r.app.ctx, r.goods, pay)
	}
	worth, _, err := r.app.Till.Worth(r.of, r.parts(), pay)
	return worth, err
}

// describe says when it was sold, and how it was paid.
func (r *refund) describe() string {
	w := r.app.words
	if r.blind {
		return r.hint()
	}
	text := w.moment(r.of.At.In(r.app.Till.Now().Location()))
	if r.of.Place != "" {
		text = r.of.Place + " · " + text
	}
	for _, t := range r.of.Sale.Tenders {
		text += " · " + tenderName(w, t) + " " + w.money(t.Amount)
	}
	return text
}

func (r *refund) someLeft() bool {
	for _, q := range r.left {
		if q > 0 {
			return true
		}
	}
	return false
}

// showWorth writes the right side.
func (r *refund) showWorth() {
	w := r.app.words
	t := till.Ticket{Selected: -1}
	for _, l := range r.worth.Lines {
		line := till.Line{Line: l.Line, Weighed: l.Line.Quantity%money.One != 0}
		line.Amount, line.Discount, line.Share = -line.Amount, 0, 0
		for _, tax := range r.worth.Taxes {
			if tax.On(l.Line.Class) {
				line.Taxes = append(line.Taxes, tax.Name.In(w.lang()))
			}
		}
		t.Lines = append(t.Lines, line)
		t.Subtotal += line.Amount
	}
	for _, tax := range r.worth.Taxes {
		tax.Amount = -tax.Amount
		t.Taxes = append(t.Taxes, tax)
	}
	t.Total = -r.worth.Total
	r.pane.show(t)
	switch {
	case r.said != "":
		r.pane.feedback.Refused(r.said)
	case r.waits:
		r.pane.feedback.Say(IconPending, Primary, w.T("refund.waits"), "")
	case r.typed.Text() != "":
		r.pane.feedback.Say(IconSearch, Primary, r.typed.Text(), w.T("key.enter"))
	case r.blind:
		r.pane.feedback.Say(IconWarning, Warn, w.T("refund.blind_head"), w.N("refund.lines", len(t.Lines)))
	case r.of.Doubt:
		r.pane.feedback.Say(IconWarning, Warn, w.T("refund.in_doubt"), "")
	default:
		r.pane.feedback.Say(IconUndo, Muted, w.T("refund.of", "Code", r.of.Code), w.N("refund.lines", len(t.Lines)))
	}
	r.showTenders()
	r.accept.Update(func(b *ButtonSpec) {
		b.Off = len(r.worth.Lines) == 0
		b.Text = w.T("refund.give", "Amount", w.money(paidBack(r.worth)))
		if r.waits {
			b.Text = w.T("refund.do_not_wait")
		}
	})
}

// paidBack is what the customer gets, rounded where it is cash.
func paidBack(r retail.Refund) money.Amount { return r.Total + r.Rounding }

// showTenders offers the way the receipt was paid, and the others.
func (r *refund) showTenders() {
	w := r.app.words
	r.tenders.Objects = nil
	if !r.some() {
		return
	}
	offer := func(kind retail.TenderKind, name string) {
		worth, err := r.worthIn(kind)
		if err != nil {
			return
		}
		style := Outlined
		if kind == r.kind {
			style = Chosen
		}
		r.tenders.Add(NewButton(ButtonSpec{
			Text: w.money(paidBack(worth)), Sub: name, Size: SizeAmount, Strong: true, Style: style,
			Pressed: func() { r.choosePay(kind) },
		}))
	}
	if r.blind {
		offer(retail.TenderCash, w.T("pay.cash"))
		offer(retail.TenderCard, w.T("pay.card"))
		return
	}
	asPaid, err := r.worthIn(0)
	if err != nil {
		return
	}
	kinds := retail.Settlement{Tenders: asPaid.Tenders}.Kinds()
	name := w.T("refund.as_paid")
	if len(kinds) == 1 {
		name = w.T("refund.paid_by", "Tender", tenderName(w, asPaid.Tenders[0]))
	}
	offer(0, name)
	for _, kind := range []retail.TenderKind{retail.TenderCash, retail.TenderCard} {
		if len(kinds) == 1 && kinds[0] != kind || len(kinds) > 1 && kind == retail.TenderCash {
			offer(kind, w.T("refund.instead", "Tender", tenderName(w, retail.Tender{Kind: kind})))
		}
	}
}
