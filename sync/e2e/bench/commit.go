package bench

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"comptant/shared/retail"
)

// Commit is a sale on the till's disk: one transaction, then the sentinel.
var Commit = Row{
	Name:  "commit",
	Work:  "a sale of 5 lines at a till, full durability, with the sentinel, 2,000 times; 100,000 products, 100,000 past sales",
	Limit: "two appends of 4 KiB, each with fdatasync, on the same disk",
	Open:  openCommit,
}

func openCommit(ctx context.Context, place Place) (*Stand, error) {
	products, err := goods(place.Data, place.size(catalogueSize, 1000))
	if err != nil {
		return nil, err
	}
	t, err := openCounter(ctx, place.Dir, products, place.size(pastSales, 200))
	if err != nil {
		return nil, err
	}
	n := place.size(2000, 20)
	made := 0
	product := func(ctx context.Context, w *Watch) error {
		sales := make([]retail.Sale, n)
		for i := range sales {
			var err error
			if sales[i], err = basket(products, made, retail.DateOf(t.Till.Now())); err != nil {
				return err
			}
			made++
		}
		w.Start()
		for _, sale := range sales {
			start := time.Now()
			if _, err := t.Ledger.Commit(ctx, draft(sale, seeded(5, 0), t.Till.Shift().Number)); err != nil {
				return err
			}
			w.Lap(time.Since(start))
		}
		w.Stop(n)
		return nil
	}
	return &Stand{
		Parts: []Part{{
			Limit:   func(_ context.Context, w *Watch) error { return appends(place.Dir, n, w) },
			Product: product, Figure: Median, Unit: TimeP50, Goal: Goal{AtMost: 1.8},
			Also: []Check{{
				Name:  "p99",
				Value: func(r Round) float64 { return P99(r.Product) },
				Most:  func(r Round) float64 { return 2*r.limit(P99) + 0.005 },
			}},
		}},
		Close: t.Close,
	}, nil
}

// appends is the least two durable writes can cost.
func appends(dir string, n int, w *Watch) error {
	var files [2]*os.File
	for i, name := range []string{"database", "sentinel"} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		defer f.Close()
		files[i] = f
	}
	page := make([]byte, 4096)
	w.Start()
	for range n {
		start := time.Now()
		for _, f := range files {
			if _, err := f.Write(page); err != nil {
				return err
			}
			if err := syscall.Fdatasync(int(f.Fd())); err != nil {
				return err
			}
		}
		w.Lap(time.Since(start))
	}
	w.Stop(n)
	return nil
}
