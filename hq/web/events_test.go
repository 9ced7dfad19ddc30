package web

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestEventsComeAtOnceAndThenNotTooOften(t *testing.T) {
	north, south := uuid.New(), uuid.New()
	now := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	c := newChanges()
	due := func(after time.Duration) ([]string, time.Duration) { now = now.Add(after); return c.due(now) }

	events, next := due(0)
	require.Empty(t, events)
	require.Zero(t, next)
	c.add([]string{"sales:" + north.String(), "feed:global"})
	events, next = due(0)
	require.Equal(t, []string{eventSales, at(eventSales, north)}, events, "the first at once")
	require.Zero(t, next)

	// Another store sells: its own event does not wait for the first store's, the one for all stores does.
	c.add([]string{"sales:" + south.String(), "tills"})
	events, next = due(100 * time.Millisecond)
	require.Equal(t, []string{at(eventSales, south), eventTills}, events)
	require.Equal(t, settle-100*time.Millisecond, next)
	for range 50 {
		c.add([]string{"sales:" + north.String()})
	}
	events, next = due(settle - 101*time.Millisecond)
	require.Empty(t, events)
	require.Equal(t, time.Millisecond, next)
	events, next = due(time.Millisecond)
	require.Equal(t, []string{eventSales, at(eventSales, north)}, events, "once, however often it happened")
	require.Zero(t, next)
}
