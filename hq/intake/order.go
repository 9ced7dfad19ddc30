package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/shared/retail"
)

// order passes on what a till says of an order of the shop. An answer to one that headquarters does not know waits for it; a
// sale counts whatever became of the order it hands over, and is flagged where people must look at it.
func (l *lane) order(ctx context.Context, tx *db.Tx, it *item, heard time.Time) error {
	at := it.entry.At().Add(l.clocks.by(it.link.Epoch, it.link.Seq))
	answer := func(id [16]byte, attempt uint64) order.Answer {
		return order.Answer{Order: id, Attempt: int(attempt), At: at, Heard: heard, By: it.entry.User}
	}
	var err error
	switch b := it.body.(type) {
	case retail.OrderAnswer:
		take := order.Accept
		if it.ready() {
			take = order.Ready
		}
		_, err = take(ctx, tx, answer(b.Order, b.Attempt))
	case retail.OrderMissing:
		_, err = order.Short(ctx, tx, answer(b.Order, b.Attempt), b.Lines)
	case retail.Sale:
		err = l.handOver(ctx, tx, it, b, answer(b.Order, 0))
	case retail.Refund, retail.Void:
		if r, _ := asRefund(b); r.Receipted() {
			err = order.GiveBack(ctx, tx, r, at, it.entry.User)
		}
	}
	return err
}

func (l *lane) handOver(ctx context.Context, tx *db.Tx, it *item, s retail.Sale, a order.Answer) error {
	if !s.OfOrder() {
		return nil
	}
	code, err := l.receiptCode(ctx, tx, it.link.Epoch, s.Number)
	if err != nil {
		return err
	}
	verdict, err := order.Collect(ctx, tx, order.Sold{
		Answer: a, Location: l.store, Code: code, Receipt: retail.ReceiptID{Till: l.till, Epoch: it.link.Epoch, Number: s.Number},
	})
	var unknown *retail.Error
	if errors.As(err, &unknown) && unknown.Code == retail.NotFound {
		verdict, err = order.Wrong, nil
	}
	if err == nil && verdict != order.Counts {
		l.flag(it, FlagOrder, "order "+s.Order.String())
	}
	return err
}

// receiptCode is the printed number of one of the till's receipts.
func (l *lane) receiptCode(ctx context.Context, tx *db.Tx, epoch, number uint64) (string, error) {
	location, err := stock.Location(ctx, tx, l.store)
	if err != nil {
		return "", err
	}
	till, err := tills.ByID(ctx, tx, l.till)
	if err != nil {
		return "", fmt.Errorf("read till %s: %w", l.till, err)
	}
	return retail.ReceiptCode(location.Code, till.Number, epoch, number), nil
}
