package sales

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Export writes a report for a spreadsheet. Texts that come from people are never read as formulas there: what begins
// like one gets an apostrophe in CSV, and is a string cell in XLSX.
type Export struct {
	Report Report
	// Product names a product; nil where products are not known.
	Product func(uuid.UUID) (sku, name string)
	// Lang is "fr" or "en": headings, and in CSV the separators a spreadsheet of that language expects.
	Lang string
}

// table is one sheet. A cell is a string, a money.Amount, a money.Quantity or an int64.
type table struct {
	name retail.Text
	head []retail.Text
	rows [][]any
}

func (e Export) tables() []table { return []table{e.stores(), e.days(), e.best()} }

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
	{FR: "Arrondi", EN: "Rounding"},
	{FR: "Coût", EN: "Cost"},
	{FR: "Marge", EN: "Margin"},
}

func figures(f Figures) []any {
	return []any{f.Revenue, f.Tickets, f.Basket(), f.Units, f.Refunded, f.Discount, f.Charges, f.Cash, f.Card, f.Rounding, f.Cost, f.Margin()}
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

// WriteCSV writes the stores, the days and the best sellers one below the other, in UTF-8 with a byte order mark, which
// Excel needs to read accents.
func (e Export) WriteCSV(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if e.Lang == "fr" {
		out.Comma = ';'
	}
	for i, t := range e.tables() {
		lines := [][]string{{t.name.In(e.Lang)}, make([]string, len(t.head))}
		if i > 0 {
			lines = append([][]string{nil}, lines...)
		}
		for i, h := range t.head {
			lines[len(lines)-1][i] = unformula(h.In(e.Lang))
		}
		for _, row := range t.rows {
			line := make([]string, len(row))
			for i, cell := range row {
				line[i] = e.plain(cell)
			}
			lines = append(lines, line)
		}
		if err := out.WriteAll(lines); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
}

// plain is a number without thousands and with the decimal mark of the language, or a text that is no formula.
func (e Export) plain(cell any) string {
	var s string
	switch v := cell.(type) {
	case money.Amount:
		s = decimal(int64(v), 2)
	case money.Quantity:
		s = decimal(int64(v), 3)
	case int64:
		return strconv.FormatInt(v, 10)
	case string:
		return unformula(v)
	}
	if e.Lang == "fr" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// decimal writes n, which counts units of 10^-places.
func decimal(n int64, places int) string {
	sign, digits := "", strconv.FormatUint(uint64(max(n, -n)), 10)
	if n < 0 {
		sign = "-"
	}
	if short := places + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

// unformula keeps spreadsheets from computing a text (OWASP, "CSV Injection").
func unformula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

// WriteXLSX writes a sheet for each of the stores, the days and the best sellers.
func (e Export) WriteXLSX(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer f.Close()
	formats, err := e.formats(f)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for i, t := range e.tables() {
		name := t.name.In(e.Lang)
		if i == 0 {
			err = f.SetSheetName(f.GetSheetName(0), name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err == nil {
			err = t.sheet(f, name, e.Lang, formats)
		}
		if err != nil {
			return fmt.Errorf("write sheet %s: %w", name, err)
		}
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// formats are the styles of a workbook.
type formats struct{ head, amount, quantity int }

func (e Export) formats(f *excelize.File) (s formats, err error) {
	amount, quantity := "#,##0.00", "#,##0.###"
	if s.head, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return s, err
	}
	if s.amount, err = f.NewStyle(&excelize.Style{CustomNumFmt: &amount}); err != nil {
		return s, err
	}
	s.quantity, err = f.NewStyle(&excelize.Style{CustomNumFmt: &quantity})
	return s, err
}

// sheet streams the table. Numbers are numbers: cents and thousandths are exact in what a spreadsheet shows of a float.
func (t table) sheet(f *excelize.File, name, lang string, s formats) error {
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, len(t.head), 14); err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	line := make([]any, len(t.head))
	for i, h := range t.head {
		line[i] = excelize.Cell{StyleID: s.head, Value: h.In(lang)}
	}
	if err := out.SetRow("A1", line); err != nil {
		return err
	}
	for i, row := range t.rows {
		line := make([]any, len(row))
		for j, cell := range row {
			line[j] = cell
			switch v := cell.(type) {
			case money.Amount:
				line[j] = excelize.Cell{StyleID: s.amount, Value: float64(v) / 100}
			case money.Quantity:
				line[j] = excelize.Cell{StyleID: s.quantity, Value: float64(v) / float64(money.One)}
			}
		}
		if err := out.SetRow("A"+strconv.Itoa(i+2), line); err != nil {
			return err
		}
	}
	return out.Flush()
}
