package web_test

import (
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// busy is a world whose two stores have sold in every way there is: paid in each, with discounts, fees, taxes and rounding, given back
// and voided, on two days.
func busy(t *testing.T) (*world, chain) {
	w := newWorld(t)
	c := w.open()
	zone, err := time.LoadLocation(c.north.Zone)
	require.NoError(t, err)
	var seq uint64
	var all []sales.Document
	add := func(store retail.Location, day retail.Date, user byte, d sales.Document) {
		seq++
		d.Place = sales.Place{Store: store.ID, Till: uuid.UUID{1}, Epoch: 1, Seq: seq, User: uuid.UUID{user}, At: day.Time(zone).Add(time.Duration(seq) * time.Hour)}
		d.BusinessDate, d.Number = day, seq
		d.Revenue, d.Total = 0, 0
		sign := money.Amount(1)
		if d.Refund || d.Void {
			sign = -1
		}
		for i := range d.Lines {
			l := &d.Lines[i]
			l.Quantity, l.Revenue, l.Discount, l.Cost = money.Quantity(sign)*l.Quantity, sign*l.Revenue, sign*l.Discount, sign*l.Cost
			d.Revenue += l.Revenue
		}
		d.Total = d.Revenue
		for i := range d.Charges {
			d.Charges[i].Amount *= sign
			d.Total += d.Charges[i].Amount
		}
		for _, tax := range []sales.Tax{{Code: "TPS", Rate: 5000}, {Code: "TVQ", Rate: 9975}} {
			tax.Base, tax.Amount = d.Revenue, tax.Rate.Of(d.Revenue)
			d.Taxes, d.Total = append(d.Taxes, tax), d.Total+tax.Amount
		}
		switch d.Source { // says how it is paid
		case "cash":
			d.Cash = money.CashRound(d.Total)
			d.Rounding = d.Cash - d.Total
		case "mixed":
			d.Card = d.Total / 2
			d.Cash = money.CashRound(d.Total - d.Card)
			d.Rounding = d.Cash + d.Card - d.Total
		case "online":
			d.Online = d.Total
		default:
			d.Card = d.Total
		}
		d.Source = ""
		all = append(all, d)
	}
	line := func(p uuid.UUID, units, revenue, discount, cost int64) sales.Line {
		return sales.Line{Product: p, Quantity: money.Quantity(units), Revenue: money.Amount(revenue), Discount: money.Amount(discount), Cost: money.Amount(cost)}
	}
	syrup, soap := c.syrup.ID, c.soap.ID
	for _, day := range []retail.Date{20261121, 20261122} {
		add(c.north, day, 1, sales.Document{Source: "cash", Lines: []sales.Line{line(syrup, 3000, 3447, 0, 1722), line(soap, 2000, 898, 100, 498)}})
		add(c.north, day, 2, sales.Document{Source: "card", Lines: []sales.Line{line(soap, 1000, 499, 0, 249)}, Charges: []sales.Charge{{Code: "CONSIGNE", Amount: 10}}})
		add(c.south, day, 2, sales.Document{Source: "mixed", Lines: []sales.Line{line(syrup, 1240, 1425, 0, 712)}})
		add(c.south, day, 1, sales.Document{Source: "online", Lines: []sales.Line{line(syrup, 1000, 1149, 0, 574)}})
		add(c.north, day, 1, sales.Document{Source: "cash", Refund: true, Lines: []sales.Line{line(soap, 1000, 449, 50, 249)}})
		add(c.south, day, 2, sales.Document{Source: "card", Void: true, Lines: []sales.Line{line(syrup, 1000, 1149, 0, 574)}})
		add(c.south, day, 2, sales.Document{Source: "card", Lines: []sales.Line{line(syrup, 1000, 1149, 0, 574)}})
	}
	w.tx(func(tx *db.Tx) error { return sales.Record(t.Context(), tx, all) })
	return w, c
}

// shownTable is a table of a page.
type shownTable struct {
	columns []string
	rows    [][]shownCell
	total   []shownCell
}

type shownCell struct{ text, href string }

var (
	tablesOf = regexp.MustCompile(`(?s)<div class="card table">.*?</table>`)
	rowsOf   = regexp.MustCompile(`(?s)<tr.*?</tr>`)
	cellsOf  = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	hrefOf   = regexp.MustCompile(`<a [^>]*?href="([^"]*)"`)
	subOf    = regexp.MustCompile(`(?s)<span class="sub">.*?</span>`)
	marksOf  = regexp.MustCompile(`(?s)<[^>]*>`)
)

func tables(page string) (all []shownTable) {
	for _, source := range tablesOf.FindAllString(page, -1) {
		var t shownTable
		body, foot, _ := strings.Cut(source, "<tfoot>")
		for i, row := range rowsOf.FindAllString(body, -1) {
			cells := shownCells(row)
			if i > 0 {
				t.rows = append(t.rows, cells)
				continue
			}
			for _, c := range cells {
				t.columns = append(t.columns, c.text)
			}
		}
		t.total = shownCells(foot)
		all = append(all, t)
	}
	return all
}

func shownCells(row string) (cells []shownCell) {
	for _, m := range cellsOf.FindAllStringSubmatch(row, -1) {
		c := shownCell{text: strings.TrimSpace(html.UnescapeString(marksOf.ReplaceAllString(subOf.ReplaceAllString(m[1], ""), "")))}
		if a := hrefOf.FindStringSubmatch(m[1]); a != nil {
			c.href = html.UnescapeString(a[1])
		}
		cells = append(cells, c)
	}
	return cells
}

// hundredths reads a number of a page: 1 234,56 is 123456, and so is 1 234,560.
func hundredths(t *testing.T, text string) int64 {
	t.Helper()
	text = strings.NewReplacer("\u00a0", "", "−", "-", "$", "", "–", "0").Replace(text)
	whole, part, _ := strings.Cut(text, ",")
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	require.NoError(t, err, text)
	return n
}

// receiptList is what a link to receipts shows, added up row by row.
type receiptList struct {
	sums          map[string]int64 // by column, in hundredths
	rows, tickets int64
}

func (v visitor) list(t *testing.T, href string) receiptList {
	t.Helper()
	status, page, _ := v.get(href)
	require.Equal(t, http.StatusOK, status, href)
	l := receiptList{sums: map[string]int64{}}
	all := tables(page)
	if len(all) == 0 {
		return l
	}
	list := all[0]
	for _, row := range list.rows {
		l.rows++
		for i, name := range list.columns[3:] {
			l.sums[name] += hundredths(t, row[i+3].text)
		}
	}
	for i, name := range list.columns[3:] {
		require.Equal(t, l.sums[name], hundredths(t, list.total[i+3].text), "the total of %s at %s", name, href)
	}
	if m := regexp.MustCompile(`<span class="sub">(\d+) tickets?`).FindStringSubmatch(page); m != nil {
		l.tickets, _ = strconv.ParseInt(m[1], 10, 64)
	}
	return l
}

// made is the figure that a list of receipts comes to, by the name that a report gives it.
func (l receiptList) made(label string) (int64, bool) {
	if l.rows == 0 {
		return 0, true
	}
	revenue, cost := l.sums["Revenu"], l.sums["Coût"]
	switch label {
	case "Tickets":
		return l.tickets * 100, true
	case "Panier":
		if l.tickets == 0 {
			return 0, true
		}
		return (revenue*2 + l.tickets) / (2 * l.tickets), true
	case "Revenu", "Unités", "Remises", "Comptant", "Carte", "En ligne", "Arrondi", "Coût", "Consignes et frais":
		return l.sums[label], true
	case "Remboursé", "Annulé":
		return revenue, true
	case "Remboursements", "Annulations":
		return l.rows * 100, true
	case "Marge brute":
		return revenue - cost, true
	case "Ventes avant taxes":
		return revenue + l.sums["Consignes et frais"], true
	case "Taxes à remettre":
		if taxes, ok := l.sums["Taxes"]; ok {
			return taxes, true
		}
	case "Base taxable":
		label = "Base"
	}
	// of one tax: TPS, TPS 5 %, Base TPS 5 %
	for name, sum := range l.sums {
		base := strings.HasPrefix(name, "Base ")
		code := strings.TrimPrefix(name, "Base ")
		if (code == "TPS" || code == "TVQ") && base == strings.HasPrefix(label, "Base") && (strings.Contains(label, code) || label == "Base" || label == "Taxes à remettre") {
			return sum, true
		}
	}
	return 0, false
}

// Every figure of every report leads to receipts that come to it, however the report is narrowed.
func TestFiguresLeadToWhatTheyAreMadeOf(t *testing.T) {
	w, c := busy(t)
	v := w.as(retail.RoleManager)
	shares := map[string]bool{"Part": true, "Marge, %": true, "Remboursé, %": true, "Remises, %": true} // of sums that are checked
	followed := map[string]receiptList{}
	checked := map[string]int{}
	for _, address := range []string{
		"/reports?period=7", "/reports?period=today", "/reports?period=7&user=" + uuid.UUID{2}.String(), "/reports?period=7&paid=mixed", "/reports?period=7&paid=online",
		"/reports?period=7&category=" + c.syrup.Category.String(), "/reports?period=7&store=" + c.south.ID.String(),
		"/reports/breakdown?period=7&each=store", "/reports/breakdown?period=7&each=day", "/reports/breakdown?period=7&each=category",
		"/reports/breakdown?period=7&each=product&user=" + uuid.UUID{1}.String(), "/reports/breakdown?period=7&each=cashier", "/reports/breakdown?period=7&each=tender",
		"/reports/taxes?period=7", "/reports/margin?period=7", "/reports/products?period=7", "/reports/cashiers?period=7",
	} {
		status, page, _ := v.get(address + "&compare=none")
		require.Equal(t, http.StatusOK, status, address)
		for _, table := range tables(page) {
			for _, row := range append(table.rows, table.total) {
				for i, cell := range row {
					label := table.columns[i]
					if i == 0 || !strings.HasPrefix(cell.href, "/receipts?") || shares[label] {
						continue
					}
					list, ok := followed[cell.href]
					if !ok {
						list = v.list(t, cell.href)
						followed[cell.href] = list
					}
					if label == "Marge" && strings.HasSuffix(cell.text, "%") {
						revenue := list.sums["Revenu"]
						if revenue == 0 {
							continue
						}
						share := ((revenue-list.sums["Coût"])*2000 + revenue) / (2 * revenue)
						require.Equal(t, share, hundredths(t, strings.TrimSuffix(cell.text, "%"))/10, "%s of %s at %s", label, address, cell.href)
						checked[label]++
						continue
					}
					made, known := list.made(label)
					require.True(t, known, "%s on %s leads to a list without it: %s", label, address, cell.href)
					if label == "Unités" && !strings.Contains(cell.text, ",") {
						made = (made + 50) / 100 * 100
					}
					require.Equal(t, hundredths(t, cell.text), made, "%s on %s: %s", label, address, cell.href)
					checked[label]++
				}
			}
		}
	}
	for _, label := range []string{
		"Revenu", "Tickets", "Panier", "Unités", "Remboursé", "Remises", "Consignes et frais", "TPS", "TVQ", "Comptant", "Carte", "En ligne", "Arrondi", "Marge",
		"Coût", "Marge brute", "Base taxable", "Taxes à remettre", "Ventes avant taxes", "Remboursements", "Annulations", "Annulé",
	} {
		require.Positive(t, checked[label], label)
	}
}

// The tenders, the best sellers and the days of the chart lead to what they are made of, too.
func TestChartsLeadToReceipts(t *testing.T) {
	w, c := busy(t)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/reports?period=7&compare=none")
	links := func(pattern string) (found [][]string) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(page, -1) {
			m[1] = html.UnescapeString(m[1])
			found = append(found, m)
		}
		return found
	}
	ranks := links(`<a class="rank-label" href="([^"]*)">([^<]*)</a>\s*<b>([^<]*)</b>`)
	require.Len(t, ranks, 5, "two products and three ways to pay")
	for _, m := range ranks {
		column := m[2]
		if _, way := map[string]bool{"Carte": true, "Comptant": true, "En ligne": true}[column]; !way {
			column = "Revenu"
		}
		require.Equal(t, hundredths(t, m[3]), v.list(t, m[1]).sums[column], "%s: %s", m[2], m[1])
	}
	days := links(`<td><a href="([^"]*)">([^<]*)</a></td>`)
	require.Len(t, days, 7)
	for _, m := range days {
		require.Equal(t, hundredths(t, m[2]), v.list(t, m[1]).sums["Revenu"], m[1])
	}
	facts := links(`<dd><a href="([^"]*)">([^<]*)</a></dd>`)
	require.Len(t, facts, 5)
	for i, column := range []string{"Revenu", "Consignes et frais", "TPS", "TVQ", "Arrondi"} {
		require.Equal(t, hundredths(t, facts[i][2]), v.list(t, facts[i][1]).sums[column], column)
	}

	_, page, _ = v.get("/stores/" + c.north.ID.String())
	hours := links(`<td><a href="([^"]*)">([^<]*)</a></td>`)
	require.NotEmpty(t, hours)
	var sum int64
	for _, m := range hours {
		list := v.list(t, m[1])
		require.Equal(t, hundredths(t, m[2]), list.sums["Revenu"], m[1])
		sum += list.sums["Revenu"]
	}
	require.Positive(t, sum)

	// the store's categories and its best and worst sellers
	ranks = links(`<a class="rank-label" href="([^"]*)">([^<]*)</a>\s*<b>([^<]*)</b>`)
	var labels []string
	for _, m := range ranks {
		labels = append(labels, m[2])
		require.Equal(t, hundredths(t, m[3]), v.list(t, m[1]).sums["Revenu"], m[1])
	}
	require.Equal(t, []string{"Épicerie", "Sirop d’érable", "Savon à mains", "Savon à mains", "Sirop d’érable"}, labels, "by category, the best, the worst")
}

// The consolidated report is narrowed by its filters, on the page and in its files alike; any stores can be chosen, and any days to compare with.
func TestTheReportIsNarrowed(t *testing.T) {
	w, c := busy(t)
	v := w.as(retail.RoleManager)
	csv := func(query string) string {
		status, body, _ := v.get("/reports.csv?from=2026-11-22&to=2026-11-22&compare=none&" + query)
		require.Equal(t, http.StatusOK, status, query)
		return body
	}
	for query, line := range map[string]string{
		"user=" + uuid.UUID{1}.String(): "NO;Magasin Nord;38,96;1;38,96;4,000;",
		"paid=online":                   "SU;Magasin Sud;11,49;1;11,49;1,000;",
		"paid=mixed":                    "SU;Magasin Sud;14,25;1;14,25;1,240;",
		"category=" + c.syrup.Category.String() + "&user=" + uuid.UUID{2}.String():        "NO;Magasin Nord;4,99;1;4,99;1,000;0,00;0,00;2,49;2,50",
		"store=" + c.south.ID.String():                                                    "SU;Magasin Sud;25,74;2;",
		"store=" + c.south.ID.String() + "," + c.north.ID.String() + "&paid=online":       "NO;Magasin Nord;0,00;0;",
		"store=" + c.south.ID.String() + "&store=" + c.north.ID.String() + "&paid=online": "SU;Magasin Sud;11,49;1;",
	} {
		require.Contains(t, csv(query), line, query)
	}
	require.NotContains(t, csv("store="+c.south.ID.String()), "Magasin Nord")
	require.NotContains(t, csv("category="+c.syrup.Category.String()), "Comptant", "no part of a receipt is paid in cash")

	_, page, _ := v.get("/reports?from=2026-11-22&to=2026-11-22&user=" + uuid.UUID{1}.String() + "&compare=custom&compare_from=2026-11-21&compare_to=2026-11-21")
	for _, shown := range []string{`name="compare_from"`, `value="2026-11-21"`, "0,0 %", "50,45"} {
		require.Contains(t, page, shown)
	}
	status, _, _ := v.get("/reports?compare=custom&compare_from=2026-11-21&compare_to=2026-11-20")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	_, page, _ = v.get("/reports?period=7&category=" + c.syrup.Category.String())
	require.Contains(t, page, "Épicerie")
	require.Contains(t, page, "reçus entiers")
}

// A manager of one store sees no other, in whatever form a list of stores names it.
func TestAListOfStoresNamesNoneThatIsNotSeen(t *testing.T) {
	w, c := busy(t)
	v := w.managerOf(c.north)
	for _, list := range []string{"store=" + c.south.ID.String(), "store=" + c.north.ID.String() + "," + c.south.ID.String(), "store=" + c.north.ID.String() + "&store=" + c.south.ID.String()} {
		for _, path := range []string{"/reports?", "/reports.csv?", "/receipts?", "/reports/breakdown?"} {
			status, _, _ := v.get(path + list)
			require.Equal(t, http.StatusForbidden, status, path+list)
		}
	}
	_, page, _ := v.get("/reports?period=7")
	require.NotContains(t, page, "Sud")
}

// A Z leads to the cash of its shift alone, beside what else makes what it expected.
func TestShiftsLeadToTheirReceipts(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	l := w.writes(c.north, 1)
	user := uuid.UUID{7}
	record := func(seq uint64, body any) {
		w.tx(func(tx *db.Tx) error {
			place := sales.Place{Store: c.north.ID, Till: l.id, Epoch: 1, Seq: seq, At: sunday, User: user}
			if d, ok := body.(sales.Document); ok {
				d.Place, d.BusinessDate, d.Number = place, 20261122, seq
				return sales.Record(t.Context(), tx, []sales.Document{d})
			}
			return sales.RecordDrawer(t.Context(), tx, []sales.Drawer{{Place: place, Body: body}})
		})
	}
	cash := func(a money.Amount) sales.Document {
		return sales.Document{Revenue: a, Total: a, Cash: a, Lines: []sales.Line{{Product: c.soap.ID, Quantity: money.One, Revenue: a}}}
	}
	record(10, retail.ShiftOpen{Shift: 1, BusinessDate: 20261122, Float: 5000})
	record(11, cash(1000))
	record(12, retail.ShiftClose{Number: 1, Shift: 1, BusinessDate: 20261122, Opened: retail.ChainEnd{Epoch: 1, Seq: 10}, Float: 5000, Expected: 6000, Counted: 5990})
	record(13, retail.ShiftOpen{Shift: 2, BusinessDate: 20261122, Float: 7000})
	record(14, cash(2500))
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/stores/" + c.north.ID.String())
	shifts := map[string]int64{}
	for _, table := range tables(page) {
		if table.columns[0] != "Rapport Z" {
			continue
		}
		for _, row := range table.rows {
			shifts[row[0].text] = v.list(t, row[0].href).sums["Comptant"]
			if row[0].text == "NO-01-1-Z0001" {
				_, list, _ := v.get(row[6].href)
				for _, shown := range []string{"Fonds de caisse", "50,00", "60,00", "−0,10"} {
					require.Contains(t, list, shown)
				}
			}
		}
	}
	require.Equal(t, map[string]int64{"NO-01-1-Z0001": 1000, "Quart ouvert": 2500}, shifts)
	_, page, _ = v.get("/reports/shifts?period=today")
	all := tables(page)
	require.EqualValues(t, 1000, v.list(t, all[len(all)-1].rows[0][6].href).sums["Comptant"])
}
