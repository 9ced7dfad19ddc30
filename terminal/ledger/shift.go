package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/google/uuid"
)

func (l *Ledger) projectClose(ctx context.Context, at place, z retail.ShiftClose) error {
	if _, err := l.ledger.write.exec(ctx,
		`INSERT INTO shift_close (epoch, seq, number, opened_epoch, opened_seq, perpetual) VALUES (?, ?, ?, ?, ?, ?)`,
		at.epoch, at.seq, z.Number, z.Opened.Epoch, z.Opened.Seq, z.Perpetual); err != nil {
		return fmt.Errorf("close with Z %d: %w", z.Number, err)
	}
	return nil
}

func (l *Ledger) projectHead(ctx context.Context, h retail.ChainHead) error {
	_, err := l.ledger.write.exec(ctx, `UPDATE shift_close SET signed = 1 WHERE epoch = ? AND seq = ?`, h.Head.Epoch, h.Head.Seq)
	return err
}

// Shift is the newest shift. See till.Journal.
func (l *Ledger) Shift(ctx context.Context) (till.Shift, error) {
	s, _, err := one(ctx, l.ledger.read, func(r *sql.Rows) (s till.Shift, err error) {
		var at int64
		err = r.Scan(&s.Number, &s.BusinessDate, &s.Float, &at, &s.Opened.Epoch, &s.Opened.Seq, &s.Opened.Hash, &s.Closed)
		s.OpenedAt = time.UnixMilli(at).UTC()
		return s, err
	}, `SELECT number, business_date, float, opened_at, epoch, seq, (SELECT hash FROM entry WHERE entry.epoch = shift.epoch AND entry.seq = shift.seq),
			EXISTS (SELECT 1 FROM shift_close WHERE opened_epoch = shift.epoch AND opened_seq = shift.seq)
		FROM shift ORDER BY epoch DESC, seq DESC, number DESC LIMIT 1`)
	return s, err
}

// totalsAtOnce is how many entries are read at a time to sum up a shift.
const totalsAtOnce = 500

// Totals sums up what was written since a shift opened, in whatever epochs. See till.Journal. An entry that nothing can
// give any more is in no total, as it is on no receipt; headquarters may have it, and then sees the difference.
func (l *Ledger) Totals(ctx context.Context, shift till.Shift) (t retail.ShiftTotals, err error) {
	states, err := l.Epochs(ctx)
	if err != nil {
		return t, err
	}
	for _, s := range states {
		if s.Branch > 0 || s.Epoch < shift.Opened.Epoch {
			continue
		}
		after := s.Floor
		if s.Epoch == shift.Opened.Epoch {
			after = max(after, shift.Opened.Seq)
		}
		for after < s.Last {
			b, err := l.Read(ctx, s.Path(), after, totalsAtOnce, wire.BatchBytes)
			if err != nil {
				return t, err
			}
			if len(b.Entries) == 0 {
				break
			}
			for _, bytes := range b.Entries {
				if err := addEntry(&t, l.identity.Till, s.Epoch, bytes); err != nil {
					return t, fmt.Errorf("shift %d: %w", shift.Number, err)
				}
			}
			after = b.First + uint64(len(b.Entries)) - 1
		}
	}
	return t, nil
}

func addEntry(t *retail.ShiftTotals, id uuid.UUID, epoch uint64, bytes []byte) error {
	e, err := journal.Decode(bytes)
	if err != nil || e.Version > journal.Version {
		return err
	}
	var body any
	switch e.Kind {
	case journal.KindSale:
		body, err = decoded[retail.Sale](e)
	case journal.KindRefund:
		body, err = decoded[retail.Refund](e)
	case journal.KindCashMove:
		body, err = decoded[retail.CashMove](e)
	case journal.KindVoid:
		body, err = decoded[retail.Void](e)
	}
	if err == nil {
		t.Add(id, epoch, body)
	}
	return err
}

func decoded[T any](e journal.Entry) (any, error) { return journal.DecodeBody[T](e) }

// Perpetual is what the newest Z says of all that was sold. See till.Journal.
func (l *Ledger) Perpetual(ctx context.Context) (money.Amount, error) {
	sum, _, err := one(ctx, l.ledger.read, value[money.Amount],
		`SELECT perpetual FROM shift_close ORDER BY epoch DESC, seq DESC LIMIT 1`)
	return sum, err
}

// Closes lists the Zs that can still be read, newest first. See till.Journal.
func (l *Ledger) Closes(ctx context.Context, limit int) ([]till.Close, error) {
	listed, err := list(ctx, l.ledger.read, scanPlace,
		`SELECT epoch, seq FROM shift_close ORDER BY epoch DESC, seq DESC LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	var all []till.Close
	for _, at := range listed {
		k, ok, err := l.entryAt(ctx, at.epoch, at.seq)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		e, err := journal.Decode(k.Bytes)
		if err != nil {
			return nil, err
		}
		c := till.Close{User: e.User}
		if c.Z, err = journal.DecodeBody[retail.ShiftClose](e); err != nil {
			return nil, err
		}
		c.Written = till.Written{Epoch: k.Epoch, Seq: k.Seq, Number: c.Z.Number, Hash: k.Hash, At: e.At()}
		all = append(all, c)
	}
	return all, nil
}

// sign writes the end of the chain after a Z, signed with the device's key. Callers hold mu, or are opening the ledger.
func (l *Ledger) sign(ctx context.Context, z journal.Link) error {
	head := retail.SignHead(l.identity.Till, chainEnd(z.Epoch, z.Seq, z.Hash), l.identity.Key)
	_, err := l.write(ctx, l.head.epoch, l.stamp(ctx, journal.Entry{Kind: journal.KindChainHead}), head, numbers{})
	return err
}

// signLast signs the newest Z when power went, or the disk failed, right after it.
func (l *Ledger) signLast(ctx context.Context) error {
	at, ok, err := one(ctx, l.ledger.read, scanPlace, `SELECT epoch, seq FROM (
		SELECT epoch, seq, signed FROM shift_close ORDER BY epoch DESC, seq DESC LIMIT 1) WHERE signed = 0`)
	if err != nil || !ok {
		return err
	}
	z, ok, err := l.entryAt(ctx, at.epoch, at.seq)
	if err == nil && ok {
		err = l.sign(ctx, z)
	}
	if err != nil {
		l.cfg.Log.Error("the end of the chain was not signed", "error", err)
	}
	return nil
}
