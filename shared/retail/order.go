package retail

import (
	"fmt"

	"comptant/shared/money"

	"github.com/google/uuid"
)

// OrderState is where an order of the shop stands.
type OrderState string

// The states. Up to OrderConfirmed headquarters works alone: stock, payment. What follows is the fulfilment, which the store
// or the warehouse does.
const (
	OrderCreated       OrderState = "created"
	OrderStockVerified OrderState = "stock_verified"
	OrderStockReserved OrderState = "stock_reserved"
	// OrderPaymentProcessed means authorised: nothing is captured before somebody has accepted to deliver.
	OrderPaymentProcessed OrderState = "payment_processed"
	OrderConfirmed        OrderState = "order_confirmed"
	// OrderCompensating takes back what was done, last first.
	OrderCompensating OrderState = "compensation_started"
	OrderCancelled    OrderState = "cancelled"

	OrderAccepted OrderState = "accepted"
	// OrderShort means that the location does not have it all: another one is tried.
	OrderShort   OrderState = "short"
	OrderPicking OrderState = "picking"
	// OrderReady waits to be collected; OrderShipped is on its way.
	OrderReady     OrderState = "ready"
	OrderShipped   OrderState = "shipped"
	OrderCollected OrderState = "collected"
	OrderDelivered OrderState = "delivered"
	OrderReturned  OrderState = "returned"
)

// OrderSteps is the way of an order. Tills answer offline and their journals come in any order, so an answer may skip those
// before it: who hands over has accepted.
var OrderSteps = Steps[OrderState]{
	{"", OrderCreated, "place"},
	{OrderCreated, OrderStockVerified, "verify"},
	{OrderStockVerified, OrderStockReserved, "reserve"},
	{OrderStockReserved, OrderPaymentProcessed, "authorise"},
	{OrderPaymentProcessed, OrderConfirmed, "confirm"},

	{OrderConfirmed, OrderAccepted, "accept"},
	{OrderConfirmed, OrderShort, "short"},
	{OrderAccepted, OrderPicking, "pick"},
	{OrderPicking, OrderReady, "ready"},
	{OrderPicking, OrderShipped, "ship"},
	{OrderReady, OrderCollected, "collect"},
	{OrderShipped, OrderDelivered, "deliver"},
	{OrderCollected, OrderReturned, "return"},
	{OrderDelivered, OrderReturned, "return"},

	{OrderAccepted, OrderShort, "short"},
	{OrderPicking, OrderShort, "short"},
	{OrderShort, OrderConfirmed, "reroute"},

	{OrderConfirmed, OrderReady, "ready"},
	{OrderAccepted, OrderReady, "ready"},
	{OrderConfirmed, OrderCollected, "collect"},
	{OrderAccepted, OrderCollected, "collect"},
	{OrderPicking, OrderCollected, "collect"},

	{OrderCreated, OrderCancelled, "cancel"},
	{OrderStockVerified, OrderCancelled, "cancel"},
	{OrderStockReserved, OrderCompensating, "compensate"},
	{OrderPaymentProcessed, OrderCompensating, "compensate"},
	{OrderConfirmed, OrderCompensating, "compensate"},
	{OrderAccepted, OrderCompensating, "compensate"},
	{OrderShort, OrderCompensating, "compensate"},
	{OrderPicking, OrderCompensating, "compensate"},
	{OrderReady, OrderCompensating, "compensate"},
	{OrderCompensating, OrderCancelled, "cancel"},
}

// Delivery is how the goods of an order reach who bought them.
type Delivery uint8

// The ways: fetched in a store, or sent from a warehouse.
const (
	Collect Delivery = 1
	Ship    Delivery = 2
)

// Order is an order that a store is asked to prepare, as a row of its feed. The prices are settled: the till sells exactly
// these lines, taxes and total, paid online.
type Order struct {
	ID uuid.UUID `cbor:"1,keyasint"`
	// Code is what the customer was given, for example W-000042.
	Code string `cbor:"2,keyasint"`
	// Attempt counts the locations that were asked; an answer names it, so that one to an earlier question decides nothing.
	Attempt uint64     `cbor:"3,keyasint"`
	State   OrderState `cbor:"4,keyasint"`
	// At is when it was placed, and Until when another location is asked if nobody accepts; both in milliseconds since 1970,
	// UTC.
	At    int64 `cbor:"5,keyasint"`
	Until int64 `cbor:"6,keyasint,omitempty"`
	// Name is who fetches it; empty once that person was erased. Customer is their id, zero for a visitor without an account.
	Name     string    `cbor:"7,keyasint,omitempty"`
	Customer uuid.UUID `cbor:"8,keyasint,omitzero"`
	// What Sale needs of the same names.
	Currency string       `cbor:"9,keyasint"`
	Prices   uint64       `cbor:"10,keyasint"`
	Lines    []Line       `cbor:"11,keyasint"`
	Taxes    []Tax        `cbor:"12,keyasint"`
	Total    money.Amount `cbor:"13,keyasint"`
	// Approval and LastFour are of the payment.
	Approval string `cbor:"14,keyasint,omitempty"`
	LastFour string `cbor:"15,keyasint,omitempty"`
}

// Sale is what the till commits when the order is handed over: the entry that counts, with a receipt number of its own.
func (o Order) Sale(number uint64, day Date) Sale {
	return Sale{
		Number: number, BusinessDate: day, Currency: o.Currency, Prices: o.Prices, Lines: o.Lines, Taxes: o.Taxes, Total: o.Total,
		Tenders:  []Tender{{Kind: TenderOnline, Amount: o.Total, Approval: o.Approval, LastFour: o.LastFour}},
		Customer: o.Customer, Order: o.ID, OrderCode: o.Code,
	}
}

// OfOrder says that the sale hands an order over.
func (s Sale) OfOrder() bool { return s.Order != uuid.Nil }

// Units is the sum of the quantities.
func (o Order) Units() money.Quantity { return units(o.Lines) }

// OrderAnswer is the body of an order-accept entry, and of an order-ready one.
type OrderAnswer struct {
	Order   uuid.UUID `cbor:"1,keyasint"`
	Attempt uint64    `cbor:"2,keyasint"`
}

// OrderMissing is the body of an order-short entry: what the store does not have of an order.
type OrderMissing struct {
	Order   uuid.UUID   `cbor:"1,keyasint"`
	Attempt uint64      `cbor:"2,keyasint"`
	Lines   []StockLine `cbor:"3,keyasint"`
}

// OrderCode is the number of an order as people read it.
func OrderCode(number int64) string { return fmt.Sprintf("W-%06d", number) }
