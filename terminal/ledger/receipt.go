package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

const selectReceipt = `SELECT sale.epoch, sale.seq, sale.number, sale.seq <= epoch.acked,
	EXISTS (SELECT 1 FROM void WHERE of_epoch = sale.epoch AND of_number = sale.number) FROM sale JOIN epoch USING (epoch) `

// Receipts lists sales, newest first. See till.Journal.
func (l *Ledger) Receipts(ctx context.Context, filter till.ReceiptFilter) ([]till.Receipt, error) {
	query := selectReceipt + `WHERE true`
	var args []any
	if filter.Day != 0 {
		query += ` AND sale.business_date = ?`
		args = append(args, filter.Day)
	}
	text := strings.ToUpper(strings.TrimSpace(filter.Text))
	if day, err := retail.ParseDate(text); err == nil {
		query += ` AND sale.business_date = ?`
		args = append(args, day)
	} else if p, ok := retail.ParseReceiptCode(text); ok {
		id := l.Identity()
		query += ` AND ? AND sale.epoch = ? AND sale.number = ?`
		args = append(args, p.Store == id.Store.Code && p.Till == id.Number, p.Epoch, p.Number)
	} else if text != "" {
		query += ` AND (substr(printf('%s-%02d-%d-%06d', ?, ?, sale.epoch, sale.number), -length(?)) = ?
			OR CAST(sale.total AS TEXT) = ? OR CAST(sale.total + sale.rounding AS TEXT) = ?
			OR EXISTS (SELECT 1 FROM sale_tender t
				WHERE t.epoch = sale.epoch AND t.number = sale.number AND t.last_four = ?))`
		cents := strings.NewReplacer(",", "", ".", "", " ", "", "\u00a0", "", "$", "").Replace(text)
		id := l.Identity()
		args = append(args, id.Store.Code, id.Number, text, text, cents, cents, text)
	}
	query += ` ORDER BY sale.epoch DESC, sale.number DESC LIMIT ?`
	listed, err := list(ctx, l.ledger.read, scanReceipt, query, append(args, filter.Limit)...)
	if err != nil {
		return nil, err
	}
	receipts := listed[:0]
	for _, r := range listed {
		ok, err := l.fill(ctx, &r)
		if err != nil {
			return nil, err
		}
		if ok {
			receipts = append(receipts, r)
		}
	}
	return receipts, l.takeNotices(ctx, receipts)
}

// Receipt finds one by epoch and number. The error is a retail.Error with code NotFound when there is none.
func (l *Ledger) Receipt(ctx context.Context, epoch, number uint64) (till.Receipt, error) {
	r, ok, err := one(ctx, l.ledger.read, scanReceipt,
		selectReceipt+`WHERE sale.epoch = ? AND sale.number = ?`, epoch, number)
	if err != nil {
		return r, err
	}
	if ok {
		ok, err = l.fill(ctx, &r)
	}
	if err == nil && !ok {
		err = &retail.Error{Code: retail.NotFound, Key: KeyNoReceipt, Args: map[string]any{"number": number}}
	}
	if err != nil {
		return till.Receipt{}, err
	}
	found := []till.Receipt{r}
	err = l.takeNotices(ctx, found)
	return found[0], err
}

func scanReceipt(row *sql.Rows) (r till.Receipt, err error) {
	return r, row.Scan(&r.Epoch, &r.Seq, &r.Number, &r.Acked, &r.Voided)
}

// fill adds what the receipt's entry says; ok is false when neither the database nor the sentinel can give it.
func (l *Ledger) fill(ctx context.Context, r *till.Receipt) (ok bool, err error) {
	k, ok, err := l.entryAt(ctx, r.Epoch, r.Seq)
	if err != nil || !ok {
		return false, err
	}
	e, err := journal.Decode(k.Bytes)
	if err != nil {
		return false, fmt.Errorf("receipt %d-%d: %w", r.Epoch, r.Number, err)
	}
	r.Hash, r.At, r.User, r.Shift = k.Hash, e.At(), e.User, e.Shift
	r.Sale, err = journal.DecodeBody[retail.Sale](e)
	return err == nil, err
}
