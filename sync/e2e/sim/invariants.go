package sim

import (
	"bytes"
	"maps"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// The laws, with their numbers in the design of the protocol.
const (
	lawKept     = "1: no committed entry is lost while a copy survives"
	lawBytes    = "2: what headquarters acknowledged is byte-identical there"
	lawOnce     = "3: nothing is applied twice"
	lawFold     = "4: stock is the fold of the entries"
	lawReceipts = "5: receipts are 1..n on each branch"
	lawChain    = "6: the chain verifies"
	lawAgree    = "7: till and headquarters agree within 90 s"
	lawShown    = "8: what a till shows was true at headquarters"
	lawFlags    = "9: a flag or hole is always visible"
	lawWait     = "10: synchronisation never makes a sale wait"
	lawRefunds  = "11: without an override, no more is refunded than was sold"
	lawFenced   = "a newer session fences the older"
	lawApart    = "a copy of a disk gets an epoch of its own"
	lawAway     = "a till that a newer session sends away stays away, longer each time"
)

// committed takes note of an entry of a machine. A number that was printed before may only come again where nothing on
// the machine could know of it.
func (w *world) committed(m *machine, l journal.Link) {
	e := entry{lane: m.lane, epoch: l.Epoch, bytes: bytes.Clone(l.Bytes), meaning: read(l.Bytes)}
	w.entries[l.Hash], w.surviving[l.Hash] = e, true
	m.newest = l.Hash
	w.mustBeLeft(m, l.Hash, e)
	if l.Epoch < m.told {
		w.broken(lawApart, "%s writes %d.%d, and was told to write %d", m.name, l.Epoch, l.Seq, m.told)
	}
	if e.number == 0 {
		return
	}
	r := receipt{m.lane.id, l.Epoch, e.number}
	if _, printed := w.receipts[r]; printed && !m.lane.exposed {
		w.broken(lawReceipts, "%s prints %d-%d twice", m.name, r.epoch, r.number)
	}
	w.receipts[r] = l.Hash
}

// arrive is law 2 at the moment headquarters stores an entry.
func (w *world) arrive(l *lane, k journal.Link) {
	e, known := w.entries[k.Hash]
	if !known || e.lane != l || !bytes.Equal(e.bytes, k.Bytes) {
		w.broken(lawBytes, "entry %d.%d of %s is not what the till wrote", k.Epoch, k.Seq, l.name)
	}
	w.arrived[k.Hash] = true
}

// mustBeStored is law 2 at the moment headquarters acknowledges: everything that came on the path, up to there, is in the
// database.
func (w *world) mustBeStored(s *session, ack wire.Ack) {
	t := w.db.tree(place{s.core.Till(), ack.Epoch})
	for seq, h := range s.received[ack.Path()] {
		if _, stored := t.nodes[h]; seq <= ack.Upto && !stored {
			w.broken(lawBytes, "%s acknowledges %d.%d of %s, which is not stored", s.p.name, ack.Epoch, seq, s.name())
		}
	}
}

// mustBeNewest says that only a till's newest session writes.
func (w *world) mustBeNewest(s *session, b hub.Batch, err error) {
	if err == nil && w.db.tills[b.Till].session != b.Session {
		w.broken(lawFenced, "%s stores a batch of a fenced session of %s", s.p.name, s.name())
	}
}

// mustStandApart says that a till whose file is an older copy, or lacks what headquarters has after its end, is told to
// open an epoch above all that is known of it.
func (w *world) mustStandApart(t *till, hello wire.Hello, used uint64, s hub.Session) {
	known, newest := uint64(0), wire.EpochState{}
	for _, e := range w.db.epochs(t.lane.id) {
		known = e
	}
	for _, e := range hello.Epochs {
		if e.Branch == 0 {
			newest = e
		}
	}
	known = max(known, newest.Epoch)
	copied := hello.N < used || len(w.db.tree(place{t.lane.id, newest.Epoch}).after[newest.Hash]) > 0
	if copied && s.MinEpoch <= known {
		w.broken(lawApart, "%s is told to write epoch %d; %d is known", t.lane.name, s.MinEpoch, known)
	}
}

// mustStayAway says that machines with one key, which send each other away, do not come back at once.
func (w *world) mustStayAway(m *machine) {
	if back := m.fenced.Add(m.stays); m.stays > 0 && w.now.Before(back) {
		w.broken(lawAway, "%s comes back %s too soon", m.name, back.Sub(w.now))
	}
}

// mustHaveArrived is law 2 at the till: it takes nothing as acknowledged that never was at headquarters, except what it
// could not send.
func (w *world) mustHaveArrived(m *machine, p *path, upto uint64) {
	for _, l := range p.links {
		if l.Seq > p.acked && l.Seq <= upto && !w.arrived[l.Hash] && !w.spoiled[l.Hash] {
			w.broken(lawBytes, "%s takes %d.%d as acknowledged", m.name, l.Epoch, l.Seq)
		}
	}
}

// mustNotWait is law 10: a sale is done when the till's own disk has it, whatever the link does, and refused only by that
// disk.
func (w *world) mustNotWait(m *machine, began time.Time, err error) {
	if err != nil && !m.full || !w.now.Equal(began) {
		w.broken(lawWait, "%s: %v after %s", m.name, err, w.now.Sub(began))
	}
}

// mustShowTruth is law 8: the rows are those of one moment at headquarters, and the stock is that moment's and what this
// file has done besides.
func (w *world) mustShowTruth(m *machine) {
	w.mustHaveBeen(m, tillFeed(m.lane.id))
	s, shows := w.mustHaveBeen(m, storeFeed(m.lane.store))
	if !shows {
		return
	}
	f := m.disk.catalog[storeFeed(m.lane.store)]
	mark := retail.Mark{}
	if r, ok := f.rows[key{retail.RowMark, m.lane.id}]; ok {
		mark = decode[retail.Mark](r.Body)
	}
	want := newShelves()
	maps.Copy(want.levels, s.levels)
	for p, c := range s.counted {
		want.counted[p] = &c
	}
	for _, p := range m.disk.file.paths {
		if p.Branch != 0 {
			continue
		}
		_, placed := p.included(mark)
		if !placed && m.lane.copied {
			fork, leaves := w.leavesAtAFork(m, p, s)
			if !leaves {
				return // a copy that headquarters has not placed yet
			}
			if p.acked > fork {
				// What was acknowledged since the mark is passed over until the next one: a known limit.
				w.hit("case: acknowledged past the fork of an older mark")
				return
			}
			w.hit("case: a path leaves the tree at a fork")
		}
		if !placed && s.moment.life != w.moment.life {
			// What was given back and what headquarters lost since is counted twice until the feed is loaded again: a known
			// limit.
			w.hit("case: given back, then headquarters rolled back")
			return
		}
		if !placed && w.rolledBack && p.first() == 1 && !w.had(p.links[0].Hash, s) {
			// Rolled back, headquarters granted the number of this epoch to two files: what it acknowledged of the one it counts
			// as of the other until it has looked for the common entry. Another known limit.
			w.hit("case: an epoch granted twice")
			return
		}
		for _, l := range p.links {
			if w.spoiled[l.Hash] {
				return // it may be in a hole, and the mark goes past holes
			}
			want.own(w.entries[l.Hash].meaning, m.lane.id, l, w.had(l.Hash, s))
		}
	}
	shown := m.shown()
	for _, p := range w.products {
		if shown[p] != want.levels[p] {
			w.broken(lawShown, "%s shows %d of %x, not %d", m.name, shown[p], p[:2], want.levels[p])
		}
	}
}

// mustHaveBeen is law 8 for the rows of a feed; shows is false when the machine has none to show yet.
func (w *world) mustHaveBeen(m *machine, name string) (s state, shows bool) {
	f := m.disk.catalog[name]
	if f == nil || f.shown.seq == 0 {
		return state{}, false
	}
	s, was := w.published[f.shown]
	if !was || digestOf(f.rows) != f.shown.digest {
		w.broken(lawShown, "%s shows a state of %s that never was", m.name, name)
	}
	return s, true
}

// leavesAtAFork says that headquarters had, in a state, a path up to an entry, the fork, after which it knew of two others: how
// far it had the path can be told, although the file is a copy and no branch of the tree is it.
func (w *world) leavesAtAFork(m *machine, p *path, s state) (fork uint64, leaves bool) {
	var last journal.Hash
	for _, l := range p.links {
		if w.had(l.Hash, s) {
			fork, last = l.Seq, l.Hash
		}
	}
	others := 0
	for _, h := range w.db.tree(place{m.lane.id, p.Epoch}).after[last] {
		if w.had(h, s) {
			others++
		}
	}
	return fork, others > 1
}
