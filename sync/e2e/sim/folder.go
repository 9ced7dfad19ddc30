package sim

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// Folder is a real till's folder that is asked everything the model of a machine's disk is asked. It must give the same
// answers. Its till runs from Start to Kill, which may come again.
type Folder interface {
	link.Journal
	link.Replica
	// Commit writes an entry; the body of a sale or a refund takes the receipt number it is given.
	Commit(ctx context.Context, kind journal.Kind, body func(number uint64) any) error
	// Stock is what the till shows of products.
	Stock(ctx context.Context, products []uuid.UUID) (map[uuid.UUID]int64, error)
	// GivenBack is what is gone from one of the till's own receipts, InDoubt whether it lacks entries about it, Said what its
	// journal says of a hold.
	GivenBack(ctx context.Context, epoch, number uint64) ([]retail.RefundPart, error)
	InDoubt(ctx context.Context, epoch, number uint64) (bool, error)
	Said(ctx context.Context, hold uuid.UUID) (Saying, error)

	// Enrol keeps what an enrolment gave.
	Enrol(ctx context.Context, e Enrolment) error
	// Start starts the till, and gives the number of its last session. Kill ends it as a power cut would.
	Start(ctx context.Context, now func() time.Time) (session uint64, err error)
	Kill() error

	// Copy is a copy of the folder as it is at this moment.
	Copy() (Folder, error)
	// Restore puts back parts of a copy.
	Restore(from Folder, parts ...Part) error
	// SpoilEntry writes other bytes over those of an entry of the database, SpoilRecord damages the sentinel's record of one.
	SpoilEntry(at wire.Path, seq uint64, bytes []byte) error
	SpoilRecord(h journal.Hash) error
	// CutSentinel leaves the first records of the sentinel.
	CutSentinel(records int) error
}

// Part is a part of a folder.
type Part int

// The parts of a folder.
const (
	Database Part = iota
	Sentinel
	Catalog
)

// Enrolment is what a folder is enrolled with.
type Enrolment struct {
	Till, Store uuid.UUID
	Number      int
	Key         ed25519.PrivateKey
	HQ          ed25519.PublicKey
	Epoch       uint64
}

// both is a machine whose folder is asked what its model is asked.
type both struct{ *machine }

var (
	_ link.Journal = both{}
	_ link.Replica = both{}
)

func (b both) Epochs(ctx context.Context) ([]wire.EpochState, error) {
	model, err := b.machine.Epochs(ctx)
	real, failed := b.disk.folder.Epochs(ctx)
	b.must("list the paths", errors.Join(err, failed))
	b.same("paths", model, real)
	return model, nil
}

// Read asks the folder again until it has given what the model gives: it may give less at a time.
func (b both) Read(ctx context.Context, at wire.Path, after uint64, limit, maxBytes int) (link.Batch, error) {
	model, err := b.machine.Read(ctx, at, after, limit, maxBytes)
	b.must("read", err)
	for rest := model; ; {
		real, err := b.disk.folder.Read(ctx, at, after, limit, maxBytes)
		b.must("read", err)
		n := len(real.Entries)
		b.same("something to read", len(rest.Entries) > 0, n > 0)
		b.same("where it begins", rest.First, real.First)
		if n == 0 {
			return model, nil
		}
		b.same("what comes before", rest.Prev, real.Prev)
		n = min(n, len(rest.Entries))
		b.same("what is read", rest.Entries[:n], real.Entries[:n])
		if n == len(rest.Entries) {
			b.same("where it ends", rest.Head, journal.Chain(b.lane.id, at.Epoch, real.First, real.Prev, real.Entries[:n])[n-1].Hash)
			return model, nil
		}
		after = rest.First + uint64(n) - 1
		rest = link.Batch{First: after + 1, Prev: real.Head, Head: model.Head, Entries: rest.Entries[n:]}
	}
}

func (b both) HashAt(ctx context.Context, at wire.Path, seq uint64) (journal.Hash, error) {
	model, err := b.machine.HashAt(ctx, at, seq)
	real, failed := b.disk.folder.HashAt(ctx, at, seq)
	if err == nil {
		b.must("find a hash", failed)
	}
	b.same("hash", model, real)
	return model, err
}

func (b both) Acknowledge(ctx context.Context, at wire.Path, upto uint64, on time.Time) error {
	return b.also("acknowledge",
		func() error { return b.machine.Acknowledge(ctx, at, upto, on) },
		func(f Folder) error { return f.Acknowledge(ctx, at, upto, on) })
}

func (b both) SessionOpened(ctx context.Context, n, least uint64, at time.Time) error {
	return b.also("keep a session",
		func() error { return b.machine.SessionOpened(ctx, n, least, at) },
		func(f Folder) error { return f.SessionOpened(ctx, n, least, at) })
}

func (b both) OpenEpoch(ctx context.Context, least uint64) error {
	return b.first("open an epoch",
		func(f Folder) error { return f.OpenEpoch(ctx, least) },
		func() error { return b.machine.OpenEpoch(ctx, least) })
}

func (b both) Refill(ctx context.Context, epoch uint64, batch link.Batch) error {
	return b.also("refill",
		func() error { return b.machine.Refill(ctx, epoch, batch) },
		func(f Folder) error { return f.Refill(ctx, epoch, batch) })
}

func (b both) Cursors(ctx context.Context) ([]wire.Cursor, error) {
	model, err := b.machine.Cursors(ctx)
	real, failed := b.disk.folder.Cursors(ctx)
	b.must("list the cursors", errors.Join(err, failed))
	b.same("cursors", model, real)
	return model, nil
}

func (b both) Follow(ctx context.Context, feeds []string) error {
	return b.also("follow",
		func() error { return b.machine.Follow(ctx, feeds) },
		func(f Folder) error { return f.Follow(ctx, feeds) })
}

func (b both) Reset(ctx context.Context, feed string, gen uint64) error {
	return b.also("reset",
		func() error { return b.machine.Reset(ctx, feed, gen) },
		func(f Folder) error { return f.Reset(ctx, feed, gen) })
}

func (b both) Stage(ctx context.Context, page wire.Changes) error {
	return b.also("stage",
		func() error { return b.machine.Stage(ctx, page) },
		func(f Folder) error { return f.Stage(ctx, page) })
}

func (b both) Publish(ctx context.Context, page wire.Changes) error {
	return b.also("publish",
		func() error { return b.machine.Publish(ctx, page) },
		func(f Folder) error { return f.Publish(ctx, page) })
}

func (m *machine) same(what string, model, real any) {
	m.w.same(m.name+", "+what, "the folder", model, real)
}

func (m *machine) must(what string, err error) {
	if err != nil {
		m.w.broken(lawSame, "%s, %s: %v", m.name, what, err)
	}
}

// also has the folder do what the model did, unless that was killed before or has no room.
func (m *machine) also(what string, model func() error, real func(Folder) error) (err error) {
	defer func() {
		r := recover()
		dead, killed := r.(died)
		if r == nil && !errors.Is(err, errFull) || killed && dead.done {
			failed := real(m.disk.folder)
			want, _ := errors.AsType[wire.Code](err)
			code, _ := errors.AsType[wire.Code](failed)
			m.same(what, refusal{err != nil, want}, refusal{failed != nil, code})
		}
		if r != nil {
			panic(r)
		}
	}()
	return model()
}

// refusal says whether something was refused, and why, when that is for the other side to know.
type refusal struct {
	refused bool
	code    wire.Code
}

// first has the folder do what writes an entry before the model does it with the same bytes, because a real till makes them
// itself. When the model does not come to its end, the folder is left as that leaves it.
func (m *machine) first(what string, real func(Folder) error, model func() error) (err error) {
	f := m.disk.folder
	if f == nil || m.full && m.core != nil {
		return model()
	}
	var before Folder
	if m.killIn > 0 || m.full {
		before, err = f.Copy()
		m.must("copy", err)
	}
	asides, records := len(m.disk.aside), slices.Clone(m.disk.sentinel)
	m.must(what, real(f))
	defer func() {
		r := recover()
		if _, killed := r.(died); killed || err != nil {
			m.unfinished(before, asides, records)
		}
		if r != nil {
			panic(r)
		}
	}()
	return model()
}

// unfinished leaves of what a folder has written what the model has. How the sentinel was before is said by how many were
// put aside and what records it had.
func (m *machine) unfinished(before Folder, asides int, records []journal.Link) {
	f := m.disk.folder
	var back []Part
	if m.written().Hash != m.disk.file.head().Hash {
		back = append(back, Database)
	}
	m.must("stop", f.Kill())
	same := func(a, b journal.Link) bool { return a.Hash == b.Hash }
	if len(m.disk.aside) == asides && slices.EqualFunc(m.disk.sentinel, records, same) {
		back = append(back, Sentinel)
	} else {
		m.must("cut the sentinel", f.CutSentinel(len(m.disk.sentinel)))
	}
	m.must("set back", f.Restore(before, back...))
}

// written is the newest entry of the folder.
func (m *machine) written() (l journal.Link) {
	f := m.disk.folder
	states, err := f.Epochs(ctx)
	m.must("list the paths", err)
	for _, s := range states {
		if s.Branch == 0 {
			l.Epoch, l.Seq, l.Hash = s.Epoch, s.Last, s.Hash
		}
	}
	if l.Seq > 0 {
		b, err := f.Read(ctx, wire.Path{Epoch: l.Epoch}, l.Seq-1, 1, journal.MaxEntry)
		m.must("read", err)
		if len(b.Entries) > 0 {
			l.Bytes = b.Entries[0]
		}
	}
	return l
}

// made gives the bytes of an entry: those the folder has just written, when there is one.
func (m *machine) made(kind journal.Kind, body any) []byte {
	if m.disk.folder == nil || m.full {
		return encode(kind, m.wall(), body)
	}
	l := m.written()
	e, err := journal.Decode(l.Bytes)
	m.must("decode", err)
	m.same("kind", kind, e.Kind)
	m.same("time", m.wall().UnixMilli(), e.Time)
	if open, ok := body.(retail.EpochOpen); ok {
		got, err := journal.DecodeBody[retail.EpochOpen](e)
		m.must("decode", err)
		open.Nonce = got.Nonce
		m.same("first entry of an epoch", open, got)
	}
	return l.Bytes
}

// sameAsFolder compares all that the machine says of itself.
func (m *machine) sameAsFolder() {
	if m.disk.folder == nil || m.core == nil {
		return
	}
	_, _ = both{m}.Epochs(ctx)
	_, _ = both{m}.Cursors(ctx)
	model := m.shown()
	real, err := m.disk.folder.Stock(ctx, m.w.products)
	m.must("show the stock", err)
	for _, p := range m.w.products {
		m.same("stock shown", model[p], real[p])
	}
}
