package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Purchase is goods from a supplier, and what has come of them.
type Purchase struct {
	Location, ID        uuid.UUID
	Code                string // ACH-0012
	Supplier, Reference string
	MadeAt              time.Time
	MadeBy              uuid.UUID
	// ClosedAt is since when nothing more is expected, though not all has come; nil when nobody said so.
	ClosedAt   *time.Time
	Lines      []PurchaseLine
	Deliveries []Delivery // the oldest first
}

// PurchaseLine is one product of a purchase.
type PurchaseLine struct {
	Product           uuid.UUID
	Ordered, Received money.Quantity
	UnitCost          money.Amount
}

// Left is how much of it is still expected, never below 0.
func (l PurchaseLine) Left() money.Quantity { return max(l.Ordered-l.Received, 0) }

// Delivery is what came of a purchase at once, or took back one that was a mistake.
type Delivery struct {
	ID   uuid.UUID
	Code string // REC-0012
	At   time.Time
	By   uuid.UUID
	// Corrects is the delivery that this one takes back; zero for goods that came. Its quantities are below 0.
	Corrects uuid.UUID
	Note     string
	Lines    []GoodsLine
}

// PurchaseState is where a purchase stands.
type PurchaseState string

// The states.
const (
	PurchaseExpected PurchaseState = "expected"
	PurchasePart     PurchaseState = "part"
	PurchaseReceived PurchaseState = "received"
	PurchaseClosed   PurchaseState = "closed"
)

// State is where it stands.
func (p Purchase) State() PurchaseState {
	open, some := false, false
	for _, l := range p.Lines {
		open = open || l.Left() > 0
		some = some || l.Received > 0
	}
	switch {
	case !open:
		return PurchaseReceived
	case p.ClosedAt != nil:
		return PurchaseClosed
	case some:
		return PurchasePart
	default:
		return PurchaseExpected
	}
}

// Open says that something is still expected.
func (p Purchase) Open() bool { return p.State() == PurchaseExpected || p.State() == PurchasePart }

// Value is what it comes to, as far as it was received.
func (p Purchase) Value() (received money.Amount) {
	for _, d := range p.Deliveries {
		received += d.Value()
	}
	return received
}

// Value is what the goods cost.
func (d Delivery) Value() (value money.Amount) {
	for _, l := range d.Lines {
		value += l.UnitCost.Mul(l.Quantity)
	}
	return value
}

func (p Purchase) delivery(id uuid.UUID) (Delivery, bool) {
	for _, d := range p.Deliveries {
		if d.ID == id {
			return d, true
		}
	}
	return Delivery{}, false
}

// left is what was not taken back yet of a delivery.
func (p Purchase) left(of Delivery) map[uuid.UUID]money.Quantity {
	left := map[uuid.UUID]money.Quantity{}
	for _, d := range p.Deliveries {
		if d.ID == of.ID || d.Corrects == of.ID {
			for _, l := range d.Lines {
				left[l.Product] += l.Quantity
			}
		}
	}
	return left
}

// Left is what was not taken back yet of a delivery; nothing of one that takes back itself.
func (p Purchase) Left(delivery uuid.UUID) map[uuid.UUID]money.Quantity {
	d, ok := p.delivery(delivery)
	if !ok || d.Corrects != uuid.Nil {
		return nil
	}
	return p.left(d)
}

// PurchaseFilter narrows a list of purchases. The zero value takes all.
type PurchaseFilter struct {
	Location uuid.UUID
	// Open takes only those of which something is still expected.
	Open bool
	// OldestFirst lists what has been awaited longest first, else the newest.
	OldestFirst bool
	// Before is Next of the page before.
	Before string
	Limit  int
}

// PurchasePage is a part of the purchases. Next asks for the following page; empty on the last.
type PurchasePage struct {
	Purchases []Purchase
	Next      string
}

// openPurchase says that something of a purchase p is still expected.
const openPurchase = `p.closed_at IS NULL AND EXISTS (
	SELECT FROM stock.purchase_line l WHERE l.location_id = p.location_id AND l.purchase_id = p.id AND l.received < l.ordered)`

// CountOpenPurchases counts the purchases of which something is still expected.
func CountOpenPurchases(ctx context.Context, q Querier) (int, error) {
	rows, err := q.Query(ctx, `SELECT count(*) FROM stock.purchase p WHERE `+openPurchase)
	if err != nil {
		return 0, fmt.Errorf("count open purchases: %w", err)
	}
	count, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	if err != nil {
		return 0, fmt.Errorf("count open purchases: %w", err)
	}
	return count, nil
}

// Purchases lists purchases.
func Purchases(ctx context.Context, q Querier, f PurchaseFilter) (PurchasePage, error) {
	limit := pageSize(f.Limit)
	where, args, order := "true", pgx.NamedArgs{"limit": limit + 1}, newestFirst
	if f.OldestFirst {
		order = oldestFirst
	}
	if f.Location != uuid.Nil {
		where, args["location"] = where+" AND p.location_id = @location", f.Location
	}
	if f.Open {
		where += " AND " + openPurchase
	}
	if f.Before != "" {
		at, id, _, err := readCursor(f.Before)
		if err != nil {
			return PurchasePage{}, err
		}
		where += " AND (p.made_at, p.id) " + order.after + " (@at, @id)"
		args["at"], args["id"] = at, id
	}
	found, err := purchases(ctx, q, where, order, args)
	if err != nil {
		return PurchasePage{}, fmt.Errorf("list purchases: %w", err)
	}
	page := PurchasePage{Purchases: found}
	if len(found) > limit {
		page.Purchases = found[:limit]
		last := found[limit-1]
		page.Next = cursor(last.MadeAt, last.ID, 0)
	}
	return page, nil
}

// OnePurchase gives one purchase.
func OnePurchase(ctx context.Context, q Querier, location, id uuid.UUID) (Purchase, error) {
	found, err := purchases(ctx, q, "p.location_id = @location AND p.id = @id", newestFirst, pgx.NamedArgs{"location": location, "id": id, "limit": 1})
	if err != nil {
		return Purchase{}, fmt.Errorf("read purchase %s: %w", id, err)
	}
	if len(found) == 0 {
		return Purchase{}, &retail.Error{Code: retail.NotFound, Key: "purchase.unknown", Args: map[string]any{"id": id}}
	}
	return found[0], nil
}

func purchases(ctx context.Context, q Querier, where string, in order, args pgx.NamedArgs) ([]Purchase, error) {
	rows, err := q.Query(ctx, `
		SELECT p.location_id, p.id, p.code, p.supplier, p.reference, p.made_at, p.made_by, p.closed_at
		FROM stock.purchase p WHERE `+where+` ORDER BY p.made_at `+in.way+`, p.id `+in.way+` LIMIT @limit`, args)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Purchase, err error) {
		return p, row.Scan(&p.Location, &p.ID, &p.Code, &p.Supplier, &p.Reference, &p.MadeAt, &p.MadeBy, &p.ClosedAt)
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	at := map[uuid.UUID]*Purchase{}
	ids := make([]uuid.UUID, len(found))
	for i := range found {
		ids[i], at[found[i].ID] = found[i].ID, &found[i]
	}
	if err := readPurchaseLines(ctx, q, ids, at); err != nil {
		return nil, err
	}
	return found, readDeliveries(ctx, q, ids, at)
}

func readPurchaseLines(ctx context.Context, q Querier, ids []uuid.UUID, at map[uuid.UUID]*Purchase) error {
	rows, err := q.Query(ctx, `
		SELECT purchase_id, product_id, ordered, received, unit_cost FROM stock.purchase_line
		WHERE (location_id, purchase_id) IN (SELECT location_id, id FROM stock.purchase WHERE id = ANY ($1)) ORDER BY purchase_id, product_id`, ids)
	if err != nil {
		return err
	}
	var purchase uuid.UUID
	var l PurchaseLine
	_, err = pgx.ForEachRow(rows, []any{&purchase, &l.Product, &l.Ordered, &l.Received, &l.UnitCost}, func() error {
		at[purchase].Lines = append(at[purchase].Lines, l)
		return nil
	})
	return err
}

func readDeliveries(ctx context.Context, q Querier, ids []uuid.UUID, at map[uuid.UUID]*Purchase) error {
	rows, err := q.Query(ctx, `
		SELECT d.purchase_id, d.id, d.code, d.at, d.received_by, coalesce(d.corrects, $2), d.note, l.product_id, l.quantity, l.unit_cost
		FROM stock.delivery d JOIN stock.delivery_line l ON l.location_id = d.location_id AND l.delivery_id = d.id
		WHERE (d.location_id, d.purchase_id) IN (SELECT location_id, id FROM stock.purchase WHERE id = ANY ($1))
		ORDER BY d.purchase_id, d.at, d.code, d.id, l.product_id`, ids, uuid.Nil)
	if err != nil {
		return err
	}
	var purchase uuid.UUID
	var d Delivery
	var l GoodsLine
	_, err = pgx.ForEachRow(rows, []any{&purchase, &d.ID, &d.Code, &d.At, &d.By, &d.Corrects, &d.Note, &l.Product, &l.Quantity, &l.UnitCost}, func() error {
		all := &at[purchase].Deliveries
		if n := len(*all); n == 0 || (*all)[n-1].ID != d.ID {
			*all = append(*all, d)
		}
		last := &(*all)[len(*all)-1]
		last.Lines = append(last.Lines, l)
		return nil
	})
	return err
}
