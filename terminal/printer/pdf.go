package printer

import (
	"fmt"
	"strings"
	"time"

	"comptant/shared/retail"

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
// its size wide, so Columns characters of 8 pt take 71.1 mm.
const (
	paperWidth    = 80.0
	margin        = 4.0
	fontPoints    = 8.0
	lineHeight    = 3.5
	barcodeHeight = 14.0
)

// PDF draws a receipt on one page, with its number as a Code 128 barcode below.
func PDF(r retail.Receipt) ([]byte, error) {
	bars, err := barcodeOf(r.Code())
	if err != nil {
		return nil, fmt.Errorf("receipt %s: %w", r.Code(), err)
	}
	return onPage(r.Code(), r.At, Receipt(r), bars)
}

// onPage puts lines on one page, with a barcode below.
func onPage(code string, at time.Time, lines []Line, bars []byte) ([]byte, error) {
	// A line more than needed: rounding in the library must not start a second page.
	height := 2*margin + float64(len(lines)+3)*lineHeight + barcodeHeight
	doc := maroto.New(config.NewBuilder().
		WithDimensions(paperWidth, height).
		WithLeftMargin(margin).WithRightMargin(margin).WithTopMargin(margin).WithBottomMargin(margin).
		WithDefaultFont(&props.Font{Family: fontfamily.Courier, Size: fontPoints, Color: &props.BlackColor}).
		WithTitle(code, true).WithCreator("Comptant", true).WithCreationDate(at).
		Build())
	for _, l := range lines {
		doc.AddRows(textRow(l))
	}
	doc.AddRows(
		row.New(lineHeight),
		row.New(barcodeHeight).Add(col.New().Add(
			image.NewFromBytes(bars, extension.Png, props.Rect{Center: true, Percent: 100}),
		)),
	)
	out, err := doc.Generate()
	if err != nil {
		return nil, fmt.Errorf("%s: generate PDF: %w", code, err)
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
