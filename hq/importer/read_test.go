package importer

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"comptant/shared/money"
	"comptant/shared/retail"
)

func read(t *testing.T, kind Kind, text string) *File {
	t.Helper()
	f, err := Read(strings.NewReader(text), kind, nil)
	require.NoError(t, err)
	return f
}

// reasons are the bad rows as text.
func reasons(bad []Bad) []string {
	all := []string{}
	for _, b := range bad {
		all = append(all, b.String())
	}
	return all
}

const accents = "Code;Nom;Coût;Prix\r\n10;Crème brûlée;1,20;4,50 $\r\n"

func TestEncodings(t *testing.T) {
	latin1, err := charmap.ISO8859_1.NewEncoder().String(accents)
	require.NoError(t, err)
	wide := func(order unicode.Endianness, mark unicode.BOMPolicy) string {
		s, err := unicode.UTF16(order, mark).NewEncoder().String(accents)
		require.NoError(t, err)
		return s
	}
	for name, c := range map[string]struct{ text, encoding string }{
		"utf-8":                {accents, "utf-8"},
		"utf-8 with a mark":    {"\ufeff" + accents, "utf-8"},
		"latin-1":              {latin1, "windows-1252"},
		"utf-16le with a mark": {wide(unicode.LittleEndian, unicode.UseBOM), "utf-16le"},
		"utf-16be with a mark": {wide(unicode.BigEndian, unicode.UseBOM), "utf-16be"},
		"utf-16le":             {wide(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le"},
		"utf-16be":             {wide(unicode.BigEndian, unicode.IgnoreBOM), "utf-16be"},
	} {
		t.Run(name, func(t *testing.T) {
			// One byte at a time, so that characters are cut.
			f, err := Read(iotestOneByte{strings.NewReader(c.text)}, Products, nil)
			require.NoError(t, err)
			require.Empty(t, f.Bad)
			require.Equal(t, c.encoding, f.Encoding)
			require.Equal(t, ';', f.Separator)
			require.Equal(t, "Crème brûlée", f.products[0].name)
			require.Equal(t, money.Amount(450), f.products[0].price)
			require.Equal(t, money.Amount(120), *f.products[0].cost)
		})
	}
}

type iotestOneByte struct{ r io.Reader }

func (o iotestOneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

func TestOneLatinAccentLateInTheFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("sku,name,price\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "%d,Thing,1.00\n", i)
	}
	b.WriteString("A,Caf\xe9,1.00\nB,Th\u00e9,1.00\n")
	f := read(t, Products, b.String())
	require.Empty(t, f.Bad)
	require.Equal(t, "Café", f.products[5000].name)
	require.Equal(t, "Thé", f.products[5001].name)
	require.Equal(t, "windows-1252", f.Encoding)
}

func TestHeadingsInAnySpelling(t *testing.T) {
	for _, head := range []string{
		"Product_ID,Product_Name,Product_Price", "sku,name,price", "Code produit,Désignation,Prix de vente", "CODE,NOM,PRIX",
		"SKU\tName\tPrice", `"SKU";"Nom du produit";"Prix"`,
	} {
		body := strings.NewReplacer(",", sep(head), "\n", "\r\n").Replace("\n7,Tea,2.50\n")
		f := read(t, Products, head+body)
		require.Empty(t, f.Bad, head)
		require.Equal(t, productRow{line: 2, sku: "7", name: "Tea", price: 250}, f.products[0], head)
	}
	f := read(t, Products, "Colour,SKU,Name,,Price\nred,7,Tea,,2\n")
	require.Equal(t, []string{"Colour"}, f.Ignored)
}

func sep(head string) string {
	for _, s := range []string{"\t", ";"} {
		if strings.Contains(head, s) {
			return s
		}
	}
	return ","
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "the file is empty",
		"sku,name,price\n":                     "no rows",
		"sku,price\n1,2\n":                     "no column for the name",
		"sku,Product_ID,name,price\n1,1,a,2":   `two columns for the SKU: "sku" and "Product_ID"`,
		"sku,\"name,price\n1,a,2\n":            "headings",
		"sku,name,price\n1,\"" + huge(t):       "the row that begins on line 2 has more than 1 MB",
		"\x00\x01\x02\xff\xfe\xfa\n\x00\x00\n": "no column",
	} {
		_, err := Read(strings.NewReader(text), Products, nil)
		require.ErrorContains(t, err, want)
	}
	_, err := Read(strings.NewReader("a,b"), "people", nil)
	require.ErrorContains(t, err, "unknown kind")
	_, err = Read(io.LimitReader(endless{}, 2*maxBytes), Products, nil)
	require.ErrorIs(t, err, ErrTooLarge)
}

func huge(*testing.T) string { return strings.Repeat("never closed\n", 2*maxRecord/13) }

// endless is a products file without an end, each row the same SKU.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	n := copy(p, bytes.Repeat([]byte("sku,name,price\n"), len(p)/15))
	return n, nil
}

func TestEveryBadRowIsNamed(t *testing.T) {
	f := read(t, Products, strings.Join([]string{
		/*  1 */ `SKU,Name,Category,Cost,Price,Barcode,Tax,Pack`,
		/*  2 */ `1,Good,Toys,$1.00 ,"0,90 €",4006381333931,taxable,12`,
		/*  3 */ ``,
		/*  4 */ `,,,,,,,`,
		/*  5 */ `2,No price,Toys,1.00,,,,`,
		/*  6 */ `3,Bad price,Toys,1.00,abc,,,`,
		/*  7 */ `4,Thousands,Toys,1.00,"1,234",,,`,
		/*  8 */ `5,Negative,Toys,1.00,-2.00,,,`,
		/*  9 */ `,No SKU,Toys,1.00,2.00,,,`,
		/* 10 */ `6,,Toys,1.00,2.00,,,`,
		/* 11 */ `7,Bad barcode,Toys,1.00,2.00,4006381333932,,`,
		/* 12 */ `8,Spreadsheet barcode,Toys,1.00,2.00,4.00638E+12,,`,
		/* 13 */ `1,Again,Toys,1.00,2.00,,,`,
		/* 14 */ `9,Same barcode,Toys,1.00,2.00,4006381333931,,`,
		/* 15 */ `10,Bad tax,Toys,1.00,2.00,,perhaps,`,
		/* 16 */ `11,Bad pack,Toys,1.00,2.00,,,none`,
		/* 17 */ `12,Few fields,Toys`,
		/* 18 */ `13,Many fields,Toys,1.00,2.00,,,,,more`,
		/* 19 */ `14,5" nail,Toys,1.00,2.00,,,`,
		/* 20 */ `15,` + strings.Repeat("é", maxName+1) + `,Toys,1.00,2.00,,,`,
		/* 21 */ `16,` + strings.Repeat("é", maxName) + `,Toys,1.00,2.00,,,`,
		/* 22 */ `17,"Two`,
		/* 23 */ `lines",Toys,1.00,2.00,,,,`,
		/* 24 */ `18,Not closed,"Toys,1.00,2.00,,,`,
	}, "\r\n"))
	require.Equal(t, []string{
		`line 5: no price`,
		`line 6: price: amount "abc": not a number`,
		`line 7: price: amount "1,234": thousands or decimals? write 1234.00 or 1,234.00`,
		`line 8: price: "-2.00" is below zero`,
		`line 9: no SKU`,
		`line 10: no name`,
		`line 11: barcode: "4006381333932" is not an EAN or UPC with a right check digit`,
		`line 12: barcode: "4.00638E+12" is not an EAN or UPC with a right check digit`,
		`line 13: SKU 1 is on line 2 already`,
		`line 14: barcode 4006381333931 is on line 2 already`,
		`line 15: tax: "perhaps" is none of taxable, zero-rated, exempt`,
		`line 16: pack: "none" is not a number of units`,
		`line 17: 3 fields, and 8 headings`,
		`line 18: 10 fields, and 8 headings`,
		`line 19: the quotes are not closed, or not doubled within a field`,
		`line 20: the name has 201 characters, 200 at most`,
		`line 24: the quotes are not closed, or not doubled within a field`,
	}, reasons(f.Bad))
	require.Len(t, f.products, 3)
	require.Equal(t, money.Amount(90), f.products[0].price)
	require.Equal(t, money.Amount(100), *f.products[0].cost)
	require.Equal(t, retail.Taxable, f.products[0].class)
	require.Equal(t, 12, f.products[0].pack)
	require.Equal(t, "Two lines", f.products[2].name)
}

func TestAnExemptProduct(t *testing.T) {
	f := read(t, Products, "sku,name,tax_exempt_yn,tax\nA,Tea,Y,\nB,Milk,N,\nC,Bread,,\nD,Book,Y,zero-rated\nE,Pen,maybe,\n")
	require.Equal(t, []string{`line 6: tax exempt: "maybe" is neither yes nor no`}, reasons(f.Bad))
	classes := []retail.TaxClass{}
	for _, p := range f.products {
		classes = append(classes, p.class)
	}
	require.Equal(t, []retail.TaxClass{retail.Exempt, retail.Taxable, 0, retail.ZeroRated}, classes)
}

func TestTextIsData(t *testing.T) {
	f := read(t, Products, "sku,name,price\n1, =SUM(A1:A9) ,1\n2,@home\x00\x07 \U0001F381,1\n3,\"-10 %, \"\"sale\"\"\",1\n4,\u00a0+1\u00a0,1\n")
	require.Empty(t, f.Bad)
	var names []string
	for _, p := range f.products {
		names = append(names, p.name)
	}
	require.Equal(t, []string{"=SUM(A1:A9)", "@home \U0001F381", `-10 %, "sale"`, "+1"}, names)
}

func TestStoreCodes(t *testing.T) {
	f := read(t, Stores, "Store_ID,Store_Name,Store_City,Zone,Type\n1,One,Laval,,\ncv,Two,,America/Cancun,\n50,Three,,,warehouse\n"+
		"12345,Long,,,\nA-1,Dash,,,\n3,Four,,Mars/Base,\n4,Five,,,kiosk\n01,Again,,,\n5,One,,,\n")
	require.Equal(t, []string{
		`line 5: store: "12345" is not a code of 2 to 4 letters or digits`,
		`line 6: store: "A-1" is not a code of 2 to 4 letters or digits`,
		`line 7: time zone: "Mars/Base" is not one, such as America/Toronto`,
		`line 8: type: "kiosk" is neither store nor warehouse`,
		`line 9: store 01 is on line 2 already`,
		`line 10: name One is on line 2 already`,
	}, reasons(f.Bad))
	require.Equal(t, storeRow{line: 2, code: "01", name: "One", address: "Laval"}, f.stores[0])
	require.Equal(t, "CV", f.stores[1].code)
	require.Equal(t, retail.LocationWarehouse, f.stores[2].kind)
}

// A file is read as a stream: what is kept is the rows, and of a bad one its line and reason.
func TestReadingIsBoundedInMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const size = 64 << 20
	rows := 0
	wide := io.MultiReader(strings.NewReader("sku,name,price,note\n"), io.LimitReader(&blankRows{}, size))
	_, err := Read(wide, Products, func(n int) {
		if rows = n; n == 5*every {
			runtime.GC()
			runtime.ReadMemStats(&after)
		}
	})
	require.ErrorContains(t, err, "no rows")
	require.Greater(t, rows, 5*every)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(size/8))
}

// blankRows are rows of 8 KB with nothing in them.
type blankRows struct{ at int }

func (b *blankRows) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
		switch b.at++; b.at % (8 << 10) {
		case 0:
			p[i] = '\n'
		case 1, 2, 3:
			p[i] = ','
		}
	}
	return len(p), nil
}

// The largest files take memory for what is known of their rows, and not for their bytes; the row after the last that may be is refused.
func TestALargeFile(t *testing.T) {
	const perRow = 400 // bytes of memory
	for _, c := range []struct{ rows, width int }{{maxRows, 100}, {20_000, 8 << 10}} {
		if testing.Short() {
			c.rows /= 20
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		f, err := Read(&manySales{left: c.rows, width: c.width}, Sales, nil)
		require.NoError(t, err)
		runtime.GC()
		runtime.ReadMemStats(&after)
		require.Empty(t, f.Bad)
		require.Equal(t, c.rows, f.Rows())
		require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(c.rows*perRow), "%d rows of %d bytes", c.rows, c.width)
		runtime.KeepAlive(f)
	}
	if testing.Short() {
		return
	}
	_, err := Read(&manySales{left: maxRows + 1, width: 100}, Sales, nil)
	require.ErrorIs(t, err, ErrTooLarge)
}

// manySales is a file of receipts of a line each, in rows of so many bytes.
type manySales struct {
	at, left, width int
	rest            []byte
}

func (m *manySales) Read(p []byte) (int, error) {
	for len(m.rest) < len(p) && m.at <= m.left {
		if m.at == 0 {
			m.rest = append(m.rest, "store,receipt,date,product,quantity,amount,note\n"...)
		} else {
			m.rest = fmt.Appendf(m.rest, "CV,%09d,2025-03-01 14:32:07,%d,1,12.50,%0*d\n", m.at, 100_000+m.at%5000, m.width-60, m.at)
		}
		m.at++
	}
	if len(m.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, m.rest)
	m.rest = m.rest[:copy(m.rest, m.rest[n:])]
	return n, nil
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(accents), "products")
	f.Add([]byte("Store_ID,Store_Name\n1,\"One\"\n"), "stores")
	f.Add([]byte("Store,Product,Stock_On_Hand\n1,1,27\n1,\"2"), "stock")
	f.Add([]byte("\xff\xfes\x00k\x00u\x00,\x00\n\x00"), "products")
	f.Add([]byte("sku;name;price\r\n1;Caf\xe9;\"0,90 \xe2\x82\xac\"\r\n"), "products")
	f.Fuzz(func(t *testing.T, data []byte, kind string) {
		file, err := Read(bytes.NewReader(data), Kind(kind), nil)
		if err != nil {
			return
		}
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte{0x0a, 0}) + 1
		for _, b := range file.Bad {
			require.NotEmpty(t, b.Reason)
			require.Greater(t, b.Line, 1)
			require.LessOrEqual(t, b.Line, lines+1)
		}
		for _, p := range file.products {
			require.NotEmpty(t, p.sku)
			require.NotContains(t, p.sku+p.name+p.names.FR+p.names.EN+p.category, "\x00")
			require.GreaterOrEqual(t, p.price, money.Amount(0))
		}
	})
}
