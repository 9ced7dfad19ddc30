package web

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/ui"
)

// The events of the stream. They carry no figures: a page that shows what changed asks for it again. What happens at one
// place is an event of its own besides (see at), so that a page of one store sleeps while others sell.
const (
	eventSales    = "sales"
	eventStock    = "stock"
	eventRestock  = "restock"
	eventPurchase = "purchase"
	eventTills    = "tills"
	eventJournal  = "journal"
	eventOrders   = "orders"
	eventOrder    = "order" // always of one: see at
	eventTime     = ui.EventTime
)

// at is the event of one location.
func at(event string, location uuid.UUID) string { return event + "-" + location.String() }

// eventsOf are the events for a topic of the domains; none for one that no page shows.
func eventsOf(topic string) []string {
	kind, location, _ := strings.Cut(topic, ":")
	switch kind {
	case eventSales, eventStock, eventRestock, eventPurchase, eventTills, eventJournal, eventOrders, eventOrder:
		if location != "" {
			return []string{kind, kind + "-" + location}
		}
		return []string{kind}
	}
	return nil
}

// events is the stream of a browser: all its pages and tabs share one.
func (s *site) events(w http.ResponseWriter, r *http.Request) error {
	// Who was signed out, or lost a role, hears no more.
	still := func() bool {
		p, err := s.person(r)
		return err != nil || p.Role == personOf(r.Context()).Role
	}
	ui.Stream{Subscribe: s.Subscribe, Events: eventsOf, Still: still}.Serve(w, r)
	return nil
}
