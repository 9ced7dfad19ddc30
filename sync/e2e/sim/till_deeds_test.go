package sim

import (
	"crypto/ed25519"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// step chooses what a deed needs, and does it.
func (h *tillHistory) step(name string) {
	m := h.m
	switch name {
	case "sell":
		h.do(h.sell())
	case "acknowledge":
		at, upto := pick(h.w, m.disk.file.paths), uint64(0)
		for _, l := range at.links {
			h.w.arrived[l.Hash] = true
		}
		upto = at.first() - 1 + h.w.rand.Uint64N(uint64(len(at.links)+2))
		h.do(deed{
			name: "acknowledge", model: func() error { return m.Acknowledge(ctx, at.Path, upto, h.w.now) },
			real: func(f Folder) error { return f.Acknowledge(ctx, at.Path, upto, h.w.now) },
		})
	case "session":
		n, least := h.w.rand.Uint64N(9), m.disk.file.head().Epoch+pick(h.w, []uint64{0, 0, 1, 100})
		h.do(deed{
			name: "session", model: func() error { return m.SessionOpened(ctx, n, least, h.w.now) },
			real: func(f Folder) error { return f.SessionOpened(ctx, n, least, h.w.now) },
		})
	case "epoch":
		h.do(h.open(m.disk.file.head().Epoch+pick(h.w, []uint64{0, 1, 5}), retail.EpochGranted))
	case "refill":
		epoch, batch := h.lost()
		h.do(deed{
			name: "refill", model: func() error { return m.Refill(ctx, epoch, batch) },
			real: func(f Folder) error { return f.Refill(ctx, epoch, batch) },
		})
	case "follow":
		var feeds []string
		for _, name := range h.feeds() {
			if !h.w.chance(6) {
				feeds = append(feeds, name)
			}
		}
		h.follows(feeds)
	case "page":
		if page, ok := h.page(); ok {
			model, real := m.Publish, Folder.Publish
			if page.More {
				model, real = m.Stage, Folder.Stage
			}
			h.do(deed{
				name: "page", model: func() error { return model(ctx, page) },
				real: func(f Folder) error { return real(f, ctx, page) },
			})
		}
	case "reset":
		feed, gen := pick(h.w, h.feeds()), 1+h.w.rand.Uint64N(3)
		if m.disk.catalog[feed] != nil {
			h.do(deed{
				name: "reset", model: func() error { return m.Reset(ctx, feed, gen) },
				real: func(f Folder) error { return f.Reset(ctx, feed, gen) },
			})
		}
	case "kill":
		h.stop()
		h.start()
	case "copy":
		m.images = append(m.images, m.copyOf(m.disk))
	case "set back":
		if len(m.images) > 0 {
			part := h.w.rand.IntN(3)
			h.w.setBack(m, part != 0, part != 1)
			h.start()
		}
	case "unreadable":
		unreadable(h.w, m)
	case "damage":
		damage(h.w, m)
	case "enrol":
		h.stop()
		m.key = h.w.newKey()
		epoch := m.disk.file.head().Epoch + pick(h.w, []uint64{0, 1, 100})
		e := Enrolment{Till: m.lane.id, Store: m.lane.store, Number: 1, Key: m.key, HQ: h.w.identity.Public().(ed25519.PublicKey), Epoch: epoch}
		h.do(deed{
			name: "enrol", model: func() error { m.disk.file.granted = epoch; return nil },
			real: func(f Folder) error { return f.Enrol(ctx, e) },
		})
		if m.core == nil {
			h.start()
		}
	}
}

func (h *tillHistory) follows(feeds []string) {
	h.do(deed{
		name: "follow", model: func() error { return h.m.Follow(ctx, feeds) },
		real: func(f Folder) error { return f.Follow(ctx, feeds) },
	})
}

func (h *tillHistory) sell() deed {
	m := h.m
	least, reason := m.disk.file.least()
	due := least > m.disk.file.head().Epoch
	number := m.receipts(m.disk.file.head().Epoch) + 1
	if due {
		number = 1
	}
	var kind journal.Kind
	var body any
	switch h.w.rand.IntN(6) {
	case 0:
		kind, body = journal.KindSignIn, retail.SignIn{Name: "A"}
	case 2:
		kind, body = journal.KindCount, h.w.counted()
	case 1:
		kind, body = newer, map[int]int{1: 1}
	default:
		kind, body = journal.KindSale, h.w.sale(number, m.wall())
	}
	d := deed{
		name: "sell",
		real: func(f Folder) error {
			return f.Commit(ctx, kind, func(given uint64) any {
				if kind == journal.KindSale {
					m.same("receipt number", number, given)
				}
				return body
			})
		},
		entry: func() journal.Link { return m.next(m.disk.file.head().Epoch, m.made(kind, body)) },
	}
	if due {
		d.first = func() { h.write(h.open(least, reason).entry(), true) }
	}
	return d
}

func (h *tillHistory) open(least uint64, reason retail.EpochReason) deed {
	return deed{
		name: "open an epoch", real: func(f Folder) error { return f.OpenEpoch(ctx, least) },
		entry: func() (l journal.Link) {
			head := h.m.disk.file.head()
			if head.Epoch >= least {
				return l
			}
			var end journal.Link
			if n := len(h.m.disk.sentinel); n > 0 {
				end = h.m.disk.sentinel[n-1]
			}
			return h.m.opening(least, reason, head, end)
		},
	}
}

func (h *tillHistory) lost() (epoch uint64, b link.Batch) {
	f := &h.m.disk.file
	last := pick(h.w, h.links)
	if fits := slices.DeleteFunc(slices.Clone(h.links), func(l journal.Link) bool {
		p := f.own(l.Epoch)
		return l.Epoch >= f.head().Epoch || p == nil && l.Seq > 1 || p != nil && l.Prev != p.last().Hash
	}); len(fits) > 0 && !h.w.chance(3) {
		last = pick(h.w, fits)
	}
	b.Head = last.Hash
	for l := last; len(b.Entries) < 1+h.w.rand.IntN(9); {
		b.First, b.Prev = l.Seq, l.Prev
		b.Entries = append([][]byte{l.Bytes}, b.Entries...)
		before, known := h.known[l.Prev]
		if !known {
			break
		}
		l = h.links[before]
	}
	switch h.w.rand.IntN(12) {
	case 0:
		b.Head[0] ^= 1
	case 1:
		b.First++
	case 2:
		b.Prev[0] ^= 1
	}
	return last.Epoch, b
}

func (h *tillHistory) feeds() []string {
	return []string{globalFeed, storeFeed(h.m.lane.store), "till:" + h.m.lane.id.String()}
}

func (h *tillHistory) page() (page wire.Changes, ok bool) {
	name := pick(h.w, h.feeds())
	at := h.w.db.feed(name)
	for range h.w.rand.IntN(4) {
		at.publish(h.row(name))
	}
	c := wire.Cursor{Feed: name}
	if f := h.m.disk.catalog[name]; f != nil {
		c = f.cursor
		if len(f.staged) > 0 && !h.w.chance(4) {
			c.Seq = f.upto
		}
	}
	page, reset, ok := h.w.db.page(c, 1+h.w.rand.IntN(4))
	if !ok || reset != nil {
		return page, false
	}
	switch h.w.rand.IntN(15) {
	case 0:
		page.Gen++
	case 1:
		page.From++
	case 2:
		page.Digest++
	}
	return page, true
}

func (h *tillHistory) row(feed string) wire.Row {
	w, id := h.w, uuid.UUID{9, byte(h.w.rand.IntN(4))}
	r := row(999, id, w.rand.IntN(100))
	switch of := w.rand.IntN(4); {
	case feed == globalFeed && of == 0:
		r = row(retail.RowProduct, id, retail.Product{ID: id, SKU: id.String(), Name: retail.Text{FR: "Café"}, Price: money.Amount(w.rand.IntN(9))})
	case feed == globalFeed && of == 1:
		r = row(retail.RowPriceBook, id, retail.PriceBook{Version: uint64(id[1]), From: 1, Lines: []retail.PriceLine{{Product: id, Price: 1}}})
	case feed == globalFeed && of == 2:
		r = row(retail.RowLocation, h.m.lane.store, retail.Location{ID: h.m.lane.store, Code: "AA", Zone: "America/Toronto"})
	case feed == storeFeed(h.m.lane.store) && of == 0:
		r = row(retail.RowStock, pick(w, w.products), retail.Stock{OnHand: money.Quantity(1000 * w.rand.IntN(50)), Counted: h.latest()})
	case feed == storeFeed(h.m.lane.store) && of < 3:
		r = row(retail.RowMark, h.m.lane.id, retail.Mark{Ends: h.ends(), Forks: h.ends(), Deferred: h.ends()})
	case feed == tillFeed(h.m.lane.id) && of < 3:
		known := retail.Known{Ends: h.ends()}
		if w.chance(4) {
			known.Holes = h.ends()
		}
		r = row(retail.RowKnown, h.m.lane.id, known)
	}
	if w.chance(6) {
		r.Body = nil
	}
	return r
}

func (h *tillHistory) ends() (ends []retail.ChainEnd) {
	for _, l := range h.links {
		if h.w.chance(8) {
			ends = append(ends, chainEnd(l))
		}
	}
	return ends
}

// latest is the count a level includes: this till's, another's, or none.
func (h *tillHistory) latest() (c retail.Happened) {
	of := pick(h.w, h.links)
	switch h.w.rand.IntN(3) {
	case 0:
		c = retail.Happened{At: read(of.Bytes).at, Till: h.m.lane.id, Epoch: of.Epoch, Seq: of.Seq, Ref: uuid.UUID(of.Hash[:16])}
	case 1:
		c = retail.Happened{At: read(of.Bytes).at, Till: uuid.UUID{2, 9}, Epoch: 1, Seq: 1, Ref: h.w.uuid()}
	}
	return c
}
