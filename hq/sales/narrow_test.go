package sales_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// However it is narrowed, a report is the sum of its receipts, and the receipts behind each figure come to that figure.
func TestANarrowedReportIsTheSumOfItsReceipts(t *testing.T) {
	d := pgtest.New(t)
	days := []retail.Date{20261028, 20261031, 20261130}
	category := map[uuid.UUID]uuid.UUID{goods[0]: named("dry"), goods[1]: named("fresh"), goods[2]: named("dry")}
	var parts, whole int
	rapid.Check(t, func(t *rapid.T) {
		_, err := d.Exec(ctx, `TRUNCATE sales.document, sales.line, sales.hourly, sales.daily_product, sales.daily_tax, sales.daily_charge, sales.daily_cashier`)
		require.NoError(t, err)
		var n seq
		var documents []sales.Document
		for range rapid.IntRange(0, 20).Draw(t, "documents") {
			doc := n.document(t, rapid.SampledFrom(shops[:2]).Draw(t, "store"), days)
			doc.User = rapid.SampledFrom(cashiers).Draw(t, "cashier")
			documents = append(documents, doc)
		}
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return sales.Record(ctx, tx, documents) }))
		some := func(of []uuid.UUID, name string) uuid.UUID {
			return rapid.SampledFrom(append([]uuid.UUID{uuid.Nil, uuid.Nil}, of...)).Draw(t, name)
		}
		narrow := sales.Narrowing{
			CategoryOf: category, Category: some([]uuid.UUID{named("dry"), named("fresh")}, "category"), Product: some(goods, "product"),
			Cashier: some(cashiers, "cashier"), PaidBy: rapid.SampledFrom(append(sales.WaysToPay, "", "")).Draw(t, "paid by"),
		}
		f := sales.Filter{Stores: shops[:2], Period: sales.Period{From: 20261029, To: 20261130}, Compare: sales.Period{From: 20261028, To: 20261028}, Narrowing: narrow}
		report, err := sales.ReadReport(ctx, d, f)
		require.NoError(t, err)

		var meant []sales.Document // of them the parts that are meant
		for _, doc := range documents {
			if doc = partOf(doc, narrow); len(doc.Lines) > 0 {
				meant = append(meant, doc)
			}
		}
		in := func(p sales.Period) func(sales.Document) bool {
			return func(d sales.Document) bool { return d.BusinessDate >= p.From && d.BusinessDate <= p.To }
		}
		require.Equal(t, want(meant, in(f.Period)), report.Total.Figures, "%+v", narrow)
		require.Equal(t, want(meant, in(f.Compare)), *report.Total.Compared)
		if !narrow.OfGoods() {
			whole += len(meant)
			require.Equal(t, report.Total.Collected(), report.Total.TaxOf("TPS")+report.Total.TaxOf("TVQ"))
		} else {
			parts += len(meant)
			require.Empty(t, report.Total.Taxes)
		}

		list := sales.ReceiptFilter{Stores: []uuid.UUID{nord.ID, sud.ID}, Period: f.Period, Narrowing: narrow, Limit: 100}
		total := report.Total.Figures
		for only, figure := range map[sales.Only][2]int64{
			"":                  {int64(total.Revenue), int64(receiptSum(t, d, list, "", func(r sales.Receipt) int64 { return int64(r.Revenue) }))},
			sales.OnlyRefunds:   {int64(total.Refunded), int64(receiptSum(t, d, list, sales.OnlyRefunds, func(r sales.Receipt) int64 { return int64(r.Revenue) }))},
			sales.OnlyDiscounts: {int64(total.Discount), int64(receiptSum(t, d, list, sales.OnlyDiscounts, func(r sales.Receipt) int64 { return int64(r.Discount) }))},
			sales.OnlySales:     {total.Tickets, int64(receiptSum(t, d, list, sales.OnlySales, func(sales.Receipt) int64 { return 1 }))},
		} {
			require.Equal(t, figure[0], figure[1], "%q of %+v", only, narrow)
		}
		if narrow.OfGoods() {
			return
		}
		for only, of := range map[sales.Only]func(sales.Receipt) int64{
			sales.OnlyCash:     func(r sales.Receipt) int64 { return int64(r.Cash) },
			sales.OnlyCard:     func(r sales.Receipt) int64 { return int64(r.Card) },
			sales.OnlyOnline:   func(r sales.Receipt) int64 { return int64(r.Online) },
			sales.OnlyRounding: func(r sales.Receipt) int64 { return int64(r.Rounding) },
			sales.OnlyCharges:  func(r sales.Receipt) int64 { return int64(r.Charges) },
		} {
			figure := map[sales.Only]money.Amount{
				sales.OnlyCash: total.Cash, sales.OnlyCard: total.Card, sales.OnlyOnline: total.Online, sales.OnlyRounding: total.Rounding, sales.OnlyCharges: total.Charges,
			}[only]
			require.EqualValues(t, figure, receiptSum(t, d, list, only, of), only)
		}
		list.Tax = "TVQ"
		taxed, err := sales.SumReceipts(ctx, d, list)
		require.NoError(t, err)
		require.Equal(t, report.Total.TaxOf("TVQ"), taxed.TaxOf("TVQ"))
	})
	require.NotZero(t, parts)
	require.NotZero(t, whole)
}

// receiptSum adds a figure of the listed receipts up, and requires that their sums say the same of all that sums have.
func receiptSum(t require.TestingT, d *db.DB, f sales.ReceiptFilter, only sales.Only, of func(sales.Receipt) int64) (sum int64) {
	f.Only = only
	page, err := sales.Receipts(ctx, d, f)
	require.NoError(t, err)
	whole, err := sales.SumReceipts(ctx, d, f)
	require.NoError(t, err)
	var listed sales.Figures
	for _, r := range page.Receipts {
		sum += of(r)
		listed.Units, listed.Revenue, listed.Cost = listed.Units+r.Units, listed.Revenue+r.Revenue, listed.Cost+r.Cost
		listed.Total, listed.Cash, listed.Card = listed.Total+r.Total, listed.Cash+r.Cash, listed.Card+r.Card
	}
	require.Equal(t, listed, sales.Figures{
		Units: whole.Units, Revenue: whole.Revenue, Cost: whole.Cost, Total: whole.Total, Cash: whole.Cash, Card: whole.Card,
	})
	return sum
}

// partOf is what of a document is meant; without lines when nothing of it is.
func partOf(doc sales.Document, n sales.Narrowing) sales.Document {
	paid := sales.PaidCash
	switch {
	case doc.Online != 0:
		paid = sales.PaidOnline
	case doc.Cash != 0 && doc.Card != 0:
		paid = sales.PaidMixed
	case doc.Card != 0:
		paid = sales.PaidCard
	}
	if n.Cashier != uuid.Nil && doc.User != n.Cashier || n.PaidBy != "" && paid != n.PaidBy {
		return sales.Document{}
	}
	if !n.OfGoods() {
		return doc
	}
	part := sales.Document{Place: doc.Place, BusinessDate: doc.BusinessDate, Refund: doc.Refund}
	for _, l := range doc.Lines {
		if (n.Product == uuid.Nil || l.Product == n.Product) && (n.Category == uuid.Nil || n.CategoryOf[l.Product] == n.Category) {
			part.Lines, part.Revenue = append(part.Lines, l), part.Revenue+l.Revenue
		}
	}
	return part
}
