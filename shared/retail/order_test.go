package retail_test

import (
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// order is one of two products, paid in the shop, that comes to 14.93.
func order() retail.Order {
	lines := []retail.Line{
		{Product: uuid.UUID{1}, Name: "Café", Quantity: 2 * money.One, UnitPrice: 599, Amount: 1198, Class: retail.Taxable},
		{Product: uuid.UUID{2}, Name: "Pain", Quantity: money.One, UnitPrice: 101, Amount: 101, Class: retail.Taxable},
	}
	totals := retail.Total(lines, retail.TaxTable{
		{Code: "TPS", Rate: 5000, Order: 1, Classes: []retail.TaxClass{retail.Taxable}},
		{Code: "TVQ", Rate: 9975, Order: 2, Classes: []retail.TaxClass{retail.Taxable}},
	})
	return retail.Order{
		ID: uuid.UUID{9}, Code: retail.OrderCode(42), Attempt: 1, State: retail.OrderReady, Currency: "CAD", Prices: 7,
		Lines: lines, Taxes: totals.Taxes, Total: totals.Total, Approval: "P-77", LastFour: "4242",
	}
}

func TestAnOrderIsSoldAsItWasPaid(t *testing.T) {
	o := order()
	require.Equal(t, "W-000042", o.Code)
	require.Equal(t, 3*money.One, o.Units())
	sale := o.Sale(7, 20261122)
	require.NoError(t, sale.Check())
	require.Equal(t, []any{o.ID, o.Code, uint64(7), money.Amount(1494)}, []any{sale.Order, sale.OrderCode, sale.Number, sale.Total})

	sale.Order = uuid.Nil
	require.ErrorContains(t, sale.Check(), "paid online, and no order")
}

// What was paid online is no cash: nothing of it is expected in the drawer. What is given back of it goes to a card, to the
// cent; the drawer is only opened for it when somebody decides so.
func TestWhatWasPaidOnlineIsNotInTheDrawer(t *testing.T) {
	sale := order().Sale(7, 20261122)
	var totals retail.ShiftTotals
	totals.Add(uuid.UUID{5}, 1, sale)
	require.Equal(t, []retail.TenderTotal{{Kind: retail.TenderOnline, In: 1494}}, totals.Tenders)
	require.Zero(t, totals.Cash())
	require.Equal(t, money.Amount(20_000), totals.Expect(20_000))

	back := money.Amount(0)
	var before []retail.RefundPart
	for _, part := range []retail.RefundPart{{Of: 0, Quantity: money.One}, {Of: 1, Quantity: money.One}, {Of: 0, Quantity: money.One}} {
		refund, err := retail.NewRefund(sale, before, []retail.RefundPart{part})
		require.NoError(t, err)
		settled, err := retail.PayBack(sale, before, refund.Total)
		require.NoError(t, err)
		require.Equal(t, []retail.TenderKind{retail.TenderCard}, settled.Kinds())
		require.Equal(t, "4242", settled.Tenders[0].LastFour)
		refund.BusinessDate, refund.Receipt.Number, refund.Tenders = 20261122, 7, settled.Tenders
		require.NoError(t, refund.Check())
		totals.Add(uuid.UUID{5}, 1, refund)
		back, before = back+settled.Paid(), append(before, part)
	}
	require.Equal(t, sale.Total, back)
	require.Equal(t, money.Amount(20_000), totals.Expect(20_000))
}

// Nothing leads back within an attempt: what a till knows of itself is never behind what headquarters makes of it.
func TestAnOrderAnswersGoForward(t *testing.T) {
	for _, s := range [][2]retail.OrderState{
		{retail.OrderConfirmed, retail.OrderAccepted},
		{retail.OrderAccepted, retail.OrderReady},
		{retail.OrderConfirmed, retail.OrderCollected},
		{retail.OrderPicking, retail.OrderShort},
	} {
		require.True(t, retail.OrderSteps.Lead(s[0], s[1]), s)
		require.False(t, retail.OrderSteps.Lead(s[1], s[0]), s)
	}
}

func TestWhoPreparesOrders(t *testing.T) {
	for role, may := range map[retail.Role]bool{
		retail.RoleCashier: false, retail.RoleEmployee: true, retail.RoleSupervisor: true, retail.RoleManager: true,
		retail.RoleAdministrator: true, retail.RoleWarehouse: false,
	} {
		decided := retail.DefaultRights().With([]retail.Rights{{Role: role}})
		require.Equal(t, may, decided.Of(role).May(retail.Need{Deed: retail.DeedOrder}), role)
	}
}
