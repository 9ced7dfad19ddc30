package stock_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// An adjustment moves the level by a movement that says why, counts after a count, and is never nothing.
func TestAdjust(t *testing.T) {
	d := pgtest.New(t)
	ctx, at := t.Context(), time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	store, product, who := uuid.New(), uuid.New(), uuid.New()
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		l := retail.Location{ID: store, Kind: retail.LocationStore, Code: "NO", Name: "Nord", Zone: "America/Toronto"}
		return stock.PutLocations(ctx, tx, l)
	}))
	adjust := func(a stock.Adjustment) (by money.Quantity, err error) {
		a.ID, a.Location, a.Product, a.By, a.At = uuid.New(), store, product, who, at
		err = d.InTx(ctx, func(tx *db.Tx) error { by, err = stock.Adjust(ctx, tx, a); return err })
		return by, err
	}
	quantity := func(q money.Quantity) *money.Quantity { return &q }
	by, err := adjust(stock.Adjustment{Cause: "found", To: quantity(5 * money.One)})
	require.NoError(t, err)
	require.Equal(t, 5*money.One, by)
	by, err = adjust(stock.Adjustment{Cause: "damaged", Note: "tombé", Change: quantity(-6 * money.One)})
	require.NoError(t, err, "below zero")
	require.Equal(t, -6*money.One, by)
	for key, a := range map[string]stock.Adjustment{
		"adjust.cause": {Cause: "stolen", Change: quantity(1)}, "adjust.quantity": {Cause: "lost", To: quantity(-2 * money.One)},
	} {
		_, err := adjust(a)
		var told *retail.Error
		require.ErrorAs(t, err, &told)
		require.Equal(t, key, told.Key)
	}
	twice := stock.Adjustment{Location: store, ID: uuid.New(), Product: product, By: who, At: at, Cause: "lost", Change: quantity(-1)}
	refusal := d.InTx(ctx, func(tx *db.Tx) error {
		_, err := stock.Adjust(ctx, tx, twice)
		require.NoError(t, err)
		_, err = stock.Adjust(ctx, tx, twice)
		return err
	})
	var told *retail.Error
	require.ErrorAs(t, refusal, &told)
	require.Equal(t, "adjust.made", told.Key)
	page, err := stock.Levels(ctx, d, stock.LevelFilter{Location: store, Alert: stock.Negative})
	require.NoError(t, err)
	require.Len(t, page.Levels, 1)
	require.Equal(t, -money.One, page.Levels[0].OnHand)
	require.Equal(t, stock.DefaultThresholds, page.Levels[0].Thresholds)
	past, err := stock.Movements(ctx, d, stock.MovementFilter{Product: product, Locations: []uuid.UUID{store}})
	require.NoError(t, err)
	require.Len(t, past.Movements, 2)
	for _, m := range past.Movements {
		require.Equal(t, stock.Mended, m.Reason)
		require.Equal(t, who, *m.By)
		require.Equal(t, map[bool]string{true: "damaged tombé", false: "found "}[m.Quantity < 0], m.Cause+" "+m.Note)
	}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		wrong, err := stock.Unbalanced(ctx, tx, uuid.Nil)
		require.Empty(t, wrong)
		return err
	}))
}
