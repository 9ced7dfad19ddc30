package stock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Dated is a product that a document moved, when that was thought to have been, and when it is now known to have been.
type Dated struct {
	Location, Product, Ref uuid.UUID
	Was, At                time.Time
}

// Redate changes the times of movements, and of counts. Levels move where that changes what was before a count; a movement
// that is not there is left out.
func Redate(ctx context.Context, tx *db.Tx, movements []Dated) error {
	if len(movements) == 0 {
		return nil
	}
	n := len(movements)
	keys := make([]key, n)
	for i, m := range movements {
		keys[i] = key{m.Location, m.Product}
	}
	if err := lockLevels(ctx, tx, keys); err != nil {
		return err
	}
	locations, products, refs := make([][16]byte, n), make([][16]byte, n), make([][16]byte, n)
	was, ats := make([]time.Time, n), make([]time.Time, n)
	for i, m := range movements {
		locations[i], products[i], refs[i], was[i], ats[i] = m.Location, m.Product, m.Ref, m.Was, m.At
	}
	_, err := tx.Exec(ctx, `
		UPDATE stock.movement m SET at = n.at
		FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[]) AS n (location_id, product_id, ref, was, at)
		WHERE m.location_id = n.location_id AND m.product_id = n.product_id AND m.at = n.was AND m.ref = n.ref`,
		locations, products, refs, was, ats)
	if err != nil {
		return fmt.Errorf("date movements: %w", err)
	}
	_, err = tx.Exec(ctx, `
		UPDATE stock.count c SET at = n.at
		FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[]) AS n (location_id, product_id, ref, at)
		WHERE c.location_id = n.location_id AND c.product_id = n.product_id AND c.ref = n.ref`,
		locations, products, refs, ats)
	if err != nil {
		return fmt.Errorf("date counts: %w", err)
	}
	return recountAll(ctx, tx, keys)
}

// CountedAt is when a count is thought to have been made; zero when it is not there.
func CountedAt(ctx context.Context, tx *db.Tx, location, product, ref uuid.UUID) (at time.Time, err error) {
	err = tx.QueryRow(ctx, `SELECT at FROM stock.count WHERE location_id = $1 AND product_id = $2 AND ref = $3`, location, product, ref).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return at, nil
	}
	if err != nil {
		return at, fmt.Errorf("read count of %s: %w", product, err)
	}
	return at, nil
}

// RedateReceipt dates a shipment's arrival anew, where this receipt is the one that counts.
func RedateReceipt(ctx context.Context, tx *db.Tx, r Receipt) error {
	counts, err := lockShipment(ctx, tx, r.Location, r.Shipment)
	if known := (*retail.Error)(nil); errors.As(err, &known) && known.Code == retail.NotFound {
		return nil // the entry waits for its shipment
	}
	if err != nil || !bytes.Equal(counts.entry, r.Entry) {
		return err
	}
	products, keys := make([][16]byte, len(r.Lines)), make([]key, len(r.Lines))
	for i, l := range r.Lines {
		products[i], keys[i] = l.Product, key{r.Location, l.Product}
	}
	if err := lockLevels(ctx, tx, keys); err != nil {
		return err
	}
	var batch pgx.Batch
	batch.Queue(`
		UPDATE stock.movement m SET at = $4 FROM stock.shipment s
		WHERE s.location_id = $1 AND s.id = $2 AND m.location_id = $1 AND m.product_id = ANY ($5::uuid[]) AND m.at = s.received_at
			AND m.ref = $2 AND m.reason = $3`,
		r.Location, r.Shipment, int16(Arrived), r.At.Add(r.Off), products)
	batch.Queue(`UPDATE stock.shipment SET received_at = $3 WHERE location_id = $1 AND id = $2`, r.Location, r.Shipment, r.At.Add(r.Off))
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("date the receipt of shipment %s: %w", r.Shipment, err)
	}
	feed.Mark(tx, RestockTopic)
	return recountAll(ctx, tx, keys)
}

// RedateRestock dates a request anew. One that is not there is left out.
func RedateRestock(ctx context.Context, tx *db.Tx, location, id uuid.UUID, at time.Time) error {
	done, err := tx.Exec(ctx, `UPDATE stock.restock SET requested_at = $3 WHERE location_id = $1 AND id = $2 AND requested_at <> $3`,
		location, id, at)
	if err != nil {
		return fmt.Errorf("date restock %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return nil
	}
	return publishRestock(ctx, tx, location, id)
}
