package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/shared/barcode"
	"comptant/shared/money"
)

// open gives a file of real data, unpacked.
func open(t *testing.T, path ...string) io.Reader {
	t.Helper()
	f, err := os.Open(filepath.Join(path...))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	if !strings.HasSuffix(f.Name(), ".gz") {
		return f
	}
	unzip, err := gzip.NewReader(f)
	require.NoError(t, err)
	return unzip
}

// facts are what other tools found in a set of real data.
func facts(t *testing.T, folder string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "facts.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into))
}

// month is the headings and the rows of one month: what the short tests import of a large file.
func month(t *testing.T, in io.Reader, which string) io.Reader {
	t.Helper()
	var kept bytes.Buffer
	lines := bufio.NewScanner(in)
	for first := true; lines.Scan(); first = false {
		if first || strings.Contains(lines.Text(), which) {
			kept.WriteString(lines.Text() + "\n")
		}
	}
	require.NoError(t, lines.Err())
	return &kept
}

// head is the headings and the first rows.
func head(t *testing.T, in io.Reader, rows int) io.Reader {
	t.Helper()
	var kept bytes.Buffer
	lines := bufio.NewScanner(in)
	for range 1 + rows {
		require.True(t, lines.Scan())
		kept.WriteString(lines.Text() + "\n")
	}
	return &kept
}

// changed edits the first line of a file, as a person does who names a column.
func changed(t *testing.T, in io.Reader, old, new string) io.Reader {
	t.Helper()
	all, err := io.ReadAll(in)
	require.NoError(t, err)
	require.Contains(t, string(all), old)
	return strings.NewReader(strings.Replace(string(all), old, new, 1))
}

// take imports a file of which no row is bad.
func take(t *testing.T, d *db.DB, kind Kind, in io.Reader) tally {
	t.Helper()
	f, err := Read(in, kind, nil)
	require.NoError(t, err)
	plan, err := f.Apply(t.Context(), d, now)
	require.NoError(t, err, "%s", reasons(plan.Bad[:min(len(plan.Bad), 10)]))
	return plan.tally()
}

func sold(t *testing.T, d *db.DB) (documents, units, revenue int64) {
	t.Helper()
	require.NoError(t, d.QueryRow(t.Context(), `SELECT count(*), sum(units)::bigint, sum(revenue)::bigint FROM sales.document`).Scan(&documents, &units, &revenue))
	require.Equal(t, revenue, count(t, d, `SELECT sum(revenue)::bigint FROM sales.hourly`))
	require.Equal(t, revenue, count(t, d, `SELECT sum(revenue)::bigint FROM sales.daily_product`))
	require.Equal(t, units, count(t, d, `SELECT sum(quantity)::bigint FROM sales.line`))
	return documents, units / int64(money.One), revenue
}

// The file of a shop that sold from one place: it has no products file, so that the products are what it sold.
func TestInvoices(t *testing.T) {
	folder := realData(t, "retail2009")
	var want struct {
		Invoices int      `json:"invoices_distinct"`
		Units    int64    `json:"units_net"`
		Months   [][5]any `json:"revenue_by_month"` // month, lines, invoices, units, pounds
		Note     struct {
			Net string `json:"net_revenue_if_each_line_rounded_half_away_to_pence"`
		} `json:"rounding_note"`
	}
	facts(t, folder, &want)
	invoices, units, net := int64(want.Invoices), want.Units, want.Note.Net
	file := func() io.Reader { return open(t, folder, "online_retail_2009_2010.csv.gz") }
	if testing.Short() {
		first := want.Months[0]
		invoices, units, net = int64(first[2].(float64)), int64(first[3].(float64)), first[4].(string)
		file = func() io.Reader {
			return month(t, open(t, folder, "online_retail_2009_2010.csv.gz"), ","+first[0].(string)+"-")
		}
	}
	d := pgtest.New(t)
	apply(t, d, Stores, "code,name\n1,Online\n")
	take(t, d, Products, soldProducts(t, file(), nil))
	require.EqualValues(t, invoices, take(t, d, Sales, file()).New)
	documents, u, revenue := sold(t, d)
	cents, err := money.Parse(net)
	require.NoError(t, err)
	require.Equal(t, []int64{invoices, units, int64(cents)}, []int64{documents, u, revenue})
	verified(t, d)
	require.EqualValues(t, invoices, take(t, d, Sales, file()).Unchanged)
}

// Postage, discounts, fees and vouchers are sold like goods. Who has no such products is told every row of them, and imports the rest.
func TestInvoicesOfGoods(t *testing.T) {
	folder := realData(t, "retail2009")
	var want struct {
		Lines  int64
		Units  int64   `json:"units_net"`
		Others [][]any `json:"non_product_codes"` // code, lines, units, pounds
		Net    exactly `json:"net_revenue"`
	}
	facts(t, folder, &want)
	file := func() io.Reader { return open(t, folder, "online_retail_2009_2010.csv.gz") }
	if testing.Short() {
		file = func() io.Reader { return month(t, open(t, folder, "online_retail_2009_2010.csv.gz"), ",2009-12-") }
	}
	others := map[string]bool{}
	for _, row := range want.Others {
		others[row[0].(string)] = true
	}

	// What is refused, and what the rest comes to, by other means.
	var refused []string
	var units, mils int64
	invoices := map[string]bool{} // an invoice over midnight is two
	rows := csv.NewReader(file())
	_, err := rows.Read()
	require.NoError(t, err)
	for line := 2; ; line++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if others[clean(row[1])] {
			refused = append(refused, fmt.Sprintf("line %d: there is no product %q", line, clean(row[1])))
			continue
		}
		quantity, err := strconv.ParseInt(row[3], 10, 64)
		require.NoError(t, err)
		var price exactly
		require.NoError(t, price.UnmarshalText([]byte(row[5])))
		units, mils = units+quantity, mils+quantity*int64(price)
		invoices[row[0]+row[4][:10]] = true
	}
	if !testing.Short() { // the same of the whole, by the facts
		for _, row := range want.Others {
			var worth exactly
			require.NoError(t, worth.UnmarshalText([]byte(row[3].(string))))
			want.Lines -= int64(row[1].(float64))
			want.Units -= int64(row[2].(float64))
			want.Net -= worth
		}
		require.EqualValues(t, want.Net, mils)
		require.Equal(t, want.Units, units)
	}

	d := pgtest.New(t)
	apply(t, d, Stores, "code,name\n1,Online\n")
	take(t, d, Products, soldProducts(t, file(), others))
	f, err := Read(file(), Sales, nil)
	require.NoError(t, err)
	plan, err := f.Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, refused, reasons(plan.Bad))
	require.Zero(t, count(t, d, `SELECT count(*) FROM sales.document`))

	require.EqualValues(t, len(invoices), take(t, d, Sales, lacking(t, file(), plan.Bad)).New)
	documents, u, revenue := sold(t, d)
	require.Zero(t, mils%10, "what has three decimals is no goods")
	require.Equal(t, []int64{int64(len(invoices)), units, mils / 10}, []int64{documents, u, revenue})
	if !testing.Short() {
		require.Equal(t, want.Lines, count(t, d, `SELECT count(*) FROM sales.line`))
	}
	verified(t, d)
}

// exactly is money in thousandths.
type exactly int64

func (e *exactly) UnmarshalText(text []byte) error {
	r, ok := new(big.Rat).SetString(string(text))
	if !ok || !r.Mul(r, big.NewRat(1000, 1)).IsInt() {
		return fmt.Errorf("%q has more than three decimals", text)
	}
	*e = exactly(r.Num().Int64())
	return nil
}

// lacking leaves out the rows that are bad, as a person does.
func lacking(t *testing.T, in io.Reader, bad []Bad) io.Reader {
	t.Helper()
	out := map[int]bool{}
	for _, b := range bad {
		out[b.Line] = true
	}
	var kept bytes.Buffer
	lines := bufio.NewScanner(in)
	for line := 1; lines.Scan(); line++ {
		if !out[line] {
			kept.WriteString(lines.Text() + "\n")
		}
	}
	require.NoError(t, lines.Err())
	return &kept
}

// soldProducts is a file of the products that a file of sales has, but some.
func soldProducts(t *testing.T, in io.Reader, but map[string]bool) io.Reader {
	t.Helper()
	var out bytes.Buffer
	w, seen := csv.NewWriter(&out), map[string]bool{}
	require.NoError(t, w.Write([]string{"sku", "name", "price"}))
	rows := csv.NewReader(in)
	_, err := rows.Read()
	require.NoError(t, err)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if sku := clean(row[1]); !seen[sku] && !but[sku] {
			seen[sku] = true
			require.NoError(t, w.Write([]string{sku, "Article " + sku, "0"}))
		}
	}
	w.Flush()
	return &out
}

// The catalogues have no prices, which a new product needs.
func (f *File) priced() *File {
	for i := range f.products {
		f.products[i].unpriced, f.products[i].price = false, 100
	}
	return f
}

// Every barcode of the world's that is right is in the catalogue, and every row that is not says why.
func TestBarcodesOfTheWorld(t *testing.T) {
	folder := realData(t, "barcodes")
	var want struct {
		Rows  int
		Valid int `json:"check_digit_valid"`
	}
	facts(t, folder, &want)
	file := func() io.Reader { return open(t, folder, "off_products.csv.gz") }
	if testing.Short() {
		file = func() io.Reader { return head(t, open(t, folder, "off_products.csv.gz"), 20_000) }
		want.Rows, want.Valid = 20_000, 19_870
	}
	f, err := Read(file(), Products, nil)
	require.NoError(t, err)
	require.Equal(t, want.Rows, f.Rows()+len(f.Bad))

	// What is right, by other means: the check digit that the file itself tells, or a UPC-E, which is short for a UPC-A that is.
	known := map[string]bool{}
	right, short, refused := 0, 0, map[int]string{} // by line, why
	rows := csv.NewReader(file())
	_, err = rows.Read()
	require.NoError(t, err)
	for line := 2; ; line++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		gtin, ok := barcode.Normalize(row[0])
		switch {
		case row[1] == "1":
			require.True(t, ok, row[0])
			right++
		case !ok:
			refused[line] = "is not an EAN or UPC with a right check digit"
			continue
		default:
			short++
		}
		switch name := clean(row[3]); {
		case name == "": // control characters
			refused[line] = "no name"
		case utf8.RuneCountInString(name) > maxName:
			refused[line] = "200 at most"
		case known[gtin]:
			refused[line] = "already"
		default:
			known[gtin] = true
		}
	}
	t.Logf("%d rows: %d with a right check digit, %d UPC-E, %d refused, %d products", want.Rows, right, short, len(refused), len(known))
	require.Equal(t, want.Valid, right)
	for _, b := range f.Bad {
		require.NotEmpty(t, refused[b.Line], "a good row is refused: %s", b)
		require.Contains(t, b.Reason, refused[b.Line], "line %d", b.Line)
		delete(refused, b.Line)
	}
	require.Empty(t, refused, "a bad row is taken")
	require.Equal(t, len(known), f.Rows())

	f.Bad = nil
	n := f.Rows()
	d := pgtest.New(t)
	for _, wants := range []tally{{New: n}, {Unchanged: n}} {
		began := time.Now()
		plan, err := f.priced().Apply(t.Context(), d, now)
		require.NoError(t, err)
		require.Equal(t, wants, plan.tally())
		t.Log(plan.tally(), time.Since(began))
	}
	require.EqualValues(t, n, count(t, d, `SELECT count(*) FROM catalog.barcode`))
	in, err := d.Query(t.Context(), `SELECT code FROM catalog.barcode`)
	require.NoError(t, err)
	var code string
	_, err = pgx.ForEachRow(in, []any{&code}, func() error { delete(known, code); return nil })
	require.NoError(t, err)
	require.Empty(t, known)
}

func TestCataloguesOfFrenchEnglishAndUTF16(t *testing.T) {
	folder := realData(t, "barcodes")
	for _, c := range []struct {
		name, encoding string
		separator      rune
		rows, good     int
		bad            []string
	}{
		{"catalogue_fr_60k.csv.gz", "utf-8", ',', 60000, 60000, []string{}},
		{"catalogue_en_60k.csv.gz", "utf-8", ',', 60000, 59999, []string{"line 29388: the name has 212 characters, 200 at most"}},
		{"products_fr_utf16le_semicolon.csv.gz", "utf-16le", ';', 6774, 6774, []string{}},
	} {
		f, err := Read(open(t, folder, c.name), Products, nil)
		require.NoError(t, err)
		require.Equal(t, c.encoding, f.Encoding, c.name)
		require.Equal(t, c.separator, f.Separator, c.name)
		require.Equal(t, c.rows, f.Rows()+len(f.Bad), c.name)
		require.Equal(t, c.good, f.Rows(), c.name)
		require.Equal(t, c.bad, reasons(f.Bad), c.name)
		f.Bad = nil
		if testing.Short() {
			f.products = f.products[:min(len(f.products), 5000)]
		}
		n := f.Rows()
		d := pgtest.New(t)
		for _, wants := range []tally{{New: n}, {Unchanged: n}} {
			plan, err := f.priced().Apply(t.Context(), d, now)
			require.NoError(t, err)
			require.Equal(t, wants, plan.tally())
		}
		last := f.products[n-1]
		p, err := catalog.ByCode(t.Context(), d, last.sku)
		require.NoError(t, err)
		require.Equal(t, last.name+last.names.FR, p.Name.FR)
	}
}
