package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

const (
	selectReceipt = `SELECT d.epoch, d.seq, d.number, d.seq <= epoch.acked,
		EXISTS (SELECT 1 FROM void WHERE of_epoch = d.epoch AND of_number = d.number) FROM sale d JOIN epoch USING (epoch) `
	selectRefund = `SELECT d.epoch, d.seq, d.number, d.seq <= epoch.acked, false FROM refund d JOIN epoch USING (epoch) `
)

// Receipts lists sales and refunds, newest first. See till.Journal.
func (l *Ledger) Receipts(ctx context.Context, filter till.ReceiptFilter) ([]till.Receipt, error) {
	listed, err := l.documents(ctx, selectReceipt, filter, ` OR EXISTS (SELECT 1 FROM sale_tender t
		WHERE t.epoch = d.epoch AND t.number = d.number AND t.last_four = @text)`)
	if err == nil && filter.Refunds {
		var refunds []till.Receipt
		refunds, err = l.documents(ctx, selectRefund, filter, "")
		listed = append(listed, refunds...)
		slices.SortFunc(listed, func(a, b till.Receipt) int {
			return cmp.Or(cmp.Compare(b.Epoch, a.Epoch), cmp.Compare(b.Number, a.Number))
		})
		listed = listed[:min(len(listed), filter.Limit)]
	}
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

// documents are those of a kind that a filter wants, newest first; more is another way to be like its text.
func (l *Ledger) documents(ctx context.Context, query string, filter till.ReceiptFilter, more string) ([]till.Receipt, error) {
	query += `WHERE true`
	var args []any
	if filter.Day != 0 {
		query += ` AND d.business_date = @day`
		args = append(args, sql.Named("day", filter.Day))
	}
	text, id := strings.ToUpper(strings.TrimSpace(filter.Text)), l.Identity()
	if date, err := retail.ParseDate(text); err == nil {
		query += ` AND d.business_date = @date`
		args = append(args, sql.Named("date", date))
	} else if p, ok := retail.ParseReceiptCode(text); ok {
		query += ` AND @ours AND d.epoch = @epoch AND d.number = @number`
		args = append(args, sql.Named("ours", p.Store == id.Store.Code && p.Till == id.Number),
			sql.Named("epoch", p.Epoch), sql.Named("number", p.Number))
	} else if text != "" {
		query += ` AND (substr(printf('%s-%02d-%d-%06d', @store, @till, d.epoch, d.number), -length(@text)) = @text
			OR CAST(d.total AS TEXT) = @cents OR CAST(d.total + d.rounding AS TEXT) = @cents` + more + `)`
		cents := strings.TrimLeft(strings.NewReplacer(",", "", ".", "", " ", "", "\u00a0", "", "$", "").Replace(text), "0")
		args = append(args, sql.Named("store", id.Store.Code), sql.Named("till", id.Number), sql.Named("text", text), sql.Named("cents", cents))
	}
	query += ` ORDER BY d.epoch DESC, d.number DESC LIMIT @limit`
	return list(ctx, l.ledger.read, scanReceipt, query, append(args, sql.Named("limit", filter.Limit))...)
}

// Receipt finds one by epoch and number. The error is a retail.Error with code NotFound when there is none.
func (l *Ledger) Receipt(ctx context.Context, epoch, number uint64) (till.Receipt, error) {
	r, ok, err := one(ctx, l.ledger.read, scanReceipt,
		selectReceipt+`WHERE d.epoch = ? AND d.number = ?`, epoch, number)
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
	if e.Kind == journal.KindRefund {
		var refund retail.Refund
		refund, err = journal.DecodeBody[retail.Refund](e)
		r.Refund = &refund
	} else {
		r.Sale, err = journal.DecodeBody[retail.Sale](e)
	}
	return err == nil, err
}
