package shop

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Desk takes orders and knows how they stand.
type Desk interface {
	// Place makes an order and takes it as far as it goes at once; the same id again is the same order.
	Place(ctx context.Context, p Placement) (Order, error)
	One(ctx context.Context, id uuid.UUID) (Order, error)
	// Of gives the orders of a customer, newest first.
	Of(ctx context.Context, customer uuid.UUID) ([]Order, error)
	History(ctx context.Context, id uuid.UUID) ([]Transition, error)
	Cancel(ctx context.Context, id, by uuid.UUID, why string) (Order, error)
	Available(ctx context.Context, location uuid.UUID, products []uuid.UUID) (map[uuid.UUID]Available, error)
}

// Placement is an order as it is asked for.
type Placement struct {
	ID                       uuid.UUID
	Customer                 uuid.UUID // zero for a visitor without an account
	Name, Email, Phone, Lang string
	Delivery                 retail.Delivery
	Location                 uuid.UUID // the store to collect in, or the warehouse that ships
	Address                  string
	Currency                 string
	Prices                   uint64
	Lines                    []retail.Line
	Taxes                    []retail.Tax
	Total                    money.Amount
	Method                   string // how it is paid
}

// Order is an order as it stands.
type Order struct {
	ID                                uuid.UUID
	Code                              string
	State                             retail.OrderState
	PlacedAt, StateAt                 time.Time
	Customer                          uuid.UUID
	Name, Email, Phone, Lang, Address string
	Delivery                          retail.Delivery
	Location                          uuid.UUID
	Attempt                           int
	Currency                          string
	Lines                             []retail.Line
	Taxes                             []retail.Tax
	Total, Captured, Refunded         money.Amount
	LastFour, Decline                 string
	Failure                           string // key of why it was cancelled; empty otherwise
}

// Transition is a step that an order took.
type Transition struct {
	From, To          retail.OrderState
	Deed              string
	At                time.Time
	Took              time.Duration
	Request, Response json.RawMessage
	Error             string
	By                uuid.UUID
}

// Available is how much of a product may be promised at a location.
type Available struct {
	OnHand, Reserved, Buffer, Available money.Quantity
	// At is as of when the location's sales are known.
	At time.Time
}
