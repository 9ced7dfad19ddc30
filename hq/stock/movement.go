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
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
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
	// Till, Epoch and Seq are the entry's that says so; zero for what headquarters did itself.
	Till       uuid.UUID
	Epoch, Seq uint64
}

// Happened is the movement's place in the order of things.
func (m Movement) Happened() retail.Happened {
	return retail.Happened{At: m.At.UnixMilli(), Till: m.Till, Epoch: m.Epoch, Seq: m.Seq, Ref: m.Ref}
}

// most bounds a movement, in thousandths or cents: a billion units. Below it the sums of a batch cannot overflow.
const most = 1_000_000_000_000

var errTooMuch = errors.New("a figure is out of range")

// Topic is marked when levels of the location changed.
func Topic(location uuid.UUID) string { return "stock:" + location.String() }

// Record writes the movements and moves the levels. Products that hold no stock (made here) are left out by the caller.
// A movement that is already there fails, so nothing is counted twice. What it means for counts is worked out: those given
// are new.
func Record(ctx context.Context, tx *db.Tx, movements []Movement, counts ...Count) error {
	if len(movements)+len(counts) == 0 {
		return nil
	}
	if err := insert(ctx, tx, movements); err != nil {
		return err
	}
	if err := insertCounts(ctx, tx, counts); err != nil {
		return err
	}
	priced, plain := sum(movements, counts)
	var counted []key
	for _, changes := range [][]change{priced, plain} {
		had, err := apply(ctx, tx, changes)
		if err != nil {
			return err
		}
		counted = append(counted, had...)
	}
	// The levels are locked: whoever moves them next sees what is here.
	if len(counted)+len(counts) > 0 {
		if err := recount(ctx, tx, counted, movements, counts); err != nil {
			return err
		}
	}
	mark(tx, movements, counts)
	return nil
}

// mark says which locations have changed.
func mark(tx *db.Tx, movements []Movement, counts []Count) {
	marked := map[uuid.UUID]bool{}
	at := func(location uuid.UUID) {
		if !marked[location] {
			marked[location] = true
			feed.Mark(tx, Topic(location))
		}
	}
	for _, m := range movements {
		at(m.Location)
	}
	for _, c := range counts {
		at(c.Location)
	}
}

func insert(ctx context.Context, tx *db.Tx, movements []Movement) error {
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
	tills, epochs, seqs := make([]*[16]byte, n), make([]*int64, n), make([]*int64, n)
	for i := range movements {
		m := &movements[i]
		locations[i], products[i], refs[i] = m.Location, m.Product, m.Ref
		ats[i], lines[i], reasons[i] = m.At, int16(m.Line), int16(m.Reason)
		quantities[i], costs[i] = int64(m.Quantity), int64(m.UnitCost)
		if m.Till != uuid.Nil {
			epoch, seq := int64(m.Epoch), int64(m.Seq)
			tills[i], epochs[i], seqs[i] = (*[16]byte)(&m.Till), &epoch, &seq
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO stock.movement (location_id, product_id, at, ref, line, reason, quantity, unit_cost, till_id, epoch, seq)
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::smallint[], $6::smallint[], $7::bigint[], $8::bigint[],
			$9::uuid[], $10::bigint[], $11::bigint[])`,
		locations, products, ats, refs, lines, reasons, quantities, costs, tills, epochs, seqs)
	if err != nil {
		return fmt.Errorf("record movements: %w", err)
	}
	return nil
}

// change is what movements come to at one level.
type change struct {
	location, product uuid.UUID
	quantity          money.Quantity
	value             int64 // of what came in at a price, in thousandths of minor units
}

// key names a level.
type key struct{ location, product uuid.UUID }

func (k key) compare(o key) int {
	return cmp.Or(bytes.Compare(k.location[:], o.location[:]), bytes.Compare(k.product[:], o.product[:]))
}

// sum adds the movements up by level, in key order: those that move the average cost, and the others. What is counted is a
// change too, by nothing yet.
func sum(movements []Movement, counts []Count) (priced, plain []change) {
	type kind struct {
		key
		priced bool
	}
	sums := make(map[kind]*change, len(movements))
	for _, c := range counts {
		sums[kind{c.key(), false}] = &change{location: c.Location, product: c.Product}
	}
	for _, m := range movements {
		k := kind{key{m.Location, m.Product}, m.Reason.costed() && m.Quantity > 0 && m.UnitCost > 0}
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
	byKey := func(a, b change) int { return key{a.location, a.product}.compare(key{b.location, b.product}) }
	slices.SortFunc(priced, byKey)
	slices.SortFunc(plain, byKey)
	return priced, plain
}

// apply moves the levels, and gives those of products that were counted. A value above 0 moves the average cost; what is
// below zero on hand weighs nothing in it.
func apply(ctx context.Context, tx *db.Tx, changes []change) (counted []key, err error) {
	if len(changes) == 0 {
		return nil, nil
	}
	n := len(changes)
	locations, products := make([][16]byte, n), make([][16]byte, n)
	quantities, costs := make([]int64, n), make([]int64, n)
	for i, c := range changes {
		locations[i], products[i], quantities[i] = c.location, c.product, int64(c.quantity)
		costs[i] = c.unitCost()
	}
	rows, err := tx.Query(ctx, `
		WITH moved AS (
		INSERT INTO stock.level AS l (location_id, product_id, on_hand, unit_cost)
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
		ON CONFLICT (location_id, product_id) DO UPDATE SET
			on_hand = l.on_hand + excluded.on_hand,
			unit_cost = CASE WHEN excluded.unit_cost = 0 THEN l.unit_cost ELSE round(
				(greatest(l.on_hand, 0)::numeric * l.unit_cost + excluded.on_hand::numeric * excluded.unit_cost)
				/ (greatest(l.on_hand, 0)::numeric + excluded.on_hand)) END,
			changed_at = now(), stale = true
		RETURNING location_id, product_id, counted)
		SELECT location_id, product_id FROM moved WHERE counted IS NOT NULL`,
		locations, products, quantities, costs)
	if err == nil {
		counted, err = pgx.CollectRows(rows, scanKey)
	}
	if err != nil {
		return nil, fmt.Errorf("move levels: %w", err)
	}
	return counted, nil
}

func scanKey(row pgx.CollectableRow) (k key, err error) {
	return k, row.Scan(&k.location, &k.product)
}

// unitCost is the average of what came in at a price, in minor units for one unit; 0 when nothing did.
func (c change) unitCost() int64 {
	if c.value == 0 {
		return 0
	}
	return (c.value + int64(c.quantity)/2) / int64(c.quantity)
}
