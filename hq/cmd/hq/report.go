package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/server"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

type reportCmd struct {
	Sales reportSalesCmd `cmd:"" help:"Consolidated sales by store over a period."`
	Stock reportStockCmd `cmd:"" help:"Stock of every product at every location."`
	Deeds reportDeedsCmd `cmd:"" help:"Discounts, other prices, voided lines and opened drawers, by store and reason."`
}

// period is what a report is about.
type period struct {
	From string `required:"" placeholder:"2026-11-01" help:"First business day."`
	To   string `required:"" placeholder:"2026-11-30" help:"Last business day."`
}

func (p period) dates() (from, to retail.Date, err error) {
	if from, err = retail.ParseDate(p.From); err != nil {
		return 0, 0, err
	}
	to, err = retail.ParseDate(p.To)
	return from, to, err
}

type reportSalesCmd struct {
	period
	Currency string `placeholder:"CAD" help:"Only stores paid in it. To be said where stores are paid in several: they are never added up."`
	JSON     bool   `name:"json" help:"Print JSON; money in cents, quantities in thousandths."`
}

// salesRow is a store's figures as scripts read them.
type salesRow struct {
	Code     string         `json:"code,omitempty"`
	Name     string         `json:"name"`
	Revenue  money.Amount   `json:"revenue_cents"`
	Tickets  int64          `json:"tickets"`
	Refunds  int64          `json:"refunds"`
	Voids    int64          `json:"voids"`
	Units    money.Quantity `json:"units_thousandths"`
	Refunded money.Amount   `json:"refunded_cents"`
	Discount money.Amount   `json:"discount_cents"`
	Charges  money.Amount   `json:"charges_cents"`
	Taxes    money.Amount   `json:"taxes_cents"`
	Rounding money.Amount   `json:"rounding_cents"`
	Cash     money.Amount   `json:"cash_cents"`
	Card     money.Amount   `json:"card_cents"`
	Online   money.Amount   `json:"online_cents"`
	Cost     money.Amount   `json:"cost_cents"`
}

func newSalesRow(code, name string, f sales.Sales) salesRow {
	var taxes money.Amount
	for _, t := range f.Taxes {
		taxes += t.Amount
	}
	return salesRow{
		Code: code, Name: name, Revenue: f.Revenue, Tickets: f.Tickets, Refunds: f.Refunds, Voids: f.Voids, Units: f.Units, Refunded: f.Refunded,
		Discount: f.Discount, Charges: f.Charges, Taxes: taxes, Rounding: f.Rounding, Cash: f.Cash, Card: f.Card, Online: f.Online, Cost: f.Cost,
	}
}

func (r reportSalesCmd) Run(ctx context.Context, c *cli) error {
	from, to, err := r.dates()
	if err != nil {
		return err
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	stores, err := sales.Sellers(ctx, s)
	if err != nil {
		return err
	}
	if stores, err = sales.InOneCurrency(stores, r.Currency); err != nil {
		return err
	}
	report, err := sales.ReadReport(ctx, s, sales.Filter{Stores: stores, Period: sales.Period{From: from, To: to}})
	if err != nil {
		return err
	}
	rows := make([]salesRow, len(report.Stores))
	for i, st := range report.Stores {
		rows[i] = newSalesRow(st.Store.Code, st.Store.Name, st.Sales)
	}
	total := newSalesRow("", "Total", report.Total)
	if r.JSON {
		return json.NewEncoder(os.Stdout).Encode(struct {
			From   string     `json:"from"`
			To     string     `json:"to"`
			Stores []salesRow `json:"stores"`
			Total  salesRow   `json:"total"`
		}{r.From, r.To, rows, total})
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "STORE\tREVENUE\tTICKETS\tUNITS\tREFUNDED\tCHARGES\tTAXES\tCASH\tCARD\tONLINE\tROUNDING\t")
	for _, row := range append(rows, total) {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", row.Name, row.Revenue.Plain("en"), row.Tickets, row.Units.Format("en"),
			row.Refunded.Plain("en"), row.Charges.Plain("en"), row.Taxes.Plain("en"), row.Cash.Plain("en"), row.Card.Plain("en"), row.Online.Plain("en"), row.Rounding.Plain("en"))
	}
	return w.Flush()
}

type reportStockCmd struct {
	JSON bool `name:"json" help:"Print JSON; quantities in thousandths."`
}

// stockRow is a level as scripts read it.
type stockRow struct {
	Location  string         `json:"location"`
	SKU       string         `json:"sku"`
	OnHand    money.Quantity `json:"on_hand_thousandths"`
	InTransit money.Quantity `json:"in_transit_thousandths"`
	ChangedAt time.Time      `json:"changed_at"`
}

func (r reportStockCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	rows, err := stockRows(ctx, s)
	if err != nil {
		return err
	}
	if r.JSON {
		return json.NewEncoder(os.Stdout).Encode(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOCATION\tSKU\tON HAND\tIN TRANSIT")
	for _, row := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", row.Location, row.SKU, row.OnHand.Format("en"), row.InTransit.Format("en"))
	}
	return w.Flush()
}

// stockRows reads the levels a page of products at a time, by location's order and SKU within a page.
func stockRows(ctx context.Context, s *server.Store) ([]stockRow, error) {
	locations, err := stock.Locations(ctx, s)
	if err != nil {
		return nil, err
	}
	rows := []stockRow{}
	for filter := (catalog.Filter{Lang: "en", Limit: 500}); ; {
		page, err := catalog.Search(ctx, s, filter)
		if err != nil {
			return nil, err
		}
		ids := make([]uuid.UUID, len(page.Products))
		for i, p := range page.Products {
			ids[i] = p.ID
		}
		matrix, err := stock.Matrix(ctx, s, ids)
		if err != nil {
			return nil, err
		}
		for i, m := range matrix {
			for _, l := range locations {
				if cell, ok := m.At[l.ID]; ok {
					rows = append(rows, stockRow{
						Location: l.Code, SKU: page.Products[i].SKU, OnHand: cell.OnHand, InTransit: cell.InTransit, ChangedAt: cell.ChangedAt,
					})
				}
			}
		}
		if filter.After = page.Next; page.Next == "" {
			return slices.Clip(rows), nil
		}
	}
}
