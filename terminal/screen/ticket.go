package screen

import (
	"slices"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// ticketPane is the right side of a sale: the feedback row, the lines, a strip of actions, taxes, the total and the foot.
// Each has one place, counted from the top or the bottom, whatever the screen puts there.
type ticketPane struct {
	words    *Words
	feedback *FeedbackRow
	ticket   till.Ticket
	pressed  func(line int)

	rows  *Rows
	empty *empty
	sums  *sums
	word  *Label
	total *Label
}

// newTicketPane returns the pane; pressed is told which line was touched and may be nil.
func newTicketPane(w *Words, pressed func(line int)) *ticketPane {
	p := &ticketPane{
		words: w, pressed: pressed,
		feedback: NewFeedbackRow(),
		empty:    newEmpty(IconSell, w.T("ticket.empty"), w.T("ticket.scan")),
		sums:     newSums(),
		word:     NewLabel(w.T("ticket.total"), SizeHeading, Foreground, fyne.TextAlignLeading).Bold(),
		total:    NewLabel("", SizeTotal, Foreground, fyne.TextAlignTrailing).Bold(),
	}
	p.rows = NewRows(func() int { return len(p.ticket.Lines) }, NewTicketRow, p.showLine)
	return p
}

// with lays the pane out around what a screen puts into it: a strip of actions above the sums, and the foot.
func (p *ticketPane) with(actions, foot fyne.CanvasObject) fyne.CanvasObject {
	line := NewBox(Separator, Transparent, 0, 0)
	objects := []fyne.CanvasObject{p.feedback, p.rows, p.empty, line, actions, p.sums, p.word, p.total, foot}
	return placed(fyne.NewSize(TicketWidth, 0), objects, func(size fyne.Size) {
		bottom := size.Height
		put(p.feedback, 0, 0, size.Width, feedbackHeight)
		put(p.rows, 1, feedbackHeight, size.Width-1, bottom-284-feedbackHeight)
		put(p.empty, 0, feedbackHeight, size.Width, bottom-284-feedbackHeight)
		put(line, 0, bottom-284, size.Width, 1)
		put(actions, gapMedium, bottom-275, size.Width-2*gapMedium, HeightMain)
		put(p.sums, 18, bottom-209, size.Width-36, 60)
		put(p.word, 18, bottom-148, 120, HeightMain)
		put(p.total, 138, bottom-148, size.Width-138-18, HeightMain)
		put(foot, gapMedium, bottom-74, size.Width-2*gapMedium, HeightPay)
	})
}

func (p *ticketPane) show(t till.Ticket) {
	p.ticket = t
	p.rows.Update()
	if t.Selected >= 0 {
		p.rows.Reveal(t.Selected)
	}
	show(p.rows, len(t.Lines) > 0)
	show(p.empty, len(t.Lines) == 0)
	w, list := sumsOf(p.words, t.Totals)
	p.sums.set(w, withOff(w, list, t.Off, t.Shared))
	p.total.SetText(p.words.money(t.Total))
}

func (p *ticketPane) showLine(i int, r *TicketRow) {
	l := p.ticket.Lines[i]
	line := ticketLine(p.words, l.Line, l.Weighed, l.Taxes)
	line.Selected = i == p.ticket.Selected && !p.ticket.Frozen
	if p.pressed != nil {
		line.Pressed = func() { p.pressed(i) }
	}
	r.Set(line)
}

// ticketLine writes a line of a ticket or a receipt. A weight stands below the name; its quantity is one piece.
func ticketLine(w *Words, l retail.Line, weighed bool, taxes []string) TicketLine {
	shown := TicketLine{Quantity: w.quantity(l.Quantity), Name: l.Name, Amount: w.plain(l.Amount + l.Share)}
	if weighed {
		shown.Quantity = "1"
		shown.Detail = w.T("ticket.weighed", "Weight", w.quantity(l.Quantity), "Price", w.money(l.UnitPrice))
	} else {
		shown.Detail = w.T("ticket.each", "Price", w.money(l.UnitPrice))
	}
	shown.Detail += lineDetail(w, l)
	for i, name := range taxes {
		if i > 0 {
			shown.Tax += " "
		}
		shown.Tax += name
	}
	if len(taxes) == 0 {
		shown.Tax = w.T(untaxedKey(l.Class))
	}
	return shown
}

func untaxedKey(c retail.TaxClass) string {
	if c == retail.ZeroRated {
		return "ticket.zero_rated"
	}
	return "ticket.exempt"
}

// sum is a line of what a total is made of.
type sum struct {
	caption string
	amount  money.Amount
	number  string // instead of an amount
	strong  bool
}

func sumsOf(w *Words, t retail.Totals) (*Words, []sum) {
	list := []sum{{caption: w.T("ticket.subtotal"), amount: t.Subtotal}}
	list = append(list, chargeSums(w, t.Charges)...)
	for _, tax := range t.Taxes {
		list = append(list, sum{caption: taxName(w, tax), amount: tax.Amount})
	}
	return w, list
}

// chargeSums are the deposits and fees, which follow the subtotal.
func chargeSums(w *Words, charges []retail.ChargeTotal) []sum {
	list := make([]sum, len(charges))
	for i, c := range charges {
		list[i] = sum{caption: c.Name.In(w.lang()), amount: c.Amount}
	}
	return list
}

// withOff shows what is taken off the whole ticket after the subtotal, which comes first; lines are shown without it.
func withOff(w *Words, list []sum, d retail.Discount, shared money.Amount) []sum {
	if shared == 0 {
		return list
	}
	list[0].amount += shared
	off := sum{caption: w.T("ticket.off", "Reason", w.reason(d.Reason)), amount: -shared}
	return slices.Insert(list, 1, off)
}

func taxName(w *Words, t retail.Tax) string {
	name := t.Name.In(w.lang()) + " " + t.Rate.Format(w.lang())
	if t.Included {
		return w.T("ticket.included", "Tax", name)
	}
	return name
}
