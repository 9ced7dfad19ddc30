package page

import (
	"cmp"
	"context"
	"encoding/json"

	"comptant/hq/catalog"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// moved is what became of the money of an order: what was taken, and what was given back to the card, by people another way, or at a till.
type moved struct {
	taken, card, byHand, atTill money.Amount
	lastFour, decline           string
}

// moneyOf asks the payments and not the order: money that was taken when the order was called off already is not the order's any more.
func moneyOf(ctx context.Context, q catalog.Querier, o order.Order, history []order.Transition) (m moved, err error) {
	paid, err := payments.OfOrder(ctx, q, o.ID)
	if err != nil {
		return m, err
	}
	for _, p := range paid {
		byHand, err := payments.GivenByHand(ctx, q, p.ID)
		if err != nil {
			return m, err
		}
		m.taken, m.card, m.byHand = m.taken+p.Captured, m.card+p.Refunded, m.byHand+byHand
		m.lastFour, m.decline = cmp.Or(p.LastFour, m.lastFour), cmp.Or(p.Decline, m.decline)
	}
	if m.atTill = order.GivenBack(history); o.State == retail.OrderReturned && o.Delivery == retail.Collect {
		m.atTill = o.Total
	}
	return m, nil
}

// words say it to the customer. Until an order that is undone has ended, money may be under way.
func (m moved) words(ctx context.Context, o order.Order) (said []string) {
	if m.card > 0 {
		said = append(said, ui.T(ctx, "shop.refunded", "Amount", ui.Money(ctx, m.card)))
	}
	if m.byHand > 0 {
		said = append(said, ui.T(ctx, "shop.repaid", "Amount", ui.Money(ctx, m.byHand)))
	}
	if m.atTill > 0 {
		said = append(said, ui.T(ctx, "shop.repaid_at_till", "Amount", ui.Money(ctx, m.atTill)))
	}
	undone := o.State == retail.OrderCompensating || o.State == retail.OrderCancelled || o.State == retail.OrderReturned
	switch left := m.taken - m.card - m.byHand - m.atTill; {
	case undone && left > 0:
		said = append(said, ui.T(ctx, "shop.to_refund", "Amount", ui.Money(ctx, left)))
	case o.State == retail.OrderCancelled && m.taken == 0:
		said = append(said, ui.T(ctx, "shop.nothing_charged"))
	}
	return said
}

// whyCancelled says why an order was called off; the key of its failure is the word's.
func whyCancelled(ctx context.Context, o order.Order) string {
	key := cmp.Or(o.Failure, "shop.failed")
	return ui.T(ctx, key)
}

// trackingOf is what the carrier calls the parcel; empty where nobody said.
func trackingOf(history []order.Transition) string {
	for _, t := range history {
		var asked struct{ Tracking string }
		if t.To == retail.OrderShipped && json.Unmarshal(t.Request, &asked) == nil {
			return asked.Tracking
		}
	}
	return ""
}
