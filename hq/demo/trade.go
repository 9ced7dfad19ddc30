package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/shared/money"
)

// seed makes every demo the same.
const seed = 0x636f6d7074616e74

// salesPerDay is what all stores sell on an average day, in receipts: 40,000 in 90 days.
const salesPerDay = 445

// What weekdays (from Sunday) and hours (from 8 to 20) are to the average one. Both have a mean of 1.
var (
	weekdays = [7]float64{1.13, 0.80, 0.84, 0.90, 0.95, 1.13, 1.25}
	hours    = [13]float64{0.55, 0.84, 0.98, 1.19, 1.40, 1.15, 1.05, 1.06, 1.19, 1.29, 1.12, 0.72, 0.46}
)

const (
	opensAt = 8
	// changeover is when the afternoon's cashier takes over.
	changeover = 14*time.Hour + 30*time.Minute
	// closesAt is when the afternoon's cashier has counted.
	closesAt = 21*time.Hour + 10*time.Minute
	// growth is what a year adds to the sales.
	growth = 0.06
)

// lineCounts says how many receipts in a hundred have 1, 2, ... 8 lines.
var lineCounts = [8]float64{21, 23, 18, 13, 10, 7, 5, 3}

// random is a generator of its own for each part of the demo, so that a change in one leaves the others as they were.
func random(part string) *rand.Rand {
	key := uuid.NewSHA1(namespace, []byte("random "+part))
	var n uint64
	for _, b := range key[8:] {
		n = n<<8 | uint64(b)
	}
	return rand.New(rand.NewPCG(seed, n))
}

// wheel draws numbers by weight.
type wheel []float64

func newWheel(weights []float64) wheel {
	w, sum := make(wheel, len(weights)), 0.0
	for i, v := range weights {
		sum += v
		w[i] = sum
	}
	return w
}

func (w wheel) spin(r *rand.Rand) int {
	i, _ := slices.BinarySearchFunc(w, r.Float64()*w[len(w)-1], cmp.Compare[float64])
	return min(i, len(w)-1)
}

// market says what customers of a store want, when, and how they pay.
type market struct {
	goods assortment
	wants wheel // by index in goods.products
	lines wheel
	hours wheel
}

// pick is a quantity of a product, by its index in the assortment.
type pick struct {
	product  int
	quantity money.Quantity
}

func newMarket(goods assortment) market {
	r := random("wants")
	weights := make([]float64, len(goods.products))
	for i, p := range goods.products {
		// Some sell better than others for no reason that shows, and what costs little sells better than what costs much.
		weights[i] = 0.7 * math.Exp(r.NormFloat64()*0.8) * min(1, math.Pow(500/float64(p.Price), 0.9))
		switch {
		case p.Favourite > 0:
			weights[i] = 90 / math.Sqrt(float64(p.Favourite)+1)
		case pinned[p.Name.FR] != nil:
			weights[i] = 5
		case p.MadeHere || p.Weighed:
			weights[i] += 3
		}
	}
	return market{goods: goods, wants: newWheel(weights), lines: newWheel(lineCounts[:]), hours: newWheel(hours[:])}
}

// basket is what one customer takes: one to eight products.
func (m market) basket(r *rand.Rand) []pick {
	picks := make([]pick, 0, len(lineCounts))
	for n := m.lines.spin(r) + 1; len(picks) < n; {
		product := m.wants.spin(r)
		if slices.ContainsFunc(picks, func(p pick) bool { return p.product == product }) {
			continue
		}
		picks = append(picks, pick{product, m.quantity(r, product)})
	}
	return picks
}

var timbits = [...]money.Quantity{1, 6, 10, 10, 20, 40}

func (m market) quantity(r *rand.Rand, product int) money.Quantity {
	p := m.goods.products[product]
	switch n := r.IntN(100); {
	case p.Weighed:
		return money.Quantity(300 + 10*r.IntN(180))
	case p.Price < 50: // sold by the handful
		return timbits[r.IntN(len(timbits))] * money.One
	case n < 80 || p.Price > 2000:
		return money.One
	case n < 94:
		return 2 * money.One
	case n < 98:
		return 3 * money.One
	default:
		return 4 * money.One
	}
}

// visits are the times at which customers reach a till during one day, which begins at midnight in the store's zone.
// share is the till's part of all sales, years how long after the beginning.
func (m market) visits(r *rand.Rand, midnight time.Time, share, years float64) []time.Time {
	mean := salesPerDay * share * weekdays[midnight.Weekday()] * (1 + growth*years)
	n := int(math.Round(mean * (1 + 0.12*r.NormFloat64())))
	at := make([]time.Time, 0, max(n, 0))
	for range n {
		// The clock and not the hours since midnight, because a day of the year has 23 and one has 25.
		y, month, d := midnight.Date()
		at = append(at, time.Date(y, month, d, opensAt+m.hours.spin(r), r.IntN(60), r.IntN(60), r.IntN(1000)*1e6, midnight.Location()))
	}
	slices.SortFunc(at, time.Time.Compare)
	return at
}
