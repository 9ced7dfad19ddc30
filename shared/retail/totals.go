package retail

import "comptant/shared/money"

// Totals is what a ticket comes to.
type Totals struct {
	Subtotal money.Amount
	Taxes    []Tax
	// Total is exact: what a card pays.
	Total money.Amount
}

// Cash is the total when all of it is paid in cash, and what rounding added.
func (t Totals) Cash() (due, rounding money.Amount) {
	due = money.CashRound(t.Total)
	return due, due - t.Total
}

// Total works out a ticket under the rates in force.
func Total(lines []Line, rates TaxTable) Totals {
	t := Totals{Taxes: rates.Taxes(lines)}
	for _, l := range lines {
		t.Subtotal += l.Amount
	}
	t.Total = t.Subtotal
	for _, tax := range t.Taxes {
		if !tax.Included {
			t.Total += tax.Amount
		}
	}
	return t
}

// NewLine is a quantity of a product at its list price, named in lang.
func NewLine(p Product, q money.Quantity, lang string) Line {
	return Line{
		Product: p.ID, SKU: p.SKU, Name: p.Name.In(lang), Quantity: q,
		UnitPrice: p.Price, Amount: p.Price.Mul(q), Class: p.Class,
	}
}
