package sales

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// BestSellers is how many products a report ranks.
const BestSellers = 10

// Period is a span of days, both included. The zero value is none.
type Period struct{ From, To retail.Date }

// Before is the period of the same length that ends the day before this one begins.
func (p Period) Before() Period {
	from := p.From.Time(time.UTC)
	return Period{
		From: retail.DateOf(from.AddDate(0, 0, -1-daysBetween(p.From, p.To))),
		To:   retail.DateOf(from.AddDate(0, 0, -1)),
	}
}

// YearBefore is the same days a year earlier.
func (p Period) YearBefore() Period {
	return Period{From: retail.DateOf(p.From.Time(time.UTC).AddDate(-1, 0, 0)), To: retail.DateOf(p.To.Time(time.UTC).AddDate(-1, 0, 0))}
}

// Filter says what a report is about.
type Filter struct {
	Stores []retail.Location
	Period
	// Compare is a period to set beside it; none when zero.
	Compare Period
	Narrowing
}

// longestReport bounds the work one page can ask for.
const longestReport = 3 * 366

// Check refuses a period nobody can mean.
func (f Filter) Check() error {
	for _, p := range []Period{f.Period, f.Compare} {
		if p == (Period{}) && p != f.Period {
			continue
		}
		if days := daysBetween(p.From, p.To); p.From <= 0 || days < 0 || days >= longestReport {
			return &retail.Error{Code: retail.Invalid, Key: "report.period", Args: map[string]any{"from": p.From, "to": p.To}}
		}
	}
	return nil
}

// Report is the consolidated sales of stores over a period, from the sums that Record moves; from the documents where they are narrowed.
type Report struct {
	Filter Filter
	// Stores are in the order of the filter, also those that sold nothing.
	Stores []StoreSales
	Total  Sales
	// Days are all days of the period, and of the one it is compared with.
	Days, CompareDays []DaySales
	// Best are the products with the most revenue.
	Best []ProductSales
}

// StoreSales is what one store sold.
type StoreSales struct {
	Store retail.Location
	Sales
}

// Sales is figures with their taxes, and the figures they are compared with.
type Sales struct {
	Figures
	// Taxes are by code and rate; a refund takes away.
	Taxes []Tax
	// ByCharge are the deposits and fees, by code. Documents tell only their sum: where they are narrowed there are none.
	ByCharge []Charge
	// Compared is nil when nothing is compared.
	Compared *Figures
}

// DaySales is what all stores together sold on a day.
type DaySales struct {
	Date retail.Date
	Figures
}

// ProductSales is what was sold of a product.
type ProductSales struct {
	Product       uuid.UUID
	Units         money.Quantity
	Revenue, Cost money.Amount
	// Remaining is what these stores have left; nil for a product that holds no stock.
	Remaining *money.Quantity
}

// Margin is what the revenue leaves after cost.
func (s ProductSales) Margin() money.Amount { return s.Revenue - s.Cost }

// ReadReport gives the report. Read it in one REPEATABLE READ transaction and its parts agree while stores sell.
func ReadReport(ctx context.Context, q Querier, f Filter) (Report, error) {
	if err := f.Check(); err != nil {
		return Report{}, err
	}
	r := Report{Filter: f, Stores: make([]StoreSales, len(f.Stores))}
	ids := make([]uuid.UUID, len(f.Stores))
	at := make(map[uuid.UUID]*StoreSales, len(f.Stores))
	for i, s := range f.Stores {
		r.Stores[i].Store, ids[i] = s, s.ID
		at[s.ID] = &r.Stores[i]
	}
	read := func(p Period) ([]storeDay, error) { return byDay(ctx, q, ids, p) }
	if f.Narrows() {
		read = func(p Period) ([]storeDay, error) { return f.narrowedDays(ctx, q, ids, p) }
	}
	days, err := read(f.Period)
	if err != nil {
		return Report{}, err
	}
	for _, d := range days {
		at[d.store].add(d.figures)
		r.Total.add(d.figures)
	}
	r.Days = everyDay(f.Period, days)
	if f.Compare != (Period{}) {
		if days, err = read(f.Compare); err != nil {
			return Report{}, err
		}
		r.Total.Compared = new(Figures)
		for i := range r.Stores {
			r.Stores[i].Compared = new(Figures)
		}
		for _, d := range days {
			at[d.store].Compared.add(d.figures)
			r.Total.Compared.add(d.figures)
		}
		r.CompareDays = everyDay(f.Compare, days)
	}
	if err := readTaxes(ctx, q, &r, at, ids); err != nil {
		return Report{}, fmt.Errorf("read taxes: %w", err)
	}
	if !f.Narrows() {
		if err := readCharges(ctx, q, &r, at, ids); err != nil {
			return Report{}, fmt.Errorf("read charges: %w", err)
		}
	}
	if r.Best, err = bestSellers(ctx, q, Cut{ids, f.Period, f.Narrowing}); err != nil {
		return Report{}, fmt.Errorf("read best sellers: %w", err)
	}
	return r, nil
}

// everyDay adds the stores up and fills the days on which nothing was sold.
func everyDay(p Period, sold []storeDay) []DaySales {
	days := make([]DaySales, daysBetween(p.From, p.To)+1)
	for i := range days {
		days[i].Date = retail.DateOf(p.From.Time(time.UTC).AddDate(0, 0, i))
	}
	for _, d := range sold {
		days[daysBetween(p.From, d.date)].add(d.figures)
	}
	return days
}

func readTaxes(ctx context.Context, q Querier, r *Report, at map[uuid.UUID]*StoreSales, ids []uuid.UUID) error {
	if r.Filter.OfGoods() {
		return nil
	}
	args := pgx.NamedArgs{"stores": ids, "from": r.Filter.From, "to": r.Filter.To}
	from := "sales.daily_tax d"
	if r.Filter.Narrows() {
		from = "sales.document d, " + taxesOf
	}
	rows, err := q.Query(ctx, `
		SELECT store_id, code, rate, sum(base)::bigint, sum(amount)::bigint FROM `+from+`
		WHERE store_id = ANY(@stores) AND business_date BETWEEN @from AND @to`+r.Filter.where(args)+` GROUP BY 1, 2, 3 ORDER BY code, rate, store_id`, args)
	if err != nil {
		return err
	}
	var store uuid.UUID
	var t Tax
	_, err = pgx.ForEachRow(rows, []any{&store, &t.Code, &t.Rate, &t.Base, &t.Amount}, func() error {
		at[store].Taxes = append(at[store].Taxes, t)
		r.Total.Taxes = AddTax(r.Total.Taxes, t)
		return nil
	})
	return err
}

func readCharges(ctx context.Context, q Querier, r *Report, at map[uuid.UUID]*StoreSales, ids []uuid.UUID) error {
	rows, err := q.Query(ctx, `
		SELECT store_id, code, sum(amount)::bigint FROM sales.daily_charge
		WHERE store_id = ANY($1) AND business_date BETWEEN $2 AND $3 GROUP BY 1, 2 ORDER BY code, store_id`,
		ids, r.Filter.From, r.Filter.To)
	if err != nil {
		return err
	}
	var store uuid.UUID
	var c Charge
	_, err = pgx.ForEachRow(rows, []any{&store, &c.Code, &c.Amount}, func() error {
		at[store].ByCharge = append(at[store].ByCharge, c)
		if n := len(r.Total.ByCharge); n == 0 || r.Total.ByCharge[n-1].Code != c.Code {
			r.Total.ByCharge = append(r.Total.ByCharge, Charge{Code: c.Code})
		}
		r.Total.ByCharge[len(r.Total.ByCharge)-1].Amount += c.Amount
		return nil
	})
	return err
}

// TaxOf is what was collected of a tax, whatever its rate was.
func (s Sales) TaxOf(code string) money.Amount {
	var sum money.Amount
	for _, t := range s.Taxes {
		if t.Code == code {
			sum += t.Amount
		}
	}
	return sum
}

// TaxCodes are the codes of all taxes of the report, in the order of their names.
func (r Report) TaxCodes() []string {
	var codes []string
	for _, t := range r.Total.Taxes {
		codes = append(codes, t.Code)
	}
	return slices.Compact(codes)
}
