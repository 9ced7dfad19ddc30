package sales_test

import (
	"context"
	"os"
	"slices"
	"strings"
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

func record(d *db.DB, documents ...sales.Document) error {
	ctx := context.Background()
	return d.InTx(ctx, func(tx *db.Tx) error { return sales.Record(ctx, tx, documents) })
}

func differences(t require.TestingT, d *db.DB, documents []sales.Document) (found []sales.Difference) {
	ctx := context.Background()
	fold := sales.NewFold(uuid.Nil)
	for _, doc := range documents {
		fold.Add(doc)
	}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) (err error) {
		found, err = fold.Differences(ctx, tx, func() {})
		return err
	}))
	return found
}

func line(product uuid.UUID, q money.Quantity, price money.Amount) retail.Line {
	return retail.Line{Product: product, Quantity: q, UnitPrice: price, Amount: price.Mul(q), Class: retail.Taxable}
}

func half(uuid.UUID) money.Amount { return 50 }

// The tables are the sum of the documents, in whatever batches they come.
func TestTablesAreSums(t *testing.T) {
	d := pgtest.New(t)
	stores := []uuid.UUID{uuid.New(), uuid.New()}
	products := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	till := uuid.New()
	var all []sales.Document
	rapid.Check(t, func(t *rapid.T) {
		var batch []sales.Document
		for range rapid.IntRange(1, 4).Draw(t, "documents") {
			at := sales.Place{
				Store: rapid.SampledFrom(stores).Draw(t, "store"), Till: till, Epoch: 1, Seq: uint64(len(all) + 1), User: rapid.SampledFrom(products).Draw(t, "user"),
				At: time.Date(2026, 11, 22, rapid.IntRange(0, 23).Draw(t, "hour"), 0, 0, 0, time.UTC),
			}
			var lines []retail.Line
			for range rapid.IntRange(1, 3).Draw(t, "lines") {
				lines = append(lines, line(rapid.SampledFrom(products).Draw(t, "product"),
					money.Quantity(rapid.IntRange(1, 9000).Draw(t, "quantity")), money.Amount(rapid.IntRange(0, 500).Draw(t, "price"))))
			}
			day := retail.Date(20261120 + rapid.IntRange(0, 2).Draw(t, "day"))
			tenders := []retail.Tender{{Kind: retail.TenderCash, Amount: 100}, {Kind: retail.TenderCard, Amount: 30}, {Kind: retail.TenderOnline, Amount: 20}}
			taxes := []retail.Tax{{Code: "TPS", Rate: 5000, Base: 100, Amount: 5, Included: rapid.Bool().Draw(t, "included")}}
			doc := sales.FromSale(at, retail.Sale{BusinessDate: day, Lines: lines, Taxes: taxes, Tenders: tenders, Total: 150, Rounding: 1}, half)
			if rapid.Bool().Draw(t, "refund") {
				refund := retail.Refund{BusinessDate: day, Taxes: taxes, Tenders: tenders, Total: 150, Rounding: 1}
				for i, l := range lines {
					refund.Lines = append(refund.Lines, retail.RefundLine{Of: i, Line: l})
				}
				doc = sales.FromRefund(at, refund, half)
				if rapid.Bool().Draw(t, "void") {
					doc = sales.FromVoid(at, retail.Void(refund), half)
				}
			}
			var revenue money.Amount
			for _, l := range doc.Lines {
				revenue += l.Revenue
			}
			require.Equal(t, doc.Revenue, revenue, "lines add up to the document")
			require.Equal(t, []money.Amount{100, 30, 20}, []money.Amount{max(doc.Cash, -doc.Cash), max(doc.Card, -doc.Card), max(doc.Online, -doc.Online)},
				"what the shop was paid is no card at a till")
			batch, all = append(batch, doc), append(all, withoutCost(doc))
		}
		require.NoError(t, record(d, batch...))
	})
	require.Empty(t, differences(t, d, all))
	fill(t, d)
	require.Empty(t, differences(t, d, all), "as a database of before is filled")
	require.NotEmpty(t, differences(t, d, all[1:]), "one document less is noticed")
}

// fill empties the sums by cashier and has the migration that brought them fill them again.
func fill(t *testing.T, d *db.DB) {
	migration, err := os.ReadFile("../db/migrations/00031_reports.sql")
	require.NoError(t, err)
	_, insert, ok := strings.Cut(string(migration), "INSERT INTO sales.daily_cashier")
	require.True(t, ok)
	_, err = d.Exec(t.Context(), "TRUNCATE sales.daily_cashier")
	require.NoError(t, err)
	_, err = d.Exec(t.Context(), "INSERT INTO sales.daily_cashier"+insert)
	require.NoError(t, err)
}

func withoutCost(doc sales.Document) sales.Document {
	doc.Lines = slices.Clone(doc.Lines)
	for i := range doc.Lines {
		doc.Lines[i].Cost = 0
	}
	return doc
}

func TestRefundIsTheMirrorOfASale(t *testing.T) {
	sale := retail.Sale{
		BusinessDate: 20261122, Lines: []retail.Line{line(uuid.New(), 2000, 333)}, Total: 766, Rounding: -1,
		Taxes:   []retail.Tax{{Code: "TPS", Rate: 5000, Base: 666, Amount: 33}},
		Tenders: []retail.Tender{{Kind: retail.TenderCash, Amount: 765}},
	}
	refund := retail.Refund{
		BusinessDate: 20261122, Lines: []retail.RefundLine{{Line: sale.Lines[0]}}, Total: 766, Rounding: -1, Taxes: sale.Taxes, Tenders: sale.Tenders,
	}
	a, b := sales.FromSale(sales.Place{}, sale, half), sales.FromRefund(sales.Place{}, refund, half)
	require.Equal(t, a.Revenue, -b.Revenue)
	require.Equal(t, a.Units(), -b.Units())
	require.Equal(t, a.Cost(), -b.Cost())
	require.Equal(t, a.Cash, -b.Cash)
	require.Equal(t, a.Rounding, -b.Rounding)
	require.Equal(t, a.Taxes[0].Amount, -b.Taxes[0].Amount)
}

func TestADocumentIsRecordedOnce(t *testing.T) {
	d := pgtest.New(t)
	doc := sales.FromSale(sales.Place{Store: uuid.New(), Till: uuid.New(), Epoch: 1, Seq: 1}, retail.Sale{
		BusinessDate: 20261122, Lines: []retail.Line{line(uuid.New(), 1000, 100)}, Total: 100,
	}, half)
	require.NoError(t, record(d, doc))
	require.Error(t, record(d, doc))
	require.Empty(t, differences(t, d, []sales.Document{withoutCost(doc)}))
}

func TestFiguresOutOfRangeAreRefused(t *testing.T) {
	d := pgtest.New(t)
	doc := sales.FromSale(sales.Place{}, retail.Sale{Lines: []retail.Line{line(uuid.New(), 1<<62, 100)}}, half)
	require.Error(t, record(d, doc))
}
