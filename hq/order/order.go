package order

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Topic is marked whenever the order changes.
func Topic(id uuid.UUID) string { return "order:" + id.String() }

// AnyTopic is marked whenever any order changes.
const AnyTopic = "orders"

// Order is an order as it stands.
type Order struct {
	ID                uuid.UUID
	Code              string
	State             retail.OrderState
	PlacedAt, StateAt time.Time
	// Customer is who ordered; zero for a visitor without an account. The words below are empty once that person was erased.
	Customer                    uuid.UUID
	Name, Email, Phone, Address string
	// Lang is "fr" or "en".
	Lang     string
	Delivery retail.Delivery
	// Location is where it is prepared, the Attempt-th that was asked.
	Location uuid.UUID
	Attempt  int
	Currency string
	Prices   uint64
	Lines    []retail.Line
	Taxes    []retail.Tax
	Total    money.Amount
	// Due is when headquarters has something to do for it, nil while people have; Until when what people have to do is given up.
	Due, Until *time.Time
	// Tries is how often the present step has failed.
	Tries int
	// Captured is when the money was taken, or people noted that it came another way; nil while it is only authorised, or not even that.
	Captured *time.Time
	// Failure is the key of why it is cancelled; empty otherwise.
	Failure string
	// Told is the state that the customer was last written about, or mute.
	Told retail.OrderState
	// Receipt is what was printed or written when it was sold; empty before.
	Receipt string
}

// Over says that nothing more will become of it by itself.
func (o Order) Over() bool { return Ends(o.State) && !o.Owed() }

// Ends says whether the way of an order ends in a state.
func Ends(s retail.OrderState) bool {
	switch s {
	case retail.OrderCancelled, retail.OrderCollected, retail.OrderDelivered, retail.OrderReturned:
		return true
	}
	return false
}

// Owed says that the goods are gone and nothing was taken for them yet. What came back was sold, and its money given back at the till.
func (o Order) Owed() bool {
	return o.Captured == nil && (o.State == retail.OrderCollected || o.State == retail.OrderReturned)
}

// Cancellable says whether somebody may still call it off.
func (o Order) Cancellable() bool {
	return retail.OrderSteps.Lead(o.State, retail.OrderCompensating) || retail.OrderSteps.Lead(o.State, retail.OrderCancelled)
}

// Repayable says whether it is its money that the order waits for, or has to give back: when it has ended because a refund has failed since.
func (o Order) Repayable() bool {
	switch o.State {
	case retail.OrderCompensating, retail.OrderCancelled, retail.OrderDelivered, retail.OrderReturned:
		return true
	}
	return false
}

// goods are the order's products.
func (o Order) goods() []retail.StockLine {
	lines := make([]retail.StockLine, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = retail.StockLine{Product: l.Product, Quantity: l.Quantity}
	}
	return lines
}

// sums are its lines and taxes as they are stored.
func (o Order) sums() (lines, taxes []byte, err error) {
	if lines, err = json.Marshal(o.Lines); err != nil {
		return nil, nil, fmt.Errorf("encode lines: %w", err)
	}
	if taxes, err = json.Marshal(o.Taxes); err != nil {
		return nil, nil, fmt.Errorf("encode taxes: %w", err)
	}
	return lines, taxes, nil
}

// refuse says that an order stands where it cannot be taken to another state.
func (o Order) refuse(to retail.OrderState) error {
	return &retail.Error{Code: retail.Conflict, Key: "order.state", Args: map[string]any{"code": o.Code, "state": o.State, "to": to}}
}

// Querier reads, inside a transaction or not.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const columns = `id, code, state, placed_at, state_at, customer_id, name, email, phone, address, lang, delivery, location_id, attempt,
	currency, prices, lines, taxes, total, due_at, until_at, tries, captured_at, failure, told, receipt`

func read(ctx context.Context, q Querier, rest string, args ...any) ([]Order, error) {
	rows, err := q.Query(ctx, "SELECT "+columns+" FROM orders.placed "+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return found, nil
}

func scan(row pgx.CollectableRow) (o Order, err error) {
	var customer *uuid.UUID
	var lines, taxes []byte
	err = row.Scan(&o.ID, &o.Code, &o.State, &o.PlacedAt, &o.StateAt, &customer, &o.Name, &o.Email, &o.Phone, &o.Address, &o.Lang,
		&o.Delivery, &o.Location, &o.Attempt, &o.Currency, &o.Prices, &lines, &taxes, &o.Total, &o.Due, &o.Until, &o.Tries,
		&o.Captured, &o.Failure, &o.Told, &o.Receipt)
	if err != nil {
		return o, err
	}
	if customer != nil {
		o.Customer = *customer
	}
	return o, errors.Join(json.Unmarshal(lines, &o.Lines), json.Unmarshal(taxes, &o.Taxes))
}

// One is an order; retail.NotFound where there is none.
func One(ctx context.Context, q Querier, id uuid.UUID) (Order, error) {
	found, err := read(ctx, q, "WHERE id = $1", id)
	if err != nil {
		return Order{}, err
	}
	if len(found) == 0 {
		return Order{}, unknown(id)
	}
	return found[0], nil
}

func unknown(id uuid.UUID) error {
	return &retail.Error{Code: retail.NotFound, Key: "order.unknown", Args: map[string]any{"id": id}}
}

// Of lists the orders of a customer, newest first.
func Of(ctx context.Context, q Querier, customer uuid.UUID) ([]Order, error) {
	return read(ctx, q, "WHERE customer_id = $1 ORDER BY placed_at DESC, id DESC LIMIT 200", customer)
}

// Filter narrows a list of orders. The zero value takes all.
type Filter struct {
	// IDs are the orders to take; nil for all.
	IDs    []uuid.UUID
	States []retail.OrderState
	// Locations are where it is prepared; nil for everywhere.
	Locations []uuid.UUID
	// Stuck takes those whose step has failed again and again.
	Stuck bool
	// Search is a part of a code, or of a name or e-mail.
	Search string
	// Before is Next of the page before.
	Before uuid.UUID
	Limit  int
}

// Page is a part of the orders, newest first. Next asks for the following one; zero on the last.
type Page struct {
	Orders []Order
	Next   uuid.UUID
}

// stuckTries is how many failures make an order stuck: people are told, and the jobs go on trying.
const stuckTries = 5

// List lists orders.
func List(ctx context.Context, q Querier, f Filter) (Page, error) {
	limit := min(max(f.Limit, 1), 200)
	if f.Limit == 0 {
		limit = 50
	}
	where, args := "WHERE true", pgx.NamedArgs{"limit": limit + 1}
	if f.IDs != nil {
		where, args["ids"] = where+" AND id = ANY(@ids)", f.IDs
	}
	if f.States != nil {
		where, args["states"] = where+" AND state = ANY(@states)", f.States
	}
	if f.Locations != nil {
		where, args["locations"] = where+" AND location_id = ANY(@locations)", f.Locations
	}
	if f.Stuck {
		where, args["tries"] = where+" AND tries >= @tries", stuckTries
	}
	if f.Search != "" {
		where += " AND (strpos(lower(code), lower(@search)) > 0 OR strpos(lower(name), lower(@search)) > 0 OR lower(email) = lower(@search))"
		args["search"] = f.Search
	}
	if f.Before != uuid.Nil {
		where += " AND (placed_at, id) < (SELECT placed_at, id FROM orders.placed WHERE id = @before)"
		args["before"] = f.Before
	}
	found, err := read(ctx, q, where+" ORDER BY placed_at DESC, id DESC LIMIT @limit", args)
	if err != nil {
		return Page{}, err
	}
	page := Page{Orders: found}
	if len(found) > limit {
		page.Orders = found[:limit]
		page.Next = found[limit-1].ID
	}
	return page, nil
}

// StateCount is how many orders are in a state, and how many of those are stuck.
type StateCount struct {
	State         retail.OrderState
	Orders, Stuck int64
}
