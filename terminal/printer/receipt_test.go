package printer_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/printer"
	"comptant/terminal/printer/escpos"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the receipts into testdata")

var (
	taxes = retail.TaxTable{
		{
			Code: "TPS", Name: retail.Text{FR: "TPS", EN: "GST"}, Rate: 5000, Classes: []retail.TaxClass{retail.Taxable},
			Registration: "123456789 RT0001",
		},
		{
			Code: "TVQ", Name: retail.Text{FR: "TVQ", EN: "QST"}, Rate: 9975, Classes: []retail.TaxClass{retail.Taxable},
			Registration: "1234567890 TQ0001",
		},
	}
	vat = retail.TaxTable{{
		Code: "TVA", Name: retail.Text{FR: "TVA", EN: "VAT"}, Rate: 20_000, Classes: []retail.TaxClass{retail.Taxable},
		Included: true, Registration: "FR 32 123456789",
	}}
)

// receipt is a sale at Magasin Centre-Ville, settled by pay.
func receipt(t *testing.T, lang string, rates retail.TaxTable, pay func(retail.Settlement) (retail.Settlement, error)) retail.Receipt {
	var lines []retail.Line
	for _, s := range []struct {
		fr, en   string
		q        money.Quantity
		price    money.Amount
		discount money.Amount
		class    retail.TaxClass
	}{
		{"Café filtre, moyen", "Regular coffee, medium", 2 * money.One, 199, 0, retail.Taxable},
		{"Timbits assortis", "Timbits, assorted", 10 * money.One, 25, 0, retail.Taxable},
		{"Sirop d’érable ambré, 540 ml", "Amber maple syrup, 540 ml", money.One, 1149, 0, retail.ZeroRated},
		{"Pommes Cortland", "Cortland apples", 1240, 439, 0, retail.ZeroRated},
		{"Carnet ligné A5", "Ruled notebook A5", money.One, 899, 90, retail.Taxable},
		{"Bon de transport en commun, abonnement mensuel, zone A", "Public transport, monthly pass, zone A and B", money.One, 123_456, 0, retail.Exempt},
	} {
		name := retail.Text{FR: s.fr, EN: s.en}
		l := retail.NewLine(retail.Product{Name: name, Price: s.price, Class: s.class}, s.q, lang)
		l.Discount = s.discount
		l.Amount -= s.discount
		lines = append(lines, l)
	}
	totals := retail.Total(lines, rates)
	settled, err := pay(retail.Settle(totals.Total))
	require.NoError(t, err)
	require.True(t, settled.Done())
	montreal, err := time.LoadLocation("America/Toronto")
	require.NoError(t, err)
	sale := retail.Sale{
		Number: 4218, BusinessDate: 20261122, Currency: "CAD", Lines: lines, Taxes: totals.Taxes, Total: totals.Total,
		Tenders: settled.Tenders, Rounding: settled.Rounding,
	}
	require.NoError(t, sale.Check())
	return retail.Receipt{
		Store: retail.Location{Code: "CV", Name: "Magasin Centre-Ville", Address: "1200, rue Sainte-Catherine O., Montréal"},
		Till:  1, Epoch: 1, Sale: sale, At: time.Date(2026, 11, 22, 19, 32, 5, 0, time.UTC).In(montreal),
		Cashier: "Alice", Proof: "A1B2C3", Lang: lang,
	}
}

func cardThenCash(s retail.Settlement) (retail.Settlement, error) {
	s, err := s.Card(2000, "083214", "4417")
	if err != nil {
		return s, err
	}
	return s.Cash(130_000)
}

func card(s retail.Settlement) (retail.Settlement, error) { return s.Card(s.Left(), "083214", "4417") }

func exactCash(s retail.Settlement) (retail.Settlement, error) {
	due, _ := s.LeftInCash()
	return s.Cash(due)
}

// refunded gives two coffees and the notebook back.
func refunded(t *testing.T, r retail.Receipt, pay func(retail.Settlement) (retail.Settlement, error)) retail.Receipt {
	back, err := retail.NewRefund(r.Sale, nil, []retail.RefundPart{{Of: 0, Quantity: 2 * money.One}, {Of: 4, Quantity: money.One}})
	require.NoError(t, err)
	settled, err := pay(retail.Settle(back.Total))
	require.NoError(t, err)
	back.Number, back.Tenders, back.Rounding, back.Reason = 4219, settled.Tenders, settled.Rounding, "Mauvaise taille, emballage ouvert"
	back.Receipt = retail.ReceiptID{Epoch: 1, Number: 4218}
	r.Refund, r.Of = &back, r.Code()
	return r
}

// inEuros is a receipt where cash was rounded as in Finland.
func inEuros(r retail.Receipt) retail.Receipt {
	r.Sale.Currency, r.Symbol = "EUR", "€"
	return r
}

// voided takes all of it back.
func voided(t *testing.T, r retail.Receipt) retail.Receipt {
	void, err := retail.NewVoid(r.Sale, retail.ReceiptID{Epoch: 1, Number: 4218})
	require.NoError(t, err)
	void.Number, void.Reason = 4219, "mistake"
	refund := retail.Refund(void)
	r.Refund, r.Void, r.Of = &refund, true, r.Code()
	return r
}

// handedOver is an order of the shop, paid there.
func handedOver(r retail.Receipt) retail.Receipt {
	r.Sale.Order, r.Sale.OrderCode = uuid.UUID{9}, retail.OrderCode(42)
	r.Sale.Tenders = []retail.Tender{{Kind: retail.TenderOnline, Amount: r.Sale.Total, Approval: "P-0192AAAA", LastFour: "4242"}}
	return r
}

func ofAnotherTill(r retail.Receipt) retail.Receipt {
	r.Of, r.Copy = "", true
	return r
}

func withoutReceipt(r retail.Receipt) retail.Receipt {
	r.Of, r.Refund.Receipt, r.Refund.Reason = "", retail.ReceiptID{}, "defect"
	return r
}

// The goldens mark bold lines with "|" in front and tall ones with "#"; the paper is as wide as the rules.
func TestReceipt(t *testing.T) {
	for name, r := range map[string]retail.Receipt{
		"mixed.fr":       receipt(t, "fr", taxes, cardThenCash),
		"mixed.en":       receipt(t, "en", taxes, cardThenCash),
		"duplicate.fr":   duplicate(receipt(t, "fr", taxes, card)),
		"duplicate.en":   duplicate(receipt(t, "en", taxes, card)),
		"france.fr":      inEuros(receipt(t, "fr", vat, exactCash)),
		"refund.fr":      refunded(t, receipt(t, "fr", taxes, card), exactCash),
		"refund.en":      refunded(t, receipt(t, "en", taxes, card), card),
		"refund-none.fr": withoutReceipt(refunded(t, receipt(t, "fr", taxes, card), exactCash)),
		"refund-none.en": withoutReceipt(refunded(t, receipt(t, "en", taxes, card), card)),
		"refund-copy.fr": ofAnotherTill(refunded(t, receipt(t, "fr", taxes, card), exactCash)),
		"refund-copy.en": ofAnotherTill(refunded(t, receipt(t, "en", taxes, card), card)),
		"void.fr":        voided(t, receipt(t, "fr", taxes, cardThenCash)),
		"void.en":        duplicate(voided(t, receipt(t, "en", taxes, cardThenCash))),
		"online.fr":      handedOver(receipt(t, "fr", taxes, card)),
		"online.en":      duplicate(handedOver(receipt(t, "en", taxes, card))),
		"charged.fr":     charged(t, "fr", taxes),
		"charged.en":     charged(t, "en", taxes),
		"included.fr":    charged(t, "fr", fourRates),
	} {
		for columns, page := range map[int]escpos.Page{48: escpos.Latin, 32: escpos.CP858} {
			t.Run(fmt.Sprintf("%s.%d", name, columns), func(t *testing.T) {
				on := printer.Paper{Columns: columns, Page: page}
				d := printer.Receipt(r, on)
				require.Equal(t, r.Code(), d.Barcode)
				golden(t, fmt.Sprintf("testdata/%s.%d.txt", name, columns), drawn(t, d, on))
			})
		}
	}
}

// drawn is a document as the goldens have it.
func drawn(t *testing.T, d printer.Document, on printer.Paper) string {
	t.Helper()
	var b strings.Builder
	for _, l := range d.Lines {
		require.LessOrEqual(t, utf8.RuneCountInString(l.Text), on.Columns, l.Text)
		require.Equal(t, l.Text, on.Page.Fit(l.Text))
		mark := " "
		if l.Bold {
			mark = "|"
		}
		if l.Tall {
			mark = "#"
		}
		b.WriteString(strings.TrimRight(mark+l.Text, " ") + "\n")
	}
	return b.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func duplicate(r retail.Receipt) retail.Receipt {
	r.Copy = true
	return r
}

// A receipt of a document with names of any length still fits the paper, with every amount whole.
func TestNamesAreCutAndAmountsNever(t *testing.T) {
	r := receipt(t, "fr", taxes, card)
	long := strings.Repeat("é", 60)
	r.Store.Name, r.Store.Address, r.Cashier = long, "", long
	r.Sale.Taxes[0].Name = retail.Text{FR: long}
	r.Sale.Tenders[0].Approval = long
	for _, columns := range []int{48, 32} {
		all := ""
		for _, l := range printer.Receipt(r, printer.Paper{Columns: columns, Page: escpos.CP850}).Lines {
			require.LessOrEqual(t, utf8.RuneCountInString(l.Text), columns)
			all += l.Text + "\n"
		}
		require.Contains(t, all, "1 234,56\n")
		require.Contains(t, all, r.At.Format("2006-01-02 15:04\n"))
		require.Contains(t, all, "CV-01-1-004218")
	}
}
