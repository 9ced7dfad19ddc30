package retail

import "time"

// Receipt is a sale as the customer takes it away: all that is printed on it, whatever prints it.
type Receipt struct {
	Store Location
	Till  int
	Epoch uint64
	Sale  Sale
	At    time.Time
	// Cashier is the name of who sold; empty when that person is no longer known here.
	Cashier string
	// Proof is the first six characters of the entry's hash.
	Proof string
	// Lang is "fr" or "en".
	Lang string
	// Copy marks everything after the first print.
	Copy bool
}

// Code is the printed number of the receipt.
func (r Receipt) Code() string { return ReceiptCode(r.Store.Code, r.Till, r.Epoch, r.Sale.Number) }
