package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// The events of the stream. They carry no figures: a page that shows what changed asks for it again. What happens at one
// place is an event of its own besides (see at), so that a page of one store sleeps while others sell.
const (
	eventSales   = "sales"
	eventStock   = "stock"
	eventRestock = "restock"
	eventTills   = "tills"
	eventJournal = "journal"
	eventOrders  = "orders"
	eventOrder   = "order" // always of one: see at
	// eventTime comes once a minute, so that ages and the current hour move on their own, and after a lost connection.
	eventTime = "time"
)

const (
	// settle is how long after an event the next of its name comes: however fast stores sell, a page is asked for again four
	// times a second. The first comes at once.
	settle = 250 * time.Millisecond
	// heartbeat is well below the minute after which proxies close a silent connection.
	heartbeat = 20 * time.Second
)

// at is the event of one location.
func at(event string, location uuid.UUID) string { return event + "-" + location.String() }

// eventsOf are the events for a topic of the domains; none for one that no page shows.
func eventsOf(topic string) []string {
	kind, location, _ := strings.Cut(topic, ":")
	switch kind {
	case eventSales, eventStock, eventRestock, eventTills, eventJournal, eventOrders, eventOrder:
		if location != "" {
			return []string{kind, kind + "-" + location}
		}
		return []string{kind}
	}
	return nil
}

// changes gathers events between two looks.
type changes struct {
	mu sync.Mutex
	// waiting are the events that were not said yet, said when each was last.
	waiting map[string]bool
	said    map[string]time.Time
	kick    chan struct{}
}

func newChanges() *changes {
	return &changes{waiting: map[string]bool{}, said: map[string]time.Time{}, kick: make(chan struct{}, 1)}
}

func (c *changes) add(topics []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range topics {
		for _, event := range eventsOf(t) {
			c.waiting[event] = true
		}
	}
	if len(c.waiting) > 0 {
		select {
		case c.kick <- struct{}{}:
		default:
		}
	}
}

// due takes the events whose time has come, and says how long the next has to wait; 0 when none does.
func (c *changes) due(now time.Time) (events []string, next time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for event := range c.waiting {
		if left := settle - now.Sub(c.said[event]); left > 0 {
			if next == 0 || left < next {
				next = left
			}
			continue
		}
		events = append(events, event)
		c.said[event] = now
		delete(c.waiting, event)
	}
	slices.Sort(events)
	return events, next
}

// events is the stream of a browser: all its pages and tabs share one.
func (s *site) events(w http.ResponseWriter, r *http.Request) error {
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // the server's limit is for requests that end
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not keep events back
	c := newChanges()
	stop := s.Subscribe(c.add)
	defer stop()

	send := func(text string) bool {
		// The server's own limit on writing would end the stream.
		_ = out.SetWriteDeadline(time.Now().Add(heartbeat))
		_, err := fmt.Fprint(w, text)
		return err == nil && out.Flush() == nil
	}
	first := ": open\n\n"
	if r.Header.Get("Last-Event-ID") != "" {
		first = event(eventTime) // what happened meanwhile is unknown
	}
	if !send(first) {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var settled <-chan time.Time
	say := func() (text string) {
		events, next := c.due(time.Now())
		settled = nil
		if next > 0 {
			settled = time.After(next)
		}
		for _, e := range events {
			text += event(e)
		}
		return text
	}
	for beats := 1; ; {
		text := ""
		select {
		case <-r.Context().Done():
			return nil
		case <-c.kick:
			text = say()
		case <-settled:
			text = say()
		case <-beat.C:
			// Who was signed out, or lost a role, hears no more.
			if p, err := s.person(r); err == nil && p.Role != personOf(r.Context()).Role {
				return nil
			}
			text = ": still here\n\n"
			if beats++; beats%3 == 0 {
				text = event(eventTime)
			}
		}
		if text != "" && !send(text) {
			return nil
		}
	}
}

// event is one event of the stream. The number makes a browser that connects again say that it does.
// Without data it would be no event (https://html.spec.whatwg.org/multipage/server-sent-events.html).
func event(name string) string { return "id: 1\nevent: " + name + "\ndata: 1\n\n" }
