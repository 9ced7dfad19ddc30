package retail

import (
	"fmt"
	"slices"

	"comptant/shared/money"
)

// The keys of what a refund refuses.
const (
	KeyRefundQuantity = "refund.quantity" // name, left
	KeyRefundEmpty    = "refund.empty"
)

// RefundPart is a quantity of one line of a receipt.
type RefundPart struct {
	// Of is the index of the line on the receipt.
	Of       int            `cbor:"1,keyasint"`
	Quantity money.Quantity `cbor:"2,keyasint"`
}

// Parts is what the refund gives back, line by line.
func (r Refund) Parts() []RefundPart {
	parts := make([]RefundPart, len(r.Lines))
	for i, l := range r.Lines {
		parts[i] = RefundPart{Of: l.Of, Quantity: l.Line.Quantity}
	}
	return parts
}

// NewRefund works out what parts of a receipt give back, given those refunded or held before: what was charged, at
// the rates of that day. Number, dates, receipt and tenders are left to the caller.
//
// An invoice's tax is one amount, so each tax is first split over the lines and charges it was charged on, in proportion to
// their amounts and by the largest remainder. Of a line's share, as of its amount and its charges, a part gets
// round(share x units refunded so far / units sold) less what was refunded already: however a receipt is taken apart,
// the parts add up to the whole.
func NewRefund(sale Sale, before, parts []RefundPart) (Refund, error) {
	r := Refund{Currency: sale.Currency, CashStep: sale.CashStep}
	done := refunded(sale, before)
	shares := make([][][]money.Amount, len(sale.Taxes))
	for i, tax := range sale.Taxes {
		shares[i] = tax.shares(sale.Lines)
		tax.Base, tax.Amount = 0, 0
		r.Taxes = append(r.Taxes, tax)
	}
	for _, p := range parts {
		if p.Of < 0 || p.Of >= len(sale.Lines) {
			return Refund{}, fmt.Errorf("refund line %d of a receipt with %d", p.Of, len(sale.Lines))
		}
		sold := sale.Lines[p.Of]
		if left := sold.Quantity - done[p.Of]; p.Quantity <= 0 || p.Quantity > left {
			return Refund{}, &Error{
				Code: Invalid, Key: KeyRefundQuantity,
				Args: map[string]any{"name": sold.Name, "left": max(left, 0)},
			}
		}
		share := func(whole money.Amount) money.Amount {
			return money.Part(whole, done[p.Of], p.Quantity, sold.Quantity)
		}
		back := sold
		back.Quantity, back.Amount = p.Quantity, share(sold.Amount)
		back.Discount, back.Off, back.Share, back.Note, back.Rule = share(sold.Discount), Discount{}, 0, "", ClassRule{}
		back.Charges = nil
		for _, c := range sold.Charges {
			c.Amount, c.Within = share(c.Amount), share(c.Within)
			back.Charges = append(back.Charges, c)
		}
		r.Lines = append(r.Lines, RefundLine{Of: p.Of, Line: back})
		r.Total += back.Amount + back.charged()
		for i := range r.Taxes {
			tax := &r.Taxes[i]
			for j, on := range back.on(*tax) {
				amount := share(shares[i][p.Of][j])
				tax.Amount += amount
				tax.Base += on
				if tax.Included {
					tax.Base -= amount
				} else {
					r.Total += amount
				}
			}
		}
		done[p.Of] += p.Quantity
	}
	if len(r.Lines) == 0 {
		return Refund{}, &Error{Code: Invalid, Key: KeyRefundEmpty}
	}
	r.Taxes = slices.DeleteFunc(r.Taxes, func(tax Tax) bool {
		return !slices.ContainsFunc(r.Lines, func(l RefundLine) bool { return tax.touches(l.Line) })
	})
	return r, nil
}

// NewReturn works out what goods without a receipt give back: today's prices, and today's taxes, because nobody knows what was
// charged. Number, dates and tenders are left to the caller; its receipt is none.
func NewReturn(currency Currency, lines []Line, rates TaxTable) (Refund, error) {
	if len(lines) == 0 {
		return Refund{}, &Error{Code: Invalid, Key: KeyRefundEmpty}
	}
	totals := Total(lines, rates)
	r := Refund{Currency: currency.Code, CashStep: currency.Step(), Taxes: totals.Taxes, Total: totals.Total}
	for i, l := range lines {
		r.Lines = append(r.Lines, RefundLine{Of: i, Line: l})
	}
	return r, nil
}

// Receipted says that it is of a receipt.
func (r Refund) Receipted() bool { return r.Receipt != ReceiptID{} }

// refunded is how much of each line was given back before.
func refunded(sale Sale, before []RefundPart) []money.Quantity {
	done := make([]money.Quantity, len(sale.Lines))
	for _, p := range before {
		if p.Of >= 0 && p.Of < len(done) {
			done[p.Of] += p.Quantity
		}
	}
	return done
}

// shares splits the tax over the lines and their charges, as Line.on has them; what it was not charged on has 0.
func (t Tax) shares(lines []Line) [][]money.Amount {
	var weights []int64
	for _, l := range lines {
		for _, on := range l.on(t) {
			weights = append(weights, int64(on))
		}
	}
	all := money.Allocate(t.Amount, weights)
	shares := make([][]money.Amount, len(lines))
	for i, l := range lines {
		shares[i], all = all[:1+len(l.Charges)], all[1+len(l.Charges):]
	}
	return shares
}

// NewVoid takes all of a sale back: goods, taxes, and each tender the way it came. Number and date are left to the caller.
func NewVoid(sale Sale, receipt ReceiptID) (Void, error) {
	all := make([]RefundPart, len(sale.Lines))
	for i, l := range sale.Lines {
		all[i] = RefundPart{Of: i, Quantity: l.Quantity}
	}
	r, err := NewRefund(sale, nil, all)
	if err != nil {
		return Void{}, err
	}
	r.Receipt, r.Rounding = receipt, sale.Rounding
	for _, t := range sale.Tenders {
		t.Given = 0
		r.Tenders = append(r.Tenders, t)
	}
	return Void(r), nil
}
