package sales

import (
	"github.com/google/uuid"

	"comptant/shared/retail"
)

// Export is a report for a spreadsheet.
type Export struct {
	Report Report
	// Product names a product; nil where products are not known.
	Product func(uuid.UUID) (sku, name string)
	// Lang is "fr" or "en".
	Lang string
}

// table is one sheet before its language is known.
type table struct {
	name retail.Text
	head []retail.Text
	rows [][]any
}

// File is the stores, the days and the best sellers.
func (e Export) File() File {
	f := File{Lang: e.Lang}
	for _, t := range []table{e.stores(), e.days(), e.best()} {
		sheet := Sheet{Name: t.name.In(e.Lang), Rows: t.rows}
		for _, h := range t.head {
			sheet.Head = append(sheet.Head, h.In(e.Lang))
		}
		f.Sheets = append(f.Sheets, sheet)
	}
	return f
}

// figureHead heads what figures gives.
var figureHead = []retail.Text{
	{FR: "Revenu", EN: "Revenue"},
	{FR: "Tickets", EN: "Tickets"},
	{FR: "Panier moyen", EN: "Average basket"},
	{FR: "Unités", EN: "Units"},
	{FR: "Remboursé", EN: "Refunded"},
	{FR: "Remises", EN: "Discounts"},
	{FR: "Consignes et frais", EN: "Deposits and fees"},
	{FR: "Comptant", EN: "Cash"},
	{FR: "Carte", EN: "Card"},
	{FR: "En ligne", EN: "Online"},
	{FR: "Arrondi", EN: "Rounding"},
	{FR: "Coût", EN: "Cost"},
	{FR: "Marge", EN: "Margin"},
}

func figures(f Figures) []any {
	return []any{f.Revenue, f.Tickets, f.Basket(), f.Units, f.Refunded, f.Discount, f.Charges, f.Cash, f.Card, f.Online, f.Rounding, f.Cost, f.Margin()}
}

func (e Export) stores() table {
	t := table{
		name: retail.Text{FR: "Magasins", EN: "Stores"},
		head: append([]retail.Text{{FR: "Code", EN: "Code"}, {FR: "Magasin", EN: "Store"}}, figureHead...),
	}
	compared := e.Report.Total.Compared != nil
	if compared {
		t.head = append(t.head, retail.Text{FR: "Revenu comparé", EN: "Revenue compared"})
	}
	codes := e.Report.TaxCodes()
	for _, code := range codes {
		t.head = append(t.head, retail.Text{FR: code, EN: code})
	}
	row := func(code, name string, s Sales) {
		cells := append([]any{code, name}, figures(s.Figures)...)
		if compared {
			cells = append(cells, s.Compared.Revenue)
		}
		for _, code := range codes {
			cells = append(cells, s.TaxOf(code))
		}
		t.rows = append(t.rows, cells)
	}
	for _, s := range e.Report.Stores {
		row(s.Store.Code, s.Store.Name, s.Sales)
	}
	row("", "Total", e.Report.Total)
	return t
}

func (e Export) days() table {
	t := table{
		name: retail.Text{FR: "Jours", EN: "Days"},
		head: append([]retail.Text{{FR: "Jour", EN: "Day"}}, figureHead...),
	}
	for _, d := range e.Report.Days {
		t.rows = append(t.rows, append([]any{d.Date.String()}, figures(d.Figures)...))
	}
	return t
}

func (e Export) best() table {
	t := table{
		name: retail.Text{FR: "Meilleures ventes", EN: "Best sellers"},
		head: []retail.Text{
			{FR: "UGS", EN: "SKU"},
			{FR: "Produit", EN: "Product"},
			{FR: "Unités", EN: "Units"},
			{FR: "Revenu", EN: "Revenue"},
			{FR: "Coût", EN: "Cost"},
			{FR: "Stock restant", EN: "Remaining stock"},
		},
	}
	for _, s := range e.Report.Best {
		sku, name := "", s.Product.String()
		if e.Product != nil {
			sku, name = e.Product(s.Product)
		}
		var left any = ""
		if s.Remaining != nil {
			left = *s.Remaining
		}
		t.rows = append(t.rows, []any{sku, name, s.Units, s.Revenue, s.Cost, left})
	}
	return t
}
