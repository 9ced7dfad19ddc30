package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// ErrTransfer is a transfer that is not recorded as its entry says.
var ErrTransfer = errors.New("a transfer is not recorded as its entry says, or has none")

// transfer is goods on their way from a store to another.
type transfer struct {
	from, to uuid.UUID
	at       int64 // milliseconds
	lines    map[uuid.UUID]money.Quantity
}

func (t transfer) same(o transfer) bool {
	return t.from == o.from && t.to == o.to && t.at == o.at && maps.Equal(t.lines, o.lines)
}

// transfers are those that are recorded, as shipments and as what left; what an entry tells of goes.
type transfers struct {
	shipped, left map[uuid.UUID]transfer
}

func loadTransfers(ctx context.Context, tx *db.Tx, of Scope) (t transfers, err error) {
	t.shipped, err = readTransfers(ctx, tx, `
		SELECT s.id, s.from_id, s.location_id, s.shipped_at, n.product_id, n.shipped
		FROM stock.shipment s JOIN stock.shipment_line n ON n.location_id = s.location_id AND n.shipment_id = s.id
		WHERE s.restock_id IS NULL AND `+of.at("s.from_id"), of.args())
	if err != nil {
		return t, err
	}
	t.left, err = readTransfers(ctx, tx, `
		SELECT ref, location_id, @nowhere::uuid, at, product_id, -quantity FROM stock.movement WHERE reason = @shipped AND till_id IS NOT NULL AND `+of.at("location_id"),
		pgx.NamedArgs{"store": of.Store, "shipped": int16(stock.Shipped), "nowhere": uuid.Nil})
	return t, err
}

func readTransfers(ctx context.Context, tx *db.Tx, query string, args pgx.NamedArgs) (map[uuid.UUID]transfer, error) {
	rows, err := tx.Query(ctx, query, args)
	if err != nil {
		return nil, fmt.Errorf("read transfers: %w", err)
	}
	found := map[uuid.UUID]transfer{}
	var id, product uuid.UUID
	var one transfer
	var at time.Time
	var quantity money.Quantity
	_, err = pgx.ForEachRow(rows, []any{&id, &one.from, &one.to, &at, &product, &quantity}, func() error {
		t, ok := found[id]
		if !ok {
			t = transfer{from: one.from, to: one.to, at: at.UnixMilli(), lines: map[uuid.UUID]money.Quantity{}}
			found[id] = t
		}
		t.lines[product] += quantity
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read transfers: %w", err)
	}
	return found, nil
}

// take compares an applied entry with what is recorded of it.
func (t transfers) take(store uuid.UUID, at time.Time, b retail.TransferOut, madeHere map[uuid.UUID]bool) bool {
	want := transfer{from: store, to: b.To, at: at.UnixMilli(), lines: map[uuid.UUID]money.Quantity{}}
	for _, l := range b.Lines {
		if l.Quantity > 0 && !madeHere[l.Product] {
			want.lines[l.Product] += l.Quantity
		}
	}
	if b.To == store || len(want.lines) == 0 {
		return true
	}
	shipped, left := t.shipped[b.ID], t.left[b.ID]
	delete(t.shipped, b.ID)
	delete(t.left, b.ID)
	left.to = b.To // a movement does not say
	return want.same(shipped) && want.same(left)
}

// faults are what is recorded of no entry.
func (t transfers) faults() (faults []Fault) {
	for _, all := range []map[uuid.UUID]transfer{t.shipped, t.left} {
		for _, one := range all {
			faults = append(faults, Fault{Store: one.from, Err: ErrTransfer})
		}
	}
	return faults
}
