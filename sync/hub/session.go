package hub

import (
	"bytes"
	"context"
	"crypto/ed25519"
	crypto "crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

const (
	// greetWithin is how long a till may take to say hello, silence how long it may say nothing later.
	greetWithin = 20 * time.Second
	silence     = 75 * time.Second
	// writeWithin is how long one frame may take to leave, linger how long a till may take to hang up after a bye.
	writeWithin = 30 * time.Second
	linger      = 5 * time.Second
	// outbox is how many frames may wait for a till. Window and pagesAhead keep an honest one far below.
	outbox = 32
	// noteWithin bounds the notes about a session that nobody waits for.
	noteWithin = 5 * time.Second
)

// session is the shell around the core of one session.
type session struct {
	hub    *Hub
	ws     *websocket.Conn
	remote string
	since  time.Time
	out    chan []byte

	// mu guards the core and the order of the outbox.
	mu    sync.Mutex
	core  core
	timer *time.Timer
	// over says that the outbox is closed.
	over bool

	// n and feeds are of the opened session; the hub's mutex guards them.
	n     uint64
	feeds []string
}

func newSession(h *Hub, identity ed25519.PrivateKey, remote string) *session {
	nonce := make([]byte, 32)
	_, _ = crypto.Read(nonce)
	return &session{
		hub: h, remote: remote, since: h.now(), out: make(chan []byte, outbox),
		core: core{identity: identity, nonce: nonce, rand: rand.Float64},
	}
}

// attach gives the session its connection.
func (s *session) attach(ws *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ws = ws
}

// run is the reader: it also waits for storage, so a till that sends faster than HQ stores waits in its own socket.
func (s *session) run(ctx context.Context) {
	go s.write()
	s.ws.SetReadLimit(wire.MaxFrame)
	s.do(func(c *core, now time.Time) { c.begin(now) })
	var err error
	for err == nil {
		var m wire.Message
		if m, err = s.read(); errors.Is(err, wire.ErrUnknownType) {
			err = nil
			continue
		}
		if code, ok := errors.AsType[wire.Code](err); ok {
			s.do(func(c *core, _ time.Time) { c.bye(code, 0, err) })
			err = nil
			continue
		}
		if err != nil {
			break
		}
		out := s.do(func(c *core, now time.Time) { c.received(now, m) })
		for out.know != nil || out.open != nil || out.store != nil || out.seen {
			out = s.store(ctx, out)
		}
	}
	s.finish(ctx, err)
}

// store does the work for storage that the core asked for.
func (s *session) store(ctx context.Context, out effects) effects {
	h := s.hub
	switch {
	case out.know != nil:
		device, err := h.tills.Key(ctx, out.know.Till)
		return s.do(func(c *core, _ time.Time) { c.known(device, err) })
	case out.open != nil:
		opened, err := h.tills.Open(ctx, *out.open)
		if err == nil && !h.register(s, opened) {
			err = wire.Fenced
		}
		if err == nil {
			h.stats.opened.Add(1)
		}
		return s.do(func(c *core, now time.Time) { c.opened(now, opened, err) })
	case out.store != nil:
		b := *out.store
		stored, err := h.intake.Store(ctx, b)
		if err == nil {
			h.stats.batches.Add(1)
			h.stats.entries.Add(int64(len(b.Entries)))
		} else {
			h.stats.nacks.Add(1)
		}
		return s.do(func(c *core, now time.Time) { c.stored(now, b, stored, err) })
	default:
		ctx, cancel := context.WithTimeout(ctx, noteWithin)
		defer cancel()
		if err := h.tills.Seen(ctx, s.core.device.Till, s.core.session.ID, h.now()); err != nil {
			s.log().Warn("not noted as seen", "error", err)
		}
		return effects{}
	}
}

// do drives the core with one event, puts what it sends in the outbox, and asks for the pages it wants. What it asks of
// storage is returned to the reader.
func (s *session) do(event func(c *core, now time.Time)) effects {
	s.mu.Lock()
	now := s.hub.now()
	event(&s.core, now)
	out := s.core.take()
	s.post(out)
	if next := s.core.next(); !next.IsZero() && !s.over {
		s.wait(next.Sub(now))
	}
	s.mu.Unlock()
	for _, cursor := range out.pages {
		s.hub.pages.get(s.hub.life, cursor, s)
	}
	return out
}

// post puts frames in the outbox. A full one means that the till does not read: it is cut off.
func (s *session) post(out effects) {
	for _, o := range out.send {
		if s.over {
			return
		}
		frame := o.frame
		if o.message != nil {
			var err error
			if frame, err = wire.Encode(o.message); err != nil {
				s.log().Error("message not encoded", "error", err)
				s.cutLocked()
				return
			}
			if o.message.Type() == wire.TypeReset {
				s.hub.stats.resets.Add(1)
			}
		} else {
			s.hub.stats.pagesSent.Add(1)
		}
		select {
		case s.out <- frame:
		default:
			s.hub.stats.cut.Add(1)
			s.cutLocked()
			return
		}
	}
	if out.end {
		s.closeOutbox()
	}
}

// wait has the core called again after d.
func (s *session) wait(d time.Duration) {
	if s.timer == nil {
		s.timer = time.AfterFunc(d, func() { s.do(func(c *core, now time.Time) { c.tick(now) }) })
		return
	}
	s.timer.Reset(d)
}

func (s *session) woken(feed string) {
	s.do(func(c *core, now time.Time) { c.woken(now, feed) })
}

func (s *session) paged(cursor wire.Cursor, p page) {
	if p.err != nil {
		s.log().Warn("feed not read", "error", p.err)
	}
	s.do(func(c *core, now time.Time) { c.paged(now, cursor, p) })
}

func (s *session) bye(code wire.Code, after time.Duration) {
	s.do(func(c *core, _ time.Time) { c.bye(code, after, code) })
}

// read waits for the next message.
func (s *session) read() (wire.Message, error) {
	s.mu.Lock()
	// After a bye the writer's shorter deadline holds.
	if !s.over {
		within := silence
		if s.core.phase != open {
			within = greetWithin
		}
		_ = s.ws.SetReadDeadline(time.Now().Add(within))
	}
	s.mu.Unlock()
	kind, r, err := s.ws.NextReader()
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if kind != websocket.BinaryMessage {
		return nil, fmt.Errorf("text message: %w", wire.BadFrame)
	}
	buf := readBuffers.Get().(*bytes.Buffer)
	defer readBuffers.Put(buf)
	buf.Reset()
	n, err := buf.ReadFrom(r)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	s.hub.stats.bytesIn.Add(n)
	return wire.Decode(buf.Bytes())
}

// readBuffers are shared so that an idle till holds none.
var readBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// write sends the outbox. Once it is closed the till has a moment to hang up: closing first could destroy the bye.
func (s *session) write() {
	for frame := range s.out {
		_ = s.ws.SetWriteDeadline(time.Now().Add(writeWithin))
		if err := s.ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
			s.cut()
			return
		}
		s.hub.stats.bytesOut.Add(int64(len(frame)))
	}
	_ = s.ws.SetReadDeadline(time.Now().Add(linger))
}

// cut closes the connection at once.
func (s *session) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cutLocked()
}

func (s *session) cutLocked() {
	s.closeOutbox()
	if s.ws != nil {
		_ = s.ws.Close()
	}
}

func (s *session) closeOutbox() {
	if !s.over {
		s.over = true
		close(s.out)
	}
}

// finish closes the connection, notes it, and forgets the session.
func (s *session) finish(ctx context.Context, err error) {
	defer s.hub.leave(s)
	s.mu.Lock()
	s.cutLocked()
	if s.timer != nil {
		s.timer.Stop()
	}
	if s.core.err != nil {
		err = s.core.err
	}
	s.core.phase = ended
	id := s.core.session.ID
	s.mu.Unlock()
	if id == uuid.Nil {
		s.hub.stats.refused.Add(1)
		s.log().Warn("till refused", "error", err)
		return
	}
	s.log().Info("session closed", "session", id, "error", err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	if err := s.hub.tills.Closed(ctx, s.core.till(), id, s.hub.now()); err != nil {
		s.log().Warn("not noted as closed", "error", err)
	}
}

func (s *session) log() *slog.Logger {
	return s.hub.log.With("till", s.core.till(), "remote", s.remote)
}

func (s *session) info() SessionInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := SessionInfo{
		Till: s.core.till(), Store: s.core.session.Store, Session: s.core.session.ID, N: s.core.session.N,
		App: s.core.hello.App, Remote: s.remote, Since: s.since,
	}
	for _, f := range s.core.feeds {
		info.Cursors = append(info.Cursors, f.cursor)
	}
	return info
}
