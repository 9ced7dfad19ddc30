package sim

import (
	"crypto/sha256"
	"errors"
	"maps"
	"time"

	"comptant/sync/hub"
	"comptant/sync/link"
	"comptant/sync/wire"
)

// files says that a till can load snapshots. The core only asks whether it can: the machine is the shell that does.
type files struct{ link.Snapshots }

// snapshot is a state of a feed that was put into a file.
type snapshot struct {
	hub.Snapshot
	digest uint64
	rows   map[key]wire.Row
}

// snapshot is the newest of a feed, made when pages cannot go on from it.
func (db *database) snapshot(w *world, name string) hub.Snapshot {
	f := db.feed(name)
	if s, ok := db.snapshots[name]; ok && s.Gen == f.gen && s.Seq >= f.floor && s.Seq <= f.seq {
		return s.Snapshot
	}
	s := snapshot{hub.Snapshot{Name: w.uuid().String(), Gen: f.gen, Seq: f.seq}, f.digest, maps.Clone(f.rows)}
	maps.DeleteFunc(s.rows, func(_ key, r wire.Row) bool { return r.Body == nil })
	sum := sha256.Sum256([]byte(s.Name))
	s.SHA256 = sum[:]
	db.snapshots[name] = s
	return s.Snapshot
}

// offer looks for a snapshot, which not every feed is worth; the answer comes later.
func (s *session) offer(name string) {
	s.ask(func(db *database) func(*hub.Core) {
		offered, ok := db.snapshot(s.p.w, name), s.p.w.chance(2)
		return func(c *hub.Core) { c.Offered(s.p.w.now, name, offered, ok) }
	}, func(c *hub.Core) { c.Offered(s.p.w.now, name, hub.Snapshot{}, false) }, func(hub.Effects) {})
}

var errReplaced = errors.New("the snapshot has been replaced")

// load downloads a snapshot, which takes its time, and shows it.
func (m *machine) load(reset wire.Reset) {
	life, within := m.life, time.Minute
	if m.w.calm {
		within = 10 * time.Second
	}
	m.w.after(m.w.upTo(within), func() {
		if m.life != life {
			return
		}
		m.hear("load", func(c *link.Core) { c.Loaded(ctx, m.w.now, reset, m.showSnapshot(reset)) })
		m.look()
		m.answers()
	})
}

func (m *machine) showSnapshot(reset wire.Reset) error {
	s, ok := m.w.db.snapshots[reset.Feed]
	f := m.disk.catalog[reset.Feed]
	switch {
	case m.conn == nil, !ok, s.Name != reset.Snapshot, f == nil:
		return errReplaced
	case f.cursor.Gen == s.Gen && f.cursor.Seq > s.Seq:
		return wire.CursorAhead // pages came meanwhile
	}
	m.w.hit("case: snapshot")
	return m.write(func() {
		f.rows, f.staged, f.upto = maps.Clone(s.rows), nil, 0
		f.cursor = wire.Cursor{Feed: reset.Feed, Gen: s.Gen, Seq: s.Seq, Digest: s.digest}
		f.shown = version{reset.Feed, s.Seq, s.digest}
	})
}
