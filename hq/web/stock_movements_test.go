package web_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// linked are the addresses of a page's links, by their text.
func linked(page string) map[string]string {
	found := map[string]string{}
	tags := regexp.MustCompile(`<[^>]*>`)
	for _, m := range regexp.MustCompile(`(?s)<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>`).FindAllStringSubmatch(page, -1) {
		found[strings.TrimSpace(tags.ReplaceAllString(m[2], ""))] = html.UnescapeString(m[1])
	}
	return found
}

// What moved a product is on a page of its own, and each movement leads to what it comes from: also from the panel.
func TestMovementsLeadToWhatTheyComeFrom(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	code, err := w.desk.NewCode(t.Context(), c.north.ID, 2)
	require.NoError(t, err)
	till := w.enrol(code).Till
	sale := w.sell(c.north, sunday.Add(-time.Hour), c.syrup, money.One)
	sale.Till, sale.Seq, sale.Number = till, 41, 17
	purchase := w.purchase(c, true)
	shipped := w.further(w.place(c.depot, approved, 4, c.syrup), 2)
	w.place(c.depot, approved, 3, c.syrup)
	var sent stock.Shipment
	request := w.request(c, true)
	w.tx(func(tx *db.Tx) (err error) {
		ctx := t.Context()
		if err := sales.Record(ctx, tx, []sales.Document{sale}); err != nil {
			return err
		}
		sold := stock.Movement{Location: c.north.ID, Product: c.syrup.ID, At: sale.At, Ref: uuid.New(), Reason: stock.Sold, Quantity: -money.One, Till: till, Epoch: 1, Seq: 41}
		unknown := sold
		unknown.Ref, unknown.Seq, unknown.At = uuid.New(), 99, sale.At.Add(time.Minute)
		if err := stock.Record(ctx, tx, []stock.Movement{sold, unknown}); err != nil {
			return err
		}
		down := -2 * money.One
		_, err = stock.Adjust(ctx, tx, stock.Adjustment{
			Location: c.north.ID, ID: uuid.New(), Product: c.syrup.ID, By: uuid.MustParse(w.idOf(retail.RoleManager)), At: sunday, Cause: "expired", Note: "avant Noël", Change: &down,
		})
		if err != nil {
			return err
		}
		sent, err = stock.Ship(ctx, tx, stock.Dispatch{Location: c.north.ID, Restock: request, From: c.depot.ID, At: sunday})
		return err
	})
	v := w.as(retail.RoleManager)
	address := "/stock/" + c.syrup.ID.String() + "/movements"
	status, page, _ := v.get(address)
	require.Equal(t, http.StatusOK, status)
	links := linked(page)
	for text, href := range map[string]string{
		"Vente NO-02-1-000017":  "/receipts/" + c.north.ID.String() + "/2026-11-22/" + till.String() + "/1-41-0",
		"Vente":                 "/journal/" + till.String() + "?epoch=1&from=99",
		"Vente " + shipped.Code: "/orders/" + shipped.ID.String(),
		"Expédié " + sent.Code:  "/warehouse/" + c.north.ID.String() + "/" + sent.ID.String(),
		"Reçu du fournisseur " + purchase.Deliveries[0].Code: "/purchases/" + c.depot.ID.String() + "/" + purchase.ID.String(),
	} {
		require.Equal(t, href, links[text], text)
		status, _, _ := v.get(href)
		require.Equal(t, http.StatusOK, status, href)
	}
	require.Contains(t, page, "Correction · Périmé")
	require.Contains(t, page, "avant Noël")
	_, page, _ = w.as(retail.RoleEmployee).get(address)
	require.Contains(t, page, "Vente NO-02-1-000017")
	for _, place := range []string{`"/receipts/`, `"/journal/`, `"/orders/`, `"/warehouse/`, `"/purchases/`} {
		require.NotContains(t, page, place, "what an employee may not open")
	}

	_, north, _ := v.get(address + "?at=" + c.north.ID.String())
	require.NotContains(t, north, "Reçu du fournisseur")
	require.Contains(t, north, "Vente NO-02-1-000017")
	_, before, _ := v.get(address + "?to=2026-11-21")
	require.NotContains(t, before, "Vente")
	require.Contains(t, before, "Stock d’ouverture")
	_, since, _ := v.get(address + "?from=2026-11-22")
	require.NotContains(t, since, "Stock d’ouverture")

	_, panel, _ := v.get("/stock?product=" + c.syrup.ID.String() + "&at=" + c.north.ID.String())
	links = linked(panel)
	require.Equal(t, "/receipts/"+c.north.ID.String()+"/2026-11-22/"+till.String()+"/1-41-0", links["Vente NO-02-1-000017"])
	require.Equal(t, address+"?at="+c.north.ID.String(), links["Tous les mouvements"])
	require.Equal(t, "/warehouse/"+c.north.ID.String()+"/"+sent.ID.String(), links[sent.Code], "in transit")
	var promised []string
	for text, href := range links {
		if strings.HasPrefix(href, "/orders/") {
			promised = append(promised, text)
		}
	}
	require.Len(t, promised, 1, "the order that holds three")
	require.Regexp(t, `<td class="figure"><b>3</b></td>`, panel)
	require.Contains(t, html.UnescapeString(panel), "product="+c.syrup.ID.String()+"#promised")

	// Who sees one store sees nothing of the others.
	w.narrow(retail.RoleManager, c.south)
	_, page, _ = v.get(address + "?at=" + c.north.ID.String())
	require.NotContains(t, page, "NO-02-1")
	require.NotContains(t, page, "Nord")
}

// A long history is read page by page.
func TestMovementsArePaged(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.tx(func(tx *db.Tx) error {
		var all []stock.Movement
		for i := range 70 {
			all = append(all, stock.Movement{
				Location: c.north.ID, Product: c.syrup.ID, At: sunday.Add(-time.Duration(i) * time.Minute), Ref: uuid.New(), Reason: stock.Sold, Quantity: -money.One,
				Till: uuid.UUID{1}, Epoch: 1, Seq: uint64(i + 1),
			})
		}
		return stock.Record(t.Context(), tx, all)
	})
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/stock/" + c.syrup.ID.String() + "/movements?at=" + c.north.ID.String())
	require.Equal(t, 50, strings.Count(page, ">Vente<"))
	next := regexp.MustCompile(`/stock/[^"]+after=[^"]+`).FindString(page)
	_, page, _ = v.get(html.UnescapeString(next))
	require.Equal(t, 20, strings.Count(page, ">Vente<"))
	require.Contains(t, page, "Stock d’ouverture")
}
