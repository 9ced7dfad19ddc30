package sales

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Querier is what reading needs: the pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Figures are what documents come to. Refunds count against everything but Tickets, voids against everything.
type Figures struct {
	// Tickets are the sales that were not voided.
	Tickets, Refunds, Voids int64
	Units                   money.Quantity
	// Revenue is the lines after discounts, before taxes, less refunds; Refunded is the part of it that is refunds,
	// never above 0.
	Revenue, Refunded, Discount, Cost money.Amount
	// Charges are deposits and fees, before taxes: no revenue.
	Charges money.Amount
	// Total has the charges and the taxes; Cash, Card and Online, which the shop was paid, add up to Total and Rounding.
	Total, Rounding, Cash, Card, Online money.Amount
}

// Basket is the revenue of an average ticket; 0 without tickets.
func (f Figures) Basket() money.Amount {
	if f.Tickets == 0 {
		return 0
	}
	return money.Amount(ratio(int64(f.Revenue), 1, f.Tickets))
}

// Margin is what revenue leaves after cost.
func (f Figures) Margin() money.Amount { return f.Revenue - f.Cost }

// MarginShare is the margin in thousandths of the revenue; 0 without revenue.
func (f Figures) MarginShare() int64 {
	if f.Revenue == 0 {
		return 0
	}
	return ratio(int64(f.Margin()), 1000, int64(f.Revenue))
}

// Collected is all taxes together; neither the revenue nor the charges have any of them.
func (f Figures) Collected() money.Amount { return f.Total - f.Revenue - f.Charges }

// ratio is a x times / b to the nearest whole, half away from zero.
func ratio(a, times, b int64) int64 {
	if b < 0 {
		a, b = -a, -b
	}
	if a < 0 {
		return -ratio(-a, times, b)
	}
	return (a*times + b/2) / b
}

func (f *Figures) add(o Figures) {
	f.Tickets += o.Tickets
	f.Refunds += o.Refunds
	f.Voids += o.Voids
	f.Units += o.Units
	f.Revenue += o.Revenue
	f.Refunded += o.Refunded
	f.Discount += o.Discount
	f.Cost += o.Cost
	f.Charges += o.Charges
	f.Total += o.Total
	f.Rounding += o.Rounding
	f.Cash += o.Cash
	f.Card += o.Card
	f.Online += o.Online
}

// fields are the figures in the order of hourlySums and documentSums.
func (f *Figures) fields() []any {
	return []any{
		&f.Tickets, &f.Refunds, &f.Units, &f.Revenue, &f.Refunded, &f.Discount, &f.Cost, &f.Total, &f.Rounding, &f.Cash, &f.Card,
		&f.Voids, &f.Charges, &f.Online,
	}
}

// SQL for the figures, of the sums by hour and of the documents themselves.
const (
	hourlySums = `sum(tickets)::bigint, sum(refunds)::bigint, sum(units)::bigint, sum(revenue)::bigint, sum(refunded)::bigint,
		sum(discount)::bigint, sum(cost)::bigint, sum(total)::bigint, sum(rounding)::bigint, sum(cash)::bigint, sum(card)::bigint,
		sum(voids)::bigint, sum(charges)::bigint, sum(online)::bigint`
	documentSums = `count(*) FILTER (WHERE NOT refund AND NOT void) - count(*) FILTER (WHERE void), count(*) FILTER (WHERE refund), sum(units)::bigint, sum(revenue)::bigint,
		coalesce(sum(revenue) FILTER (WHERE refund), 0)::bigint, sum(discount)::bigint, sum(cost)::bigint, sum(total)::bigint,
		sum(rounding)::bigint, sum(cash)::bigint, sum(card)::bigint, count(*) FILTER (WHERE void), sum(charges)::bigint, sum(online)::bigint`
)

// storeDay is the figures of one store on one day.
type storeDay struct {
	store   uuid.UUID
	date    retail.Date
	figures Figures
}

// byDay gives the figures of the stores by day, both days included.
func byDay(ctx context.Context, q Querier, stores []uuid.UUID, p Period) ([]storeDay, error) {
	rows, err := q.Query(ctx, `
		SELECT store_id, business_date, `+hourlySums+` FROM sales.hourly
		WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 GROUP BY 1, 2 ORDER BY 2, 1`, stores, p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("read sums by day: %w", err)
	}
	days, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d storeDay, err error) {
		return d, row.Scan(append([]any{&d.store, &d.date}, d.figures.fields()...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("read sums by day: %w", err)
	}
	return days, nil
}
