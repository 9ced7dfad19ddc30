package replay

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"comptant/sync/e2e/fleet"
)

// StoreCode is the code of a store at headquarters.
func StoreCode(id int) string { return fmt.Sprintf("%02d", id) }

// Import gives headquarters the stores, products and opening stock the way an administrator does: three CSV files, made
// in dir, and hq import.
func Import(ctx context.Context, h *History, hq *fleet.HQ, dir string) error {
	stores := [][]string{{"Code", "Name", "City"}}
	for _, s := range h.Stores {
		stores = append(stores, []string{StoreCode(s.ID), s.Name, s.City})
	}
	products := [][]string{{"SKU", "Name", "Category", "Cost", "Price"}}
	for _, p := range h.Products {
		products = append(products, []string{strconv.Itoa(p.ID), p.Name, p.Category, p.Cost.Plain("en"), p.Price.Plain("en")})
	}
	stock := [][]string{{"Store", "SKU", "Quantity"}}
	opening := h.Opening()
	for _, s := range h.Stores {
		for _, p := range h.Products {
			stock = append(stock, []string{StoreCode(s.ID), strconv.Itoa(p.ID), strconv.Itoa(opening[Pair{s.ID, p.ID}])})
		}
	}
	for _, f := range []struct {
		kind string
		rows [][]string
	}{{"stores", stores}, {"products", products}, {"stock", stock}} {
		path := filepath.Join(dir, f.kind+".csv")
		if err := write(path, f.rows); err != nil {
			return err
		}
		if _, err := hq.Command(ctx, "import", f.kind, path, "--apply"); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if err := w.WriteAll(slices.Clip(rows)); err != nil {
		_ = f.Close() // the write's error says it all
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.Close()
}
