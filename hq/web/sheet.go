package web

import (
	"context"
	"time"

	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// sheet is a table of a report: the page and the files are written from the same one.
type sheet struct {
	title   string
	columns []column
	rows    [][]cell
	total   []cell // nil for none
	// most is how many rows the page shows; 0 for all. Files have them all.
	most int
}

// column heads a column. One of names may have something below each name on the page, which is a column of its own in files.
type column struct {
	label, below string
	text         bool // aligned left
	file         string
}

// cell is one value: a string, a money.Amount, a money.Quantity, a sales.Share, a retail.Date or an int64; nil for nothing.
type cell struct {
	value any
	href  string
	below string
	icon  ui.Icon
	tone  ui.Tone
	// now makes the value what it is compared with: the page shows the change, files the value.
	now *int64
}

// figures are cells that lead to the same place.
func figures(href string, values ...any) []cell {
	cells := make([]cell, len(values))
	for i, v := range values {
		cells[i] = cell{value: v, href: href}
	}
	return cells
}

// compared is the change from what there was before; nil when nothing is compared.
func compared(now int64, before any) cell { return cell{value: before, now: &now} }

func (c cell) shown(ctx context.Context) ui.Cell {
	shown := ui.Cell{Href: c.href, Sub: c.below, Icon: c.icon, Tone: c.tone, Text: dash}
	if c.now != nil {
		var before int64
		switch v := c.value.(type) {
		case money.Amount:
			before = int64(v)
		case int64:
			before = v
		}
		if change := ui.ChangeOf(ctx, *c.now, before); change != nil {
			return ui.Cell{Change: change}
		}
		return shown
	}
	switch v := c.value.(type) {
	case string:
		shown.Text = v
	case money.Amount:
		shown.Text = ui.PlainMoney(ctx, v)
	case money.Quantity:
		shown.Text = ui.Quantity(ctx, v)
	case sales.Share:
		shown.Text = ui.Percent(ctx, int64(v))
	case int64:
		shown.Text = ui.Number(ctx, v)
	case retail.Date:
		shown.Text = ui.Date(ctx, v.Time(time.UTC))
	}
	return shown
}

// table is the sheet on a page.
func (s sheet) table(ctx context.Context) ui.Table {
	t := ui.Table{Caption: s.title}
	for _, c := range s.columns {
		t.Columns = append(t.Columns, ui.Column{Label: c.label, Figure: !c.text})
	}
	cells := func(row []cell) []ui.Cell {
		shown := make([]ui.Cell, len(row))
		for i, c := range row {
			shown[i] = c.shown(ctx)
		}
		return shown
	}
	rows := s.rows
	if s.most > 0 && len(rows) > s.most {
		rows = rows[:s.most]
		t.Foot = ui.Remark(ui.Tag{Icon: ui.IconInfo, Text: ui.T(ctx, "report.first", "Shown", ui.Number(ctx, int64(s.most)), "Count", len(s.rows))})
	}
	for _, row := range rows {
		t.Rows = append(t.Rows, ui.Row{Cells: cells(row)})
	}
	if s.total != nil {
		t.Total = cells(s.total)
	}
	return t
}

// file is the sheet in a file.
func (s sheet) file() sales.Sheet {
	f := sales.Sheet{Name: s.title}
	for _, c := range s.columns {
		label := c.label
		if c.file != "" {
			label = c.file
		}
		f.Head = append(f.Head, label)
		if c.below != "" {
			f.Head = append(f.Head, c.below)
		}
	}
	rows := s.rows
	if s.total != nil {
		rows = append(rows[:len(rows):len(rows)], s.total)
	}
	for _, row := range rows {
		var line []any
		for i, c := range row {
			line = append(line, c.value)
			if s.columns[i].below != "" {
				line = append(line, c.below)
			}
		}
		f.Rows = append(f.Rows, line)
	}
	return f
}
