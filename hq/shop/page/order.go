package page

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// eventOrder comes when the order of the page has changed.
const eventOrder = "order"

// orderView is the page of an order.
type orderView struct {
	order.Order
	token         string
	lines         []lineView
	totals        totalsView
	steps         []stepView
	tone          ui.Tone
	icon          ui.Icon
	status, text  string
	place         retail.Location
	tracking      string
	cardLine      string
	moved         []string
	cancellable   bool
	over, payMore bool
}

// stepView is one stage of an order, with when it was reached.
type stepView struct {
	label, when string
	done, now   bool
}

func (v orderView) ships() bool { return v.Delivery == retail.Ship }

// order shows how an order stands. Its content asks for itself again when the order changes.
func (s *site) order(w http.ResponseWriter, r *http.Request) error {
	ctx, token := r.Context(), r.PathValue("order")
	o, err := s.Shop.Find(ctx, token)
	if err != nil {
		return err
	}
	page, err := s.orderPage(ctx, o, token)
	if err != nil {
		return err
	}
	shown := view{title: ui.T(ctx, "shop.order_title", "Code", o.Code), refresh: !page.over}
	if !page.over {
		shown.events = "/shop/orders/" + token + "/events"
	}
	return s.show(w, r, shown, orderContent(page, r.Header.Get("HX-Request") == "" && !page.over))
}

func (s *site) orderPage(ctx context.Context, o order.Order, token string) (orderView, error) {
	v := visitOf(ctx)
	ctx = v.paid(ctx, o.Currency)
	page := orderView{Order: o, token: token, cancellable: o.Cancellable(), over: o.Over()}
	page.place, _ = v.place(o.Location)
	ids := make([]uuid.UUID, len(o.Lines))
	for i, l := range o.Lines {
		ids[i] = l.Product
	}
	products, err := catalog.ByID(ctx, s.DB, ids)
	if err != nil {
		return page, err
	}
	page.lines = linesOf(ctx, o.Lines, products)
	totals := retail.Totals{Taxes: o.Taxes, Total: o.Total, Charges: retail.Charges(o.Lines)}
	for _, l := range o.Lines {
		totals.Subtotal += l.Amount
	}
	page.totals = totalsOf(ctx, totals, o.Currency)
	history, err := s.Shop.History(ctx, o.ID)
	if err != nil {
		return page, err
	}
	page.steps, page.tracking = s.stepsOf(ctx, o, history, page.place), trackingOf(history)
	paid, err := moneyOf(ctx, s.DB, o, history)
	if err != nil {
		return page, err
	}
	if paid.lastFour != "" {
		page.cardLine = ui.T(ctx, "shop.card_line", "Four", paid.lastFour)
	}
	page.moved = paid.words(ctx, o)
	page.say(ctx, paid)
	return page, nil
}

// stages are what a customer hears of, for each delivery, and the states that have reached them.
var stages = map[retail.Delivery][]struct {
	word   string
	states []retail.OrderState
}{
	retail.Collect: {
		{"shop.stage_placed", []retail.OrderState{retail.OrderCreated}},
		{"shop.stage_confirmed", []retail.OrderState{retail.OrderConfirmed}},
		{"shop.stage_accepted", []retail.OrderState{retail.OrderAccepted, retail.OrderPicking}},
		{"shop.stage_ready", []retail.OrderState{retail.OrderReady}},
		{"shop.stage_collected", []retail.OrderState{retail.OrderCollected}},
	},
	retail.Ship: {
		{"shop.stage_placed", []retail.OrderState{retail.OrderCreated}},
		{"shop.stage_confirmed", []retail.OrderState{retail.OrderConfirmed}},
		{"shop.stage_accepted", []retail.OrderState{retail.OrderAccepted, retail.OrderPicking}},
		{"shop.stage_shipped", []retail.OrderState{retail.OrderShipped}},
		{"shop.stage_delivered", []retail.OrderState{retail.OrderDelivered}},
	},
}

// stepsOf is how far an order has come. A stage that was skipped, because a store answered later ones first, counts as reached.
func (s *site) stepsOf(ctx context.Context, o order.Order, history []order.Transition, place retail.Location) []stepView {
	zone := zoneOf(place)
	reached := map[retail.OrderState]string{}
	for _, t := range history {
		if t.From != t.To {
			reached[t.To] = ui.DateTime(ctx, t.At.In(zone))
		}
	}
	var steps []stepView
	last := -1
	for i, stage := range stages[o.Delivery] {
		step := stepView{label: ui.T(ctx, stage.word)}
		for _, state := range stage.states {
			if when, ok := reached[state]; ok && !step.done {
				step.done, step.when = true, when
			}
		}
		if step.done {
			last = i
		}
		steps = append(steps, step)
	}
	for i := range steps[:max(last, 0)] {
		steps[i].done = true
	}
	if last >= 0 {
		steps[last].now = true
	}
	if o.State == retail.OrderCancelled || o.State == retail.OrderCompensating {
		return steps[:last+1] // the others will not come
	}
	return steps
}

// say is what a customer is told of the state, and why a card was declined.
func (v *orderView) say(ctx context.Context, paid moved) {
	v.tone, v.icon = ui.ToneNone, ui.IconClock
	tell := func(status, text string) { v.status, v.text = status, text }
	switch v.State {
	case retail.OrderConfirmed, retail.OrderShort:
		v.tone, v.icon = ui.ToneOK, ui.IconOK
		tell(ui.T(ctx, "shop.state_confirmed"), ui.T(ctx, "shop.state_confirmed_text"))
	case retail.OrderAccepted, retail.OrderPicking:
		v.tone, v.icon = ui.ToneOK, ui.IconOK
		tell(ui.T(ctx, "shop.state_accepted"), ui.T(ctx, "shop.state_accepted_text"))
	case retail.OrderReady:
		v.tone, v.icon = ui.ToneOK, ui.IconOK
		tell(ui.T(ctx, "shop.state_ready"), ui.T(ctx, "shop.state_ready_text", "Store", v.place.Name, "Code", v.Code))
	case retail.OrderShipped:
		v.tone, v.icon = ui.ToneOK, ui.IconRestock
		tell(ui.T(ctx, "shop.state_shipped"), ui.T(ctx, "shop.state_shipped_text"))
	case retail.OrderCollected:
		v.tone, v.icon = ui.ToneOK, ui.IconOK
		tell(ui.T(ctx, "shop.state_collected"), ui.T(ctx, "shop.state_thanks"))
	case retail.OrderDelivered:
		v.tone, v.icon = ui.ToneOK, ui.IconOK
		tell(ui.T(ctx, "shop.state_delivered"), ui.T(ctx, "shop.state_thanks"))
	case retail.OrderReturned:
		v.icon = ui.IconUndo
		tell(ui.T(ctx, "shop.state_returned"), "")
	case retail.OrderCancelled, retail.OrderCompensating:
		v.tone, v.icon = ui.ToneBad, ui.IconCancel
		text := whyCancelled(ctx, v.Order)
		if v.Failure == order.FailedPayment && paid.decline != "" {
			text = ui.T(ctx, payments.DeclineWords(paid.decline))
		}
		v.payMore = v.State == retail.OrderCancelled && v.Failure == order.FailedPayment
		tell(ui.T(ctx, "shop.state_cancelled"), text)
	default:
		tell(ui.T(ctx, "shop.state_placed"), ui.T(ctx, "shop.state_placed_text"))
	}
}

// orderEvents is the stream of an order's page.
func (s *site) orderEvents(w http.ResponseWriter, r *http.Request) error {
	o, err := s.Shop.Find(r.Context(), r.PathValue("order"))
	if err != nil {
		return err
	}
	topic := order.Topic(o.ID)
	ui.Stream{Subscribe: s.Subscribe, Events: func(t string) []string {
		if t == topic {
			return []string{eventOrder}
		}
		return nil
	}}.Serve(w, r)
	return nil
}

// cancelOrder calls an order off, while that is possible.
func (s *site) cancelOrder(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("order")
	if _, err := s.Shop.Cancel(r.Context(), token); err != nil {
		return err
	}
	http.Redirect(w, r, "/shop/orders/"+token, http.StatusSeeOther)
	return nil
}
