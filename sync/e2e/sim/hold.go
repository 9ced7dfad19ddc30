package sim

import (
	"bytes"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// hold is the right of one till to refund a receipt of another, as far as headquarters has heard of it. It is a value:
// what it points to is never changed.
type hold struct {
	id      uuid.UUID
	receipt retail.ReceiptID
	to      uuid.UUID
	asked   []retail.RefundPart
	sale    retail.Sale
	// answer is what the till that sold journaled; nil while it has not.
	answer             *retail.RefundHold
	givenUp, takenBack bool
	uses               []use
}

// use is a refund, by the till that gave back.
type use struct {
	node journal.Link
	by   uuid.UUID
	retail.Refund
}

func (u use) flag(code string) flag { return flag{u.by, u.node.Epoch, u.node.Hash, code} }

func (h hold) state() retail.HoldState {
	switch {
	case h.answer == nil:
		return retail.HoldWaits
	case h.answer.Doubt:
		return retail.HoldInDoubt
	case len(h.answer.Parts) == 0:
		return retail.HoldRefused
	}
	return retail.HoldGranted
}

// answers says whether what the till that sold says now counts. Copies of its disk may answer differently. What one granted may
// be used already, whichever came first, and one that knows counts before one that cannot tell.
func (h hold) answers(b retail.RefundHold) bool {
	s := h.state()
	return s != retail.HoldGranted && (s != retail.HoldRefused || !b.Doubt)
}

// right says whether a refund is the one that the hold allows.
func (h hold) right(u use) bool {
	return h.state() == retail.HoldGranted && len(h.uses) == 1 && !h.givenUp &&
		u.by == h.to && u.Receipt == h.receipt && slices.Equal(u.Parts(), h.answer.Parts)
}

// command takes a till's question for a hold to the till that sold.
func (db *database) command(w *world, by *lane, m wire.Command) error {
	var asked retail.HoldAsked
	if err := cbor.Unmarshal(m.Args, &asked); err != nil {
		return wire.Invalid
	}
	if _, known := db.holds[asked.ID]; known {
		w.hit("case: hold asked for again")
		return nil
	}
	sales := db.soldUnder(asked.Receipt)
	if len(sales) == 0 {
		w.hit("case: hold of an unknown receipt")
		return wire.UnknownRef
	}
	w.hit("case: hold asked for")
	db.put(w, hold{id: asked.ID, receipt: asked.Receipt, to: by.id, asked: asked.Parts, sale: sales[0]})
	return nil
}

// soldUnder are the sales under a receipt's number that could be applied, in the order of their hashes.
func (db *database) soldUnder(r retail.ReceiptID) (sales []retail.Sale) {
	var found []node
	for _, n := range db.tree(place{r.Till, r.Epoch}).nodes {
		if _, ok := n.body.(retail.Sale); ok && n.applied && n.number == r.Number {
			found = append(found, n)
		}
	}
	slices.SortFunc(found, func(a, b node) int { return bytes.Compare(a.Hash[:], b.Hash[:]) })
	for _, n := range found {
		sales = append(sales, n.body.(retail.Sale))
	}
	return sales
}

// changeHold does to a hold what an entry of a till says of it.
func (db *database) changeHold(w *world, by *lane, n node) {
	switch b := n.body.(type) {
	case retail.RefundHold:
		h := db.hold(b.ID, b.Receipt)
		switch {
		case by.id == b.Receipt.Till && b.Released:
			h.takenBack = true
		case by.id == b.Receipt.Till && h.answers(b):
			h.answer, h.to = &b, b.For
		case by.id == b.Receipt.Till:
		default:
			h.givenUp = true
		}
		db.judgeHold(h)
		db.put(w, h)
	case retail.Refund:
		u := use{n.Link, by.id, b}
		db.set(u.flag(flagDoubt), b.Doubt)
		if b.Receipt.Till == by.id {
			return
		}
		if b.Hold == uuid.Nil {
			db.flags[u.flag(flagNoHold)] = true
			return
		}
		h := db.hold(b.Hold, b.Receipt)
		h.uses = append(slices.Clip(h.uses), u)
		db.judgeHold(h)
		db.put(w, h)
	}
}

// hold is one that headquarters may hear of for the first time.
func (db *database) hold(id uuid.UUID, receipt retail.ReceiptID) hold {
	h, known := db.holds[id]
	if !known {
		h = hold{id: id, receipt: receipt}
	}
	if h.sale.Number == 0 {
		if sales := db.soldUnder(receipt); len(sales) > 0 {
			h.sale = sales[0]
		}
	}
	return h
}

func (db *database) judgeHold(h hold) {
	for _, u := range h.uses {
		db.set(u.flag(flagNoHold), !h.right(u))
	}
}

// set raises a flag, or lowers it.
func (db *database) set(f flag, raised bool) {
	if raised {
		db.flags[f] = true
	} else {
		delete(db.flags, f)
	}
}

// put keeps a hold and tells the till that sold what it is asked for, and the till that asked how its hold stands. Rows go
// once they have been answered or used.
func (db *database) put(w *world, h hold) {
	db.holds[h.id] = h
	back := h.givenUp && h.state() == retail.HoldGranted && !h.takenBack
	asked := wire.Row{Type: retail.RowHoldAsked, ID: h.id}
	if h.answer == nil && !h.givenUp || back {
		asked = row(retail.RowHoldAsked, h.id, retail.HoldAsked{ID: h.id, Receipt: h.receipt, For: h.to, Parts: h.asked, Released: back})
	}
	db.tell(w, h.receipt.Till, asked)
	given := wire.Row{Type: retail.RowHoldGiven, ID: h.id}
	if len(h.uses) == 0 && !h.givenUp {
		g := retail.HoldGiven{State: h.state(), Sale: h.sale}
		g.Hold = retail.RefundHold{ID: h.id, Receipt: h.receipt, For: h.to, Parts: h.asked}
		switch {
		case g.State == retail.HoldInDoubt:
			g.Hold.Before = h.answer.Before
		case h.answer != nil:
			g.Hold = *h.answer
		}
		given = row(retail.RowHoldGiven, h.id, g)
	}
	db.tell(w, h.to, given)
}

// tell publishes a row to a till's own feed. Notices of flags, which go there too, are left out: they change nothing.
func (db *database) tell(w *world, till uuid.UUID, r wire.Row) {
	if till == uuid.Nil {
		return // an entry came before the one that says for whom
	}
	name := tillFeed(till)
	f := db.feed(name)
	f.publish(r)
	w.published[version{name, f.seq, f.digest}] = state{moment: w.moment}
	w.notify(name)
}

// refunds compares a receipt with what was sold under it, when an entry may have changed either: one that refunds it, or the
// sale, when a refund came first.
func (db *database) refunds(by *lane, n node) {
	switch b := n.body.(type) {
	case retail.Refund:
		db.refunded[b.Receipt] = append(slices.Clip(db.refunded[b.Receipt]), use{n.Link, by.id, b})
		db.judgeReceipt(b.Receipt)
	case retail.Sale:
		db.judgeReceipt(retail.ReceiptID{Till: by.id, Epoch: n.Epoch, Number: n.number})
	}
}

// judgeReceipt flags all refunds of a receipt when there is no such sale, or more was refunded than sold.
func (db *database) judgeReceipt(r retail.ReceiptID) {
	uses := db.refunded[r]
	if len(uses) == 0 {
		return
	}
	sales := db.soldUnder(r)
	over := beyond(sales, uses)
	for _, u := range uses {
		db.set(u.flag(flagUnknown), len(sales) == 0)
		db.set(u.flag(flagOver), len(sales) > 0 && over)
	}
}

// beyond says whether refunds give back more of a line than was sold.
func beyond(sales []retail.Sale, uses []use) bool {
	left := remains{}
	for _, s := range sales {
		left.sold(s)
	}
	for _, u := range uses {
		left.refunded(u.Parts())
	}
	return left.beyond()
}
