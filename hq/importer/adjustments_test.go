package importer

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
)

func TestCorrectionsOfStock(t *testing.T) {
	d := pgtest.New(t)
	apply(t, d, Stores, "code,name\n1,Un\n")
	apply(t, d, Products, "sku,name,price,cost\nA,Scone,2,0.50\nB,Muffin,2,0.75\n")
	apply(t, d, Stock, "store,product,on hand\n1,A,20\n")
	file := "magasin;produit;date;perte;écart;motif\n1;A;13/4/2025;3;;\n1;A;14/4/2025;0;;\n1;B;14/4/2025;;-2;volé\n1;B;14/4/2025;;1;trouvé\n"
	require.Equal(t, tally{New: 3, Unchanged: 1}, apply(t, d, Adjustments, file))
	onHand := func(sku string) int64 {
		return count(t, d, `SELECT on_hand FROM stock.level JOIN catalog.product p ON p.id = product_id WHERE sku = $1`, sku)
	}
	require.EqualValues(t, 17000, onHand("A"))
	require.EqualValues(t, -1000, onHand("B"))
	require.Equal(t, tally{Unchanged: 4}, apply(t, d, Adjustments, file), "again")
	require.EqualValues(t, 17000, onHand("A"))

	stores, err := stock.Stores(t.Context(), d)
	require.NoError(t, err)
	found, err := stock.ListShrinkage(t.Context(), d, []stock.Span{{
		Location: stores[0].ID, From: time.Date(2025, 4, 13, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 4, 16, 0, 0, 0, 0, time.UTC),
	}})
	require.NoError(t, err)
	costs := map[string]money.Amount{}
	for _, f := range found {
		costs[f.Cause] += f.Cost
	}
	require.Equal(t, map[string]money.Amount{"expired": -150, "lost": -150, "found": 75}, costs, "at the catalogue's cost where the store has none")
	verified(t, d)

	plan, err := read(t, Adjustments, "store,product,date,waste,change,cause\n1,A,2025-04-13,4,,\n1,A,2025-04-20,1,,\n1,A,2025-04-20,1,,\n9,A,2025-04-20,1,,\n"+
		"1,Z,2025-04-20,1,,\n1,A,2099-04-20,1,,\n").Apply(t.Context(), d, now)
	require.ErrorIs(t, err, ErrBadRows)
	require.Equal(t, []string{
		`line 2: the correction is there with other figures: corrections of before do not change`,
		`line 4: product A of store 1 at that time is on line 3 already`,
		`line 5: there is no store "9"`,
		`line 6: there is no product "Z"`,
		`line 7: date: 2099-04-20 is to come`,
	}, reasons(plan.Bad))
	require.Equal(t, []string{
		`line 2: no change`, `line 3: change: the row has waste too, and may say one of them`, `line 4: waste: "-1" is below zero`,
		`line 5: cause: "magic" is none of damaged, expired, lost, found, given, mistake`, `line 6: no date`,
	}, reasons(read(t, Adjustments, "store,product,date,waste,change,cause\n1,A,2025-04-13,,,\n1,A,2025-04-13,1,1,\n1,A,2025-04-13,-1,,\n1,A,2025-04-13,1,,magic\n1,A,,1,,\n").Bad))
}

// What was thrown away of the pastries, day by day.
func TestPastries(t *testing.T) {
	folder := realData(t, "coffee")
	var want struct {
		Inventory struct{ Rows, Waste int64 } `json:"pastry_inventory"`
	}
	facts(t, folder, &want)
	d := pgtest.New(t)
	take(t, d, Stores, changed(t, open(t, folder, "sales_outlet.csv"), "Neighorhood", "name"))
	take(t, d, Products, open(t, folder, "product.csv"))
	pastries := func() tally { return take(t, d, Adjustments, open(t, folder, "pastry_inventory.csv")) }
	first := pastries()
	require.EqualValues(t, want.Inventory.Rows, first.New+first.Unchanged)
	require.EqualValues(t, first.Unchanged, want.Inventory.Rows-count(t, d, `SELECT count(*) FROM stock.movement`), "days on which nothing was")
	require.EqualValues(t, -want.Inventory.Waste, count(t, d, `SELECT sum(on_hand)::bigint / 1000 FROM stock.level`))
	var wasted money.Quantity
	for _, outlet := range pastOf(t, d, 20190401, 20190430).stores {
		found, err := stock.ListShrinkage(t.Context(), d, []stock.Span{{
			Location: outlet.ID, From: time.Date(2019, 4, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2019, 4, 28, 4, 0, 0, 0, time.UTC),
		}})
		require.NoError(t, err)
		for _, f := range found {
			require.Equal(t, "expired", f.Cause)
			require.NotEqual(t, uuid.Nil, f.Product)
			require.Negative(t, f.Cost)
			wasted += f.Quantity
		}
	}
	require.EqualValues(t, -want.Inventory.Waste, int64(wasted/money.One))
	verified(t, d)
	require.Equal(t, tally{Unchanged: int(want.Inventory.Rows)}, pastries())
}
