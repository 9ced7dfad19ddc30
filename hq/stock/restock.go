package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// RestockTopic is marked when a request or a shipment of any store changed.
const RestockTopic = "restock"

// RestockRequest is what a store asks of the warehouse.
type RestockRequest struct {
	Location, ID, By uuid.UUID
	At               time.Time
	Lines            []retail.StockLine
	// Automatic is one that headquarters makes by itself: By is nobody.
	Automatic bool
}

// RequestRestock stores a request for a person to decide on; one that is there already is left as it is. Quantities of
// the same product are one line, those of 0 and less are none.
func RequestRestock(ctx context.Context, tx *db.Tx, r RestockRequest) error {
	added, err := tx.Exec(ctx, `
		INSERT INTO stock.restock (location_id, id, state, requested_at, requested_by, automatic) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, r.Location, r.ID, int16(retail.RestockRequested), r.At, r.By, r.Automatic)
	if err != nil {
		return fmt.Errorf("request restock %s: %w", r.ID, err)
	}
	if added.RowsAffected() == 0 {
		return nil
	}
	products, quantities := merge(r.Lines)
	_, err = tx.Exec(ctx, `
		INSERT INTO stock.restock_line (location_id, restock_id, product_id, asked)
		SELECT $1, $2, * FROM unnest($3::uuid[], $4::bigint[])`, r.Location, r.ID, products, quantities)
	if err != nil {
		return fmt.Errorf("request restock %s: %w", r.ID, err)
	}
	return publishRestock(ctx, tx, r.Location, r.ID)
}

// merge adds up the lines by product, in the order of their first, and leaves out what is not above 0.
func merge(lines []retail.StockLine) (products []uuid.UUID, quantities []int64) {
	at := map[uuid.UUID]int{}
	for _, l := range lines {
		if l.Quantity <= 0 {
			continue
		}
		i, ok := at[l.Product]
		if !ok {
			i = len(products)
			at[l.Product] = i
			products, quantities = append(products, l.Product), append(quantities, 0)
		}
		quantities[i] += int64(l.Quantity)
	}
	return products, quantities
}

// Decision is what a person allows of a request. A product that is not in Approved gets nothing.
type Decision struct {
	Location, Restock, By uuid.UUID
	At                    time.Time
	Approved              map[uuid.UUID]money.Quantity
}

// state is what the decision makes of a request.
func (d Decision) state() retail.RestockState {
	for _, quantity := range d.Approved {
		if quantity > 0 {
			return retail.RestockApproved
		}
	}
	return retail.RestockRefused
}

// Decide approves all, part or none of a request that waits for it. No line gets more than was asked for.
func Decide(ctx context.Context, tx *db.Tx, d Decision) error {
	r, err := lockRestock(ctx, tx, d.Location, d.Restock)
	if err != nil {
		return err
	}
	state := d.state()
	if !retail.RestockSteps.Lead(r.State, state) {
		return &retail.Error{Code: retail.Conflict, Key: "restock.decided", Args: map[string]any{"state": r.State}}
	}
	var products []uuid.UUID
	var quantities []int64
	asked := map[uuid.UUID]money.Quantity{}
	for _, l := range r.Lines {
		asked[l.Product] = l.Asked
	}
	for product, quantity := range d.Approved {
		if quantity < 0 || quantity > asked[product] {
			return &retail.Error{Code: retail.Invalid, Key: "restock.approved", Args: map[string]any{
				"product": product, "approved": quantity, "asked": asked[product],
			}}
		}
		if quantity > 0 {
			products, quantities = append(products, product), append(quantities, int64(quantity))
		}
	}
	var batch pgx.Batch
	batch.Queue(`
		UPDATE stock.restock SET state = $3, decided_at = $4, decided_by = $5 WHERE location_id = $1 AND id = $2`,
		d.Location, d.Restock, int16(state), d.At, d.By)
	batch.Queue(`
		UPDATE stock.restock_line l SET approved = a.quantity FROM unnest($3::uuid[], $4::bigint[]) AS a (product_id, quantity)
		WHERE l.location_id = $1 AND l.restock_id = $2 AND l.product_id = a.product_id`, d.Location, d.Restock, products, quantities)
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("decide on restock %s: %w", d.Restock, err)
	}
	return publishRestock(ctx, tx, d.Location, d.Restock)
}

// lockRestock reads a request that nobody else may change until the transaction ends.
func lockRestock(ctx context.Context, tx *db.Tx, location, id uuid.UUID) (Restock, error) {
	_, err := tx.Exec(ctx, `SELECT FROM stock.restock WHERE location_id = $1 AND id = $2 FOR UPDATE`, location, id)
	if err != nil {
		return Restock{}, fmt.Errorf("lock restock %s: %w", id, err)
	}
	return OneRestock(ctx, tx, location, id)
}

// publishRestock tells the store's tills how the request stands.
func publishRestock(ctx context.Context, tx *db.Tx, location, id uuid.UUID) error {
	r, err := OneRestock(ctx, tx, location, id)
	if err != nil {
		return err
	}
	told := retail.Restock{ID: r.ID, State: r.State, At: r.RequestedAt.UnixMilli(), By: r.RequestedBy}
	for _, l := range r.Lines {
		told.Lines = append(told.Lines, l.RestockLine)
	}
	row, err := feed.NewRow(retail.RowRestock, r.ID, told)
	if err != nil {
		return err
	}
	feed.Publish(ctx, tx, feed.Store(location), row)
	feed.Mark(tx, RestockTopic)
	return nil
}

// Restock is a request as a person decides on it.
type Restock struct {
	Location, ID uuid.UUID
	State        retail.RestockState
	RequestedAt  time.Time
	RequestedBy  uuid.UUID // nobody, when it is automatic
	Automatic    bool
	DecidedAt    *time.Time
	DecidedBy    *uuid.UUID
	// Shipment is what was sent for it, nil before.
	Shipment *ShipmentName
	Lines    []RestockLine
}

// ShipmentName names a shipment.
type ShipmentName struct {
	ID   uuid.UUID
	Code string
}

// RestockLine is a line of a request beside the stock of today.
type RestockLine struct {
	retail.RestockLine
	// Here is on hand at the store that asks, Coming on its way to it, Depot on hand in all warehouses.
	Here, Coming, Depot money.Quantity
}

// All approves every line in full.
func (r Restock) All() map[uuid.UUID]money.Quantity {
	all := make(map[uuid.UUID]money.Quantity, len(r.Lines))
	for _, l := range r.Lines {
		all[l.Product] = l.Asked
	}
	return all
}

// RestockFilter narrows a list of requests. The zero value takes all.
type RestockFilter struct {
	States []retail.RestockState
	// Locations are the stores that ask; nil for all.
	Locations []uuid.UUID
	// OldestFirst lists what has waited longest first, else the newest.
	OldestFirst bool
	// Before is Next of the page before.
	Before string
	Limit  int
}

// RestockPage is a part of the requests. Next asks for the following page; empty on the last.
type RestockPage struct {
	Restocks []Restock
	Next     string
}

// Queue is how many requests wait for the same thing, and the one that has waited longest; the zero value when there is none.
type Queue struct {
	Count  int
	Oldest time.Time
	Store  uuid.UUID // of the oldest
}

// Waiting is how many requests of stores nobody has decided on yet, and how many are approved and nobody has shipped; nil is
// all stores.
func Waiting(ctx context.Context, q Querier, stores []uuid.UUID) (decide, ship Queue, err error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT ON (state) state, count(*) OVER (PARTITION BY state), requested_at, location_id FROM stock.restock
		WHERE state = ANY($1) AND ($2::uuid[] IS NULL OR location_id = ANY($2)) ORDER BY state, requested_at, id`,
		[]int16{int16(retail.RestockRequested), int16(retail.RestockApproved)}, stores)
	if err != nil {
		return decide, ship, fmt.Errorf("count waiting restocks: %w", err)
	}
	var state retail.RestockState
	var one Queue
	_, err = pgx.ForEachRow(rows, []any{&state, &one.Count, &one.Oldest, &one.Store}, func() error {
		if state == retail.RestockRequested {
			decide = one
		} else {
			ship = one
		}
		return nil
	})
	if err != nil {
		return decide, ship, fmt.Errorf("count waiting restocks: %w", err)
	}
	return decide, ship, nil
}

// OneRestock gives one request.
func OneRestock(ctx context.Context, q Querier, location, id uuid.UUID) (Restock, error) {
	found, err := restocks(ctx, q, `r.location_id = @location AND r.id = @id`, newestFirst, pgx.NamedArgs{"location": location, "id": id, "limit": 1})
	if err != nil {
		return Restock{}, fmt.Errorf("read restock %s: %w", id, err)
	}
	if len(found) == 0 {
		return Restock{}, &retail.Error{Code: retail.NotFound, Key: "restock.unknown", Args: map[string]any{"id": id}}
	}
	return found[0], nil
}

// Restocks lists requests.
func Restocks(ctx context.Context, q Querier, f RestockFilter) (RestockPage, error) {
	limit := pageSize(f.Limit)
	where, args, order := "true", pgx.NamedArgs{"limit": limit + 1}, newestFirst
	if f.OldestFirst {
		order = oldestFirst
	}
	if len(f.States) > 0 {
		states := make([]int16, len(f.States))
		for i, s := range f.States {
			states[i] = int16(s)
		}
		where, args["states"] = where+" AND r.state = ANY(@states)", states
	}
	if f.Locations != nil {
		where, args["locations"] = where+" AND r.location_id = ANY(@locations)", f.Locations
	}
	if f.Before != "" {
		at, id, _, err := readCursor(f.Before)
		if err != nil {
			return RestockPage{}, err
		}
		where += " AND (r.requested_at, r.id) " + order.after + " (@at, @id)"
		args["at"], args["id"] = at, id
	}
	found, err := restocks(ctx, q, where, order, args)
	if err != nil {
		return RestockPage{}, fmt.Errorf("list restocks: %w", err)
	}
	page := RestockPage{Restocks: found}
	if len(found) > limit {
		page.Restocks = found[:limit]
		last := found[limit-1]
		page.Next = cursor(last.RequestedAt, last.ID, 0)
	}
	return page, nil
}

func restocks(ctx context.Context, q Querier, where string, in order, args pgx.NamedArgs) ([]Restock, error) {
	rows, err := q.Query(ctx, `
		WITH r AS (
			SELECT * FROM stock.restock r WHERE `+where+` ORDER BY r.requested_at `+in.way+`, r.id `+in.way+` LIMIT @limit
		)
		SELECT r.location_id, r.id, r.state, r.requested_at, r.requested_by, r.automatic, r.decided_at, r.decided_by, s.id, s.code,
			n.product_id, n.asked, n.approved, n.shipped, n.received, coalesce(l.on_hand, 0), coalesce(l.in_transit, 0),
			(SELECT coalesce(sum(w.on_hand), 0)::bigint FROM stock.level w JOIN stock.location k ON k.id = w.location_id AND k.kind = 2
				WHERE w.product_id = n.product_id)
		FROM r
		LEFT JOIN stock.shipment s ON s.location_id = r.location_id AND s.restock_id = r.id
		LEFT JOIN stock.restock_line n ON n.location_id = r.location_id AND n.restock_id = r.id
		LEFT JOIN stock.level l ON l.location_id = n.location_id AND l.product_id = n.product_id
		ORDER BY r.requested_at `+in.way+`, r.id `+in.way+`, n.product_id`, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Restock
	for rows.Next() {
		var r Restock
		var shipment, product *uuid.UUID
		var code *string
		var asked, approved, shipped, received, here, coming, depot *money.Quantity
		err := rows.Scan(&r.Location, &r.ID, &r.State, &r.RequestedAt, &r.RequestedBy, &r.Automatic, &r.DecidedAt, &r.DecidedBy, &shipment, &code,
			&product, &asked, &approved, &shipped, &received, &here, &coming, &depot)
		if err != nil {
			return nil, err
		}
		if n := len(found); n == 0 || found[n-1].ID != r.ID || found[n-1].Location != r.Location {
			if shipment != nil {
				r.Shipment = &ShipmentName{*shipment, *code}
			}
			found = append(found, r)
		}
		if product != nil {
			last := &found[len(found)-1]
			last.Lines = append(last.Lines, RestockLine{
				RestockLine: retail.RestockLine{Product: *product, Asked: *asked, Approved: *approved, Shipped: *shipped, Received: *received},
				Here:        *here, Coming: *coming, Depot: *depot,
			})
		}
	}
	return found, rows.Err()
}
