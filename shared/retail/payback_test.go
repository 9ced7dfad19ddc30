package retail_test

import (
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// paid is a sale of three lines, in the order of the tenders.
func paid(tenders ...retail.Tender) retail.Sale {
	s := retail.Sale{Currency: "CAD", Tenders: tenders}
	for _, price := range []money.Amount{599, 2499, 899} {
		l := retail.Line{Name: "x", Quantity: 2 * money.One, UnitPrice: price, Class: retail.ZeroRated}
		l.Amount = l.UnitPrice.Mul(l.Quantity)
		s.Lines = append(s.Lines, l)
		s.Total += l.Amount
	}
	return s
}

func card(amount money.Amount, four string) retail.Tender {
	return retail.Tender{Kind: retail.TenderCard, Amount: amount, LastFour: four}
}

func TestARefundGoesBackTheWayItWasPaid(t *testing.T) {
	whole := paid().Total // 79.94
	cash := retail.Tender{Kind: retail.TenderCash, Amount: money.CashRound(whole)}
	s, err := retail.PayBack(paid(cash), nil, 1198)
	require.NoError(t, err)
	require.Equal(t, []retail.Tender{{Kind: retail.TenderCash, Amount: 1200, Given: 1200}}, s.Tenders)
	require.EqualValues(t, 2, s.Rounding)

	s, err = retail.PayBack(paid(card(whole, "4417")), nil, 1198)
	require.NoError(t, err)
	require.Equal(t, []retail.Tender{card(1198, "4417")}, s.Tenders, "to the cent")

	mixed := paid(card(4000, "4417"), retail.Tender{Kind: retail.TenderCash, Amount: 3995})
	s, err = retail.PayBack(mixed, nil, 3997)
	require.NoError(t, err)
	require.Equal(t, []retail.Tender{card(2000, "4417"), {Kind: retail.TenderCash, Amount: 1995, Given: 1995}}, s.Tenders)
	require.Equal(t, []retail.TenderKind{retail.TenderCard, retail.TenderCash}, s.Kinds())
}

// However a receipt is taken apart, each card gets back what it paid, and no more than that is handed out in cash than
// rounding allows.
func TestEachCardGetsBackWhatItPaid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sale := paid()
		first := money.Amount(rapid.Int64Range(1, int64(sale.Total)).Draw(rt, "first"))
		sale.Tenders = []retail.Tender{card(first, "1111")}
		second := money.Amount(rapid.Int64Range(0, int64(sale.Total-first)).Draw(rt, "second"))
		if second > 0 {
			sale.Tenders = append(sale.Tenders, card(second, "2222"))
		}
		if left := sale.Total - first - second; left > 0 {
			sale.Tenders = append(sale.Tenders, retail.Tender{Kind: retail.TenderCash, Amount: money.CashRound(left)})
		}
		back, cash := map[string]money.Amount{}, money.Amount(0)
		var before []retail.RefundPart
		for _, of := range rapid.Permutation([]int{0, 0, 1, 1, 2, 2}).Draw(rt, "order") {
			part := retail.RefundPart{Of: of, Quantity: money.One}
			r, err := retail.NewRefund(sale, before, []retail.RefundPart{part})
			require.NoError(rt, err)
			s, err := retail.PayBack(sale, before, r.Total)
			require.NoError(rt, err)
			require.True(rt, s.Done())
			for _, tender := range s.Tenders {
				if tender.Kind == retail.TenderCard {
					back[tender.LastFour] += tender.Amount
				} else {
					cash += tender.Amount - s.Rounding
				}
			}
			before = append(before, part)
		}
		require.Equal(rt, sale.Total, back["1111"]+back["2222"]+cash)
		if first+second < sale.Total {
			require.InDelta(rt, int64(sale.Total-first-second), int64(cash), 1)
			return
		}
		require.Equal(rt, first, back["1111"])
	})
}

// More than was sold is gone already; what a supervisor allows all the same is settled as any refund.
func TestWhatIsGoneAlreadyDoesNotStopARefund(t *testing.T) {
	sale := paid(card(7994, "4417"))
	before := []retail.RefundPart{{Of: 0, Quantity: 9 * money.One}}
	s, err := retail.PayBack(sale, before, 599)
	require.NoError(t, err)
	require.Equal(t, []retail.Tender{card(599, "4417")}, s.Tenders)
}
