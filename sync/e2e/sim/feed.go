package sim

import (
	"maps"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

const globalFeed = "global"

func storeFeed(store uuid.UUID) string { return "store:" + store.String() }

func tillFeed(till uuid.UUID) string { return "till:" + till.String() }

// feed is the newest state of everything a till must know of one matter.
type feed struct {
	gen, seq, floor, digest uint64
	rows                    map[key]wire.Row
}

func (db *database) feed(name string) *feed {
	if db.feeds[name] == nil {
		// One that nobody has published to has begun all the same, with no rows: else it could not say so to who shows some.
		db.feeds[name] = &feed{gen: 1, seq: 1, rows: map[key]wire.Row{}}
	}
	return db.feeds[name]
}

// publish writes rows that differ from what is there. A nil body deletes.
func (f *feed) publish(rows ...wire.Row) {
	for _, r := range rows {
		k := key{r.Type, r.ID}
		old, known := f.rows[k]
		if known && slices.Equal(old.Body, r.Body) || !known && r.Body == nil {
			continue
		}
		f.seq++
		r.Seq = f.seq
		if known && old.Body != nil {
			f.digest -= wire.RowHash(k.kind, k.id, old.Seq, old.Body)
		}
		if r.Body != nil {
			f.digest += wire.RowHash(k.kind, k.id, r.Seq, r.Body)
		}
		f.rows[k] = r
	}
}

// page is the next page after a cursor, or why it must be reset.
func (db *database) page(c wire.Cursor, most int) (wire.Changes, *wire.Reset, bool) {
	f := db.feed(c.Feed)
	if code := f.refuses(c); code != 0 {
		return wire.Changes{}, &wire.Reset{Feed: c.Feed, Gen: f.gen, Code: code}, true
	}
	if c.Seq == f.seq {
		return wire.Changes{Digest: f.digest}, nil, false
	}
	page := wire.Changes{Feed: c.Feed, Gen: f.gen, From: c.Seq, Base: c.Base, Upto: f.seq, Digest: f.digest}
	if c.Seq == 0 {
		page.Base = f.seq
	}
	for _, r := range f.rows {
		if r.Seq > c.Seq {
			page.Rows = append(page.Rows, r)
		}
	}
	slices.SortFunc(page.Rows, func(a, b wire.Row) int { return int(a.Seq) - int(b.Seq) })
	if len(page.Rows) > most {
		page.Rows = page.Rows[:most]
		page.Upto, page.More, page.Digest = page.Rows[most-1].Seq, true, 0
	}
	return page, nil, true
}

// refuses says why a cursor cannot be served; 0 when it can.
func (f *feed) refuses(c wire.Cursor) wire.Code {
	switch {
	case c.Seq == 0 && c.Gen == 0:
		return 0
	case c.Gen != f.gen:
		return wire.GenerationChanged
	case c.Seq > f.seq:
		return wire.CursorAhead
	case c.Seq > 0 && max(c.Seq, c.Base) < f.floor:
		return wire.CursorTooOld
	case c.Seq == f.seq && c.Digest != 0 && c.Digest != f.digest:
		return wire.DigestDiffers
	}
	return 0
}

// flush publishes the levels of a store that changed, with the marks that say which entries they include, all of one
// moment.
func (db *database) flush(w *world, store uuid.UUID) {
	if len(db.stale[store]) == 0 {
		return
	}
	var rows []wire.Row
	products := slices.SortedFunc(maps.Keys(db.stale[store]), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for _, p := range products {
		rows = append(rows, row(retail.RowStock, p, retail.Stock{
			OnHand: money.Quantity(db.levels[store][p]), Counted: db.counted[store][p].retail(),
		}))
	}
	clear(db.stale[store])
	for _, l := range w.lanes {
		if l.store == store {
			rows = append(rows, row(retail.RowMark, l.id, db.mark(l)))
		}
	}
	f := db.feed(storeFeed(store))
	f.publish(rows...)
	w.beside.flush(db, store)
	w.published[version{storeFeed(store), f.seq, f.digest}] = state{w.moment, maps.Clone(db.levels[store]), maps.Clone(db.counted[store])}
}

// mark says which entries of a till the levels include.
func (db *database) mark(l *lane) (m retail.Mark) {
	for _, epoch := range db.epochs(l.id) {
		t := db.tree(place{l.id, epoch})
		for _, e := range t.ends() {
			m.Ends = append(m.Ends, chainEnd(e))
		}
		for _, e := range t.list(func(n node) bool { return len(t.after[n.Hash]) > 1 }) {
			m.Forks = append(m.Forks, chainEnd(e))
		}
		for _, e := range t.list(func(n node) bool { return !n.applied }) {
			m.Deferred = append(m.Deferred, chainEnd(e))
		}
	}
	return m
}

// named finds a link in a list.
func named(list []retail.ChainEnd, l journal.Link) *retail.ChainEnd {
	for i, e := range list {
		if e.Epoch == l.Epoch && e.Seq == l.Seq && string(e.Hash) == string(l.Hash[:]) {
			return &list[i]
		}
	}
	return nil
}

// reprice changes the price of a product, or takes it out of the assortment.
func (db *database) reprice(w *world) {
	id := uuid.UUID{9, byte(w.rand.IntN(12))}
	r := row(retail.RowProduct, id, retail.Product{ID: id, Price: money.Amount(w.rand.Uint32())})
	if w.chance(5) {
		r.Body = nil
	}
	db.feed(globalFeed).publish(r)
}

func row(kind retail.RowType, id uuid.UUID, body any) wire.Row {
	b, err := cbor.Marshal(body)
	if err != nil {
		panic(err)
	}
	return wire.Row{Type: kind, ID: id, Body: b}
}
