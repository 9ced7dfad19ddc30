package till

import (
	"cmp"
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

// Each is what one unit, or one kilogram, gives back before taxes.
func (g Good) Each() money.Amount { return cmp.Or(g.Price, g.Product.Price) }

// Bring finds what came back by its code, as a scanner or a person gives it, with "3*" in front for a quantity. The good is the
// zero value for an unknown code.
func (t *Till) Bring(ctx context.Context, text string) (Scanned, Good, error) {
	if err := t.signedIn(); err != nil {
		return Scanned{}, Good{}, err
	}
	s, q, err := t.lookUp(ctx, text)
	if err != nil || !s.Known {
		return s, Good{}, err
	}
	if q == 0 && s.Product.Weighed {
		return s, Good{}, fail(retail.Invalid, KeyWeight, "name", s.Product.Name.In(t.lang))
	}
	return s, Good{Product: s.Product, Quantity: cmp.Or(q, money.One)}, nil
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
		p := g.Product
		if err := t.checkQuantity(p, g.Quantity); err != nil {
			return retail.Refund{}, err
		}
		if g.Price < 0 || g.Price > MostPrice {
			return retail.Refund{}, fail(retail.Invalid, KeyPrice, "most", MostPrice)
		}
		p.Price = g.Each()
		if p.OpenPrice && g.Price <= 0 {
			return retail.Refund{}, fail(retail.Invalid, KeyAskPrice, "name", p.Name.In(t.lang), "product", p, "quantity", g.Quantity)
		}
		lines[i] = retail.NewLine(p, g.Quantity, t.lang)
		if g.Product.Price != p.Price {
			lines[i].List, lines[i].Reason = g.Product.Price, "agreed"
		}
	}
	refund, err := retail.NewReturn(t.currency, lines, rates.On(t.shift.BusinessDate))
	if err != nil {
		return retail.Refund{}, err
	}
	settled, err := payBack(refund.CashStep, refund.Total, pay)
	if err != nil {
		return retail.Refund{}, err
	}
	refund.Tenders, refund.Rounding, refund.WriteOff = settled.Tenders, settled.Rounding, pay.WriteOff
	return refund, nil
}

// Return takes goods back without a receipt. Whoever is signed in, somebody has to answer for it: headquarters shows it to a
// person. When it returns, the entry is durable.
func (t *Till) Return(ctx context.Context, goods []Good, pay Payback, reason string, a Approval) (Refunded, error) {
	refund, err := t.returned(ctx, goods, pay, reason, a)
	if err != nil {
		return Refunded{}, err
	}
	return t.commitRefund(ctx, refund, nil)
}

// MayReturn says what Return would refuse, and does nothing: before a card is given money back.
func (t *Till) MayReturn(ctx context.Context, goods []Good, pay Payback, reason string, a Approval) error {
	_, err := t.returned(ctx, goods, pay, reason, a)
	return err
}

func (t *Till) returned(ctx context.Context, goods []Good, pay Payback, reason string, a Approval) (retail.Refund, error) {
	if err := t.working(); err != nil {
		return retail.Refund{}, err
	}
	if reason == "" {
		return retail.Refund{}, fail(retail.Invalid, KeyRefundReason)
	}
	refund, err := t.WorthToday(ctx, goods, pay)
	if err != nil {
		return retail.Refund{}, err
	}
	refund.Approver, err = t.allowRefund(refund.Total, KeyRefundNoReceipt, retail.DeedNoReceipt, false, a)
	refund.BusinessDate, refund.Reason = t.shift.BusinessDate, reason
	return refund, err
}
