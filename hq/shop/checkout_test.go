package shop_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/shop"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// A confirmed order empties the cart of what was ordered; the form sent again, also twice at once, is the same order.
func TestACheckoutIsOneOrder(t *testing.T) {
	w := open(t)
	who := shop.Who{Customer: uuid.New()}
	w.add(who, syrup, 2)
	w.add(who, soap, 1)
	form := w.form(who, approves)
	var group sync.WaitGroup
	tokens, codes := make([]string, 4), make([]string, 4)
	for i := range tokens {
		group.Go(func() {
			o, token, err := w.shop.Place(t.Context(), who, form)
			if err != nil {
				t.Error(err)
			}
			tokens[i], codes[i] = token, o.Code
		})
	}
	group.Wait()
	for i := range tokens {
		require.Equal(t, tokens[0], tokens[i])
		require.Equal(t, codes[0], codes[i])
	}
	o, err := w.shop.Find(t.Context(), tokens[0])
	require.NoError(t, err)
	require.Equal(t, retail.OrderConfirmed, o.State)
	require.Equal(t, *form.Seen, o.Total)
	require.Equal(t, who.Customer, o.Customer)
	require.Empty(t, w.units(who))
	orders, err := w.shop.Orders(t.Context(), who.Customer)
	require.NoError(t, err)
	require.Len(t, orders, 1)

	w.add(who, juice, 1)
	again, token, err := w.shop.Place(t.Context(), who, form)
	require.NoError(t, err)
	require.Equal(t, tokens[0], token)
	require.Equal(t, o.ID, again.ID, "a page that is loaded again much later")
	require.Equal(t, map[string]int{juice.SKU: 1}, w.units(who))
	next := w.form(who, approves)
	require.NotEqual(t, form.Order, next.Order)
	_, _, err = w.shop.Place(t.Context(), who, next)
	require.NoError(t, err)
	orders, err = w.shop.Orders(t.Context(), who.Customer)
	require.NoError(t, err)
	require.Len(t, orders, 2)
}

// A declined card keeps the cart, and paying again makes another order.
func TestADeclinedCardKeepsTheCart(t *testing.T) {
	w := open(t)
	who := visitor()
	w.add(who, soap, 3)
	form := w.form(who, declines)
	o, _, err := w.shop.Place(t.Context(), who, form)
	require.NoError(t, err)
	require.Equal(t, retail.OrderCancelled, o.State)
	require.Equal(t, order.FailedPayment, o.Failure)
	require.Equal(t, map[string]int{soap.SKU: 3}, w.units(who))
	again := w.form(who, approves)
	require.NotEqual(t, form.Order, again.Order)
	paid, _, err := w.shop.Place(t.Context(), who, again)
	require.NoError(t, err)
	require.Equal(t, retail.OrderConfirmed, paid.State)
	require.NotEqual(t, o.ID, paid.ID)
	require.Empty(t, w.units(who))

	free, err := w.shop.Available(t.Context(), downtown.ID, []uuid.UUID{soap.ID})
	require.NoError(t, err)
	require.Equal(t, 47*money.One, free[soap.ID].Available, "only what was paid is promised")
}

// What changed since the customer saw the total is said, and nothing is ordered.
func TestNobodyPaysWhatTheyDidNotSee(t *testing.T) {
	w := open(t)
	who := visitor()
	w.add(who, syrup, 2)
	form := w.form(who, approves)
	w.tx(func(tx *db.Tx) error {
		_, err := catalog.AddBook(t.Context(), tx, noon, noon, uuid.Nil, []retail.PriceLine{{Product: syrup.ID, Price: 1200}})
		return err
	})
	_, _, err := w.shop.Place(t.Context(), who, form)
	require.Equal(t, map[string]any{"was": money.Amount(2298), "total": money.Amount(2400)}, refused(t, err, "checkout.changed").Args)
	form = w.form(who, approves)
	w.add(who, soap, 1)
	_, _, err = w.shop.Place(t.Context(), who, form)
	refused(t, err, "checkout.changed")

	form = w.form(who, approves)
	w.tx(func(tx *db.Tx) error { return catalog.Retire(t.Context(), tx, noon, soap.ID) })
	_, _, err = w.shop.Place(t.Context(), who, form)
	refused(t, err, "checkout.withdrawn")
	refused(t, w.shop.Add(t.Context(), who, soap.ID, money.One), "cart.withdrawn")
	cart, err := w.shop.Cart(t.Context(), who)
	require.NoError(t, err)
	quote, err := w.shop.Quote(t.Context(), downtown, "fr", cart.Lines)
	require.NoError(t, err)
	require.Len(t, quote.Withdrawn, 1)
	require.Equal(t, money.Amount(2400), quote.Total)

	require.NoError(t, w.shop.Remove(t.Context(), who, soap.ID))
	form = w.form(who, "1234 5678 9012 3456")
	_, _, err = w.shop.Place(t.Context(), who, form)
	refused(t, err, "payment.test_card")
	form.Card = approves
	o, _, err := w.shop.Place(t.Context(), who, form)
	require.NoError(t, err, "the number is mended, and the form sent again")
	require.Equal(t, retail.OrderConfirmed, o.State)
	require.Equal(t, money.Amount(2400), o.Total)
}

// The id of an order opens nothing: neither another's form, nor its page.
func TestAnothersOrderIsNotTaken(t *testing.T) {
	w := open(t)
	alice, mallory := visitor(), visitor()
	w.add(alice, syrup, 1)
	w.add(mallory, syrup, 1)
	form := w.form(alice, approves)
	_, _, err := w.shop.Place(t.Context(), mallory, form)
	refused(t, err, "checkout.stale")
	o, token, err := w.shop.Place(t.Context(), alice, form)
	require.NoError(t, err)
	_, _, err = w.shop.Place(t.Context(), mallory, form)
	refused(t, err, "checkout.stale")
	_, _, err = w.shop.Place(t.Context(), shop.Who{}, form)
	refused(t, err, "checkout.stale")
	require.Equal(t, map[string]int{syrup.SKU: 1}, w.units(mallory))
	for _, guess := range []string{"", o.ID.String(), o.Code, strings.ToLower(token), token[:42]} {
		_, err := w.shop.Find(t.Context(), guess)
		refused(t, err, "purchase.unknown")
	}
	tokens, err := w.shop.Tokens(t.Context(), o.ID)
	require.NoError(t, err)
	require.Equal(t, token, tokens[o.ID])
}

// An order that was asked for before somebody signed in empties the cart they have now.
func TestSigningInKeepsWhatACartWaitsFor(t *testing.T) {
	w := open(t)
	here, customer := visitor(), shop.Who{Customer: uuid.New()}
	w.add(here, soap, 2)
	_, _, err := w.shop.Place(t.Context(), here, w.form(here, approves))
	require.NoError(t, err)
	w.add(here, soap, 1)
	require.NoError(t, w.shop.Adopt(t.Context(), customer.Customer, here.Visitor))
	require.Equal(t, map[string]int{soap.SKU: 1}, w.units(customer))
	orders, err := w.shop.Orders(t.Context(), customer.Customer)
	require.NoError(t, err)
	require.Empty(t, orders, "it was a visitor's")
}

// While nobody knows how an order ends, its cart makes no other: on the page, by a program, or after signing in with one that waits, too.
func TestACartWaitsForOneOrder(t *testing.T) {
	w := open(t)
	here, customer := visitor(), w.customer()
	w.add(here, soap, 2)
	w.add(customer, syrup, 1)
	asked := w.form(here, unheard)
	undecided, token, err := w.shop.Place(t.Context(), here, asked)
	require.NoError(t, err)
	require.Equal(t, retail.OrderStockReserved, undecided.State)
	require.NoError(t, w.shop.Adopt(t.Context(), customer.Customer, here.Visitor))
	cart, err := w.shop.Cart(t.Context(), customer)
	require.NoError(t, err)
	require.Equal(t, token, cart.Waits)
	found, page, err := w.shop.Place(t.Context(), customer, w.form(customer, approves))
	require.NoError(t, err)
	require.Equal(t, []any{undecided.ID, token}, []any{found.ID, page}, "a form that was open already")
	form := w.form(customer, approves)
	form.Order = uuid.Nil
	_, err = w.shop.Order(t.Context(), customer.Customer, form)
	require.Equal(t, undecided.Code, refused(t, err, "checkout.waiting").Args["code"])
	require.Equal(t, 1, w.payments())

	_, err = w.desk.Cancel(t.Context(), undecided.ID, uuid.Nil, "")
	require.NoError(t, err)
	o, err := w.shop.Order(t.Context(), customer.Customer, form)
	require.NoError(t, err)
	require.Equal(t, retail.OrderConfirmed, o.State)
	require.Empty(t, w.units(customer))
}

// payments is how many there are.
func (w *world) payments() (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.QueryRow(w.t.Context(), `SELECT count(*) FROM payments.payment`).Scan(&n))
	return n
}

// Two processes that order a cart at once, under two ids: who comes second gives up what is not there yet, and then it never is.
func TestAnOrderThatIsGivenUpIsNotPlaced(t *testing.T) {
	w := open(t)
	who := w.customer()
	w.add(who, soap, 2)
	other, _ := w.process()
	second := make(chan error, 1)
	form := w.form(who, approves)
	form.Order = uuid.New()
	form.Beside = func(*db.Tx, uuid.UUID) error {
		go func() {
			again := form
			again.Order, again.Beside = uuid.New(), nil
			_, err := other.Order(t.Context(), who.Customer, again)
			second <- err
		}()
		for settled := 0; settled == 0; {
			if err := w.db.QueryRow(t.Context(), `SELECT count(settled_at) FROM shop.purchase WHERE order_id = $1`, form.Order).Scan(&settled); err != nil {
				return err
			}
		}
		return nil
	}
	_, err := w.shop.Order(t.Context(), who.Customer, form)
	refused(t, err, "checkout.stale")
	require.NoError(t, <-second)
	require.Equal(t, 1, w.payments())
	require.Empty(t, w.units(who))
}

func TestCustomersCancel(t *testing.T) {
	w := open(t)
	who := visitor()
	w.add(who, soap, 2)
	_, token, err := w.shop.Place(t.Context(), who, w.form(who, approves))
	require.NoError(t, err)
	o, err := w.shop.Cancel(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, retail.OrderCancelled, o.State)
	require.Equal(t, order.CancelledByCustomer, o.Failure)
	require.Empty(t, w.units(who), "it was bought, and then called off")
	free, err := w.shop.Available(t.Context(), downtown.ID, []uuid.UUID{soap.ID})
	require.NoError(t, err)
	require.Equal(t, 50*money.One, free[soap.ID].Available)
}
