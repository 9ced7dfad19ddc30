package sales

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Topic is marked when documents of the store were recorded.
func Topic(store uuid.UUID) string { return "sales:" + store.String() }

// Place is where an entry stands in the journals, and when and by whom it was written.
type Place struct {
	Store, Till uuid.UUID
	Epoch, Seq  uint64
	Branch      int
	// At is the best estimate of the true time, in the store's time zone.
	At   time.Time
	User uuid.UUID
}

// Document is a sale, a refund or a void. Amounts and quantities are signed: those of a refund or a void are negative.
type Document struct {
	Place
	BusinessDate retail.Date
	Number       uint64
	// Source is what another system called a sale of before; empty for what a till wrote.
	Source string
	Refund bool
	// Customer is whose sale it was; the zero UUID for nobody known.
	Customer uuid.UUID
	// Void takes a sale back: it counts one ticket less, and is no refund.
	Void  bool
	Lines []Line
	Taxes []Tax
	// Charges are the deposits and fees by code, before taxes.
	Charges []Charge
	// Revenue is the lines after discounts, before taxes and charges; Total has both, Rounding is what cash rounding added.
	Revenue, Total, Rounding money.Amount
	Cash, Card, Online       money.Amount
	// LastFour are the last digits of the cards that paid.
	LastFour []string
}

// Line is one product of a document.
type Line struct {
	Product                 uuid.UUID
	Quantity                money.Quantity
	Revenue, Discount, Cost money.Amount
}

// Tax is one tax of a document, as it is stored.
type Tax struct {
	Code   string       `json:"code"`
	Rate   money.Rate   `json:"rate"`
	Base   money.Amount `json:"base"`
	Amount money.Amount `json:"amount"`
}

// Charge is what the deposits or fees of one code come to.
type Charge struct {
	Code   string
	Amount money.Amount
}

// Cost gives what one unit of a product cost.
type Cost func(product uuid.UUID) money.Amount

// FromSale is the document of a sale.
func FromSale(at Place, s retail.Sale, cost Cost) Document {
	d := Document{
		Place: at, BusinessDate: s.BusinessDate, Number: s.Number, Customer: s.Customer,
		Revenue: s.Revenue(), Total: s.Total, Rounding: s.Rounding,
	}
	d.fill(s.Lines, s.Taxes, s.Tenders, cost)
	return d
}

// FromRefund is the document of a refund.
func FromRefund(at Place, r retail.Refund, cost Cost) Document {
	lines := make([]retail.Line, len(r.Lines))
	for i, l := range r.Lines {
		lines[i] = l.Line
	}
	d := Document{
		Place: at, BusinessDate: r.BusinessDate, Number: r.Number, Refund: true,
		Revenue: r.Revenue(), Total: r.Total, Rounding: r.Rounding,
	}
	d.fill(lines, r.Taxes, r.Tenders, cost)
	d.negate()
	return d
}

// FromVoid is the document of a void: a refund of all of a sale that says so.
func FromVoid(at Place, v retail.Void, cost Cost) Document {
	d := FromRefund(at, retail.Refund(v), cost)
	d.Refund, d.Void = false, true
	return d
}

func (d *Document) fill(lines []retail.Line, taxes []retail.Tax, tenders []retail.Tender, cost Cost) {
	revenue := revenues(lines, d.Revenue)
	d.Lines = make([]Line, len(lines))
	for i, l := range lines {
		d.Lines[i] = Line{
			Product: l.Product, Quantity: l.Quantity,
			Revenue: revenue[i], Discount: l.Discount, Cost: cost(l.Product).Mul(l.Quantity),
		}
	}
	d.Taxes = make([]Tax, len(taxes))
	for i, t := range taxes {
		d.Taxes[i] = Tax{Code: t.Code, Rate: t.Rate, Base: t.Base, Amount: t.Amount}
	}
	for _, c := range retail.Charges(lines) {
		d.Charges = append(d.Charges, Charge{Code: c.Code, Amount: c.Amount})
	}
	for _, t := range tenders {
		switch t.Kind {
		case retail.TenderCash:
			d.Cash += t.Amount
		case retail.TenderOnline:
			d.Online += t.Amount
		default:
			d.Card += t.Amount
		}
		if t.LastFour != "" {
			d.LastFour = append(d.LastFour, t.LastFour)
		}
	}
}

// revenues gives each line its part of the document's revenue, so that they add up to it: its amount, or where prices
// contain taxes a part in proportion to it.
func revenues(lines []retail.Line, whole money.Amount) []money.Amount {
	amounts, weights := make([]money.Amount, len(lines)), make([]int64, len(lines))
	var sum money.Amount
	for i, l := range lines {
		amounts[i], weights[i] = l.Amount, int64(l.Amount)
		sum += l.Amount
	}
	if sum == whole {
		return amounts
	}
	return money.Allocate(whole, weights)
}

func (d *Document) negate() {
	for _, a := range []*money.Amount{&d.Revenue, &d.Total, &d.Rounding, &d.Cash, &d.Card, &d.Online} {
		*a = -*a
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		l.Quantity, l.Revenue, l.Discount, l.Cost = -l.Quantity, -l.Revenue, -l.Discount, -l.Cost
	}
	for i := range d.Taxes {
		t := &d.Taxes[i]
		t.Base, t.Amount = -t.Base, -t.Amount
	}
	for i := range d.Charges {
		d.Charges[i].Amount = -d.Charges[i].Amount
	}
}

// most bounds every figure of a document, in cents or thousandths: a billion units, ten billion dollars. Below it the sums
// of a batch cannot overflow.
const most = 1_000_000_000_000

var errTooMuch = errors.New("a figure is out of range")

func (d Document) fits() error {
	figures := []int64{int64(d.Revenue), int64(d.Total), int64(d.Rounding), int64(d.Cash), int64(d.Card), int64(d.Online)}
	for _, l := range d.Lines {
		figures = append(figures, int64(l.Quantity), int64(l.Revenue), int64(l.Discount), int64(l.Cost))
	}
	for _, t := range d.Taxes {
		figures = append(figures, int64(t.Base), int64(t.Amount))
	}
	for _, c := range d.Charges {
		figures = append(figures, int64(c.Amount))
	}
	if slices.Max(figures) > most || slices.Min(figures) < -most {
		return fmt.Errorf("document %d.%d of till %s: %w", d.Epoch, d.Seq, d.Till, errTooMuch)
	}
	return nil
}

// Units is the sum of the quantities.
func (d Document) Units() money.Quantity {
	var q money.Quantity
	for _, l := range d.Lines {
		q += l.Quantity
	}
	return q
}

// Discount is the sum of the lines' discounts.
func (d Document) Discount() money.Amount {
	var a money.Amount
	for _, l := range d.Lines {
		a += l.Discount
	}
	return a
}

// Charged is the sum of the charges.
func (d Document) Charged() money.Amount {
	var a money.Amount
	for _, c := range d.Charges {
		a += c.Amount
	}
	return a
}

// Cost is what the goods cost the company.
func (d Document) Cost() money.Amount {
	var a money.Amount
	for _, l := range d.Lines {
		a += l.Cost
	}
	return a
}
