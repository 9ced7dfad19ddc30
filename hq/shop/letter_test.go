package shop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/order"
	"comptant/hq/shop"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func TestLettersSayHowAnOrderStands(t *testing.T) {
	o := order.Order{
		ID: uuid.New(), Code: "W-000042", Name: "Alice", Lang: "fr", Currency: "CAD", Total: 1321, Delivery: retail.Ship, Address: "1, rue du Port",
		Lines: []retail.Line{{Name: "Sirop d’érable", Quantity: 2 * money.One, Amount: 1149}},
	}
	taken := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	const link = "https://example.com/shop/orders/x"
	for _, c := range []struct {
		state   retail.OrderState
		lang    string
		failure string
		taken   *time.Time
		subject string
		says    []string
	}{
		{retail.OrderConfirmed, "fr", "", nil, "Commande W-000042 confirmée", []string{"Bonjour Alice,", "2 × Sirop d’érable", "11,49 $", "Total, taxes comprises : 13,21 $", link}},
		{retail.OrderReady, "en", "", &taken, "Order W-000042 is ready to collect", []string{"Hello Alice,", "waiting for you", "$13.21", link}},
		{retail.OrderShipped, "fr", "", &taken, "Commande W-000042 expédiée", []string{"1, rue du Port", link}},
		{retail.OrderCancelled, "fr", order.FailedPayment, nil, "Commande W-000042 annulée", []string{"paiement a été refusé", "Rien n’a été débité", link}},
		{retail.OrderCancelled, "en", order.FailedCollected, &taken, "Order W-000042 cancelled", []string{"not collected in time", "$13.21 is refunded", link}},
	} {
		o.State, o.Lang, o.Failure, o.Captured = c.state, c.lang, c.failure, c.taken
		subject, text := shop.Letter(o, link)
		require.Equal(t, c.subject, subject)
		for _, part := range c.says {
			require.Contains(t, strings.ReplaceAll(text, "\u00a0", " "), part, string(c.state))
		}
		require.NotContains(t, text, "%!")
	}
	o.State = retail.OrderPicking
	subject, text := shop.Letter(o, link)
	require.Empty(t, subject+text)
	o.State, o.Name = retail.OrderReady, "" // erased meanwhile
	_, text = shop.Letter(o, link)
	require.NotContains(t, text, "Hello")
}
