package sim

import (
	"errors"
	"maps"
	"slices"

	"comptant/shared/journal"
	"comptant/sync/wire"
)

var errFull = errors.New("disk is full")

// died unwinds a process that was killed. done says that the write under way took effect.
type died struct{ done bool }

// disk is what a machine has when it is off.
type disk struct {
	file    file
	catalog catalog
	// sentinel are the copies of entries outside the database, in the order they were written. A damaged one has no bytes.
	sentinel []journal.Link
	// aside are sentinels that were damaged and put aside.
	aside [][]journal.Link
	// folder is the real one beside this model; nil when there is none.
	folder Folder
}

// file is the database that is precious.
type file struct {
	// sessions is the number of the last session, granted the first epoch the enrolment allows, told the least epoch to write
	// that a session told.
	sessions, granted, told uint64
	// paths are the epochs and, after each, the branches that its own path does not hold.
	paths []*path
}

// path is a run of entries of one epoch.
type path struct {
	wire.Path
	links []journal.Link
	acked uint64
}

func (p *path) first() uint64 { return p.links[0].Seq }

func (p *path) last() journal.Link { return p.links[len(p.links)-1] }

// at gives the link with a number; nil when the path does not have it.
func (p *path) at(seq uint64) *journal.Link {
	if seq < p.first() || seq > p.last().Seq {
		return nil
	}
	return &p.links[seq-p.first()]
}

// has tells whether a link is of the path, or the one that its first comes after.
func (p *path) has(l journal.Link) bool {
	if l.Seq+1 == p.first() {
		return p.links[0].Prev == l.Hash
	}
	known := p.at(l.Seq)
	return known != nil && known.Hash == l.Hash
}

func (w *world) newDisk() *disk {
	d := &disk{catalog: catalog{}}
	if w.newFolder != nil {
		d.folder = w.newFolder()
	}
	return d
}

func (m *machine) copyOf(d *disk) *disk {
	c := &disk{file: d.file, catalog: d.catalog.copy(), sentinel: slices.Clone(d.sentinel), aside: slices.Clone(d.aside)}
	c.file.paths = make([]*path, len(d.file.paths))
	for i, p := range d.file.paths {
		c.file.paths[i] = &path{Path: p.Path, links: slices.Clone(p.links), acked: p.acked}
	}
	if d.folder != nil {
		var err error
		c.folder, err = d.folder.Copy()
		m.must("copy", err)
	}
	return c
}

// write is one transaction of a machine's disk: it takes effect wholly or not at all. The process may be killed before it
// or right after.
func (m *machine) write(do func()) error {
	if m.full {
		return errFull
	}
	if m.killIn > 0 {
		if m.killIn--; m.killIn == 0 {
			if m.w.chance(2) {
				m.w.hit("fault: killed before a write")
				panic(died{})
			}
			m.w.hit("fault: killed after a write")
			do()
			panic(died{done: true})
		}
	}
	do()
	return nil
}

// readable says that the bytes of an entry are still what they were.
func (m *machine) readable(l journal.Link) bool {
	return journal.Next(l.Prev, m.lane.id, l.Epoch, l.Seq, l.Bytes) == l.Hash
}

// copies are the sound entries outside the database.
func (d *disk) copies() []journal.Link {
	var all []journal.Link
	for _, s := range append(slices.Clone(d.aside), d.sentinel) {
		for _, l := range s {
			if l.Bytes != nil {
				all = append(all, l)
			}
		}
	}
	return all
}

// holds are the entries that the disk still has, whatever file they are in.
func (m *machine) holds() map[journal.Hash]bool {
	held := map[journal.Hash]bool{}
	for _, p := range m.disk.file.paths {
		for _, l := range p.links {
			if m.readable(l) {
				held[l.Hash] = true
			}
		}
	}
	for _, l := range m.disk.copies() {
		held[l.Hash] = true
	}
	return held
}

// harm looks, after the disk of a machine was destroyed or set back, what of it is lost.
func (w *world) harm(m *machine) {
	if m.newest != (journal.Hash{}) && !m.holds()[m.newest] {
		m.lane.exposed = true
		m.newest = journal.Hash{}
	}
	m.lane.forgets = m.lane.forgets || m.forgets()
	w.lost()
}

// lost looks which entries have no copy left.
func (w *world) lost() {
	left := w.db.stored()
	for _, m := range w.machines {
		if !m.gone {
			maps.Copy(left, m.holds())
		}
	}
	maps.DeleteFunc(w.surviving, func(h journal.Hash, _ bool) bool { return !left[h] })
}
