package order

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Available is how much of a product the shop may promise at a location.
type Available struct {
	OnHand, Reserved money.Quantity
	// Buffer is what the location may have sold since it was last heard: its rate of sale times the age of what it has not sent. It is all
	// there is of what the location has said it lacks.
	Buffer money.Quantity
	// Available is OnHand less the two; below 0 when that is what it comes to.
	Available money.Quantity
	// At is as of when the location's sales are known.
	At time.Time
}

// Available says how much of products the shop may promise at a location.
func (d *Desk) Available(ctx context.Context, location uuid.UUID, products []uuid.UUID) (map[uuid.UUID]Available, error) {
	buffers, err := d.buffers(ctx, d.DB, []uuid.UUID{location}, products)
	if err != nil {
		return nil, err
	}
	promises, err := stock.Promises(ctx, d.DB, location, products)
	if err != nil {
		return nil, err
	}
	b := buffers[location]
	found := make(map[uuid.UUID]Available, len(products))
	for _, p := range products {
		held, free := promises[p], promises[p].Free(b.of[p])
		found[p] = Available{OnHand: held.OnHand, Reserved: held.Reserved, Buffer: held.OnHand - held.Reserved - free, Available: free, At: b.at}
	}
	return found, nil
}

// buffer is what to leave of products at a location, by what is known of it at a time.
type buffer struct {
	of map[uuid.UUID]money.Quantity
	at time.Time
}

// buffers works out what not to promise at locations: what they may have sold unheard, and all of what they have said they lack. A
// warehouse sells nothing of its own, and what all tills of a store have sent leaves nothing in doubt.
func (d *Desk) buffers(ctx context.Context, q Querier, locations, products []uuid.UUID) (map[uuid.UUID]buffer, error) {
	now := d.Now()
	heard, err := tills.Heard(ctx, q, locations, now)
	if err != nil {
		return nil, err
	}
	found := make(map[uuid.UUID]buffer, len(locations))
	var silent []uuid.UUID
	for _, l := range locations {
		found[l] = buffer{at: heard[l], of: map[uuid.UUID]money.Quantity{}}
		if now.After(heard[l]) {
			silent = append(silent, l)
		}
	}
	if len(silent) > 0 {
		rates, err := sales.PerDay(ctx, q, silent, products, retail.DateOf(now.UTC()))
		if err != nil {
			return nil, err
		}
		for _, l := range silent {
			for p, perDay := range rates[l] {
				found[l].of[p] = sold(perDay, now.Sub(found[l].at))
			}
		}
	}
	lacking, err := lacking(ctx, q, locations, products, now)
	for _, l := range lacking {
		found[l.Location].of[l.Product] = stock.Everything
	}
	return found, err
}

// believedFor is how long a location that said it lacks a product is believed, unless somebody sets the record right before. It bounds what
// a shelf that nobody looks at again costs.
const believedFor = 24 * time.Hour

// lack is a product that a location has said it lacks.
type lack struct{ Location, Product uuid.UUID }

// lacking finds what locations have said they lack of products, as long as nobody has counted or corrected it since, or brought more: the
// next order would only hear the same.
func lacking(ctx context.Context, q Querier, locations, products []uuid.UUID, now time.Time) ([]lack, error) {
	rows, err := q.Query(ctx, `
		SELECT f.location_id, l.product, max(f.answered_at)
		FROM orders.fulfilment f
		CROSS JOIN LATERAL (
			SELECT (m->>'Product')::uuid AS product FROM jsonb_array_elements(CASE jsonb_typeof(f.missing) WHEN 'array' THEN f.missing ELSE '[]' END) m
		) l
		WHERE f.answer = 'short' AND f.location_id = ANY($1) AND f.answered_at > $2 AND l.product = ANY($3) GROUP BY 1, 2`,
		locations, now.Add(-believedFor), products)
	if err != nil {
		return nil, fmt.Errorf("read what is lacking: %w", err)
	}
	var said []lack
	var since []time.Time
	var l lack
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&l.Location, &l.Product, &at}, func() error {
		said, since = append(said, l), append(since, at)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is lacking: %w", err)
	}
	var still []lack
	for i, l := range said {
		right, err := stock.SetRight(ctx, q, l.Location, l.Product, since[i])
		if err != nil {
			return nil, err
		}
		if !right {
			still = append(still, l)
		}
	}
	return still, nil
}

// hear gives what locations may have sold unheard of the round's products, read once.
func (d *Desk) hear(ctx context.Context, r *round, locations ...uuid.UUID) (map[uuid.UUID]buffer, error) {
	var unknown []uuid.UUID
	for _, l := range locations {
		if _, known := r.unheard[l]; !known && !slices.Contains(unknown, l) {
			unknown = append(unknown, l)
		}
	}
	if len(unknown) == 0 {
		return r.unheard, nil
	}
	var goods []uuid.UUID
	for _, c := range r.orders {
		goods = append(goods, products(c.goods())...)
	}
	found, err := d.buffers(ctx, r.tx, unknown, goods)
	if err != nil {
		return nil, err
	}
	if r.unheard == nil {
		r.unheard = map[uuid.UUID]buffer{}
	}
	maps.Copy(r.unheard, found)
	return r.unheard, nil
}

// sold is how much is sold in a time at a rate, rounded up to whole units.
func sold(perDay money.Quantity, age time.Duration) money.Quantity {
	day := int64(24 * time.Hour / time.Second)
	thousandths := (int64(perDay)*int64(age/time.Second) + day - 1) / day
	return (money.Quantity(thousandths) + money.One - 1) / money.One * money.One
}

// others are the locations that may prepare an order instead of the one that does, the one with most of its first product first: for
// what is collected stores, for what is shipped warehouses. None that was asked before.
func (d *Desk) others(ctx context.Context, q Querier, o Order) ([]uuid.UUID, error) {
	kind := retail.LocationStore
	if o.Delivery == retail.Ship {
		kind = retail.LocationWarehouse
	}
	rows, err := q.Query(ctx, `SELECT location_id FROM orders.fulfilment WHERE order_id = $1`, o.ID)
	if err != nil {
		return nil, fmt.Errorf("read who was asked for order %s: %w", o.Code, err)
	}
	asked, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read who was asked for order %s: %w", o.Code, err)
	}
	return stock.Holders(ctx, q, kind, o.Lines[0].Product, asked)
}
