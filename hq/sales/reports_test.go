package sales_test

import (
	"maps"
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

var cashiers = []uuid.UUID{named("Luc"), named("Emma"), named("Zoé")}

// Whatever was sold, the reports by tax, product and cashier are the sums of the documents and lines, to the cent, and add up to what the
// consolidated report says; and the receipts that a figure leads to come to it.
func TestReportsAreTheSumsOfTheDocuments(t *testing.T) {
	d := pgtest.New(t)
	days := []retail.Date{20261028, 20261031, 20261101, 20261130, 20261201}
	rapid.Check(t, func(t *rapid.T) {
		_, err := d.Exec(ctx, `TRUNCATE sales.document, sales.line, sales.hourly, sales.daily_product, sales.daily_tax, sales.daily_charge, sales.daily_cashier`)
		require.NoError(t, err)
		var n seq
		var documents []sales.Document
		for range rapid.IntRange(0, 25).Draw(t, "documents") {
			doc := n.document(t, rapid.SampledFrom(shops[:2]).Draw(t, "store"), days)
			doc.User = rapid.SampledFrom(cashiers).Draw(t, "cashier")
			if doc.Refund && rapid.Bool().Draw(t, "void") {
				doc.Refund, doc.Void = false, true
			}
			documents = append(documents, doc)
		}
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return sales.Record(ctx, tx, documents) }))
		stores, p := []uuid.UUID{nord.ID, sud.ID}, sales.Period{From: 20261030, To: 20261130}
		whole, err := sales.ReadReport(ctx, d, sales.Filter{Stores: shops[:2], Period: p})
		require.NoError(t, err)
		in := slices.DeleteFunc(slices.Clone(documents), func(d sales.Document) bool { return d.BusinessDate < p.From || d.BusinessDate > p.To })

		byCashier := map[uuid.UUID]sales.CashierSales{}
		byProduct := map[uuid.UUID]sales.ProductSales{}
		type monthTax struct {
			sales.StoreMonth
			code string
		}
		base, amount, sold := map[monthTax]money.Amount{}, map[monthTax]money.Amount{}, map[sales.StoreMonth]money.Amount{}
		for _, doc := range in {
			c := byCashier[doc.User]
			c.User = doc.User
			switch {
			case doc.Void:
				c.Tickets, c.Voids, c.Voided = c.Tickets-1, c.Voids+1, c.Voided+doc.Revenue
			case doc.Refund:
				c.Refunds, c.Refunded = c.Refunds+1, c.Refunded+doc.Revenue
			default:
				c.Tickets++
			}
			c.Revenue, c.Discount = c.Revenue+doc.Revenue, c.Discount+doc.Discount()
			byCashier[doc.User] = c
			for _, l := range doc.Lines {
				s := byProduct[l.Product]
				byProduct[l.Product] = sales.ProductSales{Product: l.Product, Units: s.Units + l.Quantity, Revenue: s.Revenue + l.Revenue, Cost: s.Cost + l.Cost}
			}
			month := sales.StoreMonth{Store: doc.Store, Month: int32(doc.BusinessDate) / 100}
			sold[month] += doc.Revenue + doc.Charged()
			for _, x := range doc.Taxes {
				base[monthTax{month, x.Code}] += x.Base
				amount[monthTax{month, x.Code}] += x.Amount
			}
		}

		people, err := sales.ByCashier(ctx, d, stores, p)
		require.NoError(t, err)
		require.ElementsMatch(t, slices.Collect(maps.Values(byCashier)), people)
		var sum sales.Figures
		for _, c := range people {
			sum.Tickets, sum.Refunds, sum.Voids = sum.Tickets+c.Tickets, sum.Refunds+c.Refunds, sum.Voids+c.Voids
			sum.Revenue, sum.Refunded, sum.Discount = sum.Revenue+c.Revenue, sum.Refunded+c.Refunded, sum.Discount+c.Discount
		}
		for _, c := range people[:min(1, len(people))] {
			f := sales.ReceiptFilter{Stores: stores, Period: p, Narrowing: sales.Narrowing{Cashier: c.User}}
			require.Equal(t, c.Revenue, revenueOf(t, d, f))
			f.Only = sales.OnlyRefunds
			require.Equal(t, c.Refunded, revenueOf(t, d, f))
			f.Only = sales.OnlyVoids
			require.Equal(t, c.Voided, revenueOf(t, d, f))
		}
		total := whole.Total.Figures
		require.Equal(t, sales.Figures{
			Tickets: total.Tickets, Refunds: total.Refunds, Voids: total.Voids, Revenue: total.Revenue, Refunded: total.Refunded, Discount: total.Discount,
		}, sum)

		products, err := sales.ByProduct(ctx, d, stores, p)
		require.NoError(t, err)
		require.ElementsMatch(t, slices.Collect(maps.Values(byProduct)), products)

		months, err := sales.TaxesByMonth(ctx, d, stores, p)
		require.NoError(t, err)
		require.Len(t, months, len(sold))
		taxes := 0
		for _, m := range months {
			require.Equal(t, sold[m.StoreMonth], m.Sold)
			for _, x := range m.Taxes {
				taxes++
				require.Equal(t, base[monthTax{m.StoreMonth, x.Code}], x.Base)
				require.Equal(t, amount[monthTax{m.StoreMonth, x.Code}], x.Amount)
			}
		}
		require.Len(t, base, taxes)
	})
}

// revenueOf adds up the receipts of a list.
func revenueOf(t require.TestingT, d *db.DB, f sales.ReceiptFilter) (sum money.Amount) {
	f.Limit = 1000
	page, err := sales.Receipts(ctx, d, f)
	require.NoError(t, err)
	for _, r := range page.Receipts {
		sum += r.Revenue
	}
	return sum
}

func TestReceiptsAreNarrowed(t *testing.T) {
	d := pgtest.New(t)
	var n seq
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, montreal)
	a, b := n.sale(nord, 20261122, noon, 100), n.sale(nord, 20261122, noon, 7)
	b.Lines[0].Product, b.Lines[0].Discount, b.Till = goods[1], 3, named("other till")
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return sales.Record(ctx, tx, []sales.Document{a, b}) }))
	all := sales.ReceiptFilter{Stores: []uuid.UUID{nord.ID}, Period: sales.Period{From: 20261122, To: 20261122}}
	product, till, discounts := all, all, all
	product.Product, till.Till, discounts.Only = goods[0], b.Till, sales.OnlyDiscounts
	require.EqualValues(t, 107, revenueOf(t, d, all))
	require.EqualValues(t, 100, revenueOf(t, d, product))
	require.EqualValues(t, 7, revenueOf(t, d, till))
	require.EqualValues(t, 7, revenueOf(t, d, discounts))

	// noon in Montréal; the entries of a shift are those between its ends
	hour, shift := all, all
	twelve, eleven := 12, 11
	hour.Zones, hour.Hour = []string{"America/Toronto"}, &twelve
	require.EqualValues(t, 107, revenueOf(t, d, hour))
	hour.Hour = &eleven
	require.Zero(t, revenueOf(t, d, hour))
	hour.Zones = []string{"America/Winnipeg"}
	require.EqualValues(t, 107, revenueOf(t, d, hour))
	shift.Shift = &sales.Shift{Opened: sales.Entry{Epoch: 1, Seq: a.Seq}}
	require.EqualValues(t, 7, revenueOf(t, d, shift), "it is still open")
	shift.Shift = &sales.Shift{Opened: sales.Entry{Epoch: 1}, Closed: sales.Entry{Epoch: 1, Seq: b.Seq}}
	require.EqualValues(t, 100, revenueOf(t, d, shift))
}

func TestMonthsEndWithThePeriod(t *testing.T) {
	p := sales.Period{From: 20260215, To: 20260410}
	require.Equal(t, sales.Period{From: 20260215, To: 20260228}, sales.StoreMonth{Month: 202602}.Within(p))
	require.Equal(t, sales.Period{From: 20260301, To: 20260331}, sales.StoreMonth{Month: 202603}.Within(p))
	require.Equal(t, sales.Period{From: 20260401, To: 20260410}, sales.StoreMonth{Month: 202604}.Within(p))
}
