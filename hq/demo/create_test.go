package demo

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// now is a Sunday afternoon in Montréal.
var now = time.Date(2026, 11, 22, 19, 32, 8, 0, time.UTC)

// days is as short as a history can be with every restock request in it.
const days = 10

func TestCreate(t *testing.T) {
	d := pgtest.New(t)
	o := Options{Now: now, Days: days, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	var done, total int
	o.Progress = func(d, t int) { done, total = d, t }
	created, err := Create(t.Context(), d, o)
	require.NoError(t, err)
	require.True(t, created)
	require.Equal(t, total, done)
	sound(t, d)

	t.Run("trade", func(t *testing.T) {
		for _, s := range shops() {
			var tickets, revenue, last float64
			require.NoError(t, d.QueryRow(t.Context(), `
				SELECT sum(tickets), sum(revenue) / 100, max(business_date) FROM sales.hourly WHERE store_id = $1`, s.ID).
				Scan(&tickets, &revenue, &last))
			require.InEpsilon(t, salesPerDay*s.share*(days+0.6), tickets, 0.12, s.Name)
			require.InDelta(t, 23, revenue/tickets, 4, "the average basket of %s, in dollars", s.Name)
			require.EqualValues(t, 20261122, last)
		}
		require.Positive(t, count(t, d, `SELECT count(*) FROM sales.document WHERE refund`))
		require.Positive(t, count(t, d, `SELECT count(*) FROM sales.document WHERE cash > 0 AND rounding <> 0`))
		require.Zero(t, count(t, d, `SELECT count(*) FROM sales.document WHERE at > $1`, now))
		require.Positive(t, count(t, d, `SELECT sum(amount)::bigint FROM sales.daily_charge WHERE code = 'CONSIGNE-10'`))
		require.Positive(t, count(t, d, `SELECT count(*) FROM catalog.product WHERE rule_group <> ''`))
	})
	t.Run("shifts", func(t *testing.T) {
		desk := intake.New(d, slog.New(slog.DiscardHandler), func() time.Time { return now })
		var closed, uneven int
		for _, s := range shops() {
			all, err := desk.Shifts(t.Context(), intake.ShiftFilter{Store: s.ID, Most: 10_000})
			require.NoError(t, err)
			open := map[uuid.UUID]int{}
			for _, of := range all {
				require.True(t, of.Agrees)
				if of.ClosedAt == nil {
					open[of.Till]++
					continue
				}
				closed++
				if of.Difference() != 0 {
					uneven++
					require.Less(t, max(of.Difference(), -of.Difference()), money.Amount(200))
				}
			}
			for _, n := range open {
				require.Equal(t, 1, n, "only the last is open")
			}
		}
		require.Greater(t, closed, 2*days*len(shops()))
		require.Positive(t, uneven)
		require.Less(t, uneven, closed/3)
		require.Positive(t, count(t, d, `SELECT count(*) FROM sales.cash_move`))
	})
	t.Run("stock", func(t *testing.T) {
		goods, err := readGoods()
		require.NoError(t, err)
		names := map[uuid.UUID]string{}
		for _, p := range goods.products {
			names[p.ID] = p.Name.FR
		}
		codes := map[uuid.UUID]string{depot().ID: warehouse}
		for _, s := range shops() {
			codes[s.ID] = s.Code
		}
		rows, err := d.Query(t.Context(), `SELECT location_id, product_id, on_hand / 1000 FROM stock.level`)
		require.NoError(t, err)
		var location, product uuid.UUID
		var units, negative, out, low, over, shown int
		_, err = pgx.ForEachRow(rows, []any{&location, &product, &units}, func() error {
			if want, ok := pinned[names[product]][codes[location]]; ok {
				require.Equal(t, want, units, "%s at %s", names[product], codes[location])
				shown++
			}
			switch {
			case units < 0:
				negative++
			case units < 15:
				out++
			case units < 25:
				low++
			case units > 65 && codes[location] != warehouse:
				over++
			}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, len(pinned)*6, shown, "every pinned product is sold")
		require.Equal(t, 2, negative)
		require.InDelta(t, 60, out, 40)
		require.InDelta(t, 120, low, 60)
		require.InDelta(t, 35, over, 30)
		require.Zero(t, count(t, d, `SELECT count(*) FROM stock.movement WHERE reason = $1 AND quantity < 0`, stock.Opening))
	})
	t.Run("restock", func(t *testing.T) {
		page, err := stock.Restocks(t.Context(), d, stock.RestockFilter{})
		require.NoError(t, err)
		states := map[retail.RestockState]int{}
		for _, r := range page.Restocks {
			states[r.State]++
		}
		require.Equal(t, map[retail.RestockState]int{
			retail.RestockRequested: 4, retail.RestockApproved: 1, retail.RestockRefused: 1, retail.RestockShipped: 1, retail.RestockReceived: 1,
		}, states)
		coming, err := stock.Shipments(t.Context(), d, stock.ShipmentFilter{Location: id("location", centre), OnTheWay: true})
		require.NoError(t, err)
		require.Len(t, coming.Shipments, 1)
	})
	t.Run("sign-in", func(t *testing.T) {
		sessions := users.NewSessions(d, time.Now)
		for _, s := range SignIns() {
			if s.Email == "" || s.Role == retail.RoleEmployee {
				continue
			}
			_, who, err := sessions.SignIn(t.Context(), s.Email, s.Password, "test", "127.0.0.1")
			require.NoError(t, err, s.Name)
			require.Equal(t, s.Role, who.Role)
		}
	})
	t.Run("again", func(t *testing.T) {
		before := count(t, d, `SELECT count(*) FROM journal.entry`)
		o.Now = now.Add(24 * time.Hour)
		created, err := Create(t.Context(), d, o)
		require.NoError(t, err)
		require.False(t, created)
		require.Equal(t, before, count(t, d, `SELECT count(*) FROM journal.entry`))
	})
}

// An interrupted demo is completed to the end it was to have, with every entry once.
func TestCreateGoesOnAfterAnInterruption(t *testing.T) {
	d := pgtest.New(t)
	o := Options{Now: now, Days: days, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	ctx, interrupt := context.WithCancel(t.Context())
	var total int
	o.Progress = func(done, of int) {
		if total = of; done > of/2 {
			interrupt()
		}
	}
	_, err := Create(ctx, d, o)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, count(t, d, `SELECT count(*) FROM journal.entry`), int64(total))

	o.Now, o.Progress = now.Add(time.Hour), nil
	created, err := Create(t.Context(), d, o)
	require.NoError(t, err)
	require.True(t, created)
	require.EqualValues(t, total, count(t, d, `SELECT count(*) FROM journal.entry`))
	sound(t, d)
}

// sound says that reports and stock equal journals that verify, and that there is nothing in them for a person to look at.
func sound(t *testing.T, d *db.DB) {
	t.Helper()
	desk := intake.New(d, slog.New(slog.DiscardHandler), func() time.Time { return now })
	faults, err := desk.Verify(t.Context(), uuid.Nil)
	require.NoError(t, err)
	require.Empty(t, faults)
	require.Zero(t, count(t, d, `SELECT count(*) FROM journal.flag`))
	require.Zero(t, count(t, d, `SELECT count(*) FROM journal.deferred`))
}

func count(t *testing.T, d *db.DB, sql string, args ...any) (n int64) {
	t.Helper()
	require.NoError(t, d.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// The same seed makes the same journals.
func TestJournalsAreTheSameEveryTime(t *testing.T) {
	goods, err := readGoods()
	require.NoError(t, err)
	midnight := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	write := func() []entry {
		l := newLane(shops()[0], 1, id("till", "one"), newMarket(goods), newShelf(midnight).sold)
		require.NoError(t, l.open(midnight))
		require.NoError(t, l.day(midnight, 0, now))
		require.NoError(t, l.settle())
		require.Greater(t, len(l.entries), 20)
		return l.entries
	}
	require.Equal(t, write(), write())
}
