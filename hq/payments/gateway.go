package payments

import (
	"context"
	"time"

	"github.com/google/uuid"

	"comptant/shared/money"
)

// Gateway is who moves the money. Each request may come any number of times, also at once: with the same key it is the same
// request. An error means that nobody knows what became of it, except *Refused and *Spent.
type Gateway interface {
	// Name is written beside every payment, and never changes.
	Name() string
	// Method checks how somebody wants to pay and gives what may be kept of it.
	Method(given string) (Method, error)
	// Authorise has the amount held. A decline is an answer.
	Authorise(ctx context.Context, r Request) (Answer, error)
	// Capture takes the whole amount that is held.
	Capture(ctx context.Context, r Request) (Answer, error)
	// Void gives up what is held, and whatever an authorisation that has not arrived yet would hold. What is captured stays.
	Void(ctx context.Context, r Request) (Answer, error)
	// Refund gives back r.Part of what was captured. *Refused says that it never will with this key.
	Refund(ctx context.Context, r Request) (Answer, error)
	// Find tells how a charge stands; the zero Answer when the gateway has none (yet).
	Find(ctx context.Context, r Request) (Answer, error)
}

// Method is what is kept of how somebody pays.
type Method struct {
	// Token is what the gateway knows the card by.
	Token string
	// LastFour may be empty: the gateway tells it with the authorisation.
	LastFour string
}

// Request is what a gateway is asked, and about which payment.
type Request struct {
	// Key is the idempotency key of this request. Attempt says how many there were with it, from 1.
	Key     string
	Attempt int
	// Charge and Refund name what is asked for, whatever the attempt: the first keys of the authorisation, and of the refund.
	Charge, Refund string
	Payment, Order uuid.UUID
	// Amount is of the whole payment, Part of a refund.
	Amount, Part money.Amount
	Currency     string
	Method       string
	// Reference is what the gateway calls the charge; empty while it has not said.
	Reference string
}

// Answer is how a charge stands at the gateway.
type Answer struct {
	// State is empty when there is no charge, and Created for one that holds nothing yet.
	State              State
	Captured, Refunded money.Amount
	Reference          string
	LastFour           string
	Approval, Decline  string
	// ExpiresAt is when the authorisation lapses; zero when nobody said.
	ExpiresAt time.Time
	// Response is what to show of the answer to who looks into a payment.
	Response string `json:"-"`
	// made is how much of Refunded was given back by refunds that are known here.
	made money.Amount
}

// standing is the state of a charge of which something is captured.
func standing(captured, refunded money.Amount) State {
	if refunded >= captured {
		return Refunded
	}
	return Captured
}

// Refused is the answer of a gateway that will not do it, however often it is asked.
type Refused struct {
	Reason string
	// Response is as that of an Answer.
	Response string
}

func (r *Refused) Error() string { return "the gateway refuses: " + r.Reason }

// Spent is a failure that a gateway keeps, and gives again to whoever comes with the same key. Once that is known nothing is done with the
// key any more: who finds that nothing was done with it before asks with another.
type Spent struct{ Err error }

func (s *Spent) Error() string { return s.Err.Error() }

func (s *Spent) Unwrap() error { return s.Err }
