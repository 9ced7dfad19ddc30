package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
)

// picksFile is what was found of orders that are being picked, in slots.
const picksFile = "picks"

// Orders are those that headquarters asks this store to prepare. See till.Catalogue.
func (l *Ledger) Orders(ctx context.Context) ([]retail.Order, error) {
	return rowsOf[retail.Order](ctx, l.catalogue().read, retail.RowOrder)
}

// projectOrder keeps what an entry does about an order; any other entry does nothing.
func (l *Ledger) projectOrder(ctx context.Context, at place, kind journal.Kind, body any) error {
	d, ok := till.OrderDeedOf(kind, body)
	if !ok {
		return nil
	}
	if _, err := l.ledger.write.exec(ctx, `INSERT INTO order_deed (epoch, seq, order_id, kind, attempt, number) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		at.epoch, at.seq, d.Order[:], d.Kind, d.Attempt, d.Number); err != nil {
		return fmt.Errorf("%s of order %s: %w", kind, d.Order, err)
	}
	return nil
}

// OrderDeeds are this till's entries about orders. See till.Journal. What a branch handed over is gone as much as what the file's
// own path did.
func (l *Ledger) OrderDeeds(ctx context.Context, orders []uuid.UUID) ([]till.OrderDeed, error) {
	ids, err := hexList(orders)
	if err != nil {
		return nil, err
	}
	deeds, err := list(ctx, l.ledger.read, func(r *sql.Rows) (d till.OrderDeed, err error) {
		return d, r.Scan(&d.Order, &d.Kind, &d.Attempt, &d.Epoch, &d.Number)
	}, `SELECT order_id, kind, attempt, epoch, number FROM order_deed
		WHERE order_id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY epoch, seq`, ids)
	if err != nil {
		return nil, err
	}
	return deeds, l.strayed(ctx, func(at place, e journal.Entry, body any) {
		d, ok := till.OrderDeedOf(e.Kind, body)
		if d.Epoch = at.epoch; ok && slices.Contains(orders, d.Order) {
			deeds = append(deeds, d)
		}
	})
}

// KeepPicks replaces what is kept of orders that are being picked. See till.Picks.
func (l *Ledger) KeepPicks(body []byte) error {
	if err := l.picks.replace(body); err != nil {
		return fmt.Errorf("keep what was picked: %w", err)
	}
	return nil
}

// KeptPicks is what KeepPicks kept. See till.Picks.
func (l *Ledger) KeptPicks(context.Context) ([]byte, error) { return l.picks.record() }
