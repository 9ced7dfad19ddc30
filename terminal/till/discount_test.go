package till_test

import (
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func tenth(reason string) retail.Discount { return retail.Discount{Rate: 10_000, Reason: reason} }

func TestDiscountsOfALineAndOfTheTicket(t *testing.T) {
	w := signedIn(t)
	w.scan("3*"+pen.SKU, syrup.SKU)
	require.NoError(t, w.DiscountLine(t.Context(), 0, tenth("damaged"), till.Approval{}))
	k := w.Ticket()
	require.EqualValues(t, 33, k.Lines[0].Discount)
	require.EqualValues(t, 297, k.Lines[0].Amount)
	require.NoError(t, w.DiscountTicket(t.Context(), retail.Discount{Amount: 100, Reason: "loyal"}, till.Approval{}))
	k = w.Ticket()
	require.EqualValues(t, 297+1149-100, k.Subtotal)
	require.EqualValues(t, 133, k.Taken)
	w.scan(pen.SKU)
	require.Len(t, w.Ticket().Lines, 3, "more of it does not join a line with a discount")

	_, err := w.TenderCard(t.Context(), w.pay().Turn, w.Ticket().Total, "1", "4417")
	require.NoError(t, err)
	sale := tilltest.Bodies[retail.Sale](w.journal)[0]
	require.NoError(t, sale.Check())
	require.Equal(t, tenth("damaged"), sale.Lines[0].Off)
	require.Equal(t, retail.Discount{Amount: 100, Reason: "loyal"}, sale.Off)
	require.Empty(t, sale.Approvals, "within what a cashier may do")
}

func TestADiscountAboveTheLimitIsApproved(t *testing.T) {
	w := signedIn(t)
	w.scan("2*" + syrup.SKU)
	half := retail.Discount{Rate: 50_000, Reason: "damaged"}
	err := w.DiscountLine(t.Context(), 0, half, till.Approval{})
	refused(t, till.KeyApproval, err)
	require.Zero(t, w.Ticket().Taken)
	need, _ := till.NeedOf(err)
	require.Equal(t, retail.Need{Deed: retail.DeedDiscount, Amount: 1149, Of: 2298}, need)
	require.NoError(t, w.DiscountLine(t.Context(), 0, half, w.approval(need)))
	last := w.journal.Drafts[len(w.journal.Drafts)-1]
	require.Equal(t, journal.KindOverride, last.Kind)
	require.Equal(t, alice, last.User)
	require.Equal(t, retail.Override{
		Deed: retail.DeedDiscount, BusinessDate: 20261122, Reason: "damaged", Approver: sophie, Product: syrup.ID, Quantity: 2000,
		Amount: 1149,
	}, last.Body)
	_, err = w.TenderCard(t.Context(), w.pay().Turn, w.Ticket().Total, "1", "4417")
	require.NoError(t, err)
	require.Equal(t, []retail.Approval{{Deed: retail.DeedDiscount, By: sophie, Reason: "damaged"}}, tilltest.Bodies[retail.Sale](w.journal)[0].Approvals)

	w.scan(syrup.SKU)
	most := retail.Discount{Rate: 60_000, Reason: "damaged"}
	need.Amount, need.Of = 1, 10
	err = w.DiscountLine(t.Context(), 0, most, w.approval(need))
	refused(t, till.KeyApprovalRole, err)
}

func TestADiscountByAmountDoesNotOutgrowWhoAllowedIt(t *testing.T) {
	w := signedIn(t)
	w.scan("10*" + syrup.SKU)
	require.NoError(t, w.DiscountTicket(t.Context(), retail.Discount{Amount: 1000, Reason: "loyal"}, till.Approval{}))
	require.NoError(t, w.SetQuantity(0, 9*money.One))
	require.EqualValues(t, 1000, w.Ticket().Taken, "a tenth of 103.41 is more")
	require.NoError(t, w.SetQuantity(0, money.One))
	require.Zero(t, w.Ticket().Taken, "ten dollars off eleven is not what a cashier may do")

	require.NoError(t, w.SetQuantity(0, 10*money.One))
	require.NoError(t, w.DiscountLine(t.Context(), 0, retail.Discount{Amount: 1000, Reason: "loyal"}, till.Approval{}))
	require.NoError(t, w.Increment(0, -1))
	require.EqualValues(t, 1000, w.Ticket().Taken)
	require.NoError(t, w.SetQuantity(0, money.One))
	require.Zero(t, w.Ticket().Taken)

	require.NoError(t, w.DiscountTicket(t.Context(), retail.Discount{Amount: 100, Reason: "loyal"}, till.Approval{}))
	require.NoError(t, w.Remove(0))
	w.scan(syrup.SKU)
	require.Zero(t, w.Ticket().Taken, "what one customer was given is not for the next")
}

func TestAnotherPriceIsApprovedAndKeepsTheCatalogues(t *testing.T) {
	w := signedIn(t)
	w.scan(syrup.SKU)
	err := w.SetPrice(t.Context(), 0, 999, "label", till.Approval{})
	refused(t, till.KeyApproval, err)
	need, _ := till.NeedOf(err)
	require.NoError(t, w.SetPrice(t.Context(), 0, 999, "label", w.approval(need)))
	require.NoError(t, w.SetPrice(t.Context(), 0, 899, "label", w.approval(need)))
	l := w.Ticket().Lines[0]
	require.EqualValues(t, 899, l.Amount)
	require.EqualValues(t, 1149, l.List)
	require.Equal(t, "label", l.Reason)
	refused(t, till.KeyPrice, w.SetPrice(t.Context(), 0, till.MostPrice+1, "label", w.approval(need)))
	refused(t, till.KeyNoLine, w.SetPrice(t.Context(), 1, 899, "label", w.approval(need)))
}

func TestPriceAccuracy(t *testing.T) {
	w := signedIn(t)
	dear := product(17, "Grille-pain", "Toaster", 4999, retail.Taxable)
	w.goods.Products = append(w.goods.Products, dear)
	w.scan("3*"+syrup.SKU, dear.SKU, "1.240*"+apples.SKU)
	for i := range 3 {
		require.NoError(t, w.Accuracy(t.Context(), i, till.Approval{}))
	}
	k := w.Ticket()
	require.EqualValues(t, 2*1149, k.Lines[0].Amount, "one of the three is free")
	require.EqualValues(t, 4999-1500, k.Lines[1].Amount)
	require.Zero(t, k.Lines[2].Amount, "a weighed item is one")
	require.Equal(t, "accuracy", k.Lines[0].Off.Reason)
	require.Equal(t, journal.KindOverride, w.journal.Drafts[len(w.journal.Drafts)-1].Kind)
}

func TestAnOpenPriceIsAsked(t *testing.T) {
	w := signedIn(t)
	gift := product(17, "Carte-cadeau", "Gift card", 0, retail.Exempt)
	gift.OpenPrice = true
	w.goods.Products = append(w.goods.Products, gift)
	_, err := w.Scan(t.Context(), "2*"+gift.SKU)
	e := refused(t, till.KeyAskPrice, err)
	require.Equal(t, gift, e.Args["product"])
	require.Empty(t, w.Ticket().Lines)
	require.NoError(t, w.AddAt(t.Context(), gift, e.Args["quantity"].(money.Quantity), 2500))
	require.EqualValues(t, 5000, w.Ticket().Total)
}

// Whatever discounts and prices are given in whatever order: the sale checks, and its refunds, part by part, give back
// exactly what was paid.
func TestDiscountedSalesAddUpAndAreGivenBackToTheCent(t *testing.T) {
	codes := []string{coffee.SKU, "7*" + timbits.SKU, syrup.SKU, "1.237*" + apples.SKU, stamps.SKU, "3*" + pen.SKU}
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		ctx := t.Context()
		w.goods.Staff[2].Role = retail.RoleManager
		require.NoError(r, w.SignIn(ctx, sophie, "777777"))
		require.NoError(r, w.OpenShift(ctx, 20000))
		for range rapid.IntRange(1, 6).Draw(r, "lines") {
			_, err := w.Scan(ctx, rapid.SampledFrom(codes).Draw(r, "code"))
			require.NoError(r, err)
		}
		for range rapid.IntRange(0, 8).Draw(r, "deeds") {
			d := retail.Discount{Reason: "goodwill"}
			if rapid.Bool().Draw(r, "by rate") {
				d.Rate = money.Rate(rapid.IntRange(0, 100_000).Draw(r, "rate"))
			} else {
				d.Amount = money.Amount(rapid.IntRange(0, 900).Draw(r, "off"))
			}
			line := rapid.IntRange(0, 5).Draw(r, "line")
			switch rapid.IntRange(0, 4).Draw(r, "deed") {
			case 0:
				_ = w.DiscountLine(ctx, line, d, till.Approval{})
			case 1:
				_ = w.DiscountTicket(ctx, d, till.Approval{})
			case 2:
				_ = w.SetPrice(ctx, line, d.Amount, "match", till.Approval{})
			case 3:
				_ = w.Accuracy(ctx, line, till.Approval{})
			case 4:
				_ = w.Increment(line, rapid.IntRange(-2, 3).Draw(r, "pieces"))
			}
		}
		total := w.Ticket().Total
		turn := w.pay().Turn
		var err error
		if total == 0 {
			_, err = w.TenderCash(ctx, turn, 0)
		} else {
			_, err = w.TenderCard(ctx, turn, total, "1", "4417")
		}
		require.NoError(r, err)
		sale := tilltest.Bodies[retail.Sale](w.journal)[0]
		require.NoError(r, sale.Check())
		require.Equal(r, total, sale.Total)
		for _, l := range sale.Lines {
			require.GreaterOrEqual(r, l.Amount, money.Amount(0))
		}

		var back money.Amount
		var before []retail.RefundPart
		for i, l := range sale.Lines {
			first := money.Quantity(rapid.Int64Range(0, int64(l.Quantity)).Draw(r, "first"))
			for _, q := range []money.Quantity{first, l.Quantity - first} {
				if q == 0 {
					continue
				}
				part := retail.RefundPart{Of: i, Quantity: q}
				refund, err := retail.NewRefund(sale, before, []retail.RefundPart{part})
				require.NoError(r, err)
				back, before = back+refund.Total, append(before, part)
			}
		}
		require.Equal(r, sale.Total, back)
	})
}
