package printer_test

import (
	"fmt"
	"strings"
	"testing"

	"comptant/terminal/printer"
	"comptant/terminal/printer/escpos"

	"github.com/stretchr/testify/require"
)

// Nothing that a training prints can be taken for what it is not: it says so above and below, and no scanner finds it.
func TestWhatATrainingPrintsSaysSo(t *testing.T) {
	for lang, text := range map[string]string{"fr": "FORMATION - NON VALABLE", "en": "TRAINING - NOT VALID"} {
		for columns, page := range map[int]escpos.Page{48: escpos.Latin, 32: escpos.CP858} {
			on := printer.Paper{Columns: columns, Page: page}
			r := receipt(t, lang, taxes, cardThenCash)
			r.Training = true
			back := refunded(t, r, exactCash)
			back.Training = true
			z := report(t, lang, 0)
			z.Training = true
			x := z
			x.Z.Number = 0
			for i, d := range []printer.Document{
				printer.Receipt(r, on), printer.Receipt(back, on), printer.Report(z, on), printer.Report(x, on),
			} {
				require.Empty(t, d.Barcode)
				all := drawn(t, d, on)
				require.Equal(t, 2, strings.Count(all, text), "document %d", i)
				require.True(t, strings.HasPrefix(strings.TrimSpace(all), "#"), "at the top, as large as the total")
			}
			golden(t, fmt.Sprintf("testdata/training.%s.%d.txt", lang, columns), drawn(t, printer.Receipt(r, on), on))
		}
	}
}
