package printer

import (
	"strings"
	"time"
	"unicode/utf8"

	"comptant/terminal/printer/escpos"
)

// Document is what goes onto paper in one piece: a receipt, a report. A printer knows no more of it than this.
type Document struct {
	// Name is what files and the log call it; for a receipt its number.
	Name  string
	At    time.Time
	Lines []Line
	// Again is written above it on paper when a first try was broken off and a part of it may have come out.
	Again []Line
	// Barcode is printed below the lines; empty for none.
	Barcode string
}

// Line is one line of a document, at most Columns characters of the paper's page.
type Line struct {
	Text string
	Bold bool
	// Tall is twice as high, and as wide as any.
	Tall bool
}

// Paper is what a document is laid out for.
type Paper struct {
	Columns int
	Page    escpos.Page
}

// The two widths of rolls, in characters of 12 dots.
const (
	wide   = 48 // 80 mm
	narrow = 32 // 58 mm
)

// Sheet is the paper of files: a roll of 80 mm.
var Sheet = Paper{Columns: wide, Page: escpos.Latin}

func width(s string) int { return utf8.RuneCountInString(s) }

// pad puts s at the right of a column.
func pad(s string, to int) string { return strings.Repeat(" ", max(to-width(s), 0)) + s }

func cut(s string, to int) string {
	r := []rune(s)
	return string(r[:min(len(r), to)])
}

// wrap breaks s between words into lines of at most so many characters; a word that is longer is broken itself.
func wrap(s string, columns int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && width(line)+1+width(word) <= columns {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for width(word) > columns {
			lines = append(lines, cut(word, columns))
			word = string([]rune(word)[columns:])
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
