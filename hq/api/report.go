package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Figures are what documents come to. Refunds count against everything but tickets, voids against everything.
type Figures struct {
	Tickets  int64          `json:"tickets"`
	Refunds  int64          `json:"refunds"`
	Voids    int64          `json:"voids"`
	Units    money.Quantity `json:"units" doc:"Thousandths"`
	Revenue  Money          `json:"revenue" doc:"Lines after discounts, before taxes and charges, less refunds"`
	Refunded Money          `json:"refunded" doc:"The part of revenue that is refunds, never above 0"`
	Discount Money          `json:"discount"`
	Cost     Money          `json:"cost"`
	Margin   Money          `json:"margin"`
	Basket   Money          `json:"basket" doc:"Revenue of an average ticket"`
	Charges  Money          `json:"charges"`
	Total    Money          `json:"total" doc:"With charges and taxes"`
	Rounding Money          `json:"rounding"`
	Cash     Money          `json:"cash"`
	Card     Money          `json:"card"`
	Online   Money          `json:"online" doc:"Paid to the shop"`
}

// StoreFigures is what one store sold.
type StoreFigures struct {
	Store uuid.UUID `json:"store"`
	Figures
	Taxes []Tax `json:"taxes"`
}

// DayFigures is what the stores sold on a day.
type DayFigures struct {
	Date string `json:"date" format:"date"`
	Figures
}

// BestSeller is a product and what was sold of it.
type BestSeller struct {
	Product   uuid.UUID       `json:"product"`
	Units     money.Quantity  `json:"units" doc:"Thousandths"`
	Revenue   Money           `json:"revenue"`
	Cost      Money           `json:"cost"`
	Remaining *money.Quantity `json:"remaining,omitempty" doc:"What these stores have left, in thousandths; absent for a product that holds no stock"`
}

// Report is the consolidated sales of stores over days.
type Report struct {
	From   string         `json:"from" format:"date"`
	To     string         `json:"to" format:"date"`
	Total  Figures        `json:"total"`
	Taxes  []Tax          `json:"taxes"`
	Stores []StoreFigures `json:"stores" doc:"Also those that sold nothing"`
	Days   []DayFigures   `json:"days" doc:"All days, also those on which nothing was sold"`
	Best   []BestSeller   `json:"best" doc:"The products with the most revenue"`
}

func figures(f sales.Figures, in func(money.Amount) Money) Figures {
	return Figures{
		f.Tickets, f.Refunds, f.Voids, f.Units, in(f.Revenue), in(f.Refunded), in(f.Discount), in(f.Cost), in(f.Margin()), in(f.Basket()),
		in(f.Charges), in(f.Total), in(f.Rounding), in(f.Cash), in(f.Card), in(f.Online),
	}
}

func (s *site) reportOperations() {
	op := func(path, id, summary string) huma.Operation {
		return huma.Operation{Method: http.MethodGet, Path: path, OperationID: id, Summary: summary, Tags: []string{tagSales}}
	}
	add(s, users.ReadSales, op("/sales/reports", "get-sales-report", "Consolidated sales by store and day"), s.getReport)
	add(s, users.ReadSales, op("/sales/reports/breakdown", "get-sales-breakdown", "Sales of each store, day, category, product, by each cashier or paid in each way"), s.getBreakdown)
	add(s, users.ReadSales, op("/sales/reports/taxes", "get-tax-report", "Taxes to remit, by month and store"), s.getTaxReport)
	add(s, users.ReadSales, op("/sales/reports/cashiers", "get-cashier-report", "Refunds, voids, discounts and what else is out of the ordinary, by who did it"), s.getCashierReport)
	add(s, users.ReadSales, op("/sales/reports/drawers", "get-drawer-report", "What drawers were over and short, shift by shift"), s.getDrawerReport)
}

// Part is one part of a breakdown; id, date and paid_by say which.
type Part struct {
	ID      *uuid.UUID     `json:"id,omitempty" doc:"Of the store, category, product or cashier; absent for sales of products without a category"`
	Date    string         `json:"date,omitempty" format:"date"`
	PaidBy  string         `json:"paid_by,omitempty" enum:"cash,card,mixed,online" doc:"mixed is cash and card together"`
	Units   money.Quantity `json:"units" doc:"Thousandths"`
	Revenue Money          `json:"revenue" doc:"Lines after discounts, before taxes and charges, less refunds"`
	Cost    Money          `json:"cost"`
	Margin  Money          `json:"margin"`
}

// Breakdown is sales in parts.
type Breakdown struct {
	From  string `json:"from" format:"date"`
	To    string `json:"to" format:"date"`
	Each  string `json:"each"`
	Parts []Part `json:"parts" doc:"Days in their order, of all else the most revenue first"`
}

func (s *site) getBreakdown(ctx context.Context, in *struct {
	IfChanged
	Days
	InCurrency
	Each     string    `query:"each" required:"true" enum:"store,day,category,product,cashier,tender" doc:"Of what each part is"`
	Category uuid.UUID `query:"category" doc:"Only products of this category"`
	Product  uuid.UUID `query:"product" doc:"Only this product"`
	Cashier  uuid.UUID `query:"cashier" doc:"Only what this person sold"`
	Limit    int       `query:"limit" minimum:"1" maximum:"100000" doc:"Only so many parts, the first ones"`
	PaidBy   string    `query:"paid_by" enum:"cash,card,mixed,online" doc:"Only receipts paid so"`
},
) (*One[Breakdown], error) {
	f, err := s.oneCurrency(ctx, in.Days, in.InCurrency)
	if err != nil {
		return nil, err
	}
	cut := sales.Cut{
		Stores: each(f.Stores, func(l retail.Location) uuid.UUID { return l.ID }), Period: f.Period,
		Narrowing: sales.Narrowing{Category: in.Category, Product: in.Product, Cashier: in.Cashier, PaidBy: sales.PaidBy(in.PaidBy)},
	}
	if in.Category != uuid.Nil || sales.Each(in.Each) == sales.EachCategory {
		if cut.CategoryOf, err = catalog.CategoryOf(ctx, s.DB); err != nil {
			return nil, err
		}
	}
	parts, err := sales.Breakdown(ctx, s.DB, cut, sales.Each(in.Each))
	if err != nil {
		return nil, err
	}
	if in.Limit > 0 {
		parts = parts[:min(in.Limit, len(parts))]
	}
	currency := paidIn(f.Stores)
	return ask(in.IfChanged, Breakdown{
		From: f.From.String(), To: f.To.String(), Each: in.Each,
		Parts: each(parts, func(v sales.Slice) Part {
			p := Part{
				PaidBy: string(v.PaidBy), Units: v.Units, Revenue: Money{v.Revenue, currency}, Cost: Money{v.Cost, currency},
				Margin: Money{v.Revenue - v.Cost, currency},
			}
			if v.ID != uuid.Nil {
				p.ID = &v.ID
			}
			if v.Date != 0 {
				p.Date = v.Date.String()
			}
			return p
		}),
	})
}

// InCurrency chooses stores by what is paid there: amounts in different currencies are never added up.
type InCurrency struct {
	Currency string `query:"currency" minLength:"3" maxLength:"3" doc:"Only stores paid in it (ISO 4217); to be said where stores are paid in several"`
}

// oneCurrency is what the days say, of stores that are all paid in one currency.
func (s *site) oneCurrency(ctx context.Context, d Days, in InCurrency) (f sales.Filter, err error) {
	var stores []retail.Location
	if l, err := s.location(ctx, d.Store); err == nil && l.Kind == retail.LocationStore {
		stores = []retail.Location{l}
	} else if stores, err = sales.Sellers(ctx, s.DB); err != nil {
		return f, err
	}
	if f, err = s.filter(d, stores); err != nil {
		return f, err
	}
	f.Stores, err = sales.InOneCurrency(f.Stores, in.Currency)
	return f, err
}

func (s *site) getReport(ctx context.Context, in *struct {
	IfChanged
	Days
	InCurrency
},
) (*One[Report], error) {
	f, err := s.oneCurrency(ctx, in.Days, in.InCurrency)
	if err != nil {
		return nil, err
	}
	var report sales.Report
	// As of one moment, so that its parts agree while stores sell.
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = s.DB.InTxOptions(ctx, options, func(tx *db.Tx) error {
		report, err = sales.ReadReport(ctx, tx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, reportOf(report))
}

func reportOf(r sales.Report) Report {
	money := func(stores ...retail.Location) func(money.Amount) Money {
		currency := paidIn(stores)
		return func(a money.Amount) Money { return Money{a, currency} }
	}
	all := money(r.Filter.Stores...)
	return Report{
		From: r.Filter.From.String(), To: r.Filter.To.String(), Total: figures(r.Total.Figures, all), Taxes: taxes(r.Total.Taxes, all),
		Stores: each(r.Stores, func(s sales.StoreSales) StoreFigures {
			in := money(s.Store)
			return StoreFigures{s.Store.ID, figures(s.Figures, in), taxes(s.Taxes, in)}
		}),
		Days: each(r.Days, func(d sales.DaySales) DayFigures { return DayFigures{d.Date.String(), figures(d.Figures, all)} }),
		Best: each(r.Best, func(b sales.ProductSales) BestSeller {
			return BestSeller{b.Product, b.Units, all(b.Revenue), all(b.Cost), b.Remaining}
		}),
	}
}
