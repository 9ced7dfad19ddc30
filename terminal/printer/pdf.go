package printer

import (
	"fmt"
	"strings"

	"github.com/johnfercher/maroto/v2"
	"github.com/johnfercher/maroto/v2/pkg/components/col"
	"github.com/johnfercher/maroto/v2/pkg/components/image"
	"github.com/johnfercher/maroto/v2/pkg/components/row"
	"github.com/johnfercher/maroto/v2/pkg/components/text"
	"github.com/johnfercher/maroto/v2/pkg/config"
	"github.com/johnfercher/maroto/v2/pkg/consts/extension"
	"github.com/johnfercher/maroto/v2/pkg/consts/fontfamily"
	"github.com/johnfercher/maroto/v2/pkg/consts/fontstyle"
	"github.com/johnfercher/maroto/v2/pkg/core"
	"github.com/johnfercher/maroto/v2/pkg/props"
)

// The paper, in millimetres: a roll of 80 mm of which 72 mm can be printed, as long as the receipt. Courier is 0.6 of
// its size wide, so 48 characters of 7 pt take 71.1 mm.
const (
	paperWidth    = 80.0
	margin        = 4.0
	fontPoints    = 7.0
	lineHeight    = 3.1
	barcodeHeight = 14.0
)

// PDF draws a document laid out for Sheet on one page, with its barcode below.
func PDF(d Document) ([]byte, error) {
	// A line more than needed: rounding in the library must not start a second page.
	height := 2*margin + float64(len(d.Lines)+3)*lineHeight + barcodeHeight
	doc := maroto.New(config.NewBuilder().
		WithDimensions(paperWidth, height).
		WithLeftMargin(margin).WithRightMargin(margin).WithTopMargin(margin).WithBottomMargin(margin).
		WithDefaultFont(&props.Font{Family: fontfamily.Courier, Size: fontPoints, Color: &props.BlackColor}).
		WithTitle(d.Name, true).WithCreator("Comptant", true).WithCreationDate(d.At).
		Build())
	for _, l := range d.Lines {
		doc.AddRows(textRow(l))
	}
	if d.Barcode != "" {
		bars, err := barcodeOf(d.Barcode)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		doc.AddRows(
			row.New(lineHeight),
			row.New(barcodeHeight).Add(col.New().Add(
				image.NewFromBytes(bars, extension.Png, props.Rect{Center: true, Percent: 100}),
			)),
		)
	}
	out, err := doc.Generate()
	if err != nil {
		return nil, fmt.Errorf("%s: generate PDF: %w", d.Name, err)
	}
	return out.GetBytes(), nil
}

// textRow keeps every space: no-break spaces are not taken for places to break the line.
func textRow(l Line) core.Row {
	style := fontstyle.Normal
	if l.Bold {
		style = fontstyle.Bold
	}
	return text.NewRow(lineHeight, strings.ReplaceAll(l.Text, " ", "\u00a0"), props.Text{Style: style})
}
