package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
	take(t, d, Products, soldProducts(t, file()))
	require.EqualValues(t, invoices, take(t, d, Sales, file()).New)
	documents, u, revenue := sold(t, d)
	cents, err := money.Parse(net)
	require.NoError(t, err)
	require.Equal(t, []int64{invoices, units, int64(cents)}, []int64{documents, u, revenue})
	verified(t, d)
	require.EqualValues(t, invoices, take(t, d, Sales, file()).Unchanged)
}

func soldProducts(t *testing.T, in io.Reader) io.Reader {
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
		if sku := clean(row[1]); !seen[sku] {
			seen[sku] = true
			require.NoError(t, w.Write([]string{sku, "Article " + sku, "0"}))
		}
	}
	w.Flush()
	return &out
}

func TestBarcodesOfTheWorld(t *testing.T) {
	folder := realData(t, "barcodes")
	var want struct {
		Rows int
		Wide struct {
			Rows int
		} `json:"db_file_utf16le_semicolon"`
		BadDigit int `json:"check_digit_bad"`
	}
	facts(t, folder, &want)

	f, err := Read(open(t, folder, "off_products.csv.gz"), Products, nil)
	require.NoError(t, err)
	require.Equal(t, want.Rows, f.Rows()+len(f.Bad))
	wrong := 0
	for _, b := range f.Bad {
		if strings.Contains(b.Reason, "is not an EAN") {
			wrong++
		}
	}
	// UPC-E is short for a right UPC-A, which the facts count as wrong.
	rows, short := csv.NewReader(open(t, folder, "off_products.csv.gz")), 0
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if _, ok := barcode.Normalize(row[0]); ok && row[1] == "0" {
			short++
		}
	}
	require.Equal(t, want.BadDigit-short, wrong)

	f, err = Read(open(t, folder, "products_fr_utf16le_semicolon.csv.gz"), Products, nil)
	require.NoError(t, err)
	require.Equal(t, "utf-16le", f.Encoding)
	require.Equal(t, ';', f.Separator)
	require.Equal(t, want.Wide.Rows, f.Rows()+len(f.Bad))

	for name, bad := range map[string][]string{
		"catalogue_fr_60k.csv.gz": {}, "catalogue_en_60k.csv.gz": {"line 29388: the name has 212 characters, 200 at most"},
	} {
		f, err := Read(open(t, folder, name), Products, nil)
		require.NoError(t, err)
		require.Equal(t, bad, reasons(f.Bad), name)
		require.Equal(t, 60000, f.Rows()+len(f.Bad), name)
		f.Bad = nil
		for i := range f.products { // these files have no prices, which a new product needs
			f.products[i].unpriced, f.products[i].price = false, 100
		}
		if testing.Short() {
			f.products = f.products[:5000]
		}
		n := len(f.products)
		d := pgtest.New(t)
		for _, wants := range []tally{{New: n}, {Unchanged: n}} {
			plan, err := f.Apply(t.Context(), d, now)
			require.NoError(t, err)
			require.Equal(t, wants, plan.tally())
		}
		require.EqualValues(t, n, count(t, d, `SELECT count(*) FROM catalog.barcode`))
	}
}
