package retail

import "comptant/shared/money"

// Totals is what a ticket comes to.
type Totals struct {
	Subtotal money.Amount
	// Charges are the deposits and fees by code, as the customer pays them.
	Charges []ChargeTotal
	Taxes   []Tax
	// Total is exact: what a card pays.
	Total money.Amount
}

// Cash is the total when all of it is paid in cash, rounded to a step as that of a Settlement, and what rounding added.
func (t Totals) Cash(step money.Amount) (due, rounding money.Amount) {
	due = cashRound(t.Total, step)
	return due, due - t.Total
}

// Total works out a ticket under the rates in force.
func Total(lines []Line, rates TaxTable) Totals {
	t := Totals{Taxes: rates.Taxes(lines), Charges: charges(lines, func(c Charge) money.Amount { return c.Amount })}
	for _, l := range lines {
		t.Subtotal += l.Amount
	}
	t.Total = t.Subtotal
	for _, c := range t.Charges {
		t.Total += c.Amount
	}
	for _, tax := range t.Taxes {
		if !tax.Included {
			t.Total += tax.Amount
		}
	}
	return t
}

// NewLine is a quantity of a product at its list price and with its charges, named in lang.
func NewLine(p Product, q money.Quantity, lang string) Line {
	l := Line{
		Product: p.ID, SKU: p.SKU, Name: p.Name.In(lang), Quantity: q,
		UnitPrice: p.Price, Amount: p.Price.Mul(q), Class: p.Class, Rule: p.Rule,
	}
	if l.Rule.Group != "" {
		l.Rule.Below = p.Class
	}
	for _, c := range p.Charges {
		c.Amount = c.Unit.Mul(q)
		l.Charges = append(l.Charges, c)
	}
	return l
}
