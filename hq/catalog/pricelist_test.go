package catalog

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
)

// Books that are read again and say the same make no product be read again; whatever is another in them does.
func TestBooksSayTheSameSinceTheyFirstDid(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	id := uuid.New()
	says := func(minute int, change func(*books)) books {
		b := books{read: noon.Add(time.Duration(minute) * time.Minute), version: 3, from: noon, until: new(noon.Add(time.Hour)), prices: map[uuid.UUID]money.Amount{id: 5}}
		if change != nil {
			change(&b)
		}
		return b
	}
	l := &PriceList{}
	minute := 0
	// saying says of books that are read a minute later since when they are found to say so.
	saying := func(change func(*books)) int {
		minute++
		return int(l.remember(says(minute, change)).since.Sub(noon) / time.Minute)
	}
	since := 1
	require.Equal(t, since, saying(nil))
	require.Equal(t, since, saying(nil))
	for _, change := range []func(*books){
		func(b *books) { b.version++ },
		func(b *books) { b.from = noon.Add(-time.Hour) },
		func(b *books) { b.until = nil },
		func(b *books) { b.until = new(noon.Add(2 * time.Hour)) },
		func(b *books) { b.prices = map[uuid.UUID]money.Amount{} }, // they are in the rows now
		func(b *books) { b.prices[id] = 6 },
	} {
		since = minute + 1
		require.Equal(t, since, saying(change))
		since++
		require.Equal(t, since, saying(nil))
		require.Equal(t, since, saying(nil))
	}
}
