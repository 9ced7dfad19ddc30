package printer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/printer"
	"comptant/terminal/printer/escpos"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// report is the close of a shift with two sales and a refund of the other one.
func report(t *testing.T, lang string, short money.Amount) retail.Report {
	z := retail.ShiftClose{
		Number: 118, Shift: 121, BusinessDate: 20261122, Currency: "CAD", Float: 20000, Perpetual: 123_456_789, Waiting: 143,
		Count: []retail.Denomination{{Value: 10000, Count: 2}, {Value: 5, Count: 0}, {Value: 25, Roll: 40, Count: 2}},
	}
	mixed, carded := receipt(t, lang, taxes, cardThenCash), receipt(t, lang, taxes, card)
	carded.Sale.Number++
	z.Totals.Add(uuid.Nil, 1, mixed.Sale)
	z.Totals.Add(uuid.Nil, 1, carded.Sale)
	r, err := retail.NewRefund(mixed.Sale, nil, []retail.RefundPart{{Of: 4, Quantity: 1000}})
	require.NoError(t, err)
	back := retail.Settle(r.Total)
	due, _ := back.LeftInCash()
	back, err = back.Cash(due)
	require.NoError(t, err)
	r.Number, r.Tenders, r.Rounding = 4220, back.Tenders, back.Rounding
	z.Totals.Add(uuid.Nil, 1, r)
	z.Totals.Add(uuid.Nil, 1, retail.CashMove{Amount: 5000})
	z.Totals.Add(uuid.Nil, 1, retail.CashMove{Amount: -2000})
	z.Expected = z.Totals.Expect(z.Float)
	z.Count = append(z.Count, retail.Denomination{Value: z.Expected - short - retail.Counted(z.Count), Count: 1})
	z.Counted = retail.Counted(z.Count)
	z.Difference = z.Counted - z.Expected
	require.NoError(t, z.Check())
	return retail.Report{
		Store: mixed.Store, Till: 1, Epoch: 1, Z: z, OpenedAt: mixed.At.Add(-10 * time.Hour), At: mixed.At,
		Cashier: "Alice", Proof: "A1B2C3", Lang: lang,
	}
}

// The goldens mark bold lines with "|" in front, as those of receipts do.
func TestReport(t *testing.T) {
	x := report(t, "fr", 0)
	x.Z.Number, x.Z.Count, x.Z.Counted, x.Z.Difference, x.Proof = 0, nil, 0, 0, ""
	again := report(t, "en", 0)
	again.Copy = true
	online := report(t, "fr", 0)
	online.Z.Totals.Add(uuid.Nil, 1, handedOver(receipt(t, "fr", taxes, card)).Sale)
	for name, r := range map[string]retail.Report{
		"z-online.fr": online,
		"z.fr":        report(t, "fr", 80), "z.en": report(t, "en", -1000), "z-duplicate.en": again, "x.fr": x,
	} {
		for columns, page := range map[int]escpos.Page{48: escpos.Latin, 32: escpos.CP858} {
			t.Run(fmt.Sprintf("%s.%d", name, columns), func(t *testing.T) {
				on := printer.Paper{Columns: columns, Page: page}
				golden(t, fmt.Sprintf("testdata/%s.%d.txt", name, columns), drawn(t, printer.Report(r, on), on))
			})
		}
	}
}

func TestFolderPrintsReports(t *testing.T) {
	dir := t.TempDir()
	f, err := printer.NewFolder(dir)
	require.NoError(t, err)
	z := report(t, "fr", 0)
	require.NoError(t, f.PrintReport(t.Context(), z))
	x := z
	x.Z.Number = 0
	require.NoError(t, f.PrintReport(t.Context(), x))
	require.NoError(t, f.PrintReport(t.Context(), x))
	for _, name := range []string{"CV-01-1-Z0118.pdf", "CV-01-1-X0121.pdf", "CV-01-1-X0121-2.pdf"} {
		pdf, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Contains(t, string(pdf), "Magasin")
	}
}
