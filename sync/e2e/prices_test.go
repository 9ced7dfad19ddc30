package e2e_test

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/sync/e2e/fleet"

	"github.com/stretchr/testify/require"
)

// Prices that were planned reach a till at once; headquarters is killed before their moment, the till turns to them all the
// same, and headquarters, back again, has come to the same by itself.
func TestPricesChangeWithoutHeadquarters(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hq := headquarters(t)
	database := connect(t, hq)
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", 1))
	till, err := fleet.Open(ctx, dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, till.Close()) }()
	require.NoError(t, till.Loaded(ctx))
	var sku string
	var before money.Amount
	require.NoError(t, database.QueryRow(ctx, `SELECT sku, price FROM catalog.product WHERE favourite = 1`).Scan(&sku, &before))
	after := before + 100
	shown := func() money.Amount {
		p, ok, err := till.Ledger.ByCode(ctx, sku)
		require.NoError(t, err)
		require.True(t, ok)
		return p.Price
	}
	zone, err := time.LoadLocation("America/Toronto")
	require.NoError(t, err)
	moment := time.Now().Add(8 * time.Second).Truncate(time.Second)
	version, err := hq.Command(ctx, "prices", "add", sku+"="+after.Plain("en"), "--from", moment.In(zone).Format(time.DateTime))
	require.NoError(t, err)
	require.Equal(t, "2", strings.TrimSpace(version))
	require.NoError(t, till.Until(ctx, func() (bool, error) {
		next, err := till.Ledger.NextPrices(ctx)
		return next.Version == 2 || !time.Now().Before(moment), err
	}))
	if price := shown(); time.Now().Add(till.Network().Offset).Before(moment) { // else the machine is too slow to see it
		require.Equal(t, before, price)
	}
	require.NoError(t, hq.Kill())

	require.NoError(t, till.Until(ctx, func() (bool, error) { return shown() == after, nil }))
	offset := till.Network().Offset
	require.False(t, time.Now().Add(offset).Before(moment), "not a moment early")
	in, err := till.Ledger.Prices(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, in)

	require.NoError(t, hq.Start(ctx))
	require.NoError(t, till.Until(ctx, func() (bool, error) {
		var price money.Amount
		var parts int // of books, in the feed
		err := database.QueryRow(ctx, `
			SELECT price, (SELECT count(*) FROM feed.item WHERE type = 6 AND body IS NOT NULL) FROM catalog.product WHERE sku = $1`,
			sku).Scan(&price, &parts)
		return price == after && parts == 1, err
	}))
	require.Equal(t, after, shown())

	_, err = hq.Command(ctx, "prices", "add", sku+"=1", "--from", moment.AddDate(1, 0, 0).In(zone).Format(time.DateTime))
	require.NoError(t, err)
	_, err = hq.Command(ctx, "prices", "cancel", "3")
	require.NoError(t, err)
	_, err = hq.Command(ctx, "prices", "cancel", "2")
	require.Error(t, err, "it is in force")
	list, err := hq.Command(ctx, "prices", "list", "--json")
	require.NoError(t, err)
	var books []struct {
		Version int
		State   string
		Lines   int
	}
	require.NoError(t, json.Unmarshal([]byte(list), &books))
	require.Len(t, books, 3)
	require.Equal(t, []string{"canceled", "in-force", "past"}, []string{books[0].State, books[1].State, books[2].State})
}
