package sim

import (
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// session is the shell around the core of a session: a reader that waits for storage before it reads on.
type session struct {
	p    *process
	core *hub.Core
	conn *conn
	// inbox is what has arrived and not been read; nil is the end of the connection.
	inbox [][]byte
	// busy says that the reader waits for storage, over that the session has ended.
	busy, over bool
	heard      time.Time
	// tick is when the core was last planned to be called.
	tick  time.Time
	id    uuid.UUID
	n     uint64
	feeds []string
	till  *till
	// received is the entry with each number, as it came on each path.
	received map[wire.Path]map[uint64]journal.Hash
}

// silence is how long a till may say nothing.
const silence = 75 * time.Second

func (p *process) accept(c *conn) {
	s := &session{
		p: p, conn: c, heard: p.w.now, received: map[wire.Path]map[uint64]journal.Hash{},
		core: hub.NewCore(p.w.identity, p.w.bytes(32), p.w.rand.Float64),
	}
	c.hq = s
	p.sessions = append(p.sessions, s)
	s.watch()
	s.do(func(core *hub.Core) { core.Begin(p.w.now) })
}

// watch ends the session when the till is silent too long.
func (s *session) watch() {
	s.p.w.after(s.heard.Add(silence).Sub(s.p.w.now), func() {
		switch {
		case s.over:
		case s.p.w.now.Sub(s.heard) >= silence:
			s.finish()
		default:
			s.watch()
		}
	})
}

func (s *session) arrived(frame []byte) {
	s.heard = s.p.w.now
	s.inbox = append(s.inbox, frame)
	s.read()
}

// read takes what has arrived, one message after the other.
func (s *session) read() {
	for !s.busy && !s.over && len(s.inbox) > 0 {
		frame := s.inbox[0]
		s.inbox = s.inbox[1:]
		if frame == nil {
			s.finish()
			return
		}
		msg, err := wire.Decode(frame)
		if err != nil {
			s.p.w.broken("frames", "headquarters cannot read a frame: %v", err)
		}
		if m, ok := msg.(wire.Entries); ok {
			s.note(m)
		}
		s.store(s.do(func(c *hub.Core) { c.Received(s.p.w.now, msg) }))
	}
}

// note remembers which entries came, to check what is acknowledged.
func (s *session) note(m wire.Entries) {
	if s.received[m.Path()] == nil {
		s.received[m.Path()] = map[uint64]journal.Hash{}
	}
	for _, l := range journal.Chain(s.core.Till(), m.Epoch, m.First, m.Prev, m.Entries) {
		s.received[m.Path()][l.Seq] = l.Hash
	}
}

// do drives the core with one event, sends what it says and asks for the pages it wants. What it asks of storage is for
// the reader.
func (s *session) do(event func(*hub.Core)) hub.Effects {
	w := s.p.w
	if s.over {
		return hub.Effects{}
	}
	event(s.core)
	out := s.core.Take()
	for _, o := range out.Send {
		frame := o.Frame
		if o.Message != nil {
			if ack, ok := o.Message.(wire.Ack); ok {
				w.mustBeStored(s, ack)
			}
			w.say("%s > %s: %s", s.p.name, s.name(), describe(o.Message))
			var err error
			if frame, err = wire.Encode(o.Message); err != nil {
				panic(err)
			}
		}
		s.conn.down.send(frame)
	}
	for _, cursor := range out.Pages {
		s.page(cursor)
	}
	for _, feed := range out.Snapshots {
		s.offer(feed)
	}
	if out.End {
		s.finish()
	}
	if next := s.core.Next(); !next.IsZero() && !next.Equal(s.tick) && !s.over {
		s.tick = next
		w.after(next.Sub(w.now), func() {
			if s.tick.Equal(next) {
				s.tick = time.Time{}
				s.do(func(c *hub.Core) { c.Tick(w.now) })
			}
		})
	}
	return out
}

func (s *session) name() string {
	if s.till == nil {
		return "?"
	}
	return s.till.lane.name
}

// finish ends the session; what was sent still arrives.
func (s *session) finish() {
	s.over = true
	s.conn.down.close()
	s.conn.hq = nil
	s.p.sessions = slices.DeleteFunc(s.p.sessions, func(o *session) bool { return o == s })
	if s.p.byTill[s.core.Till()] == s {
		delete(s.p.byTill, s.core.Till())
	}
}

// page reads a page; the answer comes later.
func (s *session) page(cursor wire.Cursor) {
	s.ask(func(db *database) func(*hub.Core) {
		changes, reset, ok := db.page(cursor, s.p.w.pageRows)
		page := hub.Page{Reset: reset, Digest: changes.Digest}
		if ok && reset == nil {
			frame, err := wire.Encode(changes)
			page = hub.Page{Gen: changes.Gen, Upto: changes.Upto, Base: changes.Base, More: changes.More, Frame: frame, Err: err}
		}
		s.p.w.say("%s pages %s %v %v", s.p.name, s.name(), cursor, page.Err)
		return func(c *hub.Core) { c.Paged(s.p.w.now, cursor, page) }
	}, func(c *hub.Core) { c.Paged(s.p.w.now, cursor, hub.Page{Err: errGone}) }, func(hub.Effects) {})
}

// store does what the core asks of storage, and then reads on.
func (s *session) store(out hub.Effects) {
	w := s.p.w
	if out.Seen {
		w.db.seen(s.core.Till(), s.id)
		w.beside.seen(s.core.Till(), s.id)
	}
	var work func(*database) func(*hub.Core)
	var fails func(*hub.Core)
	switch {
	case out.Know != nil:
		work = func(db *database) func(*hub.Core) {
			t, err := db.know(out.Know.Till)
			var d hub.Device
			if err == nil {
				s.till = t
				d = hub.Device{Till: t.lane.id, Store: t.lane.store, Key: t.key}
			}
			return func(c *hub.Core) { c.Known(d, err) }
		}
		fails = func(c *hub.Core) { c.Known(hub.Device{}, errGone) }
	case out.Open != nil:
		work = func(db *database) func(*hub.Core) {
			used := s.till.used
			opened, err := db.open(w, *out.Open, s.core.Asked())
			if m := s.conn.till; err == nil && (s.over || m == nil || m.conn != s.conn) {
				w.hit("case: late hello of a dead connection")
			}
			if err == nil {
				w.mustStandApart(s.till, *out.Open, used, opened)
			}
			w.beside.open(*out.Open, s.core.Asked(), opened, err)
			return func(c *hub.Core) {
				if err == nil && !s.p.register(s, opened) {
					err = wire.Fenced
				}
				s.id = opened.ID
				c.Opened(w.now, opened, err)
			}
		}
		fails = func(c *hub.Core) { c.Opened(w.now, hub.Session{}, errGone) }
	case out.Store != nil:
		work = func(db *database) func(*hub.Core) {
			stored, err := db.store(w, *out.Store)
			w.mustBeNewest(s, *out.Store, err)
			w.beside.store(*out.Store, stored, err)
			w.after(flushAfter, s.p.flush)
			return func(c *hub.Core) { c.Stored(w.now, *out.Store, stored, err) }
		}
		fails = func(c *hub.Core) { c.Stored(w.now, *out.Store, hub.Stored{}, errGone) }
	case out.Prove != nil:
		w.hit("case: search for the common entry")
		work = func(db *database) func(*hub.Core) {
			seq := db.known(s.till.lane.id, out.Prove.Epoch, out.Prove.Points)
			w.beside.known(s.till.lane, *out.Prove, seq)
			return func(c *hub.Core) { c.Proved(*out.Prove, seq, nil) }
		}
		fails = func(c *hub.Core) { c.Proved(*out.Prove, 0, errGone) }
	case out.Refill != nil:
		work = func(db *database) func(*hub.Core) {
			part := db.refill(s.till.lane.id, *out.Refill, w.refillAtOnce)
			w.beside.refill(s.till.lane, *out.Refill, part)
			return func(c *hub.Core) { c.Refilled(part, nil) }
		}
		fails = func(c *hub.Core) { c.Refilled(wire.Refill{}, errGone) }
	case out.Command != nil:
		work = func(db *database) func(*hub.Core) {
			err := db.command(w, s.till.lane, *out.Command)
			w.beside.command(s.till.lane, *out.Command, err)
			w.beside.told(db)
			return func(c *hub.Core) { c.Commanded(*out.Command, err) }
		}
		fails = func(c *hub.Core) { c.Commanded(*out.Command, errGone) }
	default:
		return
	}
	s.busy = true
	s.ask(work, fails, func(out hub.Effects) {
		s.busy = false
		s.store(out)
		s.read()
	})
}

// ask has the database work, later, and gives the answer to the core, later still. The process may die at any moment, and
// the work be done all the same. Without an answer the database was away.
func (s *session) ask(work func(*database) func(*hub.Core), fails func(*hub.Core), then func(hub.Effects)) {
	w, db := s.p.w, s.p.w.db
	w.after(w.storageDelay(), func() {
		answer := fails
		switch {
		case w.db != db, !s.p.up && w.chance(2):
			return
		case !w.calm && w.chance(w.odds.away):
			w.hit("fault: database away")
		default:
			answer = work(db)
			if !w.calm && w.chance(w.odds.away) {
				w.hit("fault: commit done, answer lost")
				answer = fails
			}
		}
		w.after(w.storageDelay(), func() {
			if s.p.up && w.db == db {
				then(s.do(answer))
			}
		})
	})
}

// storageDelay is how long the database takes.
func (w *world) storageDelay() time.Duration {
	if !w.calm && w.chance(w.odds.slow) {
		w.hit("fault: slow storage")
		return w.upTo(40 * time.Second)
	}
	return w.upTo(10 * time.Millisecond)
}
