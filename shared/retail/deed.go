package retail

import (
	"comptant/shared/money"

	"github.com/google/uuid"
)

// Approval says in a sale who allowed a deed of another, and why.
type Approval struct {
	Deed   Deed      `cbor:"1,keyasint"`
	By     uuid.UUID `cbor:"2,keyasint"`
	Reason string    `cbor:"3,keyasint,omitempty"`
}

// Override is the body of an override entry: something out of the ordinary was done to a ticket, by the entry's user. It
// is written when it is done, whether the ticket is sold afterwards or not; money and goods move only with the sale.
type Override struct {
	Deed         Deed   `cbor:"1,keyasint"`
	BusinessDate Date   `cbor:"2,keyasint"`
	Reason       string `cbor:"3,keyasint"`
	// Approver is the supervisor who allowed it; the zero UUID when none was needed.
	Approver uuid.UUID `cbor:"4,keyasint"`
	// Product and Quantity are of the line it was done to; the zero UUID for the whole ticket.
	Product  uuid.UUID      `cbor:"5,keyasint,omitzero"`
	Quantity money.Quantity `cbor:"6,keyasint,omitempty"`
	// Amount is what was taken off, or what the voided line or ticket came to before taxes.
	Amount money.Amount `cbor:"7,keyasint,omitempty"`
	// Was and Price are the price of one unit before and after.
	Was   money.Amount `cbor:"8,keyasint,omitempty"`
	Price money.Amount `cbor:"9,keyasint,omitempty"`
}

// DrawerOpen is the body of a drawer-open entry: the drawer was opened without a sale.
type DrawerOpen struct {
	BusinessDate Date   `cbor:"1,keyasint"`
	Reason       string `cbor:"2,keyasint"`
	// Approver is the supervisor who allowed it; the zero UUID when none was needed.
	Approver uuid.UUID `cbor:"3,keyasint"`
}
