package screen

import (
	"slices"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// receiptPane is a committed sale or refund at the right side: its number, its lines, and how it was paid.
type receiptPane struct {
	words *Words
	code  string
	sale  retail.Sale
	head  *FeedbackRow
	rows  *Rows
	sums  *sums
}

func newReceiptPane(w *Words) *receiptPane {
	p := &receiptPane{words: w, head: NewFeedbackRow(), sums: newSums()}
	p.sums.most = 30
	p.rows = NewRows(func() int { return len(p.sale.Lines) }, NewTicketRow, func(i int, r *TicketRow) {
		l := p.sale.Lines[i]
		var taxes []string
		for _, t := range p.sale.Taxes {
			if t.On(l.Class) {
				taxes = append(taxes, t.Name.In(w.lang()))
			}
		}
		r.Set(ticketLine(w, l, l.Quantity%money.One != 0, taxes))
	})
	return p
}

// with lays the pane out above a foot of a height, which may be 0.
func (p *receiptPane) with(foot fyne.CanvasObject, height float32) fyne.CanvasObject {
	line := NewBox(Separator, Transparent, 0, 0)
	objects := []fyne.CanvasObject{p.head, p.rows, line, p.sums, foot}
	return placed(fyne.NewSize(TicketWidth, 0), objects, func(size fyne.Size) {
		bottom := size.Height - height - gapMedium
		wanted := min(float32(p.count())*p.sums.most, 290)
		put(p.head, 0, 0, size.Width, feedbackHeight)
		put(p.rows, 1, feedbackHeight, size.Width-1, bottom-wanted-gapMedium-feedbackHeight)
		put(line, 0, bottom-wanted-gapMedium, size.Width, 1)
		put(p.sums, 18, bottom-wanted-4, size.Width-36, wanted)
		put(foot, gapMedium, size.Height-height, size.Width-2*gapMedium, max(0, height-gapMedium))
	})
}

func (p *receiptPane) count() int { return len(p.list()) }

func (p *receiptPane) show(code string, r till.Receipt) {
	p.code, p.sale = code, shown(r)
	icon, title := IconJournal, "receipt.title"
	if r.Refund != nil {
		icon, title = IconUndo, "receipt.refund"
	}
	if p.sale.OrderCode != "" {
		icon, code = IconOrders, code+" · "+p.sale.OrderCode
	}
	p.head.Say(icon, Muted, p.words.T(title, "Code", code), p.words.counted(len(p.sale.Lines), pieces(p.sale.Lines)))
	p.rows.Update()
	p.sums.set(p.words, p.list())
}

// list is all the amounts of the receipt, in the order of the paper.
func (p *receiptPane) list() []sum {
	w, s := p.words, p.sale
	list := withOff(w, []sum{{caption: w.T("ticket.subtotal"), amount: subtotal(s)}}, s.Off, s.Shared())
	list = append(list, chargeSums(w, retail.Total(s.Lines, nil).Charges)...)
	for _, t := range s.Taxes {
		caption := taxName(w, t)
		if t.Registration != "" {
			caption += " · " + t.Registration
		}
		list = append(list, sum{caption: caption, amount: t.Amount})
	}
	list = append(list, sum{caption: w.T("ticket.total"), amount: s.Total, strong: true})
	for _, t := range s.Tenders {
		amount := t.Amount
		if t.Kind == retail.TenderCash {
			amount = t.Given
		}
		list = append(list, sum{caption: tenderName(w, t), amount: amount})
	}
	if s.Rounding != 0 {
		list = append(list, sum{caption: w.T("receipt.rounding"), amount: s.Rounding})
	}
	if change := s.Change(); change > 0 {
		list = append(list, sum{caption: w.T("receipt.change"), amount: change, strong: true})
	}
	return list
}

func subtotal(s retail.Sale) money.Amount {
	var sum money.Amount
	for _, l := range s.Lines {
		sum += l.Amount
	}
	return sum
}

// shown is what a receipt says in the shape of a sale: of a refund the amounts are what was given back, below zero.
func shown(r till.Receipt) retail.Sale {
	if r.Refund == nil {
		return r.Sale
	}
	s := r.Refund.Shown()
	for i := range s.Lines {
		l := &s.Lines[i]
		l.Amount, l.Discount, l.Share, l.Charges = -l.Amount, -l.Discount, -l.Share, slices.Clone(l.Charges)
		for c := range l.Charges {
			l.Charges[c].Amount, l.Charges[c].Within = -l.Charges[c].Amount, -l.Charges[c].Within
		}
	}
	s.Taxes, s.Tenders = slices.Clone(s.Taxes), slices.Clone(s.Tenders)
	for i := range s.Taxes {
		s.Taxes[i].Amount = -s.Taxes[i].Amount
	}
	for i := range s.Tenders {
		s.Tenders[i].Amount, s.Tenders[i].Given = -s.Tenders[i].Amount, -s.Tenders[i].Amount
	}
	s.Total, s.Rounding = -s.Total, -s.Rounding
	return s
}
