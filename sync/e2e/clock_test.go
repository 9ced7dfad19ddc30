package e2e_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"comptant/sync/e2e/fleet"
	"comptant/terminal/lane"

	"github.com/stretchr/testify/require"
)

// A machine starts with a clock that is three hours fast, and sells before it hears headquarters: both find out, and in the
// end every sale is dated by when it was made.
func TestAClockThatIsWrongUntilHeadquartersIsHeard(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	hq := headquarters(t)
	database := connect(t, hq)
	began := time.Now()
	c := openCounter(t, hq, 1)
	c.sell()
	require.NoError(t, c.Until(ctx, func() (bool, error) { return c.Ledger.Certain(), nil }))
	require.NoError(t, c.Drained(ctx))
	dir := c.Dir
	require.NoError(t, c.Close())

	const fast = 3 * time.Hour
	l, err := lane.Open(ctx, lane.Config{
		Dir: dir, App: fleet.App, Log: slog.New(slog.NewTextHandler(logWriter{t}, nil)),
		Now: func() time.Time { return time.Now().Add(fast) },
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	c.Till = &fleet.Till{Lane: l, Dir: dir}
	staff, err := l.Till.Staff(ctx)
	require.NoError(t, err)
	for _, s := range staff {
		if s.Name == cashier {
			require.NoError(t, c.Work(ctx, s.ID, pin))
		}
	}
	c.sell()
	c.sell()
	require.False(t, l.Ledger.Certain())

	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- l.Run(run) }()
	require.NoError(t, c.Until(ctx, func() (bool, error) { return l.Ledger.Certain(), nil }))
	require.InDelta(t, (-fast).Seconds(), l.Network().Offset.Seconds(), 60)
	c.sell()
	require.NoError(t, c.Drained(ctx))
	stop()
	require.NoError(t, <-ended)

	var corrections, sales, rightly int
	require.NoError(t, database.QueryRow(ctx, `SELECT count(*) FROM journal.clock WHERE till_id = $1`, l.Till.Identity().Till).Scan(&corrections))
	require.Equal(t, 1, corrections)
	require.NoError(t, database.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE at BETWEEN $2 AND $3) FROM sales.document WHERE till_id = $1`,
		l.Till.Identity().Till, began, time.Now()).Scan(&sales, &rightly))
	require.Equal(t, []int{4, 4}, []int{sales, rightly})
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}
