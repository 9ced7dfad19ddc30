package web

import (
	"context"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/intake"
	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/shared/money"
)

// findingKeys are the words for what a verification found, and for what somebody can do about it.
var findingKeys = map[string][2]string{
	intake.FoundGap:       {"finding.gap", "finding.chain_do"},
	intake.FoundChain:     {"finding.chain", "finding.chain_do"},
	intake.FoundBytes:     {"finding.bytes", "finding.chain_do"},
	intake.FoundDecode:    {"finding.decode", "finding.chain_do"},
	intake.FoundHead:      {"finding.head", "finding.chain_do"},
	intake.FoundNoHead:    {"finding.no_head", "finding.chain_do"},
	intake.FoundBranch:    {"finding.branch", "finding.chain_do"},
	intake.FoundSignature: {"flag.signature", "flag.signature_do"},
	intake.FoundCount:     {"finding.count", "finding.tables_do"},
	intake.FoundTransfer:  {"finding.transfer", "finding.tables_do"},
	intake.FoundClock:     {"finding.clock", "finding.tables_do"},
	intake.FoundSums:      {"finding.sums", "finding.tables_do"},
	intake.FoundLevel:     {"finding.level", "finding.stock_do"},
	intake.FoundTransit:   {"finding.transit", "finding.stock_do"},
	intake.FoundMiscount:  {"finding.miscount", "finding.stock_do"},
}

// sumTables are the tables that are compared with the journals, in words.
var sumTables = map[string]string{
	sales.TableDocuments: "finding.documents", sales.TableHours: "finding.hours", sales.TableLines: "finding.lines", sales.TableProducts: "finding.products",
	sales.TableTaxes: "finding.taxes", sales.TableCharges: "finding.charges", sales.TableCashiers: "finding.cashiers",
}

// sumFigures are the figures of those tables, in words.
var sumFigures = map[string]string{
	"tickets": "figure.tickets", "refunds": "figure.refunds", "voids": "figure.voids", "units": "figure.units", "revenue": "figure.revenue",
	"refunded": "figure.refunded", "voided": "figure.voided", "discount": "figure.discount", "total": "report.total", "rounding": "figure.rounding",
	"cash": "figure.cash", "card": "figure.card", "online": "figure.online", "charges": "figure.charges", "base": "report.base", "amount": "report.tax",
}

// findingWords reads what findings name, and gives what says one in words.
func (s *site) findingWords(ctx context.Context, all []intake.Finding) (func(intake.Finding) ui.Cell, error) {
	var products, people []uuid.UUID
	for _, f := range all {
		switch {
		case f.Level != nil:
			products = append(products, f.Level.Product)
		case f.Sums != nil:
			if id, err := uuid.Parse(f.Sums.Of); err == nil {
				products, people = append(products, id), append(people, id)
			}
		}
	}
	known, err := catalog.ByID(ctx, s.DB, products)
	if err != nil {
		return nil, err
	}
	named, err := peopleOf(ctx, s.DB, people...)
	if err != nil {
		return nil, err
	}
	nameOf := func(of string) string {
		id, err := uuid.Parse(of)
		if p, ok := known[id]; ok {
			return language(ctx, p.Name)
		}
		if err != nil {
			return taxName(ctx, of)
		}
		return nameIn(named, id)
	}
	return func(f intake.Finding) ui.Cell {
		keys, ok := findingKeys[f.Code]
		if !ok { // of a later version
			return ui.Cell{Part: detailWords(nil, f.Text)}
		}
		text := ""
		switch {
		case f.Sums != nil:
			text = sumsWords(ctx, keys[0], *f.Sums, nameOf)
		case f.Level != nil:
			text = ui.T(ctx, keys[0], "Product", nameOf(f.Level.Product.String()), "Has", ui.Quantity(ctx, f.Level.Has), "Wants", ui.Quantity(ctx, f.Level.Wants))
		default:
			text = ui.T(ctx, keys[0])
		}
		return ui.Cell{Text: text, Sub: ui.T(ctx, keys[1]), Icon: ui.IconAlert, Tone: ui.ToneBad}
	}, nil
}

// sumsWords say which figure of which day is not what the journals come to.
func sumsWords(ctx context.Context, key string, d sales.Difference, nameOf func(string) string) string {
	if d.What == "times" { // a check sum, which says nothing to anybody
		return ui.T(ctx, "finding.times", "Day", ui.Date(ctx, d.Date.Time(time.UTC)))
	}
	figure := ui.T(ctx, sumFigures[d.What])
	if d.Of != "" {
		figure += " (" + nameOf(d.Of) + ")"
	}
	write := func(n int64) string { return ui.PlainMoney(ctx, money.Amount(n)) }
	switch d.What {
	case "tickets", "refunds", "voids":
		write = func(n int64) string { return ui.Number(ctx, n) }
	case "units":
		write = func(n int64) string { return ui.Quantity(ctx, money.Quantity(n)) }
	}
	return ui.T(ctx, key, "Table", ui.T(ctx, sumTables[d.Table]), "Day", ui.Date(ctx, d.Date.Time(time.UTC)),
		"Figure", figure, "Has", write(d.Has), "Wants", write(d.Wants))
}
