package ui

import (
	"context"
	"fmt"

	"comptant/shared/money"

	"github.com/a-h/templ"
)

// both picks the sample text in the language of the page.
func both(ctx context.Context, fr, en string) string {
	if Lang(ctx) == "en" {
		return en
	}
	return fr
}

func sampleShell(ctx context.Context, title string, place int) Shell {
	nav := []NavItem{
		{Label: both(ctx, "Aperçu", "Overview"), Icon: IconOverview, Phone: true},
		{Label: both(ctx, "Magasins", "Stores"), Icon: IconStores, Phone: true},
		{Label: both(ctx, "Rapports", "Reports"), Icon: IconReports},
		{Label: both(ctx, "Stock", "Stock"), Icon: IconStock, Phone: true},
		{Label: both(ctx, "Réappro.", "Restock"), Icon: IconRestock, Count: 4, Phone: true},
		{Label: both(ctx, "Catalogue", "Catalogue"), Icon: IconCatalogue},
		{Label: both(ctx, "Commandes", "Orders"), Icon: IconOrders, Count: 6},
		{Label: both(ctx, "Personnes", "People"), Icon: IconPeople},
		{Label: both(ctx, "Caisses", "Tills"), Icon: IconTills},
		{Label: both(ctx, "Journal", "Journal"), Icon: IconJournal},
		{Label: both(ctx, "Système", "System"), Icon: IconSystem},
	}
	for i := range nav {
		nav[i].Href, nav[i].Current = fmt.Sprintf("/%d", i), i == place
	}
	return Shell{Title: title, Nav: nav, User: "Emma"}
}

func sampleKPIs(ctx context.Context) KPIs {
	return KPIs{
		Figures: []KPI{
			{
				ID: "revenue", Label: both(ctx, "Revenu aujourd’hui", "Revenue today"), Value: Money(ctx, 1045675), Href: "/1",
				Change: ChangeOf(ctx, 1045675, 1071590), Note: both(ctx, "contre 10 715,90 $, le dimanche précédent à 14 h 32", "against $10,715.90, last Sunday at 14:32"),
			},
			{ID: "tickets", Label: "Tickets", Value: "560", Change: ChangeOf(ctx, 560, 578)},
			{ID: "basket", Label: both(ctx, "Panier moyen", "Average basket"), Value: Money(ctx, 1867), Change: ChangeOf(ctx, 1867, 1854)},
			{ID: "units", Label: both(ctx, "Unités", "Units"), Value: Number(ctx, 3214), Change: ChangeOf(ctx, 3214, 3293)},
			{ID: "margin", Label: both(ctx, "Marge brute", "Gross margin"), Value: Percent(ctx, 384), Change: &Change{Text: "+0,4 pt"}},
		},
		Brief: both(ctx, "560 tickets · panier 18,67 $ · dim. dernier 10 715,90 $", "560 tickets · basket $18.67 · last Sunday $10,715.90"),
	}
}

func sampleBars(ctx context.Context) Bars {
	now := []int64{88000, 137000, 160000, 198000, 230000, 161000, 71000}
	before := []int64{84000, 138000, 160000, 180000, 230000, 188000, 171000, 174000, 196000, 213000, 135000, 76000, 45000}
	b := Bars{
		Title: both(ctx, "Revenu par heure", "Revenue by hour"), Now: both(ctx, "aujourd’hui", "today"), Category: both(ctx, "Heure", "Hour"),
		Before: both(ctx, "dimanche précédent", "last Sunday"), Axis: func(v int64) string { return Number(ctx, v/100) },
	}
	for i, v := range before {
		p := Point{Label: Hour(ctx, 8+i), Before: v, BeforeText: Money(ctx, money.Amount(v)), Future: i >= len(now), Pending: i == len(now)-1}
		if !p.Future {
			p.Now, p.NowText = now[i], Money(ctx, money.Amount(now[i]))
		}
		b.Points = append(b.Points, p)
	}
	return b
}

func sampleLines(ctx context.Context) Lines {
	l := Lines{Title: both(ctx, "Revenu par jour", "Revenue by day"), Now: "2026", Before: "2025", Category: both(ctx, "Jour", "Day")}
	for i, v := range []int64{164, 180, 194, 195, 203, 245, 252, 168, 184, 190, 199, 201, 243, 256, 163, 181, 197, 205, 211, 241, 256} {
		l.Points = append(l.Points, Point{Label: fmt.Sprint(i + 1), Now: v * 100, NowText: Number(ctx, v*100), Before: v*100 - 700, BeforeText: Number(ctx, v*100-700)})
	}
	return l
}

func sampleAlerts(ctx context.Context) []Alert {
	return []Alert{
		{ToneBad, IconAlert, both(ctx, "Stock négatif", "Negative stock"), both(ctx, "Sirop d’érable, 250 ml · Centre-Ville −2", "Maple syrup, 250 ml · Centre-Ville −2"), "2", "/a"},
		{ToneWarn, IconDown, both(ctx, "Ruptures", "Stock-outs"), both(ctx, "Savon à mains, lavande · Sud 0, Est 4", "Hand soap, lavender · Sud 0, Est 4"), "7", "/b"},
		{ToneWarn, IconOffline, both(ctx, "Vente non transmise", "Oldest unsent sale"), both(ctx, "Nord, caisse 2 · 37 ventes", "Nord, till 2 · 37 sales"), "2 h 14", "/c"},
		{ToneWarn, IconRestock, both(ctx, "Réappro. à approuver", "Restocks to approve"), both(ctx, "le plus ancien\u00a0: Est, hier 17 h 40", "oldest: Est, yesterday 17:40"), "4", "/d"},
		{ToneNone, IconUp, both(ctx, "Surstocks", "Overstocks"), both(ctx, "Sirop d’érable ambré · Ouest 72", "Amber maple syrup · Ouest 72"), "3", "/e"},
		{ToneNone, IconExceptions, "Exceptions", both(ctx, "Quart 117, Sud\u00a0: écart −12,40 $", "Shift 117, Sud: short $12.40"), "2", "/f"},
	}
}

func sampleStores(ctx context.Context) []StoreCard {
	trend := []int64{50, 42, 46, 55, 43, 62, 58, 57, 41, 25, 36, 90, 42, 35, 48, 40, 91, 55, 42, 50, 60, 44, 27, 66, 40, 52, 31}
	out := Tag{ToneWarn, IconDown, both(ctx, "3 ruptures", "3 stock-outs"), "/b"}
	negative := Tag{ToneBad, IconAlert, both(ctx, "1 négatif", "1 negative"), "/a"}
	card := func(id, name string, cents, before int64, alerts ...Tag) StoreCard {
		return StoreCard{
			ID: id, Name: name, Href: "/s/" + id, Tills: Tag{Tone: ToneOK, Icon: IconOnline, Text: both(ctx, "2/2 caisses", "2/2 tills")},
			Revenue: Money(ctx, money.Amount(cents)), Change: ChangeOf(ctx, cents, before), Tickets: "103 tickets",
			Basket: Money(ctx, 2042) + both(ctx, " / panier", " / basket"), Trend: trend, TrendOf: both(ctx, "28 jours", "28 days"), Alerts: alerts,
		}
	}
	nord := card("n", "Nord", 149500, 180000, out, negative)
	nord.Partial, nord.Tills = true, Tag{Tone: ToneWarn, Icon: IconOffline, Text: both(ctx, "1/2 caisses · 2 h 14", "1/2 tills · 2 h 14")}
	return []StoreCard{
		card("cv", "Centre-Ville", 330681, 331300, out, negative), nord, card("s", "Sud", 210316, 200900, out),
		card("e", "Est", 190607, 173100, out), card("o", "Ouest", 164571, 158200, Tag{ToneNone, IconUp, both(ctx, "3 surstocks", "3 overstocks"), ""}),
	}
}

func sampleReport(ctx context.Context) Table {
	t := Table{Caption: both(ctx, "Ventes par magasin", "Sales by store"), Columns: []Column{{Label: both(ctx, "Magasin", "Store")}}}
	for i, label := range []string{both(ctx, "Revenu", "Revenue"), both(ctx, "Écart", "Change"), "Tickets", both(ctx, "Panier", "Basket"), both(ctx, "Unités", "Units"), both(ctx, "Remboursé", "Refunded"), both(ctx, "Remises", "Discounts"), "TPS", "TVQ", both(ctx, "Comptant", "Cash"), both(ctx, "Carte", "Card"), both(ctx, "Arrondi", "Rounding"), both(ctx, "Marge", "Margin")} {
		c := Column{Label: label, Figure: true}
		if i == 0 {
			c.SortHref, c.Sorted = "/?sort=revenue", "descending"
		}
		t.Columns = append(t.Columns, c)
	}
	row := func(name string, n int64) []Cell {
		cells := []Cell{{Text: name, Href: "/s"}, {Text: Number(ctx, n), Href: "/r"}, {Change: ChangeOf(ctx, n, n-n/25)}}
		for _, d := range []int64{20, 6800, 4, -90, -47, 32, 16, 3, 2, -40000, 300} {
			cells = append(cells, Cell{Text: Number(ctx, n/d), Href: "/x"})
		}
		return cells
	}
	for i, name := range []string{"Centre-Ville", "Nord", "Sud", "Est", "Ouest"} {
		t.Rows = append(t.Rows, Row{Cells: row(name, int64(130994-17000*i))})
	}
	t.Total = row("Total", 433081)
	t.Total[0].Href = ""
	return t
}

func sampleStock(ctx context.Context) Table {
	t := Table{
		Caption: both(ctx, "Stock par emplacement", "Stock by location"), Columns: []Column{{Label: both(ctx, "Produit", "Product")}},
		Foot: Pagination(Pages{Note: "1–5 / 2 041", Next: "/?page=2"}),
	}
	for i, label := range []string{both(ctx, "Entrepôt", "Warehouse"), "Centre-Ville", "Nord", "Sud", "Est", "Ouest", both(ctx, "En transit", "In transit"), both(ctx, "Suggéré", "Suggest")} {
		t.Columns = append(t.Columns, Column{Label: label, Figure: true, Divider: i == 1 || i == 6})
	}
	names := []string{"Sirop d’érable ambré, 540 ml", "Sirop d’érable, 250 ml", "Sucre d’érable, 200 g", "Café en grains, mi-noir, 454 g", "Gants de laine mérinos, M"}
	for i, name := range names {
		n := func(v int) string { return Number(ctx, int64(v+7*i)) }
		cells := []Cell{
			{Text: name, Sub: fmt.Sprint(204310 + i)},
			{Text: n(640), Strong: true},
			{Text: n(19), Low: i == 0},
			{Text: n(31)},
			{Text: "0", Icon: IconDown, Tone: ToneWarn},
			{Text: n(17)},
			{Text: n(72), Icon: IconUp, Tone: ToneMuted},
			{Text: "–"},
			{Text: n(120), Href: "/restock"},
		}
		if i == 1 {
			cells[2] = Cell{Text: minus + "2", Icon: IconAlert, Tone: ToneBad}
		}
		t.Rows = append(t.Rows, Row{Cells: cells, Current: i == 0})
	}
	return t
}

func sampleFields(ctx context.Context) []templ.Component {
	stores := []Option{{Value: "", Label: both(ctx, "Tous les magasins", "All stores")}, {Value: "n", Label: "Nord"}}
	return []templ.Component{
		FormField(Field{Name: "q", Label: both(ctx, "Quantité approuvée", "Approved quantity"), Type: "number", Value: "900", Error: both(ctx, "Il n’y en a que 640 à l’entrepôt.", "The warehouse has only 640.")}),
		FormField(Field{Name: "store", Label: both(ctx, "Magasin", "Store"), Options: stores, Hint: both(ctx, "Celui qui reçoit", "The one that receives")}),
		ActionButton(Button{Label: both(ctx, "Approuver", "Approve"), Kind: ButtonMain, Icon: IconOK}),
	}
}
