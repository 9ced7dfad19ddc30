package money

import (
	"math"
	"math/bits"
	"slices"
)

// Amount is a sum of money in minor units (cents).
type Amount int64

// Quantity is a count or a weight in thousandths: 2 pieces are 2000, 1.240 kg is 1240.
type Quantity int64

// Rate is a tax or discount rate per 100,000: the TVQ of 9.975 % is 9975, the TPS of 5 % is 5000.
type Rate int64

const (
	// One is the quantity of a single piece, or of a kilogram.
	One Quantity = 1000
	// Whole is the rate of 100 %.
	Whole Rate = 100_000

	// cashStep is the smallest coin in circulation in Canada, in cents.
	cashStep = 5
)

// Mul returns the price of q units at a each, to the nearest cent.
func (a Amount) Mul(q Quantity) Amount {
	return signed(mulDiv(magnitude(a), magnitude(q), uint64(One)), (a < 0) != (q < 0))
}

// Of returns the part of a that the rate stands for, to the nearest cent. For the taxes of Québec this is
// (cents*9975 + 50000)/100000, computed once on the total of the invoice (Revenu Québec, "Calculating the taxes").
func (r Rate) Of(a Amount) Amount {
	return signed(mulDiv(magnitude(a), magnitude(r), uint64(Whole)), (a < 0) != (r < 0))
}

// CashRound returns what is paid in coins for a: the nearest 5 cents. Endings 1 and 2 go down to 0, 3 and 4 up to 5,
// 6 and 7 down to 5, 8 and 9 up to 10 (Canada, since the cent was withdrawn in 2013). Money given back rounds the same.
func CashRound(a Amount) Amount { return RoundTo(a, cashStep) }

// RoundTo returns the multiple of a step that is nearest to a, half away from zero.
func RoundTo(a, step Amount) Amount {
	s := magnitude(step)
	m := magnitude(a) + s/2
	return signed(m-m%s, a < 0)
}

// Part returns the share of total that belongs to the next qty of the of units sold, when done units had theirs before:
// round(total*(done+qty)/of) - round(total*done/of). Rounding the running sum makes the parts of a receipt refunded piece
// by piece add up to exactly what was charged.
//
// Quantities count by magnitude and stop at of, so no sequence of parts gives back more than total. The part of nothing
// (of zero) is zero.
func Part(total Amount, done, qty, of Quantity) Amount {
	whole := magnitude(of)
	if whole == 0 {
		return 0
	}
	before := min(magnitude(done), whole)
	after := min(before+magnitude(qty), whole)
	m := magnitude(total)
	return signed(mulDiv(m, after, whole)-mulDiv(m, before, whole), total < 0)
}

// Allocate splits total in proportion to the weights, one share for each, by the largest remainder: the shares add up to
// exactly total, each is within a cent of its proportion, and of equal remainders the earlier gets the cent.
//
// A weight below zero counts as zero. When all weights are zero the shares are equal. Without weights there is nobody to
// give to, and the result is empty.
func Allocate(total Amount, weights []int64) []Amount {
	n := len(weights)
	if n == 0 {
		return nil
	}
	scaled, sum := make([]uint64, n), uint64(0)
	for i, w := range weights {
		// The cap keeps the sum of n weights within 64 bits.
		scaled[i] = min(uint64(max(w, 0)), math.MaxUint64/uint64(n))
		sum += scaled[i]
	}
	if sum == 0 {
		for i := range scaled {
			scaled[i] = 1
		}
		sum = uint64(n)
	}

	m := magnitude(total)
	shares, rests, order := make([]uint64, n), make([]uint64, n), make([]int, n)
	left := m
	for i, w := range scaled {
		hi, lo := bits.Mul64(m, w)
		shares[i], rests[i] = bits.Div64(hi, lo, sum)
		order[i] = i
		left -= shares[i]
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case rests[i] > rests[j]:
			return -1
		case rests[i] < rests[j]:
			return 1
		}
		return 0
	})
	for _, i := range order[:left] {
		shares[i]++
	}

	out := make([]Amount, n)
	for i, s := range shares {
		out[i] = signed(s, total < 0)
	}
	return out
}

// magnitude returns |v|, at most math.MaxInt64.
func magnitude[T ~int64](v T) uint64 {
	if v < 0 {
		v = -max(v, -math.MaxInt64)
	}
	return uint64(v)
}

// signed gives a magnitude its sign back, and saturates.
func signed(m uint64, negative bool) Amount {
	a := Amount(min(m, math.MaxInt64))
	if negative {
		return -a
	}
	return a
}

// mulDiv returns a*b/c rounded half up, computed in 128 bits, saturating at math.MaxUint64. c must not be zero.
func mulDiv(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	lo, carry := bits.Add64(lo, c/2, 0)
	hi += carry
	if hi >= c {
		return math.MaxUint64
	}
	q, _ := bits.Div64(hi, lo, c)
	return q
}
