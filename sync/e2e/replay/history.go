package replay

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Store is a store of the history.
type Store struct {
	ID   int
	Name string
	City string
}

// Product is a product of the history.
type Product struct {
	ID       int
	Name     string
	Category string
	Cost     money.Amount
	Price    money.Amount
}

// Sale is one sale: some units of one product.
type Sale struct {
	ID      int
	Date    retail.Date
	Product int
	Units   int
}

// Pair is a product in a store.
type Pair struct{ Store, Product int }

// History is a chain's sales and what its stores hold afterwards.
type History struct {
	Stores   []Store
	Products []Product
	// Sales are by store, in the order of the file.
	Sales map[int][]Sale
	// OnHand is what is left at the end, in units; a pair that is missing holds none.
	OnHand map[Pair]int
}

// Count is how many sales there are.
func (h *History) Count() int {
	n := 0
	for _, s := range h.Sales {
		n += len(s)
	}
	return n
}

// Opening is the stock before the first sale.
func (h *History) Opening() map[Pair]int {
	opening := map[Pair]int{}
	for p, n := range h.OnHand {
		opening[p] += n
	}
	for store, sales := range h.Sales {
		for _, s := range sales {
			opening[Pair{store, s.Product}] += s.Units
		}
	}
	return opening
}

// Until keeps the sales before a day.
func (h *History) Until(day retail.Date) {
	for store, sales := range h.Sales {
		h.Sales[store] = slices.DeleteFunc(sales, func(s Sale) bool { return s.Date >= day })
	}
}

// Load reads a history from a folder of CSV files.
func Load(dir string) (*History, error) {
	h := &History{Sales: map[int][]Sale{}, OnHand: map[Pair]int{}}
	err := errors.Join(
		table(filepath.Join(dir, "stores.csv"), func(r row) {
			h.Stores = append(h.Stores, Store{ID: r.int("Store_ID"), Name: r.text("Store_Name"), City: r.text("Store_City")})
		}),
		table(filepath.Join(dir, "products.csv"), func(r row) {
			h.Products = append(h.Products, Product{
				ID: r.int("Product_ID"), Name: r.text("Product_Name"), Category: r.text("Product_Category"),
				Cost: r.money("Product_Cost"), Price: r.money("Product_Price"),
			})
		}),
		table(filepath.Join(dir, "inventory.csv"), func(r row) {
			h.OnHand[Pair{r.int("Store_ID"), r.int("Product_ID")}] = r.int("Stock_On_Hand")
		}),
		table(filepath.Join(dir, "sales.csv.gz"), func(r row) {
			store := r.int("Store_ID")
			h.Sales[store] = append(h.Sales[store], Sale{
				ID: r.int("Sale_ID"), Date: r.date("Date"), Product: r.int("Product_ID"), Units: r.int("Units"),
			})
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("load history: %w", err)
	}
	return h, nil
}

// row is a line of a CSV file by the names of its columns. The first value that cannot be read is kept as the error.
type row struct {
	columns map[string]int
	fields  []string
	err     *error
}

func (r row) text(column string) string {
	i, ok := r.columns[column]
	if !ok {
		r.fail(fmt.Errorf("no column %s", column))
		return ""
	}
	return r.fields[i]
}

func (r row) int(column string) int {
	n, err := strconv.Atoi(r.text(column))
	r.fail(err)
	return n
}

func (r row) date(column string) retail.Date {
	d, err := retail.ParseDate(r.text(column))
	r.fail(err)
	return d
}

func (r row) money(column string) money.Amount {
	a, err := money.Parse(r.text(column))
	r.fail(err)
	return a
}

func (r row) fail(err error) {
	if err != nil && *r.err == nil {
		*r.err = err
	}
}

// table calls each for every line of a CSV file, gzipped when its name says so.
func table(path string, each func(row)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var in io.Reader = f
	if filepath.Ext(path) == ".gz" {
		if in, err = gzip.NewReader(f); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	lines := csv.NewReader(in)
	lines.ReuseRecord = true
	head, err := lines.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	columns := map[string]int{}
	for i, name := range head {
		columns[name] = i
	}
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			each(row{columns, fields, &err})
		}
		if err != nil {
			line, _ := lines.FieldPos(0)
			return fmt.Errorf("%s line %d: %w", path, line, err)
		}
	}
}

// Generate makes a history of the shape of the toys set: stores, products and sales per store and day as there.
func Generate(stores, days, perDay int) *History {
	r := rand.New(rand.NewPCG(2017, 1))
	h := &History{Sales: map[int][]Sale{}, OnHand: map[Pair]int{}}
	for p := range 35 {
		price := money.Amount(299 + 100*r.IntN(40))
		h.Products = append(h.Products, Product{
			ID: p + 1, Name: fmt.Sprintf("Toy %02d", p+1), Category: []string{"Toys", "Games", "Art & Crafts", "Electronics", "Sports"}[p%5],
			Cost: price * 7 / 10, Price: price,
		})
	}
	first := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)
	id := 0
	for s := 1; s <= stores; s++ {
		h.Stores = append(h.Stores, Store{ID: s, Name: fmt.Sprintf("Store %02d", s), City: "Ville"})
		for p := 1; p <= len(h.Products); p++ {
			h.OnHand[Pair{s, p}] = r.IntN(60)
		}
		for d := range days {
			for range perDay/2 + r.IntN(perDay+1) {
				id++
				h.Sales[s] = append(h.Sales[s], Sale{
					ID: id, Date: retail.DateOf(first.AddDate(0, 0, d)), Product: 1 + r.IntN(len(h.Products)), Units: 1 + r.IntN(1+r.IntN(3)),
				})
			}
		}
	}
	return h
}
