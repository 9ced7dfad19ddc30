package catalog_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/pgtest"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// A book whose time has come is in force although nobody has moved it, and one to come is not.
func TestInForceDoesNotWaitForActivate(t *testing.T) {
	d := pgtest.New(t)
	ctx, now := t.Context(), time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	category := retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Thés"}}
	p := catalog.Product{Product: retail.Product{
		ID: uuid.New(), SKU: "1", Name: retail.Text{FR: "Thé"}, Category: category.ID, Price: 300, Class: retail.Taxable,
	}}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		if err := catalog.PutCategories(ctx, tx, category); err != nil {
			return err
		}
		_, err := catalog.PutProducts(ctx, tx, now, []catalog.Product{p})
		return err
	}))
	plan := func(from time.Time, price money.Amount) (version int64) {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) (err error) {
			version, err = catalog.AddBook(ctx, tx, now, from, uuid.Nil, []retail.PriceLine{{Product: p.ID, Price: price}})
			return err
		}))
		return version
	}
	first := plan(now.Add(time.Hour), 250)
	second := plan(now.Add(2*time.Hour), 275)
	for _, c := range []struct {
		at      time.Duration
		price   money.Amount
		version int64
	}{{0, 300, first - 1}, {time.Hour - 1, 300, first - 1}, {time.Hour, 250, first}, {3 * time.Hour, 275, second}} {
		found, version, err := catalog.InForce(ctx, d, now.Add(c.at), uuid.Nil, []uuid.UUID{p.ID, uuid.New()})
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, c.price, found[p.ID].Price, c.at)
		require.Equal(t, uint64(c.version), version, c.at)
	}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.Activate(ctx, tx, now.Add(90*time.Minute)) }))
	found, version, err := catalog.InForce(ctx, d, now.Add(90*time.Minute), uuid.Nil, []uuid.UUID{p.ID})
	require.NoError(t, err)
	require.Equal(t, money.Amount(250), found[p.ID].Price)
	require.Equal(t, uint64(first), version)
}

// A product that was remembered before its new price was moved into its row is read again, also by a process that nobody told.
func TestAPriceThatWasMovedIsNotRememberedFromBefore(t *testing.T) {
	d := open(t)
	p := product(1, "a")
	put(t, d, p)
	_, err := addIn(d, uuid.Nil, monday, monday.Add(time.Hour), costing(p, 900))
	require.NoError(t, err)
	moment := monday
	// Its notifier does not run, and what this database marks it hears only through its own.
	deaf, err := db.Open(ctx, d.Config().ConnString(), slog.New(slog.DiscardHandler), db.Options{AllowUnsafe: true})
	require.NoError(t, err)
	t.Cleanup(deaf.Close)
	list := catalog.NewPriceList(deaf, feed.NewNotifier(deaf, slog.New(slog.DiscardHandler)), func() time.Time { return moment })
	costs := func() money.Amount {
		found, _, err := list.InForce(ctx, uuid.Nil, []uuid.UUID{p.ID})
		require.NoError(t, err)
		return found[p.ID].Price
	}
	require.Equal(t, p.Price, costs())
	moment = monday.Add(time.Hour)
	activate(t, d, moment)
	require.EqualValues(t, 900, costs())
}
