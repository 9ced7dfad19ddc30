package e2e_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Somebody who is written down at one till while headquarters is gone is found at the other once it is back. Erased, they are
// gone from both tills and from headquarters, and every chain and figure verifies as before.
func TestACustomerIsKnownAndErased(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	database := connect(t, hq)
	first, second := openCounter(t, hq, 1), openCounter(t, hq, 2)
	require.NoError(t, hq.Kill())
	tiles, err := first.Lane.Till.Tiles(ctx, uuid.Nil, 1)
	require.NoError(t, err)
	_, err = first.Lane.Till.Scan(ctx, tiles[0].Product.SKU)
	require.NoError(t, err)
	marie, err := first.Lane.Till.NewCustomer(ctx, "Marie Unmistakable", "514 555-0123", "")
	require.NoError(t, err)
	p, err := first.Lane.Till.StartPayment()
	require.NoError(t, err)
	_, err = first.Lane.Till.TenderCash(ctx, p.Turn, p.LeftInCash)
	require.NoError(t, err)
	require.NoError(t, hq.Start(ctx))

	finds := func(c *counter, want int) {
		t.Helper()
		require.NoError(t, c.Until(ctx, func() (bool, error) {
			found, err := c.Lane.Till.FindCustomers(ctx, "unmistakable", 5)
			return len(found) == want, err
		}))
	}
	finds(second, 1)
	require.NoError(t, first.Until(ctx, func() (bool, error) {
		own, err := first.Ledger.OwnCustomers(ctx)
		return len(own) == 0, err
	}))
	finds(first, 1)
	require.NoError(t, first.Drained(ctx))
	var sales int
	require.NoError(t, database.QueryRow(ctx, `SELECT count(*) FROM sales.document WHERE customer_id = $1`, marie.ID).Scan(&sales))
	require.Equal(t, 1, sales)

	out, err := hq.Command(ctx, "user", "erase-customer", marie.ID.String())
	require.NoError(t, err, out)
	finds(first, 0)
	finds(second, 0)
	_, known, err := second.Ledger.Customer(ctx, marie.ID)
	require.NoError(t, err)
	require.False(t, known)
	out, err = hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}
