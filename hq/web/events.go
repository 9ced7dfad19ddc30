package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// The events of the stream. They carry no figures: a page that shows what changed asks for it again.
const (
	eventSales   = "sales"
	eventStock   = "stock"
	eventRestock = "restock"
	eventTills   = "tills"
	eventJournal = "journal"
	// eventTime comes once a minute, so that ages and the current hour move on their own, and after a lost connection.
	eventTime = "time"
)

const (
	// settle is how long changes are gathered: however fast stores sell, a page is asked for again four times a second.
	settle = 250 * time.Millisecond
	// heartbeat is well below the minute after which proxies close a silent connection.
	heartbeat = 20 * time.Second
)

// eventOf is the event for a topic of the domains; empty for one that no page shows.
func eventOf(topic string) string {
	kind, _, _ := strings.Cut(topic, ":")
	switch kind {
	case eventSales, eventStock, eventRestock, eventTills, eventJournal:
		return kind
	}
	return ""
}

// changes gathers events between two looks.
type changes struct {
	mu     sync.Mutex
	events map[string]bool
	kick   chan struct{}
}

func (c *changes) add(topics []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range topics {
		if event := eventOf(t); event != "" {
			c.events[event] = true
		}
	}
	if len(c.events) > 0 {
		select {
		case c.kick <- struct{}{}:
		default:
		}
	}
}

func (c *changes) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	events := slices.Sorted(maps.Keys(c.events))
	clear(c.events)
	return events
}

// events is the stream of a browser: all its pages and tabs share one.
func (s *site) events(w http.ResponseWriter, r *http.Request) error {
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // the server's limit is for requests that end
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not keep events back
	c := &changes{events: map[string]bool{}, kick: make(chan struct{}, 1)}
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
	for beats := 1; ; {
		text := ""
		select {
		case <-r.Context().Done():
			return nil
		case <-c.kick:
			if settled == nil {
				settled = time.After(settle)
			}
			continue
		case <-settled:
			settled = nil
			for _, e := range c.take() {
				text += event(e)
			}
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
