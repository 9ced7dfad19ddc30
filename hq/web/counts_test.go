package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// says has a till that was enrolled for it write entries, each a second after the one before, dated to a second.
func (w *world) says(store retail.Location, number int, from time.Time, bodies map[journal.Kind][]any) {
	w.t.Helper()
	ctx := w.t.Context()
	code, err := w.desk.NewCode(ctx, store.ID, number)
	require.NoError(w.t, err)
	till := w.enrol(code)
	session, err := w.desk.Open(ctx, wire.Hello{Till: till.Till}, time.Now())
	require.NoError(w.t, err)
	var entries [][]byte
	add := func(kind journal.Kind, body any) {
		at := from.Add(time.Duration(len(entries)) * time.Second)
		b, err := journal.Encode(journal.Entry{Kind: kind, Time: at.UnixMilli(), Error: 1000, User: uuid.UUID{7}}, body)
		require.NoError(w.t, err)
		entries = append(entries, b)
	}
	add(journal.KindEpochOpen, retail.EpochOpen{Nonce: []byte{1}, Store: store.ID, Reason: retail.EpochEnrolled})
	for _, kind := range []journal.Kind{journal.KindCount, journal.KindSale, journal.KindSignIn} {
		for _, body := range bodies[kind] {
			add(kind, body)
		}
	}
	links := journal.Chain(till.Till, till.Epoch, 1, journal.Genesis(till.Till, till.Epoch), entries)
	_, err = w.desk.Store(ctx, hub.Batch{
		Till: till.Till, Store: store.ID, Session: session.ID, Path: wire.Path{Epoch: till.Epoch}, First: 1,
		Prev: links[0].Prev, Head: links[len(links)-1].Hash, Entries: entries,
	})
	require.NoError(w.t, err)
}

// countsAround has one till of a store count two products, and another sell the first of them in the same second.
func (w *world) countsAround(store retail.Location, from time.Time, products ...retail.Product) {
	w.t.Helper()
	var counts []any
	for i, p := range products {
		counts = append(counts, retail.Count{Session: uuid.UUID{5}, Product: p.ID, Quantity: money.Quantity(24-7*i) * money.One})
	}
	line := retail.NewLine(products[0], 2*money.One, "fr")
	totals := retail.Total([]retail.Line{line}, nil)
	w.says(store, 8, from, map[journal.Kind][]any{journal.KindCount: counts})
	w.says(store, 9, from.Add(time.Second/2), map[journal.Kind][]any{journal.KindSale: {retail.Sale{
		Number: 1, BusinessDate: retail.DateOf(from), Currency: "CAD", Lines: []retail.Line{line}, Taxes: totals.Taxes, Total: totals.Total,
		Tenders: []retail.Tender{{Kind: retail.TenderCard, Amount: totals.Total, LastFour: "4417"}},
	}}})
}

// The page of counts says how final each is, what it waits for, and which sales may be on its other side.
func TestCountsSayHowFinalTheyAre(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/stock/counts")
	require.Contains(t, page, "Rien n’a été compté")

	w.countsAround(c.north, sunday.Add(time.Minute), c.syrup.Product, c.soap.Product)
	status, page, _ := v.get("/stock/counts")
	require.Equal(t, http.StatusOK, status)
	for _, shown := range []string{"Sirop d’érable", "204310", "−7", "+14", "Provisoire", "n’a pas rattrapé", "Avant l’inventaire ou après", "14:33:08 à 14:33:10", "après l’inventaire", "/journal/"} {
		require.Contains(t, page, shown)
	}
	_, page, _ = w.as(retail.RoleEmployee).get("/stock/counts")
	require.NotContains(t, page, `href="/journal/`, "an employee may not look there")
}
