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
	core  *Core
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
	core := NewCore(identity, nonce, rand.Float64)
	core.leastApp = h.minApp
	return &session{hub: h, remote: remote, since: h.now(), out: make(chan []byte, outbox), core: core}
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
	s.do(func(c *Core, now time.Time) { c.Begin(now) })
	var err error
	for err == nil {
		var m wire.Message
		if m, err = s.read(); errors.Is(err, wire.ErrUnknownType) {
			err = nil
			continue
		}
		if code, ok := errors.AsType[wire.Code](err); ok {
			s.do(func(c *Core, _ time.Time) { c.Bye(code, 0, err) })
			err = nil
			continue
		}
		if err != nil {
			break
		}
		s.hear(ctx, m)
	}
	s.finish(ctx, err)
}

// hear takes one message, and does what storage has to do for it. It is not part of run, whose stack waits for every till
// that says nothing.
func (s *session) hear(ctx context.Context, m wire.Message) {
	out := s.do(func(c *Core, now time.Time) { c.Received(now, m) })
	for out.wantsStorage() {
		out = s.store(ctx, out)
	}
}

// store does the work for storage that the core asked for, and gives what the core asks for after it.
func (s *session) store(ctx context.Context, out Effects) Effects {
	h := s.hub
	if out.Seen {
		s.seen(ctx, out.Shown)
	}
	if out.Unsent != nil {
		s.unsent(ctx, *out.Unsent)
	}
	store, till := s.core.session.Store, s.core.device.Till
	switch {
	case out.Know != nil:
		device, err := h.tills.Key(ctx, out.Know.Till)
		return s.do(func(c *Core, _ time.Time) { c.Known(device, err) })
	case out.Open != nil:
		opened, err := s.openSession(ctx, *out.Open)
		if err == nil && !h.register(s, opened) {
			err = wire.Fenced
		}
		if err == nil {
			h.stats.opened.Add(1)
		}
		return s.do(func(c *Core, now time.Time) {
			c.credit = h.gate.credit()
			c.Opened(now, opened, err)
		})
	case out.Store != nil:
		b := *out.Store
		stored, err := s.storeBatch(ctx, b)
		if err == nil {
			h.stats.batches.Add(1)
			h.stats.entries.Add(int64(len(b.Entries)))
		} else {
			h.stats.nacks.Add(1)
			s.log().Warn("batch not stored", "path", b.Path, "first", b.First, "error", err)
		}
		return s.do(func(c *Core, now time.Time) {
			c.credit = h.gate.credit()
			c.Stored(now, b, stored, err)
		})
	case out.Prove != nil:
		seq, err := h.intake.Known(ctx, store, till, out.Prove.Epoch, out.Prove.Points)
		return s.do(func(c *Core, _ time.Time) { c.Proved(*out.Prove, seq, err) })
	case out.Refill != nil:
		refill, err := h.intake.Refill(ctx, store, till, *out.Refill)
		if err != nil {
			s.log().Warn("entries not given back", "epoch", out.Refill.Epoch, "after", out.Refill.After, "error", err)
		}
		return s.do(func(c *Core, _ time.Time) { c.Refilled(refill, err) })
	case out.Command != nil:
		err := h.tills.Command(ctx, store, till, *out.Command)
		if err != nil {
			s.log().Warn("command not done", "name", out.Command.Name, "error", err)
		}
		return s.do(func(c *Core, _ time.Time) { c.Commanded(*out.Command, err) })
	}
	return Effects{}
}

func (s *session) openSession(ctx context.Context, hello wire.Hello) (Session, error) {
	if s.core.aside {
		return s.hub.tills.OpenAside(ctx, s.core.device, hello)
	}
	return s.hub.tills.Open(ctx, hello, s.core.Asked())
}

// storeBatch waits for its turn to store. Nothing is read from the till meanwhile.
func (s *session) storeBatch(ctx context.Context, b Batch) (Stored, error) {
	if err := s.hub.gate.enter(ctx); err != nil {
		return Stored{}, err
	}
	defer s.hub.gate.leave()
	if s.core.aside {
		return s.hub.intake.KeepAside(ctx, s.core.device.Key, b)
	}
	return s.hub.intake.Store(ctx, b)
}

// wantsStorage says that the reader has work to do before it reads on.
func (e Effects) wantsStorage() bool {
	return e.Seen || e.Unsent != nil || e.Know != nil || e.Open != nil || e.Store != nil || e.Prove != nil || e.Refill != nil ||
		e.Command != nil
}

func (s *session) seen(ctx context.Context, shown []wire.Cursor) {
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	if err := s.hub.tills.Seen(ctx, s.core.device.Till, s.core.session.ID, s.hub.now(), shown); err != nil {
		s.log().Warn("not noted as seen", "error", err)
	}
}

func (s *session) unsent(ctx context.Context, u wire.Unsent) {
	if s.core.aside {
		return // it is nobody's any more
	}
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	if err := s.hub.tills.Unsent(ctx, s.core.device.Till, s.core.session.ID, u); err != nil {
		s.log().Warn("what waits at the till is not noted", "error", err)
	}
}

// do drives the core with one event, puts what it sends in the outbox, and asks for the pages it wants. What it asks of
// storage is returned to the reader.
func (s *session) do(event func(c *Core, now time.Time)) Effects {
	s.mu.Lock()
	now := s.hub.now()
	event(s.core, now)
	out := s.core.Take()
	s.post(out)
	if next := s.core.Next(); !next.IsZero() && !s.over {
		s.wait(next.Sub(now))
	}
	s.mu.Unlock()
	for _, cursor := range out.Pages {
		s.hub.pages.get(s.hub.life, cursor, s)
	}
	for _, feed := range out.Snapshots {
		go s.hub.files.offer(s.hub.life, feed, s)
	}
	return out
}

// post puts frames in the outbox. A full one means that the till does not read: it is cut off.
func (s *session) post(out Effects) {
	for _, o := range out.Send {
		if s.over {
			return
		}
		frame := o.Frame
		if o.Message != nil {
			var err error
			if frame, err = wire.Encode(o.Message); err != nil {
				s.log().Error("message not encoded", "error", err)
				s.cutLocked()
				return
			}
			if o.Message.Type() == wire.TypeReset {
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
	if out.End {
		s.closeOutbox()
	}
}

// wait has the core called again after d.
func (s *session) wait(d time.Duration) {
	if s.timer == nil {
		s.timer = time.AfterFunc(d, func() { s.do(func(c *Core, now time.Time) { c.Tick(now) }) })
		return
	}
	s.timer.Reset(d)
}

func (s *session) woken(feed string) {
	s.do(func(c *Core, now time.Time) { c.Woken(now, feed) })
}

func (s *session) paged(cursor wire.Cursor, p Page) {
	if p.Err != nil {
		s.log().Warn("feed not read", "error", p.Err)
	}
	s.do(func(c *Core, now time.Time) { c.Paged(now, cursor, p) })
}

func (s *session) bye(code wire.Code, after time.Duration) {
	s.do(func(c *Core, _ time.Time) { c.Bye(code, after, code) })
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
	if err := s.hub.tills.Closed(ctx, s.core.Till(), id, s.hub.now()); err != nil {
		s.log().Warn("not noted as closed", "error", err)
	}
}

func (s *session) log() *slog.Logger {
	return s.hub.log.With("till", s.core.Till(), "remote", s.remote)
}

func (s *session) info() SessionInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := SessionInfo{
		Till: s.core.Till(), Store: s.core.session.Store, Session: s.core.session.ID, N: s.core.session.N,
		App: s.core.hello.App, Remote: s.remote, Since: s.since,
	}
	for _, f := range s.core.feeds {
		info.Cursors = append(info.Cursors, f.cursor)
	}
	return info
}
