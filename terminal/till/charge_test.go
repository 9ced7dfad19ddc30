package till_test

import (
	"slices"
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	cola   = product(21, "Cola", "Cola", 189, retail.Taxable)
	lamp   = product(22, "Ampoule", "Bulb", 649, retail.Taxable)
	muffin = product(23, "Muffin", "Muffin", 200, retail.Taxable)
	donut  = product(24, "Beigne", "Donut", 125, retail.Taxable)
)

func init() {
	cola.Charges = []retail.Charge{
		{Code: "CONSIGNE-10", Name: retail.Text{FR: "Consigne", EN: "Deposit"}, Unit: 10, Class: retail.Exempt},
	}
	lamp.Charges = []retail.Charge{
		{Code: "ECOFRAIS-15", Name: retail.Text{FR: "Écofrais", EN: "Eco-fee"}, Unit: 15, Class: retail.Taxable},
	}
	muffin.Rule = retail.ClassRule{Group: "single-serving", From: 6 * money.One, Class: retail.ZeroRated}
	donut.Rule = muffin.Rule
}

// charging is a till with goods that carry deposits and fees, and with sweet ones for one person.
func charging(t *testing.T) *world {
	w := signedIn(t)
	w.goods.Products = append(w.goods.Products, cola, lamp, muffin, donut)
	return w
}

func TestDepositsAndFeesFollowTheLine(t *testing.T) {
	w := charging(t)
	w.scan("6*"+cola.SKU, lamp.SKU)
	k := w.Ticket()
	require.EqualValues(t, 6*189+649, k.Subtotal)
	require.Equal(t, []retail.ChargeTotal{
		{Code: "CONSIGNE-10", Name: cola.Charges[0].Name, Amount: 60}, {Code: "ECOFRAIS-15", Name: lamp.Charges[0].Name, Amount: 15},
	}, k.Charges)
	require.EqualValues(t, 6*189+649+15, k.Taxes[0].Base, "the deposit is not taxed, the fee is")
	require.EqualValues(t, 1783+60+15+90+179, k.Total)

	require.NoError(t, w.Increment(0, -1))
	require.EqualValues(t, 50, w.Ticket().Charges[0].Amount)
	require.NoError(t, w.DiscountLine(t.Context(), 0, retail.Discount{Rate: 50_000, Reason: "damaged"}, w.approval(retail.Need{Deed: retail.DeedDiscount})))
	require.EqualValues(t, 50, w.Ticket().Charges[0].Amount, "no discount touches it")
}

func TestARefundGivesTheDepositBack(t *testing.T) {
	w := charging(t)
	w.scan("3*"+cola.SKU, lamp.SKU)
	p, err := w.TenderCard(t.Context(), w.pay().Turn, w.Ticket().Total, "1", "4417")
	require.NoError(t, err)
	var back money.Amount
	for i := range 4 {
		r, err := w.Refundable(t.Context(), 1, p.Sold.Receipt.Number)
		require.NoError(t, err)
		part := retail.RefundPart{Of: 0, Quantity: money.One}
		if i == 3 {
			part.Of = 1
		}
		done, err := w.Refund(t.Context(), r, []retail.RefundPart{part}, till.Payback{Kind: retail.TenderCard}, "changed", w.approval(retail.Need{Deed: retail.DeedRefund}))
		require.NoError(t, err)
		require.NoError(t, done.Refund.Check())
		require.Len(t, done.Refund.Lines[0].Line.Charges, 1)
		back += done.Refund.Total
	}
	require.Equal(t, p.Total, back)
	x, err := w.X(t.Context())
	require.NoError(t, err)
	require.Zero(t, x.Z.Totals.Net())
	require.Len(t, x.Z.Totals.Charges, 2)
	for _, c := range x.Z.Totals.Charges {
		require.Zero(t, c.Amount, c.Code)
	}
}

func TestSixSweetThingsAreNotTaxed(t *testing.T) {
	w := charging(t)
	w.scan("3*"+muffin.SKU, "2*"+donut.SKU)
	require.Len(t, w.Ticket().Taxes, 2)
	require.NotEmpty(t, w.Ticket().Lines[0].Taxes)
	w.scan(donut.SKU)
	k := w.Ticket()
	require.Len(t, k.Lines, 2, "the sixth joins the line of its kind")
	require.Empty(t, k.Taxes)
	require.Empty(t, k.Lines[0].Taxes)
	require.Equal(t, k.Subtotal, k.Total)
	require.NoError(t, w.Increment(1, -1))
	require.Len(t, w.Ticket().Taxes, 2, "five are")

	require.NoError(t, w.Increment(1, 1))
	p, err := w.TenderCard(t.Context(), w.pay().Turn, w.Ticket().Total, "1", "4417")
	require.NoError(t, err)
	r, err := w.Refundable(t.Context(), 1, p.Sold.Receipt.Number)
	require.NoError(t, err)
	back, err := w.Refund(t.Context(), r, []retail.RefundPart{{Of: 0, Quantity: money.One}}, till.Payback{Kind: retail.TenderCard}, "changed", w.approval(retail.Need{Deed: retail.DeedRefund}))
	require.NoError(t, err)
	require.EqualValues(t, 200, back.Refund.Total, "what was charged that day: no tax")
}

// Whatever is sold of goods that carry something, the Z adds up and every sale checks, where prices include taxes too.
func TestTheZAddsUpWithChargesInAnyTable(t *testing.T) {
	included := retail.TaxTable{
		{Code: "A", Rate: 20_000, Classes: []retail.TaxClass{retail.Taxable}, Included: true},
		{Code: "B", Rate: 5500, Classes: []retail.TaxClass{retail.ZeroRated}, Included: true},
	}
	rapid.Check(t, func(r *rapid.T) {
		w := charging(t)
		if rapid.Bool().Draw(r, "prices include taxes") {
			w.goods.Rates = included
		}
		for range rapid.IntRange(1, 4).Draw(r, "sales") {
			for _, p := range []retail.Product{cola, lamp, muffin, syrup} {
				if q := rapid.IntRange(0, 7).Draw(r, p.Name.EN); q > 0 {
					require.NoError(r, w.Add(t.Context(), p, money.Quantity(q)*money.One))
				}
			}
			if len(w.Ticket().Lines) > 0 {
				_, err := w.TenderCard(t.Context(), w.pay().Turn, w.Ticket().Total, "1", "4417")
				require.NoError(r, err)
			}
		}
		for _, s := range tilltest.Bodies[retail.Sale](w.journal) {
			require.NoError(r, s.Check())
		}
		x, err := w.X(t.Context())
		require.NoError(r, err)
		z := x.Z
		z.Counted, z.Difference = z.Expected, 0
		z.Count = []retail.Denomination{{Value: 5, Count: int64(z.Expected) / 5}}
		require.NoError(r, z.Check())
		codes := slices.IsSortedFunc(z.Totals.Charges, func(a, b retail.ChargeTotal) int { return slices.Compare([]byte(a.Code), []byte(b.Code)) })
		require.True(r, codes)
	})
}
