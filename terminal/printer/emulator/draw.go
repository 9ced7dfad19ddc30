package emulator

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// A character of font A, in dots; the margin is paper that cannot be printed on.
const (
	cellWidth  = 12
	cellHeight = 24
	lineFeed   = 30
	margin     = 32
)

// PNG draws the strip as it would hang from the printer, for a person to look at.
func (s Strip) PNG(w io.Writer) error {
	regular, err := face(gomono.TTF)
	if err != nil {
		return err
	}
	bold, err := face(gomonobold.TTF)
	if err != nil {
		return err
	}
	height := 2 * margin
	for _, i := range s.Items {
		height += i.height()
	}
	paper := image.NewGray(image.Rect(0, 0, s.Columns*cellWidth+2*margin, height))
	draw.Draw(paper, paper.Bounds(), image.White, image.Point{}, draw.Src)
	y := margin
	for _, i := range s.Items {
		x := margin + (s.Columns*cellWidth-i.width())*int(i.Align)/2
		switch {
		case i.Picture != nil:
			i.Picture.draw(paper, x, y)
		case i.Barcode != nil:
			if err := i.Barcode.draw(paper, x, y); err != nil {
				return err
			}
		case i.Knife:
			for x := 0; x < paper.Bounds().Dx(); x += 8 {
				draw.Draw(paper, image.Rect(x, y+10, x+4, y+11), image.Black, image.Point{}, draw.Src)
			}
		default:
			for _, c := range i.Cells {
				f := regular
				if c.Bold {
					f = bold
				}
				x += c.draw(paper, f, x, y)
			}
		}
		y += i.height()
	}
	return png.Encode(w, paper)
}

func face(ttf []byte) (font.Face, error) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: 20, DPI: 72})
}

func (i Item) height() int {
	switch {
	case i.Picture != nil:
		return len(i.Picture.Bits) / i.Picture.Stride
	case i.Barcode != nil:
		return i.Barcode.Height + lineFeed
	}
	for _, c := range i.Cells {
		if c.Tall {
			return lineFeed + cellHeight
		}
	}
	return lineFeed
}

func (i Item) width() int {
	switch {
	case i.Picture != nil:
		return i.Picture.Stride * 8
	case i.Barcode != nil:
		return i.Barcode.width()
	}
	return width(i.Cells) * cellWidth
}

// draw returns how wide the character is. Larger ones are drawn dot for dot larger, as printers do.
func (c Cell) draw(paper *image.Gray, f font.Face, x, y int) int {
	cell := image.NewGray(image.Rect(0, 0, cellWidth, cellHeight))
	draw.Draw(cell, cell.Bounds(), image.White, image.Point{}, draw.Src)
	pen := font.Drawer{Dst: cell, Src: image.Black, Face: f, Dot: fixed.P(0, cellHeight-6)}
	pen.DrawString(string(c.Rune))
	wide, high := 1, 1
	if c.Wide {
		wide = 2
	}
	if c.Tall {
		high = 2
	}
	for v := range cellHeight * high {
		for u := range cellWidth * wide {
			paper.SetGray(x+u, y+v, cell.GrayAt(u/wide, v/high))
		}
	}
	return cellWidth * wide
}

func (p *Picture) draw(paper *image.Gray, x, y int) {
	for at, b := range p.Bits {
		for bit := range 8 {
			if b&(0x80>>bit) != 0 {
				paper.SetGray(x+at%p.Stride*8+bit, y+at/p.Stride, color.Gray{})
			}
		}
	}
}

func (b *Barcode) bars() (image.Image, error) {
	bars, err := code128.Encode(b.Code)
	if err != nil {
		return nil, fmt.Errorf("draw barcode: %w", err)
	}
	return barcode.Scale(bars, bars.Bounds().Dx()*b.Module, b.Height)
}

func (b *Barcode) width() int {
	bars, err := b.bars()
	if err != nil {
		return 0
	}
	return bars.Bounds().Dx()
}

func (b *Barcode) draw(paper *image.Gray, x, y int) error {
	bars, err := b.bars()
	if err != nil {
		return err
	}
	draw.Draw(paper, bars.Bounds().Add(image.Pt(x, y)), bars, bars.Bounds().Min, draw.Src)
	return nil
}
