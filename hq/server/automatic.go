package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// askEvery is how often headquarters looks for what stores lack. Any number of processes may do so, each store's row being locked by the one
// that asks for it (stock.TakeWanting): a job of the queue would keep them apart no better, and its client is the orders' own.
const askEvery = 10 * time.Minute

// askAlone asks the warehouse for the stores that want it, until the context ends.
func askAlone(ctx context.Context, d *db.DB, log *slog.Logger, now func() time.Time) error {
	look := time.NewTicker(askEvery)
	defer look.Stop()
	for {
		if err := Ask(ctx, d, now()); err != nil && ctx.Err() == nil {
			log.Error("ask the warehouse for stores", "error", err) // the next look tries again
		}
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
	}
}

// Ask makes one request for each store that wants it and lacks something that nobody asked for yet, of what is suggested.
func Ask(ctx context.Context, d *db.DB, now time.Time) error {
	stores, err := stock.Automatic(ctx, d)
	if err != nil {
		return err
	}
	for _, store := range stores {
		err := d.InTx(ctx, func(tx *db.Tx) error {
			lacks, err := stock.TakeWanting(ctx, tx, store, now)
			if err != nil || len(lacks) == 0 {
				return err
			}
			lines, err := suggested(ctx, tx, store, lacks, now)
			if err != nil || len(lines) == 0 {
				return err
			}
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			return stock.RequestRestock(ctx, tx, stock.RestockRequest{Location: store, ID: id, At: now, Lines: lines, Automatic: true})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// suggested is what to ask for of what a store lacks: nothing of what nobody buys there, or is sold no more.
func suggested(ctx context.Context, tx *db.Tx, store uuid.UUID, lacks []stock.Wanting, now time.Time) ([]retail.StockLine, error) {
	ids := make([]uuid.UUID, len(lacks))
	for i, w := range lacks {
		ids[i] = w.Product
	}
	at, err := stock.Location(ctx, tx, store)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(at.Zone)
	if err != nil {
		return nil, err
	}
	rates, err := sales.PerDay(ctx, tx, []uuid.UUID{store}, ids, retail.DateOf(now.In(zone)))
	if err != nil {
		return nil, err
	}
	products, err := catalog.ByID(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var lines []retail.StockLine
	for _, w := range lacks {
		p, ok := products[w.Product]
		if !ok || p.MadeHere || p.RetiredAt != nil {
			continue
		}
		if s := retail.Suggest(rates[store][w.Product], w.OnHand, w.InTransit, p.Pack); s.PerDay > 0 && s.Quantity > 0 {
			lines = append(lines, retail.StockLine{Product: w.Product, Quantity: s.Quantity})
		}
	}
	return lines, nil
}
