package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

const selectReceipt = `SELECT sale.epoch, sale.seq, sale.number, entry.hash, entry.bytes, sale.seq <= epoch.acked
	FROM sale JOIN entry USING (epoch, seq) JOIN epoch USING (epoch) `

// Receipts lists sales, newest first. See till.Journal.
func (l *Ledger) Receipts(ctx context.Context, filter till.ReceiptFilter) ([]till.Receipt, error) {
	query := selectReceipt + `WHERE true`
	var args []any
	if filter.Day != 0 {
		query += ` AND sale.business_date = ?`
		args = append(args, filter.Day)
	}
	if text := strings.ToUpper(strings.TrimSpace(filter.Text)); text != "" {
		query += ` AND (substr(printf('%s-%02d-%d-%06d', ?, ?, sale.epoch, sale.number), -length(?)) = ?
			OR CAST(sale.total AS TEXT) = ? OR CAST(sale.total + sale.rounding AS TEXT) = ?
			OR EXISTS (SELECT 1 FROM sale_tender t
				WHERE t.epoch = sale.epoch AND t.number = sale.number AND t.last_four = ?))`
		cents := strings.NewReplacer(",", "", ".", "", " ", "", "\u00a0", "", "$", "").Replace(text)
		id := l.Identity()
		args = append(args, id.Store.Code, id.Number, text, text, cents, cents, text)
	}
	query += ` ORDER BY sale.epoch DESC, sale.number DESC LIMIT ?`
	return list(ctx, l.ledger.read, scanReceipt, query, append(args, filter.Limit)...)
}

// Receipt finds one by epoch and number. The error is a retail.Error with code NotFound when there is none.
func (l *Ledger) Receipt(ctx context.Context, epoch, number uint64) (till.Receipt, error) {
	r, ok, err := one(ctx, l.ledger.read, scanReceipt,
		selectReceipt+`WHERE sale.epoch = ? AND sale.number = ?`, epoch, number)
	if err == nil && !ok {
		err = &retail.Error{Code: retail.NotFound, Key: KeyNoReceipt, Args: map[string]any{"number": number}}
	}
	return r, err
}

func scanReceipt(row *sql.Rows) (r till.Receipt, err error) {
	var hash, bytes []byte
	if err = row.Scan(&r.Epoch, &r.Seq, &r.Number, &hash, &bytes, &r.Acked); err != nil {
		return r, err
	}
	if err = r.Hash.UnmarshalBinary(hash); err != nil {
		return r, err
	}
	e, err := journal.Decode(bytes)
	if err != nil {
		return r, fmt.Errorf("receipt %d-%d: %w", r.Epoch, r.Number, err)
	}
	r.At, r.User = e.At(), e.User
	r.Sale, err = journal.DecodeBody[retail.Sale](e)
	return r, err
}

// Shift is the newest shift. See till.Journal.
func (l *Ledger) Shift(ctx context.Context) (till.Shift, error) {
	s, _, err := one(ctx, l.ledger.read, func(r *sql.Rows) (s till.Shift, err error) {
		var at int64
		err = r.Scan(&s.Number, &s.BusinessDate, &s.Float, &at)
		s.OpenedAt = time.UnixMilli(at).UTC()
		return s, err
	}, `SELECT number, business_date, float, opened_at FROM shift ORDER BY number DESC LIMIT 1`)
	return s, err
}
