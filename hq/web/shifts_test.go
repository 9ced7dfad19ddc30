package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// A store's page has its shifts: the open one, what was over or short, and which Z its entries do not come to.
func TestAStoreShowsItsShifts(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	code, err := w.desk.NewCode(t.Context(), c.north.ID, 1)
	require.NoError(t, err)
	till := w.enrol(code).Till
	place := func(seq uint64) sales.Place {
		return sales.Place{Store: c.north.ID, Till: till, Epoch: 3, Seq: seq, At: sunday.Add(time.Duration(seq) * time.Minute), User: uuid.UUID{9}}
	}
	z := retail.ShiftClose{
		Number: 118, Shift: 1, BusinessDate: 20261122, Currency: "CAD", Opened: retail.ChainEnd{Epoch: 3, Seq: 2}, Float: 20000,
		Expected: 20000, Counted: 19915, Difference: -85,
	}
	wrong := z
	wrong.Number, wrong.Opened.Seq, wrong.Counted = 119, 4, 20000
	wrong.Totals.Tickets = 7
	w.tx(func(tx *db.Tx) error {
		return sales.RecordDrawer(t.Context(), tx, []sales.Drawer{
			{Place: place(2), Body: retail.ShiftOpen{Shift: 1, BusinessDate: 20261122, Float: 20000}},
			{Place: place(3), Body: z},
			{Place: place(4), Body: retail.ShiftOpen{Shift: 2, BusinessDate: 20261122, Float: 20000}},
			{Place: place(5), Body: wrong},
			{Place: place(6), Body: retail.ShiftOpen{Shift: 3, BusinessDate: 20261122, Float: money.Amount(15000)}},
		})
	})
	v := w.as(retail.RoleManager)
	status, page, _ := v.get("/stores/" + c.north.ID.String())
	require.Equal(t, http.StatusOK, status)
	for _, shown := range []string{"NO-01-3-Z0118", "NO-01-3-Z0119", "−0,85", "Quart ouvert", "ne correspond pas aux écritures"} {
		require.Contains(t, page, shown)
	}
	_, page, _ = v.get("/stores/" + c.south.ID.String())
	require.NotContains(t, page, "Quarts")
}
