package sim

import (
	"slices"
	"time"

	"comptant/shared/journal"

	"github.com/google/uuid"
)

// misfortune has something go wrong now and then, as long as there is a storm.
func (w *world) misfortune() {
	w.after(w.upTo(20*time.Second), func() {
		if w.calm {
			return
		}
		f := pick(w, faults)
		w.hit("fault: " + f.name)
		w.say("fault: %s", f.name)
		f.do(w, pick(w, w.machines))
		w.misfortune()
	})
}

type fault struct {
	name string
	do   func(w *world, m *machine)
}

// faults are what may go wrong; those of the network and storage that happen to single messages are elsewhere.
var faults []fault

func init() {
	faults = []fault{
		{"connection lost", func(_ *world, m *machine) {
			if m.conn != nil {
				m.conn.cut()
			}
		}},
		{"half-open, up", func(_ *world, m *machine) {
			if m.conn != nil {
				m.conn.up.mute = true
			}
		}},
		{"half-open, down", func(_ *world, m *machine) {
			if m.conn != nil {
				m.conn.down.mute = true
			}
		}},
		{"partition", partition},
		{"till killed", func(_ *world, m *machine) { m.stop(m.w.chance(2)); m.planStart() }},
		{"till killed at a write", func(_ *world, m *machine) { m.killIn = 1 + m.w.rand.IntN(8) }},
		{"till killed at a write", func(_ *world, m *machine) { m.killIn = 1 + m.w.rand.IntN(3) }},
		{"disk full", func(w *world, m *machine) {
			m.full = true
			w.after(w.upTo(20*time.Second), func() { m.full = false })
		}},
		{"clock jumps", func(w *world, m *machine) { m.skew = w.upTo(48*time.Hour) - 24*time.Hour }},
		{"clock drifts", func(w *world, m *machine) { m.rate = w.rand.Float64()/5 - 0.1 }},
		{"copy taken", func(_ *world, m *machine) { m.images = append(m.images, m.copyOf(m.disk)) }},
		{"copy taken", func(_ *world, m *machine) { m.images = append(m.images, m.copyOf(m.disk)) }},
		{"database restored", func(w *world, m *machine) { w.setBack(m, true, false) }},
		{"sentinel restored", func(w *world, m *machine) { w.setBack(m, false, true) }},
		{"disk image restored", func(w *world, m *machine) { w.setBack(m, true, true) }},
		{"disk cloned", cloned},
		{"entry unreadable", unreadable},
		{"sentinel damaged", damage},
		{"enrolled again", enrolAgain},
		{"headquarters backed up", func(w *world, _ *machine) { w.backups = append(w.backups, w.db.copy()) }},
		{"headquarters rolled back", rollBack},
		{"process killed", func(w *world, _ *machine) { pick(w, w.processes).restart(func(p *process) { p.kill() }) }},
		{"process drained", func(w *world, _ *machine) { pick(w, w.processes).restart(func(p *process) { p.drain() }) }},
		{"poison", poison},
	}
}

// partition keeps a machine from headquarters for a while.
func partition(w *world, m *machine) {
	w.partitioned[m] = true
	if m.conn != nil {
		m.conn.up.mute, m.conn.down.mute = true, true
	}
	w.after(w.upTo(time.Minute), func() { delete(w.partitioned, m) })
}

// setBack restores parts of a machine's disk from a copy. The catalogue goes with the database only when the whole disk is
// set back: a backup holds what is precious.
func (w *world) setBack(m *machine, file, sentinel bool) {
	if len(m.images) == 0 || m.gone {
		return
	}
	m.stop(w.chance(2))
	old := m.copyOf(pick(w, m.images))
	var parts []Part
	if file {
		parts = append(parts, Database)
		m.disk.file, m.lane.copied, m.told = old.file, true, 0
	}
	if sentinel {
		parts = append(parts, Sentinel)
		m.disk.sentinel, m.disk.aside = old.sentinel, old.aside
	}
	if file && sentinel {
		parts = append(parts, Catalog)
		m.disk.catalog = old.catalog
	}
	if m.disk.folder != nil {
		m.must("restore", m.disk.folder.Restore(old.folder, parts...))
	}
	w.harm(m)
	if file && m.lane.exposed {
		// A catalogue that is newer than the journal beside it tells of entries that nobody here wrote.
		m.disk.catalog = catalog{}
		if m.disk.folder != nil {
			m.must("drop the catalogue", m.disk.folder.Restore(w.newFolder(), Catalog))
		}
	}
	m.planStart()
}

// cloned has a second machine with one key as another.
func cloned(w *world, m *machine) {
	// Not often: what two machines do until one of them goes takes time to play.
	if len(m.images) == 0 || !w.chance(3) || slices.ContainsFunc(w.machines, func(o *machine) bool { return o.lane == m.lane && o != m }) {
		return
	}
	c := w.clone(m)
	c.planStart()
	w.shop(c)
}

// clone makes a second machine of a copy of a disk, key and all.
func (w *world) clone(m *machine) *machine {
	m.lane.exposed, m.lane.copied = true, true
	c := &machine{w: w, name: m.name + "'", lane: m.lane, key: m.key, disk: m.copyOf(pick(w, m.images))}
	w.machines = append(w.machines, c)
	return c
}

// unreadable flips a bit of an entry in the database, and maybe of its copy too.
func unreadable(w *world, m *machine) {
	if len(m.disk.file.paths) == 0 {
		return
	}
	p := pick(w, m.disk.file.paths)
	l := &p.links
	i := w.rand.IntN(len(*l))
	bad := slices.Clone((*l)[i].Bytes)
	bad[w.rand.IntN(len(bad))] ^= 1
	w.spoiled[(*l)[i].Hash] = true
	(*l)[i].Bytes = bad
	if m.disk.folder != nil {
		m.must("spoil an entry", m.disk.folder.SpoilEntry(p.Path, (*l)[i].Seq, bad))
	}
	if w.chance(2) {
		w.spoil(m, func(c journal.Link) bool { return c.Hash == (*l)[i].Hash })
	}
	w.harm(m)
}

// damage spoils an entry of the sentinel.
func damage(w *world, m *machine) {
	if n := len(m.disk.sentinel); n > 0 {
		h := m.disk.sentinel[w.rand.IntN(n)].Hash
		w.spoil(m, func(c journal.Link) bool { return c.Hash == h })
		w.harm(m)
	}
}

func (w *world) spoil(m *machine, which func(journal.Link) bool) {
	m.disk.sentinel = slices.Clone(m.disk.sentinel)
	for i, c := range m.disk.sentinel {
		if which(c) {
			w.spoiled[c.Hash] = true
			m.disk.sentinel[i].Bytes = nil
			if m.disk.folder != nil {
				m.must("spoil a record", m.disk.folder.SpoilRecord(c.Hash))
			}
		}
	}
}

// enrolAgain gives a machine a new key, as after its key was lost; maybe the whole disk was.
func enrolAgain(w *world, m *machine) {
	if m.gone {
		return
	}
	for _, o := range w.machines {
		if o.lane == m.lane && o != m && !o.gone {
			// A person who enrols a lane again takes the other machine away.
			o.stop(true)
			o.gone = true
		}
	}
	m.stop(w.chance(2))
	if w.chance(2) {
		m.disk, m.told = w.newDisk(), 0
	}
	m.images = nil // a copy holds the old key
	w.enrol(m)
	w.hit("case: no key, enrolled again")
	w.harm(m)
	m.planStart()
}

// rollBack sets headquarters back to a backup. Whoever does it may say so, which moves every feed past what was lost; if
// not, the digests tell.
func rollBack(w *world, _ *machine) {
	if len(w.backups) == 0 || w.beside != nil {
		return
	}
	for _, p := range w.processes {
		if p.up {
			p.kill()
		}
	}
	w.db = pick(w, w.backups).copy()
	w.rolledBack = true
	if w.chance(2) {
		for name, f := range w.db.feeds {
			was, shown := w.published[version{name, f.seq, f.digest}]
			f.seq += 1_000_000
			f.floor = f.seq
			if !shown {
				was.moment.life = -1 // nothing was published before
			}
			w.published[version{name, f.seq, f.digest}] = was
		}
	}
	w.moment = moment{life: w.moment.life + 1}
	for _, t := range w.db.trees {
		for h, n := range t.nodes {
			if n.applied {
				w.applied[h] = append(w.applied[h], w.moment)
			}
		}
	}
	w.lost()
	for _, m := range w.machines {
		if !w.db.tills[m.lane.id].key.Equal(m.key.Public()) {
			enrolAgain(w, m)
		}
	}
	for _, p := range w.processes {
		p.restart(func(*process) {})
	}
}

// restart ends a process in some way and starts it again some time later.
func (p *process) restart(end func(*process)) {
	if p.up {
		end(p)
	}
	p.w.after(11*time.Second+p.w.upTo(30*time.Second), func() {
		if !p.up {
			p.start()
		}
	})
}

// poison is a product whose sales headquarters cannot apply for a while.
func poison(w *world, _ *machine) {
	if w.beside != nil {
		return
	}
	w.poisoned = pick(w, w.products)
	w.after(w.upTo(time.Minute), func() { w.poisoned = uuid.Nil })
}
