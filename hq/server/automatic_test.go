package server_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/server"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Headquarters asks once for what a store lacks, where somebody switched it on, and not again while that is open or was refused lately.
func TestHeadquartersAsksByItself(t *testing.T) {
	d, ctx := pgtest.New(t), t.Context()
	now := time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC)
	store := retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: "NO", Name: "Nord", Zone: "America/Toronto"}
	depot := retail.Location{ID: uuid.New(), Kind: retail.LocationWarehouse, Code: "CL", Name: "Centre logistique", Zone: "America/Toronto"}
	category := retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Épicerie"}}
	product := func(sku string) catalog.Product {
		return catalog.Product{Product: retail.Product{
			ID: uuid.New(), SKU: sku, Name: retail.Text{FR: sku}, Category: category.ID, Price: 100, Class: retail.Taxable, Pack: 12,
		}}
	}
	syrup, soap, salt := product("sirop"), product("savon"), product("sel")
	tx := func(do func(tx *db.Tx) error) { require.NoError(t, d.InTx(ctx, do)) }
	tx(func(tx *db.Tx) error {
		if err := stock.PutLocations(ctx, tx, store, depot); err != nil {
			return err
		}
		if err := catalog.PutCategories(ctx, tx, category); err != nil {
			return err
		}
		if _, err := catalog.PutProducts(ctx, tx, now.Add(-time.Hour), []catalog.Product{syrup, soap, salt}); err != nil {
			return err
		}
		return stock.Set(ctx, tx, now.Add(-time.Hour), uuid.New(), []stock.Found{
			{Location: store.ID, Product: syrup.ID, OnHand: 4 * money.One}, // sells 2 a day
			{Location: store.ID, Product: soap.ID, OnHand: 4 * money.One},  // nobody buys it
			{Location: store.ID, Product: salt.ID, OnHand: 40 * money.One}, // enough
		})
	})
	for i := range 28 {
		for _, p := range []catalog.Product{syrup, salt} {
			_, err := d.Exec(ctx, `INSERT INTO sales.daily_product (store_id, business_date, product_id, units, revenue, cost) VALUES ($1, $2, $3, 2000, 0, 0)`,
				store.ID, retail.DateOf(now.AddDate(0, 0, -1-i)), p.ID)
			require.NoError(t, err)
		}
	}
	ask := func(at time.Time) []stock.Restock {
		require.NoError(t, server.Ask(ctx, d, at))
		page, err := stock.Restocks(ctx, d, stock.RestockFilter{})
		require.NoError(t, err)
		return page.Restocks
	}
	require.Empty(t, ask(now), "off by default")
	tx(func(tx *db.Tx) error { return stock.SetAutomatic(ctx, tx, store.ID, true, now) })
	require.Error(t, d.InTx(ctx, func(tx *db.Tx) error { return stock.SetAutomatic(ctx, tx, depot.ID, true, now) }))
	made := ask(now)
	require.Len(t, made, 1)
	require.True(t, made[0].Automatic)
	require.Equal(t, uuid.Nil, made[0].RequestedBy)
	require.Len(t, made[0].Lines, 1)
	require.Equal(t, syrup.ID, made[0].Lines[0].Product)
	require.Equal(t, 24*money.One, made[0].Lines[0].Asked, "2 a day for 10 days, less 4, in cases of 12")
	require.Len(t, ask(now.Add(time.Hour)), 1, "it is open")

	decide := func(r stock.Restock, approved map[uuid.UUID]money.Quantity, at time.Time) {
		tx(func(tx *db.Tx) error {
			return stock.Decide(ctx, tx, stock.Decision{Location: store.ID, Restock: r.ID, By: uuid.New(), At: at, Approved: approved})
		})
	}
	decide(made[0], nil, now.Add(time.Hour))
	require.Len(t, ask(now.Add(24*time.Hour)), 1, "somebody refused it")
	again := ask(now.Add(8 * 24 * time.Hour))
	require.Len(t, again, 2, "a week ago")
	decide(again[0], again[0].All(), now.Add(8*24*time.Hour))
	require.Len(t, ask(now.Add(20*24*time.Hour)), 2, "approved, and not shipped yet")
	tx(func(tx *db.Tx) error { return stock.SetAutomatic(ctx, tx, store.ID, false, now) })
	automatic, err := stock.Automatic(ctx, d)
	require.NoError(t, err)
	require.Empty(t, automatic)
}

// Processes of headquarters that look at the same moment ask once for what each store lacks.
func TestProcessesAskOnce(t *testing.T) {
	const stores, processes = 12, 3
	address, ctx := pgtest.DurableURL(t), t.Context()
	var pools []*db.DB
	for range processes {
		d, err := db.Open(ctx, address, slog.New(slog.DiscardHandler), db.Options{})
		require.NoError(t, err)
		t.Cleanup(d.Close)
		pools = append(pools, d)
	}
	now := time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC)
	category := retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Épicerie"}}
	syrup := catalog.Product{Product: retail.Product{
		ID: uuid.New(), SKU: "sirop", Name: retail.Text{FR: "Sirop"}, Category: category.ID, Price: 100, Class: retail.Taxable, Pack: 12,
	}}
	require.NoError(t, pools[0].InTx(ctx, func(tx *db.Tx) error {
		if err := catalog.PutCategories(ctx, tx, category); err != nil {
			return err
		}
		if _, err := catalog.PutProducts(ctx, tx, now, []catalog.Product{syrup}); err != nil {
			return err
		}
		for i := range stores {
			store := retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: fmt.Sprintf("M%d", i), Name: fmt.Sprintf("Magasin %d", i), Zone: "America/Toronto"}
			if err := stock.PutLocations(ctx, tx, store); err != nil {
				return err
			}
			if err := stock.SetAutomatic(ctx, tx, store.ID, true, now); err != nil {
				return err
			}
			if err := stock.Set(ctx, tx, now, uuid.New(), []stock.Found{{Location: store.ID, Product: syrup.ID, OnHand: money.One}}); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `
				INSERT INTO sales.daily_product (store_id, business_date, product_id, units, revenue, cost)
				SELECT $1, to_char(d, 'YYYYMMDD')::int, $2, 2000, 0, 0 FROM generate_series($3::timestamptz - interval '28 days', $3 - interval '1 day', '1 day') d`,
				store.ID, syrup.ID, now); err != nil {
				return err
			}
		}
		return nil
	}))
	group, asking := errgroup.WithContext(ctx)
	for _, d := range pools {
		group.Go(func() error { return server.Ask(asking, d, now) })
	}
	require.NoError(t, group.Wait())
	page, err := stock.Restocks(ctx, pools[0], stock.RestockFilter{Limit: 100})
	require.NoError(t, err)
	require.Len(t, page.Restocks, stores)
}
