package emulator

import "strings"

// Strip is a piece of paper, from cut to cut.
type Strip struct {
	Columns int
	Items   []Item
}

// Item is one thing on it: a line of text, a barcode, a picture, or the cut.
type Item struct {
	Cells   []Cell
	Barcode *Barcode
	Picture *Picture
	Knife   bool
	Align   Align
}

// Align is where an item stands.
type Align byte

// Cell is a character and how it looks.
type Cell struct {
	Rune             rune
	Bold, Wide, Tall bool
}

// Barcode is what a scanner would read, and how large it is.
type Barcode struct {
	Code           string
	Module, Height int
}

// Picture is dots, eight in a byte.
type Picture struct {
	Stride int
	Bits   []byte
}

// Lines are the lines of text, without what is drawn.
func (s Strip) Lines() []string {
	var lines []string
	for _, i := range s.Items {
		if i.Barcode == nil && i.Picture == nil && !i.Knife {
			lines = append(lines, text(i.Cells))
		}
	}
	return lines
}

// Barcodes are what a scanner reads on it.
func (s Strip) Barcodes() []string {
	var codes []string
	for _, i := range s.Items {
		if i.Barcode != nil {
			codes = append(codes, i.Barcode.Code)
		}
	}
	return codes
}

// Text is the lines one below the other.
func (s Strip) Text() string { return strings.Join(s.Lines(), "\n") }

func text(cells []Cell) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteRune(c.Rune)
	}
	return b.String()
}

func width(cells []Cell) int {
	n := len(cells)
	for _, c := range cells {
		if c.Wide {
			n++
		}
	}
	return n
}
