package retail

import "time"

// Receipt is a sale, a refund or a void, as the customer takes it away: all that is printed on it, whatever prints it.
type Receipt struct {
	Store Location
	Till  int
	Epoch uint64
	Sale  Sale
	// Refund, when it is one, takes the place of the sale; Of is the number printed on the receipt it gives back, empty when
	// that is another till's.
	Refund *Refund
	Of     string
	// Void says that the refund is a void, which takes the whole sale back.
	Void bool
	At   time.Time
	// Cashier is the name of who sold; empty when that person is no longer known here.
	Cashier string
	// Customer is the name of who bought; empty when nobody said, and for somebody who was erased.
	Customer string
	// Proof is the first six characters of the entry's hash.
	Proof string
	// Lang is "fr" or "en".
	Lang string
	// Copy marks everything after the first print.
	Copy bool
	// Symbol is that of the currency; "" for a dollar.
	Symbol string
	// Training says that nothing was sold: it is no receipt.
	Training bool
}

// Code is the printed number of the receipt.
func (r Receipt) Code() string {
	number := r.Sale.Number
	if r.Refund != nil {
		number = r.Refund.Number
	}
	return ReceiptCode(r.Store.Code, r.Till, r.Epoch, number)
}

// Shown is the refund in the shape of a sale, for whoever prints the two alike. It is no entry.
func (r Refund) Shown() Sale {
	s := Sale{
		Number: r.Number, BusinessDate: r.BusinessDate, Currency: r.Currency, Taxes: r.Taxes, Tenders: r.Tenders,
		Total: r.Total, Rounding: r.Rounding,
	}
	for _, l := range r.Lines {
		s.Lines = append(s.Lines, l.Line)
	}
	return s
}
