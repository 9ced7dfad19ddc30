package importer

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// table is figures by what they are of.
type table map[string][]int64

// fact is a table of the facts: what begins a row names it, and of the rest are those figures that are asked for.
func fact(rows [][]any, names int, figures ...int) table {
	all := table{}
	for _, row := range rows {
		key := fmt.Sprint(row[0])
		for _, name := range row[1:names] {
			key += fmt.Sprintf(" %v", name)
		}
		key = strings.TrimSpace(key) // so is what is imported
		for _, i := range figures {
			all[key] = append(all[key], int64(row[i].(float64)))
		}
	}
	return all
}

// lines are how many lines there are of each, their units and what they come to.
func lines(t *testing.T, d *db.DB, by string) table {
	t.Helper()
	rows, err := d.Query(t.Context(), `
		SELECT `+by+`, count(*), sum(l.quantity)::bigint, sum(l.revenue)::bigint
		FROM sales.line l JOIN sales.document d USING (store_id, business_date, till_id, epoch, seq, branch)
		JOIN stock.location s ON s.id = l.store_id JOIN catalog.product p ON p.id = l.product_id
		JOIN catalog.category c ON c.id = p.category_id GROUP BY 1`)
	require.NoError(t, err)
	all := table{}
	var key string
	var n, units, revenue int64
	_, err = pgx.ForEachRow(rows, []any{&key, &n, &units, &revenue}, func() error {
		all[key] = []int64{n, units / int64(money.One), revenue}
		return nil
	})
	require.NoError(t, err)
	return all
}

// What lines can be told apart by. Stores have the numbers they had in the file.
const (
	byStore   = `ltrim(s.code, '0')`
	byDay     = `to_date(l.business_date::text, 'YYYYMMDD')::text`
	byMonth   = `to_char(to_date(l.business_date::text, 'YYYYMMDD'), 'YYYY-MM')`
	byHour    = `extract(hour FROM d.at AT TIME ZONE s.zone)::int::text`
	byProduct = `p.sku || ' ' || p.name_fr`
	byFlag    = `CASE p.tax_class WHEN 3 THEN 'Y' ELSE 'N' END`
)

// without leaves out the first figure of each row: reports do not count lines.
func (a table) without() table {
	rest := table{}
	for key, figures := range a {
		rest[key] = figures[1:]
	}
	return rest
}

// cents leaves only the last figure of each row.
func (a table) cents() table {
	rest := table{}
	for key, figures := range a {
		rest[key] = figures[len(figures)-1:]
	}
	return rest
}

// past is what the reports say of a period.
type past struct {
	t      *testing.T
	db     *db.DB
	period sales.Period
	stores []retail.Location
}

func pastOf(t *testing.T, d *db.DB, from, to retail.Date) past {
	t.Helper()
	stores, err := stock.Stores(t.Context(), d)
	require.NoError(t, err)
	return past{t, d, sales.Period{From: from, To: to}, stores}
}

// number is that which the store had in its file.
func number(s retail.Location) string { return strings.TrimLeft(s.Code, "0") }

func (p past) report(stores ...retail.Location) sales.Report {
	p.t.Helper()
	r, err := sales.ReadReport(p.t.Context(), p.db, sales.Filter{Stores: stores, Period: p.period})
	require.NoError(p.t, err)
	return r
}

// days are the tickets, units and revenue of each day on which something was sold.
func (p past) days(stores ...retail.Location) table {
	p.t.Helper()
	all := table{}
	for _, d := range p.report(stores...).Days {
		if d.Tickets > 0 {
			all[d.Date.String()] = []int64{d.Tickets, int64(d.Units / money.One), int64(d.Revenue)}
		}
	}
	return all
}

// broken is the units, the revenue and the margin of each product or category.
func (p past) broken(each sales.Each) table {
	p.t.Helper()
	rows, err := p.db.Query(p.t.Context(), `SELECT id FROM catalog.product`)
	require.NoError(p.t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	require.NoError(p.t, err)
	products, err := catalog.ByID(p.t.Context(), p.db, all)
	require.NoError(p.t, err)
	cut := sales.Cut{Stores: ids(p.stores), Period: p.period, Narrowing: sales.Narrowing{CategoryOf: map[uuid.UUID]uuid.UUID{}}}
	names := map[uuid.UUID]string{}
	for _, product := range products {
		cut.CategoryOf[product.ID] = product.Category
		names[product.ID] = product.SKU + " " + product.Name.FR
	}
	categories, err := catalog.Categories(p.t.Context(), p.db)
	require.NoError(p.t, err)
	for _, c := range categories {
		names[c.ID] = c.Name.FR
	}
	parts, err := sales.Breakdown(p.t.Context(), p.db, cut, each)
	require.NoError(p.t, err)
	found := table{}
	for _, s := range parts {
		found[names[s.ID]] = []int64{int64(s.Units / money.One), int64(s.Revenue), int64(s.Revenue - s.Cost)}
	}
	return found
}

func TestCoffee(t *testing.T) {
	folder := realData(t, "coffee")
	var want struct {
		Units      int64   `json:"units"`
		Revenue    int64   `json:"revenue_recorded_cents"`
		Outlets    [][]any `json:"by_outlet"`     // outlet, lines, receipts, units, cents, staff
		Days       [][]any `json:"by_day"`        // day, lines, units, cents
		OutletDays [][]any `json:"by_outlet_day"` // outlet, day, lines, receipts, units, cents
		Hours      [][]any `json:"by_hour"`       // hour, lines, cents
		Staff      [][]any `json:"by_staff"`      // outlet, person, lines, cents
		Products   [][]any `json:"by_product"`    // number, name, lines, units, cents, margin
		Categories [][]any `json:"by_category"`   // name, lines, units, cents
		Flags      [][]any `json:"by_tax_exempt"` // Y or N, lines, units, cents
	}
	facts(t, folder, &want)
	var named map[string]any // a name with commas is none for a tag
	facts(t, folder, &named)
	distinct := int(named["receipts_distinct_(outlet,date,transaction_id)"].(float64))

	d := pgtest.New(t)
	staff := map[string]bool{}
	for _, row := range want.Staff {
		staff[fmt.Sprint(row[1])] = true
	}
	people := map[uuid.UUID]string{}
	for name := range staff {
		id := uuid.New()
		people[id] = name
		require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
			return users.Put(t.Context(), tx, users.Staff{ID: id, Name: name, Role: retail.RoleCashier, Lang: "en"}, users.Password{}, users.PIN{})
		}))
	}
	require.Equal(t, tally{New: 9}, take(t, d, Stores, changed(t, open(t, folder, "sales_outlet.csv"), "Neighorhood", "name")))
	require.Equal(t, tally{New: 88}, take(t, d, Products, open(t, folder, "product.csv")))
	receipts := func() tally { return take(t, d, Sales, open(t, folder, "sales_receipts_201904.csv.gz")) }
	require.Equal(t, tally{New: distinct}, receipts())
	documents, units, revenue := sold(t, d)
	require.EqualValues(t, distinct, documents)
	require.Equal(t, want.Units, units)
	require.Equal(t, want.Revenue, revenue)

	for by, rows := range map[string]table{
		byStore:                     fact(want.Outlets, 1, 1, 3, 4),
		byDay:                       fact(want.Days, 1, 1, 2, 3),
		byStore + "||' '||" + byDay: fact(want.OutletDays, 2, 2, 4, 5),
		byProduct:                   fact(want.Products, 2, 2, 3, 4),
		`c.name_fr`:                 fact(want.Categories, 1, 1, 2, 3),
		byFlag:                      fact(want.Flags, 1, 1, 2, 3),
	} {
		require.Equal(t, rows, lines(t, d, by), by)
	}
	p := pastOf(t, d, 20190401, 20190430)
	require.Equal(t, fact(want.Days, 1, 2, 3), p.days(p.stores...).without())
	require.Equal(t, fact(want.Products, 2, 3, 4, 5), p.broken(sales.EachProduct))
	categories := p.broken(sales.EachCategory)
	for name, figures := range fact(want.Categories, 1, 2, 3) {
		require.Equal(t, figures, categories[name][:2], name)
	}
	outlets, outletDays, byStaff := table{}, table{}, table{}
	for _, s := range p.stores {
		total := p.report(s).Total
		if total.Tickets == 0 {
			continue
		}
		outlets[number(s)] = []int64{total.Tickets, int64(total.Units / money.One), int64(total.Revenue)}
		for day, figures := range p.days(s) {
			outletDays[number(s)+" "+day] = figures
		}
		cashiers, err := sales.ByCashier(t.Context(), d, []uuid.UUID{s.ID}, p.period)
		require.NoError(t, err)
		for _, c := range cashiers {
			byStaff[number(s)+" "+people[c.User]] = []int64{int64(c.Revenue)}
		}
	}
	require.Equal(t, fact(want.Outlets, 1, 2, 3, 4), outlets)
	require.Equal(t, fact(want.OutletDays, 2, 3, 4, 5), outletDays)
	require.Equal(t, fact(want.Staff, 2, 3), byStaff)
	// The rollup by hour has what the lines have, and both what the facts say.
	hours := lines(t, d, byHour)
	require.Equal(t, fact(want.Hours, 1, 2), hours.cents())
	for hour, figures := range fact(want.Hours, 1, 1) {
		require.Equal(t, figures[0], hours[hour][0], hour)
		require.Equal(t, hours[hour][2], count(t, d, `SELECT sum(revenue)::bigint FROM sales.hourly WHERE hour::text = $1`, hour), hour)
	}

	verified(t, d)
	require.Equal(t, tally{Unchanged: distinct}, receipts())
	require.Zero(t, count(t, d, `SELECT count(*) FROM stock.movement`))
}

// toysRow is a store or a product in the facts of the toys.
type toysRow struct {
	Store, Product int
	Name           string
	Lines, Units   int64
	Revenue        int64 `json:"revenue_cents"`
	Profit         int64 `json:"profit_cents"`
}

func TestToysSold(t *testing.T) {
	folder := realData(t, "toys")
	var want struct {
		Stores      []toysRow `json:"by_store"`
		Products    []toysRow `json:"by_product"`
		Categories  [][]any   `json:"by_category"`    // name, sales, units, revenue, profit
		Months      [][]any   `json:"by_month"`       // month, sales, units, revenue, profit
		StoreMonths [][]any   `json:"by_store_month"` // store, month, sales, units, revenue
		Best        [][]any   `json:"best_day"`       // day, sales, units, revenue
		Worst       [][]any   `json:"worst_day"`
		Longest     [][]any   `json:"max_lines_one_store_one_day"` // store, day, sales
	}
	facts(t, folder, &want)
	file := func() io.Reader { return open(t, folder, "sales.csv.gz") }
	first := want.Months[0][0].(string)
	if testing.Short() {
		want.Months = want.Months[:1]
		want.StoreMonths = slices.DeleteFunc(want.StoreMonths, func(row []any) bool { return row[1] != first })
		file = func() io.Reader { return month(t, open(t, folder, "sales.csv.gz"), ","+first+"-") }
	}
	var rows, units, revenue int64
	for _, m := range fact(want.Months, 1, 1, 2, 3) {
		rows, units, revenue = rows+m[0], units+m[1], revenue+m[2]
	}
	d := pgtest.New(t)
	take(t, d, Stores, open(t, folder, "stores.csv"))
	take(t, d, Products, open(t, folder, "products.csv"))
	take(t, d, Stock, open(t, folder, "inventory.csv"))
	require.Equal(t, tally{New: int(rows)}, take(t, d, Sales, file()))
	documents, u, r := sold(t, d)
	require.Equal(t, []int64{rows, units, revenue}, []int64{documents, u, r})
	require.EqualValues(t, 29742*money.One, count(t, d, `SELECT sum(on_hand)::bigint FROM stock.level`), "the shelves are as they were counted")

	require.Equal(t, fact(want.Months, 1, 1, 2, 3), lines(t, d, byMonth))
	require.Equal(t, fact(want.StoreMonths, 2, 2, 3, 4), lines(t, d, byStore+`||' '||`+byMonth))
	p := pastOf(t, d, 20170101, 20180930)
	months, err := sales.TaxesByMonth(t.Context(), d, ids(p.stores), p.period)
	require.NoError(t, err)
	storeMonths := table{}
	for _, m := range months {
		for _, s := range p.stores {
			if s.ID == m.Store {
				storeMonths[fmt.Sprintf("%s %d-%02d", number(s), m.Month/100, m.Month%100)] = []int64{int64(m.Sold)}
			}
		}
	}
	require.Equal(t, fact(want.StoreMonths, 2, 4), storeMonths)
	for _, m := range want.Months {
		begins, err := time.Parse("2006-01", m[0].(string))
		require.NoError(t, err)
		total := pastOf(t, d, retail.DateOf(begins), retail.DateOf(begins.AddDate(0, 1, -1))).report(p.stores...).Total
		require.Equal(t, fact([][]any{m}, 1, 1, 2, 3, 4)[m[0].(string)],
			[]int64{total.Tickets, int64(total.Units / money.One), int64(total.Revenue), int64(total.Margin())}, m[0])
	}
	if !testing.Short() {
		wantStores, wantProducts := table{}, table{}
		for _, s := range want.Stores {
			wantStores[fmt.Sprint(s.Store)] = []int64{s.Lines, s.Units, s.Revenue, s.Profit}
		}
		for _, product := range want.Products {
			wantProducts[fmt.Sprintf("%d %s", product.Product, product.Name)] = []int64{product.Units, product.Revenue, product.Profit}
		}
		stores := table{}
		for _, s := range p.report(p.stores...).Stores {
			stores[number(s.Store)] = []int64{s.Tickets, int64(s.Units / money.One), int64(s.Revenue), int64(s.Margin())}
		}
		require.Equal(t, wantStores, stores)
		require.Equal(t, wantProducts, p.broken(sales.EachProduct))
		require.Equal(t, fact(want.Categories, 1, 2, 3, 4), p.broken(sales.EachCategory))
		days := p.days(p.stores...)
		for day, figures := range fact(append(want.Best, want.Worst...), 1, 1, 2, 3) {
			require.Equal(t, figures, days[day], day)
		}
		longest := fact(want.Longest, 2, 2)
		storeDays := lines(t, d, byStore+`||' '||`+byDay)
		for day, most := range longest {
			require.Equal(t, most[0], storeDays[day][0], day)
		}
	}
	verified(t, d)
	require.Equal(t, tally{Unchanged: int(rows)}, take(t, d, Sales, file()))
}

func ids(stores []retail.Location) []uuid.UUID {
	all := make([]uuid.UUID, len(stores))
	for i, s := range stores {
		all[i] = s.ID
	}
	return all
}
