package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"comptant/terminal/till"
)

// longestHeld is how much of a name fits in the list.
const longestHeld = 30

// holdTicket asks under which name the ticket waits, and puts it away.
func (s *sell) holdTicket() {
	a, w, t := s.app, s.app.words, s.app.Till.Ticket()
	if len(t.Lines) == 0 {
		s.failed(a.Till.Hold(a.ctx, ""))
		return
	}
	h := &typedName{box: NewNumberBox("", SizeHeading, HeightMain, nil)}
	h.Entry = Entry{Max: longestHeld, Changed: func(text string) { h.box.Set(text, true) }}
	h.box.Set("", true)
	a.ask(DialogSpec{
		Icon: IconHeld, Title: w.T("hold.title"), Text: w.T("hold.text", "Amount", w.money(t.Total)), Body: column(h.box), Keys: h,
		Cancel: w.T("approve.cancel"), Accept: w.T("hold.yes"), Done: func(yes bool) {
			a.stage.Close()
			if yes {
				s.held(h.Text(), a.Till.Hold(a.ctx, h.Text()))
			}
		},
	})
}

func (s *sell) held(name string, err error) {
	if err != nil {
		s.failed(err)
		return
	}
	s.say(func(row *FeedbackRow) {
		row.Say(IconHeld, OK, s.app.words.T("hold.done", "Name", s.app.heldName(name)), "")
	})
}

func (a *App) heldName(name string) string {
	if name == "" {
		return a.words.T("hold.unnamed")
	}
	return name
}

// typedName is a field of a dialog.
type typedName struct {
	Entry
	box *NumberBox
}

func (*typedName) Scanned(string) {}

func (n *typedName) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		n.Erase()
	case fyne.KeyDelete:
		n.Clear()
	}
}

// recall is the list of tickets that wait.
type recall struct {
	sell   *sell
	held   []till.HeldTicket
	chosen int
	rows   *Rows
}

// recallHeight is that of four rows.
const recallHeight = 4 * HeightTicket

// recallTicket shows what waits, the oldest first.
func (s *sell) recallTicket() {
	a, w := s.app, s.app.words
	held, err := a.Till.Held(a.ctx)
	if err != nil {
		s.failed(err)
		return
	}
	if len(held) == 0 {
		s.say(func(row *FeedbackRow) { row.Say(IconHeld, Muted, a.words.T("recall.none"), "") })
		return
	}
	r := &recall{sell: s, held: held}
	r.rows = NewRows(func() int { return len(r.held) }, newHeldRow, r.showRow)
	ground := NewBox(Surface, Separator, border, radius)
	body := placed(fyne.NewSize(0, recallHeight+2), []fyne.CanvasObject{ground, r.rows}, func(size fyne.Size) {
		put(ground, 0, 0, size.Width, size.Height)
		put(r.rows, 1, 1, size.Width-2, size.Height-2)
	})
	a.ask(DialogSpec{
		Icon: IconHeld, Title: w.T("recall.title"), Text: w.T("recall.text"), Body: body, Keys: r,
		Cancel: w.T("approve.cancel"), Accept: w.T("recall.yes"), Done: r.answer,
	})
}

func (r *recall) showRow(i int, row *heldRow) {
	w, h := r.sell.app.words, r.held[i]
	age := w.ago(r.sell.app.Till.Now().Sub(h.At))
	row.set(r.sell.app.heldName(h.Name), w.T("recall.items", "Items", w.N("ticket.items", h.Items), "Age", age), w.money(h.Total),
		i == r.chosen, func() {
			r.chosen = i
			r.answer(true)
		})
}

func (r *recall) answer(accepted bool) {
	a := r.sell.app
	a.stage.Close()
	if accepted {
		r.sell.did(a.Till.Recall(a.ctx, r.held[r.chosen].ID))
	}
}

func (*recall) Scanned(string) {}

func (*recall) Typed(rune) {}

func (r *recall) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyUp:
		r.chosen = max(r.chosen-1, 0)
	case fyne.KeyDown:
		r.chosen = min(r.chosen+1, len(r.held)-1)
	}
	r.rows.Update()
	r.rows.Reveal(r.chosen)
}

// heldRow is a ticket that waits, 56 high.
type heldRow struct {
	widget.BaseWidget
	frame
	pressed              func()
	name, detail, amount *Label
}

func newHeldRow() *heldRow {
	r := &heldRow{
		frame:  newFrame(),
		name:   NewName("", SizeBody, Foreground).Bold(),
		detail: NewName("", SizeCaption, Muted),
		amount: NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *heldRow) set(name, detail, amount string, chosen bool, pressed func()) {
	r.pressed = pressed
	r.name.SetText(name)
	r.detail.SetText(detail)
	r.amount.SetText(amount)
	r.choose(chosen)
	r.Refresh()
}

func (r *heldRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *heldRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.name, r.detail, r.amount)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightTicket), objects, func(size fyne.Size) {
		r.put(size)
		amount := r.amount.Width()
		put(r.amount, size.Width-rowEnd-amount, 0, amount, size.Height)
		put(r.name, 14, 8, size.Width-rowEnd-amount-gap-14, 22)
		put(r.detail, 14, 30, size.Width-rowEnd-amount-gap-14, 18)
	}))
}
