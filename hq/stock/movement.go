package stock

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
)

// Reason is why stock moved. The numbers are stored and never reused.
type Reason int16

// The reasons.
const (
	Opening Reason = 1 // what was there when the location was imported
	Sold    Reason = 2
	Back    Reason = 3 // refunded and put back
	Shipped Reason = 4 // left for another location
	Arrived Reason = 5 // came from another location
	Bought  Reason = 6 // came from a supplier
	Counted Reason = 7 // the difference a count found
	Mended  Reason = 8 // any other correction by a person
)

// costed reasons bring goods in at a price of their own, which moves the location's average cost.
func (r Reason) costed() bool { return r == Opening || r == Arrived || r == Bought }

// Movement is one signed change of stock.
type Movement struct {
	Location, Product uuid.UUID
	At                time.Time
	// Ref is the document: a shipment, an import, or the first 16 bytes of a journal entry's hash; Line is its line.
	Ref      uuid.UUID
	Line     int
	Reason   Reason
	Quantity money.Quantity
	// UnitCost is what one unit (or kilogram) cost the company.
	UnitCost money.Amount
}

// most bounds a movement, in thousandths or cents: a billion units. Below it the sums of a batch cannot overflow.
const most = 1_000_000_000_000

var errTooMuch = errors.New("a figure is out of range")

// Topic is marked when levels of the location changed.
func Topic(location uuid.UUID) string { return "stock:" + location.String() }

// Record writes the movements and moves the levels. Products that hold no stock (made here) are left out by the caller.
// A movement that is already there fails, so nothing is counted twice.
func Record(ctx context.Context, tx *db.Tx, movements []Movement) error {
	if len(movements) == 0 {
		return nil
	}
	for _, m := range movements {
		if m.Quantity > most || m.Quantity < -most || m.UnitCost > most || m.UnitCost < 0 {
			return fmt.Errorf("move %d thousandths of %s at %d: %w", m.Quantity, m.Product, m.UnitCost, errTooMuch)
		}
	}
	n := len(movements)
	locations, products, refs := make([][16]byte, n), make([][16]byte, n), make([][16]byte, n)
	ats, lines, reasons := make([]time.Time, n), make([]int16, n), make([]int16, n)
	quantities, costs := make([]int64, n), make([]int64, n)
	for i, m := range movements {
		locations[i], products[i], refs[i] = m.Location, m.Product, m.Ref
		ats[i], lines[i], reasons[i] = m.At, int16(m.Line), int16(m.Reason)
		quantities[i], costs[i] = int64(m.Quantity), int64(m.UnitCost)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO stock.movement (location_id, product_id, at, ref, line, reason, quantity, unit_cost)
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::smallint[], $6::smallint[], $7::bigint[], $8::bigint[])`,
		locations, products, ats, refs, lines, reasons, quantities, costs)
	if err != nil {
		return fmt.Errorf("record movements: %w", err)
	}
	priced, plain := sum(movements)
	for _, changes := range [][]change{priced, plain} {
		if err := apply(ctx, tx, changes); err != nil {
			return err
		}
	}
	marked := map[uuid.UUID]bool{}
	for _, m := range movements {
		if !marked[m.Location] {
			marked[m.Location] = true
			feed.Mark(tx, Topic(m.Location))
		}
	}
	return nil
}

// change is what movements come to at one level.
type change struct {
	location, product uuid.UUID
	quantity          money.Quantity
	value             int64 // of what came in at a price, in thousandths of minor units
}

// sum adds the movements up by level, in key order: those that move the average cost, and the others.
func sum(movements []Movement) (priced, plain []change) {
	type key struct {
		location, product uuid.UUID
		priced            bool
	}
	sums := make(map[key]*change, len(movements))
	for _, m := range movements {
		k := key{m.Location, m.Product, m.Reason.costed() && m.Quantity > 0 && m.UnitCost > 0}
		c := sums[k]
		if c == nil {
			c = &change{location: m.Location, product: m.Product}
			sums[k] = c
		}
		c.quantity += m.Quantity
		if k.priced {
			c.value += int64(m.UnitCost) * int64(m.Quantity)
		}
	}
	for k, c := range sums {
		if k.priced {
			priced = append(priced, *c)
		} else {
			plain = append(plain, *c)
		}
	}
	byKey := func(a, b change) int {
		return cmp.Or(bytes.Compare(a.location[:], b.location[:]), bytes.Compare(a.product[:], b.product[:]))
	}
	slices.SortFunc(priced, byKey)
	slices.SortFunc(plain, byKey)
	return priced, plain
}

// apply moves the levels. A value above 0 moves the average cost; what is below zero on hand weighs nothing in it.
func apply(ctx context.Context, tx *db.Tx, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	n := len(changes)
	locations, products := make([][16]byte, n), make([][16]byte, n)
	quantities, costs := make([]int64, n), make([]int64, n)
	for i, c := range changes {
		locations[i], products[i], quantities[i] = c.location, c.product, int64(c.quantity)
		costs[i] = c.unitCost()
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO stock.level AS l (location_id, product_id, on_hand, unit_cost)
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
		ON CONFLICT (location_id, product_id) DO UPDATE SET
			on_hand = l.on_hand + excluded.on_hand,
			unit_cost = CASE WHEN excluded.unit_cost = 0 THEN l.unit_cost ELSE round(
				(greatest(l.on_hand, 0)::numeric * l.unit_cost + excluded.on_hand::numeric * excluded.unit_cost)
				/ (greatest(l.on_hand, 0)::numeric + excluded.on_hand)) END,
			changed_at = now(), stale = true`,
		locations, products, quantities, costs)
	if err != nil {
		return fmt.Errorf("move levels: %w", err)
	}
	return nil
}

// unitCost is the average of what came in at a price, in minor units for one unit; 0 when nothing did.
func (c change) unitCost() int64 {
	if c.value == 0 {
		return 0
	}
	return (c.value + int64(c.quantity)/2) / int64(c.quantity)
}
