package stock_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
)

var moved = time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC)

func move(location, product uuid.UUID, reason stock.Reason, q money.Quantity, cost money.Amount) stock.Movement {
	return stock.Movement{Location: location, Product: product, At: moved, Ref: uuid.New(), Reason: reason, Quantity: q, UnitCost: cost}
}

func record(d *db.DB, movements ...stock.Movement) error {
	ctx := context.Background()
	return d.InTx(ctx, func(tx *db.Tx) error { return stock.Record(ctx, tx, movements) })
}

func levelOf(t require.TestingT, d *db.DB, location, product uuid.UUID) (level stock.LevelRow) {
	ctx := context.Background()
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) (err error) {
		level, err = stock.Level(ctx, tx, location, product)
		return err
	}))
	return level
}

// Levels are the sums of the movements, in whatever order and batches they come.
func TestLevelsAreSums(t *testing.T) {
	d := pgtest.New(t)
	products := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	rapid.Check(t, func(t *rapid.T) {
		location := uuid.New()
		want := map[uuid.UUID]money.Quantity{}
		for range rapid.IntRange(1, 4).Draw(t, "batches") {
			var batch []stock.Movement
			for range rapid.IntRange(0, 6).Draw(t, "movements") {
				p := rapid.SampledFrom(products).Draw(t, "product")
				q := money.Quantity(rapid.IntRange(-5000, 5000).Draw(t, "quantity"))
				r := rapid.SampledFrom([]stock.Reason{stock.Opening, stock.Sold, stock.Arrived, stock.Mended}).Draw(t, "reason")
				batch = append(batch, move(location, p, r, q, 100))
				want[p] += q
			}
			require.NoError(t, record(d, batch...))
		}
		for _, p := range products {
			require.Equal(t, want[p], levelOf(t, d, location, p).OnHand)
		}
	})
}

// Many transactions that touch the same levels wait for each other and lose nothing.
func TestConcurrentMovements(t *testing.T) {
	d := pgtest.New(t)
	location := uuid.New()
	products := make([]uuid.UUID, 20)
	for i := range products {
		products[i] = uuid.New()
	}
	var group sync.WaitGroup
	failed := make(chan error, 200)
	for range 8 {
		group.Go(func() {
			for range 10 {
				var batch []stock.Movement
				for _, i := range rand.Perm(len(products)) {
					batch = append(batch, move(location, products[i], stock.Sold, -1000, 50))
				}
				failed <- record(d, batch...)
			}
		})
	}
	group.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	for _, p := range products {
		require.EqualValues(t, -80_000, levelOf(t, d, location, p).OnHand)
	}
}

func TestAverageCost(t *testing.T) {
	d := pgtest.New(t)
	location, product := uuid.New(), uuid.New()
	for _, c := range []struct {
		reason stock.Reason
		q      money.Quantity
		cost   money.Amount
		want   money.Amount
	}{
		{stock.Opening, 10_000, 100, 100},
		{stock.Sold, -5_000, 100, 100},
		{stock.Bought, 5_000, 200, 150},
		{stock.Back, 1_000, 999, 150},    // what comes back moves no cost
		{stock.Sold, -20_000, 150, 150},  // now below zero
		{stock.Arrived, 500, 80, 80},     // which weighs nothing
		{stock.Bought, -500, 3, 80},      // a correction neither
		{stock.Mended, 30_000, 7, 80},    // nor a person's
		{stock.Arrived, 20_000, 101, 90}, // 21 at 80 and 20 at 101 are 41 at 90.24
	} {
		require.NoError(t, record(d, move(location, product, c.reason, c.q, c.cost)))
		require.Equal(t, c.want, levelOf(t, d, location, product).UnitCost, "%+v", c)
	}
}

func TestNothingIsCountedTwice(t *testing.T) {
	d := pgtest.New(t)
	m := move(uuid.New(), uuid.New(), stock.Sold, -1000, 0)
	require.NoError(t, record(d, m))
	require.Error(t, record(d, m))
	require.EqualValues(t, -1000, levelOf(t, d, m.Location, m.Product).OnHand)
}

func TestFiguresOutOfRangeAreRefused(t *testing.T) {
	d := pgtest.New(t)
	l, p := uuid.New(), uuid.New()
	for _, m := range []stock.Movement{
		move(l, p, stock.Sold, math.MinInt64, 0), move(l, p, stock.Sold, math.MaxInt64, 0), move(l, p, stock.Bought, 1000, math.MaxInt64),
	} {
		require.Error(t, record(d, m))
	}
	require.Zero(t, levelOf(t, d, l, p).OnHand)
}

func TestStaleLevelsAreTakenOnce(t *testing.T) {
	ctx := t.Context()
	d := pgtest.New(t)
	l, p := uuid.New(), uuid.New()
	require.NoError(t, record(d, move(l, p, stock.Opening, 1000, 10), move(l, uuid.New(), stock.Opening, 1000, 10)))
	take := func() (rows []stock.LevelRow) {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) (err error) {
			rows, err = stock.TakeStale(ctx, tx, l)
			return err
		}))
		return rows
	}
	require.Len(t, take(), 2)
	require.Empty(t, take())
	require.NoError(t, record(d, move(l, p, stock.Sold, -1000, 10)))
	rows := take()
	require.Len(t, rows, 1)
	require.Zero(t, rows[0].OnHand)
	require.Equal(t, stock.DefaultThresholds, rows[0].Thresholds)
}

func TestCosts(t *testing.T) {
	ctx := t.Context()
	d := pgtest.New(t)
	l, known, free := uuid.New(), uuid.New(), uuid.New()
	require.NoError(t, record(d, move(l, known, stock.Opening, 1000, 42), move(l, free, stock.Sold, -1000, 0)))
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		costs, err := stock.Costs(ctx, tx, l, []uuid.UUID{known, free, uuid.New()})
		require.Equal(t, map[uuid.UUID]money.Amount{known: 42}, costs)
		return err
	}))
}
