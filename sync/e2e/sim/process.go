package sim

import (
	"errors"
	"maps"
	"slices"
	"time"

	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// process is one process of headquarters.
type process struct {
	w            *world
	name         string
	up, draining bool
	sessions     []*session
	byTill       map[uuid.UUID]*session
	// heads are the feeds as the process last saw them.
	heads map[string]uint64
}

const (
	// flushAfter is how long changes of stock wait for more.
	flushAfter = 50 * time.Millisecond
	pollEvery  = 5 * time.Second
	retryEvery = 20 * time.Second
)

func (p *process) start() {
	p.up, p.draining, p.sessions = true, false, nil
	p.byTill, p.heads = map[uuid.UUID]*session{}, map[string]uint64{}
	p.w.say("%s starts", p.name)
}

// poll finds what notices did not tell, and what a process that died left to do.
func (p *process) poll() {
	if !p.up {
		return
	}
	p.flush()
	for _, name := range slices.Sorted(maps.Keys(p.w.db.feeds)) {
		if p.w.db.feeds[name].seq != p.heads[name] {
			p.wake(name)
		}
	}
}

// flush publishes the stock that changed, and tells every process once that is done.
func (p *process) flush() {
	if !p.up {
		return
	}
	for _, store := range slices.SortedFunc(maps.Keys(p.w.db.stale), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
		if len(p.w.db.stale[store]) > 0 {
			p.w.db.flush(p.w, store)
			p.w.notify(storeFeed(store))
		}
	}
}

// notify tells the processes that a feed changed, soon; a notice may be lost with its connection.
func (w *world) notify(feed string) {
	for _, p := range w.processes {
		if !w.calm && w.chance(10) {
			continue
		}
		w.after(20*time.Millisecond+w.upTo(30*time.Millisecond), func() { p.wake(feed) })
	}
}

func (p *process) wake(feed string) {
	if !p.up {
		return
	}
	p.heads[feed] = p.w.db.feed(feed).seq
	for _, s := range p.sessions {
		if slices.Contains(s.feeds, feed) {
			s.do(func(c *hub.Core) { c.Woken(p.w.now, feed) })
		}
	}
}

// kill ends the process at once.
func (p *process) kill() {
	p.w.say("%s killed", p.name)
	p.up = false
	for _, s := range p.sessions {
		if !s.over {
			s.over = true
			s.conn.hq = nil
			s.conn.up.mute = true
			if p.w.chance(3) {
				s.conn.down.mute = true
			} else {
				s.conn.down.close()
			}
		}
	}
	p.sessions = nil
}

// drain sends every till away and ends the process.
func (p *process) drain() {
	p.w.say("%s drains", p.name)
	p.draining = true
	for i, s := range slices.Clone(p.sessions) {
		s.do(func(c *hub.Core) {
			c.Bye(wire.Draining, time.Second+time.Duration(i)*5*time.Millisecond, wire.Draining)
		})
	}
	p.w.after(10*time.Second, func() {
		if p.draining {
			p.kill()
		}
	})
}

// register lists an opened session and fences an older one of the same till; false when this is the older one.
func (p *process) register(s *session, opened hub.Session) bool {
	old := p.byTill[s.core.Till()]
	if old != nil && old.n > opened.N {
		return false
	}
	s.n, s.feeds = opened.N, opened.Feeds
	p.byTill[s.core.Till()] = s
	if old != nil && old != s {
		p.w.hit("case: fenced by a newer session")
		old.do(func(c *hub.Core) { c.Bye(wire.Fenced, 0, wire.Fenced) })
	}
	return true
}

var errGone = errors.New("the database is away")
