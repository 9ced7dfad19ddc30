package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/sync/link"
	"comptant/sync/wire"
)

// pastSales is how many sales a till has made that headquarters has and the till still keeps.
const pastSales = 100_000

// pastAtOnce is how many are written in one transaction.
const pastAtOnce = 2000

// past gives a till a past: sales of the last thirty days, written the way headquarters puts back what a till had lost, which
// need not wait for the disk after each, then acknowledged and in the stock that headquarters has published.
func past(ctx context.Context, t *fleet.Till, products []retail.Product, sales int) error {
	states, err := t.Ledger.Epochs(ctx)
	if err != nil {
		return err
	}
	if len(states) != 1 {
		return fmt.Errorf("the till has %d epochs already", len(states))
	}
	end := states[0]
	if err := t.Ledger.OpenEpoch(ctx, end.Epoch+1); err != nil { // only a closed epoch is put back
		return err
	}
	id, first := t.Till.Identity().Till, t.Till.Now().Add(-30*24*time.Hour)
	for n := 0; n < sales; {
		batch := link.Batch{First: end.Last + 1, Prev: end.Hash}
		for ; n < sales && len(batch.Entries) < pastAtOnce; n++ {
			at := first.Add(time.Duration(n) * 30 * 24 * time.Hour / time.Duration(sales))
			sale, err := basket(products, n, retail.DateOf(at))
			if err != nil {
				return err
			}
			sale.Number = uint64(n + 1)
			entry, err := journal.Encode(journal.Entry{Kind: journal.KindSale, Shift: 1, User: seeded(5, 0), Time: at.UnixMilli()}, sale)
			if err != nil {
				return err
			}
			batch.Entries = append(batch.Entries, entry)
		}
		links := journal.Chain(id, end.Epoch, batch.First, batch.Prev, batch.Entries)
		last := links[len(links)-1]
		batch.Head, end.Last, end.Hash = last.Hash, last.Seq, last.Hash
		if err := t.Ledger.Refill(ctx, end.Epoch, batch); err != nil {
			return err
		}
	}
	return include(ctx, t, retail.ChainEnd{Epoch: end.Epoch, Seq: end.Last, Hash: end.Hash[:]})
}

// include publishes that the stock includes the entries up to one.
func include(ctx context.Context, t *fleet.Till, end retail.ChainEnd) error {
	cursors, err := t.Ledger.Cursors(ctx)
	if err != nil {
		return err
	}
	for _, c := range cursors {
		if c.Feed == global || c.Seq == 0 {
			continue
		}
		r, err := row(retail.RowMark, t.Till.Identity().Till, retail.Mark{Ends: []retail.ChainEnd{end}})
		if err != nil {
			return err
		}
		r.Seq = c.Seq + 1
		return t.Ledger.Publish(ctx, wire.Changes{
			Feed: c.Feed, Gen: c.Gen, From: c.Seq, Upto: r.Seq, Rows: []wire.Row{r},
			Digest: c.Digest + wire.RowHash(r.Type, r.ID, r.Seq, r.Body),
		})
	}
	return errors.New("the till follows no store")
}
