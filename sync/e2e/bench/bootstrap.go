package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/sync/wire"
	"comptant/terminal/lane"
)

// Bootstrap is a new till's first day.
var Bootstrap = Row{
	Name:  "bootstrap",
	Work:  "a new till takes 100,000 products and their stock, from the dial until it shows them, found by code and by words",
	Limit: "bulk insert with the raw driver: the products by barcode, FTS5 for words and trigrams, and the stock",
	Open:  openBootstrap,
}

// bootstrap is a headquarters in memory that has what a till needs.
type bootstrap struct {
	dir      string
	products []retail.Product
	hq       *headquarters
	levels   []wire.Row
	tills    int
}

func openBootstrap(ctx context.Context, place Place) (*Stand, error) {
	products, err := goods(place.Data, place.size(catalogueSize, 500))
	if err != nil {
		return nil, err
	}
	hq, err := startHeadquarters(ctx)
	if err != nil {
		return nil, err
	}
	if err := stock(hq, products); err != nil {
		return nil, errors.Join(err, hq.close())
	}
	b := &bootstrap{dir: place.Dir, products: products, hq: hq, levels: hq.feeds[hq.local()].rows}
	return &Stand{
		Parts: []Part{{
			Limit: b.insert, Product: b.take, Figure: Reading.Rate, Unit: ProductRate, Goal: Goal{AtLeast: 0.5},
			Also: []Check{{Name: "in all", Value: func(r Round) float64 { return r.Product.Elapsed.Seconds() }}},
		}},
		Note:  "Headquarters is in memory and in the same process: its part of the time is the till's loss.",
		Close: hq.close,
	}, nil
}

// take enrols a till and waits until it shows both feeds.
func (b *bootstrap) take(ctx context.Context, w *Watch) (err error) {
	b.tills++
	dir := filepath.Join(b.dir, fmt.Sprintf("till%d", b.tills))
	if err := lane.Enrol(ctx, dir, b.hq.url, "any", fleet.App); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w.Start()
	t, err := fleet.Open(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if err := furnished(ctx, t); err != nil {
		return err
	}
	w.Stop(len(b.products))
	return b.sound(ctx, t)
}

// sound looks for the last product as a cashier would.
func (b *bootstrap) sound(ctx context.Context, t *fleet.Till) error {
	last := b.products[len(b.products)-1]
	p, known, err := t.Ledger.ByCode(ctx, last.Barcodes[0])
	if err != nil || !known || p.ID != last.ID {
		return fmt.Errorf("the till does not know %s: %w", last.Barcodes[0], errors.Join(err))
	}
	s, err := t.Ledger.StockOf(ctx, p.ID)
	if err == nil && !s.Known {
		err = fmt.Errorf("the till knows no stock of %s", last.SKU)
	}
	return err
}

// insert fills a new raw file with the same.
func (b *bootstrap) insert(ctx context.Context, w *Watch) (err error) {
	dir, err := os.MkdirTemp(b.dir, "raw-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := openRaw(ctx, dir, "raw.db")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	w.Start()
	if err := fillCatalogue(ctx, db, b.products); err != nil {
		return fmt.Errorf("fill the raw catalogue: %w", err)
	}
	if err := fillStock(ctx, db, b.levels); err != nil {
		return fmt.Errorf("fill the raw stock: %w", err)
	}
	w.Stop(len(b.products))
	return nil
}
