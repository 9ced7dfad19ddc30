package retail_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the cases come to into testdata")

// Each file holds the rates of its country and cases: what happens, a line "--", and what it comes to.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		head, cases, _ := strings.Cut(string(text), "\n== ")
		rates := readRates(t, head)
		out := strings.TrimRight(head, "\n") + "\n"
		for c := range strings.SplitSeq(cases, "\n== ") {
			input, _, ok := strings.Cut(c, "\n--\n")
			require.True(t, ok, "%s: no -- in %q", file, c)
			name, steps, _ := strings.Cut(input, "\n")
			out += "\n== " + input + "\n--\n" + (&lane{rates: rates}).run(t, name, steps)
		}
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(out), 0o644))
			continue
		}
		require.Equal(t, string(text), out, file)
	}
}

var classes = map[string]retail.TaxClass{
	"taxable": retail.Taxable, "zero": retail.ZeroRated, "exempt": retail.Exempt, "reduced": 4, "low": 5, "least": 6,
}

func readRates(t *testing.T, head string) retail.TaxTable {
	var rates retail.TaxTable
	for line := range strings.Lines(head) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != "rate" {
			continue
		}
		rate, err := strconv.Atoi(f[2])
		require.NoError(t, err)
		rates = append(rates, retail.TaxRate{
			Code: f[1], Rate: money.Rate(rate), Classes: []retail.TaxClass{classes[f[3]]}, Included: len(f) > 4,
		})
	}
	return rates
}

// lane plays one case.
type lane struct {
	rates   retail.TaxTable
	sale    retail.Sale
	paying  *retail.Settlement
	refunds []retail.Refund
	out     strings.Builder
}

func (l *lane) run(t *testing.T, name, steps string) string {
	for step := range strings.Lines(steps) {
		f := strings.Fields(step)
		switch f[0] {
		case "line":
			l.line(t, f[1:])
		case "cash", "card":
			l.total()
			l.pay(t, f[0], amount(t, f[1]))
		case "refund":
			l.refund(t, f[1:])
		default:
			t.Fatalf("%s: %s", name, step)
		}
	}
	l.total()
	if l.paying.Done() {
		require.NoError(t, l.sold().Check(), name)
	}
	return l.out.String()
}

func (l *lane) line(t *testing.T, f []string) {
	q, err := money.ParseQuantity(f[0])
	require.NoError(t, err)
	p := retail.Product{Price: amount(t, f[1]), Class: retail.Taxable}
	if len(f) > 2 {
		class, rule, ruled := strings.Cut(f[2], "@")
		p.Class = classes[class]
		if part := strings.Split(rule, ":"); ruled {
			from, err := money.ParseQuantity(part[1])
			require.NoError(t, err)
			p.Rule = retail.ClassRule{Group: part[0], From: from, Class: classes[part[2]]}
		}
	}
	for _, charge := range f[min(len(f), 4):] {
		part := strings.Split(charge, ":")
		p.Charges = append(p.Charges, retail.Charge{
			Code: part[0], Name: retail.Text{EN: part[0]}, Unit: amount(t, part[1]), Class: classes[part[2]],
		})
	}
	line := retail.NewLine(p, q, "en")
	if len(f) > 3 {
		line.Discount = amount(t, f[3])
		line.Amount -= line.Discount
	}
	l.sale.Lines = append(l.sale.Lines, line)
}

func (l *lane) total() {
	if l.paying != nil {
		return
	}
	l.sale.Lines = retail.Compose(l.sale.Lines, retail.Discount{}, l.rates)
	totals := retail.Total(l.sale.Lines, l.rates)
	l.sale.Taxes, l.sale.Total = totals.Taxes, totals.Total
	s := retail.Settle(totals.Total)
	l.paying = &s
	l.printf("subtotal %s", totals.Subtotal.Plain("en"))
	l.charges(totals.Charges)
	l.taxes(totals.Taxes)
	due, rounding := totals.Cash(0)
	l.printf("total %s, in cash %s (%s)", totals.Total.Plain("en"), due.Plain("en"), rounding.Plain("en"))
}

func (l *lane) charges(charges []retail.ChargeTotal) {
	for _, c := range charges {
		l.printf("  %s: %s", c.Code, c.Amount.Plain("en"))
	}
}

func (l *lane) taxes(taxes []retail.Tax) {
	for _, tax := range taxes {
		l.printf("  %s %s on %s: %s", tax.Code, tax.Rate.Format("en"), tax.Base.Plain("en"), tax.Amount.Plain("en"))
	}
}

func (l *lane) pay(t *testing.T, kind string, a money.Amount) {
	before, err := *l.paying, error(nil)
	if kind == "cash" {
		*l.paying, err = l.paying.Cash(a)
	} else {
		*l.paying, err = l.paying.Card(a, "083214", "4417")
	}
	if err != nil {
		require.Equal(t, before, *l.paying, "a refused tender changes nothing")
		l.refuse(t, kind, err)
		return
	}
	tender := l.paying.Tenders[len(l.paying.Tenders)-1]
	text := fmt.Sprintf("%s settles %s", kind, tender.Amount.Plain("en"))
	if r := l.paying.Rounding - before.Rounding; r != 0 {
		text += ", rounding " + r.Plain("en")
	}
	if c := tender.Change(); c > 0 {
		text += ", change " + c.Plain("en")
	}
	if left := l.paying.Left(); left > 0 {
		text += ", left " + left.Plain("en")
	}
	if l.paying.Done() {
		text += ", done"
	}
	l.printf("%s", text)
}

func (l *lane) sold() retail.Sale {
	s := l.sale
	s.Number, s.BusinessDate, s.Currency = 1, 20261122, "CAD"
	s.Tenders, s.Rounding = l.paying.Tenders, l.paying.Rounding
	return s
}

func (l *lane) refund(t *testing.T, f []string) {
	var parts []retail.RefundPart
	for _, part := range f {
		of, q, _ := strings.Cut(part, ":")
		line, err := strconv.Atoi(of)
		require.NoError(t, err)
		quantity, err := money.ParseQuantity(q)
		require.NoError(t, err)
		parts = append(parts, retail.RefundPart{Of: line, Quantity: quantity})
	}
	var before []retail.RefundPart
	for _, r := range l.refunds {
		before = append(before, r.Parts()...)
	}
	r, err := retail.NewRefund(l.sold(), before, parts)
	if err != nil {
		l.refuse(t, "refund "+strings.Join(f, " "), err)
		return
	}
	back := retail.Settle(r.Total)
	due, rounding := back.LeftInCash()
	l.printf("refund %s: %s, in cash %s (%s)", strings.Join(f, " "), r.Total.Plain("en"), due.Plain("en"), rounding.Plain("en"))
	l.charges(retail.Total(r.Shown().Lines, nil).Charges)
	l.taxes(r.Taxes)
	back, err = back.Cash(due)
	require.NoError(t, err)
	r.Number, r.BusinessDate, r.Currency, r.Receipt.Number = 2, 20261123, "CAD", 1
	r.Tenders, r.Rounding = back.Tenders, back.Rounding
	require.NoError(t, r.Check())
	l.refunds = append(l.refunds, r)
	var sum money.Amount
	for _, r := range l.refunds {
		sum += r.Total
	}
	l.printf("  given back so far %s of %s", sum.Plain("en"), l.sale.Total.Plain("en"))
}

func (l *lane) refuse(t *testing.T, what string, err error) {
	if e := (*retail.Error)(nil); errors.As(err, &e) {
		l.printf("%s: refused, %s", what, e.Key)
		return
	}
	l.printf("%s: refused, %v", what, err)
}

func (l *lane) printf(format string, args ...any) { fmt.Fprintf(&l.out, format+"\n", args...) }

func amount(t *testing.T, s string) money.Amount {
	a, err := money.Parse(s)
	require.NoError(t, err)
	return a
}
