package till_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// copied is a journal that is copied elsewhere by itself.
type copied struct {
	*memoryJournal
	at time.Time
}

func (c copied) LastBackup(context.Context) (time.Time, error) { return c.at, nil }

func TestStatusTellsOfDiskAndBackupWhereTheyAreKnown(t *testing.T) {
	w := newWorld(t)
	s, err := w.Status(t.Context())
	require.NoError(t, err)
	require.False(t, s.DiskKnown || s.BackupKnown || s.DiskLow())
	at := w.clock.Add(-3 * time.Hour)
	free := int64(1 << 40)
	w.Till, err = till.New(till.Config{
		Journal: copied{w.journal, at}, Catalogue: w.goods, Book: w.book, Tickets: w.tickets, Counts: w.counts, Tries: w.tries, Printer: w.printer,
		Network: func() till.Network { return w.network }, Ask: w.book.ask, Find: w.book.find, Disk: func() (int64, bool) { return free, true },
		Now: func() time.Time { return w.clock }, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	s, err = w.Status(t.Context())
	require.NoError(t, err)
	require.True(t, s.BackupKnown)
	require.Equal(t, at, s.Backup)
	require.Equal(t, free, s.Free)
	require.False(t, s.DiskLow())
	free = 1 << 20
	s, err = w.Status(t.Context())
	require.NoError(t, err)
	require.True(t, s.DiskLow())
}
