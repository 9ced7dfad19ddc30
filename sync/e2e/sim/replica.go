package sim

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

var _ link.Replica = (*machine)(nil)

// key is which thing a row is about.
type key struct {
	kind retail.RowType
	id   uuid.UUID
}

// catalog is the copy of the feeds.
type catalog map[string]*copied

// copied is one feed: what is visible, and the pages that wait for their last one.
type copied struct {
	cursor wire.Cursor
	rows   map[key]wire.Row
	// shown is the state that is visible; it stays while the feed is loaded again.
	shown  version
	staged []wire.Row
	upto   uint64
}

func (c catalog) copy() catalog {
	d := catalog{}
	for name, f := range c {
		g := *f
		g.rows, g.staged = maps.Clone(f.rows), slices.Clone(f.staged)
		d[name] = &g
	}
	return d
}

// Cursors is how far each feed is published here.
func (m *machine) Cursors(context.Context) ([]wire.Cursor, error) {
	var cursors []wire.Cursor
	for _, name := range slices.Sorted(maps.Keys(m.disk.catalog)) {
		cursors = append(cursors, m.disk.catalog[name].cursor)
	}
	return cursors, nil
}

// Follow keeps the feeds of the list and drops the others.
func (m *machine) Follow(_ context.Context, feeds []string) error {
	return m.write(func() {
		maps.DeleteFunc(m.disk.catalog, func(name string, _ *copied) bool { return !slices.Contains(feeds, name) })
		for _, name := range feeds {
			if m.disk.catalog[name] == nil {
				m.disk.catalog[name] = &copied{cursor: wire.Cursor{Feed: name}, rows: map[key]wire.Row{}}
			}
		}
	})
}

// Reset begins a feed again; what is visible stays.
func (m *machine) Reset(_ context.Context, feed string, gen uint64) error {
	f := m.disk.catalog[feed]
	if f == nil {
		return fmt.Errorf("feed %s is not followed", feed)
	}
	m.w.hit("case: feed reset")
	return m.write(func() { f.cursor, f.staged, f.upto = wire.Cursor{Feed: feed, Gen: gen}, nil, 0 })
}

// follows says whether a page continues what is here, and what would be staged with it.
func (f *copied) follows(page wire.Changes) (staged []wire.Row, err error) {
	if f == nil {
		return nil, fmt.Errorf("feed %s is not followed", page.Feed)
	}
	gen := f.cursor.Gen
	if f.cursor.Seq == 0 && page.From == 0 {
		gen = page.Gen // a feed that begins takes the generation of its first page
	}
	switch {
	case page.Gen != gen:
		return nil, wire.GenerationChanged
	case page.From == f.cursor.Seq:
		// The connection was lost in the middle: the staging begins again.
	case page.From == f.upto:
		staged = f.staged
	default:
		return nil, wire.CursorAhead
	}
	return append(slices.Clone(staged), page.Rows...), nil
}

// Stage keeps a page that is not the last.
func (m *machine) Stage(_ context.Context, page wire.Changes) error {
	f := m.disk.catalog[page.Feed]
	staged, err := f.follows(page)
	if err != nil {
		return err
	}
	return m.write(func() { f.cursor.Gen, f.staged, f.upto = page.Gen, staged, page.Upto })
}

// Publish makes the staged pages and the last one visible at once, when they come to the digest headquarters says.
func (m *machine) Publish(_ context.Context, page wire.Changes) error {
	f := m.disk.catalog[page.Feed]
	staged, err := f.follows(page)
	if err != nil {
		return err
	}
	rows := map[key]wire.Row{}
	if f.cursor.Seq != 0 {
		rows = maps.Clone(f.rows)
	}
	for _, r := range staged {
		if len(r.Body) == 0 {
			delete(rows, key{r.Type, r.ID})
		} else {
			rows[key{r.Type, r.ID}] = r
		}
	}
	if digestOf(rows) != page.Digest {
		m.w.hit("case: digest differs")
		return wire.DigestDiffers
	}
	base := page.Base
	if page.Upto >= base {
		base = 0
	}
	return m.write(func() {
		f.rows, f.staged, f.upto = rows, nil, 0
		f.cursor = wire.Cursor{Feed: page.Feed, Gen: page.Gen, Seq: page.Upto, Base: base, Digest: page.Digest}
		f.shown = version{page.Feed, page.Upto, page.Digest}
	})
}

// digestOf adds up the rows as wire.RowHash says.
func digestOf(rows map[key]wire.Row) (sum uint64) {
	for _, r := range rows {
		sum += wire.RowHash(r.Type, r.ID, r.Seq, r.Body)
	}
	return sum
}

// shown is the stock the screen shows: headquarters' level, then what this file has done that the level does not include.
func (m *machine) shown() map[uuid.UUID]int64 {
	stock := newShelves()
	var mark retail.Mark
	if f := m.disk.catalog[storeFeed(m.lane.store)]; f != nil {
		for k, r := range f.rows {
			switch k.kind {
			case retail.RowStock:
				row := decode[retail.Stock](r.Body)
				stock.levels[k.id], stock.counted[k.id] = int64(row.OnHand), ofRow(row.Counted)
			case retail.RowMark:
				if k.id == m.lane.id {
					mark = decode[retail.Mark](r.Body)
				}
			}
		}
	}
	for _, p := range m.disk.file.paths {
		if p.Branch != 0 {
			continue
		}
		upto, _ := p.included(mark)
		for _, l := range p.links {
			stock.own(m.w.entries[l.Hash].meaning, m.lane.id, l, l.Seq <= upto && named(mark.Deferred, l) == nil)
		}
	}
	return stock.levels
}

// included is how far the rows with a mark include a path: up to the highest end of a branch that lies on it. When there is
// none but headquarters has the epoch, it has more of it than the file, which therefore is a copy and not placed: it has up
// to the fork before, and what it acknowledged since, of which the rows may not have all yet, but nothing past what they name.
func (p *path) included(mark retail.Mark) (upto uint64, placed bool) {
	ends, top := p.highest(mark.Ends)
	forks, more := p.highest(mark.Forks)
	if top = max(top, more); ends > 0 || top == 0 {
		return ends, true
	}
	return max(forks, min(p.acked, top)), false
}

// highest is the last entry of a list that lies on the path, top the last that it names of the epoch.
func (p *path) highest(list []retail.ChainEnd) (seq, top uint64) {
	for _, e := range list {
		if e.Epoch != p.Epoch {
			continue
		}
		top = max(top, e.Seq)
		if l := p.at(e.Seq); l != nil && string(l.Hash[:]) == string(e.Hash) {
			seq = max(seq, e.Seq)
		}
	}
	return seq, top
}

func decode[T any](body []byte) (v T) {
	if err := cbor.Unmarshal(body, &v); err != nil {
		panic(err)
	}
	return v
}
