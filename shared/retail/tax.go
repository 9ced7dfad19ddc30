package retail

import (
	"slices"

	"comptant/shared/money"

	"github.com/google/uuid"
)

// TaxClass is how a product is taxed.
type TaxClass uint8

// The classes with names of their own. What a country has besides, such as reduced rates, are the numbers up to MostClass:
// the table of rates says what is charged on them.
const (
	Taxable   TaxClass = 1
	ZeroRated TaxClass = 2
	Exempt    TaxClass = 3
	MostClass TaxClass = 9
)

// TaxRate is one tax in force over a span of days. The table of rates is the whole tax engine: another province, or
// French VAT, is other rows.
//
// Québec: TPS (GST) 5 % and TVQ (QST) 9.975 %, both on the price before tax, per invoice.
// Source: Revenu Québec, "Calculer les taxes" (TVQ not charged on the TPS since 2013-01-01).
type TaxRate struct {
	ID   uuid.UUID  `cbor:"1,keyasint"`
	Code string     `cbor:"2,keyasint"`
	Name Text       `cbor:"3,keyasint"`
	Rate money.Rate `cbor:"4,keyasint"`
	// Classes are the tax classes it is charged on.
	Classes []TaxClass `cbor:"5,keyasint"`
	// From is the first day it is charged; To the first day it no longer is, 0 for none.
	From Date `cbor:"6,keyasint"`
	To   Date `cbor:"7,keyasint,omitempty"`
	// Included says that prices contain it.
	Included     bool   `cbor:"8,keyasint,omitempty"`
	Registration string `cbor:"9,keyasint,omitempty"`
	// Order is the place on the receipt.
	Order int `cbor:"10,keyasint,omitempty"`
}

// TaxTable is every rate, past and future.
type TaxTable []TaxRate

// On gives the rates in force on a day, in receipt order.
func (t TaxTable) On(day Date) TaxTable {
	var in TaxTable
	for _, r := range t {
		if r.From <= day && (r.To == 0 || day < r.To) {
			in = append(in, r)
		}
	}
	slices.SortStableFunc(in, func(a, b TaxRate) int { return a.Order - b.Order })
	return in
}

// Taxes works out the taxes of a whole invoice, one per rate that applies to any line, each half up on the sum of its
// lines. A tax that is charged on no line is left out.
func (t TaxTable) Taxes(lines []Line) []Tax {
	var taxes []Tax
	for _, r := range t {
		tax := Tax{
			Code: r.Code, Name: r.Name, Rate: r.Rate, Classes: r.Classes,
			Registration: r.Registration, Included: r.Included,
		}
		if !slices.ContainsFunc(lines, tax.touches) {
			continue
		}
		tax.Base, tax.Amount = tax.of(lines)
		taxes = append(taxes, tax)
	}
	return taxes
}

// of works out what a tax comes to on the lines it is charged on.
func (t Tax) of(lines []Line) (base, amount money.Amount) {
	for _, l := range lines {
		for _, part := range l.on(t) {
			base += part
		}
	}
	if t.Included {
		amount = t.Rate.Within(base)
		return base - amount, amount
	}
	return base, t.Rate.Of(base)
}
