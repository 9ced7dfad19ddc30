package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/shared/money"
)

const (
	tps money.Rate = 5000
	tvq money.Rate = 9975
)

var (
	amounts    = rapid.Custom(func(t *rapid.T) money.Amount { return money.Amount(rapid.Int64().Draw(t, "cents")) })
	quantities = rapid.Custom(func(t *rapid.T) money.Quantity {
		return money.Quantity(rapid.Int64().Draw(t, "thousandths"))
	})
)

func TestQuebecTaxes(t *testing.T) {
	for _, c := range []struct{ net, tps, tvq, total money.Amount }{
		{10000, 500, 998, 11498},
		{330, 17, 33, 380},
		{12345, 617, 1231, 14193},
		{598, 30, 60, 688},
		{5, 0, 0, 5},
	} {
		require.Equal(t, c.tps, tps.Of(c.net), "TPS of %d", c.net)
		require.Equal(t, c.tvq, tvq.Of(c.net), "TVQ of %d", c.net)
		require.Equal(t, c.total, c.net+tps.Of(c.net)+tvq.Of(c.net), "total of %d", c.net)
		require.Equal(t, -c.tvq, tvq.Of(-c.net), "TVQ of -%d", c.net)
	}
	require.Equal(t, money.Amount(330), money.Amount(110).Mul(3*money.One))
}

func TestCashRound(t *testing.T) {
	want := []money.Amount{100, 100, 100, 105, 105, 105, 105, 105, 110, 110, 110}
	for i, w := range want {
		a := money.Amount(100 + i)
		require.Equal(t, w, money.CashRound(a), "%d", a)
		require.Equal(t, -w, money.CashRound(-a), "-%d", a)
	}
	require.Equal(t, money.Amount(0), money.CashRound(2))
	require.Equal(t, money.Amount(5), money.CashRound(3))
}

func TestMulRoundsHalfAwayFromZero(t *testing.T) {
	require.Equal(t, money.Amount(1), money.Amount(1).Mul(500))
	require.Equal(t, money.Amount(0), money.Amount(1).Mul(499))
	require.Equal(t, money.Amount(-1), money.Amount(-1).Mul(500))
	require.Equal(t, money.Amount(-1), money.Amount(1).Mul(-500))
	require.Equal(t, money.Amount(371), money.Amount(299).Mul(1240)) // 1.240 kg at 2.99: 3.7076
}

// Three units at 1.10 refunded one by one give back exactly the 3.80 that was paid.
func TestPartOfThreeRefundedOneByOne(t *testing.T) {
	var back money.Amount
	for done := money.Quantity(0); done < 3*money.One; done += money.One {
		for _, charged := range []money.Amount{330, 17, 33} {
			back += money.Part(charged, done, money.One, 3*money.One)
		}
	}
	require.Equal(t, money.Amount(380), back)
}

func TestPartStaysWithinTheWhole(t *testing.T) {
	require.Equal(t, money.Amount(0), money.Part(100, 0, 1000, 0))
	require.Equal(t, money.Amount(100), money.Part(100, 0, 9000, 3000))
	require.Equal(t, money.Amount(0), money.Part(100, 3000, 1000, 3000))
	require.Equal(t, money.Part(100, 1000, 1000, 3000), money.Part(100, -1000, -1000, -3000))
}

func TestPartsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := amounts.Draw(t, "total")
		pieces := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000_000), 1, 20).Draw(t, "pieces")
		of := money.Quantity(1)
		for _, p := range pieces {
			of += money.Quantity(p)
		}
		done, sum := money.Quantity(0), new(big.Int)
		for _, p := range append(pieces, 1) {
			part := money.Part(total, done, money.Quantity(p), of)
			require.False(t, part != 0 && (part < 0) != (total < 0), "part %d of %d has the other sign", part, total)
			sum.Add(sum, big.NewInt(int64(part)))
			done += money.Quantity(p)
		}
		require.Equal(t, clamp(big.NewInt(int64(total))), sum.Int64())
	})
}

func TestAllocate(t *testing.T) {
	require.Equal(t, []money.Amount{34, 33, 33}, money.Allocate(100, []int64{1, 1, 1}))
	require.Equal(t, []money.Amount{-34, -33, -33}, money.Allocate(-100, []int64{1, 1, 1}))
	require.Equal(t, []money.Amount{0, 3, 7}, money.Allocate(10, []int64{0, 30, 70}))
	require.Equal(t, []money.Amount{1, 1}, money.Allocate(2, []int64{0, 0}))
	require.Equal(t, []money.Amount{0, 5}, money.Allocate(5, []int64{-4, 2}))
	require.Empty(t, money.Allocate(5, nil))
}

func TestAllocateIsExactAndFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := amounts.Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, math.MaxInt64/16), 1, 16).Draw(t, "weights")
		shares := money.Allocate(total, weights)
		require.Len(t, shares, len(weights))

		weight := new(big.Int)
		for _, w := range weights {
			weight.Add(weight, big.NewInt(w))
		}
		whole, sum := big.NewInt(clamp(big.NewInt(int64(total)))), new(big.Int)
		for i, s := range shares {
			sum.Add(sum, big.NewInt(int64(s)))
			if weight.Sign() == 0 {
				continue
			}
			// |share*weight - total*w| < weight: less than a cent from the exact proportion.
			off := new(big.Int).Mul(big.NewInt(int64(s)), weight)
			off.Sub(off, new(big.Int).Mul(whole, big.NewInt(weights[i])))
			require.Negative(t, off.CmpAbs(weight), "share %d", i)
		}
		require.Equal(t, whole.Int64(), sum.Int64())
	})
}

// The oracle is math/big: a*b/c, half away from zero, saturating.
func TestMulAndOfAgreeWithBigIntegers(t *testing.T) {
	oracle := func(a, b, c int64) money.Amount {
		p := new(big.Int).Mul(big.NewInt(clamp(big.NewInt(a))), big.NewInt(clamp(big.NewInt(b))))
		negative := p.Sign() < 0
		p.Abs(p).Add(p, big.NewInt(c/2)).Quo(p, big.NewInt(c))
		if negative {
			p.Neg(p)
		}
		return money.Amount(clamp(p))
	}
	rapid.Check(t, func(t *rapid.T) {
		a, q := amounts.Draw(t, "amount"), quantities.Draw(t, "quantity")
		require.Equal(t, oracle(int64(a), int64(q), 1000), a.Mul(q))
		require.Equal(t, oracle(int64(a), int64(q), 100_000), money.Rate(q).Of(a))
	})
}

func TestExtremesSaturate(t *testing.T) {
	const most, least = money.Amount(math.MaxInt64), money.Amount(math.MinInt64)
	require.Equal(t, most, most.Mul(2*money.One))
	require.Equal(t, -most, least.Mul(2*money.One))
	require.Equal(t, most, least.Mul(math.MinInt64))
	require.Equal(t, -most, least.Mul(money.One))
	require.Equal(t, -most, money.Whole.Of(least))
	require.Equal(t, money.Amount(math.MaxInt64-2), money.CashRound(most))
	require.Equal(t, []money.Amount{-most}, money.Allocate(least, []int64{math.MaxInt64}))
	require.Len(t, money.Allocate(most, []int64{math.MaxInt64, math.MaxInt64, math.MaxInt64}), 3)
	require.Equal(t, most, money.Part(most, 0, math.MaxInt64, math.MaxInt64))
}

// clamp is the documented range: ±math.MaxInt64.
func clamp(v *big.Int) int64 {
	limit := big.NewInt(math.MaxInt64)
	switch {
	case v.Cmp(limit) > 0:
		return math.MaxInt64
	case v.CmpAbs(limit) > 0:
		return -math.MaxInt64
	}
	return v.Int64()
}
