package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Transfer is goods that one store sent another, as an entry of a till says.
type Transfer struct {
	From, To, ID, By uuid.UUID
	At               time.Time
	Till             uuid.UUID
	Epoch, Seq       uint64
	Lines            []retail.StockLine
	// Cost is what one unit of a product costs where it leaves.
	Cost func(product uuid.UUID) money.Amount
}

// TakeTransfer makes a transfer a shipment: the goods leave the sending store's stock and are on their way to the other
// until it receives them. Below zero is allowed: they are in the box. Each transfer is taken once; a second entry with its
// id gives retail.Conflict.
func TakeTransfer(ctx context.Context, tx *db.Tx, t Transfer) error {
	added, err := tx.Exec(ctx, `
		INSERT INTO stock.shipment (location_id, id, code, from_id, shipped_at, shipped_by) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, t.To, t.ID, retail.TransferCode(t.ID), t.From, t.At, t.By)
	if err != nil {
		return fmt.Errorf("take transfer %s: %w", t.ID, err)
	}
	if added.RowsAffected() == 0 {
		return &retail.Error{Code: retail.Conflict, Key: "transfer.twice", Args: map[string]any{"id": t.ID}}
	}
	packed := map[uuid.UUID]money.Quantity{}
	for _, l := range t.Lines {
		if l.Quantity > 0 {
			packed[l.Product] += l.Quantity
		}
	}
	products, quantities := columns(packed)
	movements, costs := make([]Movement, len(products)), make([]int64, len(products))
	for i, p := range products {
		cost := t.Cost(p)
		costs[i] = int64(cost)
		movements[i] = Movement{
			Location: t.From, Product: p, At: t.At, Ref: t.ID, Line: i, Reason: Shipped, Quantity: -packed[p], UnitCost: cost,
			Till: t.Till, Epoch: t.Epoch, Seq: t.Seq,
		}
	}
	if err := Record(ctx, tx, movements); err != nil {
		return fmt.Errorf("take transfer %s: %w", t.ID, err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO stock.shipment_line (location_id, shipment_id, product_id, shipped)
		SELECT $1, $2, * FROM unnest($3::uuid[], $4::bigint[])`, t.To, t.ID, products, quantities)
	if err != nil {
		return fmt.Errorf("take transfer %s: %w", t.ID, err)
	}
	if err := onItsWay(ctx, tx, t.To, products, quantities, costs); err != nil {
		return fmt.Errorf("take transfer %s: %w", t.ID, err)
	}
	_, err = publishShipment(ctx, tx, t.To, t.ID)
	return err
}

// onItsWay adds what was shipped to what is on its way to a location, and to its average cost.
func onItsWay(ctx context.Context, tx *db.Tx, to uuid.UUID, products []uuid.UUID, quantities, costs []int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO stock.level AS l (location_id, product_id, in_transit, unit_cost)
		SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::bigint[])
		ON CONFLICT (location_id, product_id) DO UPDATE SET
			unit_cost = CASE WHEN excluded.unit_cost = 0 THEN l.unit_cost ELSE round(
				((greatest(l.on_hand, 0) + l.in_transit)::numeric * l.unit_cost + excluded.in_transit::numeric * excluded.unit_cost)
				/ (greatest(l.on_hand, 0) + l.in_transit + excluded.in_transit)) END,
			in_transit = l.in_transit + excluded.in_transit, changed_at = now(), stale = true`,
		to, products, quantities, costs)
	if err != nil {
		return err
	}
	feed.Mark(tx, Topic(to))
	return nil
}

// RedateTransfer dates a transfer anew, and what it moved. One that was not taken is left out.
func RedateTransfer(ctx context.Context, tx *db.Tx, t Transfer) error {
	var was time.Time
	var from uuid.UUID
	rows, err := tx.Query(ctx, `SELECT shipped_at, from_id FROM stock.shipment WHERE location_id = $1 AND id = $2 AND restock_id IS NULL`, t.To, t.ID)
	if err != nil {
		return fmt.Errorf("date transfer %s: %w", t.ID, err)
	}
	found, err := pgx.ForEachRow(rows, []any{&was, &from}, func() error { return nil })
	if err != nil {
		return fmt.Errorf("date transfer %s: %w", t.ID, err)
	}
	if found.RowsAffected() == 0 || from != t.From {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE stock.shipment SET shipped_at = $3 WHERE location_id = $1 AND id = $2`, t.To, t.ID, t.At); err != nil {
		return fmt.Errorf("date transfer %s: %w", t.ID, err)
	}
	var dated []Dated
	for _, l := range t.Lines {
		dated = append(dated, Dated{Location: t.From, Product: l.Product, Ref: t.ID, Was: was, At: t.At})
	}
	if err := Redate(ctx, tx, dated); err != nil {
		return err
	}
	_, err = publishShipment(ctx, tx, t.To, t.ID)
	return err
}
