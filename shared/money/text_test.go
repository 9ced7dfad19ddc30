package money_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/shared/money"
)

// visible shows no-break spaces as tildes, so that the tables below say what they mean.
func visible(s string) string { return strings.ReplaceAll(s, "\u00a0", "~") }

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		amount                   money.Amount
		en, fr, plainEN, plainFR string
	}{
		{0, "$0.00", "0,00~$", "0.00", "0,00"},
		{5, "$0.05", "0,05~$", "0.05", "0,05"},
		{123456, "$1,234.56", "1~234,56~$", "1,234.56", "1~234,56"},
		{-200, "–$2.00", "–2,00~$", "–2.00", "–2,00"},
		{100000000, "$1,000,000.00", "1~000~000,00~$", "1,000,000.00", "1~000~000,00"},
	} {
		require.Equal(t, c.en, visible(c.amount.Format("en")))
		require.Equal(t, c.fr, visible(c.amount.Format("fr")))
		require.Equal(t, c.fr, visible(c.amount.Format("fr-CA")))
		require.Equal(t, c.plainEN, visible(c.amount.Plain("en")))
		require.Equal(t, c.plainFR, visible(c.amount.Plain("fr")))
	}
	require.Equal(t, money.Amount(-math.MaxInt64).Plain("en"), money.Amount(math.MinInt64).Plain("en"))

	require.Equal(t, "2", money.Quantity(2000).Format("fr"))
	require.Equal(t, "1,240", money.Quantity(1240).Format("fr"))
	require.Equal(t, "1.240", money.Quantity(1240).Format("en"))
	require.Equal(t, "–0.001", money.Quantity(-1).Format("en"))
	require.Equal(t, "12~450", visible(money.Quantity(12_450_000).Format("en")))

	require.Equal(t, "9.975%", money.Rate(9975).Format("en"))
	require.Equal(t, "9,975~%", visible(money.Rate(9975).Format("fr")))
	require.Equal(t, "5%", money.Rate(5000).Format("en"))
	require.Equal(t, "0,5~%", visible(money.Rate(500).Format("fr")))
}

func TestParse(t *testing.T) {
	for s, want := range map[string]money.Amount{
		"15.99": 1599, "$15.99 ": 1599, "0,90 €": 90, "1 234,56": 123456, "1,234.56": 123456, "-3.10": -310, "(3.10)": -310,
		"0": 0, "7": 700, "7.5": 750, ".99": 99, ",5": 50, "-0.01": -1, "1.234,56": 123456, "1,234,567": 123456700,
		"1\u00a0234,56\u00a0$": 123456, "1\u202f234,56": 123456, "–$2.00": -200, "$-2.00": -200, "–2,00 $": -200,
		"−2.00": -200, "($1,234.56)": -123456, "€ 5": 500, "1234567.89": 123456789, "1 234": 123400, "007.00": 700,
		"92233720368547758.07": math.MaxInt64, "-92233720368547758.07": -math.MaxInt64,
	} {
		got, err := money.Parse(s)
		require.NoError(t, err, "%q", s)
		require.Equal(t, want, got, "%q", s)
	}
	for s, want := range map[string]error{
		"": money.ErrSyntax, " ": money.ErrSyntax, "$": money.ErrSyntax, "-": money.ErrSyntax, "()": money.ErrSyntax,
		"abc": money.ErrSyntax, "1a": money.ErrSyntax, "5.": money.ErrSyntax, ".": money.ErrSyntax, "1e3": money.ErrSyntax,
		"--1": money.ErrSyntax, "(-1)": money.ErrSyntax, "(1": money.ErrSyntax, "1)": money.ErrSyntax, "+1": money.ErrSyntax,
		"$5$": money.ErrSyntax, "5 $ $": money.ErrSyntax, "1 23": money.ErrSyntax, "1  234": money.ErrSyntax,
		"12,34,567": money.ErrSyntax, "1,234.567,89": money.ErrSyntax, "1,23.45": money.ErrSyntax, "٣": money.ErrSyntax,
		"0x10": money.ErrSyntax, "1_000": money.ErrSyntax, "NaN": money.ErrSyntax, ",1,234": money.ErrSyntax,
		"2.955": money.ErrDecimals, "1.234": money.ErrDecimals, "0,123": money.ErrDecimals, "1,234.567": money.ErrDecimals,
		"1,234":                money.ErrAmbiguous,
		"92233720368547758.08": money.ErrRange, "99999999999999999999999": money.ErrRange,
	} {
		_, err := money.Parse(s)
		require.ErrorIs(t, err, want, "%q", s)
	}
	_, err := money.Parse("2.955")
	require.EqualError(t, err, `amount "2.955": too many decimals`)
}

func TestParseQuantity(t *testing.T) {
	for s, want := range map[string]money.Quantity{
		"2": 2000, "0.5": 500, "1,240": 1240, "1.240": 1240, "-3": -3000, "–3": -3000, " 12 450 ": 12_450_000, ".25": 250,
	} {
		got, err := money.ParseQuantity(s)
		require.NoError(t, err, "%q", s)
		require.Equal(t, want, got, "%q", s)
	}
	for s, want := range map[string]error{
		"": money.ErrSyntax, "x": money.ErrSyntax, "$2": money.ErrSyntax, "1.": money.ErrSyntax, "1,000.5": money.ErrSyntax,
		"0.0001": money.ErrDecimals, "9223372036854776": money.ErrRange,
	} {
		_, err := money.ParseQuantity(s)
		require.ErrorIs(t, err, want, "%q", s)
	}
}

func TestWhatIsPrintedReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom([]string{"en", "fr"}).Draw(t, "lang")
		a := money.Amount(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "cents"))
		for _, s := range []string{a.Format(lang), a.Plain(lang)} {
			got, err := money.Parse(s)
			require.NoError(t, err)
			require.Equal(t, a, got, "%q", s)
		}
		q := money.Quantity(a)
		got, err := money.ParseQuantity(q.Format(lang))
		require.NoError(t, err)
		require.Equal(t, q, got, "%q", q.Format(lang))
	})
}

// Whatever is typed, Parse answers, and what it accepts it accepts again once printed.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"15.99", "$15.99 ", "0,90 €", "1 234,56", "(3.10)", "–$2.00", "1,234"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := money.Parse(s)
		if err != nil {
			return
		}
		again, err := money.Parse(a.Format("fr"))
		require.NoError(t, err)
		require.Equal(t, a, again)
	})
}
