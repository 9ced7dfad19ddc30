package intake

import (
	"context"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// refunds remembers what the items refund, and compares every receipt that may have changed with what was sold: those the
// items refund, and those they are themselves when a refund came first. So the flags do not depend on who came first.
func (d *Desk) refunds(ctx context.Context, tx *db.Tx, l *lane, items []*item) error {
	touched := map[retail.ReceiptID]bool{}
	sold := map[uint64][]int64{}
	for _, it := range items {
		switch b := it.body.(type) {
		case retail.Refund, retail.Void:
			r, _ := asRefund(b)
			if !r.Receipted() {
				continue
			}
			touched[r.Receipt] = true
			if err := l.keepRefund(ctx, tx, it, r); err != nil {
				return err
			}
		case retail.Sale:
			sold[it.link.Epoch] = append(sold[it.link.Epoch], int64(b.Number))
		}
	}
	for epoch, numbers := range sold {
		early, err := earlyOf(ctx, tx, l, epoch, numbers)
		if err != nil {
			return err
		}
		for _, r := range early {
			touched[r] = true
			if err := d.tellHolds(ctx, tx, l.store, r); err != nil {
				return err
			}
		}
	}
	for r := range touched {
		if err := d.judgeReceipt(ctx, tx, r); err != nil {
			return fmt.Errorf("compare receipt %v: %w", r, err)
		}
	}
	return nil
}

func (l *lane) keepRefund(ctx context.Context, tx *db.Tx, it *item, r retail.Refund) error {
	parts, err := cbor.Marshal(r.Parts())
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO sales.refund (store_id, till_id, epoch, seq, hash, of_till, of_epoch, of_number, parts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		l.store, l.till, int64(it.link.Epoch), int64(it.link.Seq), it.link.Hash[:],
		r.Receipt.Till, int64(r.Receipt.Epoch), int64(r.Receipt.Number), parts)
	if err != nil {
		return fmt.Errorf("keep refund %d.%d: %w", it.link.Epoch, it.link.Seq, err)
	}
	return nil
}

// earlyOf gives those of the till's receipts that something here refunds, or holds, already.
func earlyOf(ctx context.Context, tx *db.Tx, l *lane, epoch uint64, numbers []int64) ([]retail.ReceiptID, error) {
	rows, err := tx.Query(ctx, `
		SELECT of_number FROM sales.refund WHERE of_till = $1 AND of_epoch = $2 AND of_number = ANY ($3)
		UNION SELECT number FROM sales.hold WHERE store_id = $4 AND till_id = $1 AND epoch = $2 AND number = ANY ($3)`,
		l.till, int64(epoch), numbers, l.store)
	if err != nil {
		return nil, fmt.Errorf("look for refunds and holds: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (retail.ReceiptID, error) {
		var number int64
		err := row.Scan(&number)
		return retail.ReceiptID{Till: l.till, Epoch: epoch, Number: uint64(number)}, err
	})
}

// judgeReceipt flags all refunds of a receipt when there is no such sale or more was refunded than sold, and takes off the
// flags that do not hold any more.
func (d *Desk) judgeReceipt(ctx context.Context, tx *db.Tx, r retail.ReceiptID) error {
	refunds, parts, err := refundsOf(ctx, tx, r)
	if err != nil {
		return err
	}
	sales, err := soldUnder(ctx, tx, r)
	if err != nil {
		return err
	}
	known := len(sales) > 0
	left := map[int]money.Quantity{}
	for _, sale := range sales {
		for i, line := range sale.Lines {
			left[i] += line.Quantity
		}
	}
	over := false
	for _, p := range parts {
		left[p.Of] -= p.Quantity
		over = over || known && left[p.Of] < 0
	}
	if err := d.set(ctx, tx, !known, refunds, FlagUnknownReceipt, detail(FlagUnknownReceipt, r.Number, r.Epoch)); err != nil {
		return err
	}
	return d.set(ctx, tx, over, refunds, FlagOverRefunded, detail(FlagOverRefunded, r.Number, r.Epoch))
}

// set raises a flag on entries, or lowers it.
func (d *Desk) set(ctx context.Context, tx *db.Tx, raised bool, entries []flag, code, detail string) error {
	flags := make([]flag, len(entries))
	for i, e := range entries {
		e.code, e.detail = code, detail
		flags[i] = e
	}
	if raised {
		return d.raise(ctx, tx, flags...)
	}
	return d.lower(ctx, tx, flags...)
}

// refundsOf gives the entries that refund a receipt, and all they give back.
func refundsOf(ctx context.Context, tx *db.Tx, r retail.ReceiptID) (entries []flag, parts []retail.RefundPart, err error) {
	rows, err := tx.Query(ctx, `
		SELECT store_id, till_id, epoch, seq, hash, parts FROM sales.refund WHERE of_till = $1 AND of_epoch = $2 AND of_number = $3
		ORDER BY store_id, till_id, epoch, seq, hash`, r.Till, int64(r.Epoch), int64(r.Number))
	if err != nil {
		return nil, nil, err
	}
	entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f flag, err error) {
		var epoch, seq int64
		var raw []byte
		if err := row.Scan(&f.store, &f.till, &epoch, &seq, &f.hash, &raw); err != nil {
			return f, err
		}
		f.epoch, f.seq = uint64(epoch), uint64(seq)
		var of []retail.RefundPart
		err = cbor.Unmarshal(raw, &of)
		parts = append(parts, of...)
		return f, err
	})
	return entries, parts, err
}
