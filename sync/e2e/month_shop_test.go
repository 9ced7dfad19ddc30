package e2e_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/terminal/lane"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// shop is a till and what its cashiers remember: each document they handed over, and what went over the counter.
type shop struct {
	dir   string
	zone  *time.Location
	staff map[string]uuid.UUID
	// gap is how far the shop's clock is ahead of the bubble's, left when the month was over.
	gap  time.Duration
	left time.Time
	// planned is the moment from which one of the goods has another price.
	planned time.Time
	// at is the till while it is open.
	at *lane.Lane

	printed []document
	// drawer is the cash that is in it, perpetual what was ever sold less what was given back, closed the Zs.
	drawer, perpetual money.Amount
	closed            []retail.ShiftClose

	sold     [monthGoods]money.Quantity
	requests []uuid.UUID
}

// document is a sale or refund, as the customer and headquarters have it.
type document struct {
	Number int64
	Total  money.Amount
	Refund bool
}

func newShop(t *testing.T, dir string) *shop {
	zone, err := time.LoadLocation("America/Toronto")
	require.NoError(t, err)
	return &shop{dir: dir, zone: zone, staff: map[string]uuid.UUID{}}
}

// config opens the till with a clock, and a network; nil is the real one.
func (s *shop) config(t *testing.T, now func() time.Time, dial func(context.Context, string, string) (net.Conn, error)) lane.Config {
	log := slog.New(slog.NewTextHandler(logWriter{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	return lane.Config{Dir: s.dir, Log: log, Now: now, Dial: dial}
}

// now is the shop's time, in its zone, inside the bubble.
func (s *shop) now() time.Time { return time.Now().Add(s.gap).In(s.zone) }

// noLine is the network of the month.
func noLine(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no line") }

// day is from eight to eight, in two shifts: one cashier's until two in the afternoon, when the till is restarted for the
// other's.
func (s *shop) day(t *testing.T, day, sales int) {
	now := s.now()
	time.Sleep(time.Date(now.Year(), now.Month(), now.Day()+1, 8, 0, 0, 0, s.zone).Sub(now))
	pause := 12 * time.Hour / time.Duration(sales+1)
	s.work(t, stays, func() { s.sellMany(t, sales/2, pause) })
	s.work(t, goes, func() {
		s.sellMany(t, sales-sales/2, pause)
		s.refund(t)
		s.toTheSafe(t)
		s.lookAround(t)
		s.request(t)
	})
}

// work starts the till for a shift of a cashier and closes both again.
func (s *shop) work(t *testing.T, name string, do func()) {
	l, err := fleet.Connect(t.Context(), s.config(t, s.now, noLine))
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	s.at = l.Lane
	require.NoError(t, s.at.Till.SignIn(t.Context(), s.staff[name], pin))
	require.False(t, s.at.Till.Shift().Open(), "the last cashier closed theirs")
	s.openShift(t)
	before := len(s.printed)
	do()
	s.closeShift(t, l, before)
}

const monthFloat = 20000

func (s *shop) openShift(t *testing.T) {
	require.NoError(t, s.at.Till.OpenShift(t.Context(), monthFloat))
	require.Equal(t, uint64(len(s.closed)+1), s.at.Till.Shift().Number)
	s.drawer = monthFloat
}

// closeShift counts the drawer, in which one coin in three shifts is missing, and compares the Z with what the hands did.
func (s *shop) closeShift(t *testing.T, l *fleet.Till, before int) {
	var short money.Amount
	if len(s.closed)%3 == 0 {
		short = 5
	}
	z, err := l.CloseShift(t.Context(), s.drawer-short)
	require.NoError(t, err)
	require.NoError(t, <-z.Printed)
	s.closed = append(s.closed, z.Z)
	require.Equal(t, retail.ZCode("CV", 1, z.Epoch, uint64(len(s.closed))), z.Code, "Zs have no gap")
	var tickets, refunds uint64
	for _, d := range s.printed[before:] {
		if s.perpetual += d.Total; d.Refund {
			refunds++
		} else {
			tickets++
		}
	}
	require.Equal(t, []uint64{tickets, refunds}, []uint64{z.Z.Totals.Tickets, z.Z.Totals.Refunds})
	require.Equal(t, []money.Amount{s.drawer, -short, s.perpetual}, []money.Amount{z.Z.Expected, z.Z.Difference, z.Z.Perpetual})
	require.NoError(t, z.Z.Check())
}

// toTheSafe takes a part of what is in the drawer out of it.
func (s *shop) toTheSafe(t *testing.T) {
	require.NoError(t, s.at.Till.CashMove(t.Context(), -10000, retail.CashSafe, ""))
	s.drawer -= 10000
}

func (s *shop) sellMany(t *testing.T, sales int, pause time.Duration) {
	for range sales {
		time.Sleep(pause)
		s.sell(t)
	}
}

// sell sells one to three products, paid in turn in cash and by card.
func (s *shop) sell(t *testing.T) {
	ctx, at, n := t.Context(), s.at.Till, len(s.printed)
	for i := range 1 + n%3 {
		good, units := (n*7+i)%monthGoods, 1+n%2
		scanned, err := at.Scan(ctx, []string{"", "2*"}[units-1]+sku(good))
		require.NoError(t, err)
		require.True(t, scanned.Known)
		if s.left.IsZero() {
			require.Equal(t, s.price(good), scanned.Product.Price, "what headquarters had planned, from its moment on")
		}
		s.sold[good] += money.Quantity(units) * money.One
	}
	p, err := at.StartPayment()
	require.NoError(t, err)
	if n%2 == 0 {
		s.drawer += p.LeftInCash
		p, err = at.TenderCash(ctx, p.Turn, p.LeftInCash+500)
	} else {
		p, err = at.TenderCard(ctx, p.Turn, p.Left, "083214", "4417")
	}
	require.NoError(t, err)
	require.NoError(t, <-p.Sold.Printed)
	require.Equal(t, retail.ReceiptCode("CV", 1, p.Sold.Receipt.Epoch, uint64(n+1)), p.Sold.Code, "receipts have no gap")
	s.printed = append(s.printed, document{int64(p.Sold.Receipt.Number), p.Sold.Receipt.Sale.Total, false})
}

// refund takes back one unit of the first line of the newest receipt.
func (s *shop) refund(t *testing.T) {
	ctx, at := t.Context(), s.at.Till
	receipts, err := at.Receipts(ctx, till.ReceiptFilter{Limit: 1})
	require.NoError(t, err)
	newest := receipts[0]
	r, err := at.Refundable(ctx, newest.Epoch, newest.Number)
	require.NoError(t, err)
	done, err := at.Refund(ctx, r, parts(1), inCash, "brisé", till.Approval{})
	require.NoError(t, err)
	require.Equal(t, retail.ReceiptCode("CV", 1, newest.Epoch, uint64(len(s.printed)+1)), done.Code)
	s.drawer -= done.Refund.Total + done.Refund.Rounding
	s.sold[(len(s.printed)-1)*7%monthGoods] -= money.One
	s.printed = append(s.printed, document{int64(done.Number), -done.Refund.Total, true})
}

// lookAround sees what it would with a line: the stock to the unit, the day's receipts, who works here.
func (s *shop) lookAround(t *testing.T) {
	ctx, at := t.Context(), s.at.Till
	for i := range monthGoods {
		found, _, err := at.Search(ctx, sku(i), 1)
		require.NoError(t, err)
		require.Len(t, found, 1)
		stock, err := at.Stock(ctx, found[0].Product.ID)
		require.NoError(t, err)
		require.Equal(t, s.onShelf(i), stock.Stock.Here, sku(i))
		require.Equal(t, s.price(i), stock.Product.Price, sku(i))
	}
	receipts, err := at.Receipts(ctx, till.ReceiptFilter{Day: at.Shift().BusinessDate, Limit: 1})
	require.NoError(t, err)
	again, err := at.Reprint(ctx, receipts[0])
	require.NoError(t, err)
	require.NoError(t, <-again)
	staff, err := at.Staff(ctx)
	require.NoError(t, err)
	require.Len(t, staff, 2)
	require.False(t, s.at.Network().Online)
}

// request asks for goods, and sees that they are asked for.
func (s *shop) request(t *testing.T) {
	ctx, at := t.Context(), s.at.Till
	p, _ := s.product(t, s.at, len(s.requests)%monthGoods)
	made, err := at.RequestRestock(ctx, []retail.StockLine{{Product: p.ID, Quantity: 12 * money.One}})
	require.NoError(t, err)
	s.requests = append(s.requests, made.ID)
	all, err := at.Restocks(ctx, 100)
	require.NoError(t, err)
	require.Len(t, all, len(s.requests))
}

// price is what headquarters said before the line was cut.
func (s *shop) price(good int) money.Amount {
	if good == planned && !s.now().Before(s.planned) {
		return plannedPrice
	}
	return money.Amount(100 + good)
}

// onShelf is what must be left of a product.
func (s *shop) onShelf(good int) money.Quantity { return monthOpening*money.One - s.sold[good] }

// product is one of the goods as the till knows it.
func (s *shop) product(t *testing.T, at *lane.Lane, good int) (retail.Product, bool) {
	p, known, err := at.Ledger.ByCode(t.Context(), sku(good))
	require.NoError(t, err)
	return p, known
}
