package sales

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// NoCost is the Cost of who folds journals: they do not have it.
func NoCost(uuid.UUID) money.Amount { return 0 }

// Fold adds documents up, to compare what the tables hold with the journals. Costs are left out: they are not in the
// journals.
type Fold struct {
	sums
	// store is the only one whose tables are compared; the zero UUID for all.
	store uuid.UUID
	// moments are the times of each day's documents, added up.
	moments map[dayKey]int64
}

// someMoments keeps the sum of a day's times, in milliseconds, from overflowing: each counts for what is left of it here.
const someMoments = 1_000_000_000_039

type dayKey struct {
	store uuid.UUID
	date  retail.Date
}

// day is tickets, refunds, units, revenue, refunded, discount, total, rounding, cash, card, voids, charges and online.
type day [13]int64

var dayNames = [len(day{})]string{"tickets", "refunds", "units", "revenue", "refunded", "discount", "total", "rounding", "cash", "card", "voids", "charges", "online"}

// NewFold is a fold of nothing, for the documents of one store, or of all with uuid.Nil.
func NewFold(store uuid.UUID) *Fold { return &Fold{newSums(), store, map[dayKey]int64{}} }

// of narrows a statement that has the arguments args to what is compared.
func (f *Fold) of() string {
	if f.store == uuid.Nil {
		return "TRUE"
	}
	return "store_id = @store"
}

func (f *Fold) args() pgx.NamedArgs {
	return pgx.NamedArgs{"store": f.store, "moments": int64(someMoments)}
}

// Add folds a document in, with NoCost.
func (f *Fold) Add(doc Document) {
	f.add(doc)
	f.moments[dayKey{doc.Store, doc.BusinessDate}] += doc.At.UnixMilli() % someMoments
}

// days are the hours without their hour, which depends on the zone of the store, and without their cost.
func (f *Fold) days() map[dayKey]day {
	days := map[dayKey]day{}
	for k, h := range f.hours {
		k := dayKey{k.store, k.date}
		d := days[k]
		for i, v := range []int64{h[0], h[1], h[2], h[3], h[4], h[5], h[7], h[8], h[9], h[10], h[11], h[12], h[13]} {
			d[i] += v
		}
		days[k] = d
	}
	return days
}

// The tables that are compared with the documents folded.
const (
	TableDocuments = "documents"
	TableHours     = "sums by hour"
	TableLines     = "lines"
	TableProducts  = "sums by product"
	TableTaxes     = "sums by tax"
	TableCharges   = "sums by charge"
	TableCashiers  = "sums by cashier"
)

// Difference is a figure of a table that is not the sum of the documents folded.
type Difference struct {
	Store uuid.UUID
	Date  retail.Date
	Table string
	// What is the figure's name, as "revenue"; Of the product, cashier, tax or charge it is of, where the table tells them apart.
	What, Of   string
	Has, Wants int64
}

func (d Difference) Error() string {
	what := d.What
	if d.Of != "" {
		what += " of " + d.Of
	}
	return fmt.Sprintf("%s of %s: %s is %d, the journals say %d", d.Table, d.Date, what, d.Has, d.Wants)
}

// Differences compares every table with the documents folded. Sales of before, which no journal has, are taken as they were imported:
// the sums must have them too. compared is called after each table.
func (f *Fold) Differences(ctx context.Context, tx *db.Tx, compared func()) ([]Difference, error) {
	if err := f.addHistory(ctx, tx); err != nil {
		return nil, fmt.Errorf("add the history: %w", err)
	}
	var all []Difference
	for _, compare := range []func(context.Context, *db.Tx) ([]Difference, error){
		f.documents, f.times, f.hourly, f.lines, f.dailyProduct, f.dailyTax, f.dailyCharge, f.dailyCashier,
	} {
		found, err := compare(ctx, tx)
		if err != nil {
			return nil, fmt.Errorf("compare sales with the journals: %w", err)
		}
		all = append(all, found...)
		compared()
	}
	return all, nil
}

func (f *Fold) documents(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	return f.compareDays(ctx, tx, TableDocuments, `
		SELECT store_id, business_date, count(*) FILTER (WHERE NOT refund AND NOT void) - count(*) FILTER (WHERE void), count(*) FILTER (WHERE refund), sum(units)::bigint,
			sum(revenue)::bigint, coalesce(sum(revenue) FILTER (WHERE refund), 0)::bigint, sum(discount)::bigint,
			sum(total)::bigint, sum(rounding)::bigint, sum(cash)::bigint, sum(card)::bigint, count(*) FILTER (WHERE void),
			sum(charges)::bigint, sum(online)::bigint
		FROM sales.document WHERE `+f.of()+` GROUP BY 1, 2`)
}

func (f *Fold) times(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	rows, err := tx.Query(ctx, `
		SELECT store_id, business_date, sum(mod((extract(epoch FROM at) * 1000)::bigint, @moments))::bigint FROM sales.document WHERE `+f.of()+` GROUP BY 1, 2`,
		f.args())
	if err != nil {
		return nil, err
	}
	has := map[dayKey]int64{}
	var store [16]byte
	var date retail.Date
	var sum int64
	_, err = pgx.ForEachRow(rows, []any{&store, &date, &sum}, func() error {
		has[dayKey{store, date}] = sum
		return nil
	})
	if err != nil {
		return nil, err
	}
	return differ(has, f.moments, func(k dayKey, has, wants int64) []Difference {
		return []Difference{{k.store, k.date, TableDocuments, "times", "", has, wants}}
	}), nil
}

func (f *Fold) hourly(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	return f.compareDays(ctx, tx, TableHours, `
		SELECT store_id, business_date, sum(tickets)::bigint, sum(refunds)::bigint, sum(units)::bigint, sum(revenue)::bigint,
			sum(refunded)::bigint, sum(discount)::bigint, sum(total)::bigint, sum(rounding)::bigint, sum(cash)::bigint, sum(card)::bigint,
			sum(voids)::bigint, sum(charges)::bigint, sum(online)::bigint
		FROM sales.hourly WHERE `+f.of()+` GROUP BY 1, 2`)
}

func (f *Fold) compareDays(ctx context.Context, tx *db.Tx, table, query string) ([]Difference, error) {
	rows, err := tx.Query(ctx, query, f.args())
	if err != nil {
		return nil, err
	}
	has := map[dayKey]day{}
	var store [16]byte
	var date retail.Date
	var d day
	into := []any{&store, &date}
	for i := range d {
		into = append(into, &d[i])
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		has[dayKey{store, date}] = d
		return nil
	})
	if err != nil {
		return nil, err
	}
	return differ(has, f.days(), func(k dayKey, has, wants day) (found []Difference) {
		for i, name := range dayNames {
			if has[i] != wants[i] {
				found = append(found, Difference{k.store, k.date, table, name, "", has[i], wants[i]})
			}
		}
		return found
	}), nil
}

func (f *Fold) lines(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	return f.compareProducts(ctx, tx, TableLines, `
		SELECT store_id, business_date, product_id, sum(quantity)::bigint, sum(revenue)::bigint FROM sales.line WHERE `+f.of()+` GROUP BY 1, 2, 3`)
}

func (f *Fold) dailyProduct(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	return f.compareProducts(ctx, tx, TableProducts, `SELECT store_id, business_date, product_id, units, revenue FROM sales.daily_product WHERE `+f.of())
}

func (f *Fold) compareProducts(ctx context.Context, tx *db.Tx, table, query string) ([]Difference, error) {
	rows, err := tx.Query(ctx, query, f.args())
	if err != nil {
		return nil, err
	}
	has := map[productKey]product{}
	var store, id [16]byte
	var date retail.Date
	var p product
	_, err = pgx.ForEachRow(rows, []any{&store, &date, &id, &p[0], &p[1]}, func() error {
		has[productKey{store, date, id}] = p
		return nil
	})
	if err != nil {
		return nil, err
	}
	return differ(has, f.products, func(k productKey, has, wants product) (found []Difference) {
		for i, name := range []string{"units", "revenue"} {
			if has[i] != wants[i] {
				found = append(found, Difference{k.store, k.date, table, name, k.product.String(), has[i], wants[i]})
			}
		}
		return found
	}), nil
}

func (f *Fold) dailyTax(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	rows, err := tx.Query(ctx, `SELECT store_id, business_date, code, rate, base, amount FROM sales.daily_tax WHERE `+f.of(), f.args())
	if err != nil {
		return nil, err
	}
	has := map[taxKey]tax{}
	var store [16]byte
	var k taxKey
	var t tax
	_, err = pgx.ForEachRow(rows, []any{&store, &k.date, &k.code, &k.rate, &t[0], &t[1]}, func() error {
		k.store = store
		has[k] = t
		return nil
	})
	if err != nil {
		return nil, err
	}
	return differ(has, f.taxes, func(k taxKey, has, wants tax) (found []Difference) {
		for i, name := range []string{"base", "amount"} {
			if has[i] != wants[i] {
				found = append(found, Difference{k.store, k.date, TableTaxes, name, k.code, has[i], wants[i]})
			}
		}
		return found
	}), nil
}

func (f *Fold) dailyCharge(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	rows, err := tx.Query(ctx, `SELECT store_id, business_date, code, amount FROM sales.daily_charge WHERE `+f.of(), f.args())
	if err != nil {
		return nil, err
	}
	has := map[chargeKey]int64{}
	var store [16]byte
	var k chargeKey
	var amount int64
	_, err = pgx.ForEachRow(rows, []any{&store, &k.date, &k.code, &amount}, func() error {
		k.store = store
		has[k] = amount
		return nil
	})
	if err != nil {
		return nil, err
	}
	return differ(has, f.charges, func(k chargeKey, has, wants int64) []Difference {
		return []Difference{{k.store, k.date, TableCharges, "charges", k.code, has, wants}}
	}), nil
}

var cashierNames = [len(cashier{})]string{"tickets", "refunds", "voids", "revenue", "refunded", "voided", "discount"}

func (f *Fold) dailyCashier(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	rows, err := tx.Query(ctx, `
		SELECT store_id, business_date, user_id, tickets, refunds, voids, revenue, refunded, voided, discount FROM sales.daily_cashier WHERE `+f.of(), f.args())
	if err != nil {
		return nil, err
	}
	has := map[cashierKey]cashier{}
	var store, user [16]byte
	var date retail.Date
	var c cashier
	into := []any{&store, &date, &user}
	for i := range c {
		into = append(into, &c[i])
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		has[cashierKey{store, date, user}] = c
		return nil
	})
	if err != nil {
		return nil, err
	}
	return differ(has, f.cashiers, func(k cashierKey, has, wants cashier) (found []Difference) {
		for i, name := range cashierNames {
			if has[i] != wants[i] {
				found = append(found, Difference{k.store, k.date, TableCashiers, name, k.user.String(), has[i], wants[i]})
			}
		}
		return found
	}), nil
}

// differ compares what is with what should be, key by key; what is missing on one side is zero.
func differ[K, V comparable](has, wants map[K]V, say func(k K, has, wants V) []Difference) []Difference {
	var found []Difference
	for k, w := range wants {
		if h := has[k]; h != w {
			found = append(found, say(k, h, w)...)
		}
	}
	for k, h := range has {
		var none V
		if _, ok := wants[k]; !ok && h != none {
			found = append(found, say(k, h, none)...)
		}
	}
	return found
}
