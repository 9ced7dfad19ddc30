package sales

import (
	"bufio"
	"compress/gzip"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/pgtest"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// perDay is the rate as docs/restock.md words it, of days, the oldest first.
func perDay(days []int64) money.Quantity {
	var weighted int64
	weeks := 0
	for w := range rateWeeks {
		for d := range 7 {
			if i := len(days) - 1 - 7*w - d; i >= 0 {
				weighted += days[i] * int64(rateWeeks-w)
				if days[i] > 0 {
					weeks = w + 1
				}
			}
		}
	}
	return rateOf(weighted, weeks)
}

// A steady product has its rate, however long it has been sold, and a new one is not held back by the weeks it was not there.
func TestRateOfSale(t *testing.T) {
	steady := func(days int) []int64 {
		all := make([]int64, 200)
		for i := range days {
			all[len(all)-1-i] = 3000
		}
		return all
	}
	for _, days := range []int{28, 35, 63, 91, 200} {
		require.EqualValues(t, 3000, perDay(steady(days)), days)
	}
	require.EqualValues(t, 3000*2*13/(7*(13+12+11+10)), perDay(steady(2)), "two good days are no rate")
	require.Zero(t, perDay(make([]int64, 200)))
	given := steady(28)
	given[199] = -500_000
	require.Zero(t, perDay(given), "more came back than was sold")
}

// What the database works out is the same.
func TestRatesAreThatOfTheirDays(t *testing.T) {
	d, ctx := pgtest.New(t), t.Context()
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	store, products := uuid.New(), make([]uuid.UUID, 40)
	want := map[uuid.UUID]money.Quantity{}
	for n := range products {
		products[n] = uuid.New()
		days := make([]int64, 120)
		for i := 3 * n; i < len(days); i += 1 + n%5 {
			days[i] = int64(1000 * (1 + (i*7+n*13)%9))
			if i%11 == 0 {
				days[i] = -2000
			}
			date := retail.DateOf(day.AddDate(0, 0, i-len(days)))
			_, err := d.Exec(ctx, `INSERT INTO sales.daily_product (store_id, business_date, product_id, units, revenue, cost) VALUES ($1, $2, $3, $4, 0, 0)`,
				store, date, products[n], days[i])
			require.NoError(t, err)
		}
		if rate := perDay(days); rate > 0 {
			want[products[n]] = rate
		}
	}
	for _, asked := range [][]uuid.UUID{products, nil} {
		rates, err := PerDay(ctx, d, []uuid.UUID{store, uuid.New()}, asked, retail.DateOf(day))
		require.NoError(t, err)
		require.Equal(t, want, rates[store])
		require.Equal(t, want[products[3]], rates.All(products[3]))
	}
	require.Greater(t, len(want), 30)
}

// How far the rate is off on the sales of a real chain, beside what is simplest: the mean of four weeks, and last week. Every seventh day
// it is asked for what each store will sell of each product over the days that a request is made for. docs/restock.md has the figures.
func TestRateOnRealSales(t *testing.T) {
	if os.Getenv("COMPTANT_DATA") == "" {
		t.Skip("skipped: no data")
	}
	sold, last := toys(t)
	mean := func(days int) func([]int64) money.Quantity {
		return func(all []int64) (sum money.Quantity) {
			for _, q := range all[len(all)-days:] {
				sum += money.Quantity(q)
			}
			return sum / money.Quantity(days)
		}
	}
	type forecast struct {
		name               string
		of                 func([]int64) money.Quantity
		absolute, squared  float64
		over, sold, number float64
	}
	every := 7
	if testing.Short() {
		every = 49
	}
	forecasts := []forecast{{name: "this rate", of: perDay}, {name: "mean of 28 days", of: mean(28)}, {name: "last week", of: mean(7)}}
	for _, days := range sold {
		for at := 182; at+retail.RestockDays <= last; at += every {
			var actual float64
			for _, q := range days[at : at+retail.RestockDays] {
				actual += float64(q) / float64(money.One)
			}
			for i := range forecasts {
				f := &forecasts[i]
				off := float64(f.of(days[:at])*retail.RestockDays)/float64(money.One) - actual
				f.absolute, f.squared, f.over = f.absolute+math.Abs(off), f.squared+off*off, f.over+off
				f.sold, f.number = f.sold+actual, f.number+1
			}
		}
	}
	for _, f := range forecasts {
		t.Logf("%-16s %.0f forecasts of %.1f units: off by %.1f %% of what was sold, %.1f units (root mean square), bias %+.1f %%",
			f.name, f.number, f.sold/f.number, 100*f.absolute/f.sold, math.Sqrt(f.squared/f.number), 100*f.over/f.sold)
	}
	for _, simple := range forecasts[1:] {
		require.Less(t, forecasts[0].absolute, simple.absolute, simple.name)
		require.Less(t, forecasts[0].squared, simple.squared, simple.name)
	}
}

// toys is what each store sold of each product by day, in thousandths, and how many days there are.
func toys(t *testing.T) (sold map[[2]string][]int64, days int) {
	f, err := os.Open(filepath.Join(os.Getenv("COMPTANT_DATA"), "toys", "sales.csv.gz"))
	require.NoError(t, err)
	defer f.Close()
	unzip, err := gzip.NewReader(f)
	require.NoError(t, err)
	const most = 638
	first := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)
	sold = map[[2]string][]int64{}
	lines := bufio.NewScanner(unzip)
	lines.Scan() // the headings: sale, date, store, product, units
	for lines.Scan() {
		fields := strings.Split(strings.TrimSpace(lines.Text()), ",")
		date, err := time.Parse(time.DateOnly, fields[1])
		require.NoError(t, err)
		units, err := strconv.ParseInt(fields[4], 10, 64)
		require.NoError(t, err)
		pair := [2]string{fields[2], fields[3]}
		if sold[pair] == nil {
			sold[pair] = make([]int64, most)
		}
		sold[pair][int(date.Sub(first).Hours()/24)] += units * int64(money.One)
	}
	require.NoError(t, lines.Err())
	return sold, most
}
