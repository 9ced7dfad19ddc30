package web_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// The inbox has what must be looked at, whatever part of the product it is from, and nothing when all is well.
func TestExceptionsAreInOnePlace(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	set := func(units money.Quantity) {
		w.tx(func(tx *db.Tx) error {
			return stock.Set(t.Context(), tx, sunday.Add(-time.Hour), uuid.New(), []stock.Found{{Location: c.south.ID, Product: c.syrup.ID, OnHand: units * money.One}})
		})
	}
	set(5)
	_, page, _ := v.get("/exceptions")
	require.Contains(t, page, "Rien à regarder")

	set(-9)
	code, err := w.desk.NewCode(t.Context(), c.north.ID, 1)
	require.NoError(t, err)
	till := w.enrol(code).Till
	closed := func(seq, z uint64, date retail.Date, counted money.Amount) sales.Drawer {
		return sales.Drawer{
			Place: sales.Place{Store: c.north.ID, Till: till, Epoch: 3, Seq: seq, At: sunday, User: uuid.UUID{9}},
			Body: retail.ShiftClose{
				Number: z, Shift: 1, BusinessDate: date, Currency: "CAD", Opened: retail.ChainEnd{Epoch: 3, Seq: seq - 1},
				Expected: 20000, Counted: counted, Difference: counted - 20000,
			},
		}
	}
	w.tx(func(tx *db.Tx) error {
		return sales.RecordDrawer(t.Context(), tx, []sales.Drawer{
			closed(3, 117, 20261112, 1), closed(5, 118, 20261122, 19915), closed(7, 119, 20261122, 20000), closed(9, 120, 20261116, 20010),
		})
	})
	o := w.place(c.north, approved, 1, c.syrup)
	_, err = w.db.Exec(t.Context(), `UPDATE orders.placed SET tries = 6, due_at = $2 WHERE id = $1`, o.ID, sunday.Add(time.Hour))
	require.NoError(t, err)

	_, page, _ = v.get("/exceptions")
	for _, shown := range []string{"Stock sous zéro", "Sirop d’érable", "−9", "Écarts de caisse", "NO-01-3-Z0118", "22\u00a0nov. 2026", "−0,85", "NO-01-3-Z0120", "Commandes bloquées", o.Code} {
		require.Contains(t, page, shown)
	}
	require.NotContains(t, page, "Z0119", "that drawer was right")
	require.NotContains(t, page, "Z0117", "that is old, and in the report")
}

// Of more levels below zero than are listed, the worst are, in whatever order the products are.
func TestTheWorstLevelsBelowZeroAreListed(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	var found []stock.Found
	w.tx(func(tx *db.Tx) error {
		var products []catalog.Product
		for i := range 25 {
			p := c.soap
			p.ID, p.SKU, p.Barcodes = uuid.NewSHA1(uuid.Nil, []byte{byte(i)}), "S"+strconv.Itoa(100+i), nil
			products = append(products, p)
			found = append(found, stock.Found{Location: c.north.ID, Product: p.ID, OnHand: money.Quantity(-1000-i) * money.One})
		}
		if _, err := catalog.PutProducts(t.Context(), tx, sunday, products); err != nil {
			return err
		}
		return stock.Set(t.Context(), tx, sunday, uuid.New(), found)
	})
	_, page, _ := w.as(retail.RoleManager).get("/exceptions")
	for i := range 25 {
		require.Equal(t, i >= 5, strings.Contains(page, "S"+strconv.Itoa(100+i)+"<"), i)
	}
	require.Less(t, strings.Index(page, "S124<"), strings.Index(page, "S105<"))
}
