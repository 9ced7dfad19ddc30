package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Shipment is goods on their way to a store, or received there.
type Shipment struct {
	Location, ID uuid.UUID
	Code         string // EXP-0311
	From         uuid.UUID
	Restock      uuid.UUID // zero for a transfer from a store
	ShippedAt    time.Time
	ShippedBy    uuid.UUID
	ReceivedAt   *time.Time // nil while on its way
	ReceivedBy   *uuid.UUID
	Lines        []ShipmentLine
}

// ShipmentState is where a shipment stands.
type ShipmentState string

// The states.
const (
	ShipmentOnTheWay ShipmentState = "on-the-way"
	ShipmentReceived ShipmentState = "received"
)

// ShipmentSteps is the way of a shipment, of a warehouse or of a store.
var ShipmentSteps = retail.Steps[ShipmentState]{
	{From: "", To: ShipmentOnTheWay, Deed: "ship"},
	{From: "", To: ShipmentOnTheWay, Deed: "transfer"},
	{From: ShipmentOnTheWay, To: ShipmentReceived, Deed: "receive"},
}

// State is where it stands.
func (s Shipment) State() ShipmentState {
	if s.ReceivedAt == nil {
		return ShipmentOnTheWay
	}
	return ShipmentReceived
}

// ShipmentLine is one product of a shipment. What came without having been shipped is only among the movements.
type ShipmentLine struct {
	Product uuid.UUID
	Shipped money.Quantity
	// Received is nil while on its way.
	Received *money.Quantity
}

// Difference is what was received beyond what was shipped: below 0 it was short. 0 while on its way.
func (l ShipmentLine) Difference() money.Quantity {
	if l.Received == nil {
		return 0
	}
	return *l.Received - l.Shipped
}

// Differs says that something was short or over.
func (s Shipment) Differs() bool {
	for _, l := range s.Lines {
		if l.Difference() != 0 {
			return true
		}
	}
	return false
}

// ShipmentFilter narrows a list of shipments. The zero value takes all.
type ShipmentFilter struct {
	Location uuid.UUID
	// Either takes only those that one of these locations sent or is to get; nil for all.
	Either []uuid.UUID
	// Asked takes only those that a request of a store was for, and so a warehouse sent.
	Asked bool
	// Product takes only those with some of it.
	Product uuid.UUID
	// OnTheWay takes only those not received yet.
	OnTheWay bool
	// Before is Next of the page before.
	Before string
	Limit  int
}

// ShipmentPage is a part of the shipments, newest first. Next asks for the following page; empty on the last.
type ShipmentPage struct {
	Shipments []Shipment
	Next      string
}

// Shipments lists shipments.
func Shipments(ctx context.Context, q Querier, f ShipmentFilter) (ShipmentPage, error) {
	limit := pageSize(f.Limit)
	where, args := "true", pgx.NamedArgs{"limit": limit + 1}
	if f.Location != uuid.Nil {
		where, args["location"] = where+" AND s.location_id = @location", f.Location
	}
	if f.Either != nil {
		where, args["either"] = where+" AND (s.location_id = ANY(@either) OR s.from_id = ANY(@either))", f.Either
	}
	if f.Asked {
		where += " AND s.restock_id IS NOT NULL"
	}
	if f.Product != uuid.Nil {
		where, args["product"] = where+` AND EXISTS (
			SELECT FROM stock.shipment_line n WHERE n.location_id = s.location_id AND n.shipment_id = s.id AND n.product_id = @product)`, f.Product
	}
	if f.OnTheWay {
		where += " AND s.received_at IS NULL"
	}
	if f.Before != "" {
		at, id, _, err := readCursor(f.Before)
		if err != nil {
			return ShipmentPage{}, err
		}
		where += " AND (s.shipped_at, s.id) < (@at, @id)"
		args["at"], args["id"] = at, id
	}
	found, err := shipments(ctx, q, where, args)
	if err != nil {
		return ShipmentPage{}, fmt.Errorf("list shipments: %w", err)
	}
	page := ShipmentPage{Shipments: found}
	if len(found) > limit {
		page.Shipments = found[:limit]
		last := found[limit-1]
		page.Next = cursor(last.ShippedAt, last.ID, 0)
	}
	return page, nil
}

// OneShipment gives one shipment.
func OneShipment(ctx context.Context, q Querier, location, id uuid.UUID) (Shipment, error) {
	found, err := shipments(ctx, q, "s.location_id = @location AND s.id = @id", pgx.NamedArgs{"location": location, "id": id, "limit": 1})
	if err != nil {
		return Shipment{}, fmt.Errorf("read shipment %s: %w", id, err)
	}
	if len(found) == 0 {
		return Shipment{}, shipmentUnknown(id)
	}
	return found[0], nil
}

func shipmentUnknown(id uuid.UUID) error {
	return &retail.Error{Code: retail.NotFound, Key: "shipment.unknown", Args: map[string]any{"id": id}}
}

func shipments(ctx context.Context, q Querier, where string, args pgx.NamedArgs) ([]Shipment, error) {
	args["none"] = uuid.Nil
	rows, err := q.Query(ctx, `
		WITH s AS (
			SELECT * FROM stock.shipment s WHERE `+where+` ORDER BY s.shipped_at DESC, s.id DESC LIMIT @limit
		)
		SELECT s.location_id, s.id, s.code, s.from_id, coalesce(s.restock_id, @none), s.shipped_at, s.shipped_by, s.received_at, s.received_by,
			n.product_id, n.shipped, n.received
		FROM s JOIN stock.shipment_line n ON n.location_id = s.location_id AND n.shipment_id = s.id
		ORDER BY s.shipped_at DESC, s.id DESC, n.product_id`, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Shipment
	for rows.Next() {
		var s Shipment
		var l ShipmentLine
		err := rows.Scan(&s.Location, &s.ID, &s.Code, &s.From, &s.Restock, &s.ShippedAt, &s.ShippedBy, &s.ReceivedAt, &s.ReceivedBy,
			&l.Product, &l.Shipped, &l.Received)
		if err != nil {
			return nil, err
		}
		if n := len(found); n == 0 || found[n-1].ID != s.ID {
			found = append(found, s)
		}
		last := &found[len(found)-1]
		last.Lines = append(last.Lines, l)
	}
	return found, rows.Err()
}
