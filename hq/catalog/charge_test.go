package catalog_test

import (
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// A deposit that changes reaches the tills with every product that carries it, and no other.
func TestAChangedChargeIsPublishedWithItsProducts(t *testing.T) {
	d := open(t)
	charge := func(cents money.Amount) retail.Charge {
		return retail.Charge{Code: "CONSIGNE", Name: retail.Text{FR: "Consigne", EN: "Deposit"}, Unit: cents, Class: retail.Exempt}
	}
	putCharges := func(all ...retail.Charge) error {
		return d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutCharges(ctx, tx, all...) })
	}
	published := func(p catalog.Product) (body retail.Product, seq int64) {
		var raw []byte
		require.NoError(t, d.QueryRow(ctx, `SELECT body, seq FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3`,
			feed.Global, retail.RowProduct, p.ID).Scan(&raw, &seq))
		require.NoError(t, cbor.Unmarshal(raw, &body))
		return body, seq
	}
	require.NoError(t, putCharges(charge(5)))
	cola, tea := product(1, "cola"), product(2, "thé")
	cola.Charges = []retail.Charge{{Code: "CONSIGNE"}}
	cola.Rule = retail.ClassRule{Group: "bakery", From: 6 * money.One, Class: retail.ZeroRated}
	require.Equal(t, 2, put(t, d, cola, tea))
	body, _ := published(cola)
	require.Equal(t, []retail.Charge{charge(5)}, body.Charges, "whole, though only its code was given")
	require.Equal(t, cola.Rule, body.Rule)
	require.Zero(t, put(t, d, cola, tea), "nothing has changed")
	_, before := published(tea)

	require.NoError(t, putCharges(charge(10)))
	body, _ = published(cola)
	require.EqualValues(t, 10, body.Charges[0].Unit)
	_, after := published(tea)
	require.Equal(t, before, after)
	read, err := catalog.Get(ctx, d, cola.ID)
	require.NoError(t, err)
	require.Equal(t, body, read.Product)

	tea.Charges = []retail.Charge{{Code: "VERRE"}}
	_, err = tryPut(d, tea)
	refused(t, err, "product.charge")
	refused(t, putCharges(retail.Charge{Code: "a b", Name: retail.Text{FR: "x"}, Class: 1}), "charge.wrong")
	refused(t, putCharges(charge(-1)), "charge.wrong")
}
