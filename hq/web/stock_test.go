package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// What one store sent another is in transit on the stock page and among the shipments, until it is received.
func TestTransfersAreSeenOnTheirWay(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	sent := stock.Transfer{
		From: c.north.ID, To: c.south.ID, ID: uuid.New(), At: sunday.Add(-time.Hour), Till: uuid.UUID{1}, Epoch: 1, Seq: 2,
		Lines: []retail.StockLine{{Product: c.soap.ID, Quantity: 7 * money.One}},
		Cost:  func(uuid.UUID) money.Amount { return 250 },
	}
	w.tx(func(tx *db.Tx) error { return stock.TakeTransfer(t.Context(), tx, sent) })
	code := retail.TransferCode(sent.ID)
	v := w.as(retail.RoleManager)
	status, page, _ := v.get("/stock?product=" + c.soap.ID.String())
	require.Equal(t, http.StatusOK, status)
	for _, shown := range []string{code, "Nord → Sud", "Expédié " + code, "<b>7</b>"} {
		require.Contains(t, page, shown)
	}
	_, page, _ = v.get("/stock?product=" + c.syrup.ID.String())
	require.NotContains(t, page, code)
	_, page, _ = v.get("/restock")
	require.Contains(t, page, code)
	require.Contains(t, page, "Nord → Sud")

	w.tx(func(tx *db.Tx) error {
		return stock.ReceiveShipment(t.Context(), tx, stock.Receipt{
			Location: c.south.ID, Shipment: sent.ID, At: sunday, Entry: make([]byte, 32), Till: uuid.UUID{2}, Epoch: 1, Seq: 9, Lines: sent.Lines,
		})
	})
	_, page, _ = v.get("/stock?product=" + c.soap.ID.String())
	require.NotContains(t, page, "Nord → Sud")
	_, page, _ = v.get("/restock")
	require.Contains(t, page, "Nord → Sud")
}
