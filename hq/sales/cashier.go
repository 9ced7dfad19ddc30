package sales

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// CashierSales is what one person sold, gave back and took off. Over all people it is what the report of the stores says.
type CashierSales struct {
	User                    uuid.UUID
	Tickets, Refunds, Voids int64
	// Refunded and Voided are the parts of Revenue that are refunds and voids, never above 0.
	Revenue, Refunded, Voided, Discount money.Amount
}

// Sold is the revenue before anything was given back or voided.
func (c CashierSales) Sold() money.Amount { return c.Revenue - c.Refunded - c.Voided }

// Part is a part of what was sold, in thousandths; 0 when nothing was.
func (c CashierSales) Part(of money.Amount) Share {
	if c.Sold() == 0 {
		return 0
	}
	return Share(ratio(int64(of), 1000, int64(c.Sold())))
}

// ByCashier gives the sales of people over a period, the most revenue first.
func ByCashier(ctx context.Context, q Querier, stores []uuid.UUID, p Period) ([]CashierSales, error) {
	rows, err := q.Query(ctx, `
		SELECT user_id, sum(tickets)::bigint, sum(refunds)::bigint, sum(voids)::bigint, sum(revenue)::bigint, sum(refunded)::bigint,
			sum(voided)::bigint, sum(discount)::bigint
		FROM sales.daily_cashier WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 GROUP BY 1 ORDER BY 5 DESC, 1`,
		stores, p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("read sales by cashier: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CashierSales])
	if err != nil {
		return nil, fmt.Errorf("read sales by cashier: %w", err)
	}
	return all, nil
}

// UserDeeds is how often a person did something that is not a sale, and what it came to.
type UserDeeds struct {
	User   uuid.UUID
	Deed   retail.Deed
	Count  int64
	Amount money.Amount
}

// DeedsByUser counts deeds by who did them.
func DeedsByUser(ctx context.Context, q Querier, stores []uuid.UUID, p Period) ([]UserDeeds, error) {
	rows, err := q.Query(ctx, `
		SELECT user_id, deed, count(*), sum(amount)::bigint FROM sales.deed
		WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 GROUP BY 1, 2 ORDER BY 1, 2`, stores, p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("count deeds by cashier: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[UserDeeds])
	if err != nil {
		return nil, fmt.Errorf("count deeds by cashier: %w", err)
	}
	return all, nil
}

// DeedsOf lists the deeds of one person, the newest first.
func DeedsOf(ctx context.Context, q Querier, stores []uuid.UUID, p Period, user uuid.UUID) ([]Deed, error) {
	rows, err := q.Query(ctx, `
		SELECT store_id, business_date, till_id, epoch, seq, branch, deed, approver_id, reason, amount FROM sales.deed
		WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 AND user_id = $4
		ORDER BY business_date DESC, till_id, epoch DESC, seq DESC, branch`, stores, p.From, p.To, user)
	if err != nil {
		return nil, fmt.Errorf("list deeds of %s: %w", user, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d Deed, err error) {
		var approver *uuid.UUID
		err = row.Scan(&d.Store, &d.BusinessDate, &d.Till, &d.Epoch, &d.Seq, &d.Branch, &d.Deed, &approver, &d.Reason, &d.Amount)
		if approver != nil {
			d.Approver = *approver
		}
		d.User = user
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("list deeds of %s: %w", user, err)
	}
	return all, nil
}

// Close is the end of a shift, as its Z says.
type Close struct {
	Store, Till       uuid.UUID
	Epoch, Number     int64
	Shift             Shift
	Date              retail.Date
	At                time.Time
	User              uuid.UUID
	Expected, Counted money.Amount
}

// Difference is what was over in the drawer, or short when it is negative.
func (c Close) Difference() money.Amount { return c.Counted - c.Expected }

// Closes gives the shifts that were closed of a period's days, the newest first.
func Closes(ctx context.Context, q Querier, stores []uuid.UUID, p Period) ([]Close, error) {
	rows, err := q.Query(ctx, `
		SELECT store_id, till_id, epoch, number, opened_epoch, opened_seq, epoch, seq, business_date, at, user_id, expected, counted FROM sales.z
		WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 ORDER BY at DESC, till_id, epoch DESC, seq DESC, branch`,
		stores, p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("list closed shifts: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Close, err error) {
		return c, row.Scan(&c.Store, &c.Till, &c.Epoch, &c.Number, &c.Shift.Opened.Epoch, &c.Shift.Opened.Seq, &c.Shift.Closed.Epoch, &c.Shift.Closed.Seq,
			&c.Date, &c.At, &c.User, &c.Expected, &c.Counted)
	})
	if err != nil {
		return nil, fmt.Errorf("list closed shifts: %w", err)
	}
	return all, nil
}

// DrawerSums are what should be in a drawer at the end of a shift: the float, what sales and refunds left there in cash, and what else
// was put in, less what was taken out. Counted is what was found.
type DrawerSums struct{ Float, Cash, Moved, Expected, Counted money.Amount }

// DrawerOf gives the sums of the Z of a till's shift, named by the entry that opened it; ok is false while there is none.
func DrawerOf(ctx context.Context, q Querier, store, till uuid.UUID, opened Entry) (z DrawerSums, ok bool, err error) {
	rows, err := q.Query(ctx, `
		SELECT float, cash, moved, expected, counted FROM sales.z
		WHERE store_id = $1 AND till_id = $2 AND opened_epoch = $3 AND opened_seq = $4 ORDER BY epoch, seq, branch LIMIT 1`,
		store, till, int64(opened.Epoch), int64(opened.Seq))
	if err != nil {
		return z, false, fmt.Errorf("read a Z of till %s: %w", till, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DrawerSums])
	if err != nil || len(found) == 0 {
		return z, false, err
	}
	return found[0], true, nil
}
