package sales

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Deed is something done at a till that is not a sale: a discount, a price, a line or ticket given up, a drawer opened.
type Deed struct {
	Place
	BusinessDate retail.Date
	Deed         retail.Deed
	// Approver is the zero UUID when none was needed.
	Approver uuid.UUID
	Reason   string
	Amount   money.Amount
}

// RecordDeed writes it. One that is already there fails, so nothing is counted twice.
func RecordDeed(ctx context.Context, tx *db.Tx, d Deed) error {
	var approver *uuid.UUID
	if d.Approver != uuid.Nil {
		approver = &d.Approver
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO sales.deed (store_id, business_date, till_id, epoch, seq, branch, deed, user_id, approver_id, reason, amount)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		d.Store, d.BusinessDate, d.Till, int64(d.Epoch), int64(d.Seq), d.Branch, storable(string(d.Deed)), d.User, approver,
		storable(d.Reason), d.Amount)
	if err != nil {
		return fmt.Errorf("record deed %d.%d: %w", d.Epoch, d.Seq, err)
	}
	feed.Mark(tx, Topic(d.Store))
	return nil
}

// storable is text without what Postgres cannot hold.
func storable(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "?") }

// DeedCount is how often something was done at a store over a period, how often with an approval, and what it came to.
type DeedCount struct {
	Store           uuid.UUID
	Deed            retail.Deed
	Reason          string
	Count, Approved int64
	Amount          money.Amount
}

// Deeds counts them by store, deed and reason.
func Deeds(ctx context.Context, q Querier, stores []uuid.UUID, p Period) ([]DeedCount, error) {
	rows, err := q.Query(ctx, `
		SELECT store_id, deed, reason, count(*), count(approver_id), sum(amount)::bigint FROM sales.deed
		WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, stores, p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("count deeds: %w", err)
	}
	counts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d DeedCount, err error) {
		return d, row.Scan(&d.Store, &d.Deed, &d.Reason, &d.Count, &d.Approved, &d.Amount)
	})
	if err != nil {
		return nil, fmt.Errorf("count deeds: %w", err)
	}
	return counts, nil
}
