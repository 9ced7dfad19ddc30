package stock

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Receipt is what a store found in a shipment, as one entry of a journal says.
type Receipt struct {
	Location, Shipment, By uuid.UUID
	// At is what the entry says. Off is what was found out about that since: it dates what moved, and decides nothing.
	At  time.Time
	Off time.Duration
	// Entry is the hash of the entry, which is the till's, of that epoch and seq.
	Entry      []byte
	Till       uuid.UUID
	Epoch, Seq uint64
	Lines      []retail.StockLine
}

// ReceiveShipment puts what was found on the store's shelf, and takes what was shipped off the way to it. The difference
// is the line's to show: short or over. What was not expected at all is on the shelf and among the movements.
//
// Of several receipts for one shipment the earliest counts (time, then hash), not the first to arrive: an earlier one
// replaces the effect of the one before it, a later one has none. So the stock is a function of the set of entries. A
// shipment that is not known here gives retail.NotFound: the entry waits for it.
func ReceiveShipment(ctx context.Context, tx *db.Tx, r Receipt) error {
	r.At = r.At.Truncate(time.Microsecond) // as Postgres keeps it, so that it compares
	counts, err := lockShipment(ctx, tx, r.Location, r.Shipment)
	if err != nil {
		return err
	}
	if counts.at != nil && cmp.Or(counts.at.Compare(r.At), bytes.Compare(counts.entry, r.Entry)) <= 0 {
		return nil
	}
	if counts.at == nil {
		err = arrive(ctx, tx, r)
	} else {
		err = takeBack(ctx, tx, r)
	}
	if err != nil {
		return fmt.Errorf("receive shipment %s: %w", r.Shipment, err)
	}
	found := map[uuid.UUID]money.Quantity{}
	for _, l := range r.Lines {
		found[l.Product] += max(l.Quantity, 0)
	}
	products, quantities := columns(found)
	var movements []Movement
	for i, p := range products {
		if found[p] > 0 {
			movements = append(movements, Movement{
				Location: r.Location, Product: p, At: r.At.Add(r.Off), Ref: r.Shipment, Line: i, Reason: Arrived, Quantity: found[p],
				Till: r.Till, Epoch: r.Epoch, Seq: r.Seq,
			})
		}
	}
	if err := Record(ctx, tx, movements); err != nil {
		return fmt.Errorf("receive shipment %s: %w", r.Shipment, err)
	}
	if err := r.note(ctx, tx, counts.restock, products, quantities); err != nil {
		return fmt.Errorf("receive shipment %s: %w", r.Shipment, err)
	}
	if counts.restock != uuid.Nil {
		if err := publishRestock(ctx, tx, r.Location, counts.restock); err != nil {
			return err
		}
	}
	_, err = publishShipment(ctx, tx, r.Location, r.Shipment)
	return err
}

// counted is the receipt of a shipment that counts so far; at is nil when there is none.
type counted struct {
	restock uuid.UUID // zero for a transfer
	at      *time.Time
	entry   []byte
}

// lockShipment locks the request, as Ship does, or the transfer, which has none.
func lockShipment(ctx context.Context, tx *db.Tx, location, id uuid.UUID) (c counted, err error) {
	err = tx.QueryRow(ctx, `SELECT coalesce(restock_id, $3) FROM stock.shipment WHERE location_id = $1 AND id = $2`, location, id, uuid.Nil).
		Scan(&c.restock)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, shipmentUnknown(id)
	}
	if err == nil && c.restock == uuid.Nil {
		_, err = tx.Exec(ctx, `SELECT FROM stock.shipment WHERE location_id = $1 AND id = $2 FOR UPDATE`, location, id)
	} else if err == nil {
		_, err = tx.Exec(ctx, `SELECT FROM stock.restock WHERE location_id = $1 AND id = $2 FOR UPDATE`, location, c.restock)
	}
	if err != nil {
		return c, fmt.Errorf("lock shipment %s: %w", id, err)
	}
	err = tx.QueryRow(ctx, `SELECT stated_at, receipt FROM stock.shipment WHERE location_id = $1 AND id = $2`, location, id).
		Scan(&c.at, &c.entry)
	if err != nil {
		return c, fmt.Errorf("read shipment %s: %w", id, err)
	}
	return c, nil
}

// arrive ends the way of what was shipped, whatever of it was found.
func arrive(ctx context.Context, tx *db.Tx, r Receipt) error {
	_, err := tx.Exec(ctx, `
		WITH n AS (
			SELECT l.location_id, l.product_id, s.shipped
			FROM stock.shipment_line s JOIN stock.level l USING (location_id, product_id)
			WHERE s.location_id = $1 AND s.shipment_id = $2
			ORDER BY l.product_id FOR UPDATE OF l
		)
		UPDATE stock.level l SET in_transit = l.in_transit - n.shipped, changed_at = now(), stale = true
		FROM n WHERE l.location_id = n.location_id AND l.product_id = n.product_id`, r.Location, r.Shipment)
	return err
}

// takeBack undoes what the receipt that counted so far put on the shelf.
func takeBack(ctx context.Context, tx *db.Tx, r Receipt) error {
	rows, err := tx.Query(ctx, `
		DELETE FROM stock.movement WHERE location_id = $1 AND ref = $2 AND reason = $3
		RETURNING product_id, quantity`, r.Location, r.Shipment, int16(Arrived))
	if err != nil {
		return err
	}
	var m Movement
	var movements []Movement
	_, err = pgx.ForEachRow(rows, []any{&m.Product, &m.Quantity}, func() error {
		movements = append(movements, Movement{Location: r.Location, Product: m.Product, Reason: Arrived, Quantity: -m.Quantity})
		return nil
	})
	if err != nil {
		return err
	}
	_, changes := sum(movements, nil)
	counted, err := apply(ctx, tx, changes)
	if err != nil {
		return err
	}
	return recountAll(ctx, tx, counted)
}

// note writes the receipt beside the shipment and its request.
func (r Receipt) note(ctx context.Context, tx *db.Tx, restock uuid.UUID, products []uuid.UUID, quantities []int64) error {
	var batch pgx.Batch
	batch.Queue(`
		UPDATE stock.shipment SET received_at = $3, received_by = $4, receipt = $5, stated_at = $6
		WHERE location_id = $1 AND id = $2`, r.Location, r.Shipment, r.At.Add(r.Off), r.By, r.Entry, r.At)
	batch.Queue(`
		UPDATE stock.shipment_line l SET received = coalesce((
			SELECT quantity FROM unnest($3::uuid[], $4::bigint[]) AS f (product_id, quantity) WHERE f.product_id = l.product_id), 0)
		WHERE l.location_id = $1 AND l.shipment_id = $2`, r.Location, r.Shipment, products, quantities)
	batch.Queue(`UPDATE stock.restock SET state = $3 WHERE location_id = $1 AND id = $2`,
		r.Location, restock, int16(retail.RestockReceived))
	batch.Queue(`
		UPDATE stock.restock_line l SET received = s.received FROM stock.shipment_line s
		WHERE l.location_id = $1 AND l.restock_id = $3 AND s.location_id = $1 AND s.shipment_id = $2 AND s.product_id = l.product_id`,
		r.Location, r.Shipment, restock)
	return tx.Send(ctx, &batch)
}
