package sim

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// happening is something that moved the stock of a product, or counted it.
type happening struct {
	// at is what the entry says of its time, in milliseconds; the rest is its place and its hash.
	at         int64
	till       uuid.UUID
	epoch, seq uint64
	hash       journal.Hash
	counted    bool
	quantity   int64
}

// later says that a happened after b: what one till wrote is in the order of its journal, everything else in that of time.
func later(a, b happening) bool {
	hash := bytes.Compare(a.hash[:16], b.hash[:16]) // what rows of the feed have of it
	if a.till == b.till {
		return cmp.Or(cmp.Compare(a.epoch, b.epoch), cmp.Compare(a.seq, b.seq), hash) > 0
	}
	return cmp.Or(cmp.Compare(a.at, b.at), hash) > 0
}

// happenings are what an entry does to products.
func (m meaning) happenings(till uuid.UUID, l journal.Link) map[uuid.UUID][]happening {
	all := map[uuid.UUID][]happening{}
	h := happening{at: m.at, till: till, epoch: l.Epoch, seq: l.Seq, hash: l.Hash}
	for _, v := range m.moves {
		h.quantity = v.quantity
		all[v.product] = append(all[v.product], h)
	}
	if c, ok := m.body.(retail.Count); ok {
		h.counted, h.quantity = true, int64(c.Quantity)
		all[c.Product] = append(all[c.Product], h)
	}
	return all
}

// onHand is what the latest count found and what moved after it. With the clocks of several tills wrong, the latest is the
// one with the latest time of those that their own tills followed with no other.
func onHand(all []happening) (sum int64, latest *happening) {
	for i, h := range all {
		followed := slices.ContainsFunc(all, func(o happening) bool { return o.counted && o.till == h.till && later(o, h) })
		if h.counted && !followed && (latest == nil || later(h, *latest)) {
			latest = &all[i]
		}
	}
	if latest != nil {
		sum = latest.quantity
	}
	for _, h := range all {
		if !h.counted && (latest == nil || later(h, *latest)) {
			sum += h.quantity
		}
	}
	return sum, latest
}

// happen applies to the stock of a store what an entry does.
func (db *database) happen(w *world, store uuid.UUID, did map[uuid.UUID][]happening) {
	if db.happened[store] == nil && len(did) > 0 {
		db.happened[store], db.levels[store] = map[uuid.UUID][]happening{}, map[uuid.UUID]int64{}
		db.counted[store], db.stale[store] = map[uuid.UUID]happening{}, map[uuid.UUID]bool{}
	}
	for p, list := range did {
		_, before := onHand(db.happened[store][p])
		for _, h := range list {
			if h.counted {
				w.hit("case: count")
			}
			if before != nil && !later(h, *before) {
				w.hit("case: something before a count arrives after it")
			}
		}
		db.happened[store][p] = append(slices.Clone(db.happened[store][p]), list...)
		sum, latest := onHand(db.happened[store][p])
		db.levels[store][p], db.stale[store][p] = sum, true
		if latest != nil {
			db.counted[store][p] = *latest
		}
	}
}

// retail is the happening as rows of the feed name it.
func (h happening) retail() retail.Happened {
	if !h.counted {
		return retail.Happened{}
	}
	return retail.Happened{At: h.at, Till: h.till, Epoch: h.epoch, Seq: h.seq, Ref: uuid.UUID(h.hash[:16])}
}

// ofRow is the count that a row names; nil when it names none.
func ofRow(r retail.Happened) *happening {
	if r == (retail.Happened{}) {
		return nil
	}
	h := happening{at: r.At, till: r.Till, epoch: r.Epoch, seq: r.Seq, counted: true}
	copy(h.hash[:], r.Ref[:])
	return &h
}

// shelves is the stock of a store as headquarters says it, and what a till's own entries make of it: those that it does not
// include, unless its latest count has seen them. A count that it does not include replaces it.
type shelves struct {
	levels   map[uuid.UUID]int64
	counted  map[uuid.UUID]*happening
	replaced map[uuid.UUID]bool
}

func newShelves() shelves {
	return shelves{map[uuid.UUID]int64{}, map[uuid.UUID]*happening{}, map[uuid.UUID]bool{}}
}

// own takes the till's next entry.
func (s shelves) own(m meaning, till uuid.UUID, l journal.Link, included bool) {
	for p, list := range m.happenings(till, l) {
		for _, h := range list {
			of := s.counted[p]
			seen := included || of != nil && !later(h, *of)
			switch {
			case h.counted && !seen:
				s.levels[p], s.replaced[p] = h.quantity, true
			case !h.counted && (s.replaced[p] || !seen):
				s.levels[p] += h.quantity
			}
		}
	}
}

// counts has the machine count a product, or end a session of counting.
func (m *machine) counts() {
	m.act("count", func(uint64) (journal.Kind, any) { return journal.KindCount, m.w.counted() })
}

// counted is a body.
func (w *world) counted() retail.Count {
	if w.chance(8) {
		return retail.Count{Session: uuid.UUID{7}, Done: true}
	}
	return retail.Count{Session: uuid.UUID{7}, Product: pick(w, w.products), Quantity: money.Quantity(1000 * w.rand.IntN(40))}
}

// fold is the stock of a store that its entries come to, worked out in another way than onHand: the happenings of a product
// that no count is after are left.
func fold(all []happening) (sum int64) {
	last := map[uuid.UUID]happening{}
	for _, h := range all {
		if was, ok := last[h.till]; h.counted && (!ok || later(h, was)) {
			last[h.till] = h
		}
	}
	order := slices.SortedFunc(maps.Values(last), func(a, b happening) int {
		return cmp.Or(cmp.Compare(a.at, b.at), bytes.Compare(a.hash[:], b.hash[:]))
	})
	for _, h := range all {
		if n := len(order); n == 0 || h == order[n-1] || !h.counted && later(h, order[n-1]) {
			sum += h.quantity
		}
	}
	return sum
}
