package screen

import (
	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// comesBack is what a refund is of: parts of a receipt, or goods without one.
type comesBack interface {
	show()
	// give is what the button for it does.
	give()
	empty() bool
	worthIn(till.Payback) (retail.Refund, error)
	// ways are how it may be paid.
	ways() []way
	// may says what commit would refuse.
	may(pay till.Payback, reason string, by till.Approval) error
	commit(pay till.Payback, reason string, by till.Approval) (till.Refunded, error)
	// failed is told that nothing was given back.
	failed()
}

// way is how a refund may be paid, and its name.
type way struct {
	kind retail.TenderKind
	name string
}

// payback is what a refund gives: why, what becomes of the goods, what they come to and how that is paid. It is the right side
// of the screen and the strip at the bottom of the left.
type payback struct {
	app  *App
	what comesBack
	why  int
	// kind is how it is paid; 0 the way the receipt was.
	kind retail.TenderKind
	// off says that what comes back is not put on the shelf again: what is defective is not, until a person says otherwise.
	off bool
	// worth is what it comes to; its error, if any, is said.
	worth retail.Refund
	said  string

	reasons *chips
	shelf   *chips
	pane    *ticketPane
	tenders *fyne.Container
	accept  *Button
}

// heightWhy is of the strip that says why, and what becomes of the goods.
const heightWhy = HeightInRow + 28

func (p *payback) buildWhy() fyne.CanvasObject {
	w := p.app.words
	why, goods := NewName(w.T("refund.why"), 14, Muted), NewName(w.T("refund.goods"), 14, Muted)
	p.reasons = newChips(func(i int) { p.because(i); p.what.show() })
	p.shelf = newChips(func(i int) { p.off = i == 1; p.what.show() })
	return placed(fyne.NewSize(0, heightWhy), []fyne.CanvasObject{why, p.reasons, goods, p.shelf}, func(size fyne.Size) {
		const shelf = 232
		put(why, 0, 0, size.Width-shelf-gap, 22)
		put(p.reasons, 0, 28, size.Width-shelf-gap, HeightInRow)
		put(goods, size.Width-shelf, 0, shelf, 22)
		put(p.shelf, size.Width-shelf, 28, shelf, HeightInRow)
	})
}

// buildPane is the right side; hint says what to do first, and pressed is told which line was touched and may be nil.
func (p *payback) buildPane(hint string, pressed func(line int)) fyne.CanvasObject {
	w := p.app.words
	p.pane = newTicketPane(w, pressed)
	p.pane.empty.set(IconUndo, w.T("refund.none"), hint)
	p.pane.word.SetText(w.T("refund.total"))
	p.tenders = NewGrid(2, gap)
	p.accept = NewButton(ButtonSpec{Key: "F9", Style: Filled, Size: SizeHeading, Height: HeightPay, Pressed: p.what.give})
	return p.pane.with(p.tenders, p.accept)
}

// pay is how it is paid.
func (p *payback) pay() till.Payback { return till.Payback{Kind: p.kind, WriteOff: p.off} }

// because chooses why it comes back.
func (p *payback) because(why int) {
	p.why = why
	p.off = p.reason() == "defect"
}

func (p *payback) reason() string { return retail.Reasons(retail.DeedRefund)[p.why] }

func (p *payback) choosePay(kind retail.TenderKind) {
	p.kind, p.said = kind, ""
	p.what.show()
}

// showWorth writes the right side; selected is the line that is chosen, or -1.
func (p *payback) showWorth(selected int) {
	w := p.app.words
	p.reasons.set(w.reasons(retail.DeedRefund), p.why)
	shelf := 0
	if p.off {
		shelf = 1
	}
	p.shelf.set([]string{w.T("refund.on_shelf"), w.T("refund.written_off")}, shelf)
	p.worth = retail.Refund{}
	if !p.what.empty() {
		var err error
		if p.worth, err = p.what.worthIn(p.pay()); err != nil {
			p.said = w.Error(err)
		}
	}
	t := negative(w, p.worth)
	t.Selected = min(selected, len(t.Lines)-1)
	p.pane.show(t)
	if p.said != "" {
		p.pane.feedback.Refused(p.said)
	}
	p.showTenders()
	p.accept.Update(func(b *ButtonSpec) {
		b.Off = len(p.worth.Lines) == 0
		b.Text = w.T("refund.give", "Amount", w.money(paidBack(p.worth)))
	})
}

// negative is a refund in the shape of a ticket.
func negative(w *Words, worth retail.Refund) till.Ticket {
	var t till.Ticket
	for _, l := range worth.Lines {
		line := till.Line{Line: l.Line, Weighed: l.Line.Quantity%money.One != 0}
		line.Amount, line.Discount, line.Share = -line.Amount, 0, 0
		for _, tax := range worth.Taxes {
			if tax.On(l.Line.Class) {
				line.Taxes = append(line.Taxes, tax.Name.In(w.lang()))
			}
		}
		t.Lines = append(t.Lines, line)
		t.Subtotal += line.Amount
	}
	for _, tax := range worth.Taxes {
		tax.Amount = -tax.Amount
		t.Taxes = append(t.Taxes, tax)
	}
	t.Total = -worth.Total
	return t
}

// paidBack is what the customer gets, rounded where it is cash.
func paidBack(r retail.Refund) money.Amount { return r.Total + r.Rounding }

// showTenders offers the ways it may be paid.
func (p *payback) showTenders() {
	w := p.app.words
	p.tenders.Objects = nil
	if p.what.empty() {
		return
	}
	for _, way := range p.what.ways() {
		worth, err := p.what.worthIn(till.Payback{Kind: way.kind, WriteOff: p.off})
		if err != nil {
			continue
		}
		style := Outlined
		if way.kind == p.kind {
			style = Chosen
		}
		p.tenders.Add(NewButton(ButtonSpec{
			Text: w.money(paidBack(worth)), Sub: way.name, Size: SizeAmount, Strong: true, Style: style,
			Pressed: func() { p.choosePay(way.kind) },
		}))
	}
}
