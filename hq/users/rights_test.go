package users_test

import (
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/users"
	"comptant/shared/retail"
)

func TestRightsReachTheTills(t *testing.T) {
	d := pgtest.New(t)
	ctx := t.Context()
	table, err := users.Rights(ctx, d)
	require.NoError(t, err)
	require.Equal(t, retail.DefaultRights(), table)
	strict := retail.Rights{Role: retail.RoleCashier, Alone: []retail.Deed{retail.DeedDrawer}, Discount: 5_000, Refund: 2_000}
	set := func(r retail.Rights) error {
		return d.InTx(ctx, func(tx *db.Tx) error { return users.SetRights(ctx, tx, r) })
	}
	require.NoError(t, set(strict))
	strict.Refund = 3_000
	require.NoError(t, set(strict))
	require.Error(t, set(retail.Rights{Role: retail.RoleCashier, Discount: 100_001}))
	require.Error(t, set(retail.Rights{Role: "intern"}))
	table, err = users.Rights(ctx, d)
	require.NoError(t, err)
	require.Equal(t, strict, table.Of(retail.RoleCashier))
	require.Equal(t, retail.DefaultRights().Of(retail.RoleManager), table.Of(retail.RoleManager))
	var body []byte
	require.NoError(t, d.QueryRow(ctx, `SELECT body FROM feed.item WHERE feed = 'global' AND type = $1`, retail.RowRights).Scan(&body))
	var sent retail.Rights
	require.NoError(t, cbor.Unmarshal(body, &sent))
	require.Equal(t, strict, sent)
}
