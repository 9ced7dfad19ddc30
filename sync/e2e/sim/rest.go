package sim

import (
	"bytes"
	"maps"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// agreeWithin is how soon everything agrees once the network is whole. A machine that has to share its key may be away longer.
const agreeWithin = 90 * time.Second

// rest makes everything whole, and looks what came of it.
func (w *world) rest() {
	w.say("rest")
	w.calm, w.poisoned = true, uuid.Nil
	for _, p := range w.processes {
		if p.draining {
			p.kill()
		}
		if !p.up {
			p.start()
		}
	}
	copies := false
	for i, m := range w.machines {
		m.full, m.killIn = false, 0
		m.start()
		copies = copies || i >= len(w.lanes)
	}
	w.heal()
	before := maps.Clone(w.surviving)
	within := agreeWithin
	if copies {
		within += longestAway
	}
	w.run(within)
	w.drained(before)
	if copies {
		// Two machines with one key go on sending each other away, now and then: one of them has to go.
		for _, m := range w.machines[len(w.lanes):] {
			m.stop(false)
			m.gone = true
		}
		w.lost() // what one of them wrote last went with it
		w.run(within)
	}
	w.drained(w.surviving)
	w.sound()
	w.allWithin()
	w.agree()
	w.visible()
	w.beside.told(w.db)
	w.beside.flags(w.db)
}

// drained is law 1: headquarters has every entry of which there is a copy; and law 2: with its bytes.
func (w *world) drained(surviving map[journal.Hash]bool) {
	for h := range surviving {
		e := w.entries[h]
		n, here := w.db.tree(place{e.lane.id, e.epoch}).nodes[h]
		if !here && w.spoiled[h] && w.inHole(e) {
			continue
		}
		if !here {
			w.broken(lawKept, "an entry of %s, epoch %d, is not at headquarters: %s %d", e.lane.name, e.epoch, e.kind, e.number)
		}
		if !bytes.Equal(n.Bytes, e.bytes) {
			w.broken(lawBytes, "entry %d.%d of %s differs", n.Epoch, n.Seq, e.lane.name)
		}
	}
}

// inHole says that an entry is of an epoch with a hole, which a person sees: the machine that was asked could not give it.
func (w *world) inHole(e entry) bool {
	for f := range w.db.flags {
		if f.code == flagHole && f.till == e.lane.id && f.epoch == e.epoch {
			return true
		}
	}
	return false
}

// sound is laws 3 to 6: every branch verifies and numbers its receipts, and the stock is what all entries come to, once.
func (w *world) sound() {
	happened := map[uuid.UUID]map[uuid.UUID][]happening{}
	for at, t := range w.db.trees {
		l := w.db.tills[at.till].lane
		if happened[l.store] == nil {
			happened[l.store] = map[uuid.UUID][]happening{}
		}
		for _, n := range t.nodes {
			if journal.Next(n.Prev, at.till, at.epoch, n.Seq, n.Bytes) != n.Hash {
				w.broken(lawChain, "entry %d.%d of %s", n.Epoch, n.Seq, l.name)
			}
			if parent, ok := t.nodes[n.Prev]; ok && parent.Seq+1 != n.Seq {
				w.broken(lawChain, "entry %d.%d of %s comes after %d", n.Epoch, n.Seq, l.name, parent.Seq)
			}
			for p, list := range read(n.Bytes).happenings(at.till, n.Link) {
				happened[l.store][p] = append(happened[l.store][p], list...)
			}
		}
		for _, e := range t.ends() {
			w.numbered(l, t, e)
		}
	}
	for store, all := range happened {
		for _, p := range w.products {
			if got, want := w.db.levels[store][p], fold(all[p]); got != want {
				w.broken(lawFold, "level of %x is %d, the entries come to %d", p[:2], got, want)
			}
		}
	}
}

// numbered is law 5 on the branch that ends with an entry. Nothing can be said beyond a hole.
func (w *world) numbered(l *lane, t *tree, e journal.Link) {
	want := uint64(0)
	for n, ok := t.nodes[e.Hash]; ok; n, ok = t.nodes[n.Prev] {
		if n.number == 0 {
			continue
		}
		if want != 0 && n.number != want {
			w.broken(lawReceipts, "%s has receipt %d-%d before %d", l.name, n.Epoch, n.number, want+1)
		}
		want = n.number - 1
		if want == 0 {
			break
		}
	}
	if want != 0 && !broken(t, e) {
		w.broken(lawReceipts, "%s has no receipt %d-%d", l.name, e.Epoch, want)
	}
}

// broken says that a branch comes after something that is missing.
func broken(t *tree, e journal.Link) bool {
	n := t.nodes[e.Hash]
	for p, ok := n, true; ok; p, ok = t.nodes[p.Prev] {
		n = p
	}
	return n.Seq != 1
}

// agree is law 7: every machine has sent all and shows what headquarters has.
func (w *world) agree() {
	for _, m := range w.machines {
		if m.gone {
			continue
		}
		if !m.core.Status().Online {
			w.broken(lawAgree, "%s is not connected: %v", m.name, m.core.Status().Err)
		}
		for _, p := range m.disk.file.paths {
			_, sound := m.sound(p.last())
			_, here := w.db.tree(place{m.lane.id, p.Epoch}).nodes[p.last().Hash]
			if sound && (p.acked != p.last().Seq || !here) {
				w.broken(lawAgree, "%s has %v up to %d, acknowledged up to %d", m.name, p.Path, p.last().Seq, p.acked)
			}
		}
		for _, name := range []string{globalFeed, storeFeed(m.lane.store), tillFeed(m.lane.id)} {
			f, at := m.disk.catalog[name], w.db.feed(name)
			if f == nil || f.cursor.Seq != at.seq || f.cursor.Gen != at.gen && at.seq > 0 || !sameRows(f.rows, at.rows) {
				w.broken(lawAgree, "%s does not show %s as it is", m.name, name)
			}
		}
		m.look()
		for p, n := range m.shown() {
			if want := w.db.levels[m.lane.store][p]; n != want && !w.holed(m) {
				w.broken(lawAgree, "%s shows %d of %x, headquarters has %d", m.name, n, p[:2], want)
			}
		}
	}
}

// sameRows compares rows with what headquarters has, tombstones left out. The digest is not taken at its word.
func sameRows(shown, has map[key]wire.Row) bool {
	live := 0
	for k, r := range has {
		if r.Body == nil {
			continue
		}
		live++
		if s, ok := shown[k]; !ok || s.Seq != r.Seq || !bytes.Equal(s.Body, r.Body) {
			return false
		}
	}
	return live == len(shown)
}

// visible is law 9: there is a flag for every fork, hole, number printed twice and entry that never came, and none
// without a cause.
func (w *world) visible() {
	want := map[flag]bool{}
	for at, t := range w.db.trees {
		genesis := journal.Genesis(at.till, at.epoch)
		numbers := map[uint64][]journal.Hash{}
		for parent, children := range t.after {
			if !t.has(parent, genesis) {
				want[flag{at.till, at.epoch, parent, flagHole}] = true
			} else if len(children) > 1 {
				want[flag{at.till, at.epoch, parent, flagFork}] = true
			}
		}
		for h, n := range t.nodes {
			if n.number > 0 {
				numbers[n.number] = append(numbers[n.number], h)
			}
			if end := n.open.Sentinel; end.Seq > 0 {
				last := journal.Hash(end.Hash)
				if _, here := w.db.tree(place{at.till, end.Epoch}).nodes[last]; !here {
					want[flag{at.till, end.Epoch, last, flagNever}] = true
				}
			}
		}
		for _, same := range numbers {
			for _, h := range same {
				if len(same) > 1 {
					want[flag{at.till, at.epoch, h, flagTwice}] = true
				}
			}
		}
	}
	w.db.wantRefunds(want)
	got := maps.Clone(w.db.flags)
	for f := range got {
		l := w.db.tills[f.till].lane
		if !w.caused(f) {
			w.broken(lawFlags, "%s flagged %s without a cause", l.name, f.code)
		}
		if incident := f.hash == (journal.Hash{}); !incident && !want[f] {
			w.broken(lawFlags, "%s flagged %s, which does not hold", l.name, f.code)
		}
	}
	for f := range want {
		if !got[f] {
			w.broken(lawFlags, "%s is not flagged: %s of epoch %d", w.db.tills[f.till].lane.name, f.code, f.epoch)
		}
	}
}

// caused says that something happened that can lead to a flag.
func (w *world) caused(f flag) bool {
	l := w.db.tills[f.till].lane
	switch f.code {
	case flagRolled:
		return w.rolledBack
	case flagImage, flagTwo:
		return l.copied
	case flagFork, flagTwice:
		return l.exposed
	case flagOver:
		of := w.balance(w.entries[f.hash].body.(retail.Refund).Receipt)
		return of.overridden || of.excused()
	}
	return true
}

// holed says that an entry of the file became unreadable somewhere: headquarters may have a hole in its place.
func (w *world) holed(m *machine) bool {
	for _, p := range m.disk.file.paths {
		for _, l := range p.links {
			if w.spoiled[l.Hash] {
				return true
			}
		}
	}
	return false
}
