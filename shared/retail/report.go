package retail

import (
	"fmt"
	"time"
)

// Report is an X or a Z as it is printed. An X is the same figures while the shift is open: it has no number, and no count.
type Report struct {
	Store Location
	Till  int
	Epoch uint64
	Z     ShiftClose
	// OpenedAt is when the shift opened, At when the report was made.
	OpenedAt, At time.Time
	// Cashier is who made it; empty when that person is no longer known here.
	Cashier string
	// Proof is the first six characters of the entry's hash; empty for an X.
	Proof string
	// Lang is "fr" or "en".
	Lang string
	// Copy marks everything after the first print of a Z.
	Copy bool
	// Symbol is that of the currency; "" for a dollar.
	Symbol string
	// Training says that nothing was sold: it is no report.
	Training bool
}

// Final says that it is a Z.
func (r Report) Final() bool { return r.Z.Number > 0 }

// Code is the printed number of a Z; an X has its shift's, with an X.
func (r Report) Code() string {
	if !r.Final() {
		return fmt.Sprintf("%s-%02d-%d-X%04d", r.Store.Code, r.Till, r.Epoch, r.Z.Shift)
	}
	return ZCode(r.Store.Code, r.Till, r.Epoch, r.Z.Number)
}
