package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/pgtest"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// BenchmarkStore stores and applies full batches of sales with 5 lines, on a server that flushes to disk.
func BenchmarkStore(b *testing.B) {
	w := worldOn(b, pgtest.Durable(b), 2000)
	l := w.enrol(1)
	l.push(1)
	links := journal.Chain(l.id, l.epoch, 1, journal.Genesis(l.id, l.epoch), l.entries)
	last := links[0]
	batches := make([]hub.Batch, b.N)
	all := w.products
	for i := range batches {
		entries := make([][]byte, wire.BatchEntries)
		for j := range entries {
			k := (i*wire.BatchEntries + j) * 37 % (len(all) - 5)
			w.products = all[k : k+5]
			l.entries = nil
			l.sale(money.One, money.One, money.One, money.One, money.One)
			entries[j] = l.entries[0]
		}
		links := journal.Chain(l.id, l.epoch, last.Seq+1, last.Hash, entries)
		batches[i] = hub.Batch{
			Till: l.id, Store: w.store.ID, Session: l.session.ID, Path: wire.Path{Epoch: l.epoch}, First: last.Seq + 1,
			Prev: last.Hash, Head: links[len(links)-1].Hash, Entries: entries,
		}
		last = links[len(links)-1]
	}
	b.ResetTimer()
	for _, batch := range batches {
		stored, err := w.desk.Store(ctx, batch)
		require.NoError(b, err)
		require.Empty(b, stored.Notes)
	}
	b.ReportMetric(float64(b.N*wire.BatchEntries)/b.Elapsed().Seconds(), "sales/s")
}
