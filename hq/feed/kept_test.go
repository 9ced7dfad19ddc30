package feed_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/pgtest"
)

func TestWhatIsKeptIsReadAgainWhenItsTopicIsMarked(t *testing.T) {
	d := pgtest.New(t)
	n := feed.NewNotifier(d, slog.New(slog.DiscardHandler))
	reads, value := 0, "a"
	during := func() {}
	k := feed.Keep(n, "letters", func(_ context.Context, key int) (string, error) {
		reads++
		was := value
		during()
		if key == 0 {
			return was, errors.New("there is none")
		}
		return was, nil
	})
	get := func(key int, want string, read int) {
		t.Helper()
		got, err := k.Get(ctx, key)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, read, reads)
	}
	mark := func(topic string) {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { feed.Mark(tx, topic); return nil }))
	}
	get(1, "a", 1)
	value = "b"
	get(1, "a", 1)
	mark("numbers")
	get(1, "a", 1)
	mark("letters")
	get(1, "b", 2)
	_, err := k.Get(ctx, 0)
	require.Error(t, err)
	_, err = k.Get(ctx, 0)
	require.Error(t, err)
	require.Equal(t, 4, reads, "an error is not kept")

	// What was read before a change is not kept after it.
	mark("letters")
	during = func() { value = "c"; mark("letters") }
	get(1, "b", 5)
	during = func() {}
	get(1, "c", 6)
	get(1, "c", 6)
}

// Another process's marks come by notification.
func TestWhatIsKeptIsReadAgainWhenAnotherProcessMarks(t *testing.T) {
	d := pgtest.New(t)
	n := feed.NewNotifier(d, slog.New(slog.DiscardHandler))
	heard := make(chan struct{}, 100)
	value := make(chan string, 1)
	value <- "a"
	k := feed.Keep(n, "letters", func(context.Context, int) (string, error) {
		v := <-value
		value <- v
		return v, nil
	})
	n.Subscribe(func(topics []string) { heard <- struct{}{} }) // after k's
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- n.Run(run) }()
	got, err := k.Get(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, "a", got)
	<-value
	value <- "b"
	for got != "b" { // until it listens, nobody hears
		_, err := d.Exec(ctx, `SELECT pg_notify('comptant', E'another\nletters')`)
		require.NoError(t, err)
		select {
		case <-heard:
		case <-time.After(50 * time.Millisecond):
		}
		got, err = k.Get(ctx, 1)
		require.NoError(t, err)
	}
	stop()
	require.NoError(t, <-ended)
}
