package printer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Receipt lays a sale, a refund or a void out in its language, for a paper. The time is printed in the zone it is given in.
func Receipt(r retail.Receipt, on Paper) Document {
	l := layout{r: r, w: wordsIn(r.Lang), on: on, sale: r.Sale}
	if r.Refund != nil {
		l.sale = r.Refund.Shown()
	}
	l.head()
	for _, line := range l.sale.Lines {
		l.line(line)
	}
	l.rule()
	l.totals()
	l.rule()
	l.tenders()
	l.practice()
	l.foot()
	return Document{Name: r.Code(), At: r.At, Lines: l.out, Again: again(l.w, on), Barcode: scanned(r.Code(), r.Training)}
}

// scanned is the barcode of a document. One of a training has none: nothing must find it again.
func scanned(code string, training bool) string {
	if training {
		return ""
	}
	return code
}

// again says that what came out before this is not whole.
func again(w words, on Paper) []Line {
	l := layout{w: w, on: on}
	for _, part := range wrap(l.clean(w.again), on.Columns) {
		l.centre(part, true)
	}
	return l.out
}

// layout is a receipt being written, line by line.
type layout struct {
	r   retail.Receipt
	w   words
	on  Paper
	out []Line
	// sale is what was sold, or what is given back.
	sale retail.Sale
}

func (l *layout) head() {
	l.practice()
	l.copyMark()
	l.centre(l.r.Store.Name, true)
	for _, part := range wrap(l.clean(l.r.Store.Address), l.on.Columns) {
		l.centre(part, false)
	}
	l.blank()
	if l.r.Refund != nil {
		l.centre(l.kind(), true)
		l.blank()
	}
	l.pair(l.w.receipt+" "+l.r.Code(), l.w.till+" "+strconv.Itoa(l.r.Till))
	l.pair(l.r.At.Format("2006-01-02 15:04"), l.cashier())
	if l.r.Customer != "" {
		l.text(l.w.customer+" "+l.r.Customer, false)
	}
	if l.r.Sale.OrderCode != "" {
		l.pair(l.w.order+" "+l.r.Sale.OrderCode, "")
	}
	if l.r.Refund != nil {
		l.pair(l.of(), "")
		reason := cmp.Or(l.w.reasons[l.r.Refund.Reason], l.r.Refund.Reason)
		for _, part := range wrap(l.clean(l.w.reason+" "+reason), l.on.Columns) {
			l.text(part, false)
		}
	}
	l.rule()
}

// kind is what a document that gives something back is called.
func (l *layout) kind() string {
	if l.r.Void {
		return l.w.void
	}
	return l.w.refund
}

// of names the receipt that is given back; one of another till is known by its number alone.
func (l *layout) of() string {
	switch {
	case l.r.Of != "":
		return l.w.of + " " + l.r.Of
	case !l.r.Refund.Receipted():
		return l.w.ofNone
	}
	return l.w.ofOther + " " + fmt.Sprintf("%d-%06d", l.r.Refund.Receipt.Epoch, l.r.Refund.Receipt.Number)
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
	flags := l.flags(s.Class)
	gross := l.plain(s.Amount + s.Discount)
	if right := flags + "  " + pad(gross, 9); width(l.clean(left))+1+width(l.clean(right)) <= l.on.Columns {
		l.sides(left, right, false)
	} else {
		l.sides(left, gross, false)
		if flags != "" {
			l.text("  "+flags, false)
		}
	}
	if s.Discount != 0 {
		l.sides("  "+l.w.discount, l.plain(-s.Discount), false)
	}
	for _, c := range s.Charges {
		name := "  " + l.chargeName(c.Code, c.Name) + " " + s.Quantity.Format(l.r.Lang) + " × " + l.plain(c.Unit)
		if taxes := l.taxNames(c.Class); taxes != "" {
			name += " " + taxes
		}
		l.sides(name, l.plain(c.Amount), false)
	}
}

// flags says how a line is taxed: by the names of its taxes, or why there are none.
func (l *layout) flags(class retail.TaxClass) string {
	names := l.taxNames(class)
	switch {
	case names != "":
		return names
	case class == retail.ZeroRated:
		return l.w.zeroRated
	case class == retail.Exempt:
		return l.w.exempt
	}
	return ""
}

// taxNames are the taxes that were charged on a class.
func (l *layout) taxNames(class retail.TaxClass) string {
	var names []string
	for _, tax := range l.sale.Taxes {
		if tax.On(class) {
			names = append(names, l.taxName(tax))
		}
	}
	return strings.Join(names, " ")
}

func (l *layout) chargeName(code string, name retail.Text) string {
	if text := name.In(l.r.Lang); text != "" {
		return text
	}
	return code
}

func (l *layout) taxName(tax retail.Tax) string {
	if name := tax.Name.In(l.r.Lang); name != "" {
		return name
	}
	return tax.Code
}

func (l *layout) totals() {
	var subtotal money.Amount
	for _, line := range l.sale.Lines {
		subtotal += line.Amount
	}
	l.amount(l.w.subtotal, subtotal, false)
	for _, c := range retail.Total(l.sale.Lines, nil).Charges {
		l.amount(l.chargeName(c.Code, c.Name), c.Amount, false)
	}
	l.taxes(false)
	total := l.w.total
	if l.r.Refund != nil {
		total = l.w.totalBack
	}
	l.sides(total, l.sale.Total.FormatIn(l.r.Lang, l.r.Symbol), true)
	l.out[len(l.out)-1].Tall = true
	l.taxes(true)
}

// taxes prints those that were added to the prices above the total, and those that are inside it below.
func (l *layout) taxes(included bool) {
	for _, tax := range l.sale.Taxes {
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
	for _, t := range l.sale.Tenders {
		switch t.Kind {
		case retail.TenderCard:
			l.card(l.w.card, t)
		case retail.TenderOnline:
			l.card(l.w.online, t)
		default:
			l.amount(l.w.cash, max(t.Given, t.Amount), false)
		}
	}
	if r := l.sale.Rounding; r != 0 {
		l.amount(l.w.rounding, r, false)
	}
	if l.r.Refund == nil && slices.ContainsFunc(l.sale.Tenders, func(t retail.Tender) bool { return t.Kind == retail.TenderCash }) {
		l.amount(l.w.change, l.sale.Change(), true)
	}
}

// card is what was paid by one, here or online; it takes a second line where the first is too short for the approval.
func (l *layout) card(label string, t retail.Tender) {
	approval := ""
	if t.LastFour != "" {
		label += " ··" + t.LastFour
	}
	if t.Approval != "" {
		approval = l.w.approval + " " + t.Approval
	}
	amount := l.plain(t.Amount)
	if both := label + "  " + approval; approval != "" && width(l.clean(both))+1+width(l.clean(amount)) <= l.on.Columns {
		label, approval = both, ""
	}
	l.sides(label, amount, false)
	if approval != "" {
		l.text("  "+approval, false)
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

// practice says, at the top and before the foot, that nothing was sold.
func (l *layout) practice() {
	if l.r.Training {
		l.blank()
		l.centre("*** "+l.w.training+" ***", true)
		l.out[len(l.out)-1].Tall = true
		l.blank()
	}
}

func (l *layout) plain(a money.Amount) string { return a.Plain(l.r.Lang) }

func (l *layout) amount(label string, a money.Amount, bold bool) { l.sides(label, l.plain(a), bold) }

func (l *layout) blank() { l.out = append(l.out, Line{}) }

func (l *layout) rule() { l.text(strings.Repeat("-", l.on.Columns), false) }

// text writes one line, cut to the paper.
func (l *layout) text(s string, bold bool) {
	l.out = append(l.out, Line{Text: strings.TrimRight(cut(l.clean(s), l.on.Columns), " "), Bold: bold})
}

func (l *layout) centre(s string, bold bool) {
	if s == "" {
		return
	}
	s = cut(l.clean(s), l.on.Columns)
	l.text(strings.Repeat(" ", (l.on.Columns-width(s))/2)+s, bold)
}

// sides writes left and right at the two margins. When both do not fit the left one is cut: a name may be, an amount
// never.
func (l *layout) sides(left, right string, bold bool) {
	left, right = l.clean(left), cut(l.clean(right), l.on.Columns)
	room := l.on.Columns - width(right)
	if right != "" {
		room--
	}
	left = cut(left, max(room, 0))
	l.text(left+strings.Repeat(" ", l.on.Columns-width(left)-width(right))+right, bold)
}

// pair writes two things that are both to be read: below each other when they do not fit beside.
func (l *layout) pair(left, right string) {
	if width(l.clean(left))+2+width(l.clean(right)) <= l.on.Columns {
		l.sides(left, right, false)
		return
	}
	l.text(left, false)
	l.text(right, false)
}

// clean leaves only characters of the paper: each is as wide as the others, and none breaks a line.
func (l *layout) clean(s string) string { return l.on.Page.Fit(s) }
