package retail_test

import (
	"testing"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestCurrenciesCanBePaidWith(t *testing.T) {
	for _, c := range retail.Currencies() {
		require.True(t, c.Valid(), c.Code)
		rapid.Check(t, func(t *rapid.T) {
			total := money.Amount(rapid.Int64Range(0, 1_000_000).Draw(t, "total"))
			due, rounding := retail.SettleIn(c.Step(), total).LeftInCash()
			require.True(t, c.Payable(due))
			require.Equal(t, due, total+rounding)
			require.LessOrEqual(t, max(rounding, -rounding), c.CashStep/2)
			for _, value := range append(c.Notes, c.Coins...) {
				due %= value
			}
			require.Zero(t, due, "counted out by its pieces")
		})
	}
	euro, ok := retail.CurrencyOf("EUR")
	require.True(t, ok)
	require.True(t, euro.Payable(1))
	euro.Rolls = euro.Rolls[1:]
	require.False(t, euro.Valid())
	other, ok := retail.CurrencyOf("CHF")
	require.False(t, ok)
	require.False(t, other.Valid(), "nobody knows its coins")
}

// What a document says it was rounded to is what it is checked by; an old one says nothing and means 5 cents.
func TestADocumentSaysHowItsCashWasRounded(t *testing.T) {
	sale := retail.Sale{
		BusinessDate: 20261122, Currency: "EUR", CashStep: 1, Total: 1001,
		Lines:   []retail.Line{{Quantity: money.One, UnitPrice: 1001, Amount: 1001, Class: retail.Exempt}},
		Tenders: []retail.Tender{{Kind: retail.TenderCash, Amount: 1001, Given: 1001}},
	}
	require.NoError(t, sale.Check())
	sale.CashStep = 0
	require.ErrorContains(t, sale.Check(), "rounding")
	sale.CashStep = -1
	require.ErrorContains(t, sale.Check(), "cash rounded to -1")
}
