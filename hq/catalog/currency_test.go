package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/shared/retail"
)

func TestCurrenciesAreDataOfTheTills(t *testing.T) {
	d := pgtest.New(t)
	ctx := t.Context()
	ensure := func() {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.EnsureCurrencies(ctx, tx, retail.Currencies()) }))
	}
	ensure()
	all, err := catalog.Currencies(ctx, d)
	require.NoError(t, err)
	require.Equal(t, retail.Currencies(), all)
	finland := all[1]
	finland.CashStep, finland.Rolls = 5, nil
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutCurrencies(ctx, tx, finland) }))
	ensure()
	all, err = catalog.Currencies(ctx, d)
	require.NoError(t, err)
	require.EqualValues(t, 5, all[1].CashStep, "what somebody changed stays")
	var rows int
	require.NoError(t, d.QueryRow(ctx, `SELECT count(*) FROM feed.item WHERE feed = 'global' AND type = $1`, retail.RowCurrency).Scan(&rows))
	require.Equal(t, 2, rows)
	finland.CashStep = 0
	var wrong *retail.Error
	require.ErrorAs(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutCurrencies(ctx, tx, finland) }), &wrong)
	require.Equal(t, "currency.wrong", wrong.Key)
}
