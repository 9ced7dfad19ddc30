package till_test

import (
	"log/slog"
	"testing"
	"time"

	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
)

func TestStatusTellsOfTheDiskWhereItIsKnown(t *testing.T) {
	w := newWorld(t)
	s, err := w.Status(t.Context())
	require.NoError(t, err)
	require.False(t, s.DiskKnown || s.DiskLow())
	free := int64(1 << 40)
	w.Till, err = till.New(till.Config{
		Journal: w.journal, Catalogue: tilltest.Catalogue{Of: w.goods}, Book: w.book, Tickets: w.tickets, Counts: w.counts, Picks: w.picks, Tries: w.tries, Customers: w.people,
		Printer: w.printer, Find: w.book.Find,
		Network: func() till.Network { return w.network }, Ask: w.book.Ask, Disk: func() (int64, bool) { return free, true },
		Now: func() time.Time { return w.clock }, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	s, err = w.Status(t.Context())
	require.NoError(t, err)
	require.False(t, s.BackupKnown, "nobody copies it")
	require.Equal(t, free, s.Free)
	require.False(t, s.DiskLow())
	free = 1 << 20
	s, err = w.Status(t.Context())
	require.NoError(t, err)
	require.True(t, s.DiskLow())
}
