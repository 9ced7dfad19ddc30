package printer

import (
	"strconv"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// reportWords are a report's own words in one language.
type reportWords struct {
	z, x, shift, till, date, opened, closed, made, by  string
	sales, refunds, net, voids, discounts, revenue     string
	rounding, cash, card, online, other, back          string
	float, cashNet, in, out, expected, counted         string
	over, short, even, first, last, perpetual, waiting string
	proof, duplicate                                   string
}

var (
	reportFrench = reportWords{
		z: "RAPPORT Z", x: "LECTURE X", shift: "Quart", till: "Caisse", date: "Date comptable",
		opened: "Ouvert le", closed: "Fermé le", made: "Lu le", by: "Par",
		sales: "Ventes", refunds: "Remboursements", net: "NET, TAXES COMPRISES", voids: "Annulations", discounts: "Remises",
		revenue: "Avant taxes", rounding: "Arrondi", cash: "Comptant", card: "Carte", online: "Payé en ligne", other: "Autre", back: "rendu",
		float: "Fonds de caisse", cashNet: "Comptant des ventes", in: "Entrées de caisse", out: "Sorties de caisse",
		expected: "Attendu", counted: "Compté", over: "EN TROP", short: "MANQUE", even: "AUCUN ÉCART",
		first: "Premier reçu", last: "Dernier reçu", perpetual: "Total perpétuel", waiting: "En attente du siège",
		proof: "Écriture", duplicate: "DUPLICATA",
	}
	reportEnglish = reportWords{
		z: "Z REPORT", x: "X READING", shift: "Shift", till: "Till", date: "Business date",
		opened: "Opened", closed: "Closed", made: "Read", by: "By",
		sales: "Sales", refunds: "Refunds", net: "NET, TAXES INCLUDED", voids: "Voids", discounts: "Discounts",
		revenue: "Before taxes", rounding: "Rounding", cash: "Cash", card: "Card", online: "Paid online", other: "Other", back: "given back",
		float: "Float", cashNet: "Cash from sales", in: "Cash in", out: "Cash out",
		expected: "Expected", counted: "Counted", over: "OVER", short: "SHORT", even: "NOTHING OVER OR SHORT",
		first: "First receipt", last: "Last receipt", perpetual: "Perpetual total", waiting: "Waiting for head office",
		proof: "Entry", duplicate: "DUPLICATE",
	}
)

// Report lays an X or a Z out in its language, for a paper. Times are printed in the zone they are given in.
func Report(r retail.Report, on Paper) Document {
	l := report{layout{r: retail.Receipt{Lang: r.Lang, Store: r.Store, Training: r.Training}, w: wordsIn(r.Lang), on: on}, r, reportFrench}
	if r.Lang == "en" {
		l.w = reportEnglish
	}
	l.head()
	l.documents()
	l.tenders()
	l.drawer()
	l.practice()
	l.foot()
	return Document{
		Name: r.Code(), At: r.At, Lines: l.out, Again: again(wordsIn(r.Lang), on), Barcode: scanned(r.Code(), r.Training),
	}
}

// report is a report being written, line by line, as a receipt is.
type report struct {
	layout
	r retail.Report
	w reportWords
}

func (l *report) head() {
	l.practice()
	l.copyMark()
	l.centre(l.r.Store.Name, true)
	for _, part := range wrap(l.clean(l.r.Store.Address), l.on.Columns) {
		l.centre(part, false)
	}
	l.blank()
	name, until := l.w.x, l.w.made
	if l.r.Final() {
		name, until = l.w.z+" "+l.r.Code(), l.w.closed
	}
	l.centre(name, true)
	l.blank()
	l.sides(l.w.shift+" "+strconv.FormatUint(l.r.Z.Shift, 10), l.w.till+" "+strconv.Itoa(l.r.Till), false)
	l.sides(l.w.date, l.r.Z.BusinessDate.String(), false)
	l.sides(l.w.opened, moment(l.r.OpenedAt), false)
	l.sides(until, moment(l.r.At), false)
	if l.r.Cashier != "" {
		l.sides(l.w.by, l.r.Cashier, false)
	}
	l.rule()
}

func moment(at time.Time) string { return at.Format("2006-01-02 15:04") }

func (l *report) documents() {
	t := l.r.Z.Totals
	l.amount(counted(l.w.sales, t.Tickets), t.Sold, false)
	l.amount(counted(l.w.refunds, t.Refunds), -t.Refunded, false)
	l.sides(l.w.net, t.Net().FormatIn(l.r.Lang, l.r.Symbol), true)
	l.amount(l.w.revenue, t.Revenue, false)
	for _, c := range t.Charges {
		l.amount(l.chargeName(c.Code, c.Name), c.Amount, false)
	}
	for _, tax := range t.Taxes {
		name := tax.Name.In(l.r.Lang)
		if name == "" {
			name = tax.Code
		}
		l.amount(name+" "+tax.Rate.Format(l.r.Lang), tax.Amount, false)
	}
	l.amount(l.w.discounts, -t.Discounts, false)
	l.sides(l.w.voids, strconv.FormatUint(t.Voids, 10), false)
	l.amount(l.w.rounding, t.Rounding, false)
	l.rule()
}

func counted(name string, n uint64) string { return name + " (" + strconv.FormatUint(n, 10) + ")" }

func (l *report) tenders() {
	for _, t := range l.r.Z.Totals.Tenders {
		name := l.w.other
		switch t.Kind {
		case retail.TenderCash:
			name = l.w.cash
		case retail.TenderCard:
			name = l.w.card
		case retail.TenderOnline:
			name = l.w.online
		}
		l.amount(name, t.In, false)
		if t.Out != 0 {
			l.amount("  "+l.w.back, -t.Out, false)
		}
	}
	if len(l.r.Z.Totals.Tenders) > 0 {
		l.rule()
	}
}

func (l *report) drawer() {
	z := l.r.Z
	l.amount(l.w.float, z.Float, false)
	l.amount(l.w.cashNet, z.Totals.Cash(), false)
	l.amount(l.w.in, z.Totals.CashIn, false)
	l.amount(l.w.out, -z.Totals.CashOut, false)
	l.sides(l.w.expected, z.Expected.FormatIn(l.r.Lang, l.r.Symbol), true)
	if !l.r.Final() {
		l.rule()
		return
	}
	for _, d := range z.Count {
		if d.Count > 0 {
			l.amount("  "+l.piece(d)+" × "+strconv.FormatInt(d.Count, 10), d.Amount(), false)
		}
	}
	l.sides(l.w.counted, z.Counted.FormatIn(l.r.Lang, l.r.Symbol), true)
	switch {
	case z.Difference > 0:
		l.sides(l.w.over, z.Difference.FormatIn(l.r.Lang, l.r.Symbol), true)
	case z.Difference < 0:
		l.sides(l.w.short, (-z.Difference).FormatIn(l.r.Lang, l.r.Symbol), true)
	default:
		l.text(l.w.even, true)
	}
	l.rule()
}

// piece is a note or coin, or a roll of them.
func (l *report) piece(d retail.Denomination) string {
	name := l.plain(d.Value)
	if d.Value%money.Amount(100) == 0 {
		name = strconv.FormatInt(int64(d.Value/100), 10)
	}
	if d.Roll > 0 {
		name += " (" + strconv.FormatInt(d.Roll, 10) + ")"
	}
	return name
}

func (l *report) foot() {
	z := l.r.Z
	if z.Totals.First.Number > 0 {
		l.sides(l.w.first, l.receipt(z.Totals.First), false)
		l.sides(l.w.last, l.receipt(z.Totals.Last), false)
	}
	l.amount(l.w.perpetual, z.Perpetual, false)
	l.sides(l.w.waiting, strconv.FormatUint(z.Waiting, 10), false)
	if l.r.Proof != "" {
		l.blank()
		l.centre(l.w.proof+" "+l.r.Proof, false)
	}
	l.copyMark()
}

func (l *report) receipt(r retail.ReceiptID) string {
	return retail.ReceiptCode(l.r.Store.Code, l.r.Till, r.Epoch, r.Number)
}

func (l *report) copyMark() {
	if l.r.Copy {
		l.centre("*** "+l.w.duplicate+" ***", true)
	}
}
