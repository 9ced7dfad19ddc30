package printer

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Columns is the width of a receipt in characters: font A of an 80 mm printer, less its margins.
const Columns = 42

// Line is one line of a receipt, at most Columns characters.
type Line struct {
	Text string
	Bold bool
}

// Receipt lays a receipt out in its language. The time is printed in the zone it is given in.
func Receipt(r retail.Receipt) []Line {
	l := layout{r: r, w: wordsIn(r.Lang)}
	l.head()
	for _, line := range r.Sale.Lines {
		l.line(line)
	}
	l.rule()
	l.totals()
	l.rule()
	l.tenders()
	l.foot()
	return l.out
}

// layout is a receipt being written, line by line.
type layout struct {
	r   retail.Receipt
	w   words
	out []Line
}

func (l *layout) head() {
	l.copyMark()
	l.centre(l.r.Store.Name, true)
	l.centre(l.r.Store.Address, false)
	l.blank()
	l.sides(l.w.receipt+" "+l.r.Code(), l.w.till+" "+strconv.Itoa(l.r.Till), false)
	at := l.r.At.Format("2006-01-02 15:04")
	l.sides(at, cut(l.cashier(), Columns-len(at)-2), false)
	l.rule()
}

func (l *layout) cashier() string {
	if l.r.Cashier == "" {
		return ""
	}
	return l.w.cashier + " " + l.r.Cashier
}

// line takes two lines of paper: what it is; how many, how it is taxed, and how much.
func (l *layout) line(s retail.Line) {
	l.text(s.Name, false)
	quantity := s.Quantity.Format(l.r.Lang)
	if s.Quantity%money.One != 0 {
		quantity += " kg"
	}
	left := "  " + quantity + " × " + l.plain(s.UnitPrice)
	flags := l.flags(s)
	gross := l.plain(s.Amount + s.Discount)
	if right := flags + "  " + pad(gross, 9); utf8.RuneCountInString(left)+1+utf8.RuneCountInString(right) <= Columns {
		l.sides(left, right, false)
	} else {
		l.sides(left, gross, false)
		l.text("  "+flags, false)
	}
	if s.Discount != 0 {
		l.sides("  "+l.w.discount, l.plain(-s.Discount), false)
	}
}

// flags says how a line is taxed: by the names of its taxes, or why there are none.
func (l *layout) flags(s retail.Line) string {
	var names []string
	for _, tax := range l.r.Sale.Taxes {
		if tax.On(s.Class) {
			names = append(names, l.taxName(tax))
		}
	}
	switch {
	case len(names) > 0:
		return strings.Join(names, " ")
	case s.Class == retail.ZeroRated:
		return l.w.zeroRated
	case s.Class == retail.Exempt:
		return l.w.exempt
	}
	return ""
}

func (l *layout) taxName(tax retail.Tax) string {
	if name := tax.Name.In(l.r.Lang); name != "" {
		return name
	}
	return tax.Code
}

func (l *layout) totals() {
	var subtotal money.Amount
	for _, line := range l.r.Sale.Lines {
		subtotal += line.Amount
	}
	l.amount(l.w.subtotal, subtotal, false)
	l.taxes(false)
	l.sides(l.w.total, clean(l.r.Sale.Total.Format(l.r.Lang)), true)
	l.taxes(true)
}

// taxes prints those that were added to the prices above the total, and those that are inside it below.
func (l *layout) taxes(included bool) {
	for _, tax := range l.r.Sale.Taxes {
		if tax.Included != included {
			continue
		}
		label := l.taxName(tax) + " " + tax.Rate.Format(l.r.Lang)
		if included {
			label = l.w.included + " " + label
		}
		l.amount(label, tax.Amount, false)
		if tax.Registration != "" {
			l.text("  "+l.w.registration+" "+tax.Registration, false)
		}
	}
}

func (l *layout) tenders() {
	for _, t := range l.r.Sale.Tenders {
		switch t.Kind {
		case retail.TenderCard:
			label := l.w.card
			if t.LastFour != "" {
				label += " ··" + t.LastFour
			}
			if t.Approval != "" {
				label += "  " + l.w.approval + " " + t.Approval
			}
			l.amount(label, t.Amount, false)
		default:
			l.amount(l.w.cash, max(t.Given, t.Amount), false)
		}
	}
	if r := l.r.Sale.Rounding; r != 0 {
		l.amount(l.w.rounding, r, false)
	}
	if slices.ContainsFunc(l.r.Sale.Tenders, func(t retail.Tender) bool { return t.Kind == retail.TenderCash }) {
		l.amount(l.w.change, l.r.Sale.Change(), true)
	}
}

func (l *layout) foot() {
	l.blank()
	l.centre(l.w.thanks, false)
	l.centre(l.w.proof+" "+l.r.Proof, false)
	l.copyMark()
}

func (l *layout) copyMark() {
	if l.r.Copy {
		l.centre("*** "+l.w.duplicate+" ***", true)
	}
}

func (l *layout) plain(a money.Amount) string { return clean(a.Plain(l.r.Lang)) }

func (l *layout) amount(label string, a money.Amount, bold bool) { l.sides(label, l.plain(a), bold) }

func (l *layout) blank() { l.out = append(l.out, Line{}) }

func (l *layout) rule() { l.text(strings.Repeat("-", Columns), false) }

// text writes one line, cut to the paper.
func (l *layout) text(s string, bold bool) {
	l.out = append(l.out, Line{Text: strings.TrimRight(cut(clean(s), Columns), " "), Bold: bold})
}

func (l *layout) centre(s string, bold bool) {
	if s == "" {
		return
	}
	s = cut(clean(s), Columns)
	l.text(strings.Repeat(" ", (Columns-utf8.RuneCountInString(s))/2)+s, bold)
}

// sides writes left and right at the two margins. When both do not fit the left one is cut: a name may be, an amount
// never.
func (l *layout) sides(left, right string, bold bool) {
	left, right = clean(left), cut(clean(right), Columns)
	room := Columns - utf8.RuneCountInString(right)
	if right != "" {
		room--
	}
	left = cut(left, max(room, 0))
	gap := Columns - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	l.text(left+strings.Repeat(" ", gap)+right, bold)
}

// pad puts s at the right of a column.
func pad(s string, width int) string {
	return strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0)) + s
}

// clean makes no-break spaces ordinary: every character of a receipt is as wide as the others, and no line is broken.
func clean(s string) string { return strings.NewReplacer("\u00a0", " ", "\n", " ").Replace(s) }

func cut(s string, width int) string {
	r := []rune(s)
	return string(r[:min(len(r), width)])
}
