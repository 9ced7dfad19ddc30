package sales_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
)

// An entry leads to its document by the day it was written, though the shift opened before; of two branches nobody says which.
func TestDocumentsOfEntries(t *testing.T) {
	d := pgtest.New(t)
	var n seq
	night := time.Date(2026, 11, 23, 0, 30, 0, 0, montreal)
	late, forked, old := n.sale(nord, 20261122, night, 100), n.sale(nord, 20261123, night, 200), n.sale(nord, 20261101, night, 300)
	other := forked
	other.Branch = 1
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return sales.Record(ctx, tx, []sales.Document{late, forked, other, old}) }))
	unknown := late.Place
	unknown.Store = sud.ID
	found, err := sales.Written(ctx, d, []sales.Place{forked.Place, late.Place, unknown, old.Place, late.Place})
	require.NoError(t, err)
	require.Len(t, found, 5)
	require.Equal(t, sales.Key{Store: nord.ID, BusinessDate: 20261122, Till: late.Till, Epoch: 1, Seq: late.Seq}, found[1].Key)
	require.Equal(t, late.Number, found[1].Number)
	require.Equal(t, found[1], found[4])
	for _, none := range []int{0, 2, 3} {
		require.Nil(t, found[none], none)
	}
}
