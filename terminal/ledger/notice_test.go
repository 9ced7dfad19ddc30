package ledger

import (
	"testing"

	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestReceiptsCarryWhatHeadquartersSays(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	flagged, other, fine := sell(t, l), sell(t, l), sell(t, l)
	id := uuid.UUID(flagged.Hash[:16])
	note := retail.Notice{Entry: chainEnd(100, flagged.Seq, flagged.Hash), Code: "unknown-product", At: day.UnixMilli()}
	forged := note // named like the second, and about the first
	rows := []wire.Row{h.row(retail.RowNotice, id, note), h.row(retail.RowNotice, uuid.UUID(other.Hash[:16]), forged)}
	require.NoError(t, l.Publish(t.Context(), h.page(0, rows...)))
	receipts, err := l.Receipts(t.Context(), till.ReceiptFilter{Limit: 3})
	require.NoError(t, err)
	require.Equal(t, []string{"", "", "unknown-product"}, []string{receipts[0].Notice, receipts[1].Notice, receipts[2].Notice})
	require.Equal(t, fine, receipts[0].Written)
	one, err := l.Receipt(t.Context(), 100, flagged.Number)
	require.NoError(t, err)
	require.Equal(t, "unknown-product", one.Notice)

	// The matter is settled.
	from := h.seq
	gone := h.row(retail.RowNotice, id, nil)
	require.NoError(t, l.Publish(t.Context(), h.page(from, gone)))
	one, err = l.Receipt(t.Context(), 100, flagged.Number)
	require.NoError(t, err)
	require.Empty(t, one.Notice)
}
