package ledger

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// StockOf is the stock of one product. See till.Catalogue.
func (l *Ledger) StockOf(ctx context.Context, product uuid.UUID) (till.Stock, error) {
	all, err := l.StockOfMany(ctx, []uuid.UUID{product})
	return all[product], err
}

// StockOfMany is StockOf for the rows of a list.
//
// Headquarters' level already includes the entries of this till up to the mark, which is published with it; levels and
// mark are read by one statement, hence from one moment. Then come the entries after the mark: entries are only added,
// so reading them a little later counts none twice.
func (l *Ledger) StockOfMany(ctx context.Context, products []uuid.UUID) (map[uuid.UUID]till.Stock, error) {
	of := [2]written{l.catalogue().written(), l.ledger.written()}
	stock, missing := l.stocks.recall(of, products)
	if len(missing) == 0 {
		return stock, nil
	}
	read, err := l.readStock(ctx, missing)
	if err != nil {
		return nil, err
	}
	l.stocks.keep(of, read)
	maps.Copy(stock, read)
	return stock, nil
}

func (l *Ledger) readStock(ctx context.Context, products []uuid.UUID) (map[uuid.UUID]till.Stock, error) {
	ids, err := hexList(products)
	if err != nil {
		return nil, err
	}
	stock := make(map[uuid.UUID]till.Stock, len(products))
	for _, id := range products {
		stock[id] = till.Stock{}
	}
	var mark retail.Mark
	latest := map[uuid.UUID]retail.Happened{}
	rows, err := list(ctx, l.catalogue().read, scanFeedRow, `
		SELECT type, id, body FROM row WHERE type IN (?, ?) AND id IN (SELECT unhex(value) FROM json_each(?))
		UNION ALL SELECT type, id, body FROM row WHERE type = ? AND id = ?`,
		retail.RowStock, retail.RowDepot, ids, retail.RowMark, l.identity.Till[:])
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.kind == retail.RowMark {
			err = cbor.Unmarshal(r.body, &mark)
		} else {
			stock[r.id], err = r.addTo(stock[r.id], latest)
		}
		if err != nil {
			return nil, fmt.Errorf("decode row %d %s: %w", r.kind, r.id, err)
		}
	}
	marked, err := markList(mark)
	if err != nil {
		return nil, err
	}
	own, err := l.ownSince(ctx, ids, marked)
	if err != nil {
		return nil, err
	}
	if err := l.addOwn(ctx, own, marked, stock, latest); err != nil {
		return nil, err
	}
	for id, quantity := range own.handedOver {
		s := stock[id]
		s.Promised = max(0, s.Promised-quantity)
		stock[id] = s
	}
	return stock, l.takeReceived(ctx, own.received, stock)
}

// addOwn adds what this till did and the mark does not include. latest are the counts that headquarters' levels include.
func (l *Ledger) addOwn(ctx context.Context, own own, marked string, stock map[uuid.UUID]till.Stock, latest map[uuid.UUID]retail.Happened) error {
	counted := map[uuid.UUID]bool{}
	for _, id := range slices.AppendSeq(own.counted, maps.Keys(latest)) {
		counted[id] = true
	}
	for id, quantity := range own.moved {
		if s := stock[id]; !counted[id] {
			s.Here += quantity
			stock[id] = s
		}
	}
	if len(counted) == 0 {
		return nil
	}
	ids, err := hexList(slices.Collect(maps.Keys(counted)))
	if err != nil {
		return err
	}
	happened, err := l.ownHappenings(ctx, ids, marked)
	addCounted(stock, latest, happened)
	return err
}

type feedRow struct {
	kind retail.RowType
	id   uuid.UUID
	body []byte
}

func scanFeedRow(r *sql.Rows) (f feedRow, err error) {
	return f, r.Scan(&f.kind, &f.id, &f.body)
}

// addTo fills in what a stock or depot row says, and of what count.
func (f feedRow) addTo(s till.Stock, latest map[uuid.UUID]retail.Happened) (till.Stock, error) {
	if f.kind == retail.RowDepot {
		var d retail.Depot
		err := cbor.Unmarshal(f.body, &d)
		s.Depot, s.DepotPromised, s.DepotAt = d.OnHand, d.Promised, time.UnixMilli(d.At).UTC()
		return s, err
	}
	var level retail.Stock
	err := cbor.Unmarshal(f.body, &level)
	s.Known = true
	if level.Counted != (retail.Happened{}) {
		latest[f.id] = level.Counted
	}
	s.Here, s.HereAt, s.InTransit = level.OnHand, time.UnixMilli(level.At).UTC(), level.InTransit
	s.Promised = level.Promised
	s.RestockBelow, s.OutBelow, s.OverAbove, s.PerDay = level.RestockBelow, level.OutBelow, level.OverAbove, level.PerDay
	return s, err
}

func hexList(ids []uuid.UUID) (string, error) {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = hex.EncodeToString(id[:])
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// Elsewhere is how much each store has of a product. See till.Catalogue.
func (l *Ledger) Elsewhere(ctx context.Context, product uuid.UUID) (retail.Elsewhere, error) {
	e, _, err := rowOf[retail.Elsewhere](ctx, l.catalogue().read, retail.RowElsewhere, product)
	return e, err
}
