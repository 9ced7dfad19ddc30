package ledger

import (
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// What this till sent is listed at once, and as headquarters tells it as soon as it does; what other tills sent is there too.
func TestTransfersAreListed(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sent := retail.TransferOut{ID: uuid.Must(uuid.NewV7()), To: coffee, Lines: []retail.StockLine{{Product: timbit, Quantity: 7000}}}
	_, err := l.Commit(t.Context(), till.Draft{Kind: journal.KindTransferOut, Body: func(uint64) any { return sent }})
	require.NoError(t, err)
	require.NoError(t, l.Close())
	l = f.open(t)
	list, err := l.Transfers(t.Context(), 9)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, []any{sent.ID, coffee, false, []retail.SentLine{{Product: timbit, Sent: 7000}}},
		[]any{list[0].ID, list[0].To, list[0].Received, list[0].Lines})

	h := newHQ(t, l, "store")
	told := list[0]
	told.Received, told.Lines[0].Received = true, 5000
	other := retail.Sent{ID: uuid.Must(uuid.NewV7()), To: coffee, At: told.At - 1}
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowSent, told.ID, told), h.row(retail.RowSent, other.ID, other))))
	list, err = l.Transfers(t.Context(), 9)
	require.NoError(t, err)
	require.Equal(t, []retail.Sent{told, other}, list)
	list, err = l.Transfers(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, list, 1)
}
