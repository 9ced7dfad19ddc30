package retail

import (
	"encoding/base32"
	"time"

	"comptant/shared/money"

	"github.com/google/uuid"
)

// TransferCode is the number that is written on the boxes of a transfer, for example TR-7K3QF2. Both stores and headquarters
// work it out of the id, so it is known at once and offline.
func TransferCode(id uuid.UUID) string {
	return "TR-" + transferCode.EncodeToString(id[10:])[:6]
}

// transferCode has no letters or digits that are taken for each other.
var transferCode = base32.NewEncoding("23456789ABCDEFGHJKLMNPQRSTUVWXYZ").WithPadding(base32.NoPadding)

// Sent is a transfer as the store that sent it sees it.
type Sent struct {
	ID uuid.UUID `cbor:"1,keyasint"`
	To uuid.UUID `cbor:"2,keyasint"`
	// At is when it left, in milliseconds since 1970, UTC.
	At int64 `cbor:"3,keyasint"`
	// Received says that the other store has received it; Lines then say how much of each.
	Received bool       `cbor:"4,keyasint,omitempty"`
	Lines    []SentLine `cbor:"5,keyasint"`
}

// SentLine is one product of a transfer.
type SentLine struct {
	Product  uuid.UUID      `cbor:"1,keyasint"`
	Sent     money.Quantity `cbor:"2,keyasint"`
	Received money.Quantity `cbor:"3,keyasint,omitempty"`
}

// Code is the number on its boxes.
func (s Sent) Code() string { return TransferCode(s.ID) }

// Short is what was sent and not received, Over what was received and not sent; 0 while on its way.
func (s Sent) Short() money.Quantity { return s.missing(1) }
func (s Sent) Over() money.Quantity  { return s.missing(-1) }

func (s Sent) missing(sign money.Quantity) (sum money.Quantity) {
	for _, l := range s.Lines {
		if s.Received {
			sum += max(sign*(l.Sent-l.Received), 0)
		}
	}
	return sum
}

// Sent is a transfer that has just left.
func (t TransferOut) Sent(at time.Time) Sent {
	s := Sent{ID: t.ID, To: t.To, At: at.UnixMilli()}
	for _, l := range t.Lines {
		s.Lines = append(s.Lines, SentLine{Product: l.Product, Sent: l.Quantity})
	}
	return s
}
