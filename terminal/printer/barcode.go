package printer

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
)

// barPixels is the width of the narrowest bar, so that each bar is a whole number of pixels.
const barPixels = 4

// barcodeOf draws Code 128 as a PNG of 8 bits; PDF takes no more.
func barcodeOf(code string) ([]byte, error) {
	bars, err := code128.Encode(code)
	if err != nil {
		return nil, fmt.Errorf("barcode: %w", err)
	}
	width := bars.Bounds().Dx() * barPixels
	scaled, err := barcode.Scale(bars, width, width/6)
	if err != nil {
		return nil, fmt.Errorf("barcode: %w", err)
	}
	grey := image.NewGray(scaled.Bounds())
	draw.Draw(grey, grey.Bounds(), scaled, scaled.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, grey); err != nil {
		return nil, fmt.Errorf("barcode: %w", err)
	}
	return b.Bytes(), nil
}
