package sales

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// File is tables for a spreadsheet. Texts that come from people are never read as formulas there: what begins like one
// gets an apostrophe in CSV, and is a string cell in XLSX.
type File struct {
	Sheets []Sheet
	// Lang is "fr" or "en": in CSV the separators a spreadsheet of that language expects.
	Lang string
}

// Sheet is one table. A cell is a string, a money.Amount, a money.Quantity, a Share, a retail.Date or an int64; nil for nothing.
type Sheet struct {
	Name string // 31 characters at most; empty in a CSV file of one table, which then begins with its head
	Head []string
	Rows [][]any
}

// Share is a part of a whole, in thousandths.
type Share int64

// WriteCSV writes the sheets one below the other, in UTF-8 with a byte order mark, which
// Excel needs to read accents.
func (f File) WriteCSV(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if f.Lang == "fr" {
		out.Comma = ';'
	}
	for i, t := range f.Sheets {
		var lines [][]string
		if i > 0 {
			lines = append(lines, nil)
		}
		if t.Name != "" {
			lines = append(lines, []string{unformula(t.Name)})
		}
		head := make([]string, len(t.Head))
		for i, h := range t.Head {
			head[i] = unformula(h)
		}
		lines = append(lines, head)
		for _, row := range t.Rows {
			line := make([]string, len(row))
			for i, cell := range row {
				line[i] = f.plain(cell)
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
func (f File) plain(cell any) string {
	var s string
	switch v := cell.(type) {
	case money.Amount:
		s = decimal(int64(v), 2)
	case money.Quantity:
		s = decimal(int64(v), 3)
	case Share:
		s = decimal(int64(v), 1) + " %"
	case int64:
		return strconv.FormatInt(v, 10)
	case retail.Date:
		return v.String()
	case string:
		return unformula(v)
	}
	if f.Lang == "fr" {
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

// WriteXLSX writes them as the sheets of a workbook.
func (f File) WriteXLSX(w io.Writer) (err error) {
	book := excelize.NewFile()
	defer book.Close()
	formats, err := newFormats(book)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for i, t := range f.Sheets {
		if i == 0 {
			err = book.SetSheetName(book.GetSheetName(0), t.Name)
		} else {
			_, err = book.NewSheet(t.Name)
		}
		if err == nil {
			err = t.write(book, formats)
		}
		if err != nil {
			return fmt.Errorf("write sheet %s: %w", t.Name, err)
		}
	}
	if _, err := book.WriteTo(w); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// formats are the styles of a workbook.
type formats struct{ head, amount, quantity, share int }

func newFormats(f *excelize.File) (s formats, err error) {
	amount, quantity, share := "#,##0.00", "#,##0.###", "0.0%"
	if s.head, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return s, err
	}
	if s.amount, err = f.NewStyle(&excelize.Style{CustomNumFmt: &amount}); err != nil {
		return s, err
	}
	if s.share, err = f.NewStyle(&excelize.Style{CustomNumFmt: &share}); err != nil {
		return s, err
	}
	s.quantity, err = f.NewStyle(&excelize.Style{CustomNumFmt: &quantity})
	return s, err
}

// write streams the table. Numbers are numbers: cents and thousandths are exact in what a spreadsheet shows of a float.
func (t Sheet) write(f *excelize.File, s formats) error {
	out, err := f.NewStreamWriter(t.Name)
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, len(t.Head), 14); err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	line := make([]any, len(t.Head))
	for i, h := range t.Head {
		line[i] = excelize.Cell{StyleID: s.head, Value: h}
	}
	if err := out.SetRow("A1", line); err != nil {
		return err
	}
	for i, row := range t.Rows {
		line := make([]any, len(row))
		for j, cell := range row {
			line[j] = cell
			switch v := cell.(type) {
			case money.Amount:
				line[j] = excelize.Cell{StyleID: s.amount, Value: float64(v) / 100}
			case money.Quantity:
				line[j] = excelize.Cell{StyleID: s.quantity, Value: float64(v) / float64(money.One)}
			case Share:
				line[j] = excelize.Cell{StyleID: s.share, Value: float64(v) / 1000}
			case retail.Date:
				line[j] = v.String()
			}
		}
		if err := out.SetRow("A"+strconv.Itoa(i+2), line); err != nil {
			return err
		}
	}
	return out.Flush()
}
