package barcode_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/shared/barcode"
)

func TestNormalize(t *testing.T) {
	for _, c := range []struct {
		code, gtin string
		kind       barcode.Kind
	}{
		{"4006381333931", "4006381333931", barcode.EAN13},
		{"036000291452", "0036000291452", barcode.UPCA},
		{"0036000291452", "0036000291452", barcode.UPCA},
		{"00036000291452", "0036000291452", barcode.UPCA},
		{"96385074", "96385074", barcode.EAN8},
		{"0000096385074", "96385074", barcode.EAN8},
		{"00000096385074", "96385074", barcode.EAN8},
		{"04252614", "0042100005264", barcode.UPCE},
		{"0000000000017", "0000000000017", barcode.UPCA},
		{"10012345678902", "10012345678902", barcode.GTIN14},
		{"2100010012340", "2100010012340", barcode.InStore},
		{"20000004", "20000004", barcode.InStore},
		{"212345000007", "0212345000007", barcode.InStore},
		{"4006381333932", "", barcode.Unknown},
		{"04252615", "", barcode.Unknown},
		{"", "", barcode.Unknown},
		{"0", "", barcode.Unknown},
		{"425261", "", barcode.Unknown},
		{" 96385074", "", barcode.Unknown},
		{"９６３８5074", "", barcode.Unknown},
		{"400638133393X", "", barcode.Unknown},
	} {
		gtin, ok := barcode.Normalize(c.code)
		require.Equal(t, c.gtin, gtin, "%q", c.code)
		require.Equal(t, c.gtin != "", ok, "%q", c.code)
		require.Equal(t, c.kind.String(), barcode.KindOf(c.code).String(), "%q", c.code)
	}
}

func TestExpandUPCE(t *testing.T) {
	for upce, upca := range map[string]string{
		"04252614": "042100005264",
		"01234505": "012000003455",
		"01234531": "012300000451",
		"01234543": "012340000053",
		"01234558": "012345000058",
		"01234565": "012345000065",
	} {
		got, ok := barcode.ExpandUPCE(upce)
		require.True(t, ok, upce)
		require.Equal(t, upca, got)
	}
	_, ok := barcode.ExpandUPCE("14252614")
	require.False(t, ok, "number system 1 is EAN-8's")
}

func TestCheckDigit(t *testing.T) {
	require.Equal(t, "1", string(barcode.CheckDigit("400638133393")))
	require.Equal(t, "2", string(barcode.CheckDigit("03600029145")))
	require.Equal(t, "4", string(barcode.CheckDigit("9638507")))
	require.Zero(t, barcode.CheckDigit("12a"))
	require.Zero(t, barcode.CheckDigit(""))
}

func TestDisplay(t *testing.T) {
	require.Equal(t, "4 006381 333931", barcode.Display("4006381333931"))
	require.Equal(t, "4 00100 20431 3", barcode.Display("400100204313"))
	require.Equal(t, "0 36000 29145 2", barcode.Display("0036000291452"))
	require.Equal(t, "9638 5074", barcode.Display("96385074"))
	require.Equal(t, "1 00 12345 67890 2", barcode.Display("10012345678902"))
	require.Equal(t, "SKU-12", barcode.Display("SKU-12"))
}

func TestMake(t *testing.T) {
	require.Equal(t, "2000000000015", barcode.Make("200", 1))
	require.Equal(t, "", barcode.Make("200", 1_000_000_000))
	require.Equal(t, "", barcode.Make("200", -1))
	require.Equal(t, "", barcode.Make("2x", 1))
	require.Equal(t, "", barcode.Make("2000000000000", 0))
	rapid.Check(t, func(t *rapid.T) {
		code := barcode.Make("754", rapid.IntRange(0, 999_999_999).Draw(t, "n"))
		require.True(t, barcode.Valid(code), code)
	})
}

// However many zeros a scanner puts in front, a product has one number.
func TestZerosInFrontDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[1-9][0-9]{6}|[0-9]{11}|[0-9]{12}`).Draw(t, "body")
		code := body + string(barcode.CheckDigit(body))
		gtin, ok := barcode.Normalize(code)
		require.True(t, ok)
		for _, n := range []int{12, 13, 14} {
			if n < len(code) {
				continue
			}
			padded, ok := barcode.Normalize(strings.Repeat("0", n-len(code)) + code)
			require.True(t, ok)
			require.Equal(t, gtin, padded, "%s in %d digits", code, n)
		}
	})
}

// A single wrong digit is always seen.
func TestOneWrongDigitIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[0-9]{12}`).Draw(t, "body")
		code := []byte(body + string(barcode.CheckDigit(body)))
		i := rapid.IntRange(0, 12).Draw(t, "position")
		code[i] = '0' + (code[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "change")))%10
		require.False(t, barcode.Valid(string(code)))
	})
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"4006381333931", "036000291452", "04252614", "96385074", "0000096385074", "2100010012340", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		gtin, ok := barcode.Normalize(code)
		require.Equal(t, ok, barcode.KindOf(code) != barcode.Unknown)
		if !ok {
			require.Empty(t, gtin)
			require.False(t, barcode.Valid(code))
			return
		}
		require.True(t, barcode.Valid(gtin))
		again, ok := barcode.Normalize(gtin)
		require.True(t, ok)
		require.Equal(t, gtin, again)
		shown := strings.ReplaceAll(barcode.Display(code), " ", "")
		require.Equal(t, code, strings.Repeat("0", len(code)-len(shown))+shown)
	})
}
