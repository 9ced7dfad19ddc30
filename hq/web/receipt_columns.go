package web

import (
	"context"

	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/shared/money"
)

// receiptFigures are the figures of reports that a list of receipts can be about, by their name in the address: it has the receipts that have
// something of the figure, with columns for it where all lists have none.
var receiptFigures = map[string]struct {
	only    sales.Only
	word    string // empty where the list has all receipts
	columns func(ctx context.Context) []receiptColumn
}{
	"sales":   {only: sales.OnlySales, word: "receipts.only_sales"},
	"refunds": {only: sales.OnlyRefunds, word: "receipts.only_refunds"},
	"voids":   {only: sales.OnlyVoids, word: "receipts.only_voids"},
	"cash":    {only: sales.OnlyCash, word: "receipts.only_cash"},
	"card":    {only: sales.OnlyCard, word: "receipts.only_card"},
	"online":  {only: sales.OnlyOnline, word: "receipts.only_online"},
	"discounts": {sales.OnlyDiscounts, "receipts.only_discounts", func(ctx context.Context) []receiptColumn {
		return []receiptColumn{{
			ui.T(ctx, "figure.discount"), func(r sales.Receipt) money.Amount { return -r.Discount }, func(s sales.Sales) money.Amount { return -s.Discount },
		}}
	}},
	"charges": {only: sales.OnlyCharges, word: "receipts.only_charges"},
	"rounding": {sales.OnlyRounding, "receipts.only_rounding", func(ctx context.Context) []receiptColumn {
		return []receiptColumn{{
			ui.T(ctx, "figure.rounding"), func(r sales.Receipt) money.Amount { return r.Rounding }, func(s sales.Sales) money.Amount { return s.Rounding },
		}}
	}},
	"margin": {columns: func(ctx context.Context) []receiptColumn {
		return []receiptColumn{
			{ui.T(ctx, "figure.cost"), func(r sales.Receipt) money.Amount { return r.Cost }, func(s sales.Sales) money.Amount { return s.Cost }},
			{ui.T(ctx, "figure.margin_short"), func(r sales.Receipt) money.Amount { return r.Revenue - r.Cost }, func(s sales.Sales) money.Amount { return s.Margin() }},
		}
	}},
}

// receiptColumn is an amount in a list of receipts, and what all of them come to.
type receiptColumn struct {
	label string
	of    func(sales.Receipt) money.Amount
	sum   func(sales.Sales) money.Amount
}

// receiptColumns are the amounts of a list, from the revenue on. Those that no receipt has anything of are left out.
func receiptColumns(ctx context.Context, f sales.ReceiptFilter, figure string, sums sales.Figures) []receiptColumn {
	columns := []receiptColumn{
		{ui.T(ctx, "figure.revenue"), func(r sales.Receipt) money.Amount { return r.Revenue }, func(s sales.Sales) money.Amount { return s.Revenue }},
	}
	if more := receiptFigures[figure].columns; more != nil {
		columns = append(columns, more(ctx)...)
	}
	if f.OfGoods() { // the rest is of whole receipts
		return append(columns, receiptColumn{
			ui.T(ctx, "receipts.whole"), func(r sales.Receipt) money.Amount { return r.Total }, func(s sales.Sales) money.Amount { return s.Total },
		})
	}
	if f.Tax != "" {
		of := func(r sales.Receipt) (sum sales.Tax) {
			for _, t := range r.Taxes {
				if t.Code == f.Tax && (f.Rate == 0 || t.Rate == f.Rate) {
					sum.Base, sum.Amount = sum.Base+t.Base, sum.Amount+t.Amount
				}
			}
			return sum
		}
		name := taxName(ctx, f.Tax)
		return append(columns, receiptColumn{
			ui.T(ctx, "report.base_of", "Tax", name), func(r sales.Receipt) money.Amount { return of(r).Base },
			func(s sales.Sales) money.Amount { return of(sales.Receipt{Taxes: s.Taxes}).Base },
		}, receiptColumn{
			name, func(r sales.Receipt) money.Amount { return of(r).Amount },
			func(s sales.Sales) money.Amount { return of(sales.Receipt{Taxes: s.Taxes}).Amount },
		})
	}
	if sums.Charges != 0 {
		columns = append(columns, receiptColumn{
			ui.T(ctx, "figure.charges"), func(r sales.Receipt) money.Amount { return r.Charges }, func(s sales.Sales) money.Amount { return s.Charges },
		})
	}
	columns = append(columns,
		receiptColumn{
			ui.T(ctx, "figure.taxes"), func(r sales.Receipt) money.Amount { return r.Total - r.Revenue - r.Charges },
			func(s sales.Sales) money.Amount { return s.Collected() },
		},
		receiptColumn{ui.T(ctx, "figure.cash"), func(r sales.Receipt) money.Amount { return r.Cash }, func(s sales.Sales) money.Amount { return s.Cash }},
		receiptColumn{ui.T(ctx, "figure.card"), func(r sales.Receipt) money.Amount { return r.Card }, func(s sales.Sales) money.Amount { return s.Card }},
	)
	if sums.Online != 0 {
		columns = append(columns, receiptColumn{
			ui.T(ctx, "figure.online"), func(r sales.Receipt) money.Amount { return r.Online }, func(s sales.Sales) money.Amount { return s.Online },
		})
	}
	return columns
}

// receiptTotal is what all receipts of a list come to, those of its other pages too.
func receiptTotal(ctx context.Context, sums sales.Sales, columns []receiptColumn) []ui.Cell {
	total := []ui.Cell{
		{Text: ui.T(ctx, "report.total"), Sub: ui.T(ctx, "store.tickets", "Count", int(sums.Tickets))}, {}, {}, {Text: ui.Quantity(ctx, sums.Units)},
	}
	for _, c := range columns {
		total = append(total, ui.Cell{Text: ui.PlainMoney(ctx, c.sum(sums))})
	}
	return total
}
