package sales

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Each is what sales are broken down by.
type Each string

// What sales can be broken down by.
const (
	EachStore    Each = "store"
	EachDay      Each = "day"
	EachCategory Each = "category"
	EachProduct  Each = "product"
	EachCashier  Each = "cashier"
	EachTender   Each = "tender"
)

// Breakdowns are all there are.
var Breakdowns = []Each{EachStore, EachDay, EachCategory, EachProduct, EachCashier, EachTender}

// PaidBy is how a document was paid.
type PaidBy string

// How documents are paid. PaidMixed is cash and card together. A document of nothing counts as cash.
const (
	PaidCash   PaidBy = "cash"
	PaidCard   PaidBy = "card"
	PaidMixed  PaidBy = "mixed"
	PaidOnline PaidBy = "online"
)

// WaysToPay are all there are.
var WaysToPay = []PaidBy{PaidCash, PaidCard, PaidMixed, PaidOnline}

// paidBy is the PaidBy of a document d.
const paidBy = `CASE WHEN d.online <> 0 THEN 'online' WHEN d.card <> 0 AND d.cash <> 0 THEN 'mixed' WHEN d.card <> 0 THEN 'card' ELSE 'cash' END`

// Cut is which sales a breakdown is of.
type Cut struct {
	Stores []uuid.UUID
	Period
	Narrowing
}

// Slice is one part of a breakdown.
type Slice struct {
	// ID is of the store, category, product or cashier. The others are told by Date or PaidBy.
	ID     uuid.UUID
	Date   retail.Date
	PaidBy PaidBy

	Units         money.Quantity
	Revenue, Cost money.Amount
}

// Key is the part alone, for setting it beside the same of another period.
func (s Slice) Key() Slice { return Slice{ID: s.ID, Date: s.Date, PaidBy: s.PaidBy} }

// key is where what tells the part goes.
func (s *Slice) key(each Each) any {
	switch each {
	case EachDay:
		return &s.Date
	case EachTender:
		return &s.PaidBy
	}
	return (*[16]byte)(&s.ID)
}

// Breakdown gives what was sold, less what was given back, of each store, day and so on: days in their order, of all else the most revenue
// first.
func Breakdown(ctx context.Context, q Querier, c Cut, each Each) ([]Slice, error) {
	if err := (Filter{Period: c.Period}).Check(); err != nil {
		return nil, err
	}
	by := each
	if each == EachCategory {
		by = EachProduct
	}
	all, err := c.slices(ctx, q, by, "")
	if err == nil && each == EachCategory {
		all = c.byCategory(all)
	}
	return all, err
}

// slices reads the parts in their order; limit is empty for all of them.
func (c Cut) slices(ctx context.Context, q Querier, by Each, limit string) ([]Slice, error) {
	key, ok := map[Each]string{
		EachStore: "d.store_id", EachDay: "d.business_date", EachProduct: "product_id", EachCashier: "d.user_id", EachTender: paidBy,
	}[by]
	if !ok {
		return nil, &retail.Error{Code: retail.Invalid, Key: "report.each", Args: map[string]any{"value": string(by)}}
	}
	from, sums := c.source(by)
	order := "3 DESC, 1"
	if by == EachDay {
		order = "1"
	}
	args := pgx.NamedArgs{}
	// Planned for its lists and days: a plan for any of them, which Postgres takes after five times, may read a year one product at a time.
	mode := pgx.QueryExecModeCacheDescribe
	if from == hours && len(c.Stores) == 1 { // any period of a store has the same
		mode = pgx.QueryExecModeCacheStatement
	}
	rows, err := q.Query(ctx, `SELECT `+key+`, `+sums+` FROM `+from+` WHERE `+c.where(from, args)+` GROUP BY 1 ORDER BY `+order+limit, mode, args)
	if err != nil {
		return nil, fmt.Errorf("break sales down by %s: %w", by, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Slice, err error) {
		return s, row.Scan(s.key(by), &s.Units, &s.Revenue, &s.Cost)
	})
	if err != nil {
		return nil, fmt.Errorf("break sales down by %s: %w", by, err)
	}
	return all, nil
}

// hours are the sums by hour.
const hours = `sales.hourly d`

// source is the smallest table that tells apart what is asked for: sums by hour, or by day and product, the documents, or their lines.
func (c Cut) source(by Each) (from, sums string) {
	goods := by == EachProduct || c.OfGoods()
	people := by == EachCashier || by == EachTender || c.Cashier != uuid.Nil || c.PaidBy != ""
	sums = `sum(units)::bigint, sum(revenue)::bigint, sum(cost)::bigint`
	switch {
	case goods && people:
		return `sales.document d JOIN sales.line l USING (store_id, business_date, till_id, epoch, seq, branch)`,
			`sum(l.quantity)::bigint, sum(l.revenue)::bigint, sum(l.cost)::bigint`
	case people:
		return `sales.document d`, sums
	case goods:
		return `sales.daily_product d`, sums
	}
	return hours, sums
}

func (c Cut) where(from string, args pgx.NamedArgs) string {
	where := "d.business_date BETWEEN @from AND @to"
	args["from"], args["to"] = c.From, c.To
	if from == hours && len(c.Stores) == 1 { // by equality: Postgres keeps the plan, of a list it would not
		where += " AND d.store_id = @store"
		args["store"] = [16]byte(c.Stores[0])
	} else {
		where += " AND d.store_id = ANY(@stores)"
		args["stores"] = c.Stores
	}
	if c.OfGoods() {
		where += " AND product_id = ANY(@products)"
		args["products"] = c.products()
	}
	return where + c.Narrowing.where(args)
}

// byCategory adds products up.
func (c Cut) byCategory(products []Slice) []Slice {
	var all []Slice
	at := map[uuid.UUID]int{}
	for _, s := range products {
		category := c.CategoryOf[s.ID]
		i, ok := at[category]
		if !ok {
			i = len(all)
			at[category], all = i, append(all, Slice{ID: category})
		}
		all[i].Units += s.Units
		all[i].Revenue += s.Revenue
		all[i].Cost += s.Cost
	}
	slices.SortFunc(all, func(a, b Slice) int {
		return cmp.Or(cmp.Compare(b.Revenue, a.Revenue), slices.Compare(a.ID[:], b.ID[:]))
	})
	return all
}
