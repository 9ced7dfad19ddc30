package api

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// TaxMonth is what a store sold in a month, and the taxes on it.
type TaxMonth struct {
	Store uuid.UUID `json:"store"`
	Month string    `json:"month" example:"2026-11" doc:"Of business dates, as far as it lies between from and to"`
	Sold  Money     `json:"sold" doc:"Before taxes, with deposits and fees"`
	Taxes []Tax     `json:"taxes"`
}

// TaxReport is the taxes to remit.
type TaxReport struct {
	From   string     `json:"from" format:"date"`
	To     string     `json:"to" format:"date"`
	Months []TaxMonth `json:"months" doc:"The earliest first; a store that sold nothing in a month is left out"`
}

// DeedCount is how often a person did something out of the ordinary, and what it came to.
type DeedCount struct {
	Deed   retail.Deed `json:"deed" example:"void-line"`
	Count  int64       `json:"count"`
	Amount Money       `json:"amount"`
}

// CashierFigures is what one person sold, gave back and took off.
type CashierFigures struct {
	User     uuid.UUID   `json:"user"`
	Tickets  int64       `json:"tickets"`
	Refunds  int64       `json:"refunds"`
	Voids    int64       `json:"voids"`
	Revenue  Money       `json:"revenue" doc:"Lines after discounts, before taxes and charges, less refunds and voids"`
	Refunded Money       `json:"refunded" doc:"The part of revenue that is refunds, never above 0"`
	Voided   Money       `json:"voided" doc:"The part of revenue that is voids, never above 0"`
	Discount Money       `json:"discount"`
	Deeds    []DeedCount `json:"deeds" doc:"What a till has noted of the person besides"`
}

// CashierReport is refunds, voids, discounts and what else is out of the ordinary, by who did it.
type CashierReport struct {
	From     string           `json:"from" format:"date"`
	To       string           `json:"to" format:"date"`
	Cashiers []CashierFigures `json:"cashiers" doc:"The most revenue first; then who sold nothing"`
}

// Drawer is a shift that was closed, as its Z says.
type Drawer struct {
	Store        uuid.UUID `json:"store"`
	Till         uuid.UUID `json:"till"`
	Epoch        int64     `json:"epoch"`
	Z            int64     `json:"z" doc:"Number of its Z in the epoch"`
	BusinessDate string    `json:"business_date" format:"date"`
	ClosedAt     time.Time `json:"closed_at"`
	ClosedBy     uuid.UUID `json:"closed_by"`
	Expected     Money     `json:"expected" doc:"What should have been in the drawer"`
	Counted      Money     `json:"counted"`
	Difference   Money     `json:"difference" doc:"Over, or short when it is below zero"`
}

// DrawerReport is what drawers were over and short.
type DrawerReport struct {
	From   string   `json:"from" format:"date"`
	To     string   `json:"to" format:"date"`
	Over   Money    `json:"over"`
	Short  Money    `json:"short" doc:"Never above 0"`
	Shifts []Drawer `json:"shifts" doc:"The last closed first"`
}

func storesOf(f sales.Filter) []uuid.UUID {
	return each(f.Stores, func(l retail.Location) uuid.UUID { return l.ID })
}

func (s *site) getTaxReport(ctx context.Context, in *struct {
	IfChanged
	Days
	InCurrency
},
) (*One[TaxReport], error) {
	f, err := s.oneCurrency(ctx, in.Days, in.InCurrency)
	if err != nil {
		return nil, err
	}
	months, err := sales.TaxesByMonth(ctx, s.DB, storesOf(f), f.Period)
	if err != nil {
		return nil, err
	}
	paid := payInAll(f.Stores)
	return ask(in.IfChanged, TaxReport{f.From.String(), f.To.String(), each(months, func(m sales.MonthTaxes) TaxMonth {
		return TaxMonth{m.Store, fmt.Sprintf("%d-%02d", m.Month/100, m.Month%100), paid(m.Sold), taxes(m.Taxes, paid)}
	})})
}

// payInAll makes amounts money of stores that are paid in one currency.
func payInAll(stores []retail.Location) func(money.Amount) Money {
	currency := paidIn(stores)
	return func(a money.Amount) Money { return Money{a, currency} }
}

func (s *site) getCashierReport(ctx context.Context, in *struct {
	IfChanged
	Days
	InCurrency
},
) (*One[CashierReport], error) {
	f, err := s.oneCurrency(ctx, in.Days, in.InCurrency)
	if err != nil {
		return nil, err
	}
	all, err := sales.ByCashier(ctx, s.DB, storesOf(f), f.Period)
	if err != nil {
		return nil, err
	}
	deeds, err := sales.DeedsByUser(ctx, s.DB, storesOf(f), f.Period)
	if err != nil {
		return nil, err
	}
	paid := payInAll(f.Stores)
	report := CashierReport{From: f.From.String(), To: f.To.String(), Cashiers: each(all, func(c sales.CashierSales) CashierFigures {
		return CashierFigures{
			c.User, c.Tickets, c.Refunds, c.Voids, paid(c.Revenue), paid(c.Refunded), paid(c.Voided), paid(c.Discount), []DeedCount{},
		}
	})}
	at := map[uuid.UUID]int{}
	for i, c := range report.Cashiers {
		at[c.User] = i
	}
	for _, d := range deeds {
		i, ok := at[d.User]
		if !ok {
			i, at[d.User] = len(report.Cashiers), len(report.Cashiers)
			nothing := paid(0)
			report.Cashiers = append(report.Cashiers, CashierFigures{User: d.User, Revenue: nothing, Refunded: nothing, Voided: nothing, Discount: nothing})
		}
		report.Cashiers[i].Deeds = append(report.Cashiers[i].Deeds, DeedCount{d.Deed, d.Count, paid(d.Amount)})
	}
	return ask(in.IfChanged, report)
}

func (s *site) getDrawerReport(ctx context.Context, in *struct {
	IfChanged
	Days
	InCurrency
},
) (*One[DrawerReport], error) {
	f, err := s.oneCurrency(ctx, in.Days, in.InCurrency)
	if err != nil {
		return nil, err
	}
	all, err := sales.Closes(ctx, s.DB, storesOf(f), f.Period)
	if err != nil {
		return nil, err
	}
	paid := payInAll(f.Stores)
	var over, short money.Amount
	shifts := each(all, func(c sales.Close) Drawer {
		over, short = over+max(c.Difference(), 0), short+min(c.Difference(), 0)
		return Drawer{
			c.Store, c.Till, c.Epoch, c.Number, c.Date.String(), c.At.UTC(), c.User, paid(c.Expected), paid(c.Counted), paid(c.Difference()),
		}
	})
	return ask(in.IfChanged, DrawerReport{f.From.String(), f.To.String(), paid(over), paid(short), shifts})
}
