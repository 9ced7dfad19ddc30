package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/users"
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
	_, page, _ = v.get("/restock?list=sent")
	require.Contains(t, page, code)
	require.Contains(t, page, "Nord → Sud")

	w.tx(func(tx *db.Tx) error {
		return stock.ReceiveShipment(t.Context(), tx, stock.Receipt{
			Location: c.south.ID, Shipment: sent.ID, At: sunday, Entry: make([]byte, 32), Till: uuid.UUID{2}, Epoch: 1, Seq: 9, Lines: sent.Lines,
		})
	})
	_, page, _ = v.get("/stock?product=" + c.soap.ID.String())
	require.NotContains(t, page, "Nord → Sud")
	_, page, _ = v.get("/restock?list=sent")
	require.Contains(t, page, "Nord → Sud")
}

// What orders were promised is on hand, and not available: on the page and in its file, and of a person's own stores alone.
func TestPromisedStockIsNotAvailable(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.place(c.depot, approved, 4, c.syrup)
	w.place(c.north, approved, 2, c.syrup)
	// sums are in transit, promised, available and suggested, of the syrup.
	sums := func(v visitor) []string {
		_, page, _ := v.get("/stock?q=sirop")
		require.Contains(t, page, "n’est pas retiré", "what is not taken off")
		cells := regexp.MustCompile(`<span class="cell-text">([^<]+)</span>`).FindAllStringSubmatch(page, -1)
		var last []string
		for _, c := range cells[len(cells)-4:] {
			last = append(last, c[1])
		}
		return last
	}
	manager := w.as(retail.RoleManager)
	require.Equal(t, []string{"–", "6", "663", "12"}, sums(manager), "640 + 31 - 2, less what was promised")
	_, file, _ := manager.get("/stock.csv?q=sirop")
	require.Contains(t, file, ";640,000;31,000;-2,000;0,000;6,000;663,000;12,000;\r\n")
	w.narrow(retail.RoleEmployee, c.south)
	require.Equal(t, []string{"–", "4", "634", "12"}, sums(w.as(retail.RoleEmployee)), "of the warehouse, which everybody sees, and one store")
}

// A product that is retired stays on the page for as long as there is some of it, or less than nothing.
func TestStockOfARetiredProductIsSeen(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.tx(func(tx *db.Tx) error {
		if err := catalog.Retire(t.Context(), tx, sunday, c.syrup.ID); err != nil {
			return err
		}
		return catalog.Retire(t.Context(), tx, sunday, c.soap.ID)
	})
	v := w.as(retail.RoleManager)
	listed := func(address string) []string {
		_, page, _ := v.get(address)
		var skus []string
		for _, p := range []catalog.Product{c.syrup, c.soap} {
			if strings.Contains(page, p.SKU+" · retiré du catalogue") {
				skus = append(skus, p.SKU)
			}
		}
		return skus
	}
	require.Equal(t, []string{c.syrup.SKU, c.soap.SKU}, listed("/stock"))
	require.Equal(t, []string{c.syrup.SKU}, listed("/stock?alert=negative"))
	require.Empty(t, listed("/stock?q=nothing"))
	_, file, _ := v.get("/stock.csv")
	require.Contains(t, file, c.soap.SKU+";Savon à mains;")
	require.Equal(t, 2, strings.Count(file, ";retiré du catalogue\r\n"))
	w.tx(func(tx *db.Tx) error {
		return stock.Set(t.Context(), tx, sunday, uuid.New(), []stock.Found{{Location: c.north.ID, Product: c.soap.ID}, {Location: c.south.ID, Product: c.soap.ID}})
	})
	require.Equal(t, []string{c.syrup.SKU}, listed("/stock"), "of soap nothing is left")
	_, page, _ := v.get("/catalogue")
	require.NotContains(t, page, c.syrup.SKU)
}

// narrow gives the person of a role stores of their own.
func (w *world) narrow(role retail.Role, stores ...retail.Location) {
	w.t.Helper()
	s := users.Staff{ID: uuid.MustParse(w.idOf(role)), Name: "Emma", Email: string(role) + "@comptant.example", Role: role, Lang: "fr"}
	for _, l := range stores {
		s.Stores = append(s.Stores, l.ID)
	}
	w.tx(func(tx *db.Tx) error { return users.Put(w.t.Context(), tx, s, users.Password{}, users.PIN{}) })
}
