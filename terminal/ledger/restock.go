package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// OwnRequests are this till's restock requests that no published feed shows yet, oldest first.
func (l *Ledger) OwnRequests(ctx context.Context) ([]retail.Restock, error) {
	shown, err := list(ctx, l.catalogue().read, value[uuid.UUID], `SELECT id FROM row WHERE type = ?`, retail.RowRestock)
	if err != nil {
		return nil, err
	}
	ids, err := hexList(shown)
	if err != nil {
		return nil, err
	}
	mark, _, err := rowOf[retail.Mark](ctx, l.catalogue().read, retail.RowMark, l.identity.Till)
	if err != nil {
		return nil, err
	}
	marked, err := markList(mark)
	if err != nil {
		return nil, err
	}
	// A request the mark includes and no row shows any more is over.
	found, err := list(ctx, l.ledger.read, scanPlace, withMark+`
		SELECT epoch, seq FROM restock_request JOIN included USING (epoch)
		WHERE id NOT IN (SELECT unhex(value) FROM json_each(?2)) AND (seq > upto OR (epoch, seq) IN late) ORDER BY epoch, seq`,
		marked, ids)
	if err != nil {
		return nil, err
	}
	var requests []retail.Restock
	for _, at := range found {
		k, ok, err := l.entryAt(ctx, at.epoch, at.seq)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		r, err := asRequest(k.Bytes)
		if err != nil {
			return nil, err
		}
		requests = append(requests, r)
	}
	return requests, nil
}

func scanPlace(r *sql.Rows) (at place, err error) { return at, r.Scan(&at.epoch, &at.seq) }

func asRequest(bytes []byte) (q retail.Restock, err error) {
	e, err := journal.Decode(bytes)
	if err != nil {
		return q, fmt.Errorf("restock request: %w", err)
	}
	body, err := journal.DecodeBody[retail.RestockRequest](e)
	if err != nil {
		return q, err
	}
	q = retail.Restock{ID: body.ID, State: retail.RestockRequested, At: e.At().UnixMilli(), By: e.User}
	for _, line := range body.Lines {
		q.Lines = append(q.Lines, retail.RestockLine{Product: line.Product, Asked: line.Quantity})
	}
	return q, nil
}

// Restocks are the store's requests, newest first.
func (l *Ledger) Restocks(ctx context.Context, limit int) ([]retail.Restock, error) {
	all, err := rowsOf[retail.Restock](ctx, l.catalogue().read, retail.RowRestock)
	slices.SortStableFunc(all, func(a, b retail.Restock) int { return cmp.Compare(b.At, a.At) })
	return all[:min(limit, len(all))], err
}

// Shipments are those on their way or received, newest first. What this till has received counts at once.
func (l *Ledger) Shipments(ctx context.Context, limit int) ([]retail.Shipment, error) {
	all, err := rowsOf[retail.Shipment](ctx, l.catalogue().read, retail.RowShipment)
	if err != nil {
		return nil, err
	}
	own, err := list(ctx, l.ledger.read, value[uuid.UUID], `SELECT shipment FROM receive`)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Received = all[i].Received || slices.Contains(own, all[i].ID)
	}
	slices.SortStableFunc(all, func(a, b retail.Shipment) int { return cmp.Compare(b.At, a.At) })
	return all[:min(limit, len(all))], nil
}

// Locations are all stores and warehouses, by name. See till.Catalogue.
func (l *Ledger) Locations(ctx context.Context) ([]retail.Location, error) {
	all, err := rowsOf[retail.Location](ctx, l.catalogue().read, retail.RowLocation)
	slices.SortFunc(all, func(a, b retail.Location) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
	return all, err
}
