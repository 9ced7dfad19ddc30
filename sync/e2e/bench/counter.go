package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/sync/e2e/fleet"
	"comptant/sync/wire"
	"comptant/terminal/lane"
	"comptant/terminal/till"

	"github.com/google/uuid"
)

// cashier may sign in at the tills measured.
const (
	cashier = "Alice"
	pin     = "1111"
)

// openCounter enrols a till in dir, loads the products into it the way the shop does, through a link and a feed, signs a
// cashier in, and leaves it offline, with so many past sales.
func openCounter(ctx context.Context, dir string, products []retail.Product, sales int) (*fleet.Till, error) {
	dir = filepath.Join(dir, "till")
	if err := enrolCounter(ctx, dir, products); err != nil {
		return nil, fmt.Errorf("load the catalogue: %w", err)
	}
	t, err := fleet.OpenOffline(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	err = past(ctx, t, products, sales)
	if err == nil {
		err = t.Work(ctx, seeded(5, 0), pin)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func enrolCounter(ctx context.Context, dir string, products []retail.Product) (err error) {
	hq, err := startHeadquarters(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hq.close()) }()
	if err := stock(hq, products); err != nil {
		return err
	}
	if err := lane.Enrol(ctx, dir, hq.url, "any", fleet.App); err != nil {
		return err
	}
	t, err := fleet.Open(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	return furnished(ctx, t)
}

// furnished waits until the till shows what stock has published.
func furnished(ctx context.Context, t *fleet.Till) error {
	return t.Until(ctx, func() (bool, error) {
		staff, err := t.Till.Staff(ctx)
		if err != nil || len(staff) == 0 {
			return false, err
		}
		prices, err := t.Ledger.Prices(ctx)
		return prices > 0, err
	})
}

// stock publishes what a till needs to sell the products, with a level in the store for each.
func stock(hq *headquarters, products []retail.Product) error {
	var g, l []wire.Row
	add := func(to *[]wire.Row, t retail.RowType, id uuid.UUID, body any) error {
		r, err := row(t, id, body)
		*to = append(*to, r)
		return err
	}
	hash, err := secret.Hash(pin, secret.PIN)
	if err != nil {
		return err
	}
	err = errors.Join(
		add(&g, retail.RowLocation, hq.store.ID, hq.store),
		add(&g, retail.RowCategory, seeded(2, 0), retail.Category{ID: seeded(2, 0), Name: retail.Text{FR: "Épicerie", EN: "Grocery"}}),
		add(&g, retail.RowPriceBook, uuid.Nil, retail.PriceBook{Version: 1}),
		add(&l, retail.RowStaff, seeded(5, 0), retail.Staff{ID: seeded(5, 0), Name: cashier, Role: retail.RoleCashier, PIN: hash, Lang: "fr"}),
	)
	for _, t := range taxes() {
		err = errors.Join(err, add(&g, retail.RowTaxRate, t.ID, t))
	}
	for i, p := range products {
		err = errors.Join(err, add(&g, retail.RowProduct, p.ID, p),
			add(&l, retail.RowStock, p.ID, retail.Stock{OnHand: 24_000, At: int64(i + 1), RestockBelow: 12_000, OutBelow: 3_000, OverAbove: 96_000}))
	}
	if err != nil {
		return err
	}
	hq.load(global, g)
	hq.load(hq.local(), l)
	return nil
}

// draft is the entry of a sale.
func draft(sale retail.Sale, user uuid.UUID, shift uint64) till.Draft {
	return till.Draft{Kind: journal.KindSale, User: user, Shift: shift, Numbered: true, Body: func(number uint64) any {
		sale.Number = number
		return sale
	}}
}
