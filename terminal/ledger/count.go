package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
)

// projectCount keeps a line of a count, or that a session is over.
func (l *Ledger) projectCount(ctx context.Context, at place, e journal.Entry) error {
	c, err := journal.DecodeBody[retail.Count](e)
	if err != nil {
		return err
	}
	if c.Done {
		_, err = l.ledger.write.exec(ctx, `INSERT INTO count_done (session, epoch, seq) VALUES (?, ?, ?)`, c.Session[:], at.epoch, at.seq)
	} else {
		_, err = l.ledger.write.exec(ctx, `INSERT INTO count (product, epoch, seq, session, quantity, stated) VALUES (?, ?, ?, ?, ?, ?)`,
			c.Product[:], at.epoch, at.seq, c.Session[:], c.Quantity, e.At().UnixMilli())
	}
	if err != nil {
		return fmt.Errorf("count of %s: %w", c.Product, err)
	}
	return nil
}

// projectClock dates anew what the entries that a clock entry covers did to the stock. The last entry about one counts.
func (l *Ledger) projectClock(ctx context.Context, e journal.Entry) error {
	c, err := journal.DecodeBody[retail.Clock](e)
	if err != nil {
		return err
	}
	for _, table := range []string{"movement", "count"} {
		_, err := l.ledger.write.exec(ctx, `UPDATE `+table+` SET corrected = ? WHERE epoch = ? AND seq BETWEEN ? AND ?`,
			c.Correction, c.Epoch, c.From, c.To)
		if err != nil {
			return fmt.Errorf("date entries %d to %d of epoch %d: %w", c.From, c.To, c.Epoch, err)
		}
	}
	return nil
}

// happening is what an entry of this till did to a product.
type happening struct {
	product  uuid.UUID
	when     retail.Happened
	counted  bool
	included bool
	quantity money.Quantity
}

// ownHappenings are, in the order of the journal, what this till's entries did to products that were counted, and the mark
// does not include; what it includes only where it comes after a count that it does not.
func (l *Ledger) ownHappenings(ctx context.Context, ids, marked string) ([]happening, error) {
	return list(ctx, l.ledger.read, func(r *sql.Rows) (h happening, err error) {
		var hash []byte
		err = r.Scan(&h.product, &h.when.Epoch, &h.when.Seq, &h.when.At, &hash, &h.counted, &h.included, &h.quantity)
		h.when.Till = l.identity.Till
		copy(h.when.Ref[:], hash)
		return h, err
	}, withMark+`, wanted AS MATERIALIZED (SELECT unhex(value) AS product FROM json_each(?2)),
		own AS MATERIALIZED (
			SELECT product, epoch, seq, stated + corrected AS at, 0 AS counted, quantity FROM wanted CROSS JOIN movement USING (product)
			UNION ALL SELECT product, epoch, seq, stated + corrected, 1, quantity FROM wanted CROSS JOIN count USING (product)),
		placed AS MATERIALIZED (SELECT own.*, seq <= upto AND (epoch, seq) NOT IN late AS included FROM own JOIN included USING (epoch))
		SELECT product, epoch, seq, placed.at, hash, counted, included, quantity FROM placed LEFT JOIN entry USING (epoch, seq)
		WHERE NOT included OR NOT counted AND EXISTS (
			SELECT 1 FROM placed AS c WHERE c.product = placed.product AND c.counted AND NOT c.included AND (c.epoch, c.seq) < (placed.epoch, placed.seq))
		ORDER BY epoch, seq`, marked, ids)
}

// addCounted adds to headquarters' levels what this till did besides, where something was counted: nothing that the latest
// count has seen. A count that the level does not include replaces it.
func addCounted(stock map[uuid.UUID]till.Stock, latest map[uuid.UUID]retail.Happened, own []happening) {
	replaced := map[uuid.UUID]bool{}
	for _, h := range own {
		s, of := stock[h.product], latest[h.product]
		seen := h.included || of != (retail.Happened{}) && !h.when.After(of)
		switch {
		case h.counted && !seen:
			s.Here, replaced[h.product] = h.quantity, true
		case !h.counted && (replaced[h.product] || !seen):
			s.Here += h.quantity
		}
		stock[h.product] = s
	}
}
