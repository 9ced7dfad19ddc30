package screen

import (
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// main does what comes next for the chosen order.
func (o *orders) main() {
	switch order, ok := o.at(); {
	case !ok:
	case order.State == retail.OrderConfirmed:
		o.accept(order)
	case order.State == retail.OrderReady:
		o.handOver()
	default:
		o.pick(retail.OrderReady)
	}
}

func (o *orders) accept(order till.Order) {
	if err := o.app.Till.AcceptOrder(o.app.ctx, order.ID); err != nil {
		o.failed(err)
		return
	}
	o.refresh()
	o.tell(func(row *FeedbackRow) { row.Added(o.app.words.T("orders.accepted", "Code", order.Code), "") })
	o.app.remind()
}

// pick puts the chosen order together, to become ready or to be said short of something.
func (o *orders) pick(to retail.OrderState) {
	order, ok := o.at()
	if !ok || !retail.OrderSteps.Lead(order.State, to) {
		return
	}
	picking, err := o.app.Till.PickOrder(o.app.ctx, order.ID)
	if err != nil {
		o.failed(err)
		return
	}
	o.app.open(newPick(o.app, picking))
}

// handOver asks once more before the chosen order leaves: that cannot be taken back.
func (o *orders) handOver() {
	order, ok := o.at()
	if !ok || !retail.OrderSteps.Lead(order.State, retail.OrderCollected) {
		return
	}
	a, w := o.app, o.app.words
	spec := DialogSpec{
		Icon: IconOrders, Colour: Primary, Title: w.T("orders.hand_ask", "Code", order.Code),
		Text:   w.T("orders.hand_text", "Items", w.N("ticket.items", pieces(order.Lines)), "Amount", w.money(order.Total)),
		Cancel: w.T("orders.back"), Accept: w.T("orders.hand"),
	}
	if order.State != retail.OrderReady {
		spec.Icon, spec.Colour, spec.Text = IconWarning, Warn, w.T("orders.hand_early", "Items", w.N("ticket.items", pieces(order.Lines)))
	}
	if order.Name != "" {
		spec.Text = order.Name + " · " + spec.Text
	}
	spec.Done = func(yes bool) {
		a.stage.Close()
		if yes {
			o.handed(order)
		}
	}
	a.ask(spec)
}

// handed hands an order over and says so, and whether there is paper.
func (o *orders) handed(order till.Order) {
	a := o.app
	sold, err := a.Till.HandOver(a.ctx, order.ID, true)
	if err != nil {
		o.failed(err)
		return
	}
	o.typed = ""
	o.search.SetText("")
	o.refresh()
	o.tell(func(row *FeedbackRow) { row.Added(a.words.T("orders.handed", "Code", order.Code), sold.Code) })
	a.remind()
	a.Background(func() { err = <-sold.Printed }, func() {
		if err != nil && a.page == page(o) {
			o.tell(func(row *FeedbackRow) { row.Refused(a.words.T("change.not_printed")) })
		}
	})
}
