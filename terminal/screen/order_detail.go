package screen

import (
	"time"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// orderDetail is the right side of Orders: who fetches the chosen one, its lines with the stock here, and what can be done.
type orderDetail struct {
	page    *orders
	words   *Words
	content *fyne.Container

	feedback    *FeedbackRow
	name, about *Label
	facts       [3]*fact
	rows        *Rows
	short, hand *Button
	main        *Button
	part        *fyne.Container
}

func newOrderDetail(w *Words, page *orders) *orderDetail {
	d := &orderDetail{
		page: page, words: w, feedback: NewFeedbackRow(),
		name: NewName("", SizeHeading, Foreground).Bold(), about: NewName("", SizeCaption, Muted),
	}
	d.rows = NewRows(func() int { return len(page.lines) }, newOrderLineRow, d.showLine)
	d.short = NewButton(ButtonSpec{Icon: IconWarning, Text: w.T("orders.short"), Key: "F7", Pressed: func() { page.pick(retail.OrderShort) }})
	d.hand = NewButton(ButtonSpec{Icon: IconPerson, Text: w.T("orders.hand"), Key: "F8", Pressed: page.handOver})
	d.main = NewButton(ButtonSpec{Key: "F9", Style: Filled, Size: 22, Height: HeightPay, Pressed: page.main})
	facts := make([]fyne.CanvasObject, len(d.facts))
	for i := range d.facts {
		d.facts[i] = newFact()
		facts[i] = d.facts[i]
	}
	column, line := NewGrid(1, 0, facts...), NewBox(Separator, Transparent, 0, 0)
	parts := []fyne.CanvasObject{d.name, d.about, column, d.rows, line, d.short, d.hand, d.main}
	d.part = placed(fyne.Size{}, parts, func(size fyne.Size) {
		put(d.name, 18, gapMedium, size.Width-36, 28)
		put(d.about, 18, gapMedium+28, size.Width-36, 20)
		top := float32(gapMedium + 56)
		put(column, 18, top, size.Width-36, float32(len(facts))*38)
		top += float32(len(facts))*38 + gap
		bottom := size.Height - 74
		buttons := bottom - gap - HeightMain
		put(d.rows, 1, top, size.Width-1, buttons-gap-top)
		put(line, 0, buttons-gap, size.Width, 1)
		half := (size.Width - 2*gapMedium - gap) / 2
		put(d.short, gapMedium, buttons, half, HeightMain)
		put(d.hand, gapMedium+half+gap, buttons, half, HeightMain)
		put(d.main, gapMedium, bottom, size.Width-2*gapMedium, HeightPay)
	})
	d.content = placed(fyne.NewSize(TicketWidth, 0), []fyne.CanvasObject{d.feedback, d.part}, func(size fyne.Size) {
		put(d.feedback, 0, 0, size.Width, feedbackHeight)
		put(d.part, 0, feedbackHeight, size.Width, size.Height-feedbackHeight)
	})
	return d
}

func (d *orderDetail) show(o till.Order, some bool) {
	w, a := d.words, d.page.app
	switch {
	case d.page.said != nil:
		d.page.said(d.feedback)
	default:
		d.feedback.Say(IconOrders, Muted, w.T("orders.scan"), "")
	}
	show(d.part, some)
	if !some {
		return
	}
	_, state := orderState(w, a, o)
	d.name.SetText(o.Name)
	if o.Name == "" {
		d.name.SetText(w.T("orders.nobody"))
	}
	d.about.SetText(o.Code + " · " + state)
	d.facts[0].set(w.T("orders.placed"), w.moment(a.local(time.UnixMilli(o.At))))
	d.facts[1].set(w.T("orders.items"), w.counted(len(o.Lines), pieces(o.Lines)))
	d.facts[2].set(w.T("orders.paid"), w.money(o.Total))
	d.rows.Update()
	d.main.Update(func(b *ButtonSpec) {
		b.Off, b.Icon = false, IconCheck
		switch o.State {
		case retail.OrderConfirmed:
			b.Text = w.T("orders.accept")
		case retail.OrderAccepted, retail.OrderPicking:
			b.Text = w.T("orders.pick")
		case retail.OrderReady:
			b.Icon, b.Text = IconPerson, w.T("orders.hand")
		default:
			b.Icon, b.Text, b.Off = IconHeld, w.T("orders.waits"), true
		}
	})
	d.short.Update(func(b *ButtonSpec) { b.Off = !retail.OrderSteps.Lead(o.State, retail.OrderShort) })
	d.hand.Update(func(b *ButtonSpec) {
		b.Off = o.State == retail.OrderReady || !retail.OrderSteps.Lead(o.State, retail.OrderCollected)
	})
}

func (d *orderDetail) showLine(i int, r *orderLineRow) {
	w, l := d.words, d.page.lines[i]
	line := orderLine{quantity: w.quantity(l.Quantity), name: l.Product.Name.In(w.lang()), code: codeOf(l.Product)}
	if line.name == "" {
		line.name = l.Name
	}
	switch {
	case l.Level == till.LevelNone && l.Product.MadeHere:
		line.tag = w.T("stock.made_here")
	case l.Level == till.LevelNone:
		line.tag = w.T("stock.not_known")
	case l.Stock.Here < l.Quantity:
		line.mark, line.tag = MarkLow, w.T("orders.here", "Quantity", w.quantity(max(l.Stock.Here, money.Quantity(0))))
	default:
		line.tag = w.T("orders.here", "Quantity", w.quantity(l.Stock.Here))
	}
	r.set(line)
}
