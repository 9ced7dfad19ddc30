package ui

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// EventTime comes once a minute in every stream, so that ages move on their own, and after a lost connection.
const EventTime = "time"

const (
	// settle is how long after an event the next of its name comes: however fast things change, a page is asked for again four
	// times a second. The first comes at once.
	settle = 250 * time.Millisecond
	// heartbeat is well below the minute after which proxies close a silent connection.
	heartbeat = 20 * time.Second
)

// Stream is the events of a page. They carry no figures: a page that shows what changed asks for it again.
type Stream struct {
	// Subscribe calls wake with the topics that changed, until stop is called. wake does not block.
	Subscribe func(wake func(topics []string)) (stop func())
	// Events are those for a topic; none for one that the page does not show.
	Events func(topic string) []string
	// Still is asked with every heartbeat whether the browser may still hear; nil for always.
	Still func() bool
}

// changes gathers events between two looks.
type changes struct {
	events func(topic string) []string
	mu     sync.Mutex
	// waiting are the events that were not said yet, said when each was last.
	waiting map[string]bool
	said    map[string]time.Time
	kick    chan struct{}
}

func newChanges(events func(topic string) []string) *changes {
	return &changes{events: events, waiting: map[string]bool{}, said: map[string]time.Time{}, kick: make(chan struct{}, 1)}
}

func (c *changes) add(topics []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range topics {
		for _, event := range c.events(t) {
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

// Serve writes the events until the browser leaves.
func (s Stream) Serve(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // the server's limit is for requests that end
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not keep events back
	c := newChanges(s.Events)
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
		first = event(EventTime) // what happened meanwhile is unknown
	}
	if !send(first) {
		return
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
			return
		case <-c.kick:
			text = say()
		case <-settled:
			text = say()
		case <-beat.C:
			if s.Still != nil && !s.Still() {
				return
			}
			text = ": still here\n\n"
			if beats++; beats%3 == 0 {
				text = event(EventTime)
			}
		}
		if text != "" && !send(text) {
			return
		}
	}
}

// event is one event of the stream. The number makes a browser that connects again say that it does.
// Without data it would be no event (https://html.spec.whatwg.org/multipage/server-sent-events.html).
func event(name string) string { return "id: 1\nevent: " + name + "\ndata: 1\n\n" }
