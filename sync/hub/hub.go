package hub

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// Config is what a hub needs.
type Config struct {
	Tills  Tills
	Intake Intake
	Feeds  Feeds
	// Snapshots are offered to tills that begin a feed; nil: they get pages.
	Snapshots Snapshots
	Log       *slog.Logger
	// MinApp is the oldest program of a till that is sent feeds; empty is any.
	MinApp string
	// Now replaces the clock; nil is the real one.
	Now func() time.Time
}

// Hub accepts tills. It is an http.Handler for GET /sync, GET /sync/snapshot/{name} and POST /sync/enrol. Middleware may wrap the
// ResponseWriter as long as http.ResponseController can unwrap it.
type Hub struct {
	tills  Tills
	intake Intake
	log    *slog.Logger
	now    func() time.Time
	mux    *http.ServeMux
	up     websocket.Upgrader
	pages  *pages
	files  *snapshots
	stats  counters
	limits limits
	gate   *gate
	minApp string

	// life ends every session's storage calls when the hub is drained.
	life    context.Context
	die     context.CancelFunc
	unwatch func()

	mu       sync.Mutex
	identity ed25519.PrivateKey
	draining bool
	// live are all connections, also before their welcome; byTill and byFeed the open sessions, those of old keys under the key.
	live   map[*session]struct{}
	byTill map[uuid.UUID]*session
	byFeed map[string]map[*session]struct{}
	// idle is closed when the last connection of a draining hub has gone.
	idle chan struct{}
	// dirty are the feeds that may have changed and have not been passed on; waking says that a goroutine does.
	dirty  map[string]struct{}
	waking bool
}

// New makes a hub that listens for changed feeds until Drain.
func New(cfg Config) *Hub {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	h := &Hub{
		tills: cfg.Tills, intake: cfg.Intake, log: cfg.Log, now: cfg.Now, mux: http.NewServeMux(),
		up: websocket.Upgrader{
			HandshakeTimeout: greetWithin, Subprotocols: []string{wire.Subprotocol}, WriteBufferPool: new(sync.Pool),
			ReadBufferSize: readBuffer,
			// A till is a program: a browser, which always says where a page came from, has no business here.
			CheckOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") == "" },
		},
		live: map[*session]struct{}{}, byTill: map[uuid.UUID]*session{}, byFeed: map[string]map[*session]struct{}{},
		idle: make(chan struct{}), dirty: map[string]struct{}{},
		limits: standard, gate: newGate(standard), minApp: cfg.MinApp,
	}
	h.life, h.die = context.WithCancel(context.Background())
	h.pages, h.files = newPages(cfg.Feeds, &h.stats), newSnapshots(cfg.Snapshots, &h.stats)
	h.mux.HandleFunc("GET "+wire.SyncPath, h.accept)
	h.mux.HandleFunc("GET "+wire.SnapshotPath+"/{name}", h.files.give)
	h.mux.HandleFunc("POST "+wire.EnrolPath, h.enrol)
	h.unwatch = cfg.Feeds.Subscribe(h.wake)
	return h
}

// ServeHTTP answers tills.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// readBuffer is what a till that says nothing costs; what is longer is read past it.
const readBuffer = 512

// accept upgrades a connection. The session runs on after the handler returned, which frees the memory of the request.
func (h *Hub) accept(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(websocket.Subprotocols(r), wire.Subprotocol) {
		http.Error(w, "want the websocket subprotocol "+wire.Subprotocol, http.StatusBadRequest)
		return
	}
	identity, err := h.key(r.Context())
	if err != nil {
		h.log.Error("no identity", "error", err)
		turnAway(w, "not ready")
		return
	}
	s := newSession(h, identity, r.RemoteAddr)
	if why := h.enter(s); why != "" {
		h.stats.turnedAway.Add(1)
		turnAway(w, why)
		return
	}
	ws, err := h.up.Upgrade(hijacker{w}, r, nil)
	if err != nil {
		h.log.Debug("no upgrade", "remote", r.RemoteAddr, "error", err)
		h.leave(s)
		return
	}
	s.attach(ws)
	go s.run(h.life)
}

// hijacker finds the connection below what middleware has wrapped around it; gorilla looks only at the outermost writer.
type hijacker struct{ http.ResponseWriter }

// Hijack hands over the connection.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}

// key is HQ's own key, read once.
func (h *Hub) key(ctx context.Context) (ed25519.PrivateKey, error) {
	h.mu.Lock()
	key := h.identity
	h.mu.Unlock()
	if key != nil {
		return key, nil
	}
	key, err := h.tills.Identity(ctx)
	if err != nil {
		return nil, fmt.Errorf("headquarters' key: %w", err)
	}
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("headquarters' key has the wrong size")
	}
	h.mu.Lock()
	h.identity = key
	h.mu.Unlock()
	return key, nil
}

// enter takes a connection, or says why it cannot.
func (h *Hub) enter(s *session) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.draining:
		return "draining"
	case len(h.live) >= h.limits.live:
		return "too many tills"
	case len(h.live)-len(h.byTill) >= h.limits.greeting:
		return "too many tills at once"
	}
	h.live[s] = struct{}{}
	return ""
}

// register lists an opened session, so that changes wake it, and fences an older one of the same till. It reports false
// when the session is the older one itself.
func (h *Hub) register(s *session, opened Session) bool {
	h.mu.Lock()
	old := h.byTill[s.core.listed()]
	if old != nil && old.n > opened.N {
		h.mu.Unlock()
		return false
	}
	s.n, s.feeds = opened.N, opened.Feeds
	h.byTill[s.core.listed()] = s
	for _, feed := range opened.Feeds {
		if h.byFeed[feed] == nil {
			h.byFeed[feed] = map[*session]struct{}{}
		}
		h.byFeed[feed][s] = struct{}{}
	}
	h.mu.Unlock()
	if old != nil {
		h.stats.fenced.Add(1)
		old.bye(wire.Fenced, 0)
	}
	return true
}

// leave forgets a connection.
func (h *Hub) leave(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.live, s)
	if h.byTill[s.core.listed()] == s {
		delete(h.byTill, s.core.listed())
	}
	for _, feed := range s.feeds {
		if delete(h.byFeed[feed], s); len(h.byFeed[feed]) == 0 {
			delete(h.byFeed, feed)
		}
	}
	if h.draining && len(h.live) == 0 {
		close(h.idle)
	}
}

// all are the open sessions.
func (h *Hub) all() []*session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.byTill))
}

// wake says which feeds may have changed. It does not block: one goroutine passes on what has come together.
func (h *Hub) wake(feeds []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, feed := range feeds {
		h.dirty[feed] = struct{}{}
	}
	if !h.waking && len(h.dirty) > 0 {
		h.waking = true
		go h.passOn()
	}
}

// passOn wakes the sessions that follow a dirty feed.
func (h *Hub) passOn() {
	for {
		h.mu.Lock()
		if len(h.dirty) == 0 {
			h.waking = false
			h.mu.Unlock()
			return
		}
		wake := make(map[string][]*session, len(h.dirty))
		for feed := range h.dirty {
			wake[feed] = slices.Collect(maps.Keys(h.byFeed[feed]))
		}
		clear(h.dirty)
		h.mu.Unlock()
		for feed, sessions := range wake {
			h.pages.forget(feed)
			for _, s := range sessions {
				s.woken(feed)
			}
		}
	}
}

const (
	// slot is the time between two tills that come back after a planned restart, spread the bound of all of them.
	slot   = 5 * time.Millisecond
	spread = time.Minute
	// pauseBefore is the least a till waits before it comes back.
	pauseBefore = time.Second
)

// Drain sends every till away with a slot to come back in, and waits until they have gone or ctx is done; then it cuts
// off the rest. The hub takes no till after that.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	if h.draining {
		h.mu.Unlock()
		return errors.New("hub is drained already")
	}
	h.draining = true
	sessions := slices.Collect(maps.Keys(h.live))
	if len(sessions) == 0 {
		close(h.idle)
	}
	h.mu.Unlock()
	h.unwatch()
	defer h.die()

	rand.Shuffle(len(sessions), func(i, j int) { sessions[i], sessions[j] = sessions[j], sessions[i] })
	width := min(time.Duration(len(sessions))*slot, spread)
	for i, s := range sessions {
		s.bye(wire.Draining, pauseBefore+width*time.Duration(i)/time.Duration(len(sessions)))
	}
	select {
	case <-h.idle:
		return nil
	case <-ctx.Done():
	}
	h.die()
	for _, s := range sessions {
		s.cut()
	}
	return fmt.Errorf("drain: %w", ctx.Err())
}
