package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// ErrCount is a count that is not recorded as its entry says.
var ErrCount = errors.New("a count is not recorded as its entry says, or has none")

// Miscount is a level that is not what the latest count and what moved after it come to.
type Miscount stock.Imbalance

func (m Miscount) Error() string {
	return fmt.Sprintf("level of product %s is %d, the latest count and what moved after it come to %d", m.Product, m.Has, m.Wants)
}

// shelf is one product of a store.
type shelf struct{ store, product uuid.UUID }

// happening is something that moved a product's stock, or counted it.
type happening struct {
	when     retail.Happened
	counted  bool
	quantity money.Quantity
}

// shelves are those of which something was counted, with all that happened to them: from the entries what tills did, from the
// tables what headquarters did.
type shelves struct {
	of      map[shelf][]happening
	counted map[uuid.UUID]shelf // what is recorded as counted, by ref; what an entry tells of goes
	// madeHere holds no stock, and is not counted.
	madeHere map[uuid.UUID]bool
}

func loadShelves(ctx context.Context, tx *db.Tx, of Scope) (s shelves, err error) {
	s = shelves{of: map[shelf][]happening{}, counted: map[uuid.UUID]shelf{}}
	if s.madeHere, err = catalog.MadeHere(ctx, tx); err != nil {
		return s, err
	}
	rows, err := tx.Query(ctx, `SELECT location_id, product_id, ref FROM stock.count WHERE `+of.at("location_id"), of.args())
	if err != nil {
		return s, fmt.Errorf("read counts: %w", err)
	}
	var at shelf
	var ref uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&at.store, &at.product, &ref}, func() error {
		s.counted[ref], s.of[at] = at, nil
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("read counts: %w", err)
	}
	rows, err = tx.Query(ctx, `
		SELECT m.location_id, m.product_id, m.at, m.ref, coalesce(m.till_id, @nobody), coalesce(m.epoch, 0), coalesce(m.seq, 0), m.quantity FROM stock.movement m
		WHERE `+of.at("m.location_id")+` AND m.reason NOT IN (@sold, @back, @counted) AND NOT (m.reason = @shipped AND m.till_id IS NOT NULL) AND EXISTS (SELECT FROM stock.count c WHERE c.location_id = m.location_id AND c.product_id = m.product_id)`,
		pgx.NamedArgs{
			"store": of.Store, "nobody": uuid.Nil,
			"sold": int16(stock.Sold), "back": int16(stock.Back), "counted": int16(stock.Counted), "shipped": int16(stock.Shipped),
		})
	if err != nil {
		return s, fmt.Errorf("read what moved: %w", err)
	}
	var h happening
	var when time.Time
	_, err = pgx.ForEachRow(rows, []any{
		&at.store, &at.product, &when, &h.when.Ref, &h.when.Till, &h.when.Epoch, &h.when.Seq, &h.quantity,
	}, func() error {
		h.when.At = when.UnixMilli()
		s.of[at] = append(s.of[at], h)
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("read what moved: %w", err)
	}
	return s, nil
}

// add takes what an applied entry did; false when it is a count that is not recorded.
func (s shelves) add(store uuid.UUID, when retail.Happened, body any) bool {
	put := func(product uuid.UUID, counted bool, quantity money.Quantity) {
		at := shelf{store, product}
		if _, wanted := s.of[at]; wanted {
			s.of[at] = append(s.of[at], happening{when, counted, quantity})
		}
	}
	switch b := body.(type) {
	case retail.Sale:
		for _, l := range b.Lines {
			put(l.Product, false, -l.Quantity)
		}
	case retail.Refund, retail.Void:
		r, _ := asRefund(b)
		if r.WriteOff {
			return true
		}
		for _, l := range r.Lines {
			put(l.Line.Product, false, l.Line.Quantity)
		}
	case retail.TransferOut:
		when.Ref = b.ID // as its movements are named
		for _, l := range b.Lines {
			if l.Quantity > 0 && b.To != store {
				put(l.Product, false, -l.Quantity)
			}
		}
	case retail.Count:
		if b.Done || b.Quantity < 0 {
			return true
		}
		if s.counted[when.Ref] != (shelf{store, b.Product}) {
			return s.madeHere[b.Product]
		}
		delete(s.counted, when.Ref)
		put(b.Product, true, b.Quantity)
	}
	return true
}

// onHand is what is on a shelf: what the count that counts found, and what moved after it.
func onHand(all []happening) (sum money.Quantity) {
	var counts []happening
	for _, h := range all {
		if h.counted {
			counts = append(counts, h)
		}
	}
	retail.ByCount(counts, func(h happening) retail.Happened { return h.when })
	for _, h := range all {
		if !h.counted && (len(counts) == 0 || h.when.After(counts[len(counts)-1].when)) {
			sum += h.quantity
		}
	}
	if len(counts) > 0 {
		sum += counts[len(counts)-1].quantity
	}
	return sum
}

// differences compares the levels with what is on the shelves.
func (s shelves) differences(ctx context.Context, tx *db.Tx) (faults []Fault, err error) {
	for _, at := range s.counted { // of no entry
		faults = append(faults, Fault{Store: at.store, Err: ErrCount})
	}
	for at, all := range s.of {
		level, err := stock.Level(ctx, tx, at.store, at.product)
		if err != nil {
			return nil, err
		}
		if want := onHand(all); level.OnHand != want {
			faults = append(faults, Fault{Store: at.store, Err: Miscount{at.store, at.product, level.OnHand, want}})
		}
	}
	return faults, nil
}

// happened is an entry's place in the order of what happens to stock.
func happened(till uuid.UUID, l journal.Link, at time.Time) retail.Happened {
	return retail.Happened{At: at.UnixMilli(), Till: till, Epoch: l.Epoch, Seq: l.Seq, Ref: ref(l.Hash)}
}
