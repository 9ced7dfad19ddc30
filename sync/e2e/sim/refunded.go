package sim

import (
	"fmt"
	"maps"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// remains are what is left of the lines of a receipt.
type remains map[int]money.Quantity

func (l remains) sold(s retail.Sale) {
	for i, line := range s.Lines {
		l[i] += line.Quantity
	}
}

func (l remains) refunded(parts []retail.RefundPart) { add(l, parts, -1) }

func (l remains) beyond() bool {
	for _, q := range l {
		if q < 0 {
			return true
		}
	}
	return false
}

// balance is what really became of a receipt.
type balance struct {
	// left is without what a supervisor allowed.
	left remains
	// lanes sold and refunded it; overridden says that a supervisor allowed one of its refunds.
	lanes      map[*lane]bool
	overridden bool
}

// excused says that a lane which sold or refunded the receipt could not know what it had done.
func (b *balance) excused() bool {
	for l := range b.lanes {
		if l.exposed || l.forgets {
			return true
		}
	}
	return false
}

// forgets says that the machine's disk does not tell of all that its lane gave back or away.
func (m *machine) forgets() bool {
	known := m.holds()
	for _, p := range m.disk.file.paths {
		for _, l := range p.links {
			known[l.Hash] = true
		}
	}
	return slices.ContainsFunc(m.w.gave, func(h journal.Hash) bool { return m.w.entries[h].lane == m.lane && !known[h] })
}

func (w *world) balance(r retail.ReceiptID) *balance {
	if w.balances[r] == nil {
		w.balances[r] = &balance{left: remains{}, lanes: map[*lane]bool{}}
	}
	return w.balances[r]
}

// mustBeLeft is law 11 at the moment an entry is committed.
func (w *world) mustBeLeft(m *machine, h journal.Hash, e entry) {
	switch b := e.body.(type) {
	case retail.Sale:
		of := w.balance(retail.ReceiptID{Till: m.lane.id, Epoch: e.epoch, Number: e.number})
		of.left.sold(b)
		of.lanes[m.lane] = true
		w.sold = append(w.sold, h)
	case retail.RefundHold:
		w.gave = append(w.gave, h)
		if len(b.Parts) > 0 && !b.Released {
			w.mustKnow(m, b.Receipt)
		}
	case retail.Refund:
		w.gave = append(w.gave, h)
		of := w.balance(b.Receipt)
		of.lanes[m.lane] = true
		if b.Approver != uuid.Nil {
			of.overridden = true
			return
		}
		w.mustKnow(m, b.Receipt)
		of.left.refunded(b.Parts())
		w.refundsWithin(b.Receipt)
	}
}

// refundsWithin is law 11 for a receipt.
func (w *world) refundsWithin(r retail.ReceiptID) {
	of := w.balance(r)
	if !of.left.beyond() {
		return
	}
	if !of.excused() {
		w.broken(lawRefunds, "more of %s is refunded than was sold: %v", printed(r), of.left)
	}
	w.hit("case: refunded beyond what was sold")
}

// allWithin is law 11 for every receipt.
func (w *world) allWithin() {
	for r := range w.balances {
		w.refundsWithin(r)
	}
}

// printed names a receipt.
func printed(r retail.ReceiptID) string {
	return fmt.Sprintf("T%d-%d-%d", r.Till[1], r.Epoch, r.Number)
}

// wantRefunds adds the flags that the refunds which are stored must have.
func (db *database) wantRefunds(want map[flag]bool) {
	holds, refunded := map[uuid.UUID]hold{}, map[retail.ReceiptID][]use{}
	for at, t := range db.trees {
		for _, n := range t.nodes {
			switch b := n.body.(type) {
			case retail.RefundHold:
				h := holds[b.ID]
				switch {
				case at.till != b.Receipt.Till:
					h.givenUp = true
				case !b.Released && h.answers(b):
					h.receipt, h.to, h.answer = b.Receipt, b.For, &b
				}
				holds[b.ID] = h
			case retail.Refund:
				refunded[b.Receipt] = append(refunded[b.Receipt], use{n.Link, at.till, b})
			}
		}
	}
	for _, uses := range refunded {
		for _, u := range uses {
			h := holds[u.Hold]
			h.uses = append(h.uses, u)
			holds[u.Hold] = h
		}
	}
	for r, uses := range refunded {
		sales := db.soldUnder(r)
		for _, u := range uses {
			want[u.flag(flagUnknown)] = len(sales) == 0
			want[u.flag(flagOver)] = len(sales) > 0 && beyond(sales, uses)
			want[u.flag(flagDoubt)] = u.Doubt
			want[u.flag(flagNoHold)] = u.by != r.Till && !holds[u.Hold].right(u)
		}
	}
	maps.DeleteFunc(want, func(_ flag, wanted bool) bool { return !wanted })
}
