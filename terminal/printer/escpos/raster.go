package escpos

import (
	"fmt"
	"image"
	"image/color"
	_ "image/png" // logos are PNG
	"io"
)

// Raster is a picture in black dots, row by row, eight in a byte.
type Raster struct {
	stride int
	bits   []byte
}

// mostDots bounds a picture's height: a logo is no poster.
const mostDots = 800

// Logo reads a PNG and dithers it, made smaller when it is wider than the paper.
func Logo(png io.Reader, columns int) (Raster, error) {
	img, _, err := image.Decode(png)
	if err != nil {
		return Raster{}, fmt.Errorf("logo: %w", err)
	}
	width, height := img.Bounds().Dx(), img.Bounds().Dy()
	if dots := columns * dotsOfColumn; width > dots {
		height, width = max(1, height*dots/width), dots
	}
	if width == 0 || height == 0 || height > mostDots {
		return Raster{}, fmt.Errorf("logo: %d x %d dots, and at most %d high", width, height, mostDots)
	}
	return dither(greys(img, width, height), width), nil
}

// greys is the picture at a size, each dot the mean of what it covers: 0 is black, 255 white. What is transparent is
// white, as the paper is.
func greys(img image.Image, width, height int) []int {
	b := img.Bounds()
	out := make([]int, width*height)
	for y := range height {
		top, bottom := b.Min.Y+y*b.Dy()/height, b.Min.Y+max((y+1)*b.Dy()/height, y*b.Dy()/height+1)
		for x := range width {
			left, right := b.Min.X+x*b.Dx()/width, b.Min.X+max((x+1)*b.Dx()/width, x*b.Dx()/width+1)
			sum := 0
			for v := top; v < bottom; v++ {
				for u := left; u < right; u++ {
					c := color.RGBA64Model.Convert(img.At(u, v)).(color.RGBA64)
					grey := (299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000
					sum += (grey + 0xffff - int(c.A)) >> 8
				}
			}
			out[y*width+x] = sum / ((bottom - top) * (right - left))
		}
	}
	return out
}

// dither is Floyd and Steinberg's: what a dot is too black or too white goes on to its neighbours.
func dither(grey []int, width int) Raster {
	r := Raster{stride: (width + 7) / 8}
	height := len(grey) / width
	r.bits = make([]byte, r.stride*height)
	for y := range height {
		for x := range width {
			at := y*width + x
			rest := grey[at]
			if rest < 128 {
				r.bits[y*r.stride+x/8] |= 0x80 >> (x % 8)
			} else {
				rest -= 255
			}
			for _, n := range []struct{ dx, dy, part int }{{1, 0, 7}, {-1, 1, 3}, {0, 1, 5}, {1, 1, 1}} {
				if u := x + n.dx; u >= 0 && u < width && y+n.dy < height {
					grey[at+n.dy*width+n.dx] += rest * n.part / 16
				}
			}
		}
	}
	for i := range len(r.bits) - 1 {
		if realTime(r.bits[i : i+2]) {
			r.bits[i+1] |= 0x02 // a dot nobody misses, instead of a command
		}
	}
	return r
}

// bandDots is how high a picture may be in one command.
const bandDots = 24

// Resume ends whatever command a broken line may have left half given, which would take what follows for its data: the
// longest is a band of a picture. Printers pass over zeros.
func (w *Writer) Resume() {
	before := append([]byte{}, w.Bytes()...)
	w.out.Reset()
	w.out.Write(make([]byte, 8+bandDots*w.dots/8))
	w.write(before...)
}

// Picture prints it in the middle.
func (w *Writer) Picture(r Raster) {
	if len(r.bits) == 0 {
		return
	}
	w.Align(Centre)
	for rest := r.bits; len(rest) > 0; {
		rows := min(bandDots, len(rest)/r.stride)
		w.write(gs, 'v', '0', 0, byte(r.stride), 0, byte(rows), 0)
		w.out.Write(rest[:rows*r.stride])
		rest = rest[rows*r.stride:]
	}
	w.Align(Left)
}
