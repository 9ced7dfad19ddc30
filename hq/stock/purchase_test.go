package stock_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func goods(product uuid.UUID, units money.Quantity, cost money.Amount) stock.GoodsLine {
	return stock.GoodsLine{Product: product, Quantity: units * money.One, UnitCost: cost}
}

func expect(t require.TestingT, d *db.DB, lines ...stock.GoodsLine) (p stock.Purchase) {
	do(t, d, func(tx *db.Tx) (err error) {
		p, err = stock.Expect(ctx, tx, stock.NewPurchase{
			Location: depot.ID, ID: uuid.New(), By: david, At: noon, Supplier: " Érablière Roy ", Reference: "BL-881", Lines: lines,
		})
		return err
	})
	return p
}

func bring(d *db.DB, p stock.Purchase, at time.Time, lines ...stock.GoodsLine) (got stock.Delivery, err error) {
	err = d.InTx(ctx, func(tx *db.Tx) error {
		got, err = stock.Receive(ctx, tx, stock.Received{Location: p.Location, Purchase: p.ID, ID: uuid.New(), By: david, At: at, Lines: lines})
		return err
	})
	return got, err
}

func correct(d *db.DB, p stock.Purchase, wrong uuid.UUID, at time.Time, quantities map[uuid.UUID]money.Quantity) (got stock.Delivery, err error) {
	err = d.InTx(ctx, func(tx *db.Tx) error {
		got, err = stock.Correct(ctx, tx, stock.Correction{
			Location: p.Location, Purchase: p.ID, Delivery: wrong, ID: uuid.New(), By: david, At: at, Quantities: quantities, Note: " compté deux fois ",
		})
		return err
	})
	return got, err
}

func purchase(t require.TestingT, d *db.DB, p stock.Purchase) stock.Purchase {
	read, err := stock.OnePurchase(ctx, d, p.Location, p.ID)
	require.NoError(t, err)
	return read
}

// costOf is the average cost of a product at the warehouse.
func costOf(t require.TestingT, d *db.DB, product uuid.UUID) money.Amount {
	rows, err := stock.Matrix(ctx, d, []uuid.UUID{product})
	require.NoError(t, err)
	return rows[0].At[depot.ID].UnitCost
}

// Goods come in parts, more than was ordered, and what was not ordered; each moves the stock and the average cost of its moment.
func TestGoodsComeInParts(t *testing.T) {
	d := open(t)
	p := expect(t, d, goods(syrup, 40, 600), goods(sugar, 5, 310))
	require.Equal(t, "ACH-0001", p.Code)
	require.Equal(t, "Érablière Roy", p.Supplier)
	require.Equal(t, stock.PurchaseExpected, p.State())
	require.Equal(t, [2]money.Quantity{100, 0}, level(t, d, depot.ID, syrup), "expected is not there yet")

	first, err := bring(d, p, noon, goods(syrup, 25, 600))
	require.NoError(t, err)
	require.Equal(t, "REC-0001", first.Code)
	require.EqualValues(t, 15000, first.Value())
	require.Equal(t, [2]money.Quantity{125, 0}, level(t, d, depot.ID, syrup))
	require.EqualValues(t, 680, costOf(t, d, syrup), "100 at 7.00 and 25 at 6.00")
	p = purchase(t, d, p)
	require.Equal(t, stock.PurchasePart, p.State())
	open, err := stock.Purchases(ctx, d, stock.PurchaseFilter{Open: true, Location: depot.ID})
	require.NoError(t, err)
	require.Equal(t, []stock.Purchase{p}, open.Purchases)

	_, err = bring(d, p, noon.Add(time.Minute), goods(syrup, 20, 600), goods(sugar, 5, 310), goods(tea, 3, 900))
	require.NoError(t, err)
	p = purchase(t, d, p)
	require.Equal(t, stock.PurchaseReceived, p.State(), "five syrup more than ordered, and tea that was not")
	require.Equal(t, [2]money.Quantity{3, 0}, level(t, d, depot.ID, tea))
	require.EqualValues(t, 900, costOf(t, d, tea))
	require.EqualValues(t, 15000+12000+1550+2700, p.Value())
	open, err = stock.Purchases(ctx, d, stock.PurchaseFilter{Open: true})
	require.NoError(t, err)
	require.Empty(t, open.Purchases)
	past, err := stock.Movements(ctx, d, stock.MovementFilter{Product: syrup, Locations: []uuid.UUID{depot.ID}})
	require.NoError(t, err)
	require.Equal(t, &stock.Document{Code: "REC-0002", Location: depot.ID, ID: p.ID}, past.Movements[0].Document)
	require.Equal(t, stock.Bought, past.Movements[0].Reason)
	balanced(t, d)
}

func TestAPurchaseIsClosed(t *testing.T) {
	d := open(t)
	p := expect(t, d, goods(syrup, 40, 600))
	shut := func() error {
		return d.InTx(ctx, func(tx *db.Tx) error {
			_, err := stock.ClosePurchase(ctx, tx, p.Location, p.ID, noon)
			return err
		})
	}
	require.NoError(t, shut())
	require.Equal(t, stock.PurchaseClosed, purchase(t, d, p).State())
	refused(t, shut(), "purchase.closed")
	_, err := bring(d, p, noon, goods(syrup, 1, 600))
	refused(t, err, "purchase.closed")
}

// What is sent twice is done once, and what no document can have is refused.
func TestPurchasesAreCheckedAndMadeOnce(t *testing.T) {
	d := open(t)
	n := stock.NewPurchase{Location: depot.ID, ID: uuid.New(), By: david, At: noon, Supplier: "Roy", Lines: []stock.GoodsLine{goods(syrup, 2, 600)}}
	make := func(change func(*stock.NewPurchase)) error {
		n := n
		change(&n)
		return d.InTx(ctx, func(tx *db.Tx) error { _, err := stock.Expect(ctx, tx, n); return err })
	}
	for range 2 {
		require.NoError(t, make(func(*stock.NewPurchase) {}))
	}
	page, err := stock.Purchases(ctx, d, stock.PurchaseFilter{})
	require.NoError(t, err)
	require.Len(t, page.Purchases, 1)
	require.Len(t, page.Purchases[0].Lines, 1)
	for _, c := range []struct {
		key    string
		change func(*stock.NewPurchase)
	}{
		{"purchase.supplier_missing", func(n *stock.NewPurchase) { n.Supplier = "  " }},
		{"purchase.empty", func(n *stock.NewPurchase) { n.Lines = nil }},
		{"purchase.quantity", func(n *stock.NewPurchase) { n.Lines = []stock.GoodsLine{goods(syrup, 0, 1)} }},
		{"purchase.quantity", func(n *stock.NewPurchase) { n.Lines = []stock.GoodsLine{goods(syrup, -1, 1)} }},
		{"purchase.cost", func(n *stock.NewPurchase) { n.Lines = []stock.GoodsLine{goods(syrup, 1, -1)} }},
		{"restock.twice", func(n *stock.NewPurchase) { n.Lines = []stock.GoodsLine{goods(syrup, 1, 1), goods(syrup, 1, 2)} }},
		{"purchase.not_warehouse", func(n *stock.NewPurchase) { n.Location = store.ID }},
		{"location.unknown", func(n *stock.NewPurchase) { n.Location = uuid.New() }},
	} {
		refused(t, make(c.change), c.key)
	}
	r := stock.Received{Location: depot.ID, Purchase: n.ID, ID: uuid.New(), By: david, At: noon, Lines: n.Lines}
	for range 2 {
		do(t, d, func(tx *db.Tx) error { _, err := stock.Receive(ctx, tx, r); return err })
	}
	require.Equal(t, [2]money.Quantity{102, 0}, level(t, d, depot.ID, syrup))
	c := stock.Correction{Location: depot.ID, Purchase: n.ID, Delivery: r.ID, ID: uuid.New(), By: david, At: noon}
	for range 2 {
		do(t, d, func(tx *db.Tx) error { _, err := stock.Correct(ctx, tx, c); return err })
	}
	require.Equal(t, [2]money.Quantity{100, 0}, level(t, d, depot.ID, syrup))
	balanced(t, d)
}

// A delivery that was a mistake leaves neither stock nor a trace in the average cost, however small what was there before was.
func TestACorrectionUndoesADelivery(t *testing.T) {
	d := open(t)
	set(t, d, stock.Found{Location: depot.ID, Product: syrup, OnHand: 3 * money.One})
	p := expect(t, d, goods(syrup, 1000, 60))
	wrong, err := bring(d, p, noon, goods(syrup, 1000, 60))
	require.NoError(t, err)
	require.EqualValues(t, 62, costOf(t, d, syrup))
	right, err := bring(d, p, noon.Add(time.Minute), goods(syrup, 100, 600))
	require.NoError(t, err)
	require.EqualValues(t, 111, costOf(t, d, syrup))

	counter, err := correct(d, p, wrong.ID, noon.Add(time.Hour), nil)
	require.NoError(t, err)
	require.Equal(t, wrong.ID, counter.Corrects)
	require.Equal(t, "compté deux fois", counter.Note)
	require.EqualValues(t, -60000, counter.Value())
	require.Equal(t, [2]money.Quantity{103, 0}, level(t, d, depot.ID, syrup))
	require.EqualValues(t, 603, costOf(t, d, syrup), "3 at 7.00 and 100 at 6.00")
	p = purchase(t, d, p)
	require.Equal(t, 100*money.One, p.Lines[0].Received)
	require.EqualValues(t, 60000, p.Value())

	_, err = correct(d, p, wrong.ID, noon.Add(time.Hour), nil)
	refused(t, err, "delivery.nothing")
	_, err = correct(d, p, counter.ID, noon.Add(time.Hour), nil)
	refused(t, err, "delivery.unknown")
	_, err = correct(d, p, right.ID, noon.Add(time.Hour), map[uuid.UUID]money.Quantity{syrup: 100*money.One + 1})
	refused(t, err, "delivery.too_much")
	_, err = correct(d, p, right.ID, noon.Add(2*time.Hour), map[uuid.UUID]money.Quantity{syrup: 97 * money.One})
	require.NoError(t, err)
	require.Equal(t, [2]money.Quantity{6, 0}, level(t, d, depot.ID, syrup))
	require.EqualValues(t, 650, costOf(t, d, syrup), "3 at 7.00 and 3 at 6.00")
	balanced(t, d)
}

// Whatever comes, is taken back and leaves, and in whatever order it is taken back: stock is the sum, and the cost is that of a history in
// which nothing wrong was ever received.
func TestCorrectionsLeaveNoTrace(t *testing.T) {
	d := open(t)
	type came struct {
		at             time.Time
		delivery       uuid.UUID
		quantity, back money.Quantity
		cost           money.Amount
	}
	rapid.Check(t, func(t *rapid.T) {
		product := uuid.New()
		p := expect(t, d, goods(product, 1, 1))
		at := noon
		var history []came // a cost of 0 is what left
		for range rapid.IntRange(1, 12).Draw(t, "deeds") {
			at = at.Add(time.Second)
			units := money.Quantity(rapid.IntRange(1, 200).Draw(t, "units"))
			switch rapid.SampledFrom([]string{"bring", "correct", "leave"}).Draw(t, "deed") {
			case "bring":
				cost := money.Amount(rapid.IntRange(1, 5000).Draw(t, "cost"))
				got, err := bring(d, p, at, goods(product, units, cost))
				require.NoError(t, err)
				history = append(history, came{at, got.ID, units * money.One, 0, cost})
			case "leave":
				do(t, d, func(tx *db.Tx) error {
					return stock.Record(ctx, tx, []stock.Movement{{
						Location: depot.ID, Product: product, At: at, Ref: uuid.New(), Reason: stock.Mended, Quantity: -units * money.One,
					}})
				})
				history = append(history, came{at, uuid.Nil, -units * money.One, 0, 0})
			case "correct":
				left := slices.DeleteFunc(slices.Clone(history), func(c came) bool { return c.cost == 0 || c.back == c.quantity })
				if len(left) == 0 {
					continue
				}
				c := rapid.SampledFrom(left).Draw(t, "which")
				q := min(units*money.One, c.quantity-c.back)
				_, err := correct(d, p, c.delivery, at, map[uuid.UUID]money.Quantity{product: q})
				require.NoError(t, err)
				i := slices.IndexFunc(history, func(h came) bool { return h.delivery == c.delivery })
				history[i].back += q
			}
		}
		var onHand, cost int64
		corrected := slices.ContainsFunc(history, func(c came) bool { return c.back > 0 })
		for _, c := range history {
			q := int64(c.quantity - c.back)
			if c.cost > 0 && q > 0 {
				had := max(onHand, 0)
				cost = (had*cost + q*int64(c.cost) + (had+q)/2) / (had + q)
			}
			onHand += q
		}
		require.EqualValues(t, onHand/int64(money.One), level(t, d, depot.ID, product)[0])
		require.EqualValues(t, cost, costOf(t, d, product), "corrected: %v", corrected)
	})
	balanced(t, d)
}

func TestPurchasesArePaged(t *testing.T) {
	d := open(t)
	var want []uuid.UUID
	for range 5 {
		want = append(want, expect(t, d, goods(syrup, 1, 1)).ID)
	}
	purchases := func(f stock.PurchaseFilter) (got []uuid.UUID) {
		f.Limit = 2
		for range 5 {
			page, err := stock.Purchases(ctx, d, f)
			require.NoError(t, err)
			for _, p := range page.Purchases {
				got = append(got, p.ID)
			}
			if f.Before = page.Next; f.Before == "" {
				break
			}
		}
		return got
	}
	got := purchases(stock.PurchaseFilter{})
	require.ElementsMatch(t, want, got)
	slices.Reverse(got)
	require.Equal(t, got, purchases(stock.PurchaseFilter{Open: true, OldestFirst: true}))
	count, err := stock.CountOpenPurchases(ctx, d)
	require.NoError(t, err)
	require.Equal(t, 5, count)
	_, err = stock.OnePurchase(ctx, d, depot.ID, uuid.New())
	require.Equal(t, retail.NotFound, refused(t, err, "purchase.unknown").Code)
}
