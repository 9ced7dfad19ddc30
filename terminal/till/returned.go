package till

import (
	"context"
	"fmt"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Good is something that came back without a receipt. Price is for one unit, or one kilogram; 0 for what it costs today.
type Good struct {
	Product  retail.Product
	Quantity money.Quantity
	Price    money.Amount
}

// WorthToday works out what goods without a receipt give back, at today's prices and taxes, and does nothing. They are paid in
// cash unless to a card.
func (t *Till) WorthToday(ctx context.Context, goods []Good, pay Payback) (retail.Refund, error) {
	rates, err := t.catalogue.Rates(ctx)
	if err != nil {
		return retail.Refund{}, fmt.Errorf("rates of today: %w", err)
	}
	lines := make([]retail.Line, len(goods))
	for i, g := range goods {
		if g.Quantity <= 0 || g.Quantity > Most {
			return retail.Refund{}, fail(retail.Invalid, KeyQuantity, "most", Most)
		}
		p := g.Product
		if g.Price > 0 {
			p.Price = g.Price
		}
		if p.OpenPrice && g.Price <= 0 {
			return retail.Refund{}, fail(retail.Invalid, KeyAskPrice, "name", p.Name.In(t.lang), "product", p, "quantity", g.Quantity)
		}
		lines[i] = retail.NewLine(p, g.Quantity, t.lang)
		if g.Product.Price != p.Price {
			lines[i].List, lines[i].Reason = g.Product.Price, "agreed"
		}
	}
	refund, err := retail.NewReturn(t.Identity().Currency, lines, rates.On(t.shift.BusinessDate))
	if err != nil {
		return retail.Refund{}, err
	}
	settled, err := payBack(refund.Total, pay)
	if err != nil {
		return retail.Refund{}, err
	}
	refund.Tenders, refund.Rounding, refund.WriteOff = settled.Tenders, settled.Rounding, pay.WriteOff
	return refund, nil
}

// Return takes goods back without a receipt. Whoever is signed in, somebody has to answer for it: headquarters shows it to a
// person. When it returns, the entry is durable.
func (t *Till) Return(ctx context.Context, goods []Good, pay Payback, reason string, a Approval) (Refunded, error) {
	if err := t.working(); err != nil {
		return Refunded{}, err
	}
	if reason == "" {
		return Refunded{}, fail(retail.Invalid, KeyRefundReason)
	}
	refund, err := t.WorthToday(ctx, goods, pay)
	if err != nil {
		return Refunded{}, err
	}
	refund.Approver, err = t.allowRefund(refund.Total, KeyRefundNoReceipt, retail.DeedNoReceipt, false, a)
	if err != nil {
		return Refunded{}, err
	}
	refund.BusinessDate, refund.Reason = t.shift.BusinessDate, reason
	return t.commitRefund(ctx, refund, nil)
}
