package replay

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
)

// figures are what a history must come to.
type figures struct {
	revenue map[storeMonth]money.Amount
	stock   map[Pair]int
}

type storeMonth struct{ store, month int } // month is yyyymm

// expect works the figures out from the history alone.
func expect(h *History) figures {
	price := map[int]money.Amount{}
	for _, p := range h.Products {
		price[p.ID] = p.Price
	}
	f := figures{revenue: map[storeMonth]money.Amount{}, stock: map[Pair]int{}}
	for store, sales := range h.Sales {
		for _, s := range sales {
			f.revenue[storeMonth{store, int(s.Date) / 100}] += price[s.Product] * money.Amount(s.Units)
		}
	}
	for _, s := range h.Stores {
		for _, p := range h.Products {
			f.stock[Pair{s.ID, p.ID}] = h.OnHand[Pair{s.ID, p.ID}]
		}
	}
	return f
}

// compare asks headquarters for its figures and notes every difference.
func compare(ctx context.Context, h *History, hq *fleet.HQ, r *Result) error {
	want := expect(h)
	got, err := ask(ctx, h, hq)
	if err != nil {
		return err
	}
	for k, amount := range want.revenue {
		r.Revenue += got.revenue[k]
		if got.revenue[k] != amount {
			r.Differences = append(r.Differences, fmt.Sprintf("store %d month %d: revenue %s, want %s", k.store, k.month, got.revenue[k].Plain("en"), amount.Plain("en")))
		}
		delete(got.revenue, k)
	}
	for k, amount := range got.revenue {
		if amount != 0 {
			r.Differences = append(r.Differences, fmt.Sprintf("store %d month %d: revenue %s of no sale", k.store, k.month, amount.Plain("en")))
		}
	}
	for k, n := range want.stock {
		r.Units += got.stock[k]
		if got.stock[k] != n {
			r.Differences = append(r.Differences, fmt.Sprintf("store %d product %d: %d on hand, want %d", k.Store, k.Product, got.stock[k], n))
		}
	}
	if out, err := hq.Command(ctx, "journal", "verify"); err != nil {
		r.Differences = append(r.Differences, "journals do not verify: "+out+err.Error())
	}
	return nil
}

// ask reads the figures from headquarters' own reports.
func ask(ctx context.Context, h *History, hq *fleet.HQ) (figures, error) {
	f := figures{revenue: map[storeMonth]money.Amount{}, stock: map[Pair]int{}}
	for _, month := range months(h) {
		from := retail.Date(month*100 + 1).Time(time.UTC)
		var report struct {
			Stores []struct {
				Code    string       `json:"code"`
				Revenue money.Amount `json:"revenue_cents"`
			} `json:"stores"`
		}
		err := hq.Query(ctx, &report, "report", "sales", "--json",
			"--from", from.Format(time.DateOnly), "--to", from.AddDate(0, 1, -1).Format(time.DateOnly))
		if err != nil {
			return f, err
		}
		for _, s := range report.Stores {
			id, err := strconv.Atoi(s.Code)
			if err != nil {
				return f, fmt.Errorf("store %q in the report: %w", s.Code, err)
			}
			f.revenue[storeMonth{id, month}] = s.Revenue
		}
	}
	var levels []struct {
		Location string         `json:"location"`
		SKU      string         `json:"sku"`
		OnHand   money.Quantity `json:"on_hand_thousandths"`
	}
	if err := hq.Query(ctx, &levels, "report", "stock", "--json"); err != nil {
		return f, err
	}
	for _, l := range levels {
		store, err := strconv.Atoi(l.Location)
		if err != nil {
			continue // a warehouse
		}
		product, err := strconv.Atoi(l.SKU)
		if err != nil {
			return f, fmt.Errorf("product %q in the report: %w", l.SKU, err)
		}
		f.stock[Pair{store, product}] = int(l.OnHand / money.One)
	}
	return f, nil
}

// months lists the months of a history, yyyymm.
func months(h *History) []int {
	seen := map[int]bool{}
	var all []int
	for _, sales := range h.Sales {
		for _, s := range sales {
			if m := int(s.Date) / 100; !seen[m] {
				seen[m] = true
				all = append(all, m)
			}
		}
	}
	return all
}
