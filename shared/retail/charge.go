package retail

import (
	"slices"

	"comptant/shared/money"
)

// Charge is what a product carries besides its price: a container deposit, an eco-fee. It is taxed as its own class says, no
// discount touches it, and it is no revenue: it passes through the shop.
type Charge struct {
	// Code sorts charges in reports; Name is what the receipt calls it.
	Code string `cbor:"1,keyasint"`
	Name Text   `cbor:"2,keyasint"`
	// Unit is for one unit of the product.
	Unit  money.Amount `cbor:"3,keyasint"`
	Class TaxClass     `cbor:"4,keyasint"`
	// Amount is for the quantity of a line; 0 on a product. Within is the part of it that is taxes which prices include.
	Amount money.Amount `cbor:"5,keyasint,omitempty"`
	Within money.Amount `cbor:"6,keyasint,omitempty"`
}

// Net is the charge without the taxes inside it.
func (c Charge) Net() money.Amount { return c.Amount - c.Within }

// ChargeTotal is what the charges of one code come to.
type ChargeTotal struct {
	Code   string       `cbor:"1,keyasint"`
	Name   Text         `cbor:"2,keyasint"`
	Amount money.Amount `cbor:"3,keyasint"`
}

// ClassRule is a taxability that depends on how much of a group is in one sale.
//
// Sweetened bakery goods in single servings (doughnuts, muffins) are taxable when fewer than six are sold, zero-rated from
// six on. Source: Excise Tax Act (Canada), schedule VI, part III, paragraph 1(m); the TVQ follows it.
type ClassRule struct {
	// Group is what is counted together: all lines with the same one.
	Group string `cbor:"1,keyasint"`
	// From is how much of it changes the class, to Class.
	From  money.Quantity `cbor:"2,keyasint"`
	Class TaxClass       `cbor:"3,keyasint"`
	// Below is, on a line, the class that the product has by itself.
	Below TaxClass `cbor:"4,keyasint,omitempty"`
}

// Compose makes the lines of a document of those of a ticket: each in the class that it has beside the others, with its share
// of a discount on all of them, and its charges with what the taxes make of them.
func Compose(lines []Line, off Discount, rates TaxTable) []Line {
	lines = classify(lines)
	if off != (Discount{}) {
		lines = TakeOff(lines, off)
	}
	return within(lines, rates.Taxes(lines))
}

// classify gives each line the class that its rule says.
func classify(lines []Line) []Line {
	units := map[string]money.Quantity{}
	for _, l := range lines {
		if l.Rule.Group != "" {
			units[l.Rule.Group] += l.Quantity
		}
	}
	if len(units) == 0 {
		return lines
	}
	lines = slices.Clone(lines)
	for i := range lines {
		l := &lines[i]
		if l.Rule.Group == "" {
			continue
		}
		l.Class = l.Rule.Below
		if units[l.Rule.Group] >= l.Rule.From {
			l.Class = l.Rule.Class
		}
	}
	return lines
}

// within splits the taxes that prices include over what they were charged on, and keeps the part of each charge.
func within(lines []Line, taxes []Tax) []Line {
	if !slices.ContainsFunc(lines, func(l Line) bool { return len(l.Charges) > 0 }) {
		return lines
	}
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].Charges = slices.Clone(lines[i].Charges)
		for j := range lines[i].Charges {
			lines[i].Charges[j].Within = 0
		}
	}
	for _, tax := range taxes {
		if !tax.Included {
			continue
		}
		for i, shares := range tax.shares(lines) {
			for j := range lines[i].Charges {
				lines[i].Charges[j].Within += shares[1+j]
			}
		}
	}
	return lines
}

// charged is what the charges of a line come to.
func (l Line) charged() money.Amount {
	var sum money.Amount
	for _, c := range l.Charges {
		sum += c.Amount
	}
	return sum
}

// on is what of a line a tax is charged on: the line itself, then each charge.
func (l Line) on(t Tax) []money.Amount {
	parts := make([]money.Amount, 1+len(l.Charges))
	if t.On(l.Class) {
		parts[0] = l.Amount
	}
	for i, c := range l.Charges {
		if t.On(c.Class) {
			parts[1+i] = c.Amount
		}
	}
	return parts
}

// touches says whether a tax is charged on anything of a line.
func (t Tax) touches(l Line) bool {
	return t.On(l.Class) || slices.ContainsFunc(l.Charges, func(c Charge) bool { return t.On(c.Class) })
}

// Charges adds up the charges of lines by code, in the order in which they come, without the taxes inside them.
func Charges(lines []Line) []ChargeTotal { return charges(lines, Charge.Net) }

func charges(lines []Line, amount func(Charge) money.Amount) []ChargeTotal {
	var totals []ChargeTotal
	for _, l := range lines {
		for _, c := range l.Charges {
			at := slices.IndexFunc(totals, func(t ChargeTotal) bool { return t.Code == c.Code })
			if at < 0 {
				at = len(totals)
				totals = append(totals, ChargeTotal{Code: c.Code, Name: c.Name})
			}
			totals[at].Amount += amount(c)
		}
	}
	return totals
}
