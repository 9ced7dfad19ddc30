package ledger

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// basket is a sale of five lines.
func basket() till.Draft {
	lines := make([]retail.Line, 5)
	for i := range lines {
		lines[i] = line(uuid.Must(uuid.NewV7()), int64(i+1), 199)
	}
	return saleDraft(lines...)
}

// BenchmarkCommit is a sale of five lines, durable in the database and the sentinel.
func BenchmarkCommit(b *testing.B) {
	l := newFolder(b).open(b)
	d := basket()
	for b.Loop() {
		_, err := l.Commit(b.Context(), d)
		require.NoError(b, err)
	}
}

// BenchmarkCommitLimit is what no till can be faster than: two appends of 4 KiB, each with fdatasync.
func BenchmarkCommitLimit(b *testing.B) {
	dir := b.TempDir()
	var files [2]*os.File
	for i, name := range []string{"database", "sentinel"} {
		f, err := os.Create(filepath.Join(dir, name))
		require.NoError(b, err)
		defer f.Close()
		files[i] = f
	}
	page := make([]byte, 4096)
	for b.Loop() {
		for _, f := range files {
			_, err := f.Write(page)
			require.NoError(b, err)
			require.NoError(b, syncData(f))
		}
	}
}

// BenchmarkScan is a barcode to its product, among 100,000, beside the indexed select alone.
func BenchmarkScan(b *testing.B) {
	products := bigCatalogue(b, 100_000)
	l := newFolder(b).open(b)
	load(b, l, products)
	code := func(i int) string { return products[i*7919%len(products)].Barcodes[0] }
	b.Run("Till", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_, ok, err := l.ByCode(b.Context(), code(i))
			require.NoError(b, err)
			require.True(b, ok)
		}
	})
	b.Run("Limit", func(b *testing.B) {
		s, err := l.catalogue().read.db.PrepareContext(b.Context(), `SELECT doc FROM code WHERE code = ?`)
		require.NoError(b, err)
		defer s.Close()
		for i := 0; b.Loop(); i++ {
			var doc int64
			require.NoError(b, s.QueryRowContext(b.Context(), code(i)).Scan(&doc))
		}
	})
}

// BenchmarkScanWithBook is BenchmarkScan with a price book that names every product: before its moment, after it, and
// the longest a scan takes at the moment itself and while headquarters' move of the book into the product rows is
// published, beside the longest while nothing happens.
func BenchmarkScanWithBook(b *testing.B) {
	products := bigCatalogue(b, 100_000)
	p := newPriced(b)
	for _, product := range products {
		p.hq.row(retail.RowProduct, product.ID, product)
	}
	p.hq.holds(1)
	const lines = 4096 // of a row, as headquarters cuts them
	moment := day.Add(time.Hour)
	var parts byte
	for part := range slices.Chunk(products, lines) {
		prices := make([]retail.PriceLine, len(part))
		for i, product := range part {
			prices[i] = at(product, product.Price+1)
		}
		p.book(parts, 2, moment, prices...)
		parts++
	}
	p.pull()
	scan := func(b *testing.B, i, more int) {
		product := products[i*7919%len(products)]
		got, _, err := p.ByCode(b.Context(), product.Barcodes[0])
		require.NoError(b, err)
		require.Equal(b, product.Price+money.Amount(more), got.Price)
	}
	b.Run("Before", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			scan(b, i, 0)
		}
	})
	b.Run("After", func(b *testing.B) {
		p.now = moment
		for i := 0; b.Loop(); i++ {
			scan(b, i, 1)
		}
	})
	longest := func(b *testing.B, until func(i int) bool, more func(i int) int) {
		var worst time.Duration
		for i := 0; until(i); i++ {
			began := time.Now()
			scan(b, i, more(i))
			worst = max(worst, time.Since(began))
		}
		b.ReportMetric(float64(worst.Microseconds())/1000, "ms/longest")
	}
	b.Run("Still", func(b *testing.B) {
		p.now = moment
		longest(b, func(i int) bool { return i < 100_000 }, func(int) int { return 1 })
	})
	b.Run("Moment", func(b *testing.B) {
		p.now = moment.Add(-time.Second)
		longest(b, func(i int) bool {
			p.now = p.now.Add(time.Millisecond)
			return i < 2000
		}, func(i int) int { return min(i/999, 1) })
	})
	b.Run("Moved", func(b *testing.B) {
		p.now = moment
		for i := range products {
			moved := products[i]
			moved.Price++
			p.hq.row(retail.RowProduct, moved.ID, moved)
		}
		p.hq.holds(2)
		for part := range parts {
			p.hq.row(retail.RowPriceBook, uuid.UUID{7: 2, 15: part}, nil)
		}
		from := cursor(b, p.Ledger, "global").Seq
		page := p.hq.page(from, p.hq.since(from)...)
		done := make(chan error, 1)
		go func() { done <- p.Publish(b.Context(), page) }()
		longest(b, func(int) bool { return len(done) == 0 }, func(int) int { return 1 })
		require.NoError(b, <-done)
	})
}

// BenchmarkSearch is what is shown while someone types, beside the FTS5 query alone.
func BenchmarkSearch(b *testing.B) {
	l := newFolder(b).open(b)
	load(b, l, bigCatalogue(b, 100_000))
	for _, query := range []string{"s", "si", "sir", "siro", "sirop era", "ocolat", "de la cho", "xyzzyx"} {
		b.Run("Till/"+query, func(b *testing.B) {
			for b.Loop() {
				_, _, err := l.Search(b.Context(), query, 50)
				require.NoError(b, err)
			}
		})
		b.Run("Limit/"+query, func(b *testing.B) {
			begins, _ := matches(strings.Fields(fold(query)))
			s, err := l.catalogue().read.db.PrepareContext(b.Context(),
				`SELECT product.body FROM search JOIN product ON doc = search.rowid WHERE search MATCH ? LIMIT 50`)
			require.NoError(b, err)
			defer s.Close()
			for b.Loop() {
				rows, err := s.QueryContext(b.Context(), begins)
				require.NoError(b, err)
				for rows.Next() {
					var body []byte
					require.NoError(b, rows.Scan(&body))
				}
				require.NoError(b, rows.Close())
			}
		})
	}
}

// BenchmarkStockOfMany is the stock of a list of 50 products, with a month of the till's own sales past the mark.
func BenchmarkStockOfMany(b *testing.B) {
	l := newFolder(b).open(b)
	h := newHQ(b, l, "store")
	products := make([]uuid.UUID, 50)
	for i := range products {
		products[i] = uuid.Must(uuid.NewV7())
	}
	var end till.Written
	for i := range 1000 {
		w, err := l.Commit(b.Context(), saleDraft(line(products[i%50], 1, 199), line(products[(i+7)%50], 2, 25)))
		require.NoError(b, err)
		if i == 500 {
			end = w
		}
	}
	var rows []wire.Row
	for _, id := range products {
		rows = append(rows, h.row(retail.RowStock, id, retail.Stock{OnHand: 40000}))
	}
	rows = append(rows, h.row(retail.RowMark, l.identity.Till, retail.Mark{
		Ends: []retail.ChainEnd{{Epoch: end.Epoch, Seq: end.Seq, Hash: end.Hash[:]}},
	}))
	require.NoError(b, l.Publish(b.Context(), h.page(0, rows...)))
	for b.Loop() {
		stock, err := l.StockOfMany(b.Context(), products)
		require.NoError(b, err)
		require.Len(b, stock, 50)
	}
}

// BenchmarkRefill is a whole message of 500 entries put back, and BenchmarkForget the deletion of as many as go at a time
// from a month of sales: a sale may have to wait that long.
func BenchmarkRefill(b *testing.B) {
	l := newFolder(b).open(b)
	d := basket()
	for range 499 {
		_, err := l.Commit(b.Context(), d)
		require.NoError(b, err)
	}
	whole, err := l.Read(b.Context(), wire.Path{Epoch: 100}, 0, 500, wire.BatchBytes)
	require.NoError(b, err)
	for b.Loop() {
		b.StopTimer()
		fresh := folder{dir: b.TempDir(), till: l.identity.Till}
		fresh.enrol(b, 200)
		other := fresh.open(b)
		b.StartTimer()
		require.NoError(b, other.Refill(b.Context(), 100, whole))
		b.StopTimer()
		shut(b, other)
		b.StartTimer()
	}
	b.ReportMetric(float64(len(whole.Entries)), "entries/op")
}

func BenchmarkForget(b *testing.B) {
	l := newFolder(b).open(b)
	d := basket()
	for range 5000 {
		_, err := l.Commit(b.Context(), d)
		require.NoError(b, err)
	}
	upto := uint64(0)
	for b.Loop() {
		upto += pruneStep
		require.NoError(b, l.forget(b.Context(), wire.Path{Epoch: 100}, upto))
	}
}
