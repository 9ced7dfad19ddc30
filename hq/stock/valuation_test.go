package stock_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/money"
)

// Whatever moved: the value of the stock is what the movements left, each product at each location at its average, to the cent, by whatever
// it is added up.
func TestValuationIsThatOfTheMovements(t *testing.T) {
	d := open(t)
	rapid.Check(t, func(t *rapid.T) {
		_, err := d.Exec(ctx, `TRUNCATE stock.level, stock.movement`)
		require.NoError(t, err)
		products, groups := []uuid.UUID{syrup, sugar, tea}, []uuid.UUID{id("sweet"), id("sweet"), id("drinks")}
		places := []uuid.UUID{store.ID, depot.ID}
		type level struct{ location, product uuid.UUID }
		onHand, average := map[level]int64{}, map[level]int64{}
		for range rapid.IntRange(1, 20).Draw(t, "movements") {
			at := level{rapid.SampledFrom(places).Draw(t, "location"), rapid.SampledFrom(products).Draw(t, "product")}
			q := int64(rapid.IntRange(-5000, 9000).Draw(t, "quantity"))
			cost := int64(rapid.IntRange(1, 999).Draw(t, "cost"))
			m := stock.Movement{Location: at.location, Product: at.product, At: noon, Ref: uuid.New(), Reason: stock.Bought, Quantity: money.Quantity(q), UnitCost: money.Amount(cost)}
			if q <= 0 {
				m.Reason = stock.Sold
			} else {
				had := max(onHand[at], 0)
				average[at] = (had*average[at] + q*cost + (had+q)/2) / (had + q)
			}
			onHand[at] += q
			do(t, d, func(tx *db.Tx) error { return stock.Record(ctx, tx, []stock.Movement{m}) })
		}
		byPlace, byGroup, byProduct := map[uuid.UUID]money.Amount{}, map[uuid.UUID]money.Amount{}, map[uuid.UUID]money.Amount{}
		for at, q := range onHand {
			worth := money.Amount(average[at]).Mul(money.Quantity(q))
			byPlace[at.location] += worth
			byProduct[at.product] += worth
			for i, p := range products {
				if p == at.product {
					byGroup[groups[i]] += worth
				}
			}
		}
		found, err := stock.Valuation(ctx, d, places, products, groups)
		require.NoError(t, err)
		for _, v := range found {
			byPlace[v.Location] -= v.Cost
			byGroup[v.Group] -= v.Cost
		}
		each, err := stock.ValuationByProduct(ctx, d, places, nil)
		require.NoError(t, err)
		for _, v := range each {
			byProduct[v.Product] -= v.Cost
		}
		for _, left := range []map[uuid.UUID]money.Amount{byPlace, byGroup, byProduct} {
			for what, difference := range left {
				require.Zero(t, difference, "%s", what)
			}
		}
	})
}

func TestValuationSaysWhatHasNoCost(t *testing.T) {
	d := open(t)
	set(t, d, stock.Found{Location: store.ID, Product: tea, OnHand: 3 * money.One})
	found, err := stock.Valuation(ctx, d, []uuid.UUID{store.ID}, nil, nil)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, uuid.Nil, found[0].Group)
	require.Equal(t, stock.Value{OnHand: 13 * money.One, Cost: 5000, Unknown: 1}, found[0].Value)
	only, err := stock.ValuationByProduct(ctx, d, []uuid.UUID{store.ID}, []uuid.UUID{tea})
	require.NoError(t, err)
	require.Len(t, only, 1)
}

// What counts and people found is added up by cause, within its time, and is the sum of its movements.
func TestShrinkageIsThatOfTheMovements(t *testing.T) {
	d := open(t)
	adjust := func(product uuid.UUID, cause string, change money.Quantity, at time.Time) {
		do(t, d, func(tx *db.Tx) error {
			_, err := stock.Adjust(ctx, tx, stock.Adjustment{Location: store.ID, ID: uuid.New(), Product: product, By: david, At: at, Cause: cause, Note: "vu", Change: &change})
			return err
		})
	}
	adjust(syrup, "damaged", -1333, noon)
	adjust(syrup, "damaged", -2*money.One, noon.Add(time.Hour))
	adjust(syrup, "found", money.One, noon.Add(2*time.Hour))
	adjust(syrup, "lost", -4*money.One, noon.Add(24*time.Hour)) // another day
	count := stock.Count{
		Location: store.ID, Product: syrup, At: noon.Add(3 * time.Hour), Ref: uuid.New(), Till: uuid.New(), Epoch: 1, Seq: 1, Session: uuid.New(), By: david,
		Quantity: 5 * money.One, UnitCost: 500,
	}
	do(t, d, func(tx *db.Tx) error { return stock.Record(ctx, tx, nil, count) })
	spans := []stock.Span{{Location: store.ID, From: noon.Add(-12 * time.Hour), To: noon.Add(12 * time.Hour)}, {Location: depot.ID, From: noon, To: noon.Add(time.Hour)}}
	found, err := stock.ListShrinkage(ctx, d, spans)
	require.NoError(t, err)
	require.Len(t, found, 3)
	by := map[string]stock.Shrinkage{}
	for _, v := range found {
		by[v.Cause] = v
	}
	require.EqualValues(t, -667-1000, by["damaged"].Cost)
	require.EqualValues(t, -667-1000, by["damaged"].Missing)
	require.EqualValues(t, 500, by["found"].Extra)
	require.EqualValues(t, 5000-7667, by[stock.CauseCounted].Quantity)

	each, err := stock.ListFindings(ctx, d, spans, syrup)
	require.NoError(t, err)
	require.Len(t, each, 4)
	require.Equal(t, stock.CauseCounted, each[0].Cause)
	require.Equal(t, david, *each[0].By)
	require.Equal(t, "vu", each[1].Note)
	var sum, moved money.Amount
	for _, v := range found {
		sum += v.Cost
	}
	past, err := stock.Movements(ctx, d, stock.MovementFilter{Product: syrup, Locations: []uuid.UUID{store.ID}})
	require.NoError(t, err)
	for _, m := range past.Movements {
		if (m.Reason == stock.Mended || m.Reason == stock.Counted) && m.At.Before(spans[0].To) {
			moved += m.UnitCost.Mul(m.Quantity)
		}
	}
	require.Equal(t, moved, sum)
	none, err := stock.ListFindings(ctx, d, spans, tea)
	require.NoError(t, err)
	require.Empty(t, none)
}

// What lies and was not sold is dead, unless it only just came.
func TestUnsold(t *testing.T) {
	d := open(t) // all came an hour before noon
	list := func(sold []uuid.UUID, since time.Time) []stock.Unsold {
		found, err := stock.ListUnsold(ctx, d, depot.ID, sold, since)
		require.NoError(t, err)
		return found
	}
	found := list(nil, noon)
	require.Len(t, found, 2)
	require.Equal(t, syrup, found[0].Product, "the most valuable first")
	require.EqualValues(t, 70000, found[0].Cost)
	require.Equal(t, noon.Add(-time.Hour), found[0].Came.UTC())
	require.Len(t, list([]uuid.UUID{syrup, tea}, noon), 1)
	require.Empty(t, list(nil, noon.Add(-2*time.Hour)), "it had no time to be sold")
}

func TestCovered(t *testing.T) {
	d := open(t) // 10 syrup in the store
	covered := func(perDay money.Quantity, days int, more bool) []uuid.UUID {
		found, err := stock.Covered(ctx, d, []stock.Rate{{store.ID, syrup, perDay}, {store.ID, sugar, perDay}}, days, more)
		require.NoError(t, err)
		return found
	}
	require.Empty(t, covered(2*money.One, 5, false), "exactly five days")
	require.Equal(t, []uuid.UUID{syrup}, covered(2*money.One+1, 5, false))
	require.Empty(t, covered(2*money.One, 5, true))
	require.Equal(t, []uuid.UUID{syrup}, covered(2*money.One-1, 5, true))
}
