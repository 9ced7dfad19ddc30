package retail_test

import (
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// discounted is a settled sale of lines with discounts of their own, and one on all of it.
func discounted(t *rapid.T) retail.Sale {
	d := func(name string) retail.Discount {
		if rapid.Bool().Draw(t, name+" by rate") {
			return retail.Discount{Rate: money.Rate(rapid.IntRange(1, 100_000).Draw(t, name)), Reason: name}
		}
		return retail.Discount{Amount: money.Amount(rapid.IntRange(1, 2_000).Draw(t, name)), Reason: name}
	}
	s := drawSale(t)
	for i, l := range s.Lines {
		l.Discount, l.Amount = 0, l.UnitPrice.Mul(l.Quantity)
		s.Lines[i] = l.TakeOff(d("line"))
	}
	s.Off = d("ticket")
	rates := rapid.SampledFrom([]retail.TaxTable{quebec.On(20261122), france, nil}).Draw(t, "rates of it")
	s.Lines = retail.Compose(s.Lines, s.Off, rates)
	totals := retail.Total(s.Lines, rates)
	s.Taxes, s.Total = totals.Taxes, totals.Total
	pay := drawPayment(t, totals.Total)
	s.Tenders, s.Rounding = pay.Tenders, pay.Rounding
	return s
}

// A discount is shared to the cent, no line falls below zero, and what the sale says of its discounts is recomputed.
func TestDiscountsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := discounted(t)
		require.NoError(t, s.Check())
		var before money.Amount
		for _, l := range s.Lines {
			require.GreaterOrEqual(t, l.Amount, money.Amount(0))
			require.GreaterOrEqual(t, l.Share, money.Amount(0))
			before += l.Amount + l.Share
		}
		require.Equal(t, s.Off.Of(before), s.Shared())

		void, err := retail.NewVoid(s, retail.ReceiptID{Number: 1})
		require.NoError(t, err)
		void.BusinessDate = s.BusinessDate
		require.NoError(t, retail.Refund(void).Check())
		require.Equal(t, []money.Amount{s.Total, s.Rounding}, []money.Amount{void.Total, void.Rounding})
		for _, l := range void.Lines {
			require.Zero(t, l.Line.Share)
			require.Equal(t, retail.Discount{}, l.Line.Off, "a part of a line was not asked for so")
		}
		if s.Shared() == 0 {
			return
		}
		wrong := s
		wrong.Off = retail.Discount{}
		require.ErrorContains(t, wrong.Check(), "shares of the discount")
		wrong = s
		wrong.Lines = append([]retail.Line(nil), s.Lines...)
		wrong.Lines[0].Off = retail.Discount{Amount: wrong.Lines[0].Discount - wrong.Lines[0].Share + 1, Reason: "x"}
		if wrong.Lines[0].Off.On(wrong.Lines[0]) != wrong.Lines[0].Discount-wrong.Lines[0].Share {
			require.ErrorContains(t, wrong.Check(), "line 0: discount")
		}
	})
}

func TestRights(t *testing.T) {
	table := retail.DefaultRights()
	may := func(role retail.Role, n retail.Need) bool { return table.Of(role).May(n) }
	ten := retail.Need{Deed: retail.DeedDiscount, Amount: 100, Of: 1000}
	require.True(t, may(retail.RoleCashier, ten))
	ten.Amount++
	require.False(t, may(retail.RoleCashier, ten))
	require.True(t, may(retail.RoleSupervisor, ten))
	require.False(t, may(retail.RoleCashier, retail.Need{Deed: retail.DeedDrawer}))
	require.True(t, may(retail.RoleManager, retail.Need{Deed: retail.DeedRefund, Amount: 10_000_000}))
	require.False(t, may("intern", retail.Need{Deed: retail.DeedAccuracy}), "a role nobody knows may nothing")
	for _, d := range []retail.Deed{
		retail.DeedDrawer, retail.DeedRefund, retail.DeedUnheld, retail.DeedDiscount, retail.DeedPrice, retail.DeedAccuracy, retail.DeedVoidSale,
	} {
		require.True(t, may(retail.RoleSupervisor, retail.Need{Deed: d}), d)
		require.NotEmpty(t, retail.Reasons(d))
	}
}
