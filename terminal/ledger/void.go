package ledger

import (
	"context"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/retail"
)

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
