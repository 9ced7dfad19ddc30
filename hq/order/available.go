package order

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
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
	var batch pgx.Batch
	asked := d.unheard(&batch, []uuid.UUID{location}, products)
	if err := d.DB.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, err
	}
	buffers, err := asked.buffers(ctx, d.DB)
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

// unheard is what there is to know of locations that have been silent or short, asked by a batch.
type unheard struct {
	at                  time.Time
	locations, products []uuid.UUID
	heard               map[uuid.UUID]time.Time
	said                []lack
}

func (d *Desk) unheard(b *pgx.Batch, locations, products []uuid.UUID) *unheard {
	u := &unheard{at: d.Now(), locations: locations, products: products}
	u.heard = tills.Heard(b, locations, u.at)
	u.lacking(b)
	return u
}

// buffers works out what not to promise at the locations: what they may have sold unheard, and all of what they have said they lack. A
// warehouse sells nothing of its own, and what all tills of a store have sent leaves nothing in doubt.
func (u *unheard) buffers(ctx context.Context, q Querier) (map[uuid.UUID]buffer, error) {
	found := make(map[uuid.UUID]buffer, len(u.locations))
	var silent []uuid.UUID
	for _, l := range u.locations {
		found[l] = buffer{at: u.heard[l], of: map[uuid.UUID]money.Quantity{}}
		if u.at.After(u.heard[l]) {
			silent = append(silent, l)
		}
	}
	if len(silent) > 0 {
		rates, err := sales.PerDay(ctx, q, silent, u.products, retail.DateOf(u.at.UTC()))
		if err != nil {
			return nil, err
		}
		for _, l := range silent {
			for p, perDay := range rates[l] {
				found[l].of[p] = sold(perDay, u.at.Sub(found[l].at))
			}
		}
	}
	for _, l := range u.said {
		right, err := stock.SetRight(ctx, q, l.Location, l.Product, l.since)
		if err != nil {
			return nil, err
		}
		if !right {
			found[l.Location].of[l.Product] = stock.Everything
		}
	}
	return found, nil
}

// believedFor is how long a location that said it lacks a product is believed, unless somebody sets the record right before. It bounds what
// a shelf that nobody looks at again costs.
const believedFor = 24 * time.Hour

// lack is a product that a location has said it lacks.
type lack struct {
	Location, Product uuid.UUID
	since             time.Time
}

// lacking finds what the locations have said they lack of the products. It counts as long as nobody has counted or corrected it since, or
// brought more: the next order would only hear the same.
func (u *unheard) lacking(b *pgx.Batch) {
	b.Queue(`
		SELECT f.location_id, l.product, max(f.answered_at)
		FROM orders.fulfilment f
		CROSS JOIN LATERAL (
			SELECT (m->>'Product')::uuid AS product FROM jsonb_array_elements(CASE jsonb_typeof(f.missing) WHEN 'array' THEN f.missing ELSE '[]' END) m
		) l
		WHERE f.answer = 'short' AND f.location_id = ANY($1) AND f.answered_at > $2 AND l.product = ANY($3) GROUP BY 1, 2`,
		u.locations, u.at.Add(-believedFor), u.products).Query(func(rows pgx.Rows) error {
		var l lack
		_, err := pgx.ForEachRow(rows, []any{&l.Location, &l.Product, &l.since}, func() error {
			u.said = append(u.said, l)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read what is lacking: %w", err)
		}
		return nil
	})
}

// hold takes the levels of stock that are wished for until the transaction ends, and says in the wishes what to leave of them. It is one way
// to the database and back, as long as no location is silent.
func (d *Desk) hold(ctx context.Context, tx *db.Tx, wishes []stock.Wish) (*stock.Shelves, error) {
	var locations, goods []uuid.UUID
	for _, w := range wishes {
		if !slices.Contains(locations, w.Location) {
			locations = append(locations, w.Location)
		}
		goods = append(goods, products(w.Lines)...)
	}
	var batch pgx.Batch
	asked := d.unheard(&batch, locations, goods)
	shelves := stock.Hold(&batch, wishes...)
	if err := tx.Send(ctx, &batch); err != nil {
		return nil, err
	}
	buffers, err := asked.buffers(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i, w := range wishes {
		wishes[i].Buffer = buffers[w.Location].of
	}
	return shelves, nil
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
