package ledger

import (
	"testing"

	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

// The currency is what headquarters says of it, as long as one can pay with that.
func TestTheCurrencyIsAFeedRow(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	own, err := l.Currency(t.Context())
	require.NoError(t, err)
	canada, _ := retail.CurrencyOf(retail.DefaultCurrency)
	require.Equal(t, canada, own)
	h := newHQ(t, l, "global")
	told := canada
	told.CashStep = 10
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowCurrency, told.RowID(), told))))
	own, err = l.Currency(t.Context())
	require.NoError(t, err)
	require.Equal(t, told, own)
	told.CashStep = 0
	from := h.seq
	require.NoError(t, l.Publish(t.Context(), wire.Changes(h.page(from, h.row(retail.RowCurrency, told.RowID(), told)))))
	own, err = l.Currency(t.Context())
	require.NoError(t, err)
	require.Equal(t, canada, own, "nobody can pay with that")
}
