package web_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// A page to which the navigation does not lead says, at the same place everywhere, which page it belongs to.
func TestDeepPagesLeadBack(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	sale := w.sell(c.north, sunday.Add(-time.Hour), c.syrup, money.One)
	till := w.writes(c.north, 1).id.String()
	w.countsAround(c.north, sunday.Add(-time.Hour), c.syrup.Product, c.soap.Product)
	order, purchase := w.place(c.depot, approved, 1, c.syrup), w.purchase(c, true)
	product, north := c.syrup.ID.String(), c.north.ID.String()
	v := w.as(retail.RoleAdministrator)
	link := regexp.MustCompile(`(?s)<a class="parent" href="([^"]+)">.*?<span>([^<]+)</span>\s*</a>\s*<h1>`)
	upload := v.bring("prices", "prix.csv", "SKU;Prix\n204310;12,00\n")
	v.settled(upload)
	for path, want := range map[string][2]string{
		upload:              {"/catalogue/import", "Importer"},
		"/stores/locations": {"/stores", "Magasins"},
		"/stores/" + north:  {"/stores", "Magasins"},
		"/receipts":         {"/reports", "Rapports"},
		"/receipts/" + north + "/2026-11-22/" + sale.Till.String() + fmt.Sprintf("/1-%d-0", sale.Seq): {"/receipts?from=2026-11-22&store=" + north + "&to=2026-11-22", "Reçus"},
		"/stock/counts":                                                  {"/stock", "Stock"},
		"/stock/" + product + "/movements":                               {"/stock?product=" + product, "Stock"},
		"/stock/counts/" + north + "/" + uuid.UUID{5}.String():           {"/stock/counts", "Inventaires"},
		"/purchases/new":                                                 {"/purchases", "Achats"},
		"/purchases/" + c.depot.ID.String() + "/" + purchase.ID.String(): {"/purchases", "Achats"},
		"/labels":                               {"/catalogue", "Catalogue"},
		"/catalogue/import":                     {"/catalogue", "Catalogue"},
		"/catalogue/products/new":               {"/catalogue", "Catalogue"},
		"/catalogue/products/" + product:        {"/catalogue?q=204310", "Catalogue"},
		"/catalogue/pictures/" + product:        {"/catalogue?q=204310", "Catalogue"},
		"/people/new":                           {"/people", "Personnes"},
		"/people/rights":                        {"/people", "Personnes"},
		"/people/tokens":                        {"/people", "Personnes"},
		"/people/" + w.idOf(retail.RoleManager): {"/people", "Personnes"},
		"/journal/" + till:                      {"/journal", "Journal"},
		"/orders/" + order.ID.String():          {"/orders", "Commandes"},
	} {
		status, page, _ := v.get(path)
		require.Equal(t, http.StatusOK, status, path)
		found := link.FindStringSubmatch(page)
		require.NotNil(t, found, path)
		require.Equal(t, want, [2]string{html.UnescapeString(found[1]), found[2]}, path)
		status, _, _ = v.get(want[0])
		require.Equal(t, http.StatusOK, status, want[0])
	}
	for _, path := range []string{"/", "/stores", "/reports", "/reports/margin", "/catalogue", "/catalogue/taxes", "/account", "/system/health"} {
		_, page, _ := v.get(path)
		require.False(t, strings.Contains(page, `class="parent"`), path)
	}
}
