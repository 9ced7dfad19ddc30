package sales_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
	"comptant/shared/retail"
)

// Whatever is asked, each part of a breakdown is the sum of the lines that belong to it, whichever table it was read from.
func TestABreakdownIsTheSumOfTheLines(t *testing.T) {
	d := pgtest.New(t)
	days := []retail.Date{20261028, 20261031, 20261130}
	category := map[uuid.UUID]uuid.UUID{}
	for i, product := range goods[:len(goods)-1] { // the last has none
		category[product] = named([]string{"dry", "fresh"}[i%2])
	}
	read := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		_, err := d.Exec(ctx, `TRUNCATE sales.document, sales.line, sales.hourly, sales.daily_product, sales.daily_tax, sales.daily_charge, sales.daily_cashier`)
		require.NoError(t, err)
		var n seq
		var documents []sales.Document
		for range rapid.IntRange(0, 20).Draw(t, "documents") {
			doc := n.document(t, rapid.SampledFrom(shops).Draw(t, "store"), days)
			doc.User = rapid.SampledFrom(cashiers).Draw(t, "cashier")
			documents = append(documents, doc)
		}
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return sales.Record(ctx, tx, documents) }))
		for range 12 {
			some := func(of []uuid.UUID, name string) uuid.UUID {
				return rapid.SampledFrom(append([]uuid.UUID{uuid.Nil, uuid.Nil}, of...)).Draw(t, name)
			}
			cut := sales.Cut{
				Stores: rapid.SampledFrom([][]uuid.UUID{{nord.ID, sud.ID}, {sud.ID}}).Draw(t, "stores"), Period: sales.Period{From: 20261029, To: 20261130},
				Narrowing: sales.Narrowing{
					CategoryOf: category, Category: some([]uuid.UUID{named("dry"), named("fresh")}, "category"), Product: some(goods, "product"), Cashier: some(cashiers, "cashier"),
					PaidBy: rapid.SampledFrom(append(sales.WaysToPay, "", "")).Draw(t, "paid by"),
				},
			}
			each := rapid.SampledFrom(sales.Breakdowns).Draw(t, "each")
			got, err := sales.Breakdown(ctx, d, cut, each)
			require.NoError(t, err)
			want := broken(documents, cut, each)
			require.ElementsMatch(t, want, got, "%s of %+v", each, cut)
			for i := range got[:max(len(got)-1, 0)] {
				if each == sales.EachDay {
					require.Less(t, got[i].Date, got[i+1].Date)
				} else {
					require.GreaterOrEqual(t, got[i].Revenue, got[i+1].Revenue)
				}
			}
			read[string(each)] += len(got)
		}
	})
	for _, each := range sales.Breakdowns {
		require.NotZero(t, read[string(each)], each)
	}
}

// A report is planned for the stores, days and products it is of, however often it was asked for: a plan for any of them may read a year one
// product at a time. What a dashboard shows of a store all the time keeps its plan.
func TestReportsArePlannedForWhatTheyAsk(t *testing.T) {
	conn, err := pgtest.New(t).Acquire(ctx)
	require.NoError(t, err)
	defer conn.Release()
	year := sales.Period{From: 20251201, To: 20261130}
	for range 8 {
		for _, each := range sales.Breakdowns {
			for _, narrowed := range []sales.Narrowing{{}, {Product: goods[0]}, {Cashier: cashiers[0]}} {
				_, err := sales.Breakdown(ctx, conn, sales.Cut{Stores: []uuid.UUID{nord.ID, sud.ID}, Period: year, Narrowing: narrowed}, each)
				require.NoError(t, err)
			}
		}
		_, err := sales.Breakdown(ctx, conn, sales.Cut{Stores: []uuid.UUID{nord.ID}, Period: year}, sales.EachDay)
		require.NoError(t, err)
	}
	rows, err := conn.Query(ctx, `SELECT statement FROM pg_prepared_statements WHERE generic_plans > 0 AND statement LIKE $1`, "%FROM sales.%")
	require.NoError(t, err)
	kept, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Len(t, kept, 1, "%v", kept)
	require.Contains(t, kept[0], "d.store_id = $3")
}

// broken breaks documents down one line at a time.
func broken(documents []sales.Document, c sales.Cut, each sales.Each) []sales.Slice {
	parts := map[sales.Slice]sales.Slice{}
	for _, doc := range documents {
		paid := sales.PaidCash
		switch {
		case doc.Online != 0:
			paid = sales.PaidOnline
		case doc.Cash != 0 && doc.Card != 0:
			paid = sales.PaidMixed
		case doc.Card != 0:
			paid = sales.PaidCard
		}
		if !slices.Contains(c.Stores, doc.Store) || doc.BusinessDate < c.From || doc.BusinessDate > c.To ||
			c.Cashier != uuid.Nil && doc.User != c.Cashier || c.PaidBy != "" && paid != c.PaidBy {
			continue
		}
		for _, l := range doc.Lines {
			if c.Product != uuid.Nil && l.Product != c.Product || c.Category != uuid.Nil && c.CategoryOf[l.Product] != c.Category {
				continue
			}
			key := map[sales.Each]sales.Slice{
				sales.EachStore: {ID: doc.Store}, sales.EachDay: {Date: doc.BusinessDate}, sales.EachCategory: {ID: c.CategoryOf[l.Product]},
				sales.EachProduct: {ID: l.Product}, sales.EachCashier: {ID: doc.User}, sales.EachTender: {PaidBy: paid},
			}[each]
			sum := parts[key]
			sum.ID, sum.Date, sum.PaidBy = key.ID, key.Date, key.PaidBy
			sum.Units, sum.Revenue, sum.Cost = sum.Units+l.Quantity, sum.Revenue+l.Revenue, sum.Cost+l.Cost
			parts[key] = sum
		}
	}
	var all []sales.Slice
	for _, s := range parts {
		all = append(all, s)
	}
	return all
}

func TestABreakdownRefusesWhatNobodyCanMean(t *testing.T) {
	d := pgtest.New(t)
	for _, ask := range []struct {
		cut  sales.Cut
		each sales.Each
	}{
		{sales.Cut{Period: sales.Period{From: 20261130, To: 20261101}}, sales.EachDay},
		{sales.Cut{}, sales.EachDay},
		{sales.Cut{Period: sales.Period{From: 20261101, To: 20261130}}, "weather"},
	} {
		_, err := sales.Breakdown(ctx, d, ask.cut, ask.each)
		var known *retail.Error
		require.ErrorAs(t, err, &known)
		require.Equal(t, retail.Invalid, known.Code)
	}
}
