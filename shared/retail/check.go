package retail

import (
	"errors"
	"fmt"

	"comptant/shared/money"

	"github.com/google/uuid"
)

// Check recomputes a sale from what it says of itself: lines from price and quantity, their charges and classes, taxes from
// rates and lines, total, rounding and tenders. The error names every figure that does not agree, one per line; nil means that all do.
//
// A till writes no other sale. Headquarters applies one that fails all the same, because goods and money have moved, and
// flags it with the error.
func (s Sale) Check() error {
	f := faults{}
	f.want(len(s.Lines) > 0, "no lines")
	var gross, shares money.Amount
	for i, l := range s.Lines {
		f.want(l.Quantity > 0, "line %d: quantity %d", i, l.Quantity)
		f.want(l.Discount >= 0, "line %d: discount %d", i, l.Discount)
		f.same(l.UnitPrice.Mul(l.Quantity)-l.Discount, l.Amount, "line %d: amount", i)
		if l.Off != (Discount{}) || l.Share != 0 {
			f.same(l.Off.On(l)+l.Share, l.Discount, "line %d: discount", i)
		}
		for _, c := range l.Charges {
			f.want(c.Unit >= 0, "line %d: %s of %d", i, c.Code, c.Unit)
			f.same(c.Unit.Mul(l.Quantity), c.Amount, "line %d: %s", i, c.Code)
		}
		gross += l.Amount
		shares += l.Share
	}
	f.same(s.Off.Of(gross+shares), shares, "shares of the discount")
	for i, l := range within(classify(s.Lines), s.Taxes) {
		f.want(l.Class == s.Lines[i].Class, "line %d: class %d instead of %d", i, s.Lines[i].Class, l.Class)
		for j, c := range l.Charges {
			f.same(c.Within, s.Lines[i].Charges[j].Within, "line %d: taxes within %s", i, c.Code)
		}
		gross += l.charged()
	}
	for _, tax := range s.Taxes {
		base, amount := tax.of(s.Lines)
		f.same(base, tax.Base, "%s: base", tax.Code)
		f.same(amount, tax.Amount, "%s: amount", tax.Code)
	}
	for i, t := range s.Tenders {
		f.want(t.Kind != TenderOnline || s.Order != uuid.Nil, "tender %d: paid online, and no order", i)
	}
	f.document(s.BusinessDate, s.Currency, gross, s.Taxes, s.Total, s.Rounding, s.CashStep, s.Tenders)
	return f.err()
}

// Check is that of Sale for what a refund can know without its receipt: sums, rounding and tenders. One without any has the taxes
// of its lines.
func (r Refund) Check() error {
	f := faults{}
	f.want(len(r.Lines) > 0, "no lines")
	f.want(r.Receipt.Number > 0 || !r.Receipted(), "no number of the receipt")
	if !r.Receipted() {
		for _, tax := range r.Taxes {
			base, amount := tax.of(r.Shown().Lines)
			f.same(base, tax.Base, "%s: base", tax.Code)
			f.same(amount, tax.Amount, "%s: amount", tax.Code)
		}
	}
	var gross money.Amount
	for i, l := range r.Lines {
		f.want(l.Line.Quantity > 0, "line %d: quantity %d", i, l.Line.Quantity)
		f.want(l.Line.Amount >= 0, "line %d: amount %d", i, l.Line.Amount)
		for _, c := range l.Line.Charges {
			f.want(c.Amount >= 0, "line %d: %s of %d", i, c.Code, c.Amount)
		}
		gross += l.Line.Amount + l.Line.charged()
	}
	f.document(r.BusinessDate, r.Currency, gross, r.Taxes, r.Total, r.Rounding, r.CashStep, r.Tenders)
	return f.err()
}

// faults collects what does not agree.
type faults []error

func (f *faults) want(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

func (f *faults) same(want, got money.Amount, format string, args ...any) {
	f.want(want == got, format+" is %d instead of %d", append(args, got, want)...)
}

// document holds what sales and refunds share.
func (f *faults) document(
	day Date, currency string, gross money.Amount, taxes []Tax, total, rounding, step money.Amount, tenders []Tender,
) {
	f.want(day.valid(), "business date %d", day)
	f.want(currency != "", "no currency")
	f.want(step >= 0, "cash rounded to %d", step)
	for _, tax := range taxes {
		if !tax.Included {
			gross += tax.Amount
		}
	}
	f.same(gross, total, "total")

	cards, paid, cash := money.Amount(0), money.Amount(0), false
	for i, t := range tenders {
		f.want(t.Amount >= 0, "tender %d: amount %d", i, t.Amount)
		f.want(t.Kind != TenderCash || t.Given == 0 || t.Given >= t.Amount, "tender %d: %d given for %d", i, t.Given, t.Amount)
		paid += t.Amount
		if t.Kind == TenderCash {
			cash = true
		} else {
			cards += t.Amount
		}
	}
	want := money.Amount(0)
	if cash && step >= 0 {
		want = cashRound(total-cards, step) - (total - cards)
	}
	f.same(want, rounding, "rounding")
	f.same(total+rounding, paid, "sum of tenders")
}

func (f *faults) err() error { return errors.Join(*f...) }
