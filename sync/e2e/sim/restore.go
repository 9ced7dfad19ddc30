package sim

import (
	"context"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// open makes the database and the sentinel agree before anything is sold, as a till does when it starts.
func (m *machine) open() error {
	d := m.disk
	damaged := slices.IndexFunc(d.sentinel, func(l journal.Link) bool { return l.Bytes == nil })
	switch damaged {
	case -1:
	case len(d.sentinel) - 1:
		// It looks like one that was cut short when the process was killed.
		m.w.hit("case: damaged end of the sentinel")
		if err := m.write(func() { d.sentinel = d.sentinel[:damaged] }); err != nil {
			return err
		}
	default:
		m.w.hit("case: damaged sentinel")
		if err := m.write(func() { d.aside, d.sentinel = append(d.aside, d.sentinel), nil }); err != nil {
			return err
		}
	}
	var end journal.Link
	if n := len(d.sentinel); n > 0 {
		end = d.sentinel[n-1]
	}
	head, before := d.file.head(), d.file.beforeHead()
	missing := slices.ContainsFunc(d.copies(), func(c journal.Link) bool { return !d.file.knows(c.Hash) })
	switch {
	case head.Hash == end.Hash && !missing:
	case end.Seq > 0 && before.Hash == end.Hash && !missing && m.readable(head):
		// The process was killed between the commit and the copy: the sale has happened. No sentinel at all is no such case,
		// and an entry that cannot be read must not be copied.
		m.w.hit("case: one entry ahead of the sentinel")
		if err := m.write(func() { d.sentinel = append(d.sentinel, head) }); err != nil {
			return err
		}
	default:
		if err := m.restore(head, end); err != nil {
			return err
		}
	}
	return m.openEpoch(d.file.least())
}

// least is the least epoch to write, and who said so.
func (f *file) least() (uint64, retail.EpochReason) {
	if f.told > f.granted {
		return f.told, retail.EpochGranted
	}
	return f.granted, retail.EpochEnrolled
}

// beforeHead is the second newest entry of the own paths.
func (f *file) beforeHead() (before journal.Link) {
	var head journal.Link
	for _, p := range f.paths {
		if p.Branch == 0 {
			for _, l := range p.links {
				before, head = head, l
			}
		}
	}
	return before
}

// restore copies back what the sentinel has and the database lost: on its path where it chains on to it, else on a branch
// of its own, which is sent but means nothing to this till. Then it opens an epoch above all that either knows.
func (m *machine) restore(head, end journal.Link) error {
	m.w.hit("case: restored, found at the start")
	f := &m.disk.file
	copies := m.disk.copies()
	least, _ := f.least()
	next := max(head.Epoch+1, least)
	for _, c := range copies {
		next = max(next, c.Epoch+1)
	}
	reason := retail.EpochRestored
	if head.Seq == 0 || end.Seq == 0 && len(m.disk.aside) > 0 {
		reason = retail.EpochDamaged
	}
	return m.persist(m.opening(next, reason, head, end), func() {
		for _, c := range copies {
			// What the copies begin with is all there is of an epoch that the file does not have. What became a branch because
			// something before it was missing goes on the path once headquarters has given that back.
			if p := f.own(c.Epoch); p == nil || c.Seq == p.last().Seq+1 && c.Prev == p.last().Hash {
				f.add(wire.Path{Epoch: c.Epoch}, c)
				continue
			}
			if f.knows(c.Hash) {
				continue
			}
			m.w.hit("case: stray branch")
			f.add(f.stray(c), c)
		}
	})
}

// knows says that some path holds an entry.
func (f *file) knows(h journal.Hash) bool {
	for _, p := range f.paths {
		for _, l := range p.links {
			if l.Hash == h {
				return true
			}
		}
	}
	return false
}

// stray is the branch on which an entry goes: the one it chains on to, or a new one.
func (f *file) stray(l journal.Link) wire.Path {
	branch := uint64(1)
	for _, p := range f.paths {
		if p.Epoch != l.Epoch || p.Branch == 0 {
			continue
		}
		if p.last().Hash == l.Prev {
			return p.Path
		}
		branch = max(branch, p.Branch+1)
	}
	return wire.Path{Epoch: l.Epoch, Branch: branch}
}

// OpenEpoch opens an epoch headquarters asked for.
func (m *machine) OpenEpoch(_ context.Context, least uint64) error {
	return m.openEpoch(least, retail.EpochGranted)
}

func (m *machine) openEpoch(least uint64, reason retail.EpochReason) error {
	head := m.disk.file.head()
	if head.Epoch >= least {
		return nil
	}
	var end journal.Link
	if n := len(m.disk.sentinel); n > 0 {
		end = m.disk.sentinel[n-1]
	}
	return m.persist(m.opening(least, reason, head, end), nil)
}

// opening is the first entry of an epoch.
func (m *machine) opening(epoch uint64, reason retail.EpochReason, head, end journal.Link) journal.Link {
	body := retail.EpochOpen{
		Nonce: m.w.bytes(16), Store: m.lane.store, Reason: reason, File: chainEnd(head), Sentinel: chainEnd(end),
	}
	bytes := m.made(journal.KindEpochOpen, body)
	return journal.Chain(m.lane.id, epoch, 1, journal.Genesis(m.lane.id, epoch), [][]byte{bytes})[0]
}
