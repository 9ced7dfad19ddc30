package stock

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

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

// Everything is the buffer of what is not to be promised at all.
const Everything money.Quantity = math.MaxInt64

// Free is what is left of it, once what may have been sold without headquarters knowing is set aside.
func (p Promise) Free(buffer money.Quantity) money.Quantity {
	free := p.OnHand - p.Reserved
	if buffer == Everything {
		return min(free, 0)
	}
	return free - buffer
}

// SetRight tells whether what is on record of a product at a location was looked at since a time: it was counted or corrected, or more of
// it came.
func SetRight(ctx context.Context, q Querier, location, product uuid.UUID, since time.Time) (right bool, err error) {
	rows, err := q.Query(ctx, `
		SELECT EXISTS (SELECT FROM stock.movement WHERE location_id = $1 AND product_id = $2 AND at > $3 AND reason = ANY($4))
			OR EXISTS (SELECT FROM stock.count WHERE location_id = $1 AND product_id = $2 AND at > $3)`,
		location, product, since, []Reason{Arrived, Bought, Counted, Mended})
	if err == nil {
		right, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	}
	if err != nil {
		return false, fmt.Errorf("read when product %s was last looked at: %w", product, err)
	}
	return right, nil
}

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

// Wish is what an order wants to be promised at a location.
type Wish struct {
	Location, Order uuid.UUID
	// Lines of the same product are one.
	Lines []retail.StockLine
	// Buffer is what to leave of a product besides what is promised already; those it does not name have none.
	Buffer map[uuid.UUID]money.Quantity
}

// asked is what a wish asks of each level.
func (w Wish) asked() map[key]money.Quantity {
	asked := make(map[key]money.Quantity, len(w.Lines))
	for _, l := range w.Lines {
		if l.Quantity > 0 {
			asked[key{w.Location, l.Product}] += l.Quantity
		}
	}
	return asked
}

// Shelves are the levels of what is wished for, which nobody else may change until the transaction ends.
type Shelves struct{ there map[key]Promise }

// Hold reads the levels of what is wished for and takes them, when the batch is sent; in one order for everybody. The buffers of the wishes
// do not matter yet.
func Hold(b *pgx.Batch, wishes ...Wish) *Shelves {
	var wanted []key
	for _, w := range wishes {
		wanted = slices.AppendSeq(wanted, maps.Keys(w.asked()))
	}
	slices.SortFunc(wanted, key.compare)
	locations, products := columnsOf(slices.Compact(wanted))
	held := &Shelves{make(map[key]Promise, len(wanted))}
	// What was never at a location is left out.
	b.Queue(`
		SELECT l.location_id, l.product_id, l.on_hand, l.reserved
		FROM unnest($1::uuid[], $2::uuid[]) AS w (location_id, product_id) JOIN stock.level l USING (location_id, product_id)
		ORDER BY l.location_id, l.product_id FOR UPDATE OF l`, locations, products).Query(func(rows pgx.Rows) error {
		var k key
		var p Promise
		_, err := pgx.ForEachRow(rows, []any{&k.location, &k.product, &p.OnHand, &p.Reserved}, func() error {
			held.there[k] = p
			return nil
		})
		if err != nil {
			return fmt.Errorf("read levels of what is wished for: %w", err)
		}
		return nil
	})
	return held
}

// Missing is what a location has too little of for a wish, were it the only one.
func (s *Shelves) Missing(w Wish) (missing []retail.StockLine) {
	asked := w.asked()
	for _, l := range w.Lines {
		k := key{w.Location, l.Product}
		if short := asked[k] - max(s.there[k].Free(w.Buffer[l.Product]), 0); short > 0 {
			missing = append(missing, retail.StockLine{Product: l.Product, Quantity: short})
			delete(asked, k)
		}
	}
	return missing
}

// Reserve promises orders what they wish of what is held, each all of it or nothing, whoever comes first first. short has for each that got
// nothing a retail.Conflict that names a product of which there is too little, and nil for the others.
//
// Whoever sells at a till may still take the goods: the number was wrong, not the sale. But no two orders are promised the same.
func (s *Shelves) Reserve(tx *db.Tx, wishes ...Wish) (short []*retail.Error) {
	short = make([]*retail.Error, len(wishes))
	// What is promised, and what that comes to at each level.
	var keys []key
	var orders [][16]byte
	var quantities []int64
	sums := map[key]int64{}
	for i, w := range wishes {
		asked := w.asked()
		wished := slices.SortedFunc(maps.Keys(asked), key.compare)
		for _, k := range wished {
			if p, known := s.there[k]; !known || p.Free(w.Buffer[k.product]) < asked[k] {
				short[i] = &retail.Error{Code: retail.Conflict, Key: "order.no_stock", Args: map[string]any{"product": k.product}}
				break
			}
		}
		if short[i] != nil {
			continue
		}
		for _, k := range wished {
			keys, orders, quantities = append(keys, k), append(orders, w.Order), append(quantities, int64(asked[k]))
			sums[k] += int64(asked[k])
			p := s.there[k]
			p.Reserved += asked[k]
			s.there[k] = p
		}
		feed.Mark(tx, Topic(w.Location))
	}
	if len(keys) == 0 {
		return short
	}
	changed, more := slices.Collect(maps.Keys(sums)), make([]int64, 0, len(sums))
	for _, k := range changed {
		more = append(more, sums[k])
	}
	locations, products := columnsOf(changed)
	tx.Later("reserve", `
		UPDATE stock.level l SET reserved = l.reserved + w.quantity, changed_at = now(), stale = true
		FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS w (location_id, product_id, quantity)
		WHERE l.location_id = w.location_id AND l.product_id = w.product_id`, locations, products, more)
	locations, products = columnsOf(keys)
	tx.Later("reserve", `
		INSERT INTO stock.reservation (location_id, order_id, product_id, quantity)
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[])`, locations, orders, products, quantities)
	return short
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

// Reservation is what an order was promised at a location.
type Reservation struct{ Location, Order uuid.UUID }

// Release ends what orders were promised: it was sold there, or will not be. What was released before is left.
func Release(ctx context.Context, tx *db.Tx, all ...Reservation) error {
	locations, orders := make([][16]byte, len(all)), make([][16]byte, len(all))
	for i, h := range all {
		locations[i], orders[i] = h.Location, h.Order
	}
	done, err := tx.Exec(ctx, `
		WITH gone AS (
			DELETE FROM stock.reservation r USING unnest($1::uuid[], $2::uuid[]) AS h (location_id, order_id)
			WHERE r.location_id = h.location_id AND r.order_id = h.order_id RETURNING r.location_id, r.product_id, r.quantity
		), sums AS (
			SELECT location_id, product_id, sum(quantity)::bigint AS quantity FROM gone GROUP BY 1, 2
		), locked AS (
			SELECT l.location_id, l.product_id FROM stock.level l JOIN sums USING (location_id, product_id)
			ORDER BY l.location_id, l.product_id FOR UPDATE OF l
		)
		UPDATE stock.level l SET reserved = l.reserved - s.quantity, changed_at = now(), stale = true
		FROM locked JOIN sums s USING (location_id, product_id) WHERE l.location_id = s.location_id AND l.product_id = s.product_id`, locations, orders)
	if err != nil {
		return fmt.Errorf("release what orders were promised: %w", err)
	}
	if done.RowsAffected() > 0 {
		for _, h := range all {
			feed.Mark(tx, Topic(h.Location))
		}
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

// PromisedTo is what an order was promised of a product.
type PromisedTo struct {
	Reservation
	Quantity money.Quantity
}

// Promised gives what of a product is promised at locations, and to which orders.
func Promised(ctx context.Context, q Querier, locations []uuid.UUID, product uuid.UUID) ([]PromisedTo, error) {
	rows, err := q.Query(ctx, `
		SELECT location_id, order_id, quantity FROM stock.reservation WHERE location_id = ANY($1) AND product_id = $2 ORDER BY order_id, location_id`,
		locations, product)
	if err != nil {
		return nil, fmt.Errorf("read who was promised %s: %w", product, err)
	}
	held, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h PromisedTo, err error) {
		return h, row.Scan(&h.Location, &h.Order, &h.Quantity)
	})
	if err != nil {
		return nil, fmt.Errorf("read who was promised %s: %w", product, err)
	}
	return held, nil
}
