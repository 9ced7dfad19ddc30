package ui

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEventsComeAtOnceAndThenNotTooOften(t *testing.T) {
	now := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	c := newChanges(func(topic string) []string {
		switch topic {
		case "sales:north":
			return []string{"sales", "sales-north"}
		case "sales:south":
			return []string{"sales", "sales-south"}
		case "tills":
			return []string{"tills"}
		}
		return nil
	})
	due := func(after time.Duration) ([]string, time.Duration) { now = now.Add(after); return c.due(now) }

	events, next := due(0)
	require.Empty(t, events)
	require.Zero(t, next)
	c.add([]string{"sales:north", "feed:global"})
	events, next = due(0)
	require.Equal(t, []string{"sales", "sales-north"}, events, "the first at once")
	require.Zero(t, next)

	// Another store sells: its own event does not wait for the first store's, the one for all stores does.
	c.add([]string{"sales:south", "tills"})
	events, next = due(100 * time.Millisecond)
	require.Equal(t, []string{"sales-south", "tills"}, events)
	require.Equal(t, settle-100*time.Millisecond, next)
	for range 50 {
		c.add([]string{"sales:north"})
	}
	events, next = due(settle - 101*time.Millisecond)
	require.Empty(t, events)
	require.Equal(t, time.Millisecond, next)
	events, next = due(time.Millisecond)
	require.Equal(t, []string{"sales", "sales-north"}, events, "once, however often it happened")
	require.Zero(t, next)
}
