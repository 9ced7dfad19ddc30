package till

import (
	"context"
	"fmt"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// MostPrice is the highest price a person can give one unit: what is above was scanned, not typed.
const MostPrice money.Amount = 9_999_999

// whole is what a line comes to at its price, before any discount.
func (l ticketLine) whole() money.Amount { return l.product.Price.Mul(l.quantity) }

// plain says that nothing was done to the line: more of the product may join it.
func (l ticketLine) plain() bool {
	return l.off == (retail.Discount{}) && l.reason == "" && l.note == ""
}

// document is the line as a sale keeps it, without its share of the ticket's discount.
func (l ticketLine) document(lang string) retail.Line {
	line := retail.NewLine(l.product, l.quantity, lang)
	line.Note = l.note
	if l.reason != "" {
		line.Reason, line.List = l.reason, l.list
	}
	if l.off != (retail.Discount{}) {
		line = line.TakeOff(l.off)
	}
	return line
}

// beforeOff is what the ticket's discount is taken off.
func (k ticket) beforeOff() money.Amount {
	var sum money.Amount
	for _, l := range k.lines {
		sum += l.whole() - l.off.Of(l.whole())
	}
	return sum
}

// keepWithin drops the discounts that have become a larger part than who allowed them may take off: those by amount, when
// there is less on the ticket than before.
func (k *ticket) keepWithin() {
	for i := range k.lines {
		l := &k.lines[i]
		if whole := l.whole(); l.off.Of(whole) > l.limit.Of(whole) {
			l.off = retail.Discount{}
		}
	}
	if whole := k.beforeOff(); k.off.Of(whole) > k.limit.Of(whole) {
		k.off = retail.Discount{}
	}
}

// DiscountLine takes a part off a line, in the place of what was taken off it before; a discount of nothing takes it back.
// Above what the person may take off it needs an approval.
func (t *Till) DiscountLine(ctx context.Context, line int, d retail.Discount, a Approval) error {
	if err := t.openLine(line); err != nil {
		return err
	}
	l := &t.ticket.lines[line]
	if d.Rate == 0 && d.Amount == 0 {
		l.off = retail.Discount{}
		t.keep()
		return nil
	}
	d, limit, err := t.discount(ctx, d, l.whole(), l, a)
	if err != nil {
		return err
	}
	l.off, l.limit, t.ticket.selected = d, limit, line
	t.ticket.keepWithin()
	t.keep()
	return nil
}

// DiscountTicket is DiscountLine for the whole ticket, after the discounts of its lines.
func (t *Till) DiscountTicket(ctx context.Context, d retail.Discount, a Approval) error {
	if err := t.open(); err != nil {
		return err
	}
	if len(t.ticket.lines) == 0 {
		return fail(retail.Invalid, KeyNoLine)
	}
	if d.Rate == 0 && d.Amount == 0 {
		t.ticket.off = retail.Discount{}
		t.keep()
		return nil
	}
	d, limit, err := t.discount(ctx, d, t.ticket.beforeOff(), nil, a)
	if err != nil {
		return err
	}
	t.ticket.off, t.ticket.limit = d, limit
	t.keep()
	return nil
}

// discount asks whether it may be taken off, and journals it. It gives how much who allowed it may take off.
func (t *Till) discount(
	ctx context.Context, d retail.Discount, whole money.Amount, l *ticketLine, a Approval,
) (retail.Discount, money.Rate, error) {
	if d.Rate < 0 || d.Rate > money.Whole || d.Amount < 0 || d.Rate > 0 && d.Amount > 0 || d.Amount > whole {
		return d, 0, fail(retail.Invalid, KeyDiscount, "most", whole)
	}
	n := retail.Need{Deed: retail.DeedDiscount, Amount: d.Of(whole), Of: whole}
	by, err := t.allow(n, a)
	if err != nil {
		return d, 0, err
	}
	if d.Reason, err = why(d.Reason, a); err != nil {
		return d, 0, err
	}
	limit := t.rights.Of(t.user.Role).Discount
	if by != uuid.Nil {
		limit = t.rights.Of(a.by.Role).Discount
	}
	return d, limit, t.override(ctx, l, retail.Override{Deed: n.Deed, Reason: d.Reason, Approver: by, Amount: n.Amount})
}

// SetPrice gives a line another price than that of the catalogue.
func (t *Till) SetPrice(ctx context.Context, line int, price money.Amount, reason string, a Approval) error {
	if err := t.openLine(line); err != nil {
		return err
	}
	if price < 0 || price > MostPrice {
		return fail(retail.Invalid, KeyPrice, "most", MostPrice)
	}
	l := &t.ticket.lines[line]
	by, err := t.allow(retail.Need{Deed: retail.DeedPrice, Amount: price, Of: l.product.Price}, a)
	if err != nil {
		return err
	}
	if reason, err = why(reason, a); err != nil {
		return err
	}
	err = t.override(ctx, l, retail.Override{
		Deed: retail.DeedPrice, Reason: reason, Approver: by, Was: l.product.Price, Price: price,
		Amount: max((l.product.Price - price).Mul(l.quantity), 0),
	})
	if err != nil {
		return err
	}
	if l.reason == "" {
		l.list = l.product.Price
	}
	l.reason, l.product.Price, t.ticket.selected = reason, price, line
	t.ticket.keepWithin()
	t.keep()
	return nil
}

// Accuracy gives the customer what the law does for an item that was announced at a lower price: free up to 15 $, 15 $ off
// above. It takes the place of another discount of the line.
func (t *Till) Accuracy(ctx context.Context, line int, a Approval) error {
	if err := t.openLine(line); err != nil {
		return err
	}
	l := &t.ticket.lines[line]
	by, err := t.allow(retail.Need{Deed: retail.DeedAccuracy}, a)
	if err != nil {
		return err
	}
	d := retail.AccuracyOff(l.document(t.lang), l.product.Weighed)
	err = t.override(ctx, l, retail.Override{Deed: retail.DeedAccuracy, Reason: d.Reason, Approver: by, Amount: d.Of(l.whole())})
	if err != nil {
		return err
	}
	l.off, l.limit, t.ticket.selected = d, money.Whole, line
	t.keep()
	return nil
}

// override journals what is done to a line, or with nil to the ticket, and keeps for the sale who approved it.
func (t *Till) override(ctx context.Context, l *ticketLine, o retail.Override) error {
	o.BusinessDate = t.shift.BusinessDate
	if l != nil {
		o.Product, o.Quantity = l.product.ID, l.quantity
	}
	_, err := t.commit(ctx, Draft{
		Kind: journal.KindOverride, User: t.user.ID, Shift: t.shift.Number, Body: func(uint64) any { return o },
	})
	if err != nil {
		return fmt.Errorf("%s: %w", o.Deed, err)
	}
	approval := retail.Approval{Deed: o.Deed, By: o.Approver, Reason: o.Reason}
	if o.Approver != uuid.Nil && !slices.Contains(t.ticket.approvals, approval) {
		t.ticket.approvals = append(t.ticket.approvals, approval)
	}
	return nil
}

// AddAt adds a product whose price the till has to ask for.
func (t *Till) AddAt(ctx context.Context, p retail.Product, q money.Quantity, price money.Amount) error {
	if price < 0 || price > MostPrice {
		return fail(retail.Invalid, KeyPrice, "most", MostPrice)
	}
	p.Price, p.OpenPrice = price, false
	return t.add(ctx, p, q)
}
