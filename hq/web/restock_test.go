package web_test

import (
	"fmt"
	"html"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// requests are many of a store, one a minute from a time on.
func (w *world) requestsOf(store retail.Location, product uuid.UUID, from time.Time, count int) (ids []uuid.UUID) {
	w.tx(func(tx *db.Tx) error {
		for i := range count {
			id := uuid.New()
			ids = append(ids, id)
			err := stock.RequestRestock(w.t.Context(), tx, stock.RestockRequest{
				Location: store.ID, ID: id, At: from.Add(time.Duration(i) * time.Minute), Lines: []retail.StockLine{{Product: product, Quantity: money.One}},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return ids
}

// keepTo gives the manager one store.
func (w *world) keepTo(store retail.Location) {
	w.tx(func(tx *db.Tx) error {
		s := users.Staff{
			ID: uuid.MustParse(w.idOf(retail.RoleManager)), Name: "Emma", Email: "manager@comptant.example",
			Role: retail.RoleManager, Lang: "fr", Stores: []uuid.UUID{store.ID},
		}
		return users.Put(w.t.Context(), tx, s, users.Password{}, users.PIN{})
	})
}

// listed follows a list from page to page, and gives what a pattern finds.
func (v visitor) listed(path, pattern string) (found []string) {
	v.w.t.Helper()
	for range 20 {
		_, page, _ := v.get(path)
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(page, -1) {
			found = append(found, m[1])
		}
		next := regexp.MustCompile(`href="([^"]*)" aria-label="Page suivante"`).FindStringSubmatch(page)
		if next == nil {
			return found
		}
		path = html.UnescapeString(next[1])
	}
	v.w.t.Fatal("the list does not end")
	return nil
}

func texts[T fmt.Stringer](all []T) []string {
	list := make([]string, len(all))
	for i, one := range all {
		list[i] = one.String()
	}
	return list
}

// However many requests there are, each is reached, the oldest first; and all pages say the same number.
func TestEveryRequestIsReached(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	old := w.requestsOf(c.north, c.syrup.ID, sunday.Add(-48*time.Hour), 3)
	late := w.requestsOf(c.south, c.syrup.ID, sunday.Add(-24*time.Hour), 60)
	all := texts(append(old, late...))
	waiting := func(page string) []string {
		found := regexp.MustCompile(`Réappro\.</span> <b class="count">(\d+)<|data-figure="alert-/restock">(\d+)<`).FindAllStringSubmatch(page, 2)
		require.Len(t, found, 2)
		return []string{found[0][1], found[1][2]}
	}
	boss := w.as(retail.RoleAdministrator)
	require.Equal(t, all, boss.listed("/restock", `/restock/[^/]+/([^/]+)/decide`))
	_, page, _ := boss.get("/")
	require.Contains(t, page, "le plus ancien\u00a0: Nord, 20\u00a0nov. 14:32")
	require.Equal(t, []string{"63", "63"}, waiting(page), "in the rail and among the alerts")

	w.keepTo(c.north)
	manager := w.as(retail.RoleManager)
	require.Equal(t, texts(old), manager.listed("/restock", `/restock/[^/]+/([^/]+)/decide`), "behind those of another store")
	_, page, _ = manager.get("/")
	require.Equal(t, []string{"3", "3"}, waiting(page))

	w.tx(func(tx *db.Tx) error {
		for i, id := range append(old, late...) {
			store, approved := c.south.ID, map[uuid.UUID]money.Quantity{c.syrup.ID: money.One}
			if i < len(old) {
				store = c.north.ID
			}
			if i == 0 {
				approved = nil
			}
			if err := stock.Decide(t.Context(), tx, stock.Decision{Location: store, Restock: id, By: uuid.New(), At: sunday, Approved: approved}); err != nil {
				return err
			}
		}
		return nil
	})
	require.Equal(t, all[1:], boss.listed("/restock?list=ship", `/restock/[^/]+/([^/]+)/ship`))
	require.Equal(t, all[1:], boss.listed("/warehouse", `/restock/[^/]+/([^/]+)/ship`))
	require.Equal(t, all[1:3], manager.listed("/warehouse", `/restock/[^/]+/([^/]+)/ship`))
	require.Len(t, manager.listed("/restock?list=closed", `(Refusée)`), 1)

	w.tx(func(tx *db.Tx) error {
		for i, id := range append(old, late...)[1:] {
			store := c.south.ID
			if i < 2 {
				store = c.north.ID
			}
			if _, err := stock.Ship(t.Context(), tx, stock.Dispatch{Location: store, Restock: id, From: c.depot.ID, By: uuid.New(), At: sunday.Add(time.Duration(i) * time.Second)}); err != nil {
				return err
			}
		}
		return nil
	})
	sent := boss.listed("/restock?list=sent", `(EXP-\d+)`)
	require.Len(t, sent, 62)
	require.Equal(t, "EXP-0062", sent[0], "the newest first")
	require.Equal(t, []string{"EXP-0002", "EXP-0001"}, manager.listed("/restock?list=sent", `(EXP-\d+)`))
	require.Equal(t, []string{"EXP-0002", "EXP-0001"}, manager.listed("/restock?list=closed", `(EXP-\d+)`))
	require.Equal(t, []string{"EXP-0002", "EXP-0001"}, manager.listed("/warehouse", `(EXP-\d+)`))
}
