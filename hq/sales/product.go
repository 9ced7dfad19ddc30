package sales

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"comptant/hq/stock"
)

// ByProduct gives what stores sold of each product over a period, the most revenue first. Remaining is left out.
func ByProduct(ctx context.Context, q Querier, stores []uuid.UUID, p Period) ([]ProductSales, error) {
	all, err := Cut{Stores: stores, Period: p}.slices(ctx, q, EachProduct, "")
	return productSales(all), err
}

// productSales are slices by product.
func productSales(all []Slice) []ProductSales {
	var products []ProductSales
	for _, s := range all {
		products = append(products, ProductSales{Product: s.ID, Units: s.Units, Revenue: s.Revenue, Cost: s.Cost})
	}
	return products
}

// bestSellers are the products that brought in the most, with what is left of them.
func bestSellers(ctx context.Context, q Querier, c Cut) ([]ProductSales, error) {
	all, err := c.slices(ctx, q, EachProduct, fmt.Sprintf(" LIMIT %d", BestSellers))
	if err != nil {
		return nil, err
	}
	best := slices.DeleteFunc(productSales(all), func(s ProductSales) bool { return s.Revenue <= 0 })
	products := make([]uuid.UUID, len(best))
	for i, s := range best {
		products[i] = s.Product
	}
	remaining, err := stock.Remaining(ctx, q, c.Stores, products)
	if err != nil {
		return nil, err
	}
	for i := range best {
		if left, ok := remaining[best[i].Product]; ok {
			best[i].Remaining = &left
		}
	}
	return best, nil
}
