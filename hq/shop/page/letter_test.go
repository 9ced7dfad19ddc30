package page_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/shop/page"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	captureLost = "4000 0000 1000 0075" // the money is taken, and nobody hears of it
	closed      = "4000 0000 1000 0117" // takes no refund
	link        = "https://example.com/shop/orders/x"
)

// ordered is an order of two soaps, which come to 11.48.
func (w *world) ordered(g goods, at retail.Location, card string) order.Order {
	w.t.Helper()
	p := order.Placement{
		ID: uuid.New(), Name: "Alice", Email: "alice@example.com", Lang: "fr", Delivery: retail.Collect, At: at, Currency: "CAD", Prices: 1, Method: card,
		Lines: []retail.Line{{
			Product: g.soap.ID, SKU: g.soap.SKU, Name: "Savon à mains", Quantity: 2 * money.One, UnitPrice: 574, Amount: 1148, Class: retail.ZeroRated,
		}},
		Total: 1148,
	}
	if at.Kind == retail.LocationWarehouse {
		p.Delivery, p.Address = retail.Ship, "1, rue du Port, Montréal"
	}
	o, err := w.desk.Place(w.t.Context(), p)
	require.NoError(w.t, err)
	return o
}

// answered is an order after what its place says of it.
func (w *world) answered(o order.Order, say func(*db.Tx, order.Answer) (order.Verdict, error)) order.Order {
	w.t.Helper()
	w.tx(func(tx *db.Tx) error {
		verdict, err := say(tx, order.Answer{Order: o.ID, Attempt: o.Attempt, At: sunday, Heard: sunday, By: uuid.New()})
		require.Equal(w.t, order.Counts, verdict)
		return err
	})
	_, _ = w.desk.Advance(w.t.Context(), o.ID) // the bank may not answer
	return w.order(o)
}

func (w *world) accepted(o order.Order) order.Order {
	return w.answered(o, func(tx *db.Tx, a order.Answer) (order.Verdict, error) { return order.Accept(w.t.Context(), tx, a) })
}

func (w *world) lacked(o order.Order) order.Order {
	return w.answered(o, func(tx *db.Tx, a order.Answer) (order.Verdict, error) {
		return order.Short(w.t.Context(), tx, a, []retail.StockLine{{Product: o.Lines[0].Product, Quantity: money.One}})
	})
}

func (w *world) order(o order.Order) order.Order {
	w.t.Helper()
	now, err := order.One(w.t.Context(), w.db, o.ID)
	require.NoError(w.t, err)
	return now
}

// letter is what the customer is written now, and page what the order's page says.
func (w *world) letter(o order.Order) (subject, text string) {
	w.t.Helper()
	subject, text, err := page.Letter(w.t.Context(), w.db, o, link)
	require.NoError(w.t, err)
	require.NotContains(w.t, subject+text, "letter.")
	return subject, strings.ReplaceAll(text, "\u00a0", " ")
}

func (w *world) page(o order.Order) string {
	w.t.Helper()
	tokens, err := w.shop.Tokens(w.t.Context(), o.ID)
	require.NoError(w.t, err)
	status, body := w.visitor().get("/shop/orders/" + tokens[o.ID])
	require.Equal(w.t, http.StatusOK, status)
	return body
}

// A letter says where the order is collected, and when that changes, that it does.
func TestLettersSayWhere(t *testing.T) {
	w := serve(t)
	g := w.open()
	o := w.ordered(g, g.north, approves)
	subject, text := w.letter(o)
	require.Equal(t, "Commande W-000001 confirmée", subject)
	for _, part := range []string{"Bonjour Alice,", "Magasin Nord\n100, rue de l’Exemple, Montréal", "2 × Savon à mains  11,48 $", "Total, taxes comprises : 11,48 $", link} {
		require.Contains(t, text, part)
	}
	first := text
	o = w.lacked(o)
	require.Equal(t, g.south.ID, o.Location)
	subject, text = w.letter(o)
	require.Contains(t, subject, "un autre magasin")
	require.Contains(t, text, "Le magasin prévu ne peut pas préparer votre commande W-000001.")
	require.Contains(t, text, "Magasin Sud\n100, rue")
	require.NotContains(t, text, "Magasin Nord")
	require.NotEqual(t, first, text)
	o = w.answered(o, func(tx *db.Tx, a order.Answer) (order.Verdict, error) { return order.Ready(t.Context(), tx, a) })
	subject, text = w.letter(o)
	require.Equal(t, "Commande W-000001 prête à ramasser", subject)
	require.Contains(t, text, "Magasin Sud\n100, rue")

	o.Lang = "en"
	_, text = w.letter(o)
	require.Contains(t, text, "Hello Alice,\n\nYour order W-000001 is waiting for you.")
	require.Contains(t, text, "$11.48")
	o.Name = "" // erased meanwhile
	_, text = w.letter(o)
	require.NotContains(t, text, "Hello")
	o.State = retail.OrderPicking
	subject, text = w.letter(o)
	require.Empty(t, subject+text)
}

// Letters and pages say what became of the money, however it went.
func TestCustomersAreToldOfTheirMoney(t *testing.T) {
	const nothing, toCard, otherwise, inStore = "Rien n’a été débité", "11,48 $ vous ont été remboursés sur votre carte", "11,48 $ vous ont été rendus autrement", "11,48 $ vous ont été rendus au magasin"
	w := serve(t)
	g := w.open()
	ctx := t.Context()
	cancel := func(o order.Order) order.Order {
		_, _ = w.desk.Cancel(ctx, o.ID, uuid.New(), "") // the card may take no refund
		return w.order(o)
	}
	for name, c := range map[string]struct {
		order  func() order.Order
		letter bool
		says   string
	}{
		"declined":             {func() order.Order { return w.ordered(g, g.north, declines) }, true, nothing},
		"called off in time":   {func() order.Order { return cancel(w.ordered(g, g.north, approves)) }, true, nothing},
		"taken and called off": {func() order.Order { return cancel(w.accepted(w.ordered(g, g.north, approves))) }, true, toCard},
		"taken, which nobody hears": {func() order.Order {
			o := w.accepted(w.ordered(g, g.north, captureLost))
			require.Nil(t, o.Captured)
			return cancel(o)
		}, true, toCard},
		"a card without refunds": {func() order.Order {
			o := cancel(w.accepted(w.ordered(g, g.north, closed)))
			require.Equal(t, retail.OrderCompensating, o.State)
			require.Contains(t, w.page(o), "11,48 $ doivent encore vous être rendus")
			o, err := w.desk.Repay(ctx, o.ID, uuid.New(), "virement")
			require.NoError(t, err)
			return o
		}, true, otherwise},
		"shipped and brought back": {func() order.Order {
			o := w.delivered(g, approves)
			o, err := w.desk.Return(ctx, o.ID, uuid.New())
			require.NoError(t, err)
			return o
		}, false, toCard},
		"brought back, a card without refunds": {func() order.Order {
			o := w.delivered(g, closed)
			_, err := w.desk.Return(ctx, o.ID, uuid.New())
			require.Error(t, err)
			o, err = w.desk.Repay(ctx, o.ID, uuid.New(), "comptant")
			require.NoError(t, err)
			return o
		}, false, otherwise},
		"given back at a till": {func() order.Order {
			o, giveBack := w.collected(g)
			giveBack(o.Total)
			return w.order(o)
		}, false, inStore},
		"given back at a till in two parts": {func() order.Order {
			o, giveBack := w.collected(g)
			giveBack(400)
			require.Contains(t, w.page(o), "4,00 $ vous ont été rendus au magasin")
			require.Equal(t, retail.OrderCollected, w.order(o).State)
			giveBack(o.Total - 400)
			require.Equal(t, retail.OrderReturned, w.order(o).State)
			return w.order(o)
		}, false, inStore},
	} {
		o := c.order()
		require.True(t, o.Over(), name)
		told := []string{w.page(o)}
		if _, text := w.letter(o); c.letter {
			told = append(told, text)
		}
		for _, text := range told {
			for _, words := range []string{nothing, toCard, otherwise, inStore} {
				require.Equal(t, words == c.says, strings.Contains(text, words), "%s: %s", name, words)
			}
		}
	}
}

// collected is an order that was handed over, and what gives a part of it back at a till.
func (w *world) collected(g goods) (o order.Order, giveBack func(part money.Amount)) {
	w.t.Helper()
	ctx, receipt := w.t.Context(), retail.ReceiptID{Till: uuid.New(), Epoch: 1, Number: 1}
	o = w.answered(w.accepted(w.ordered(g, g.north, approves)), func(tx *db.Tx, a order.Answer) (order.Verdict, error) {
		return order.Collect(ctx, tx, order.Sold{Answer: a, Location: g.north.ID, Receipt: receipt, Code: "NO-01-1-1"})
	})
	return o, func(part money.Amount) {
		w.tx(func(tx *db.Tx) error {
			return order.GiveBack(ctx, tx, retail.Refund{Receipt: receipt, Total: part}, sunday, uuid.New())
		})
	}
}

// delivered is an order of the warehouse that has arrived.
func (w *world) delivered(g goods, card string) order.Order {
	w.t.Helper()
	ctx := w.t.Context()
	o := w.ordered(g, g.depot, card)
	_, err := w.desk.Prepare(ctx, o.ID, uuid.New())
	require.NoError(w.t, err)
	o, err = w.desk.Ship(ctx, o.ID, uuid.New(), "1Z 999 AA1")
	require.NoError(w.t, err)
	_, text := w.letter(o)
	require.Contains(w.t, text, "Numéro de suivi : 1Z 999 AA1")
	require.Contains(w.t, text, "1, rue du Port, Montréal")
	require.Contains(w.t, w.page(o), "Numéro de suivi : 1Z 999 AA1")
	o, err = w.desk.Deliver(ctx, o.ID, uuid.New())
	require.NoError(w.t, err)
	return o
}
