package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"comptant/hq/pgtest"
	"comptant/hq/server"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// The month's store has two people, and goods enough that their stock stays above zero.
const (
	monthGoods   = 40
	monthOpening = 5000
	stays, goes  = "Alice", "Bruno"
)

// A till loses its line on the first day and has it again a month later. Nothing changes for the cashier meanwhile, though
// headquarters changes prices and sends somebody away; in the end each side has exactly what the other has.
//
// The days without a line pass in a bubble of synctest: the till's own timers run, and no hour takes an hour. A connection
// through the kernel would keep the bubble's clock from moving, so the line comes back outside of it.
func TestAMonthOffline(t *testing.T) {
	days, sales := 30, 1000
	if testing.Short() {
		days, sales = 3, 100
	}
	m := newMonth(t, days)
	start := time.Now().Round(0) // without the reading of a clock that the bubble does not have
	synctest.Test(t, func(t *testing.T) {
		m.shop.gap = time.Until(start)
		for day := range days {
			m.shop.day(t, day, sales)
			if day == days/3 {
				m.changePrices(t)
				m.sendAway(t)
			}
		}
		m.shop.left = m.shop.now()
	})
	require.WithinDuration(t, start.AddDate(0, 0, days), m.shop.left, 24*time.Hour, "the days passed, for the shop")
	m.reconnect(t, days, sales)
}

// month is a headquarters in this process, and the shop whose till is cut off.
type month struct {
	hq       *fleet.HQ
	database *pgx.Conn
	// ahead is how far headquarters' clock is ahead of this machine's, in nanoseconds.
	ahead atomic.Int64
	shop  *shop
}

// newMonth furnishes a store, enrols its till and waits until that has everything it needs, also the prices of half the days
// later.
func newMonth(t *testing.T, days int) *month {
	t.Helper()
	ctx := t.Context()
	m := &month{hq: &fleet.HQ{Bin: program(t, "hq"), Home: home(t), DatabaseURL: pgtest.DurableURL(t)}}
	hq, err := server.New(ctx, server.Config{
		Database: server.Database{URL: m.hq.DatabaseURL}, Listen: "127.0.0.1:0", Version: "test",
		Log: slog.New(slog.NewTextHandler(logWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Now: func() time.Time { return time.Now().Add(time.Duration(m.ahead.Load())) },
	})
	require.NoError(t, err)
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- hq.Run(serving) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	m.hq.Listen = hq.Addr()
	m.database, err = pgx.Connect(ctx, m.hq.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = m.database.Close(ctx) })

	m.load(t, "stores", "store,name,zone\nCV,Magasin Centre-Ville,America/Toronto\n")
	m.load(t, "products", priceList(100))
	var stock strings.Builder
	for i := range monthGoods {
		fmt.Fprintf(&stock, "CV,%s,%d\n", sku(i), monthOpening)
	}
	m.load(t, "stock", "store,sku,quantity\n"+stock.String())
	for _, name := range []string{stays, goes} {
		m.command(t, "user", "add", "--name", name, "--role", "supervisor", "--store", "CV", "--pin", pin)
	}
	m.shop = newShop(t, filepath.Join(t.TempDir(), "till"))
	now := time.Now().In(m.shop.zone)
	m.shop.planned = time.Date(now.Year(), now.Month(), now.Day()+days/2+1, 17, 0, 0, 0, m.shop.zone)
	m.command(t, "prices", "add", fmt.Sprintf("%s=%s", sku(planned), money.Amount(plannedPrice).Plain("en")),
		"--from", m.shop.planned.Format(time.DateTime))
	require.NoError(t, fleet.Enrol(ctx, m.hq, m.shop.dir, "CV", 1))
	l, err := fleet.Connect(ctx, m.shop.config(t, time.Now, nil))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	require.NoError(t, l.Until(ctx, func() (bool, error) {
		everything := true
		for i := range monthGoods {
			p, known := m.shop.product(t, l.Lane, i)
			s, err := l.Ledger.StockOf(ctx, p.ID)
			require.NoError(t, err)
			everything = everything && known && s.Here == monthOpening*money.One
		}
		staff, err := l.Lane.Till.Staff(ctx)
		for _, s := range staff {
			m.shop.staff[s.Name] = s.ID
		}
		if err != nil {
			return false, err
		}
		next, err := l.Ledger.NextPrices(ctx)
		return everything && len(staff) == 2 && next.From.Equal(m.shop.planned), err
	}))
	require.NoError(t, l.Drained(ctx))
	require.NoError(t, l.Close())
	return m
}

func (m *month) command(t *testing.T, args ...string) {
	t.Helper()
	out, err := m.hq.Command(t.Context(), args...)
	require.NoError(t, err, out)
}

func (m *month) load(t *testing.T, kind, csv string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), kind+".csv")
	require.NoError(t, os.WriteFile(path, []byte(csv), 0o644))
	m.command(t, "import", kind, path, "--apply")
}

// priceList has the goods with prices from so many cents on.
func priceList(from int) string {
	var b strings.Builder
	b.WriteString("sku,name,price,tax\n")
	for i := range monthGoods {
		fmt.Fprintf(&b, "%s,Article %d,%d.%02d,taxable\n", sku(i), i, (from+i)/100, (from+i)%100)
	}
	return b.String()
}

func sku(i int) string { return fmt.Sprintf("A%03d", i) }

const (
	// raised is by how much headquarters raises every price in the middle of the month, in cents; the till does not hear of it.
	raised = 500
	// planned is the one of the goods whose price was planned before the line was cut, plannedPrice the price, in cents.
	planned, plannedPrice = 3, 321
)

func (m *month) changePrices(t *testing.T) { m.load(t, "products", priceList(100+raised)) }

func (m *month) sendAway(t *testing.T) { m.command(t, "user", "disable", m.shop.staff[goes].String()) }

// reconnect gives the till its line back and compares everything.
func (m *month) reconnect(t *testing.T, days, sales int) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m.ahead.Store(int64(time.Until(m.shop.left)))
	now := func() time.Time { return time.Now().Add(time.Duration(m.ahead.Load())) }
	l, err := fleet.Connect(ctx, m.shop.config(t, now, nil))
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	require.NoError(t, l.Drained(ctx))
	require.NoError(t, l.Until(ctx, func() (bool, error) {
		staff, err := l.Lane.Till.Staff(ctx)
		p, _ := m.shop.product(t, l.Lane, monthGoods-1)
		return len(staff) == 1 && p.Price == 100+monthGoods-1+raised, err
	}))
	for i := range monthGoods {
		p, _ := m.shop.product(t, l.Lane, i)
		want := money.Amount(100 + i + raised)
		if i == planned { // from a later moment than the raise
			want = plannedPrice
		}
		require.Equal(t, want, p.Price)
	}
	failure := new(retail.Error)
	require.ErrorAs(t, l.Lane.Till.SignIn(ctx, m.shop.staff[goes], pin), &failure)
	require.Equal(t, till.KeySignInUnknown, failure.Key)
	require.NoError(t, l.Lane.Till.SignIn(ctx, m.shop.staff[stays], pin))
	m.shop.at = l.Lane
	m.shop.openShift(t)
	m.shop.sell(t)
	m.shop.closeShift(t, l, len(m.shop.printed)-1)
	require.NoError(t, l.Drained(ctx))

	require.Len(t, m.shop.printed, days*(sales+1)+1, "a refund a day, and a sale on the line")
	require.Len(t, m.shop.closed, 2*days+1, "two shifts a day, and one on the line")
	m.compareDocuments(t)
	m.compareStock(t)
	m.compareRequests(t, days)
	m.compareEntries(t)
	waiting, err := l.Ledger.Waiting(ctx)
	require.NoError(t, err)
	require.Zero(t, waiting)
	m.command(t, "journal", "verify")
}

// compareDocuments finds at headquarters each receipt that was handed over, once, without a gap, to the cent.
func (m *month) compareDocuments(t *testing.T) {
	t.Helper()
	rows, err := m.database.Query(t.Context(), `SELECT number, total, refund FROM sales.document ORDER BY number, epoch, branch`)
	require.NoError(t, err)
	documents, err := pgx.CollectRows(rows, pgx.RowToStructByPos[document])
	require.NoError(t, err)
	require.Equal(t, m.shop.printed, documents)
	for i, d := range documents {
		require.Equal(t, int64(i+1), d.Number)
	}
}

// compareStock wants both sides to have what the hands of the cashiers left.
func (m *month) compareStock(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	for i := range monthGoods {
		p, _ := m.shop.product(t, m.shop.at, i)
		here, err := m.shop.at.Ledger.StockOf(ctx, p.ID)
		require.NoError(t, err)
		want := m.shop.onShelf(i)
		require.Equal(t, want, here.Here, "%s at the till", sku(i))
		var there int64
		require.NoError(t, m.database.QueryRow(ctx, `SELECT on_hand FROM stock.level WHERE product_id = $1`, p.ID).Scan(&there))
		require.Equal(t, want, money.Quantity(there), "%s at headquarters", sku(i))
	}
}

func (m *month) compareRequests(t *testing.T, days int) {
	t.Helper()
	rows, err := m.database.Query(t.Context(), `SELECT id FROM stock.restock`)
	require.NoError(t, err)
	there, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	require.NoError(t, err)
	require.Len(t, there, days)
	require.ElementsMatch(t, m.shop.requests, there)
}

// compareEntries counts: nothing is missing, doubled, put off or doubted.
func (m *month) compareEntries(t *testing.T) {
	t.Helper()
	epochs, err := m.shop.at.Ledger.Epochs(t.Context())
	require.NoError(t, err)
	require.Len(t, epochs, 1, "no restart opened another epoch")
	var entries, heads uint64
	require.NoError(t, m.database.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM journal.entry), (SELECT sum(seq)::bigint FROM journal.branch)`).
		Scan(&entries, &heads))
	require.Equal(t, []uint64{epochs[0].Last, epochs[0].Last}, []uint64{entries, heads})
	rows, err := m.database.Query(t.Context(), `
		SELECT code || ' ' || seq || ': ' || detail FROM journal.flag UNION ALL SELECT 'deferred ' || seq || ': ' || reason FROM journal.deferred
		UNION ALL SELECT 'hole at ' || last FROM journal.hole`)
	require.NoError(t, err)
	doubts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Empty(t, doubts)
}
