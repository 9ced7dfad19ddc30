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

// What makes the ids of tills that there are not: of a location's history, and of what headquarters sells there. Each has a series of numbers.
var (
	pastTills   = uuid.MustParse("0190d3e0-0000-7000-8000-c0397a0700a1")
	onlineTills = uuid.MustParse("0190d3e0-0000-7000-8000-c0397a0700a2")
)

// Source names a receipt of another system. Its number counts within a store and a day: some begin again every morning.
type Source struct {
	Store        uuid.UUID
	BusinessDate retail.Date
	Receipt      string
}

// Past is what a receipt of another system comes to.
type Past struct {
	Units   money.Quantity
	Revenue money.Amount
}

// History gives the receipts of other systems that were recorded in a period.
func History(ctx context.Context, q Querier, p Period) (map[Source]Past, error) {
	rows, err := q.Query(ctx, `
		SELECT store_id, business_date, source, units, revenue FROM sales.document WHERE business_date BETWEEN $1 AND $2 AND source <> ''`,
		p.From, p.To)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	found := map[Source]Past{}
	var s Source
	var past Past
	_, err = pgx.ForEachRow(rows, []any{&s.Store, &s.BusinessDate, &s.Receipt, &past.Units, &past.Revenue}, func() error {
		found[s] = past
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	return found, nil
}

// RecordHistory records receipts of another system, each named by its Source, as documents that no journal has. The place of each is
// given here. A receipt that is there already fails. Stock does not move: what is on the shelves was counted after these sales.
func RecordHistory(ctx context.Context, tx *db.Tx, documents []Document) error {
	if err := NumberHistory(ctx, tx, documents); err != nil {
		return err
	}
	return Record(ctx, tx, documents)
}

// NumberHistory gives each of the documents its place, so that Record takes them; many are recorded in parts.
func NumberHistory(ctx context.Context, tx *db.Tx, documents []Document) error {
	last := map[uuid.UUID]uint64{}
	for i := range documents {
		d := &documents[i]
		d.Till, d.Epoch, d.Branch = uuid.NewSHA1(pastTills, d.Store[:]), 0, 0
		if _, known := last[d.Store]; !known {
			end, err := endOf(ctx, tx, *d)
			if err != nil {
				return err
			}
			last[d.Store] = end
		}
		last[d.Store]++
		d.Seq, d.Number = last[d.Store], last[d.Store]
	}
	return nil
}

// RecordOnline records what headquarters sells at a location, as a document that no journal has, and gives the code that is printed: the
// location's, and a number from a series of its own without gaps.
func RecordOnline(ctx context.Context, tx *db.Tx, location retail.Location, d Document) (code string, err error) {
	d.Store, d.Till = location.ID, uuid.NewSHA1(onlineTills, location.ID[:])
	end, err := endOf(ctx, tx, d)
	if err != nil {
		return "", err
	}
	d.Seq, d.Number = end+1, end+1
	d.Source = fmt.Sprintf("%s-W-%d", location.Code, d.Number)
	return d.Source, Record(ctx, tx, []Document{d})
}

// endOf is the last number of the series that a document goes to. Who writes to the same one waits: numbers are given once.
func endOf(ctx context.Context, tx *db.Tx, d Document) (uint64, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('sales.series ' || $1::text, 0))`, d.Till); err != nil {
		return 0, fmt.Errorf("lock a series of documents: %w", err)
	}
	var seq int64
	err := tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM sales.document WHERE store_id = $1 AND till_id = $2 AND source <> ''`, d.Store, d.Till).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("read the end of a series of documents: %w", err)
	}
	return uint64(seq), nil
}

// addHistory folds in what is in no journal: receipts of other systems, as the documents and their lines have them.
func (f *Fold) addHistory(ctx context.Context, tx *db.Tx) error {
	rows, err := tx.Query(ctx, `
		SELECT store_id, business_date, sum(mod((extract(epoch FROM at) * 1000)::bigint, @moments))::bigint, `+documentSums+`
		FROM sales.document WHERE source <> '' AND `+f.of()+` GROUP BY 1, 2`, f.args())
	if err != nil {
		return err
	}
	var store uuid.UUID
	var date retail.Date
	var moments int64
	var sums hour
	into := []any{&store, &date, &moments}
	for i := range sums { // documentSums has the order of the hours' columns
		into = append(into, &sums[i])
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		k := hourKey{store, date, 0}
		h := f.hours[k]
		for i, v := range sums {
			h[i] += v
		}
		f.hours[k] = h
		f.moments[dayKey{store, date}] += moments
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `
		SELECT store_id, business_date, product_id, sum(quantity)::bigint, sum(revenue)::bigint FROM sales.line WHERE epoch = 0 AND `+f.of()+` GROUP BY 1, 2, 3`, f.args())
	if err != nil {
		return err
	}
	var id uuid.UUID
	var p product
	_, err = pgx.ForEachRow(rows, []any{&store, &date, &id, &p[0], &p[1]}, func() error {
		k := productKey{store, date, id}
		had := f.products[k]
		f.products[k] = product{had[0] + p[0], had[1] + p[1], had[2]}
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `
		SELECT store_id, business_date, user_id, count(*) FILTER (WHERE NOT refund), count(*) FILTER (WHERE refund), 0::bigint, sum(revenue)::bigint,
			coalesce(sum(revenue) FILTER (WHERE refund), 0)::bigint, 0::bigint, sum(discount)::bigint
		FROM sales.document WHERE source <> '' AND `+f.of()+` GROUP BY 1, 2, 3`, f.args())
	if err != nil {
		return err
	}
	var c cashier
	into = []any{&store, &date, &id}
	for i := range c {
		into = append(into, &c[i])
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		k := cashierKey{store, date, id}
		had := f.cashiers[k]
		for i, v := range c {
			had[i] += v
		}
		f.cashiers[k] = had
		return nil
	})
	return err
}
