package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// says has a till that was enrolled for it write entries, each a second after the one before, dated to a second.
func (w *world) says(store retail.Location, number int, from time.Time, bodies map[journal.Kind][]any) {
	w.t.Helper()
	l := w.writer(store, number, from)
	for _, kind := range []journal.Kind{journal.KindCount, journal.KindSale, journal.KindSignIn} {
		for _, body := range bodies[kind] {
			from = from.Add(time.Second)
			require.NoError(w.t, l.write(kind, from, body))
		}
	}
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

// The pages of counts say what each session found, how final it is, and which sales may be on the other side of a count.
func TestCountsSayHowFinalTheyAre(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/stock/counts")
	require.Contains(t, page, "Rien n’a été compté")

	w.countsAround(c.north, sunday.Add(time.Minute), c.syrup.Product, c.soap.Product)
	status, page, _ := v.get("/stock/counts")
	require.Equal(t, http.StatusOK, status)
	for _, shown := range []string{"+7<", "−5,32\u00a0$", "Provisoire", "Avant l’inventaire ou après", "14:33:08 à 14:33:10", "après l’inventaire", "/journal/"} {
		require.Contains(t, page, shown)
	}
	address := regexp.MustCompile(`/stock/counts/[^"]+`).FindString(page)
	_, page, _ = v.get("/stock/counts?store=" + c.south.ID.String())
	require.NotContains(t, page, address)

	_, page, _ = v.get(address)
	for _, shown := range []string{"Inventaire, Nord", "204310", "−7", ">14<", "−40,18", "n’a pas rattrapé", "14:33:08 à 14:33:10", ">−5,32<"} {
		require.Contains(t, page, shown)
	}
	require.Regexp(t, `(?s)<h2>Ce qui a été compté.*204310.*310412`, page, "the worst first")
	status, file, _ := v.get(address + "/table.csv")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, file, "Sirop d’érable;204310;-7,000;-40,18;")
	status, file, _ = v.get(address + "/table.xlsx")
	require.Equal(t, http.StatusOK, status)
	require.True(t, strings.HasPrefix(file, "PK"))
	status, _, _ = v.get("/stock/counts/" + c.north.ID.String() + "/" + uuid.NewString())
	require.Equal(t, http.StatusNotFound, status)

	employee := w.as(retail.RoleEmployee)
	for _, path := range []string{"/stock/counts", address} {
		_, page, _ = employee.get(path)
		require.NotContains(t, page, `href="/journal/`, "an employee may not look there")
		require.NotContains(t, page, "Au coût", "nor see what goods cost")
	}
	w.keepTo(c.south)
	status, _, _ = v.get(address)
	require.Equal(t, http.StatusForbidden, status)
}
