package feed_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/pgtest"
)

var ctx = context.Background()

// process is a notifier as another HQ process has one, and what it hears.
func process(t *testing.T, d *db.DB) chan string {
	t.Helper()
	n := feed.NewNotifier(d, slog.New(slog.DiscardHandler))
	heard := make(chan string, 10_000)
	n.Subscribe(func(topics []string) {
		for _, topic := range topics {
			heard <- topic
		}
	})
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- n.Run(running) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	return heard
}

// next is what a process hears next; nothing within a minute is a failure.
func next(t *testing.T, heard <-chan string) string {
	t.Helper()
	select {
	case topic := <-heard:
		return topic
	case <-time.After(time.Minute):
		t.Fatal("nothing was heard")
		return ""
	}
}

func TestMarksReachEverySubscriber(t *testing.T) {
	d := pgtest.New(t)
	heard := process(t, d)
	name := feed.Store(uuid.New())
	publish(t, d, name, row(uuid.New(), "1"))
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		for i := range 500 { // more than one notification can carry
			feed.Mark(tx, fmt.Sprintf("sales:%s:%d", name, i))
		}
		return nil
	}))
	missing := map[string]bool{name: true}
	for i := range 500 {
		missing[fmt.Sprintf("sales:%s:%d", name, i)] = true
	}
	for len(missing) > 0 {
		delete(missing, next(t, heard))
	}
}

// listens waits until the process hears the others. The statement shows before it holds, and what is sent in between is
// lost; what a process says itself it hears without.
func listens(t *testing.T, d *db.DB) {
	t.Helper()
	for {
		var listeners int
		require.NoError(t, d.QueryRow(ctx, `
			SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN comptant' AND state = 'idle'`).Scan(&listeners))
		if listeners == 1 {
			return
		}
	}
}

// A program that runs no notifier tells those that do, once, of everything it changed.
func TestACommandTellsWhatItChanged(t *testing.T) {
	d := pgtest.New(t)
	heard := process(t, d)
	listens(t, d)
	other, err := db.Open(ctx, d.Config().ConnString(), slog.New(slog.DiscardHandler), db.Options{AllowUnsafe: true})
	require.NoError(t, err)
	defer other.Close()
	send := feed.Tell(other, slog.New(slog.DiscardHandler))
	require.NoError(t, other.InTx(ctx, func(tx *db.Tx) error {
		feed.Mark(tx, "sales:x") // no poll finds that
		return nil
	}))
	require.NoError(t, send(ctx))
	require.Equal(t, "sales:x", next(t, heard))
}

// What another process says arrives through Postgres alone.
func TestOtherProcessesHear(t *testing.T) {
	d := pgtest.New(t)
	heard := process(t, d)
	listens(t, d)
	_, err := d.Exec(ctx, `SELECT pg_notify('comptant', $1)`, "another process\nsales:1\nsales:2")
	require.NoError(t, err)
	require.Equal(t, "sales:1", next(t, heard))
	require.Equal(t, "sales:2", next(t, heard))
}

// A writer that dies after its commit and before its notification is found by looking.
func TestALostNotificationIsFound(t *testing.T) {
	d := pgtest.New(t)
	name := feed.Store(uuid.New())
	publish(t, d, name, row(uuid.New(), "1"))
	heard := process(t, d)
	require.Equal(t, name, next(t, heard), "what was there before it began")
	_, err := d.Exec(ctx, `UPDATE feed.head SET seq = seq + 1 WHERE feed = $1`, name)
	require.NoError(t, err)
	require.Equal(t, name, next(t, heard))
}
