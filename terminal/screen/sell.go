package screen

import (
	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/money"
	"comptant/terminal/till"
)

// sell is where a sale is made: what can be sold at the left, the ticket at the right.
type sell struct {
	finder
	// said is what the feedback row says; nil for how much is on the ticket.
	said func(*FeedbackRow)

	price    *Button
	hold     *Button
	recall   *Button
	drawer   *Button
	discount *Button
	clear    *Button
	customer *Button
	pane     *ticketPane
	minus    *Button
	plus     *Button
	remove   *Button
	quantity *Label
	pay      *Button
}

func newSell(a *App) *sell {
	s := &sell{finder: finder{app: a}}
	s.pick = s.add
	return s
}

func (s *sell) build() (left, right fyne.CanvasObject) {
	return s.buildLeft(), s.buildRight()
}

func (s *sell) buildLeft() fyne.CanvasObject {
	w := s.app.words
	s.buildFinder()
	s.price = NewButton(ButtonSpec{Text: w.T("sell.price"), Size: 14, Key: "F6", Under: true, Pressed: s.check})
	s.hold = NewButton(ButtonSpec{Text: w.T("sell.hold"), Size: 14, Key: "F4", Under: true, Pressed: s.holdTicket})
	s.recall = NewButton(ButtonSpec{Text: w.T("sell.recall"), Size: 14, Key: "F5", Under: true, Pressed: s.recallTicket})
	s.drawer = NewButton(ButtonSpec{Text: w.T("sell.drawer"), Size: 14, Key: "F7", Under: true, Pressed: s.openDrawer})
	s.discount = NewButton(ButtonSpec{Text: w.T("sell.discount"), Size: 14, Key: "F8", Under: true, Pressed: s.adjust})
	s.clear = NewButton(ButtonSpec{
		Text: w.T("sell.clear"), Size: 14, Key: w.T("key.escape"), Under: true, Pressed: s.drop,
	})
	s.customer = NewButton(ButtonSpec{Text: w.T("sell.customer"), Size: 14, Key: "F3", Under: true, Pressed: s.askCustomer})
	keys := NewGrid(7, gap, s.customer, s.hold, s.recall, s.price, s.drawer, s.discount, s.clear)
	return placed(fyne.Size{}, append(s.finder.objects(), keys), func(size fyne.Size) {
		s.finder.put(0, size.Width, size.Height-HeightMain-gap-1)
		put(keys, 0, size.Height-HeightMain, size.Width, HeightMain)
	})
}

func (s *sell) buildRight() fyne.CanvasObject {
	w := s.app.words
	s.pane = newTicketPane(w, func(line int) { s.did(s.app.Till.Select(line)) })
	s.minus = NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { s.change(-1) }})
	s.plus = NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { s.change(1) }})
	s.remove = NewButton(ButtonSpec{
		Icon: IconDelete, Text: w.T("sell.remove"), Key: w.T("key.delete"), Pressed: s.removeLine,
	})
	s.quantity = NewLabel("", SizeHeading, Foreground, fyne.TextAlignCenter).Bold()
	actions := placed(fyne.Size{}, []fyne.CanvasObject{s.minus, s.quantity, s.plus, s.remove}, func(size fyne.Size) {
		put(s.minus, 0, 0, HeightMain, HeightMain)
		put(s.quantity, HeightMain, 0, 88, HeightMain)
		put(s.plus, HeightMain+88, 0, HeightMain, HeightMain)
		put(s.remove, 208, 0, size.Width-208, HeightMain)
	})
	s.pay = NewButton(ButtonSpec{
		Text: w.T("sell.pay"), Key: "F9", Style: Filled, Size: 22, Height: HeightPay, Pressed: s.startPayment,
	})
	return s.pane.with(actions, s.pay)
}

// refresh shows the catalogue and the ticket as they are now.
func (s *sell) refresh() {
	s.finder.refresh()
	s.showTicket()
}

// showTicket writes the right side.
func (s *sell) showTicket() {
	w := s.app.words
	t := s.app.Till.Ticket()
	s.pane.show(t)
	switch missing := len(s.app.Till.Missing()); {
	case s.said != nil:
		s.said(s.pane.feedback)
	case missing > 0 && len(t.Lines) == 0:
		s.pane.feedback.Say(IconPrint, Warn, w.N("printer.missing", missing), w.T("printer.touch"))
	case t.Customer != uuid.Nil:
		s.pane.feedback.Say(IconPerson, Primary, s.app.customerName(), w.counted(len(t.Lines), t.Items))
	default:
		s.pane.feedback.Say(IconSell, Muted, w.T("ticket.open"), w.counted(len(t.Lines), t.Items))
	}
	s.customer.Update(func(b *ButtonSpec) {
		b.Style = Outlined
		if t.Customer != uuid.Nil {
			b.Style = Chosen
		}
	})
	some, line := t.Selected >= 0, till.Line{}
	s.quantity.SetText("")
	if some {
		line = t.Lines[t.Selected]
		s.quantity.SetText(w.quantity(line.Quantity))
	}
	s.minus.Update(func(b *ButtonSpec) { b.Off = !some || line.Weighed || line.Quantity <= money.One })
	s.plus.Update(func(b *ButtonSpec) { b.Off = !some || line.Weighed })
	s.remove.Update(func(b *ButtonSpec) { b.Off = !some })
	s.pay.Update(func(b *ButtonSpec) { b.Off = len(t.Lines) == 0 })
	s.hold.Update(func(b *ButtonSpec) { b.Off = len(t.Lines) == 0 })
	s.discount.Update(func(b *ButtonSpec) { b.Off = len(t.Lines) == 0 })
	s.clear.Update(func(b *ButtonSpec) { b.Off = len(t.Lines) == 0 })
}
