package ledger

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
)

// withMark begins a statement about what the mark includes; ?1 is markList. The table included has, for each epoch, the
// seq up to which headquarters' rows include this till's own path, save for what is deferred, which
// is in late.
//
// That is the highest end that lies on the path: the hashes agree. When headquarters has ends of the epoch and none is on
// the path, they belong to another life of this till, with which it shares its beginning, or to one that is being given
// back: up to the fork before is included, and what headquarters has acknowledged, at most as long as the other life. What
// it acknowledged since the mark it has already counted as an end or fork of the next one.
const withMark = `WITH
	mark AS MATERIALIZED (
		SELECT value ->> 0 AS epoch, value ->> 1 AS seq, unhex(value ->> 2) AS hash,
			value ->> 3 = 0 AS ends, value ->> 3 = 2 AS deferred FROM json_each(?1)),
	included AS MATERIALIZED (
		SELECT epoch, coalesce(
			(SELECT max(mark.seq) FROM mark JOIN entry USING (epoch, seq, hash) WHERE mark.epoch = epoch.epoch AND ends),
			(SELECT max(min(max(mark.seq), acked),
					coalesce((SELECT max(fork.seq) FROM mark AS fork JOIN entry USING (epoch, seq, hash) WHERE fork.epoch = epoch.epoch AND NOT deferred), 0))
				FROM mark WHERE mark.epoch = epoch.epoch AND NOT deferred),
			0) AS upto
		FROM epoch),
	late AS MATERIALIZED (SELECT epoch, seq FROM mark JOIN entry USING (epoch, seq, hash) WHERE deferred)`

// markList is the mark as withMark takes it.
func markList(mark retail.Mark) (string, error) {
	rows := make([][4]any, 0, len(mark.Ends)+len(mark.Forks)+len(mark.Deferred))
	for i, ends := range [][]retail.ChainEnd{mark.Ends, mark.Forks, mark.Deferred} {
		for _, e := range ends {
			rows = append(rows, [4]any{e.Epoch, e.Seq, hex.EncodeToString(e.Hash), i})
		}
	}
	b, err := json.Marshal(rows)
	return string(b), err
}

// own is what this till's entries did and the mark does not include.
type own struct {
	// moved sums up what was sold, given back, sent and received, by product, and handedOver what of it was sold for orders;
	// counted are the products that were counted, and received the shipments.
	moved, handedOver map[uuid.UUID]money.Quantity
	counted, received []uuid.UUID
}

// The kinds of rows that ownSince gives.
const (
	ownMoved = iota
	ownCounted
	ownReceived
	ownHandedOver
)

// ownSince reads it for some products, in one statement: each of them works out anew what the mark includes.
func (l *Ledger) ownSince(ctx context.Context, ids, marked string) (o own, err error) {
	o.moved, o.handedOver = map[uuid.UUID]money.Quantity{}, map[uuid.UUID]money.Quantity{}
	// One range of the primary key for each product and epoch, from the mark on.
	_, err = list(ctx, l.ledger.read, func(r *sql.Rows) (_ struct{}, err error) {
		var kind int
		var id uuid.UUID
		var quantity money.Quantity
		err = r.Scan(&kind, &id, &quantity)
		switch kind {
		case ownMoved:
			o.moved[id] += quantity
		case ownCounted:
			o.counted = append(o.counted, id)
		case ownReceived:
			o.received = append(o.received, id)
		case ownHandedOver:
			o.handedOver[id] += quantity
		}
		return struct{}{}, err
	}, withMark+`, wanted AS MATERIALIZED (SELECT unhex(value) AS product FROM json_each(?2))
		SELECT ?3, product, sum(quantity) FROM wanted CROSS JOIN included CROSS JOIN movement USING (product, epoch)
			WHERE movement.seq > upto GROUP BY product
		UNION ALL SELECT ?3, product, quantity FROM late JOIN included USING (epoch)
			CROSS JOIN wanted CROSS JOIN movement USING (product, epoch, seq) WHERE late.seq <= upto
		UNION ALL SELECT DISTINCT ?4, product, 0 FROM wanted CROSS JOIN included CROSS JOIN count USING (product, epoch)
			WHERE count.seq > upto OR (epoch, count.seq) IN late
		UNION ALL SELECT ?5, shipment, 0 FROM receive JOIN included USING (epoch) WHERE seq > upto OR (epoch, seq) IN late
		UNION ALL SELECT ?6, product, sum(quantity) FROM included CROSS JOIN order_deed USING (epoch) JOIN sale_line USING (epoch, number)
			WHERE number > 0 AND (seq > upto OR (epoch, seq) IN late) AND product IN (SELECT product FROM wanted) GROUP BY product`,
		marked, ids, ownMoved, ownCounted, ownReceived, ownHandedOver)
	return o, err
}

// takeReceived takes the shipments this till has received, and headquarters does not know of, out of what is in transit.
func (l *Ledger) takeReceived(ctx context.Context, received []uuid.UUID, stock map[uuid.UUID]till.Stock) error {
	for _, id := range received {
		shipment, ok, err := rowOf[retail.Shipment](ctx, l.catalogue().read, retail.RowShipment, id)
		if err != nil {
			return err
		}
		if !ok || shipment.Received {
			continue
		}
		for _, line := range shipment.Lines {
			if s, wanted := stock[line.Product]; wanted {
				s.InTransit = max(money.Quantity(0), s.InTransit-line.Quantity)
				stock[line.Product] = s
			}
		}
	}
	return nil
}
