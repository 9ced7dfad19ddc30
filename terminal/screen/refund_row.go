package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"comptant/shared/money"
)

// refundLine is what a row of a receipt says of which goods come back.
type refundLine struct {
	name, sold, takes string
	none              bool // nothing is left of it
	chosen            bool
	pressed           func()
}

// refundRow is a line of a receipt, 64 high: marked when something of it comes back, and how much.
type refundRow struct {
	widget.BaseWidget
	frame
	pressed           func()
	mark              *Glyph
	name, sold, takes *Label
}

func newRefundRow() *refundRow {
	r := &refundRow{
		frame: newFrame(),
		mark:  NewGlyph(IconUnchecked, 24, Muted),
		name:  NewName("", SizeBody, Foreground),
		sold:  NewName("", SizeCaption, Muted),
		takes: NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *refundRow) set(l refundLine) {
	r.pressed = l.pressed
	icon, colour := IconUnchecked, Muted
	switch {
	case l.none:
		icon = IconSpent
	case l.takes != "":
		icon, colour = IconChecked, Primary
	}
	r.mark.Set(icon, colour)
	r.name.SetText(l.name)
	if l.none {
		r.name.SetColour(Muted)
	} else {
		r.name.SetColour(Foreground)
	}
	r.sold.SetText(l.sold)
	r.takes.SetText(l.takes)
	r.choose(l.chosen)
	r.Refresh()
}

func (r *refundRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *refundRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.mark, r.name, r.sold, r.takes)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightResult), objects, func(size fyne.Size) {
		r.put(size)
		right := size.Width - rowEnd
		takes := r.takes.Width()
		put(r.mark, 14, 20, 24, 24)
		put(r.takes, right-takes, 0, takes, size.Height)
		put(r.name, 52, 11, max(0, right-takes-gap-52), 22)
		put(r.sold, 52, 34, max(0, right-takes-gap-52), 18)
	}))
}

// showLine fills the row of a line of the receipt.
func (r *refund) showLine(i int, row *refundRow) {
	w, l := r.app.words, r.of.Sale.Lines[i]
	sold := w.quantity(l.Quantity)
	if l.Quantity%money.One != 0 {
		sold += " kg"
	}
	line := refundLine{
		name: l.Name, sold: w.T("refund.sold", "Quantity", sold, "Price", w.money(l.UnitPrice)),
		none: r.left[i] == 0, chosen: i == r.chosen, pressed: func() { r.toggle(i) },
	}
	if gone := l.Quantity - r.left[i]; gone > 0 && r.left[i] > 0 {
		line.sold += " · " + w.T("refund.gone", "Quantity", w.quantity(gone))
	}
	if r.left[i] == 0 {
		line.sold += " · " + w.T("refund.all_gone")
	}
	if q := r.takes[i]; q > 0 {
		line.takes = "−" + w.quantity(q)
		if q%money.One != 0 {
			line.takes += " kg"
		}
	}
	row.set(line)
}
