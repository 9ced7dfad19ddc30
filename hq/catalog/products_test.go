package catalog_test

import (
	"strings"
	"sync/atomic"
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

// Whatever changes a product is seen at once, and a product that nothing has changed is not read again.
func TestProductsAreRememberedUntilTheyChange(t *testing.T) {
	var reads atomic.Int64
	d := pgtest.Watched(t, func(sql string) {
		if strings.HasSuffix(sql, "FROM catalog.product p WHERE p.id = $1") {
			reads.Add(1)
		}
	})
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		if err := catalog.PutCharges(ctx, tx, retail.Charge{Code: "CAN", Name: retail.Text{FR: "Consigne"}, Unit: 10, Class: retail.Exempt}); err != nil {
			return err
		}
		return catalog.PutCategories(ctx, tx, grocery)
	}))
	p := product(1, "Sirop")
	p.Charges = []retail.Charge{{Code: "CAN"}}
	put(t, d, p)
	drawn, err := catalog.Draw(pngOf(t, quarters(20, 20, red)))
	require.NoError(t, err)
	products := catalog.NewProducts(d, feed.NewNotifier(d, logTo(t)))
	known := func() catalog.Product {
		t.Helper()
		got, err := products.Get(ctx, p.ID)
		require.NoError(t, err)
		return got
	}
	write := func(change func(*catalog.Product)) func(tx *db.Tx) error {
		return func(tx *db.Tx) error {
			change(&p)
			_, err := catalog.PutProducts(ctx, tx, monday, []catalog.Product{p})
			return err
		}
	}
	later := monday
	was := known()
	for _, change := range []struct {
		name string
		do   func(tx *db.Tx) error
	}{
		{"a name", write(func(p *catalog.Product) { p.Name.EN = "Syrup" })},
		{"a cost, which tills are not told", write(func(p *catalog.Product) { p.Cost++ })},
		{"a barcode", write(func(p *catalog.Product) { p.Barcodes = nil })},
		{"a price", write(func(p *catalog.Product) { p.Price++ })},
		{"a planned price whose time has come", func(tx *db.Tx) error {
			_, err := catalog.AddBook(ctx, tx, monday, monday.Add(time.Hour), uuid.Nil, []retail.PriceLine{{Product: p.ID, Price: 999}})
			if err != nil {
				return err
			}
			later = monday.Add(2 * time.Hour)
			return catalog.Activate(ctx, tx, later)
		}},
		{"a deposit", func(tx *db.Tx) error {
			return catalog.PutCharges(ctx, tx, retail.Charge{Code: "CAN", Name: retail.Text{FR: "Consigne"}, Unit: 20, Class: retail.Exempt})
		}},
		{"a picture", func(tx *db.Tx) error { return catalog.PutPicture(ctx, tx, p.ID, drawn) }},
		{"no picture", func(tx *db.Tx) error { return catalog.RemovePicture(ctx, tx, p.ID) }},
		{"retired", func(tx *db.Tx) error { return catalog.Retire(ctx, tx, later, p.ID) }},
		{"sold again", func(tx *db.Tx) error {
			_, err := catalog.PutProducts(ctx, tx, later, []catalog.Product{p})
			return err
		}},
	} {
		require.NoError(t, d.InTx(ctx, change.do), change.name)
		is := known()
		require.NotEqual(t, was, is, change.name)
		before := reads.Load()
		for range 3 {
			require.Equal(t, is, known(), change.name)
		}
		require.Equal(t, before, reads.Load(), change.name)
		was = is
	}
	_, err = products.Get(ctx, uuid.New())
	refused(t, err, "product.unknown")
}
