package order

import (
	"context"
	"fmt"
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
	buffer, err := d.buffers(ctx, d.DB, location, products)
	if err != nil {
		return nil, err
	}
	return available(ctx, d.DB, location, products, buffer)
}

func available(ctx context.Context, q Querier, location uuid.UUID, products []uuid.UUID, buffer buffers) (map[uuid.UUID]Available, error) {
	promises, err := stock.Promises(ctx, q, location, products)
	if err != nil {
		return nil, err
	}
	found := make(map[uuid.UUID]Available, len(products))
	for _, p := range products {
		b := buffer.of[p]
		found[p] = Available{
			OnHand: promises[p].OnHand, Reserved: promises[p].Reserved, Buffer: b, Available: promises[p].Free(b), At: buffer.at,
		}
	}
	return found, nil
}

// missing is what of the order's goods its location cannot promise.
func (d *Desk) missing(ctx context.Context, c *change) (missing []retail.StockLine, err error) {
	goods := c.goods()
	asked := map[uuid.UUID]money.Quantity{}
	for _, l := range goods {
		asked[l.Product] += l.Quantity
	}
	buffer, err := d.unheard(ctx, c, c.Location)
	if err != nil {
		return nil, err
	}
	there, err := available(ctx, c.tx, c.Location, products(goods), buffer)
	if err != nil {
		return nil, err
	}
	for _, l := range goods {
		if short := asked[l.Product] - max(there[l.Product].Available, 0); short > 0 {
			missing = append(missing, retail.StockLine{Product: l.Product, Quantity: short})
			delete(asked, l.Product)
		}
	}
	return missing, nil
}

// buffers is what to leave of products at a location, by what is known of it at a time.
type buffers struct {
	of map[uuid.UUID]money.Quantity
	at time.Time
}

// buffers works out what a location may have sold unheard. A warehouse sells nothing of its own, and what all tills of a store
// have sent leaves nothing in doubt.
func (d *Desk) buffers(ctx context.Context, q Querier, location uuid.UUID, products []uuid.UUID) (buffers, error) {
	now := d.Now()
	heard, err := tills.Heard(ctx, q, location, now)
	if err != nil {
		return buffers{}, err
	}
	b := buffers{at: heard}
	age := now.Sub(heard)
	if age <= 0 {
		return b, nil
	}
	rates, err := sales.PerDay(ctx, q, []uuid.UUID{location}, products, retail.DateOf(now.UTC()))
	if err != nil {
		return buffers{}, err
	}
	b.of = map[uuid.UUID]money.Quantity{}
	for p, perDay := range rates[location] {
		b.of[p] = sold(perDay, age)
	}
	return b, nil
}

// unheard is buffers of the order's goods at a location, read once.
func (d *Desk) unheard(ctx context.Context, c *change, location uuid.UUID) (buffers, error) {
	if b, ok := c.unheard[location]; ok {
		return b, nil
	}
	b, err := d.buffers(ctx, c.tx, location, products(c.goods()))
	if err != nil {
		return buffers{}, err
	}
	if c.unheard == nil {
		c.unheard = map[uuid.UUID]buffers{}
	}
	c.unheard[location] = b
	return b, nil
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
