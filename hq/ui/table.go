package ui

import "github.com/a-h/templ"

// Table is a data table. Its head and its first column stay in sight; the first column names the row.
type Table struct {
	Caption string // read aloud
	Columns []Column
	Rows    []Row
	Total   []Cell          // bold last row; nil for none
	Foot    templ.Component // legend or pages below; may be nil
}

// Column heads a column.
type Column struct {
	Label    string
	Help     string // what a word alone does not say
	Figure   bool   // aligned right
	Divider  bool   // a line before it sets a group apart
	Field    bool   // to fill in: on a phone it stays in sight as the first column does
	SortHref string
	Sorted   string // "ascending", "descending" or ""
}

// Row is one line; Current marks the one shown in the side panel.
type Row struct {
	Cells   []Cell
	Current bool
	Attrs   templ.Attributes // id, hx-*
}

// Cell is one value. At most one of Change and Part is set.
type Cell struct {
	Text   string
	Sub    string // a second, muted line
	Href   string
	Icon   Icon
	Tone   Tone // tints the cell when there is an icon, colours the text otherwise
	Strong bool
	Low    bool            // underlined: below the threshold
	Change *Change         // instead of Text
	Part   templ.Component // instead of Text: buttons, fields, tags
}

func (c Column) class() string {
	class := ""
	if c.Figure {
		class = "figure"
	}
	if c.Divider {
		class += " divider"
	}
	if c.Field {
		class += " to-fill"
	}
	return class
}

func (c Cell) class() string {
	class := string(c.Tone)
	if c.Icon != "" && c.Tone != ToneNone {
		class = "tinted " + class
	}
	if c.Strong {
		class += " strong"
	}
	if c.Low {
		class += " low"
	}
	return class
}

func sortIcon(sorted string) Icon {
	if sorted == "ascending" {
		return IconUp
	}
	return IconDown
}
