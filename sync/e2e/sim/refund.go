package sim

import (
	"iter"
	"maps"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// refundsOwn gives back a part of a sale that the file holds, at most what is left of it there.
func (m *machine) refundsOwn() {
	m.act("refund", func(epoch uint64) (journal.Kind, any) {
		sales := m.own(func(e entry) bool { _, ok := e.body.(retail.Sale); return ok })
		if len(sales) == 0 {
			return 0, nil
		}
		e := m.w.entries[pick(m.w, sales).Hash]
		sale, receipt := e.body.(retail.Sale), retail.ReceiptID{Till: m.lane.id, Epoch: e.epoch, Number: e.number}
		before := m.givenBack(receipt)
		left := remains{}
		left.sold(sale)
		left.refunded(before)
		of := m.w.rand.IntN(len(sale.Lines))
		if left[of] <= 0 {
			return 0, nil
		}
		r, ok := m.refund(epoch, receipt, sale, before, []retail.RefundPart{{Of: of, Quantity: m.w.part(left[of])}})
		if !ok {
			return 0, nil
		}
		if r.Doubt = m.doubts(receipt); r.Doubt {
			if !m.w.chance(4) {
				return 0, nil
			}
			m.w.hit("case: refund in doubt")
			r.Approver = approver
			return journal.KindRefund, r
		}
		m.w.hit("case: refund")
		return journal.KindRefund, r
	})
}

// part is some of a quantity.
func (w *world) part(of money.Quantity) money.Quantity {
	return money.Quantity(1000 * (1 + w.rand.IntN(int(of/1000))))
}

// refund is a body that gives back parts of a receipt. Only a receipt that copies of a disk printed twice may have other lines
// here than there, and then there is none.
func (m *machine) refund(
	epoch uint64, receipt retail.ReceiptID, sale retail.Sale, before, parts []retail.RefundPart,
) (retail.Refund, bool) {
	r, err := retail.NewRefund(sale, before, parts)
	if err != nil && m.w.balance(receipt).excused() {
		return retail.Refund{}, false
	}
	if err != nil {
		m.w.broken(lawRefunds, "%s cannot refund what is left of %s: %v", m.name, printed(receipt), err)
	}
	r.Number, r.BusinessDate, r.Receipt, r.Reason = m.receipts(epoch)+1, retail.DateOf(m.wall()), receipt, "broken"
	r.Tenders = []retail.Tender{{Kind: retail.TenderCard, Amount: r.Total}}
	return r, true
}

// own are the entries of the file's own paths that are wanted and can be read.
func (m *machine) own(wanted func(entry) bool) (links []journal.Link) {
	for _, p := range m.disk.file.paths {
		for _, l := range p.links {
			if p.Branch == 0 && wanted(m.w.entries[l.Hash]) && m.readable(l) {
				links = append(links, l)
			}
		}
	}
	return links
}

// givenBack is what the disk says is gone from the lines of one of its receipts: refunded, or promised to others. A branch
// tells of that too, but not that a promise was taken back: what it was may be missing.
func (m *machine) givenBack(receipt retail.ReceiptID) (parts []retail.RefundPart) {
	gone := map[int]money.Quantity{}
	for e, own := range m.remembers() {
		switch b := e.body.(type) {
		case retail.Refund:
			if b.Receipt == receipt {
				add(gone, b.Parts(), 1)
			}
		case retail.RefundHold:
			if b.Receipt == receipt && !b.Released {
				add(gone, b.Parts, 1)
			} else if b.Receipt == receipt && own {
				add(gone, b.Parts, -1)
			}
		}
	}
	for _, of := range slices.Sorted(maps.Keys(gone)) {
		if gone[of] != 0 {
			parts = append(parts, retail.RefundPart{Of: of, Quantity: gone[of]})
		}
	}
	if m.disk.folder != nil && !m.w.holed(m) {
		real, err := m.disk.folder.GivenBack(ctx, receipt.Epoch, receipt.Number)
		m.must("tell what is gone", err)
		sum := map[int]money.Quantity{}
		add(sum, real, 1)
		maps.DeleteFunc(sum, func(_ int, q money.Quantity) bool { return q == 0 })
		maps.DeleteFunc(gone, func(_ int, q money.Quantity) bool { return q == 0 })
		m.same("what is gone from "+printed(receipt), gone, sum)
	}
	return parts
}

// remembers are the entries of the file's own paths, then those of branches that are on none of them. What they mean was
// noted when each was written, and outlives its bytes.
func (m *machine) remembers() iter.Seq2[entry, bool] {
	return func(yield func(e entry, own bool) bool) {
		seen := map[journal.Hash]bool{}
		for _, own := range []bool{true, false} {
			for _, p := range m.disk.file.paths {
				for _, l := range p.links {
					if own != (p.Branch == 0) || seen[l.Hash] {
						continue
					}
					seen[l.Hash] = true
					if !yield(m.w.entries[l.Hash], own) {
						return
					}
				}
			}
		}
	}
}

func add(sum map[int]money.Quantity, parts []retail.RefundPart, sign money.Quantity) {
	for _, p := range parts {
		sum[p.Of] += sign * p.Quantity
	}
}

// approver is the supervisor who goes on without the till that sold.
var approver = uuid.UUID{6}
