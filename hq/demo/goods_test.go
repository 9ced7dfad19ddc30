package demo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func TestEveryProductIsBelievable(t *testing.T) {
	all, err := readGoods()
	require.NoError(t, err)
	require.Len(t, all.categories, 14)
	require.InDelta(t, 2000, len(all.products), 150)

	seen := map[string]string{}
	unique := func(what, value, of string) {
		require.Empty(t, seen[what+value], "%s %q belongs to both", what, value)
		seen[what+value] = of
	}
	for _, p := range all.products {
		unique("sku", p.SKU, p.SKU)
		unique("fr", p.Name.FR, p.SKU)
		unique("en", p.Name.EN, p.SKU)
		require.Len(t, p.Barcodes, 1)
		unique("barcode", p.Barcodes[0], p.SKU)
		gtin, ok := barcode.Normalize(p.Barcodes[0])
		require.True(t, ok, p.Barcodes[0])
		require.Equal(t, p.Barcodes[0], gtin, "the canonical form")
		require.Equal(t, barcode.UPCA, barcode.KindOf(gtin))
		require.Greater(t, p.Cost, money.Amount(0), p.SKU)
		require.Less(t, p.Cost, p.Price, p.SKU)
		require.NotContains(t, p.Name.FR+p.Name.EN, "{}", p.SKU)
		require.Positive(t, p.Pack)
		require.Contains(t, []retail.TaxClass{retail.Taxable, retail.ZeroRated}, p.Class)
	}
}

func TestTheFirstTilesAreTheShopsOwn(t *testing.T) {
	all, err := readGoods()
	require.NoError(t, err)
	tiles := map[int]int{}
	for i, p := range all.products {
		if p.Favourite > 0 {
			require.NotContains(t, tiles, p.Favourite)
			tiles[p.Favourite] = i
		}
	}
	require.Len(t, tiles, len(favourites), "every favourite is a product")
	for place, want := range map[int]struct {
		en    string
		price money.Amount
		class retail.TaxClass
	}{
		1:  {"Filter coffee, medium", 199, retail.Taxable},
		2:  {"Filter coffee, large", 239, retail.Taxable},
		5:  {"Assorted Timbits", 25, retail.Taxable},
		6:  {"Maple donut", 125, retail.Taxable},
		7:  {"Sesame bagel", 150, retail.ZeroRated},
		8:  {"Blueberry muffin", 200, retail.Taxable},
		20: {"Amber maple syrup, 540 ml", 1149, retail.ZeroRated},
	} {
		p := all.products[tiles[place]]
		require.Equal(t, want.en, p.Name.EN)
		require.Equal(t, want.price, p.Price, want.en)
		require.Equal(t, want.class, p.Class, want.en)
	}
}
