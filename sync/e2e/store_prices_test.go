package e2e_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

// One store gets a price of its own from a moment on; headquarters is killed before. The tills of two stores, which hear nothing
// more, then sell at two prices, under two versions; and at one again once headquarters is back and has ended it.
func TestAStoreSellsAtItsOwnPrice(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	lane := func(code string) *fleet.Till {
		dir := filepath.Join(t.TempDir(), code)
		require.NoError(t, fleet.Enrol(ctx, hq, dir, code, 1))
		till, err := fleet.Open(ctx, dir, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, till.Close()) })
		require.NoError(t, till.Loaded(ctx))
		return till
	}
	centre, north := lane("CV"), lane("NO")
	var sku string
	var before money.Amount
	require.NoError(t, connect(t, hq).QueryRow(ctx, `SELECT sku, price FROM catalog.product WHERE favourite = 1`).Scan(&sku, &before))
	sells := func(till *fleet.Till) (money.Amount, uint64) {
		p, ok, err := till.Ledger.ByCode(ctx, sku)
		require.NoError(t, err)
		require.True(t, ok)
		version, err := till.Ledger.Prices(ctx)
		require.NoError(t, err)
		return p.Price, version
	}
	own := before - 10
	zone, err := time.LoadLocation("America/Toronto")
	require.NoError(t, err)
	moment := time.Now().Add(10 * time.Second).Truncate(time.Second)
	version, err := hq.Command(ctx, "prices", "add", "--store", "NO", sku+"="+own.Plain("en"), "--from", moment.In(zone).Format(time.DateTime))
	require.NoError(t, err)
	require.Equal(t, "2", strings.TrimSpace(version))
	require.NoError(t, north.Until(ctx, func() (bool, error) {
		next, err := north.Ledger.NextPrices(ctx)
		price, _ := sells(north)
		return next.Version == 2 || price == own, err
	}))
	require.NoError(t, hq.Kill())

	require.NoError(t, north.Until(ctx, func() (bool, error) {
		price, in := sells(north)
		return price == own && in == 2, nil
	}))
	require.False(t, time.Now().Add(north.Network().Offset).Before(moment), "not a moment early")
	price, in := sells(centre)
	require.Equal(t, before, price)
	require.EqualValues(t, 1, in)

	require.NoError(t, hq.Start(ctx))
	_, err = hq.Command(ctx, "prices", "add", sku+"="+(before+100).Plain("en"))
	require.NoError(t, err)
	require.NoError(t, centre.Until(ctx, func() (bool, error) { price, _ := sells(centre); return price == before+100, nil }))
	require.NoError(t, north.Until(ctx, func() (bool, error) { _, in := sells(north); return in == 3, nil }))
	price, _ = sells(north)
	require.Equal(t, own, price, "its own price does not move with the others")
	_, err = hq.Command(ctx, "prices", "add", "--store", "NO", sku+"=everywhere")
	require.NoError(t, err)
	require.NoError(t, north.Until(ctx, func() (bool, error) { price, in := sells(north); return price == before+100 && in == 4, nil }))
	list, err := hq.Command(ctx, "prices", "list")
	require.NoError(t, err)
	require.Contains(t, list, "NO ")
	require.Contains(t, list, "all ")
}
