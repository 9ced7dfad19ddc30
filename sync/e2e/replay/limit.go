package replay

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite" // the driver the tills use
)

// Limit measures what this machine can do at best: up to perStore of each store's sales committed to one SQLite file a
// store by the raw driver, one transaction a sale, synchronous=FULL, without a till, a chain or headquarters. It gives
// sales per second.
func Limit(ctx context.Context, h *History, dir string, perStore int) (float64, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	price := map[int]money.Amount{}
	for _, p := range h.Products {
		price[p.ID] = p.Price
	}
	n := 0
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range h.Stores {
		sales := h.Sales[s.ID][:min(perStore, len(h.Sales[s.ID]))]
		n += len(sales)
		group.Go(func() error { return raw(ctx, filepath.Join(dir, StoreCode(s.ID)+".db"), sales, price) })
	}
	if err := group.Wait(); err != nil {
		return 0, fmt.Errorf("measure the limit: %w", err)
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

func raw(ctx context.Context, path string, sales []Sale, price map[int]money.Amount) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var synchronous int
	if err := db.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&synchronous); err != nil || synchronous != 2 {
		return fmt.Errorf("synchronous reads back %d, want 2: %w", synchronous, err)
	}
	_, err = db.ExecContext(ctx, `
		CREATE TABLE sale (id INTEGER PRIMARY KEY, date INTEGER NOT NULL, total INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
		CREATE TABLE line (sale INTEGER NOT NULL, product INTEGER NOT NULL, units INTEGER NOT NULL, amount INTEGER NOT NULL) STRICT`)
	if err != nil {
		return err
	}
	for _, s := range sales {
		amount := price[s.Product] * money.Amount(s.Units)
		bytes, err := journal.Encode(journal.Entry{Kind: journal.KindSale}, retail.Sale{BusinessDate: s.Date, Total: amount})
		if err != nil {
			return err
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, `INSERT INTO sale VALUES (?, ?, ?, ?)`, s.ID, int(s.Date), int64(amount), bytes); err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO line VALUES (?, ?, ?, ?)`, s.ID, s.Product, s.Units, int64(amount))
		}
		if err != nil {
			_ = tx.Rollback() // the insert's error says it all
			return err
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}
