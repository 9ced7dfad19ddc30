package sim

import (
	"bytes"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// asks asks headquarters for the right to refund a part of a receipt of another till of the store, as a customer shows it.
func (m *machine) asks() {
	if m.core == nil || !m.core.Status().Online {
		return
	}
	others := slices.DeleteFunc(slices.Clone(m.w.sold), func(h journal.Hash) bool {
		l := m.w.entries[h].lane
		return l == m.lane || l.store != m.lane.store
	})
	if len(others) == 0 {
		return
	}
	e := m.w.entries[pick(m.w, others)]
	sale := e.body.(retail.Sale)
	of := m.w.rand.IntN(len(sale.Lines))
	ask := retail.HoldAsked{
		ID: m.w.uuid(), Receipt: retail.ReceiptID{Till: e.lane.id, Epoch: e.epoch, Number: e.number}, For: m.lane.id,
		Parts: []retail.RefundPart{{Of: of, Quantity: m.w.part(sale.Lines[of].Quantity)}},
	}
	args, err := cbor.Marshal(ask)
	if err != nil {
		panic(err)
	}
	m.w.say("%s asks for a hold of %s", m.name, printed(ask.Receipt))
	times := 1
	if m.w.chance(4) {
		times = 2 // as after a lost answer
	}
	m.hear("ask", func(c *link.Core) {
		for range times {
			c.Ask(wire.Command{ID: ask.ID, Name: wire.CommandHold, Args: args})
		}
	})
}

// usesHold does what a person does with a right that was asked for: refunds under it, or gives it up. Where the till that
// sold has not answered, a supervisor may go on without.
func (m *machine) usesHold() {
	m.act("refund under a hold", func(epoch uint64) (journal.Kind, any) {
		open := slices.DeleteFunc(rowsOf[retail.HoldGiven](m, retail.RowHoldGiven), func(g retail.HoldGiven) bool {
			said := m.said(g.Hold.ID)
			return g.State == retail.HoldRefused || g.Sale.Number == 0 || said.Used || said.Released
		})
		if len(open) == 0 {
			return 0, nil
		}
		g := pick(m.w, open)
		if g.State == retail.HoldGranted && m.w.chance(5) {
			m.w.hit("case: hold given up")
			g.Hold.Released = true
			return journal.KindRefundHold, g.Hold
		}
		if _, err := retail.NewRefund(g.Sale, g.Hold.Before, g.Hold.Parts); err != nil && g.State == retail.HoldInDoubt {
			return 0, nil // nobody said that so much is left
		}
		r, ok := m.refund(epoch, g.Hold.Receipt, g.Sale, g.Hold.Before, g.Hold.Parts)
		switch {
		case !ok:
			return 0, nil
		case g.State == retail.HoldGranted:
			m.w.hit("case: refund under a hold")
			r.Hold = g.Hold.ID
		case m.w.chance(4):
			m.w.hit("case: refund with an override")
			r.Approver = approver
		default:
			return 0, nil
		}
		return journal.KindRefund, r
	})
}

// answers journals the answers to what other tills ask this one for, as its feed says. What a full disk refuses waits until
// the feed changes, or the next start.
func (m *machine) answers() {
	for _, a := range rowsOf[retail.HoldAsked](m, retail.RowHoldAsked) {
		m.act("answer", func(uint64) (journal.Kind, any) {
			said := m.said(a.ID)
			if a.Receipt.Till != m.lane.id || said.Released || said.Answered && !a.Released {
				return 0, nil
			}
			answer := retail.RefundHold{ID: a.ID, Receipt: a.Receipt, For: a.For, Released: a.Released}
			if a.Released {
				m.w.hit("case: hold taken back")
				answer.Parts, answer.Before = said.Entry.Parts, said.Entry.Before
				return journal.KindRefundHold, answer
			}
			answer.Before = m.givenBack(a.Receipt)
			sales := m.own(func(e entry) bool {
				_, ok := e.body.(retail.Sale)
				return ok && e.epoch == a.Receipt.Epoch && e.number == a.Receipt.Number
			})
			if len(sales) == 0 || m.doubts(a.Receipt) {
				m.w.hit("case: hold in doubt")
				answer.Doubt = true
				return journal.KindRefundHold, answer
			}
			sale := m.w.entries[sales[0].Hash].body.(retail.Sale)
			if _, err := retail.NewRefund(sale, answer.Before, a.Parts); err == nil {
				m.w.hit("case: hold granted")
				answer.Parts = a.Parts
				return journal.KindRefundHold, answer
			}
			m.w.hit("case: hold refused")
			return journal.KindRefundHold, answer
		})
	}
}

// Saying is what a disk says of a hold: that it was answered, given up or taken back, or used.
type Saying struct {
	Answered, Released, Used bool
	// Entry is the newest about it, released before answered.
	Entry retail.RefundHold
}

func (m *machine) said(hold uuid.UUID) (s Saying) {
	for e, own := range m.remembers() {
		switch b := e.body.(type) {
		case retail.RefundHold:
			newer := own || !s.Answered || b.Released && !s.Released // a branch says only what is not known
			if b.ID == hold && newer && (b.Released || !s.Released) {
				s.Answered, s.Released, s.Entry = true, b.Released, b
			}
		case retail.Refund:
			s.Used = s.Used || b.Hold == hold
		}
	}
	if m.disk.folder != nil && !m.w.holed(m) {
		real, err := m.disk.folder.Said(ctx, hold)
		m.must("say of a hold", err)
		m.same("what it says of a hold", s, real)
	}
	return s
}

// rowsOf are the rows of a type in the machine's own feed, in the order of their ids.
func rowsOf[T any](m *machine, kind retail.RowType) (list []T) {
	f := m.disk.catalog[tillFeed(m.lane.id)]
	if f == nil {
		return nil
	}
	for _, k := range keysOf(f.rows, kind) {
		list = append(list, decode[T](f.rows[k].Body))
	}
	return list
}

// keysOf are the keys of the live rows of a type, in the order of their ids.
func keysOf(rows map[key]wire.Row, kind retail.RowType) (keys []key) {
	for k, r := range rows {
		if k.kind == kind && r.Body != nil {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b key) int { return bytes.Compare(a.id[:], b.id[:]) })
	return keys
}
