package catalog_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/pgtest"
	"comptant/shared/retail"
)

// A retired product is in no feed, whatever becomes of its price and its charges, until it is written again.
func TestRetire(t *testing.T) {
	d := pgtest.New(t)
	ctx, now := t.Context(), time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	category := retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Boissons"}}
	can := catalog.Product{Product: retail.Product{
		ID: uuid.New(), SKU: "1", Name: retail.Text{FR: "Limonade"}, Category: category.ID, Price: 199, Class: retail.Taxable, Charges: []retail.Charge{{Code: "CAN"}},
	}}
	deposit := retail.Charge{Code: "CAN", Name: retail.Text{FR: "Consigne"}, Unit: 10, Class: retail.Exempt}
	tx := func(fn func(tx *db.Tx) error) { require.NoError(t, d.InTx(ctx, fn)) }
	put := func(tx *db.Tx) error { _, err := catalog.PutProducts(ctx, tx, now, []catalog.Product{can}); return err }
	told := func() (n int) {
		require.NoError(t, d.QueryRow(ctx, `SELECT count(*) FROM feed.item WHERE feed = $1 AND type = $2 AND body IS NOT NULL`,
			feed.Global, int(retail.RowProduct)).Scan(&n))
		return n
	}
	tx(func(tx *db.Tx) error {
		if err := catalog.PutCategories(ctx, tx, category); err != nil {
			return err
		}
		if err := catalog.PutCharges(ctx, tx, deposit); err != nil {
			return err
		}
		return put(tx)
	})
	require.Equal(t, 1, told())
	tx(func(tx *db.Tx) error { return catalog.Retire(ctx, tx, now, can.ID) })
	require.Zero(t, told())
	deposit.Unit = 20
	tx(func(tx *db.Tx) error { return catalog.PutCharges(ctx, tx, deposit) })
	tx(func(tx *db.Tx) error {
		_, err := catalog.AddBook(ctx, tx, now, now, uuid.Nil, []retail.PriceLine{{Product: can.ID, Price: 209}})
		return err
	})
	require.Zero(t, told())
	prices, err := catalog.Prices(ctx, d, can.ID, now)
	require.NoError(t, err)
	require.Len(t, prices, 2)
	require.Equal(t, catalog.BookInForce, prices[0].State)
	require.Equal(t, catalog.BookPast, prices[1].State)

	page, err := catalog.Search(ctx, d, catalog.Filter{})
	require.NoError(t, err)
	require.Empty(t, page.Products)
	page, err = catalog.Search(ctx, d, catalog.Filter{Retired: true})
	require.NoError(t, err)
	require.Len(t, page.Products, 1)
	can.Price = 209
	tx(put)
	require.Equal(t, 1, told())
	var known *retail.Error
	require.ErrorAs(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.Retire(ctx, tx, now, uuid.New()) }), &known)
	require.Equal(t, retail.NotFound, known.Code)
}
