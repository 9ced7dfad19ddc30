package barcode_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/shared/barcode"
	"comptant/shared/money"
)

var (
	upcPrice = barcode.Scheme{Prefix: "02", Item: 5, Digits: 4, Value: barcode.Price, PriceCheck: true}
	weight   = barcode.Scheme{Prefix: "21", Item: 5, Digits: 5, Value: barcode.Weight}
	price5   = barcode.Scheme{Prefix: "23", Item: 4, Digits: 5, Value: barcode.Price, PriceCheck: true}
)

func TestParseEmbedded(t *testing.T) {
	// 1.240 kg of item 42; the product is stored with the weight at zero.
	e, ok := barcode.ParseEmbedded(weight.Make(42, 1240), weight)
	require.True(t, ok)
	require.Equal(t, barcode.Embedded{GTIN: weight.Make(42, 0), Item: "00042", Quantity: 1240}, e)

	// A scale in North America prints 12 digits. The price check digits of 28.75 and 146.85 are the examples of GS1
	// General Specifications 7.9.3 and 7.9.4.
	code := upcPrice.Make(12345, 2875)
	require.Equal(t, "02"+"12345"+"9"+"2875", code[:12])
	for _, scanned := range []string{code, code[1:]} {
		e, ok = barcode.ParseEmbedded(scanned, upcPrice)
		require.True(t, ok)
		require.Equal(t, money.Amount(2875), e.Price)
		require.Equal(t, "0212345000007", e.GTIN)
		require.Zero(t, e.Quantity)
	}
	require.Equal(t, "23"+"0007"+"6"+"14685", price5.Make(7, 14685)[:12])
}

func TestParseEmbeddedRefuses(t *testing.T) {
	body := "02" + "12345" + "8" + "2875" // the price check digit should be 9
	_, ok := barcode.ParseEmbedded(body+string(barcode.CheckDigit(body)), upcPrice)
	require.False(t, ok, "price check digit")

	code := []byte(weight.Make(42, 1240))
	code[12] = '0' + (code[12]-'0'+1)%10
	_, ok = barcode.ParseEmbedded(string(code), weight)
	require.False(t, ok, "check digit")

	_, ok = barcode.ParseEmbedded("4006381333931", weight)
	require.False(t, ok, "prefix")
	_, ok = barcode.ParseEmbedded("96385074", weight)
	require.False(t, ok, "EAN-8")
	require.Empty(t, weight.Make(100_000, 1))
	require.Empty(t, weight.Make(1, 100_000))
}

func TestSchemeValidate(t *testing.T) {
	for _, s := range []barcode.Scheme{upcPrice, weight, price5} {
		require.NoError(t, s.Validate())
	}
	for want, s := range map[string]barcode.Scheme{
		"prefix":      {Prefix: "40", Item: 5, Digits: 5},
		"at least":    {Prefix: "20", Item: 10},
		"instead of":  {Prefix: "20", Item: 5, Digits: 4},
		"price check": {Prefix: "20", Item: 3, Digits: 6, PriceCheck: true},
	} {
		require.ErrorContains(t, s.Validate(), want)
		_, ok := barcode.ParseEmbedded("2000000000015", s)
		require.False(t, ok)
	}
}

func TestWhatAScalePrintsReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]barcode.Scheme{upcPrice, weight, price5}).Draw(t, "scheme")
		n, value := rapid.IntRange(0, 9999).Draw(t, "item"), rapid.Int64Range(0, 9999).Draw(t, "value")
		e, ok := barcode.ParseEmbedded(s.Make(n, value), s)
		require.True(t, ok)
		require.Equal(t, value, int64(e.Quantity)+int64(e.Price))
		zero, ok := barcode.ParseEmbedded(s.Make(n, 0), s)
		require.True(t, ok)
		require.Equal(t, e.GTIN, zero.GTIN)
	})
}
