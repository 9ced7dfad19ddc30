package stock_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// However many look at once, each sees the level it asked for, or that there is none.
func TestManyLookThroughAWindow(t *testing.T) {
	d := pgtest.New(t)
	at := retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: "CV", Name: "Centre-Ville", Zone: "America/Toronto"}
	products := make([]uuid.UUID, 50)
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		var found []stock.Found
		for i := range products {
			if products[i] = uuid.New(); i%5 > 0 {
				found = append(found, stock.Found{Location: at.ID, Product: products[i], OnHand: money.Quantity(i) * money.One, UnitCost: 100})
			}
		}
		if err := stock.PutLocations(t.Context(), tx, at); err != nil {
			return err
		}
		return stock.Set(t.Context(), tx, noon, uuid.New(), found)
	}))
	w := stock.NewWindow(d)
	rapid.Check(t, func(rt *rapid.T) {
		var all sync.WaitGroup
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(products)-1), 1, 40).Draw(rt, "asked") {
			all.Go(func() {
				h, found, err := w.LevelAt(t.Context(), at, products[i])
				if err != nil || h.Product != products[i] || h.Location != at.ID || found != (i%5 > 0) || found && h.OnHand != money.Quantity(i)*money.One {
					t.Errorf("product %d: %+v, %v, %v", i, h, found, err)
				}
			})
		}
		all.Wait()
	})
}
