package stock

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Dispatch sends goods for an approved request.
type Dispatch struct {
	Location, Restock uuid.UUID
	// From is the warehouse that ships.
	From, By uuid.UUID
	At       time.Time
	// Quantities is what was packed, by product; nil for everything approved.
	Quantities map[uuid.UUID]money.Quantity
}

// Ship makes the one shipment of a request: the goods leave the warehouse's stock and are on their way to the store until
// it receives them. What was approved and not packed is not sent later; the store asks again.
//
// The goods enter the store's average cost here and not on receiving, so that the cost does not depend on the order in
// which receipts arrive.
func Ship(ctx context.Context, tx *db.Tx, d Dispatch) (Shipment, error) {
	r, err := lockRestock(ctx, tx, d.Location, d.Restock)
	if err != nil {
		return Shipment{}, err
	}
	if !retail.RestockSteps.Lead(r.State, retail.RestockShipped) {
		return Shipment{}, &retail.Error{Code: retail.Conflict, Key: "restock.not_approved", Args: map[string]any{"state": r.State}}
	}
	if from, err := Location(ctx, tx, d.From); err != nil {
		return Shipment{}, err
	} else if from.Kind != retail.LocationWarehouse {
		return Shipment{}, &retail.Error{Code: retail.Invalid, Key: "restock.not_warehouse", Args: map[string]any{"name": from.Name}}
	}
	packed, err := d.packed(r)
	if err != nil {
		return Shipment{}, err
	}
	var n int64
	if err := tx.QueryRow(ctx, `SELECT nextval('stock.shipment_number')`).Scan(&n); err != nil {
		return Shipment{}, fmt.Errorf("number shipment: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Shipment{}, fmt.Errorf("ship restock %s: %w", d.Restock, err)
	}
	if err := leave(ctx, tx, d, id, packed); err != nil {
		return Shipment{}, fmt.Errorf("ship restock %s: %w", d.Restock, err)
	}
	products, quantities := columns(packed)
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO stock.shipment (location_id, id, code, from_id, restock_id, shipped_at, shipped_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		d.Location, id, fmt.Sprintf("EXP-%04d", n), d.From, d.Restock, d.At, d.By)
	batch.Queue(`
		INSERT INTO stock.shipment_line (location_id, shipment_id, product_id, shipped)
		SELECT $1, $2, * FROM unnest($3::uuid[], $4::bigint[])`, d.Location, id, products, quantities)
	batch.Queue(`UPDATE stock.restock SET state = $3 WHERE location_id = $1 AND id = $2`,
		d.Location, d.Restock, int16(retail.RestockShipped))
	batch.Queue(`
		UPDATE stock.restock_line l SET shipped = s.quantity FROM unnest($3::uuid[], $4::bigint[]) AS s (product_id, quantity)
		WHERE l.location_id = $1 AND l.restock_id = $2 AND l.product_id = s.product_id`, d.Location, d.Restock, products, quantities)
	if err := tx.Send(ctx, &batch); err != nil {
		return Shipment{}, fmt.Errorf("ship restock %s: %w", d.Restock, err)
	}
	if err := publishRestock(ctx, tx, d.Location, d.Restock); err != nil {
		return Shipment{}, err
	}
	return publishShipment(ctx, tx, d.Location, id)
}

// packed is what goes into the shipment, checked against what was approved.
func (d Dispatch) packed(r Restock) (map[uuid.UUID]money.Quantity, error) {
	approved := map[uuid.UUID]money.Quantity{}
	for _, l := range r.Lines {
		if l.Approved > 0 {
			approved[l.Product] = l.Approved
		}
	}
	if d.Quantities == nil {
		return approved, nil
	}
	packed := map[uuid.UUID]money.Quantity{}
	for product, q := range d.Quantities {
		if q < 0 || q > approved[product] {
			return nil, &retail.Error{Code: retail.Invalid, Key: "restock.packed", Args: map[string]any{
				"product": product, "packed": q, "approved": approved[product],
			}}
		}
		if q > 0 {
			packed[product] = q
		}
	}
	if len(packed) == 0 {
		return nil, &retail.Error{Code: retail.Invalid, Key: "restock.empty"}
	}
	return packed, nil
}

// leave takes the goods from the warehouse and puts them on their way. The warehouse cannot ship what it has not.
func leave(ctx context.Context, tx *db.Tx, d Dispatch, shipment uuid.UUID, packed map[uuid.UUID]money.Quantity) error {
	products, quantities := columns(packed)
	rows, err := tx.Query(ctx, `
		SELECT product_id, on_hand, unit_cost FROM stock.level WHERE location_id = $1 AND product_id = ANY($2)
		ORDER BY product_id FOR UPDATE`, d.From, products)
	if err != nil {
		return err
	}
	onHand, cost := map[uuid.UUID]money.Quantity{}, map[uuid.UUID]money.Amount{}
	var product uuid.UUID
	var has money.Quantity
	var each money.Amount
	_, err = pgx.ForEachRow(rows, []any{&product, &has, &each}, func() error {
		onHand[product], cost[product] = has, each
		return nil
	})
	if err != nil {
		return err
	}
	movements, costs := make([]Movement, len(products)), make([]int64, len(products))
	for i, p := range products {
		if onHand[p] < packed[p] {
			return &retail.Error{Code: retail.Conflict, Key: "restock.warehouse_short", Args: map[string]any{
				"product": p, "packed": packed[p], "left": onHand[p],
			}}
		}
		costs[i] = int64(cost[p])
		movements[i] = Movement{
			Location: d.From, Product: p, At: d.At, Ref: shipment, Line: i, Reason: Shipped, Quantity: -packed[p], UnitCost: cost[p],
		}
	}
	if err := Record(ctx, tx, movements); err != nil {
		return err
	}
	return onItsWay(ctx, tx, d.Location, products, quantities, costs)
}

// columns are the map in the order of its keys, which is the order in which levels are locked.
func columns(by map[uuid.UUID]money.Quantity) (products []uuid.UUID, quantities []int64) {
	products = slices.SortedFunc(maps.Keys(by), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	quantities = make([]int64, len(products))
	for i, p := range products {
		quantities[i] = int64(by[p])
	}
	return products, quantities
}

// publishShipment tells the store's tills what is on its way, and gives it.
func publishShipment(ctx context.Context, tx *db.Tx, location, id uuid.UUID) (Shipment, error) {
	s, err := OneShipment(ctx, tx, location, id)
	if err != nil {
		return s, err
	}
	told := retail.Shipment{ID: s.ID, Code: s.Code, Restock: s.Restock, At: s.ShippedAt.UnixMilli(), Received: s.State() == ShipmentReceived}
	if s.Restock == uuid.Nil {
		told.From = s.From
	}
	for _, l := range s.Lines {
		told.Lines = append(told.Lines, retail.StockLine{Product: l.Product, Quantity: l.Shipped})
	}
	row, err := feed.NewRow(retail.RowShipment, s.ID, told)
	if err != nil {
		return s, err
	}
	feed.Publish(ctx, tx, feed.Store(location), row)
	feed.Mark(tx, RestockTopic)
	if s.Restock != uuid.Nil {
		return s, nil
	}
	return s, publishSent(ctx, tx, s)
}

// publishSent tells the tills of the store that sent a transfer where it stands.
func publishSent(ctx context.Context, tx *db.Tx, s Shipment) error {
	told := retail.Sent{ID: s.ID, To: s.Location, At: s.ShippedAt.UnixMilli(), Received: s.State() == ShipmentReceived}
	for _, l := range s.Lines {
		line := retail.SentLine{Product: l.Product, Sent: l.Shipped}
		if l.Received != nil {
			line.Received = *l.Received
		}
		told.Lines = append(told.Lines, line)
	}
	row, err := feed.NewRow(retail.RowSent, s.ID, told)
	if err == nil {
		feed.Publish(ctx, tx, feed.Store(s.From), row)
	}
	return err
}
