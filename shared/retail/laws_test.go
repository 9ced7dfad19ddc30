package retail_test

import (
	"slices"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var quebec = retail.TaxTable{
	{Code: "TVQ", Rate: 9975, Classes: []retail.TaxClass{retail.Taxable}, From: 20130101, Order: 2, Registration: "1234567890 TQ0001"},
	{Code: "TPS", Rate: 5000, Classes: []retail.TaxClass{retail.Taxable}, From: 20080101, Order: 1, Registration: "123456789 RT0001"},
	{Code: "TPS", Rate: 6000, Classes: []retail.TaxClass{retail.Taxable}, From: 20060701, To: 20080101, Order: 1},
}

var france = retail.TaxTable{
	{Code: "TVA20", Rate: 20_000, Classes: []retail.TaxClass{retail.Taxable}, Included: true},
	{Code: "TVA5.5", Rate: 5500, Classes: []retail.TaxClass{retail.ZeroRated}, Included: true},
}

// drawSale gives any sale a till could write.
func drawSale(t *rapid.T) retail.Sale {
	rates := rapid.SampledFrom([]retail.TaxTable{quebec.On(20261122), france, nil}).Draw(t, "rates")
	var lines []retail.Line
	for range rapid.IntRange(1, 8).Draw(t, "lines") {
		p := retail.Product{
			ID: uuid.UUID{1}, Name: retail.Text{FR: "Pomme", EN: "Apple"},
			Price: money.Amount(rapid.Int64Range(0, 50_000).Draw(t, "price")),
			Class: retail.TaxClass(rapid.IntRange(1, 3).Draw(t, "class")),
		}
		l := retail.NewLine(p, money.Quantity(rapid.Int64Range(1, 20_000).Draw(t, "quantity")), "en")
		l.Discount = money.Amount(rapid.Int64Range(0, int64(l.Amount)).Draw(t, "discount"))
		l.Amount -= l.Discount
		lines = append(lines, l)
	}
	totals := retail.Total(lines, rates)
	s := retail.Sale{
		Number: 1, BusinessDate: 20261122, Currency: "CAD", Prices: 1284,
		Lines: lines, Taxes: totals.Taxes, Total: totals.Total,
	}
	pay := drawPayment(t, totals.Total)
	s.Tenders, s.Rounding = pay.Tenders, pay.Rounding
	return s
}

func drawPayment(t *rapid.T, total money.Amount) retail.Settlement {
	s := retail.Settle(total)
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		part := money.Amount(rapid.Int64Range(0, int64(total)).Draw(t, "part"))
		if rapid.Bool().Draw(t, "by card") {
			s, _ = s.Card(part, "083214", "4417")
		} else {
			s, _ = s.Cash(money.CashRound(part))
		}
	}
	if s.Done() {
		return s
	}
	var err error
	if s.Left() > 0 && rapid.Bool().Draw(t, "rest by card") {
		s, err = s.Card(s.Left(), "083214", "4417")
	} else {
		due, _ := s.LeftInCash()
		s, err = s.Cash(due)
	}
	require.NoError(t, err)
	return s
}

func TestEverySaleSettlesAndChecks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSale(t)
		require.NoError(t, s.Check())
		paid, cards := money.Amount(0), true
		for _, tender := range s.Tenders {
			paid += tender.Amount
			cards = cards && tender.Kind == retail.TenderCard
		}
		require.Equal(t, s.Total+s.Rounding, paid)
		require.LessOrEqual(t, max(s.Rounding, -s.Rounding), money.Amount(2))
		if cards {
			require.Zero(t, s.Rounding)
		}
		var included money.Amount
		for _, tax := range s.Taxes {
			if tax.Included {
				included += tax.Amount
			}
		}
		require.Equal(t, retail.Total(s.Lines, nil).Subtotal-included, s.Revenue())
	})
}

// One cent more or less anywhere is found.
func TestCheckFindsEveryCent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSale(t)
		cent := rapid.SampledFrom([]money.Amount{-1, 1}).Draw(t, "cent")
		figures := []*money.Amount{&s.Total, &s.Rounding, &s.Lines[0].Amount, &s.Lines[0].Discount, &s.Tenders[0].Amount}
		for i := range s.Taxes {
			figures = append(figures, &s.Taxes[i].Amount, &s.Taxes[i].Base)
		}
		*rapid.SampledFrom(figures).Draw(t, "figure") += cent
		require.Error(t, s.Check())
	})
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	s := retail.Sale{
		BusinessDate: 20260230, Currency: "",
		Lines: []retail.Line{{UnitPrice: 199, Quantity: 2 * money.One, Amount: 398}, {Quantity: -money.One}},
		Total: 400,
	}
	require.EqualError(t, s.Check(), `line 1: quantity -1000
business date 20260230
no currency
total is 400 instead of 398
sum of tenders is 0 instead of 400`)
	require.EqualError(t, retail.Refund{BusinessDate: 20261122, Currency: "CAD"}.Check(), "no lines")
}

// However a receipt is taken apart, its parts add up to it: total, lines, each tax and its base.
func TestRefundsAddUpToTheSale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSale(t)
		left := make([]money.Quantity, len(s.Lines))
		for i, l := range s.Lines {
			left[i] = l.Quantity
		}
		var refunds []retail.Refund
		var before []retail.RefundPart
		for visit := range 6 {
			var parts []retail.RefundPart
			for i := range left {
				q := left[i]
				if visit < 5 {
					q = money.Quantity(rapid.Int64Range(0, int64(left[i])).Draw(t, "quantity"))
				}
				if q > 0 {
					parts = append(parts, retail.RefundPart{Of: i, Quantity: q})
					left[i] -= q
				}
			}
			if len(parts) == 0 {
				continue
			}
			r, err := retail.NewRefund(s, before, parts)
			require.NoError(t, err)
			require.Equal(t, parts, r.Parts())
			refunds, before = append(refunds, r), append(before, parts...)
		}
		var total, revenue money.Amount
		taxes := map[string][2]money.Amount{}
		for _, r := range refunds {
			total += r.Total
			revenue += r.Revenue()
			for _, tax := range r.Taxes {
				sum := taxes[tax.Code]
				taxes[tax.Code] = [2]money.Amount{sum[0] + tax.Base, sum[1] + tax.Amount}
			}
		}
		require.Equal(t, s.Total, total)
		require.Equal(t, s.Revenue(), revenue)
		for _, tax := range s.Taxes {
			require.Equal(t, [2]money.Amount{tax.Base, tax.Amount}, taxes[tax.Code], tax.Code)
		}
	})
}

func TestRatesOfTheDay(t *testing.T) {
	codes := func(day retail.Date) []money.Rate {
		var rates []money.Rate
		for _, r := range quebec.On(day) {
			rates = append(rates, r.Rate)
		}
		return rates
	}
	require.Equal(t, []money.Rate{5000, 9975}, codes(20261122), "in receipt order")
	require.Equal(t, []money.Rate{6000}, codes(20071231))
	require.Equal(t, []money.Rate{5000}, codes(20080101), "To is the first day it is no longer charged")
	require.Empty(t, codes(20060630))
}

func TestSuggest(t *testing.T) {
	s := retail.Suggest(6200, 16*money.One, 12*money.One, 12)
	require.Equal(t, 34*money.One, s.Need)
	require.Equal(t, 3, s.Packs)
	require.Equal(t, 36*money.One, s.Quantity)
	require.Zero(t, retail.Suggest(1000, 65*money.One, 0, 12).Quantity, "enough in the store")
	require.Equal(t, 2*money.One, retail.Suggest(0, -2*money.One, 0, 0).Quantity, "what was sold below zero is missing")
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, least int64) money.Quantity {
			return money.Quantity(rapid.Int64Range(least, 1_000_000).Draw(t, name))
		}
		s := retail.Suggest(draw("per day", 0), draw("on hand", -1_000_000), draw("in transit", 0), rapid.IntRange(0, 48).Draw(t, "pack"))
		require.GreaterOrEqual(t, s.Quantity, s.Need)
		require.Less(t, s.Quantity-s.Need, money.Quantity(s.Pack)*money.One)
		require.Zero(t, s.Quantity%(money.Quantity(s.Pack)*money.One))
	})
}

// What a till writes, headquarters reads.
func TestSaleThroughTheJournal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSale(t)
		b, err := journal.Encode(journal.Entry{Kind: journal.KindSale, Time: 1_700_000_000_000}, s)
		require.NoError(t, err)
		e, err := journal.Decode(b)
		require.NoError(t, err)
		got, err := journal.DecodeBody[retail.Sale](e)
		require.NoError(t, err)
		require.NoError(t, got.Check())
		again, err := journal.Encode(journal.Entry{Kind: journal.KindSale, Time: 1_700_000_000_000}, got)
		require.NoError(t, err)
		require.True(t, slices.Equal(b, again), "the same bytes again")
	})
}

func TestDatesAndCodes(t *testing.T) {
	require.Equal(t, "CV-01-1-004218", retail.ReceiptCode("CV", 1, 1, 4218))
	d, err := retail.ParseDate("2026-11-22")
	require.NoError(t, err)
	require.Equal(t, retail.Date(20261122), d)
	require.Equal(t, "2026-11-22", d.String())
	_, err = retail.ParseDate("22/11/2026")
	require.EqualError(t, err, `date "22/11/2026": want the form 2026-11-22`)
	require.Equal(t, "Pomme", retail.Text{FR: "Pomme"}.In("en"), "the other language rather than nothing")
}
