package printer_test

import (
	"fmt"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/printer"
	"comptant/terminal/printer/escpos"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// fourRates are those of a country whose prices include the tax.
var fourRates = retail.TaxTable{
	{Code: "TVA20", Name: retail.Text{FR: "TVA", EN: "VAT"}, Rate: 20_000, Classes: []retail.TaxClass{retail.Taxable}, Included: true, Registration: "FR 32 123456789"},
	{Code: "TVA10", Name: retail.Text{FR: "TVA", EN: "VAT"}, Rate: 10_000, Classes: []retail.TaxClass{4}, Included: true},
	{Code: "TVA5.5", Name: retail.Text{FR: "TVA", EN: "VAT"}, Rate: 5500, Classes: []retail.TaxClass{retail.ZeroRated}, Included: true},
	{Code: "TVA2.1", Name: retail.Text{FR: "TVA", EN: "VAT"}, Rate: 2100, Classes: []retail.TaxClass{5}, Included: true},
}

// charged is a sale of goods with a deposit and an eco-fee, and of sweet ones that are zero-rated because they are six, under
// any table.
func charged(t *testing.T, lang string, rates retail.TaxTable) retail.Receipt {
	r := receipt(t, lang, rates, card)
	rule := retail.ClassRule{Group: "single-serving", From: 6 * money.One, Class: retail.ZeroRated}
	deposit := retail.Charge{Code: "CONSIGNE-10", Name: retail.Text{FR: "Consigne", EN: "Deposit"}, Unit: 10, Class: retail.Exempt}
	fee := retail.Charge{Code: "ECO-15", Name: retail.Text{FR: "Écofrais", EN: "Eco-fee"}, Unit: 15, Class: retail.Taxable}
	var lines []retail.Line
	for _, s := range []struct {
		fr, en string
		q      money.Quantity
		price  money.Amount
		class  retail.TaxClass
		charge []retail.Charge
		rule   retail.ClassRule
	}{
		{"Cola, 355 ml", "Cola, 355 ml", 6 * money.One, 189, retail.Taxable, []retail.Charge{deposit}, retail.ClassRule{}},
		{"Ampoule DEL, 60 W", "LED bulb, 60 W", 2 * money.One, 1714, retail.Taxable, []retail.Charge{fee}, retail.ClassRule{}},
		{"Muffin aux bleuets", "Blueberry muffin", 4 * money.One, 200, retail.Taxable, nil, rule},
		{"Beigne érable", "Maple donut", 2 * money.One, 125, retail.Taxable, nil, rule},
		{"Repas à emporter", "Meal to go", money.One, 1250, 4, nil, retail.ClassRule{}},
		{"Journal", "Newspaper", money.One, 320, 5, nil, retail.ClassRule{}},
	} {
		if rates.Taxes([]retail.Line{{Class: s.class}}) == nil {
			continue // a class that the table does not know
		}
		lines = append(lines, retail.NewLine(retail.Product{
			Name: retail.Text{FR: s.fr, EN: s.en}, Price: s.price, Class: s.class, Charges: s.charge, Rule: s.rule,
		}, s.q, lang))
	}
	r.Sale.Lines = retail.Compose(lines, retail.Discount{}, rates)
	totals := retail.Total(r.Sale.Lines, rates)
	paid, err := card(retail.Settle(totals.Total))
	require.NoError(t, err)
	r.Sale.Taxes, r.Sale.Total, r.Sale.Tenders, r.Sale.Rounding = totals.Taxes, totals.Total, paid.Tenders, paid.Rounding
	require.NoError(t, r.Sale.Check())
	return r
}

// The Z of what was sold with deposits and fees, and of prices that include their taxes.
func TestChargedReport(t *testing.T) {
	for name, rates := range map[string]retail.TaxTable{"z-charged.fr": taxes, "z-included.fr": fourRates} {
		sold := charged(t, "fr", rates)
		z := retail.ShiftClose{Number: 119, Shift: 122, BusinessDate: 20261122, Currency: "CAD", Float: 20000, Expected: 20000, Counted: 20000}
		z.Count = []retail.Denomination{{Value: 10000, Count: 2}}
		z.Totals.Add(uuid.Nil, 1, sold.Sale)
		z.Perpetual = z.Totals.Net()
		require.NoError(t, z.Check())
		r := retail.Report{
			Store: sold.Store, Till: 1, Epoch: 1, Z: z, OpenedAt: sold.At.Add(-10 * time.Hour), At: sold.At, Cashier: "Alice", Proof: "A1B2C3", Lang: "fr",
		}
		for columns, page := range map[int]escpos.Page{48: escpos.Latin, 32: escpos.CP858} {
			t.Run(fmt.Sprintf("%s.%d", name, columns), func(t *testing.T) {
				on := printer.Paper{Columns: columns, Page: page}
				golden(t, fmt.Sprintf("testdata/%s.%d.txt", name, columns), drawn(t, printer.Report(r, on), on))
			})
		}
	}
}
