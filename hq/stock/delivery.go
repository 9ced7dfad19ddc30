package stock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Received is goods of a purchase that have come, all of them or a part.
type Received struct {
	// ID is given by who asks, so that a form that is sent twice receives once.
	Location, Purchase, ID, By uuid.UUID
	At                         time.Time
	Lines                      []GoodsLine
	Note                       string
}

// Receive puts goods on the warehouse's shelf at their cost, which moves the average. More than was ordered may come, and what was
// not ordered. A delivery that is there already is left as it is.
func Receive(ctx context.Context, tx *db.Tx, r Received) (Delivery, error) {
	p, err := lockPurchase(ctx, tx, r.Location, r.Purchase)
	if err != nil {
		return Delivery{}, err
	}
	if d, ok := p.delivery(r.ID); ok {
		return d, nil
	}
	if p.ClosedAt != nil {
		return Delivery{}, &retail.Error{Code: retail.Conflict, Key: "purchase.closed"}
	}
	if err := checkGoods(r.Lines); err != nil {
		return Delivery{}, err
	}
	return deliver(ctx, tx, r, nil)
}

// Correction takes back what a delivery brought by mistake, all of it or a part.
type Correction struct {
	// Delivery is the one that is wrong, ID the one that takes it back.
	Location, Purchase, Delivery, ID, By uuid.UUID
	At                                   time.Time
	// Quantities are how much of each product; nil for all that is left of it.
	Quantities map[uuid.UUID]money.Quantity
	Note       string
}

// Correct writes a counter-document: what was received by mistake leaves the shelf as it came, and the average cost becomes what it would
// be without it. What was shipped or sold meanwhile keeps the cost it was given. Below zero is allowed: then the number was wrong before.
func Correct(ctx context.Context, tx *db.Tx, c Correction) (Delivery, error) {
	p, err := lockPurchase(ctx, tx, c.Location, c.Purchase)
	if err != nil {
		return Delivery{}, err
	}
	if d, ok := p.delivery(c.ID); ok {
		return d, nil
	}
	wrong, ok := p.delivery(c.Delivery)
	if !ok || wrong.Corrects != uuid.Nil {
		return Delivery{}, &retail.Error{Code: retail.NotFound, Key: "delivery.unknown", Args: map[string]any{"id": c.Delivery}}
	}
	left := p.left(wrong)
	if c.Quantities == nil {
		c.Quantities = left
	}
	r := Received{Location: c.Location, Purchase: c.Purchase, ID: c.ID, By: c.By, At: c.At, Note: c.Note}
	for product, q := range c.Quantities {
		if q < 0 || q > left[product] {
			return Delivery{}, &retail.Error{Code: retail.Invalid, Key: "delivery.too_much", Args: map[string]any{"product": product, "left": left[product]}}
		}
	}
	for _, l := range wrong.Lines {
		if q := c.Quantities[l.Product]; q > 0 {
			r.Lines = append(r.Lines, GoodsLine{l.Product, -q, l.UnitCost})
		}
	}
	if len(r.Lines) == 0 {
		return Delivery{}, &retail.Error{Code: retail.Invalid, Key: "delivery.nothing"}
	}
	made, err := deliver(ctx, tx, r, &wrong.ID)
	if err != nil {
		return made, err
	}
	for _, l := range r.Lines {
		if err := recost(ctx, tx, key{c.Location, l.Product}); err != nil {
			return made, fmt.Errorf("correct delivery %s: %w", wrong.Code, err)
		}
	}
	return made, nil
}

// deliver writes a delivery with its movements. The purchase is locked.
func deliver(ctx context.Context, tx *db.Tx, r Received, corrects *uuid.UUID) (Delivery, error) {
	r.At, r.Note = r.At.Truncate(time.Microsecond), strings.TrimSpace(r.Note)
	if utf8.RuneCountInString(r.Note) > maxNote {
		return Delivery{}, &retail.Error{Code: retail.Invalid, Key: "delivery.note_long"}
	}
	slices.SortFunc(r.Lines, func(a, b GoodsLine) int { return bytes.Compare(a.Product[:], b.Product[:]) })
	products, quantities, costs := goodsColumns(r.Lines)
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO stock.delivery (location_id, id, purchase_id, code, at, received_by, corrects, note)
		VALUES ($1, $2, $3, 'REC-' || to_char(nextval('stock.delivery_number'), 'FM999999999990000'), $4, $5, $6, $7)`,
		r.Location, r.ID, r.Purchase, r.At, r.By, corrects, r.Note)
	batch.Queue(`
		INSERT INTO stock.delivery_line (location_id, delivery_id, product_id, quantity, unit_cost)
		SELECT $1, $2, * FROM unnest($3::uuid[], $4::bigint[], $5::bigint[])`, r.Location, r.ID, products, quantities, costs)
	batch.Queue(`
		INSERT INTO stock.purchase_line AS l (location_id, purchase_id, product_id, ordered, received, unit_cost)
		SELECT $1, $2, product_id, 0, quantity, unit_cost FROM unnest($3::uuid[], $4::bigint[], $5::bigint[]) AS n (product_id, quantity, unit_cost)
		ON CONFLICT (location_id, purchase_id, product_id) DO UPDATE SET received = l.received + excluded.received`,
		r.Location, r.Purchase, products, quantities, costs)
	err := tx.Send(ctx, &batch)
	if said := (*pgconn.PgError)(nil); errors.As(err, &said) && said.ConstraintName == "delivery_pkey" {
		return Delivery{}, &retail.Error{Code: retail.Conflict, Key: "delivery.taken", Err: err} // of another purchase
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("write delivery %s: %w", r.ID, err)
	}
	movements := make([]Movement, len(r.Lines))
	for i, l := range r.Lines {
		movements[i] = Movement{
			Location: r.Location, Product: l.Product, At: r.At, Ref: r.ID, Line: i, Reason: Bought, Quantity: l.Quantity, UnitCost: l.UnitCost,
		}
	}
	if err := Record(ctx, tx, movements); err != nil {
		return Delivery{}, fmt.Errorf("write delivery %s: %w", r.ID, err)
	}
	feed.Mark(tx, PurchaseTopic)
	p, err := OnePurchase(ctx, tx, r.Location, r.Purchase)
	d, _ := p.delivery(r.ID)
	return d, err
}
