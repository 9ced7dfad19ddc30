package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
	add(s, users.ReadSales, huma.Operation{
		Method: http.MethodGet, Path: "/reports/sales", OperationID: "get-sales-report", Summary: "Consolidated sales by store and day", Tags: []string{tagSales},
	}, s.getReport)
}

func (s *site) getReport(ctx context.Context, in *struct {
	IfChanged
	Days
},
) (*One[Report], error) {
	_, stores, err := s.counter(ctx)
	if err != nil {
		return nil, err
	}
	f, err := s.filter(in.Days, stores)
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
		currency := currencyOf(stores...)
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
