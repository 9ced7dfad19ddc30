package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/sync/link"
	"comptant/sync/wire"
)

var _ link.Journal = (*machine)(nil)

// own is the path of an epoch as the file goes on writing it or closed it; nil when the file does not have it.
func (f *file) own(epoch uint64) *path { return f.path(wire.Path{Epoch: epoch}) }

func (f *file) path(at wire.Path) *path {
	for _, p := range f.paths {
		if p.Path == at {
			return p
		}
	}
	return nil
}

// add puts a link at the end of a path, which it may begin.
func (f *file) add(at wire.Path, l journal.Link) *path {
	p := f.path(at)
	if p == nil {
		p = &path{Path: at}
		f.paths = append(f.paths, p)
		slices.SortFunc(f.paths, func(a, b *path) int {
			return cmp.Or(cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Branch, b.Branch))
		})
	}
	p.links = append(p.links, l)
	return p
}

// head is the newest entry of the newest epoch, the zero link when there is none.
func (f *file) head() journal.Link {
	for _, p := range slices.Backward(f.paths) {
		if p.Branch == 0 {
			return p.last()
		}
	}
	return journal.Link{}
}

// receipts is the newest receipt number of an epoch.
func (m *machine) receipts(epoch uint64) (number uint64) {
	if p := m.disk.file.own(epoch); p != nil {
		for _, l := range p.links {
			number = max(number, m.w.entries[l.Hash].number)
		}
	}
	return number
}

// next is the entry of an epoch after what the file holds of it.
func (m *machine) next(epoch uint64, bytes []byte) journal.Link {
	seq, prev := uint64(0), journal.Genesis(m.lane.id, epoch)
	if p := m.disk.file.own(epoch); p != nil {
		seq, prev = p.last().Seq, p.last().Hash
	}
	return journal.Chain(m.lane.id, epoch, seq+1, prev, [][]byte{bytes})[0]
}

// persist commits an entry with what more belongs to its transaction, then writes its copy. From the first on it has
// happened; from the second on it may be shown.
func (m *machine) persist(l journal.Link, more func()) error {
	err := m.write(func() {
		if more != nil {
			more()
		}
		m.disk.file.add(wire.Path{Epoch: l.Epoch}, l)
		m.w.committed(m, l)
	})
	if err != nil {
		return err
	}
	return m.write(func() { m.disk.sentinel = append(m.disk.sentinel, l) })
}

// Epochs lists the paths of the file.
func (m *machine) Epochs(context.Context) ([]wire.EpochState, error) {
	var states []wire.EpochState
	for _, p := range m.disk.file.paths {
		states = append(states, wire.EpochState{
			Epoch: p.Epoch, Branch: p.Branch, Floor: p.first() - 1, Last: p.last().Seq, Hash: p.last().Hash, Acked: p.acked,
		})
	}
	return states, nil
}

// Read gives entries that can be read; what cannot is passed over.
func (m *machine) Read(_ context.Context, at wire.Path, after uint64, limit, maxBytes int) (link.Batch, error) {
	b := link.Batch{First: after + 1}
	p := m.disk.file.path(at)
	if p == nil {
		return b, fmt.Errorf("no path %v", at)
	}
	size := 0
	for _, l := range p.links {
		if l.Seq <= after {
			continue
		}
		l, ok := m.sound(l)
		if !ok {
			if len(b.Entries) > 0 {
				break
			}
			continue
		}
		if len(b.Entries) == 0 {
			b.First, b.Prev = l.Seq, l.Prev
		}
		if size += len(l.Bytes); len(b.Entries) > 0 && (size > maxBytes || len(b.Entries) == limit) {
			break
		}
		b.Entries, b.Head = append(b.Entries, l.Bytes), l.Hash
	}
	return b, nil
}

// sound gives a link with its bytes as they were, if need be from the sentinel.
func (m *machine) sound(l journal.Link) (journal.Link, bool) {
	if m.readable(l) {
		return l, true
	}
	for _, c := range m.disk.copies() {
		if c.Hash == l.Hash {
			return c, true
		}
	}
	return l, false
}

// HashAt gives the hash of an entry, or of what comes before the first of its path.
func (m *machine) HashAt(_ context.Context, at wire.Path, seq uint64) (journal.Hash, error) {
	p := m.disk.file.path(at)
	if p != nil && seq == p.first()-1 {
		return p.links[0].Prev, nil
	}
	if p == nil || p.at(seq) == nil {
		return journal.Hash{}, fmt.Errorf("no entry %d in %v", seq, at)
	}
	return p.at(seq).Hash, nil
}

// Acknowledge keeps what headquarters has.
func (m *machine) Acknowledge(_ context.Context, at wire.Path, upto uint64, _ time.Time) error {
	p := m.disk.file.path(at)
	if p == nil {
		return fmt.Errorf("no path %v", at)
	}
	m.w.mustHaveArrived(m, p, upto)
	return m.write(func() { p.acked = min(upto, p.last().Seq) })
}

// SessionOpened keeps the session and the least epoch together.
func (m *machine) SessionOpened(_ context.Context, n, least uint64, _ time.Time) error {
	return m.write(func() {
		f := &m.disk.file
		f.sessions, f.told = n, max(f.told, least)
	})
}

// Refill puts back entries of a closed epoch.
func (m *machine) Refill(_ context.Context, epoch uint64, b link.Batch) error {
	f := &m.disk.file
	if epoch >= f.head().Epoch {
		return fmt.Errorf("epoch %d is not closed", epoch)
	}
	links := journal.Chain(m.lane.id, epoch, b.First, b.Prev, b.Entries)
	if links[len(links)-1].Hash != b.Head {
		return errors.New("the entries do not give the head that came with them")
	}
	p, last := f.own(epoch), links[len(links)-1].Seq
	for i, l := range slices.Backward(links) {
		if p != nil && p.has(l) { // and with it all before, also what is lost before the first of the file
			links = links[i+1:]
			break
		}
	}
	if len(links) == 0 {
		return m.write(func() { p.acked = max(p.acked, last) })
	}
	seq, end := uint64(0), journal.Genesis(m.lane.id, epoch)
	if p != nil {
		seq, end = p.last().Seq, p.last().Hash
	}
	if links[0].Seq != seq+1 || links[0].Prev != end {
		return errors.New("the entries do not chain on to the file")
	}
	m.w.hit("case: given back")
	return m.write(func() {
		for _, l := range links {
			p = f.add(wire.Path{Epoch: epoch}, l)
		}
		p.acked = last
	})
}
