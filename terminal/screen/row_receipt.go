package screen

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// receiptLine is what a row of the journal says.
type receiptLine struct {
	time, code, paid, amount string
	// waiting is why it is marked, and mark how; "" when headquarters has it and it was not voided.
	waiting string
	mark    Mark // MarkWaiting when it is the zero value
	chosen  bool
	pressed func()
}

// receiptRow is a receipt in a list, 56 high.
type receiptRow struct {
	widget.BaseWidget
	frame
	pressed                  func()
	time, code, paid, amount *Label
	tag                      *Tag
}

func newReceiptRow() *receiptRow {
	r := &receiptRow{
		frame:  newFrame(),
		time:   NewLabel("", SizeBody, Muted, fyne.TextAlignLeading),
		code:   NewLabel("", SizeBody, Foreground, fyne.TextAlignLeading).Bold(),
		paid:   NewName("", SizeCaption, Muted),
		amount: NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
		tag:    NewTag(MarkNeutral, ""),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *receiptRow) set(l receiptLine) {
	r.pressed = l.pressed
	r.time.SetText(l.time)
	r.code.SetText(l.code)
	r.paid.SetText(l.paid)
	r.amount.SetText(l.amount)
	r.tag.Set(cmp.Or(l.mark, MarkWaiting), l.waiting)
	show(r.tag, l.waiting != "")
	r.choose(l.chosen)
	r.Refresh()
}

func (r *receiptRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *receiptRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.time, r.code, r.paid, r.amount, r.tag)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightTicket), objects, func(size fyne.Size) {
		r.put(size)
		right := size.Width - rowEnd
		amount, tag := r.amount.Width(), r.tag.MinSize().Width
		put(r.time, 14, 0, 72, size.Height)
		put(r.code, 84, 8, r.code.Width(), 22)
		put(r.amount, right-amount, 0, amount, size.Height)
		right -= max(amount, 88) + gapMedium
		put(r.tag, right-tag, 16, tag, 24)
		put(r.paid, 84, 30, max(0, right-tag-gap-84), 18)
	}))
}
