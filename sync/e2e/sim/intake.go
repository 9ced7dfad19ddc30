package sim

import (
	"bytes"

	"comptant/shared/journal"
	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// store stores a batch, and applies what is new of it.
func (db *database) store(w *world, b hub.Batch) (hub.Stored, error) {
	t := db.tills[b.Till]
	if t.session != b.Session {
		w.hit("case: late message of a fenced session")
		return hub.Stored{}, wire.Fenced
	}
	links := journal.Chain(b.Till, b.Path.Epoch, b.First, b.Prev, b.Entries)
	if links[len(links)-1].Hash != b.Head {
		return hub.Stored{}, wire.BadHead
	}
	tree, genesis := db.tree(place{b.Till, b.Path.Epoch}), journal.Genesis(b.Till, b.Path.Epoch)
	_, known := tree.nodes[links[0].Hash]
	parent := b.First == 1 && b.Prev == genesis || b.First > 1 && tree.has(b.Prev, journal.Hash{})
	if !known && !parent && !b.Hole {
		w.hit("case: unknown parent")
		return hub.Stored{Upto: tree.top()}, wire.UnknownParent
	}
	defer db.tellKnown(w, b.Till)
	s := hub.Stored{Upto: links[len(links)-1].Seq}
	for i, l := range links {
		if _, known := tree.nodes[l.Hash]; known {
			continue
		}
		n := node{Link: l, meaning: read(l.Bytes)}
		n.Bytes = bytes.Clone(l.Bytes)
		tree.nodes[l.Hash] = n
		tree.after[l.Prev] = append(tree.after[l.Prev], l.Hash)
		w.arrive(t.lane, l)
		hole := i == 0 && !parent
		s.Forked = db.shape(w, t, tree, l, hole) || s.Forked
		if !db.apply(w, t, tree, l.Hash) {
			s.Notes = append(s.Notes, wire.Note{Seq: l.Seq, Code: wire.Deferred})
		}
	}
	return s, nil
}

// shape notes what a new entry means for the shape of the tree: a fork, a hole, that it fills one, or that an entry of
// which only a sentinel told has come.
func (db *database) shape(w *world, t *till, tree *tree, l journal.Link, hole bool) (forked bool) {
	at := flag{till: t.lane.id, epoch: l.Epoch, hash: l.Prev, code: flagHole}
	if hole {
		w.hit("case: hole")
		if !db.flags[at] {
			db.asked[at] = map[string]bool{string(t.key): true}
		}
		db.flags[at] = true
	} else if len(tree.after[l.Prev]) > 1 {
		w.hit("case: fork")
		at.code, forked = flagFork, true
		db.flags[at] = true
	}
	at.hash, at.code = l.Hash, flagHole
	if db.flags[at] {
		w.hit("case: hole filled")
	}
	delete(db.flags, at)
	at.code = flagNever
	delete(db.flags, at)
	if len(tree.after[l.Hash]) > 1 {
		at.code = flagFork
		db.flags[at] = true
	}
	return forked
}

// apply does what an entry says to the stock; false when it must be tried again later.
func (db *database) apply(w *world, t *till, tree *tree, h journal.Hash) bool {
	n := tree.nodes[h]
	did := n.happenings(t.lane.id, n.Link)
	if _, poisoned := did[w.poisoned]; n.unknown || poisoned {
		w.hit("case: deferred")
		return false
	}
	if n.applied {
		w.broken(lawOnce, "entry %d.%d of %s is applied twice", n.Epoch, n.Seq, t.lane.name)
	}
	n.applied = true
	tree.nodes[h] = n
	w.moment.count++
	w.applied[h] = append(w.applied[h], w.moment)
	db.happen(w, t.lane.store, did)
	if n.number > 0 {
		same := tree.list(func(o node) bool { return o.applied && o.number == n.number })
		for _, l := range same {
			if len(same) > 1 {
				w.hit("case: receipt printed twice")
				db.flags[flag{t.lane.id, n.Epoch, l.Hash, flagTwice}] = true
			}
		}
	}
	db.changeHold(w, t.lane, n)
	db.refunds(t.lane, n)
	if end := n.open.Sentinel; end.Seq > 0 {
		last := journal.Hash(end.Hash)
		if _, here := db.tree(place{t.lane.id, end.Epoch}).nodes[last]; !here {
			w.hit("case: printed, never received")
			db.flags[flag{t.lane.id, end.Epoch, last, flagNever}] = true
		}
	}
	return true
}

// retry tries every deferred entry again.
func (db *database) retry(w *world) {
	for _, m := range w.lanes {
		for _, epoch := range db.epochs(m.id) {
			tree := db.tree(place{m.id, epoch})
			for _, l := range tree.list(func(n node) bool { return !n.applied && !n.unknown }) {
				db.apply(w, db.tills[m.id], tree, l.Hash)
			}
		}
	}
}

// known is the highest of the points that is here; 0 for none.
func (db *database) known(id uuid.UUID, epoch uint64, points []wire.Point) (seq uint64) {
	tree := db.tree(place{id, epoch})
	for _, p := range points {
		if n, ok := tree.nodes[p.Hash]; ok && n.Seq == p.Seq {
			seq = max(seq, p.Seq)
		}
	}
	return seq
}

// refill is the next part of a gap: what came first after each entry.
func (db *database) refill(id uuid.UUID, gap hub.Gap, limit int) wire.Refill {
	tree := db.tree(place{id, gap.Epoch})
	part := wire.Refill{Epoch: gap.Epoch, First: gap.After + 1, Prev: gap.Hash}
	for at := gap.Hash; len(tree.after[at]) > 0 && len(part.Entries) < limit; {
		n := tree.nodes[tree.after[at][0]]
		part.Entries, part.Head, at = append(part.Entries, n.Bytes), n.Hash, n.Hash
	}
	return part
}
