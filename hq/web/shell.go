package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// places are the sections of the rail, in their order.
var places = []struct {
	href, word string
	icon       ui.Icon
	phone      bool
}{
	{"/", "place.overview", ui.IconOverview, true},
	{"/stores", "place.stores", ui.IconStores, true},
	{"/reports", "place.reports", ui.IconReports, false},
	{"/stock", "place.stock", ui.IconStock, true},
	{"/restock", "place.restock", ui.IconRestock, true},
	{"/purchases", "place.purchases", ui.IconPurchases, false},
	{"/warehouse", "place.warehouse", ui.IconWarehouse, false},
	{"/catalogue", "place.catalogue", ui.IconCatalogue, false},
	{"/orders", "place.orders", ui.IconOrders, true},
	{"/customers", "place.customers", ui.IconPerson, false},
	{"/people", "place.people", ui.IconPeople, false},
	{"/audit", "place.audit", ui.IconHistory, false},
	{"/tills", "place.tills", ui.IconTills, false},
	{"/journal", "place.journal", ui.IconJournal, false},
	{"/exceptions", "place.exceptions", ui.IconExceptions, false},
	{"/system/models", "place.system", ui.IconSystem, false},
}

// lists are the pages that others belong to and no place, by their addresses.
var lists = map[string]string{"/catalogue/import": "import.title", "/receipts": "receipts.title", "/stock/counts": "counts.title"}

// parent leads to the page at an address.
func parent(ctx context.Context, href string) ui.Parent {
	if href == "" {
		return ui.Parent{}
	}
	path, _, _ := strings.Cut(href, "?")
	key := lists[path]
	for _, p := range places {
		if p.href == path {
			key = p.word
		}
	}
	return ui.Parent{Label: ui.T(ctx, key), Href: href}
}

// shell is what surrounds the page that a request asks for.
func (s *site) shell(r *http.Request, v view) (ui.Shell, error) {
	ctx := r.Context()
	shell := ui.Shell{Title: v.title, Subtitle: v.subtitle, Parent: parent(ctx, v.parent), User: personOf(ctx).Name, Filter: v.filter}
	for _, p := range places {
		if link(ctx, p.href) == "" {
			continue
		}
		item := ui.NavItem{
			Label: ui.T(ctx, p.word), Href: p.href, Icon: p.icon, Phone: p.phone,
			Current: section(r.URL.Path) == section(p.href),
		}
		var err error
		switch p.href {
		case "/restock":
			var decide stock.Queue
			decide, _, err = stock.Waiting(ctx, s.DB, within(ctx))
			item.Count = decide.Count
		case "/orders":
			item.Count, err = s.ordersWaiting(ctx)
		case "/exceptions":
			var flags []intake.Flag
			flags, err = s.flags(ctx)
			item.Count = len(flags)
		}
		if err != nil {
			return shell, err
		}
		shell.Nav = append(shell.Nav, item)
	}
	if len(v.live) > 0 {
		stores, err := s.stores(ctx)
		if err != nil {
			return shell, err
		}
		shell.Events, shell.Clock = "/events", ui.Clock(s.Now().In(zoneOf(stores)))
	}
	return shell, nil
}

// zoneOf is the time zone that pages over several stores are written in: the first store's.
func zoneOf(stores []retail.Location) *time.Location {
	for _, l := range stores {
		if zone, err := time.LoadLocation(l.Zone); err == nil {
			return zone
		}
	}
	return time.UTC
}

// zoneAt is the time zone of one of the locations.
func zoneAt(locations []retail.Location, id uuid.UUID) *time.Location {
	for _, l := range locations {
		if l.ID == id {
			return zoneOf([]retail.Location{l})
		}
	}
	return time.UTC
}

// idsOf are those of locations.
func idsOf(locations []retail.Location) []uuid.UUID {
	ids := make([]uuid.UUID, len(locations))
	for i, l := range locations {
		ids[i] = l.ID
	}
	return ids
}

// names are what locations are called on pages.
type names map[uuid.UUID]string

// shortNames drops the first word that all stores share: "Magasin Nord" stands below "Magasins" as "Nord". Warehouses keep their names.
func shortNames(locations []retail.Location) names {
	short := names{}
	first, stores := "", 0
	for _, l := range locations {
		short[l.ID] = l.Name
		if l.Kind == retail.LocationWarehouse {
			continue
		}
		word, rest, _ := strings.Cut(l.Name, " ")
		if stores == 0 {
			first = word
		}
		if word != first || rest == "" {
			first = ""
		}
		stores++
	}
	if first == "" || stores == 1 {
		return short
	}
	for _, l := range locations {
		if l.Kind != retail.LocationWarehouse {
			short[l.ID] = strings.TrimPrefix(l.Name, first+" ")
		}
	}
	return short
}

// of is the name of a location; its id when it is gone.
func (n names) of(id uuid.UUID) string {
	if name, ok := n[id]; ok {
		return name
	}
	return id.String()
}

// idOf reads an id from a part of the address.
func idOf(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, &retail.Error{Code: retail.NotFound, Key: "error.page", Err: err}
	}
	return id, nil
}

// language writes both texts' right one.
func language(ctx context.Context, t retail.Text) string { return t.In(ui.Lang(ctx)) }
