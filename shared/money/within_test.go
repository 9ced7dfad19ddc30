package money_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/shared/money"
)

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		rate       money.Rate
		gross, tax money.Amount
	}{
		{20_000, 1200, 200},
		{20_000, -1200, -200},
		{5500, 1055, 55},
		{20_000, 999, 167}, // 1.665: half up
		{20_000, 3, 1},     // 0.5 of a cent
		{20_000, 2, 0},
		{0, 1200, 0},
	} {
		require.Equal(t, c.tax, c.rate.Within(c.gross), "%d in %d", c.rate, c.gross)
	}
}

// Taking the tax out of a price and putting it on again gives the price back, to the cent that rounding costs.
func TestWithinUndoesOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := money.Rate(rapid.Int64Range(0, 100_000).Draw(t, "rate"))
		net := money.Amount(rapid.Int64Range(-1e12, 1e12).Draw(t, "net"))
		gross := net + rate.Of(net)
		require.InDelta(t, int64(net), int64(gross-rate.Within(gross)), 1)
	})
}
