package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/intake"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// bestShown is how many best sellers the page ranks; the files have them all.
const bestShown = 5

// reportPage is the consolidated sales.
type reportPage struct {
	kpis          ui.KPIs
	lines         ui.Lines
	best, tenders []ui.Rank
	settled       []fact // below the tenders
	collected     string
	table         ui.Table
	offline       int  // tills whose sales may be missing
	ofGoods       bool // parts of receipts are meant, which have no taxes and no tenders
	empty         bool
	check         *reportCheck // nil for who may not see journals
}

// reportCheck says whether the stores' journals come to the figures of the report.
type reportCheck struct {
	verified
	faults     int // that touch what the report is about
	when, back string
	stores     string // ids, for the form
}

func (s *site) report(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, report, err := s.readReport(r)
	if err != nil {
		return err
	}
	if ctx, err = s.paidIn(ctx, f.Stores); err != nil {
		return err
	}
	r = r.WithContext(ctx)
	if len(f.all) == 0 {
		return s.show(w, r, view{title: ui.T(ctx, "report.title")}, noStores())
	}
	p := reportPage{kpis: reportKPIs(ctx, f, report), lines: revenueLines(ctx, f, report), table: reportTable(r, f, report), ofGoods: f.OfGoods()}
	p.empty = report.Total.Figures == sales.Figures{}
	if p.best, err = s.ranking(ctx, f, report.Best[:min(bestShown, len(report.Best))]); err != nil {
		return err
	}
	charges, err := catalog.Charges(ctx, s.DB)
	if err != nil {
		return err
	}
	p.tenders, p.settled, p.collected = settled(ctx, f, report.Total, charges)
	tills, err := s.Journal.Tills(ctx)
	if err != nil {
		return err
	}
	var entries int64
	for _, t := range tills {
		if slices.ContainsFunc(f.Stores, func(l retail.Location) bool { return l.ID == t.Store }) {
			entries += t.Entries
		}
		if t.RevokedAt == nil && (silent(t) || t.Waiting > 0) && slices.ContainsFunc(f.Stores, func(l retail.Location) bool { return l.ID == t.Store }) {
			p.offline++
		}
	}
	if link(ctx, "/journal") != "" {
		if p.check, err = s.reportCheck(r, f, entries); err != nil {
			return err
		}
	}
	fields, err := s.narrowChoices(r, f)
	if err != nil {
		return err
	}
	about, err := s.narrowWords(ctx, f)
	if err != nil {
		return err
	}
	var live []string
	if p.check != nil && p.check.running {
		live = []string{eventJournal}
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "report.title"), live: live, subtitle: strings.Join(append([]string{f.words(ctx)}, about...), " · "),
		tools: templ.Join(reportTabs(r, f), reportTools("/reports", f, narrowing(fields), reportFiles(r, "/reports"))),
	}, reportContent(p))
}

// reportCheck is what the newest verifications of the report's stores say of it. They are of whole stores: what they found on other days,
// or about stock, is not about this report.
func (s *site) reportCheck(r *http.Request, f reportFilter, entries int64) (*reportCheck, error) {
	c := reportCheck{back: r.URL.RequestURI(), stores: idsText(f.Stores)}
	var err error
	if c.verified, err = s.verifiedOf(r.Context(), scopesAt(f.Stores), entries); err != nil {
		return nil, err
	}
	for _, found := range c.findings {
		if found.Sums != nil && (found.Sums.Date < f.From || found.Sums.Date > f.To) || found.Level != nil || found.Code == intake.FoundCount || found.Code == intake.FoundTransfer {
			continue
		}
		c.faults++
	}
	if c.since != nil {
		c.when = ui.DateTime(r.Context(), c.since.In(zoneOf(f.Stores)))
	}
	return &c, nil
}

// readReport reads the report that the address asks for, as of one moment.
func (s *site) readReport(r *http.Request) (f reportFilter, report sales.Report, err error) {
	if f, err = s.filterOf(r); err != nil {
		return f, report, err
	}
	if err = s.narrow(r, &f); err != nil {
		return f, report, err
	}
	err = s.Snapshot(r.Context(), func(q stock.Querier) error {
		report, err = sales.ReadReport(r.Context(), q, f.Filter)
		return err
	})
	return f, report, err
}

func reportKPIs(ctx context.Context, f reportFilter, report sales.Report) ui.KPIs {
	now, before := report.Total.Figures, report.Total.Compared
	change := func(value func(sales.Figures) int64) *ui.Change {
		if before == nil {
			return nil
		}
		return ui.ChangeOf(ctx, value(now), value(*before))
	}
	refunded := ui.KPI{ID: "refunded", Label: ui.T(ctx, "figure.refunded"), Value: ui.Money(ctx, -now.Refunded), Href: f.receipts("only", "refunds")}
	if now.Revenue > 0 {
		refunded.Note = ui.T(ctx, "report.share", "Share", ui.Percent(ctx, int64(-now.Refunded)*1000/int64(now.Revenue)))
	}
	figures := []ui.KPI{
		{
			ID: "revenue", Label: ui.T(ctx, "report.revenue"), Value: ui.Money(ctx, now.Revenue), Href: f.receipts(),
			Change: change(func(f sales.Figures) int64 { return int64(f.Revenue) }),
		},
		{
			ID: "tickets", Label: ui.T(ctx, "figure.tickets"), Value: ui.Number(ctx, now.Tickets), Href: f.receipts("only", "sales"),
			Change: change(func(f sales.Figures) int64 { return f.Tickets }),
		},
		{
			ID: "basket", Label: ui.T(ctx, "figure.basket"), Value: ui.Money(ctx, now.Basket()), Href: f.receipts(),
			Change: change(func(f sales.Figures) int64 { return int64(f.Basket()) }),
		},
	}
	if !f.OfGoods() {
		var taxes []string
		for _, code := range report.TaxCodes() {
			taxes = append(taxes, taxName(ctx, code))
		}
		figures = append(figures, ui.KPI{
			ID: "taxes", Label: ui.T(ctx, "report.taxes"), Value: ui.Money(ctx, now.Collected()), Note: strings.Join(taxes, ", "), Href: f.receipts(),
		})
	}
	return ui.KPIs{Figures: append(figures, refunded, ui.KPI{
		ID: "margin", Label: ui.T(ctx, "figure.margin"), Value: ui.Percent(ctx, now.MarginShare()), Note: ui.Money(ctx, now.Margin()), Href: f.receipts("only", "margin"),
	})}
}

// revenueLines is the revenue by day, or by as many days as keep the points apart.
func revenueLines(ctx context.Context, f reportFilter, report sales.Report) ui.Lines {
	l := ui.Lines{
		Now: periodWords(ctx, report.Filter.Period), Category: ui.T(ctx, "report.day"),
		Axis: func(v int64) string { return ui.Number(ctx, v/100) },
	}
	if report.CompareDays != nil {
		l.Before = periodWords(ctx, report.Filter.Compare)
	}
	every := 1
	switch days := len(report.Days); {
	case days > 62*7:
		every, l.Title = 28, ui.T(ctx, "report.by_four_weeks")
	case days > 62:
		every, l.Title = 7, ui.T(ctx, "report.by_week")
	default:
		l.Title = ui.T(ctx, "report.by_day")
	}
	sameMonth := report.Filter.From/100 == report.Filter.To/100
	for first := 0; first < len(report.Days); first += every {
		day := report.Days[first].Date.Time(time.UTC)
		p := ui.Point{
			Label: ui.ShortDate(ctx, day), Href: f.on(report.Days[first].Date, report.Days[min(first+every, len(report.Days))-1].Date).receipts(),
		}
		if sameMonth {
			p.Label = fmt.Sprint(day.Day())
		}
		now, before := revenueOf(report.Days, first, every), revenueOf(report.CompareDays, first, every)
		p.Now, p.NowText, p.Before, p.BeforeText = int64(now), ui.Money(ctx, now), int64(before), ui.Money(ctx, before)
		l.Points = append(l.Points, p)
	}
	return l
}

func revenueOf(days []sales.DaySales, first, count int) money.Amount {
	var sum money.Amount
	for i := first; i < min(first+count, len(days)); i++ {
		sum += days[i].Revenue
	}
	return sum
}

// settled is how it was paid: the tenders, what lies between them and the revenue, and what came in.
func settled(ctx context.Context, f reportFilter, total sales.Sales, known []retail.Charge) (tenders []ui.Rank, between []fact, collected string) {
	tender := func(word, only string, a money.Amount, series int) ui.Rank {
		return ui.Rank{Label: ui.T(ctx, word), Text: ui.Money(ctx, a), Value: int64(a), Series: series, Href: f.receipts("only", only)}
	}
	tenders = []ui.Rank{tender("figure.card", "card", total.Card, 1), tender("figure.cash", "cash", total.Cash, 3)}
	if total.Online != 0 {
		tenders = append(tenders, tender("figure.online", "online", total.Online, 2))
	}
	slices.SortStableFunc(tenders, func(a, b ui.Rank) int { return cmp.Compare(b.Value, a.Value) })
	add := func(name string, a money.Amount, of ...string) {
		between = append(between, fact{name: name, value: ui.Money(ctx, a), href: f.receipts(of...)})
	}
	add(ui.T(ctx, "figure.revenue"), total.Revenue)
	for _, c := range total.ByCharge {
		add(chargeName(ctx, known, c.Code), c.Amount, "only", "charges")
	}
	if total.ByCharge == nil && total.Charges != 0 {
		add(ui.T(ctx, "figure.charges"), total.Charges, "only", "charges")
	}
	for _, tax := range total.Taxes {
		add(taxName(ctx, tax.Code)+" "+tax.Rate.Format(ui.Lang(ctx)), tax.Amount, taxPairs(tax)...)
	}
	add(ui.T(ctx, "report.cash_rounding"), total.Rounding, "only", "rounding")
	return tenders, between, ui.Money(ctx, total.Cash+total.Card+total.Online)
}

// chargeName is what a deposit or fee is called now; its code when there is none any more.
func chargeName(ctx context.Context, known []retail.Charge, code string) string {
	for _, c := range known {
		if c.Code == code {
			return language(ctx, c.Name)
		}
	}
	return code
}

// ranking is best sellers with what is left of them. Each leads to what was sold of it.
func (s *site) ranking(ctx context.Context, f reportFilter, best []sales.ProductSales) ([]ui.Rank, error) {
	ids := make([]uuid.UUID, len(best))
	for i, b := range best {
		ids[i] = b.Product
	}
	products, err := catalog.ByID(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	var ranks []ui.Rank
	for _, b := range best {
		p := products[b.Product]
		rank := ui.Rank{Label: language(ctx, p.Name), Text: ui.Money(ctx, b.Revenue), Value: int64(b.Revenue), Series: 1, Href: f.receipts("product", b.Product.String())}
		switch {
		case p.MadeHere:
			rank.Note = ui.T(ctx, "report.made_here")
		case b.Remaining != nil:
			rank.Note = ui.T(ctx, "report.left", "Quantity", ui.Quantity(ctx, *b.Remaining))
		}
		ranks = append(ranks, rank)
	}
	return ranks, nil
}

// reportColumn is a figure of the table, and what it sorts by.
type reportColumn struct {
	key, label string
	value      func(sales.Sales) int64
	text       func(sales.Sales) string
	of         []string // narrows the receipts to those that the figure is made of
}

func reportColumns(ctx context.Context, report sales.Report) []reportColumn {
	amount := func(key, label string, value func(sales.Sales) money.Amount, of ...string) reportColumn {
		return reportColumn{
			key, label, func(s sales.Sales) int64 { return int64(value(s)) },
			func(s sales.Sales) string { return ui.PlainMoney(ctx, value(s)) }, of,
		}
	}
	columns := []reportColumn{
		amount("revenue", ui.T(ctx, "figure.revenue"), func(s sales.Sales) money.Amount { return s.Revenue }),
		{
			"tickets", ui.T(ctx, "figure.tickets"), func(s sales.Sales) int64 { return s.Tickets },
			func(s sales.Sales) string { return ui.Number(ctx, s.Tickets) },
			[]string{"only", "sales"},
		},
		amount("basket", ui.T(ctx, "figure.basket_short"), func(s sales.Sales) money.Amount { return s.Basket() }),
		{
			"units", ui.T(ctx, "figure.units"), func(s sales.Sales) int64 { return int64(s.Units) },
			func(s sales.Sales) string { return wholeUnits(ctx, s.Units) }, nil,
		},
		amount("refunded", ui.T(ctx, "figure.refunded"), func(s sales.Sales) money.Amount { return s.Refunded }, "only", "refunds"),
		amount("discount", ui.T(ctx, "figure.discount"), func(s sales.Sales) money.Amount { return -s.Discount }, "only", "discounts"),
	}
	margin := reportColumn{
		"margin", ui.T(ctx, "figure.margin_short"), func(s sales.Sales) int64 { return s.MarginShare() },
		func(s sales.Sales) string { return ui.Percent(ctx, s.MarginShare()) },
		[]string{"only", "margin"},
	}
	if report.Filter.OfGoods() {
		return append(columns, margin)
	}
	if report.Total.ByCharge != nil || report.Total.Charges != 0 {
		columns = append(columns, amount("charges", ui.T(ctx, "figure.charges"), func(s sales.Sales) money.Amount { return s.Charges }, "only", "charges"))
	}
	for _, code := range report.TaxCodes() {
		columns = append(columns, amount("tax-"+code, taxName(ctx, code), func(s sales.Sales) money.Amount { return s.TaxOf(code) }, "tax", code))
	}
	columns = append(columns,
		amount("cash", ui.T(ctx, "figure.cash"), func(s sales.Sales) money.Amount { return s.Cash }, "only", "cash"),
		amount("card", ui.T(ctx, "figure.card"), func(s sales.Sales) money.Amount { return s.Card }, "only", "card"),
	)
	if report.Total.Online != 0 {
		columns = append(columns, amount("online", ui.T(ctx, "figure.online"), func(s sales.Sales) money.Amount { return s.Online }, "only", "online"))
	}
	return append(columns, amount("rounding", ui.T(ctx, "figure.rounding"), func(s sales.Sales) money.Amount { return s.Rounding }, "only", "rounding"), margin)
}

// reportTable has a row for each store, the one with the most of the chosen column first.
func reportTable(r *http.Request, f reportFilter, report sales.Report) ui.Table {
	ctx := r.Context()
	columns := reportColumns(ctx, report)
	sort := columns[0]
	t := ui.Table{Caption: ui.T(ctx, "report.title"), Columns: []ui.Column{{Label: ui.T(ctx, "filter.store")}}}
	for _, c := range columns {
		if c.key == r.FormValue("sort") {
			sort = c
		}
	}
	for i, c := range columns {
		column := ui.Column{Label: c.label, Figure: true, SortHref: with(r, "sort", c.key)}
		if c.key == sort.key {
			column.Sorted = "descending"
		}
		t.Columns = append(t.Columns, column)
		if i == 0 && report.Total.Compared != nil {
			t.Columns = append(t.Columns, ui.Column{Label: ui.T(ctx, "figure.change"), Figure: true})
		}
	}
	short := shortNames(f.all)
	cells := func(name ui.Cell, s sales.Sales, of reportFilter) []ui.Cell {
		row := []ui.Cell{name}
		for i, c := range columns {
			row = append(row, ui.Cell{Text: c.text(s), Href: of.receipts(c.of...)})
			if i == 0 && s.Compared != nil {
				change := ui.Cell{Text: dash}
				if c := ui.ChangeOf(ctx, int64(s.Revenue), int64(s.Compared.Revenue)); c != nil {
					change = ui.Cell{Change: c}
				}
				row = append(row, change)
			}
		}
		return row
	}
	rows := slices.Clone(report.Stores)
	slices.SortStableFunc(rows, func(a, b sales.StoreSales) int { return cmp.Compare(sort.value(b.Sales), sort.value(a.Sales)) })
	for _, row := range rows {
		name := ui.Cell{Text: short.of(row.Store.ID), Href: with(r, "store", row.Store.ID.String())}
		t.Rows = append(t.Rows, ui.Row{Cells: cells(name, row.Sales, f.of(row.Store.ID))})
	}
	t.Total = cells(ui.Cell{Text: ui.T(ctx, "report.total")}, report.Total, f)
	return t
}
