package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// Void finds what took a receipt back. See till.Journal.
func (l *Ledger) Void(ctx context.Context, epoch, number uint64) (v till.Void, ok bool, err error) {
	v, ok, err = one(ctx, l.ledger.read, func(r *sql.Rows) (v till.Void, err error) {
		return v, r.Scan(&v.Epoch, &v.Seq, &v.Number)
	}, `SELECT epoch, seq, number FROM void WHERE of_epoch = ? AND of_number = ? ORDER BY epoch DESC, seq DESC LIMIT 1`, epoch, number)
	if err != nil || !ok {
		return v, false, err
	}
	k, ok, err := l.entryAt(ctx, v.Epoch, v.Seq)
	if err != nil || !ok {
		return v, false, err
	}
	e, err := journal.Decode(k.Bytes)
	if err != nil {
		return v, false, fmt.Errorf("void of receipt %d-%d: %w", epoch, number, err)
	}
	v.Hash, v.At, v.User = k.Hash, e.At(), e.User
	v.Body, err = journal.DecodeBody[retail.Void](e)
	return v, err == nil, err
}

// projectVoid takes a sale of this till back: its goods are here again, and nothing of it is left to refund.
func (l *Ledger) projectVoid(ctx context.Context, at place, e journal.Entry, v retail.Refund) error {
	if _, err := l.ledger.write.exec(ctx, `
		INSERT INTO void (epoch, seq, number, shift, business_date, total, rounding, of_epoch, of_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		at.epoch, at.seq, v.Number, e.Shift, v.BusinessDate, v.Total, v.Rounding, v.Receipt.Epoch, v.Receipt.Number); err != nil {
		return fmt.Errorf("void %d: %w", v.Number, err)
	}
	if err := l.giveBack(ctx, at, v.Receipt, v.Parts(), 1); err != nil {
		return err
	}
	moves := make([]retail.StockLine, len(v.Lines))
	for i, line := range v.Lines {
		moves[i] = retail.StockLine{Product: line.Line.Product, Quantity: line.Line.Quantity}
	}
	return l.move(ctx, at, e, moves)
}
