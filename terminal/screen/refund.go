package screen

import (
	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// refund takes goods of a receipt back: its lines at the left, what they give back at the right.
type refund struct {
	payback
	of till.Refundable
	// left is what may be taken of each line, takes what is.
	left, takes []money.Quantity
	chosen      int
	// waits says that the till that sold was asked and has not answered.
	waits bool

	head, note  *Label
	rows        *Rows
	minus, plus *Button
	quantity    *Label
	all         *Button
}

func newRefund(a *App, of till.Refundable) *refund {
	r := &refund{of: of, left: of.Left()}
	r.payback = payback{app: a, what: r}
	r.because(0)
	r.takes = make([]money.Quantity, len(r.left))
	return r
}

func (r *refund) build() (left, right fyne.CanvasObject) {
	return r.buildLeft(), r.buildPane(r.app.words.T("refund.choose"), nil)
}

func (r *refund) buildLeft() fyne.CanvasObject {
	w := r.app.words
	title := NewLabel(w.T("refund.title"), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	back := NewButton(ButtonSpec{
		Icon: IconBack, Text: w.T("refund.back"), Key: w.T("key.escape"), Height: HeightInRow, Pressed: r.leave,
	})
	ground, line := NewBox(Surface, Separator, border, radius), NewBox(Separator, Transparent, 0, 0)
	r.head = NewName("", SizeBody, Foreground).Bold()
	r.note = NewName("", SizeCaption, Muted)
	r.rows = NewRows(func() int { return len(r.left) }, newRefundRow, r.showLine)
	r.minus = NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { r.change(-1) }})
	r.plus = NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { r.change(1) }})
	r.quantity = NewLabel("", SizeHeading, Foreground, fyne.TextAlignCenter).Bold()
	r.all = NewButton(ButtonSpec{Icon: IconCheck, Text: w.T("refund.all"), Key: "F4", Pressed: r.takeAll})
	why := r.buildWhy()
	objects := []fyne.CanvasObject{title, back, ground, r.head, r.note, line, r.rows, r.minus, r.quantity, r.plus, r.all, why}
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(title, 0, 0, 260, HeightInRow)
		width := back.MinSize().Width + 20
		put(back, size.Width-width, 0, width, HeightInRow)
		bottom := size.Height - heightWhy
		put(why, 0, bottom, size.Width, heightWhy)
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

func (r *refund) show() {
	w := r.app.words
	r.head.SetText(r.of.Code)
	r.note.SetText(r.describe())
	r.rows.Update()
	r.chosen = min(r.chosen, max(len(r.left)-1, 0))
	r.rows.Reveal(r.chosen)
	takes := r.takes[r.chosen]
	r.quantity.SetText(w.quantity(takes))
	r.minus.Update(func(b *ButtonSpec) { b.Off = takes == 0 })
	r.plus.Update(func(b *ButtonSpec) { b.Off = takes >= r.left[r.chosen] })
	r.all.Update(func(b *ButtonSpec) { b.Off = !r.someLeft() })
	r.showWorth(-1)
	switch n := w.N("refund.lines", len(r.worth.Lines)); {
	case r.said != "":
	case r.waits:
		r.pane.feedback.Say(IconPending, Primary, w.T("refund.waits"), "")
		r.accept.Update(func(b *ButtonSpec) { b.Text = w.T("refund.do_not_wait") })
	case r.of.Doubt:
		r.pane.feedback.Say(IconWarning, Warn, w.T("refund.in_doubt"), "")
	default:
		r.pane.feedback.Say(IconUndo, Muted, w.T("refund.of", "Code", r.of.Code), n)
	}
	r.app.shell.Refresh()
}

// What a payback asks of what comes back.

func (r *refund) empty() bool { return len(r.parts()) == 0 }

func (r *refund) worthIn(pay till.Payback) (retail.Refund, error) {
	worth, _, err := r.app.Till.Worth(r.of, r.parts(), pay)
	return worth, err
}

func (r *refund) may(pay till.Payback, reason string, by till.Approval) error {
	return r.app.Till.MayRefund(r.app.ctx, r.of, r.parts(), pay, reason, by)
}

func (r *refund) commit(pay till.Payback, reason string, by till.Approval) (till.Refunded, error) {
	return r.app.Till.Refund(r.app.ctx, r.of, r.parts(), pay, reason, by)
}

// ways are the way the receipt was paid, and the others.
func (r *refund) ways() []way {
	w := r.app.words
	asPaid, err := r.worthIn(till.Payback{WriteOff: r.off})
	if err != nil {
		return nil
	}
	kinds := retail.Settlement{Tenders: asPaid.Tenders}.Kinds()
	name := w.T("refund.as_paid")
	if len(kinds) == 1 {
		name = w.T("refund.paid_by", "Tender", tenderName(w, asPaid.Tenders[0]))
	}
	all := []way{{0, name}}
	for _, kind := range []retail.TenderKind{retail.TenderCash, retail.TenderCard} {
		if len(kinds) == 1 && kinds[0] != kind || len(kinds) > 1 && kind == retail.TenderCash {
			all = append(all, way{kind, w.T("refund.instead", "Tender", tenderName(w, retail.Tender{Kind: kind}))})
		}
	}
	return all
}

// describe says when it was sold, and how it was paid.
func (r *refund) describe() string {
	w := r.app.words
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
