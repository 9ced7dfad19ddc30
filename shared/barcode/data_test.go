package barcode_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/shared/barcode"
)

// Real codes from Open Food Facts, with the verdict of another program on each.
func TestRealBarcodes(t *testing.T) {
	dir := realData(t, "barcodes")
	var facts struct {
		Rows    int `json:"rows"`
		Valid   int `json:"check_digit_valid"`
		InStore int `json:"restricted_circulation_prefix_2_(in-store/variable weight)"`
		UPC     int `json:"us_upc_as_ean13_leading_0"`
	}
	raw, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &facts))

	f, err := os.Open(filepath.Join(dir, "off_products.csv.gz"))
	require.NoError(t, err)
	defer f.Close()
	unzip, err := gzip.NewReader(f)
	require.NoError(t, err)
	rows := csv.NewReader(unzip)
	rows.ReuseRecord = true
	_, err = rows.Read()
	require.NoError(t, err)

	var total, valid, short, inStore, upc int
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		total++
		code, expected := row[0], row[1] == "1"
		if barcode.Valid(code) != expected {
			t.Fatalf("Valid(%q) is %v, the data says %v", code, !expected, expected)
		}
		if len(code) == 13 { // the facts count wrong check digits too
			switch code[0] {
			case '0':
				upc++
			case '2':
				inStore++
			}
		}
		gtin, ok := barcode.Normalize(code)
		if !expected {
			if ok { // only a UPC-E is not written in full
				short++
				if barcode.KindOf(code) != barcode.UPCE {
					t.Fatalf("Normalize accepts %q", code)
				}
			}
			continue
		}
		valid++
		if !ok {
			t.Fatalf("Normalize refuses %q", code)
		}
		if len(code) == 13 && code[0] == '2' {
			if barcode.KindOf(code) != barcode.InStore {
				t.Fatalf("KindOf(%q) is %v", code, barcode.KindOf(code))
			}
		}
		if len(code) == 13 && code[0] == '0' {
			if twelve, _ := barcode.Normalize(code[1:]); twelve != gtin {
				t.Fatalf("%q scanned in 12 digits gives %q instead of %q", code, twelve, gtin)
			}
		}
	}
	require.Equal(t, facts.Rows, total)
	require.Equal(t, facts.Valid, valid)
	require.Equal(t, facts.InStore, inStore)
	require.Equal(t, facts.UPC, upc)
	t.Logf("%d rows, %d valid, %d more as UPC-E", total, valid, short)
}

// realData is where a set of real data is, which is not part of the repository: below COMPTANT_DATA, or a folder shared/data
// beside it. Without that folder the test is skipped; in it, what is missing is a failure.
func realData(t *testing.T, set string) string {
	t.Helper()
	dir := os.Getenv("COMPTANT_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skip("skipped: no data")
	}
	dir = filepath.Join(dir, set)
	require.DirExists(t, dir)
	return dir
}
