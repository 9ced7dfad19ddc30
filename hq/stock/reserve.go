package stock

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Promise is how much of a product is at a location and not promised to anybody.
type Promise struct {
	OnHand, Reserved money.Quantity
}

// Free is what is left of it, once what may have been sold without headquarters knowing is set aside.
func (p Promise) Free(buffer money.Quantity) money.Quantity { return p.OnHand - p.Reserved - buffer }

// Promises gives what is left of products at a location. A product that was never there is left out.
func Promises(ctx context.Context, q Querier, location uuid.UUID, products []uuid.UUID) (map[uuid.UUID]Promise, error) {
	rows, err := q.Query(ctx, `SELECT product_id, on_hand, reserved FROM stock.level WHERE location_id = $1 AND product_id = ANY($2)`,
		location, products)
	if err != nil {
		return nil, fmt.Errorf("read what is promised at %s: %w", location, err)
	}
	found := make(map[uuid.UUID]Promise, len(products))
	var product uuid.UUID
	var p Promise
	_, err = pgx.ForEachRow(rows, []any{&product, &p.OnHand, &p.Reserved}, func() error {
		found[product] = p
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is promised at %s: %w", location, err)
	}
	return found, nil
}

// Reserve promises an order all of its lines, or fails with retail.Conflict and leaves nothing. Lines of the same product are one.
// buffer is what to leave of a product besides what is promised already; those it does not name have none.
//
// Whoever sells at a till may still take the goods: the number was wrong, not the sale. But no two orders are promised the same.
func Reserve(ctx context.Context, tx *db.Tx, location, order uuid.UUID, lines []retail.StockLine, buffer map[uuid.UUID]money.Quantity) error {
	asked := map[uuid.UUID]money.Quantity{}
	for _, l := range lines {
		if l.Quantity > 0 {
			asked[l.Product] += l.Quantity
		}
	}
	products, quantities := columns(asked)
	buffers := make([]int64, len(products))
	for i, p := range products {
		buffers[i] = int64(buffer[p])
	}
	rows, err := tx.Query(ctx, `
		WITH want AS (
			SELECT * FROM unnest($3::uuid[], $4::bigint[], $5::bigint[]) AS w (product_id, quantity, buffer)
		), locked AS (
			SELECT l.product_id, l.on_hand - l.reserved AS free FROM stock.level l JOIN want USING (product_id) WHERE l.location_id = $1
			ORDER BY l.product_id FOR UPDATE OF l
		), lacking AS (
			SELECT w.product_id FROM want w LEFT JOIN locked l USING (product_id) WHERE l.free IS NULL OR l.free - w.buffer < w.quantity
		), promised AS (
			UPDATE stock.level l SET reserved = l.reserved + w.quantity, changed_at = now(), stale = true
			FROM want w
			WHERE l.location_id = $1 AND l.product_id = w.product_id AND NOT EXISTS (SELECT FROM lacking)
			RETURNING l.product_id, w.quantity
		), written AS (
			INSERT INTO stock.reservation (location_id, order_id, product_id, quantity)
			SELECT $1, $2, product_id, quantity FROM promised
		)
		SELECT product_id FROM lacking ORDER BY product_id`,
		location, order, products, quantities, buffers)
	var lacking []uuid.UUID
	if err == nil {
		lacking, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	}
	if err != nil {
		return fmt.Errorf("reserve for order %s: %w", order, err)
	}
	if len(lacking) > 0 {
		return &retail.Error{Code: retail.Conflict, Key: "order.no_stock", Args: map[string]any{"product": lacking[0]}}
	}
	feed.Mark(tx, Topic(location))
	return nil
}

// Lock takes the levels of products at locations until the transaction ends, in one order for everybody. Who reserves at one location and
// releases at another takes both first: two who did so the other way round would wait for each other.
func Lock(ctx context.Context, tx *db.Tx, locations, products []uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		SELECT FROM stock.level WHERE location_id = ANY($1) AND product_id = ANY($2) ORDER BY location_id, product_id FOR UPDATE`, locations, products)
	if err != nil {
		return fmt.Errorf("lock levels: %w", err)
	}
	return nil
}

// Release ends what an order was promised at a location: it was sold there, or will not be. What was released before is left.
func Release(ctx context.Context, tx *db.Tx, location, order uuid.UUID) error {
	done, err := tx.Exec(ctx, `
		WITH gone AS (
			DELETE FROM stock.reservation WHERE location_id = $1 AND order_id = $2 RETURNING product_id, quantity
		), locked AS (
			SELECT l.product_id FROM stock.level l JOIN gone USING (product_id) WHERE l.location_id = $1
			ORDER BY l.product_id FOR UPDATE OF l
		)
		UPDATE stock.level l SET reserved = l.reserved - g.quantity, changed_at = now(), stale = true
		FROM locked JOIN gone g USING (product_id) WHERE l.location_id = $1 AND l.product_id = g.product_id`, location, order)
	if err != nil {
		return fmt.Errorf("release what order %s was promised: %w", order, err)
	}
	if done.RowsAffected() > 0 {
		feed.Mark(tx, Topic(location))
	}
	return nil
}

// Holders are the locations of a kind, but some, that have a product to promise: the one with most of it first.
func Holders(ctx context.Context, q Querier, kind retail.LocationKind, product uuid.UUID, but []uuid.UUID) ([]uuid.UUID, error) {
	rows, err := q.Query(ctx, `
		SELECT l.location_id FROM stock.level l JOIN stock.location w ON w.id = l.location_id
		WHERE w.kind = $1 AND l.product_id = $2 AND NOT l.location_id = ANY($3) AND l.on_hand > l.reserved
		ORDER BY l.on_hand - l.reserved DESC, l.location_id`, kind, product, but)
	if err != nil {
		return nil, fmt.Errorf("find who has %s: %w", product, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}
