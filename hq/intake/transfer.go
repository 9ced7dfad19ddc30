package intake

import (
	"context"
	"errors"
	"time"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

var (
	errToItself     = errors.New("goods were sent to the store they left")
	errNothingMoved = errors.New("goods were sent and none of them holds stock")
)

// transfer says what is wrong with goods sent to another store. What makes no sense has no effect.
func (l *lane) transfer(it *item, t retail.TransferOut) {
	for _, line := range t.Lines {
		if _, known := l.facts[line.Product]; !known {
			l.flag(it, FlagUnknownProduct, line.Product.String())
		}
	}
	switch {
	case t.To == l.store:
		l.judge(it, errToItself)
	case len(l.leaving(t)) == 0:
		l.judge(it, errNothingMoved)
	}
}

// leaving are the lines that leave: what is made here holds no stock.
func (l *lane) leaving(t retail.TransferOut) (lines []retail.StockLine) {
	for _, line := range t.Lines {
		if line.Quantity > 0 && !l.facts[line.Product].MadeHere {
			lines = append(lines, line)
		}
	}
	return lines
}

// sent is a transfer as stock takes it; ok is false when it has no effect.
func (l *lane) sent(it *item, t retail.TransferOut, by time.Duration) (s stock.Transfer, ok bool) {
	s = stock.Transfer{
		From: l.store, To: t.To, ID: t.ID, By: it.entry.User, At: it.entry.At().Add(by),
		Till: l.till, Epoch: it.link.Epoch, Seq: it.link.Seq, Lines: l.leaving(t), Cost: l.cost,
	}
	return s, t.To != l.store && len(s.Lines) > 0
}

// send passes goods on to another store. One that headquarters does not know yet is waited for.
func (l *lane) send(ctx context.Context, tx *db.Tx, it *item, t retail.TransferOut, by time.Duration) error {
	s, ok := l.sent(it, t, by)
	if !ok {
		return nil
	}
	if _, err := stock.Location(ctx, tx, t.To); err != nil {
		return err
	}
	return stock.TakeTransfer(ctx, tx, s)
}

func (l *lane) redateTransfer(ctx context.Context, tx *db.Tx, it *item, t retail.TransferOut, by time.Duration) error {
	if s, ok := l.sent(it, t, by); ok {
		return stock.RedateTransfer(ctx, tx, s)
	}
	return nil
}
