package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
)

func (l *Ledger) projectRefund(ctx context.Context, at place, e journal.Entry, r retail.Refund) error {
	w := l.ledger.write
	var hold []byte
	if r.Hold != uuid.Nil {
		hold = r.Hold[:]
	}
	if _, err := w.exec(ctx,
		`INSERT INTO refund (epoch, number, seq, shift, business_date, total, rounding, hold) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		at.epoch, r.Number, at.seq, e.Shift, r.BusinessDate, r.Total, r.Rounding, hold); err != nil {
		return fmt.Errorf("refund %d: %w", r.Number, err)
	}
	if r.Receipt.Till == l.identity.Till {
		if err := l.giveBack(ctx, at, r.Receipt, r.Parts(), 1); err != nil {
			return err
		}
	}
	if r.WriteOff {
		return nil
	}
	moves := make([]retail.StockLine, len(r.Lines))
	for i, line := range r.Lines {
		moves[i] = retail.StockLine{Product: line.Line.Product, Quantity: line.Line.Quantity}
	}
	return l.move(ctx, at, e, moves)
}

func (l *Ledger) projectHold(ctx context.Context, at place, h retail.RefundHold) error {
	if _, err := l.ledger.write.exec(ctx, `INSERT INTO hold (id, epoch, seq, released) VALUES (?, ?, ?, ?)`,
		h.ID[:], at.epoch, at.seq, h.Released); err != nil {
		return fmt.Errorf("hold %s: %w", h.ID, err)
	}
	if h.Receipt.Till != l.identity.Till {
		return nil
	}
	sign := int64(1)
	if h.Released {
		sign = -1
	}
	return l.giveBack(ctx, at, h.Receipt, h.Parts, sign)
}

// giveBack records what is gone from a receipt of this till, or there again.
func (l *Ledger) giveBack(ctx context.Context, at place, receipt retail.ReceiptID, parts []retail.RefundPart, sign int64) error {
	for _, p := range parts {
		if _, err := l.ledger.write.exec(ctx, `
			INSERT INTO given_back (of_epoch, of_number, line, epoch, seq, quantity) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (of_epoch, of_number, line, epoch, seq) DO UPDATE SET quantity = quantity + excluded.quantity`,
			receipt.Epoch, receipt.Number, p.Of, at.epoch, at.seq, sign*int64(p.Quantity)); err != nil {
			return fmt.Errorf("give back line %d of receipt %d-%d: %w", p.Of, receipt.Epoch, receipt.Number, err)
		}
	}
	return nil
}

// GivenBack is what is gone from the lines of a receipt of this till. See till.Book. A branch tells of that too, but not that
// a promise was taken back: what it was may be missing.
func (l *Ledger) GivenBack(ctx context.Context, epoch, number uint64) ([]retail.RefundPart, error) {
	given, err := list(ctx, l.ledger.read, func(r *sql.Rows) (p retail.RefundPart, err error) {
		return p, r.Scan(&p.Of, &p.Quantity)
	}, `SELECT line, sum(quantity) FROM given_back WHERE of_epoch = ? AND of_number = ?
		GROUP BY line HAVING sum(quantity) <> 0 ORDER BY line`, epoch, number)
	if err != nil {
		return nil, err
	}
	receipt := retail.ReceiptID{Till: l.identity.Till, Epoch: epoch, Number: number}
	return given, l.strayed(ctx, func(_ place, _ journal.Entry, body any) {
		switch b := body.(type) {
		case retail.Refund:
			if b.Receipt == receipt {
				given = append(given, b.Parts()...)
			}
		case retail.RefundHold:
			if b.Receipt == receipt && !b.Released {
				given = append(given, b.Parts...)
			}
		}
	})
}

// Hold is what the journal says of a hold. See till.Book.
func (l *Ledger) Hold(ctx context.Context, id uuid.UUID) (till.Hold, error) {
	var at place
	h, ok, err := one(ctx, l.ledger.read, func(r *sql.Rows) (h till.Hold, err error) {
		h.Answered = true
		return h, r.Scan(&at.epoch, &at.seq, &h.Released)
	}, `SELECT epoch, seq, released FROM hold WHERE id = ? ORDER BY released DESC, epoch DESC, seq DESC LIMIT 1`, id[:])
	if err == nil && ok {
		h.Entry, err = l.holdAt(ctx, at)
	}
	if err != nil {
		return h, fmt.Errorf("hold %s: %w", id, err)
	}
	if h.Used, _, err = one(ctx, l.ledger.read, value[bool], `SELECT EXISTS (SELECT 1 FROM refund WHERE hold = ?)`, id[:]); err != nil {
		return h, err
	}
	return h, l.strayed(ctx, func(_ place, _ journal.Entry, body any) {
		switch b := body.(type) {
		case retail.Refund:
			h.Used = h.Used || b.Hold == id
		case retail.RefundHold:
			if b.ID == id && (!h.Answered || b.Released && !h.Released) {
				h.Answered, h.Released, h.Entry = true, b.Released, b
			}
		}
	})
}

// holdAt reads a hold's entry, as it was written or not at all: what it promises is not guessed.
func (l *Ledger) holdAt(ctx context.Context, at place) (h retail.RefundHold, err error) {
	k, ok, err := l.entryAt(ctx, at.epoch, at.seq)
	if err == nil && !ok {
		err = fmt.Errorf("entry %d.%d cannot be read any more", at.epoch, at.seq)
	}
	if err != nil {
		return h, err
	}
	e, err := journal.Decode(k.Bytes)
	if err != nil {
		return h, err
	}
	return journal.DecodeBody[retail.RefundHold](e)
}

// strayed gives what branches gave away and the file does not have on its own paths: refunds, holds, orders that were answered
// or handed over. It counts for nothing else here, but this till wrote it: what it gave away cannot be given again.
func (l *Ledger) strayed(ctx context.Context, do func(at place, e journal.Entry, body any)) error {
	type stray struct {
		place
		bytes []byte
	}
	all, err := list(ctx, l.ledger.read, func(r *sql.Rows) (s stray, err error) {
		return s, r.Scan(&s.epoch, &s.seq, &s.bytes)
	}, `SELECT epoch, seq, bytes FROM stray WHERE NOT EXISTS (
		SELECT 1 FROM entry WHERE entry.epoch = stray.epoch AND entry.seq = stray.seq AND entry.hash = stray.hash) ORDER BY epoch, branch, seq`)
	if err != nil {
		return err
	}
	for _, s := range all {
		e, err := journal.Decode(s.bytes)
		if err != nil || e.Version > journal.Version {
			continue // headquarters judges it
		}
		if body, err := givenAway(e); err == nil && body != nil {
			do(s.place, e, body)
		}
	}
	return nil
}

// givenAway is the body of an entry that gives something away; nil for any other.
func givenAway(e journal.Entry) (body any, err error) {
	switch e.Kind {
	case journal.KindRefund:
		return decoded[retail.Refund](e)
	case journal.KindVoid:
		v, err := journal.DecodeBody[retail.Void](e)
		return retail.Refund(v), err
	case journal.KindRefundHold:
		return decoded[retail.RefundHold](e)
	case journal.KindSale:
		return decoded[retail.Sale](e)
	case journal.KindOrderAccept, journal.KindOrderReady:
		return decoded[retail.OrderAnswer](e)
	case journal.KindOrderShort:
		return decoded[retail.OrderMissing](e)
	}
	return nil, nil
}

// Found is headquarters' newest answer about a receipt. See till.Book.
func (l *Ledger) Found(ctx context.Context) (retail.ReceiptFound, bool, error) {
	return rowOf[retail.ReceiptFound](ctx, l.catalogue().read, retail.RowFound, l.identity.Till)
}

// HoldsAsked are the rights headquarters asks this till for. See till.Book.
func (l *Ledger) HoldsAsked(ctx context.Context) ([]retail.HoldAsked, error) {
	return rowsOf[retail.HoldAsked](ctx, l.catalogue().read, retail.RowHoldAsked)
}

// HoldsGiven are the rights this till asked for. See till.Book.
func (l *Ledger) HoldsGiven(ctx context.Context) ([]retail.HoldGiven, error) {
	return rowsOf[retail.HoldGiven](ctx, l.catalogue().read, retail.RowHoldGiven)
}
