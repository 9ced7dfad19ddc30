package lane_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"comptant/shared/retail"
	"comptant/terminal/lane"
	"comptant/terminal/printer/emulator"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// A printer takes another's place while the till runs, once it has printed a test page there.
func TestThePrinterChangesWhileTheTillRuns(t *testing.T) {
	p := emulator.New(48)
	defer p.Unplug()
	address, err := p.Listen()
	require.NoError(t, err)
	dir := enrolled(t)
	l := open(t, dir)
	require.NoError(t, l.TestPrinter(t.Context(), ""))
	pages, err := filepath.Glob(filepath.Join(dir, "receipts", "test-*.pdf"))
	require.NoError(t, err)
	require.Len(t, pages, 1)
	require.NoError(t, l.TestPrinter(t.Context(), "tcp://"+address))
	require.Len(t, p.Seen().Cut(), 1)
	require.NoError(t, p.Err())
	require.NotEmpty(t, l.Paper(retail.Receipt{}), "receipts still go to files")
	require.Error(t, l.TestPrinter(t.Context(), "tcp://127.0.0.1:1"), "nobody is there")

	var seen *retail.Error
	require.ErrorAs(t, l.UsePrinter("lpt1"), &seen)
	require.Equal(t, till.KeySettingPrinter, seen.Key)
	require.NotEmpty(t, l.Paper(retail.Receipt{}), "as before")
	changed := make(chan struct{}, 1)
	l.OnChange(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	require.NoError(t, l.UsePrinter("tcp://"+address))
	require.Empty(t, l.Paper(retail.Receipt{}))
	require.NoError(t, l.TestPrinter(t.Context(), "tcp://"+address))
	require.Len(t, p.Seen().Cut(), 2)
	<-changed // also of the new one
	require.Error(t, lane.CheckPrinter(dir, "lpt1", slog.New(slog.DiscardHandler)))
	require.NoError(t, lane.CheckPrinter(dir, "", slog.New(slog.DiscardHandler)))
}
