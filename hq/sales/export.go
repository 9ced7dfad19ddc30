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

// exported are the figures of the sheets. Those of whole documents are left out where parts of them are meant.
var exported = []struct {
	head  retail.Text
	whole bool
	of    func(Figures) any
}{
	{retail.Text{FR: "Revenu", EN: "Revenue"}, false, func(f Figures) any { return f.Revenue }},
	{retail.Text{FR: "Tickets", EN: "Tickets"}, false, func(f Figures) any { return f.Tickets }},
	{retail.Text{FR: "Panier moyen", EN: "Average basket"}, false, func(f Figures) any { return f.Basket() }},
	{retail.Text{FR: "Unités", EN: "Units"}, false, func(f Figures) any { return f.Units }},
	{retail.Text{FR: "Remboursé", EN: "Refunded"}, false, func(f Figures) any { return f.Refunded }},
	{retail.Text{FR: "Remises", EN: "Discounts"}, false, func(f Figures) any { return f.Discount }},
	{retail.Text{FR: "Consignes et frais", EN: "Deposits and fees"}, true, func(f Figures) any { return f.Charges }},
	{retail.Text{FR: "Comptant", EN: "Cash"}, true, func(f Figures) any { return f.Cash }},
	{retail.Text{FR: "Carte", EN: "Card"}, true, func(f Figures) any { return f.Card }},
	{retail.Text{FR: "En ligne", EN: "Online"}, true, func(f Figures) any { return f.Online }},
	{retail.Text{FR: "Arrondi", EN: "Rounding"}, true, func(f Figures) any { return f.Rounding }},
	{retail.Text{FR: "Coût", EN: "Cost"}, false, func(f Figures) any { return f.Cost }},
	{retail.Text{FR: "Marge", EN: "Margin"}, false, func(f Figures) any { return f.Margin() }},
}

func (e Export) figureHead() (head []retail.Text) {
	for _, x := range exported {
		if !x.whole || !e.Report.Filter.OfGoods() {
			head = append(head, x.head)
		}
	}
	return head
}

func (e Export) figures(f Figures) (cells []any) {
	for _, x := range exported {
		if !x.whole || !e.Report.Filter.OfGoods() {
			cells = append(cells, x.of(f))
		}
	}
	return cells
}

func (e Export) stores() table {
	t := table{
		name: retail.Text{FR: "Magasins", EN: "Stores"},
		head: append([]retail.Text{{FR: "Code", EN: "Code"}, {FR: "Magasin", EN: "Store"}}, e.figureHead()...),
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
		cells := append([]any{code, name}, e.figures(s.Figures)...)
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
		head: append([]retail.Text{{FR: "Jour", EN: "Day"}}, e.figureHead()...),
	}
	for _, d := range e.Report.Days {
		t.rows = append(t.rows, append([]any{d.Date.String()}, e.figures(d.Figures)...))
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
