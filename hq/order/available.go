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
	// Buffer is what the location may have sold since it was last heard: its rate of sale times the age of what it has not sent.
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
		found[p] = Available{
			OnHand: promises[p].OnHand, Reserved: promises[p].Reserved, Buffer: b.of[p], Available: promises[p].Free(b.of[p]), At: b.at,
		}
	}
	return found, nil
}

// buffer is what to leave of products at a location, by what is known of it at a time.
type buffer struct {
	of map[uuid.UUID]money.Quantity
	at time.Time
}

// buffers works out what locations may have sold unheard. A warehouse sells nothing of its own, and what all tills of a store have
// sent leaves nothing in doubt.
func (d *Desk) buffers(ctx context.Context, q Querier, locations, products []uuid.UUID) (map[uuid.UUID]buffer, error) {
	now := d.Now()
	heard, err := tills.Heard(ctx, q, locations, now)
	if err != nil {
		return nil, err
	}
	found := make(map[uuid.UUID]buffer, len(locations))
	var silent []uuid.UUID
	for _, l := range locations {
		found[l] = buffer{at: heard[l]}
		if now.After(heard[l]) {
			silent = append(silent, l)
		}
	}
	if len(silent) == 0 {
		return found, nil
	}
	rates, err := sales.PerDay(ctx, q, silent, products, retail.DateOf(now.UTC()))
	if err != nil {
		return nil, err
	}
	for _, l := range silent {
		b := buffer{at: heard[l], of: map[uuid.UUID]money.Quantity{}}
		for p, perDay := range rates[l] {
			b.of[p] = sold(perDay, now.Sub(b.at))
		}
		found[l] = b
	}
	return found, nil
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
