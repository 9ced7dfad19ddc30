package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// TicketLine is what a row of the ticket says.
type TicketLine struct {
	Quantity, Name, Detail, Amount, Tax string
	Selected                            bool
	Pressed                             func()
}

// TicketRow is a line of the ticket, 56 high.
type TicketRow struct {
	widget.BaseWidget
	frame
	pressed                              func()
	quantity, name, detail, amount, note *Label
}

// NewTicketRow returns an empty row.
func NewTicketRow() *TicketRow {
	r := &TicketRow{
		frame:    newFrame(),
		quantity: NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
		name:     NewName("", SizeBody, Foreground),
		detail:   NewName("", SizeCaption, Muted),
		amount:   NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
		note:     NewLabel("", 12, Muted, fyne.TextAlignTrailing),
	}
	r.ExtendBaseWidget(r)
	return r
}

// Set fills the row.
func (r *TicketRow) Set(l TicketLine) {
	r.pressed = l.Pressed
	r.quantity.SetText(l.Quantity)
	r.name.SetText(l.Name)
	r.detail.SetText(l.Detail)
	r.amount.SetText(l.Amount)
	r.note.SetText(l.Tax)
	r.choose(l.Selected)
	r.Refresh()
}

func (r *TicketRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *TicketRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.quantity, r.name, r.detail, r.amount, r.note)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightTicket), objects, func(size fyne.Size) {
		r.put(size)
		right := size.Width - rowEnd
		put(r.quantity, 8, 0, 52, size.Height)
		amount, note := r.amount.Width(), r.note.Width()
		put(r.name, 68, 9, right-amount-gap-68, 21)
		put(r.amount, right-amount, 8, amount, 23)
		put(r.detail, 68, 29, right-note-gap-68, 18)
		put(r.note, right-note, 29, note, 18)
	}))
}
