package sales_test

import (
	"bytes"
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// want adds documents up the plain way.
func want(documents []sales.Document, keep func(sales.Document) bool) (f sales.Figures) {
	for _, d := range documents {
		if !keep(d) {
			continue
		}
		if d.Refund {
			f.Refunds++
			f.Refunded += d.Revenue
		} else {
			f.Tickets++
		}
		f.Units += d.Units()
		f.Revenue += d.Revenue
		f.Discount += d.Discount()
		f.Cost += d.Cost()
		f.Charges += d.Charged()
		f.Total += d.Total
		f.Rounding += d.Rounding
		f.Cash += d.Cash
		f.Card += d.Card
		f.Online += d.Online
	}
	return f
}

// The report is the sum of the documents, to the cent: per store, in all, per day, per tax and per product.
func TestReportIsTheSumOfTheDocuments(t *testing.T) {
	d := pgtest.New(t)
	days := []retail.Date{20261028, 20261030, 20261031, 20261101, 20261102, 20261103}
	rapid.Check(t, func(t *rapid.T) {
		_, err := d.Exec(ctx, `TRUNCATE sales.document, sales.line, sales.hourly, sales.daily_product, sales.daily_tax, sales.daily_charge, sales.daily_cashier`)
		require.NoError(t, err)
		var n seq
		var documents []sales.Document
		for range rapid.IntRange(0, 30).Draw(t, "documents") {
			documents = append(documents, n.document(t, rapid.SampledFrom(shops[:2]).Draw(t, "store"), days))
		}
		half := len(documents) / 2
		for _, part := range [][]sales.Document{documents[:half], documents[half:]} {
			require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return sales.Record(ctx, tx, part) }))
		}
		f := sales.Filter{Stores: shops, Period: sales.Period{From: 20261031, To: 20261102}, Compare: sales.Period{From: 20261028, To: 20261030}}
		report, err := sales.ReadReport(ctx, d, f)
		require.NoError(t, err)

		in := func(p sales.Period, store *retail.Location) func(sales.Document) bool {
			return func(d sales.Document) bool {
				return d.BusinessDate >= p.From && d.BusinessDate <= p.To && (store == nil || d.Store == store.ID)
			}
		}
		require.Equal(t, want(documents, in(f.Period, nil)), report.Total.Figures)
		require.Equal(t, want(documents, in(f.Compare, nil)), *report.Total.Compared)
		require.Len(t, report.Stores, 3)
		for i, s := range report.Stores {
			require.Equal(t, shops[i], s.Store)
			require.Equal(t, want(documents, in(f.Period, &shops[i])), s.Figures)
			require.Equal(t, want(documents, in(f.Compare, &shops[i])), *s.Compared)
			require.Equal(t, s.Collected(), s.TaxOf("TPS")+s.TaxOf("TVQ"))
		}
		require.Len(t, report.Days, 3)
		for i, date := range []retail.Date{20261031, 20261101, 20261102} {
			require.Equal(t, sales.DaySales{Date: date, Figures: want(documents, in(sales.Period{From: date, To: date}, nil))}, report.Days[i])
		}
		require.Len(t, report.CompareDays, 3)
		var charges money.Amount
		for _, c := range report.Total.ByCharge {
			charges += c.Amount
		}
		require.Equal(t, report.Total.Charges, charges)
		require.Equal(t, report.Total.Collected(), report.Total.TaxOf("TPS")+report.Total.TaxOf("TVQ"))
		require.Equal(t, report.Total.Total+report.Total.Rounding, report.Total.Cash+report.Total.Card+report.Total.Online)

		revenue := map[uuid.UUID]money.Amount{}
		for _, d := range documents {
			for _, l := range d.Lines {
				if in(f.Period, nil)(d) {
					revenue[l.Product] += l.Revenue
				}
			}
		}
		for _, s := range report.Best {
			require.Equal(t, revenue[s.Product], s.Revenue)
			require.Positive(t, s.Revenue)
			delete(revenue, s.Product)
		}
		for _, left := range revenue {
			require.LessOrEqual(t, left, money.Amount(0), "a product that earned something is missing")
		}
		require.True(t, slices.IsSortedFunc(report.Best, func(a, b sales.ProductSales) int { return cmp.Compare(b.Revenue, a.Revenue) }))

		// and the same from the rows of the documents themselves
		var lines, rows money.Amount
		require.NoError(t, d.QueryRow(ctx, `SELECT coalesce(sum(revenue), 0)::bigint FROM sales.line WHERE business_date BETWEEN 20261031 AND 20261102`).Scan(&lines))
		require.NoError(t, d.QueryRow(ctx, `SELECT coalesce(sum(revenue), 0)::bigint FROM sales.document WHERE business_date BETWEEN 20261031 AND 20261102`).Scan(&rows))
		require.Equal(t, lines, report.Total.Revenue)
		require.Equal(t, rows, report.Total.Revenue)
	})
}

func TestReportOfNothing(t *testing.T) {
	d := pgtest.New(t)
	day := sales.Period{From: 20261122, To: 20261122}
	for _, stores := range [][]retail.Location{nil, shops} {
		report, err := sales.ReadReport(ctx, d, sales.Filter{Stores: stores, Period: day, Compare: day.YearBefore()})
		require.NoError(t, err)
		require.Zero(t, report.Total.Figures)
		require.Zero(t, report.Total.Basket())
		require.Zero(t, report.Total.MarginShare())
		require.Len(t, report.Days, 1)
		require.Empty(t, report.Best)
		for _, write := range []func(*bytes.Buffer) error{
			func(b *bytes.Buffer) error { return sales.Export{Report: report}.File().WriteCSV(b) },
			func(b *bytes.Buffer) error { return sales.Export{Report: report}.File().WriteXLSX(b) },
		} {
			require.NoError(t, write(new(bytes.Buffer)))
		}
		overview, err := sales.ReadToday(ctx, d, time.Now(), stores)
		require.NoError(t, err)
		require.Zero(t, overview.All)
		page, err := sales.Receipts(ctx, d, sales.ReceiptFilter{Stores: []uuid.UUID{nord.ID}, Period: day})
		require.NoError(t, err)
		require.Empty(t, page.Receipts)
	}
	for _, wrong := range []sales.Period{{}, {From: 20261122}, {From: 20261122, To: 20261121}, {From: 20200101, To: 20261122}} {
		_, err := sales.ReadReport(ctx, d, sales.Filter{Stores: shops, Period: wrong})
		refused(t, err, "report.period")
	}
	_, err := sales.ReadReport(ctx, d, sales.Filter{Stores: shops, Period: day, Compare: sales.Period{From: 20261122}})
	refused(t, err, "report.period")
}

func TestPeriods(t *testing.T) {
	p := sales.Period{From: 20261101, To: 20261121}
	require.Equal(t, sales.Period{From: 20261011, To: 20261031}, p.Before())
	require.Equal(t, sales.Period{From: 20251101, To: 20251121}, p.YearBefore())
}

func TestFiguresOfFigures(t *testing.T) {
	f := sales.Figures{Tickets: 3, Revenue: 500, Cost: 301, Total: 575}
	require.EqualValues(t, 167, f.Basket())
	require.EqualValues(t, 398, f.MarginShare())
	require.EqualValues(t, 75, f.Collected())
	f.Revenue, f.Cost = -500, -301
	require.EqualValues(t, -167, f.Basket())
	require.EqualValues(t, 398, f.MarginShare())
}

func refused(t *testing.T, err error, key string) {
	t.Helper()
	var told *retail.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, key, told.Key)
}

func TestToday(t *testing.T) {
	d := pgtest.New(t)
	now := time.Date(2026, 11, 2, 14, 32, 0, 0, montreal) // the day after summer time ended: last week has other hours in UTC
	week := now.AddDate(0, 0, -7)
	var n seq
	documents := []sales.Document{
		n.sale(nord, 20261102, now.Add(-time.Hour), 1000),
		n.sale(nord, 20261102, now.Add(-time.Minute), 200),
		n.sale(nord, 20261026, week.Add(-31*time.Minute), 300),
		n.sale(nord, 20261026, week, 40),
		n.sale(nord, 20261026, week.Add(time.Minute), 5000),  // later in the same hour
		n.sale(nord, 20261026, week.Add(3*time.Hour), 60000), // later in the day
		n.sale(nord, 20261006, now.AddDate(0, 0, -27), 7),
		n.sale(nord, 20261005, now.AddDate(0, 0, -28), 999), // too old for the trend
		n.sale(sud, 20261101, now.AddDate(0, 0, -1), 11),
		n.sale(ouest, 20261102, now, 13), // 12:32 there, where clocks never change
	}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		for i := range documents {
			if documents[i].Store == ouest.ID {
				documents[i].At = documents[i].At.In(mustZone(ouest.Zone))
			}
		}
		return sales.Record(ctx, tx, documents)
	}))
	o, err := sales.ReadToday(ctx, d, now.UTC(), shops)
	require.NoError(t, err)
	at := o.Stores[0]
	require.Equal(t, nord, at.Store)
	require.EqualValues(t, 20261102, at.Date)
	require.EqualValues(t, 1200, at.Now.Revenue)
	require.EqualValues(t, 2, at.Now.Tickets)
	require.EqualValues(t, 340, at.Before.Revenue)
	require.EqualValues(t, 2, at.Before.Tickets)
	require.Equal(t, sales.HourRevenue{Now: 1000}, at.Hours[13])
	require.Equal(t, sales.HourRevenue{Now: 200, Before: 5340}, at.Hours[14])
	require.Equal(t, sales.HourRevenue{Before: 60000}, at.Hours[17])
	require.EqualValues(t, 1200, at.Trend[27])
	require.EqualValues(t, 65340, at.Trend[20])
	require.EqualValues(t, 7, at.Trend[0])
	require.EqualValues(t, 11, o.Stores[1].Trend[26])
	require.EqualValues(t, 13, o.Stores[2].Hours[12].Now)
	require.EqualValues(t, 1213, o.All.Now.Revenue)
	require.EqualValues(t, 340, o.All.Before.Revenue)
	require.EqualValues(t, 1213, o.All.Trend[27])

	late, err := sales.ReadToday(ctx, d, time.Date(2026, 11, 3, 4, 30, 0, 0, time.UTC), shops)
	require.NoError(t, err)
	require.EqualValues(t, 20261102, late.Stores[0].Date, "still yesterday here")
}

func TestRates(t *testing.T) {
	d := pgtest.New(t)
	var n seq
	noon := time.Date(2026, 11, 1, 12, 0, 0, 0, montreal)
	documents := []sales.Document{
		n.sale(nord, 20261101, noon, 1), n.sale(nord, 20261031, noon, 1), n.sale(nord, 20261004, noon, 1), n.sale(nord, 20261003, noon, 1),
	}
	documents[1].Lines[0].Quantity = 55 * money.One
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return sales.Record(ctx, tx, documents) }))
	rates, err := sales.PerDay(ctx, d, []uuid.UUID{nord.ID, sud.ID}, goods, 20261101)
	require.NoError(t, err)
	require.Equal(t, sales.Rates{nord.ID: {goods[0]: 734_000 / (7 * 55)}}, rates, "55 of last week at 13, 1 at 10 and 1 at 9, today not among them")
}

func TestReceipts(t *testing.T) {
	d := pgtest.New(t)
	rapid.Check(t, func(t *rapid.T) {
		_, err := d.Exec(ctx, `TRUNCATE sales.document, sales.line, sales.hourly, sales.daily_product, sales.daily_tax, sales.daily_cashier`)
		require.NoError(t, err)
		var n seq
		var documents []sales.Document
		for range rapid.IntRange(1, 12).Draw(t, "documents") {
			documents = append(documents, n.document(t, nord, []retail.Date{20261121, 20261122}))
		}
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return sales.Record(ctx, tx, documents) }))
		f := sales.ReceiptFilter{Stores: []uuid.UUID{nord.ID}, Period: sales.Period{From: 20261121, To: 20261122}, Limit: rapid.IntRange(1, 5).Draw(t, "limit")}
		seen := map[uint64]bool{}
		last := sales.Receipt{Key: sales.Key{BusinessDate: 20261122}, At: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
		for range 20 {
			page, err := sales.Receipts(ctx, d, f)
			require.NoError(t, err)
			for _, r := range page.Receipts {
				require.False(t, seen[r.Seq])
				seen[r.Seq] = true
				require.True(t, r.BusinessDate < last.BusinessDate || r.BusinessDate == last.BusinessDate && !r.At.After(last.At))
				last = r
			}
			if f.Before = page.Next; f.Before == "" {
				break
			}
		}
		require.Len(t, seen, len(documents))

		d0 := documents[0]
		key := sales.Key{Store: nord.ID, BusinessDate: d0.BusinessDate, Till: d0.Till, Epoch: 1, Seq: d0.Seq}
		r, lines, err := sales.OneReceipt(ctx, d, key)
		require.NoError(t, err)
		require.Equal(t, d0.Lines, lines)
		require.Equal(t, d0.Taxes, r.Taxes)
		require.Equal(t, d0.Total, r.Total)
		require.Equal(t, d0.Refund, r.Refund)
		require.Equal(t, key, r.Key)
	})
	_, _, err := sales.OneReceipt(ctx, d, sales.Key{})
	refused(t, err, "receipt.unknown")
	_, err = sales.Receipts(ctx, d, sales.ReceiptFilter{Before: "?"})
	refused(t, err, "page.unknown")
}
