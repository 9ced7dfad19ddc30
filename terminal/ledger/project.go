package ledger

import (
	"context"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// place is where an entry stands.
type place struct{ epoch, seq uint64 }

// project writes what is derived from an entry. It gives the numbers that the entry takes. Kinds that
// nothing is derived from, also those of a newer version, are only kept.
func (l *Ledger) project(ctx context.Context, at place, e journal.Entry) (takes numbers, err error) {
	if e.Version > journal.Version {
		return takes, nil
	}
	switch e.Kind {
	case journal.KindSale:
		sale, err := journal.DecodeBody[retail.Sale](e)
		if err != nil {
			return takes, err
		}
		return numbers{receipt: sale.Number}, l.projectSale(ctx, at, e, sale)
	case journal.KindRefund:
		refund, err := journal.DecodeBody[retail.Refund](e)
		if err != nil {
			return takes, err
		}
		return numbers{receipt: refund.Number}, l.projectRefund(ctx, at, e, refund)
	case journal.KindVoid:
		void, err := journal.DecodeBody[retail.Void](e)
		if err != nil {
			return takes, err
		}
		return numbers{receipt: void.Number}, l.projectVoid(ctx, at, e, retail.Refund(void))
	case journal.KindRefundHold:
		hold, err := journal.DecodeBody[retail.RefundHold](e)
		if err != nil {
			return takes, err
		}
		return takes, l.projectHold(ctx, at, hold)
	case journal.KindShiftOpen:
		shift, err := journal.DecodeBody[retail.ShiftOpen](e)
		if err != nil {
			return takes, err
		}
		_, err = l.ledger.write.exec(ctx,
			`INSERT INTO shift (epoch, seq, number, business_date, float, opened_at) VALUES (?, ?, ?, ?, ?, ?)`,
			at.epoch, at.seq, shift.Shift, shift.BusinessDate, shift.Float, e.At().UnixMilli())
		return takes, err
	case journal.KindShiftClose:
		z, err := journal.DecodeBody[retail.ShiftClose](e)
		if err != nil {
			return takes, err
		}
		return numbers{z: z.Number}, l.projectClose(ctx, at, z)
	case journal.KindChainHead:
		head, err := journal.DecodeBody[retail.ChainHead](e)
		if err != nil {
			return takes, err
		}
		return takes, l.projectHead(ctx, head)
	case journal.KindRestockRequest:
		request, err := journal.DecodeBody[retail.RestockRequest](e)
		if err != nil {
			return takes, err
		}
		_, err = l.ledger.write.exec(ctx, `INSERT INTO restock_request (id, epoch, seq) VALUES (?, ?, ?)`,
			request.ID[:], at.epoch, at.seq)
		return takes, err
	case journal.KindReceive:
		receive, err := journal.DecodeBody[retail.Receive](e)
		if err != nil {
			return takes, err
		}
		return takes, l.projectReceive(ctx, at, e, receive)
	case journal.KindTransferOut:
		transfer, err := journal.DecodeBody[retail.TransferOut](e)
		if err != nil {
			return takes, err
		}
		return takes, l.projectTransfer(ctx, at, e, transfer)
	case journal.KindOrderAccept, journal.KindOrderReady:
		answer, err := journal.DecodeBody[retail.OrderAnswer](e)
		if err != nil {
			return takes, err
		}
		return takes, l.projectOrder(ctx, at, e.Kind, answer)
	case journal.KindOrderShort:
		missing, err := journal.DecodeBody[retail.OrderMissing](e)
		if err != nil {
			return takes, err
		}
		return takes, l.projectOrder(ctx, at, e.Kind, missing)
	case journal.KindCount:
		return takes, l.projectCount(ctx, at, e)
	case journal.KindClock:
		return takes, l.projectClock(ctx, e)
	}
	return takes, nil
}

func (l *Ledger) projectSale(ctx context.Context, at place, e journal.Entry, s retail.Sale) error {
	w := l.ledger.write
	if _, err := w.exec(ctx,
		`INSERT INTO sale (epoch, number, seq, shift, business_date, total, rounding) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		at.epoch, s.Number, at.seq, e.Shift, s.BusinessDate, s.Total, s.Rounding); err != nil {
		return fmt.Errorf("sale %d: %w", s.Number, err)
	}
	moves := make([]retail.StockLine, len(s.Lines))
	for i, line := range s.Lines {
		if _, err := w.exec(ctx,
			`INSERT INTO sale_line (epoch, number, line, product, quantity, amount) VALUES (?, ?, ?, ?, ?, ?)`,
			at.epoch, s.Number, i, line.Product[:], line.Quantity, line.Amount); err != nil {
			return fmt.Errorf("sale %d line %d: %w", s.Number, i, err)
		}
		moves[i] = retail.StockLine{Product: line.Product, Quantity: -line.Quantity}
	}
	for i, t := range s.Tenders {
		if _, err := w.exec(ctx,
			`INSERT INTO sale_tender (epoch, number, tender, kind, amount, last_four) VALUES (?, ?, ?, ?, ?, ?)`,
			at.epoch, s.Number, i, t.Kind, t.Amount, t.LastFour); err != nil {
			return fmt.Errorf("sale %d tender %d: %w", s.Number, i, err)
		}
	}
	if err := l.projectOrder(ctx, at, e.Kind, s); err != nil {
		return err
	}
	return l.move(ctx, at, e, moves)
}

func (l *Ledger) projectReceive(ctx context.Context, at place, e journal.Entry, r retail.Receive) error {
	if _, err := l.ledger.write.exec(ctx, `INSERT INTO receive (epoch, seq, shipment) VALUES (?, ?, ?)`,
		at.epoch, at.seq, r.Shipment[:]); err != nil {
		return fmt.Errorf("receive %s: %w", r.Shipment, err)
	}
	return l.move(ctx, at, e, r.Lines)
}

// projectTransfer takes what is sent to another store off the stock at once.
func (l *Ledger) projectTransfer(ctx context.Context, at place, e journal.Entry, t retail.TransferOut) error {
	if _, err := l.ledger.write.exec(ctx, `INSERT INTO transfer (id, epoch, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		t.ID[:], at.epoch, at.seq); err != nil {
		return fmt.Errorf("transfer %s: %w", t.ID, err)
	}
	moves := make([]retail.StockLine, len(t.Lines))
	for i, line := range t.Lines {
		moves[i] = retail.StockLine{Product: line.Product, Quantity: -line.Quantity}
	}
	return l.move(ctx, at, e, moves)
}

// move records what an entry does to the stock, one movement per product.
func (l *Ledger) move(ctx context.Context, at place, e journal.Entry, lines []retail.StockLine) error {
	sums := make(map[uuid.UUID]money.Quantity, len(lines))
	for _, line := range lines {
		sums[line.Product] += line.Quantity
	}
	for product, quantity := range sums {
		if _, err := l.ledger.write.exec(ctx,
			`INSERT INTO movement (product, epoch, seq, quantity, stated) VALUES (?, ?, ?, ?, ?)`,
			product[:], at.epoch, at.seq, quantity, e.At().UnixMilli()); err != nil {
			return fmt.Errorf("move stock of %s: %w", product, err)
		}
	}
	return nil
}
