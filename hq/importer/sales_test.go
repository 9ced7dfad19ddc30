package importer

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// verified says that every figure follows from the journals and the history.
func verified(t *testing.T, d *db.DB) {
	t.Helper()
	faults, err := intake.New(d, slog.New(slog.DiscardHandler), time.Now).Verify(t.Context(), uuid.Nil)
	require.NoError(t, err)
	require.Empty(t, faults)
}

func report(t *testing.T, d *db.DB, from, to retail.Date) sales.Report {
	t.Helper()
	stores, err := stock.Stores(t.Context(), d)
	require.NoError(t, err)
	r, err := sales.ReadReport(t.Context(), d, sales.Filter{Stores: stores, Period: sales.Period{From: from, To: to}})
	require.NoError(t, err)
	return r
}

const pastSales = "Store_ID;Ticket;Date;Heure;Produit;Qté;Prix unitaire;Montant;Paiement\n" +
	"1;7;2025-03-01;14:32;A;2;1.999 $;;comptant\n" +
	"1;7;2025-03-01;14:32;B;1;;2,50;comptant\n" +
	"1;8;2025-03-01;15:00;A;-1;2,00;;carte\n" +
	"2;7;2025-03-01;;4006381333931;3;;;\n" + // another store's 7, and the catalogue's price
	"1;7;2025-03-02;;A;1;0,005;;\n" // another day's

func TestSalesOfBeforeAreInReportsAndNowhereElse(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Stores, "code,name\n1,Un\n2,Deux\n")
	apply(t, d, Products, "sku,name,price,cost,barcode\nA,Tea,2,1.10,4006381333931\nB,Coffee,3,1.50,\n")
	apply(t, d, Stock, "store,product,on hand\n1,A,5\n")
	before := count(t, d, `SELECT count(*) FROM stock.movement`)

	require.Equal(t, tally{New: 4}, apply(t, d, Sales, pastSales))
	r := report(t, d, 20250301, 20250301)
	require.EqualValues(t, 2, r.Total.Tickets)
	require.EqualValues(t, 1, r.Total.Refunds)
	// 2 at 1.999 are 4.00, 2.50, one back for 2.00, 3 at the catalogue's 2.00
	require.EqualValues(t, 400+250-200+600, r.Total.Revenue)
	require.EqualValues(t, -200, r.Total.Refunded)
	require.EqualValues(t, 650, r.Total.Cash)
	require.EqualValues(t, 400, r.Total.Card)
	require.Equal(t, 5*money.One, r.Total.Units)
	require.EqualValues(t, 2*110+150-110+3*110, r.Total.Cost)
	require.EqualValues(t, 1, report(t, d, 20250302, 20250302).Total.Revenue, "half a cent goes up")
	require.Equal(t, before, count(t, d, `SELECT count(*) FROM stock.movement`))
	require.EqualValues(t, 5000, count(t, d, `SELECT sum(on_hand)::bigint FROM stock.level`))
	require.Zero(t, count(t, d, `SELECT count(*) FROM journal.entry`))
	require.EqualValues(t, 14, count(t, d, `SELECT extract(hour FROM at AT TIME ZONE 'America/Toronto')::int FROM sales.document WHERE source = '7' AND cash > 0`))
	verified(t, d)

	// Again: nothing, also when prices have changed since.
	require.Equal(t, tally{Unchanged: 4}, apply(t, d, Sales, pastSales))
	apply(t, d, Prices, "sku,price\nA,9\n")
	require.Equal(t, tally{Unchanged: 4}, apply(t, d, Sales, pastSales))
	// More of the same source goes on.
	require.Equal(t, tally{New: 1, Unchanged: 1}, apply(t, d, Sales, "store,receipt,date,product,quantity,amount\n1,8,2025/3/1,A,-1,-2\n1,9,2025-03-01,A,1,13\n"))
	verified(t, d)

	plan, err := read(t, Sales, "store,receipt,date,product,quantity,amount\n1,8,2025-03-01,A,-1,-3\n1,10,2025-03-01,Z,1,2\n9,10,2025-03-01,A,1,2\n"+
		",10,2025-03-01,A,1,2\n1,10,2099-03-01,A,1,2\n").Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{
		`line 2: receipt 8 of 2025-03-01 is there with other figures: sales of before do not change`,
		`line 3: there is no product "Z"`,
		`line 4: there is no store "9"`,
		`line 5: no store: the file must say which, as there are several`,
		`line 6: date: 2099-03-01 is to come`,
	}, reasons(plan.Bad))

	// A figure that nobody recorded is found.
	_, err = d.Exec(t.Context(), `UPDATE sales.daily_product SET units = units + 1 WHERE business_date = 20250302`)
	require.NoError(t, err)
	faults, err := intake.New(d, slog.New(slog.DiscardHandler), time.Now).Verify(t.Context(), uuid.Nil)
	require.NoError(t, err)
	require.Len(t, faults, 1)
}

func TestSalesNeedNoStoreWhereThereIsOne(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Stores, "code,name,type\n1,Un,\nCL,Dépôt,warehouse\n")
	apply(t, d, Products, "sku,name,price\nA,Tea,2\n")
	require.Equal(t, tally{New: 1}, apply(t, d, Sales, "invoice,date,product,quantity\n1,2025-03-01 09:15:00,A,1\n"))
	require.EqualValues(t, 200, report(t, d, 20250301, 20250301).Total.Revenue)
}

func TestSalesOfWhoStillWorksHere(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Stores, "code,name\n1,Un\n")
	apply(t, d, Products, "sku,name,price\nA,Tea,2\n")
	var marie uuid.UUID
	for _, s := range []users.Staff{{Name: "Marie Roy", Email: "marie@example.com"}, {Name: "Jean"}, {Name: "jean"}} {
		s.ID, s.Role, s.Lang = uuid.New(), retail.RoleCashier, "fr"
		if s.Email != "" {
			marie = s.ID
		}
		require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
			return users.Put(t.Context(), tx, s, users.Password{}, users.PIN{})
		}))
	}
	require.Equal(t, tally{New: 5}, apply(t, d, Sales, "receipt,date,product,quantity,caissière\n"+
		"1,2025-03-01,A,1,marie roy\n2,2025-03-01,A,1,Marie@example.com\n3,2025-03-01,A,1,Jean\n4,2025-03-01,A,1,Who Left\n5,2025-03-01,A,1,\n"))
	by, err := sales.ByCashier(t.Context(), d, []uuid.UUID{report(t, d, 20250301, 20250301).Stores[0].Store.ID}, sales.Period{From: 20250301, To: 20250301})
	require.NoError(t, err)
	require.Len(t, by, 2)
	require.Equal(t, uuid.Nil, by[0].User, "two are called Jean, one left, and one is not said")
	require.EqualValues(t, 600, by[0].Revenue)
	require.Equal(t, marie, by[1].User)
	require.EqualValues(t, 400, by[1].Revenue)
	verified(t, d)
}

func TestDates(t *testing.T) {
	days := func(dates ...string) (found []retail.Date, bad []string) {
		text := "receipt,date,product,quantity\n"
		for _, d := range dates {
			text += "1," + d + ",A,1\n"
		}
		f := read(t, Sales, text)
		for _, r := range f.sales {
			found = append(found, r.day.date(f.monthFirst))
		}
		return found, reasons(f.Bad)
	}
	for _, c := range []struct {
		dates []string
		want  []retail.Date
		bad   []string
	}{
		{[]string{"2026-11-02", "2026/11/2", "2026.1.02", "2026-11-02T09:00", "2026-11-02 9:00"}, []retail.Date{20261102, 20261102, 20260102, 20261102, 20261102}, []string{}},
		{[]string{"4/1/2019", "4/13/2019"}, []retail.Date{20190401, 20190413}, []string{}},
		{[]string{"4/1/2019", "13/4/2019 10:05 PM"}, []retail.Date{20190104, 20190413}, []string{}},
		{[]string{"4/1/2019", "2019-05-06"}, []retail.Date{20190506}, []string{"line 2: date: day or month first? write 2026-11-22"}},
		{[]string{"4/13/2019", "13/4/2019"}, nil, []string{"line 2: date: day or month first? write 2026-11-22", "line 3: date: day or month first? write 2026-11-22"}},
		{[]string{"2026-02-30", "yesterday", "", "2026-02-03 25:00", "4/1/19"}, nil, []string{
			`line 2: date: "2026-02-30" is not a day such as 2026-11-22`, `line 3: date: "yesterday" is not a day such as 2026-11-22`, "line 4: no date",
			`line 5: time: "25:00" is not a time such as 14:32`, `line 6: date: "4/1/19" is not a day such as 2026-11-22`,
		}},
	} {
		found, bad := days(c.dates...)
		require.Equal(t, c.want, found, "%v", c.dates)
		require.Equal(t, c.bad, bad, "%v", c.dates)
	}
}

// A file that was cut off while it was written or sent: no half row is imported, and what a receipt lacks is found with the whole file.
func TestASalesFileThatWasCutOff(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Stores, "code,name\n1,Un\n")
	apply(t, d, Products, "sku,name,price\nA,Tea,2\nB,Coffee,3\n")
	const whole = "store,receipt,date,product,quantity,amount,cashier\n" +
		"1,7,2025-03-01,A,2,4.00,\"Roy, Marie\"\n1,7,2025-03-01,B,1,3.00,\"Roy, Marie\"\n1,8,2025-03-01,A,1,2.00,\"Roy, Marie\"\n"
	for cut := range len(whole) {
		f, err := Read(strings.NewReader(whole[:cut]), Sales, nil)
		if cut <= strings.Index(whole, "\n")+1 {
			require.Error(t, err, "%q", whole[:cut])
			continue
		}
		require.NoError(t, err)
		complete := strings.Count(whole[:cut], "\n") - 1
		rest := whole[strings.LastIndex(whole[:cut], "\n")+1 : cut]
		if rest == "" || strings.HasSuffix(rest, ".00,") || strings.HasSuffix(rest, "Marie\"") { // a row with all its fields
			require.Empty(t, f.Bad, "%q", rest)
			continue
		}
		require.Equal(t, complete, f.Rows(), "%q", rest)
		require.Len(t, f.Bad, 1, "%q", rest)
		require.Equal(t, complete+2, f.Bad[0].Line)
		_, err = f.Apply(t.Context(), d, now)
		require.ErrorIs(t, err, ErrBadRows)
	}
	require.Zero(t, count(t, d, `SELECT count(*) FROM sales.document`))

	// Between two rows of a receipt nobody can see it.
	apply(t, d, Sales, whole[:strings.Index(whole, "1,7,2025-03-01,B")])
	plan, err := read(t, Sales, whole).Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{"line 2: receipt 7 of 2025-03-01 is there with other figures: sales of before do not change"}, reasons(plan.Bad))
}

func TestBadSales(t *testing.T) {
	f := read(t, Sales, "receipt,date,product,quantity,price,amount,tender\n,2026-01-01,A,1,,,\n1,2026-01-01,,1,,,\n1,2026-01-01,A,,,,\n1,2026-01-01,A,1,free,,\n"+
		"1,2026-01-01,A,1,,lots,\n1,2026-01-01,A,1,,,shells\n1,2026-01-01,A,99999999999,,,\n1,2026-01-01,A,1,99999999,,\n")
	require.Equal(t, []string{
		`line 2: no receipt`, `line 3: no SKU`, `line 4: no quantity`, `line 5: price: amount "free": not a number`, `line 6: amount: amount "lots": not a number`,
		`line 7: tender: "shells" is neither cash nor card`, `line 8: quantity: "99999999999" cannot be right`, `line 9: price: "99999999" cannot be right`,
	}, reasons(f.Bad))
}
