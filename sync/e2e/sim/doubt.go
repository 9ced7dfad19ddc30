package sim

import (
	"bytes"
	"cmp"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// tellKnown tells a till of the entries by which it sees what its file lacks.
func (db *database) tellKnown(w *world, till uuid.UUID) {
	var known retail.Known
	epochs := db.epochs(till)
	for _, epoch := range epochs {
		t, genesis := db.tree(place{till, epoch}), journal.Genesis(till, epoch)
		if epoch < epochs[len(epochs)-1] {
			for _, l := range t.ends() {
				known.Ends = append(known.Ends, chainEnd(l))
			}
		}
		for parent, after := range t.after {
			if !t.has(parent, genesis) {
				hole := journal.Link{Epoch: epoch, Seq: t.nodes[after[0]].Seq - 1, Hash: parent}
				known.Holes = append(known.Holes, chainEnd(hole))
			}
		}
	}
	slices.SortFunc(known.Holes, func(a, b retail.ChainEnd) int {
		return cmp.Or(cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Seq, b.Seq), bytes.Compare(a.Hash, b.Hash))
	})
	r := wire.Row{Type: retail.RowKnown, ID: till}
	if len(known.Ends)+len(known.Holes) > 0 {
		r = row(retail.RowKnown, till, known)
	}
	db.tell(w, till, r)
}

// doubts says that the machine does not have one of its receipts, or may lack entries written after it: headquarters told it of
// one that its file does not have, or of a hole, or the file itself shows it. So does an epoch headquarters had it open, until
// that has heard of it.
func (m *machine) doubts(r retail.ReceiptID) bool {
	f := &m.disk.file
	var sold journal.Link
	if p := f.own(r.Epoch); p != nil {
		for _, l := range p.links {
			if e := m.w.entries[l.Hash]; e.kind == journal.KindSale && e.number == r.Number {
				sold = l
			}
		}
	}
	doubt := sold.Seq == 0 || f.told > r.Epoch && (f.own(f.told) == nil || f.own(f.told).acked == 0)
	for _, k := range rowsOf[retail.Known](m, retail.RowKnown) {
		doubt = doubt || slices.ContainsFunc(k.Holes, func(e retail.ChainEnd) bool { return !after(sold, e.Epoch, e.Seq) })
		doubt = doubt || slices.ContainsFunc(k.Ends, func(e retail.ChainEnd) bool {
			return !after(sold, e.Epoch, e.Seq) && !f.knows(journal.Hash(e.Hash))
		})
	}
	for _, p := range f.paths {
		doubt = doubt || p.first() > 1 && !f.knows(p.links[0].Prev) && !after(sold, p.Epoch, p.first()-1)
	}
	if m.disk.folder != nil && !m.w.holed(m) {
		real, err := m.disk.folder.InDoubt(ctx, r.Epoch, r.Number)
		m.must("tell whether it knows", err)
		m.same("doubt about "+printed(r), doubt, real)
	}
	return doubt
}

// after says that an entry comes after a place.
func after(l journal.Link, epoch, seq uint64) bool {
	return l.Epoch > epoch || l.Epoch == epoch && l.Seq > seq
}

// mustKnow is law 11 for a till that gives back, or promises, a part of its own receipt on its own word: once headquarters has
// told it all, it has every entry about the receipt that headquarters has. An image of its disk that sold goes on with an epoch
// of which headquarters has other entries: it hears of them with the answer to the first batch it sends of that epoch. Until
// then it is the image that was used offline, as it was a moment before, of which nothing is promised.
func (w *world) mustKnow(m *machine, r retail.ReceiptID) {
	if r.Till != m.lane.id || w.rolledBack || !m.core.Status().Online {
		return // rolled back, headquarters may not know what it told
	}
	newest, epochs := m.disk.file.head().Epoch, w.db.epochs(m.lane.id)
	if len(epochs) == 0 || epochs[len(epochs)-1] != newest || w.db.tills[m.lane.id].n != m.disk.file.sessions {
		return // another session of the till is newer, or its epoch has not arrived
	}
	_, opened := w.db.tree(place{m.lane.id, newest}).nodes[m.disk.file.own(newest).links[0].Hash]
	if f := m.disk.catalog[tillFeed(m.lane.id)]; !opened || f == nil || f.shown.digest != w.db.feed(tillFeed(m.lane.id)).digest {
		return
	}
	for _, epoch := range epochs {
		for h, n := range w.db.tree(place{m.lane.id, epoch}).nodes {
			var of retail.ReceiptID
			switch b := n.body.(type) {
			case retail.Refund:
				of = b.Receipt
			case retail.RefundHold:
				if !b.Released {
					of = b.Receipt
				}
			}
			p := m.disk.file.own(epoch)
			image := epoch == newest && p.acked < n.Seq && p.at(n.Seq) != nil
			if of == r && !image && !m.disk.file.knows(h) {
				w.broken(lawRefunds, "%s gives back of %s on its own word, and lacks entry %d.%d about it", m.name, printed(r), n.Epoch, n.Seq)
			}
		}
	}
	w.hit("case: given back on its own word, knowing all")
}
