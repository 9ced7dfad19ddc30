package shop_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/shop"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

func visitor() shop.Who { return shop.Who{Visitor: secret.Token()} }

// Every visitor and every customer has a cart of their own, however many fill theirs at once, and nobody has none in common.
func TestACartIsNobodyElses(t *testing.T) {
	w := open(t)
	var all []shop.Who
	for range 10 {
		v := visitor()
		// A customer's browser may hold a visitor's token too: the customer counts.
		all = append(all, v, shop.Who{Customer: uuid.New(), Visitor: v.Visitor})
	}
	var group sync.WaitGroup
	for i, who := range all {
		group.Go(func() {
			for range i + 1 {
				if err := w.shop.Add(t.Context(), who, syrup.ID, money.One); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for i, who := range all {
		require.Equal(t, map[string]int{syrup.SKU: i + 1}, w.units(who), fmt.Sprint(who))
	}
	for _, nobody := range []shop.Who{{}, visitor(), {Customer: uuid.New()}} {
		require.Empty(t, w.units(nobody))
	}
	require.Error(t, w.shop.Add(t.Context(), shop.Who{}, syrup.ID, money.One), "a cart of nobody")
	require.NoError(t, w.shop.Remove(t.Context(), all[0], syrup.ID))
	require.Empty(t, w.units(all[0]))
	require.Equal(t, map[string]int{syrup.SKU: 2}, w.units(all[1]), "another's cart is left alone")

	_, err := w.db.Exec(t.Context(), `INSERT INTO shop.cart (id, order_id, changed_at) VALUES ($1, $2, now())`, uuid.New(), uuid.New())
	require.ErrorContains(t, err, "cart_check", "nor does the database hold one of nobody")
}

func TestQuantitiesHaveBounds(t *testing.T) {
	w := open(t)
	who := visitor()
	for _, q := range []money.Quantity{0, -money.One, 500, 100 * money.One} {
		refused(t, w.shop.Add(t.Context(), who, syrup.ID, q), "cart.quantity")
		refused(t, w.shop.SetQuantity(t.Context(), who, syrup.ID, q), "cart.quantity")
		_, err := w.shop.Quote(t.Context(), downtown, "fr", []shop.CartLine{{Product: syrup.ID, Quantity: q}})
		refused(t, err, "cart.quantity")
	}
	w.add(who, syrup, 60)
	refused(t, w.shop.Add(t.Context(), who, syrup.ID, 40*money.One), "cart.quantity")
	require.Equal(t, map[string]int{syrup.SKU: 60}, w.units(who), "what was refused changed nothing")
	require.NoError(t, w.shop.SetQuantity(t.Context(), who, syrup.ID, 99*money.One))
	require.Equal(t, map[string]int{syrup.SKU: 99}, w.units(who))
	refused(t, w.shop.Add(t.Context(), who, uuid.New(), money.One), "product.unknown")

	many := make([]catalog.Product, 51)
	for i := range many {
		many[i] = product(0, fmt.Sprintf("9%05d", i), 100, retail.Taxable)
		many[i].ID = uuid.New()
	}
	w.tx(func(tx *db.Tx) error { _, err := catalog.PutProducts(t.Context(), tx, noon, many); return err })
	full := visitor()
	for _, p := range many[:50] {
		w.add(full, p, 1)
	}
	refused(t, w.shop.Add(t.Context(), full, many[50].ID, money.One), "cart.full")
	require.Len(t, w.units(full), 50)

	// A visitor who signs in brings what fits.
	customer := shop.Who{Customer: uuid.New()}
	w.add(customer, many[50], 1)
	require.NoError(t, w.shop.Adopt(t.Context(), customer.Customer, full.Visitor))
	require.Len(t, w.units(customer), 50)
	require.Empty(t, w.units(full))
}

// Signing in adds the visitor's cart to the customer's, once.
func TestCartsMergeAtSignIn(t *testing.T) {
	w := open(t)
	customer, here := shop.Who{Customer: uuid.New()}, visitor()
	w.add(customer, syrup, 60)
	w.add(customer, soap, 1)
	w.add(here, syrup, 50)
	w.add(here, juice, 2)
	for range 2 {
		require.NoError(t, w.shop.Adopt(t.Context(), customer.Customer, here.Visitor))
		require.Equal(t, map[string]int{syrup.SKU: 99, soap.SKU: 1, juice.SKU: 2}, w.units(customer))
		require.Empty(t, w.units(here), "nobody who finds the cookie sees it again")
	}
	fresh, there := shop.Who{Customer: uuid.New()}, visitor()
	w.add(there, soap, 3)
	require.NoError(t, w.shop.Adopt(t.Context(), fresh.Customer, there.Visitor))
	require.Equal(t, map[string]int{soap.SKU: 3}, w.units(fresh), "who had none has it now")
}

func TestForgottenCartsAreTakenAway(t *testing.T) {
	w := open(t)
	old := visitor()
	w.add(old, syrup, 1)
	w.mu.Lock()
	w.now = noon.Add(91 * 24 * time.Hour)
	w.mu.Unlock()
	w.add(visitor(), syrup, 1)
	require.Empty(t, w.units(old))
}

// A cart comes to what a till would ask for it: deposits, rules that depend on the quantity, both taxes, and the day's own prices.
func TestQuotesAreATillsTicket(t *testing.T) {
	w := open(t)
	for name, c := range map[string]struct {
		cart  []shop.CartLine
		total money.Amount
	}{
		"zero-rated":      {[]shop.CartLine{{syrup.ID, 2 * money.One}}, 2298},
		"taxed":           {[]shop.CartLine{{soap.ID, 3 * money.One}}, 1497 + 75 + 149},
		"deposit":         {[]shop.CartLine{{juice.ID, 2 * money.One}}, 598 + 20 + 30 + 60},
		"five are taxed":  {[]shop.CartLine{{donut.ID, 5 * money.One}}, 625 + 31 + 62},
		"six are not":     {[]shop.CartLine{{donut.ID, 6 * money.One}}, 750},
		"all of them":     {[]shop.CartLine{{syrup.ID, money.One}, {soap.ID, money.One}, {juice.ID, money.One}}, 1149 + 499 + 299 + 10 + 40 + 80},
		"nothing at all ": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			quote, err := w.shop.Quote(t.Context(), downtown, "fr", c.cart)
			require.NoError(t, err)
			require.Equal(t, c.total, quote.Total)
			require.Equal(t, retail.Date(20261122), quote.Day)
			if len(c.cart) == 0 {
				return
			}
			sale := retail.Sale{
				Number: 1, Order: uuid.New(), BusinessDate: quote.Day, Currency: quote.Currency, Prices: quote.Prices, Lines: quote.Lines, Taxes: quote.Taxes, Total: quote.Total,
				Tenders: []retail.Tender{{Kind: retail.TenderOnline, Amount: quote.Total}},
			}
			require.NoError(t, sale.Check())
		})
	}
	var version int64
	w.tx(func(tx *db.Tx) (err error) {
		version, err = catalog.AddBook(t.Context(), tx, noon, noon.Add(time.Hour), uuid.Nil, []retail.PriceLine{{Product: syrup.ID, Price: 999}})
		return err
	})
	line := []shop.CartLine{{syrup.ID, money.One}}
	quote, err := w.shop.Quote(t.Context(), downtown, "fr", line)
	require.NoError(t, err)
	require.Equal(t, money.Amount(1149), quote.Total)
	w.mu.Lock()
	w.now = noon.Add(time.Hour)
	w.mu.Unlock()
	quote, err = w.shop.Quote(t.Context(), downtown, "fr", line)
	require.NoError(t, err)
	require.Equal(t, money.Amount(999), quote.Total, "at its moment, although nobody has moved the book")
	require.Equal(t, uint64(version), quote.Prices)

	// A store with a price of its own sells at that, and no other does.
	w.tx(func(tx *db.Tx) (err error) {
		version, err = catalog.AddBook(t.Context(), tx, noon, noon.Add(time.Hour), downtown.ID, []retail.PriceLine{{Product: syrup.ID, Price: 949}})
		return err
	})
	quote, err = w.shop.Quote(t.Context(), downtown, "fr", line)
	require.NoError(t, err)
	require.Equal(t, money.Amount(949), quote.Total)
	require.Equal(t, uint64(version), quote.Prices)
	elsewhere := downtown
	elsewhere.ID = uuid.New()
	quote, err = w.shop.Quote(t.Context(), elsewhere, "fr", line)
	require.NoError(t, err)
	require.Equal(t, money.Amount(999), quote.Total)
}
