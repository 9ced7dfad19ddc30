package sim

import (
	"context"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// BreakableHeadquarters is one whose line to the database can be cut.
type BreakableHeadquarters interface {
	Headquarters
	// Code is for enrolling a till, Redeem does that.
	Code(ctx context.Context, store uuid.UUID, number int) (string, error)
	Redeem(ctx context.Context, code string, key ed25519.PublicKey) (till uuid.UUID, epoch uint64, err error)
	// Publish writes rows of a feed, Restored moves it past what a backup did not have, and Page reads it.
	Publish(ctx context.Context, feed string, rows []wire.Row) error
	Restored(ctx context.Context, feed string, gen, floor uint64) error
	Page(ctx context.Context, cursor wire.Cursor) (wire.Changes, *wire.Reset, bool, error)

	// Break cuts the line at the n-th message to the database from now on: before it is sent, or when it was answered and
	// before the answer has come. 0: never. Broke says whether it came to that.
	Break(n int, answered bool)
	Broke() bool
	// Contents are all rows of the database.
	Contents(ctx context.Context) (string, error)
}

// AtCommit stands for the number of the message that commits.
const AtCommit = -1

// hqHistory plays what tills ask of headquarters' storage.
type hqHistory struct {
	r  *rapid.T
	w  *world
	hq BreakableHeadquarters
	// sessions are what the machines were told, gaps what they lack.
	sessions map[*machine]uuid.UUID
	gaps     map[*machine][]hub.Gap
	feed     string
}

// PlayHeadquarters plays a history of headquarters. A deed is tried up to twice with the line to the database cut at one of
// its messages, before or after the database has it: then it has happened wholly or not at all, and the history goes on.
func PlayHeadquarters(r *rapid.T, hq BreakableHeadquarters) {
	defer fail(r)
	w := emptyWorld(1, Options{Beside: hq})
	h := &hqHistory{r: r, w: w, hq: hq, sessions: map[*machine]uuid.UUID{}, gaps: map[*machine][]hub.Gap{}}
	store, err := hq.Found(ctx, w.products)
	w.beside.must("found a store", err)
	h.feed = storeFeed(uuid.New())
	l := &lane{store: store, name: "T1", number: 1, exposed: true, copied: true}
	w.lanes, w.machines = []*lane{l}, []*machine{{w: w, name: l.name, lane: l, disk: w.newDisk()}}
	h.enrol(w.machines[0])
	// Most begin with two machines that have the same disk and went on for themselves.
	for _, name := range []string{"write", "hello", "send", "copy"} {
		h.draw()
		h.step(name, w.machines[0])
	}
	if h.draw(); !w.chance(4) {
		for _, m := range w.machines {
			h.write(m)
		}
	}
	names := []string{
		"write", "write", "write", "hello", "hello", "send", "send", "send", "send", "send", "send", "seen", "copy", "prove", "refill", "flush", "enrol",
		"publish", "publish", "page", "page", "restored",
	}
	for range rapid.IntRange(8, 20).Draw(r, "deeds") {
		name := rapid.SampledFrom(names).Draw(r, "deed")
		h.draw()
		h.step(name, pick(w, w.machines))
		w.beside.flags(w.db)
		w.beside.told(w.db)
	}
	w.db.flush(w, store)
	h.everything()
}

// draw lets rapid choose what is random from here on.
func (h *hqHistory) draw() {
	h.w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(h.r, "seed"), 0))
}

func (h *hqHistory) step(name string, m *machine) {
	w := h.w
	switch name {
	case "write":
		h.write(m)
	case "hello":
		h.hello(m)
	case "send":
		h.send(m)
	case "seen":
		if session, open := h.sessions[m]; open {
			h.do("seen", func() (any, error) { return nil, h.hq.Seen(ctx, m.lane.id, w.beside.sessions[session], w.now, nil) },
				func() (any, error) { w.db.seen(m.lane.id, session); return nil, nil })
		}
	case "copy":
		if len(w.machines) < 4 {
			c := &machine{w: w, name: m.name + "'", lane: m.lane, key: m.key, disk: m.copyOf(m.disk)}
			w.machines = append(w.machines, c)
		}
	case "prove":
		if len(m.disk.file.paths) > 0 {
			p := pick(w, m.disk.file.paths)
			var points []wire.Point
			for _, l := range p.links {
				if w.chance(2) {
					points = append(points, wire.Point{Seq: l.Seq, Hash: l.Hash})
				}
			}
			h.do("prove", func() (any, error) { return h.hq.Known(ctx, m.lane.store, m.lane.id, p.Epoch, points) },
				func() (any, error) { return w.db.known(m.lane.id, p.Epoch, points), nil })
		}
	case "refill":
		if gaps := h.gaps[m]; len(gaps) > 0 {
			gap := pick(w, gaps)
			h.do("refill", func() (any, error) {
				part, err := h.hq.Refill(ctx, m.lane.store, m.lane.id, gap)
				return len(part.Entries) > 0, err
			}, func() (any, error) {
				part := w.db.refill(m.lane.id, gap, wire.BatchEntries)
				w.beside.refill(m.lane, gap, part)
				return len(part.Entries) > 0, nil
			})
		}
	case "flush":
		h.do("flush", func() (any, error) { _, _, err := h.hq.Flush(ctx, m.lane.store); return nil, err },
			func() (any, error) { w.db.flush(w, m.lane.store); return nil, nil })
	case "enrol":
		h.enrol(m)
	case "publish":
		var rows []wire.Row
		for id := range byte(1 + w.rand.IntN(4)) {
			r := wire.Row{Type: retail.RowProduct, ID: uuid.UUID{9, id + byte(w.rand.IntN(2))*4}, Body: []byte{byte(w.rand.IntN(3))}}
			if w.chance(4) {
				r.Body = nil
			}
			rows = append(rows, r)
		}
		if w.chance(20) {
			for i := range wire.PageRows + 1 {
				rows = append(rows, wire.Row{Type: retail.RowStaff, ID: uuid.UUID{8, byte(i >> 8), byte(i)}, Body: []byte{1}})
			}
		}
		h.do("publish", func() (any, error) { return nil, h.hq.Publish(ctx, h.feed, rows) },
			func() (any, error) { w.db.feed(h.feed).publish(rows...); return nil, nil })
	case "page":
		f := w.db.feed(h.feed)
		c := wire.Cursor{Feed: h.feed, Gen: f.gen, Seq: w.rand.Uint64N(f.seq + 2), Base: w.rand.Uint64N(f.seq + 1)}
		switch w.rand.IntN(4) {
		case 0:
			c.Seq, c.Digest = f.seq, f.digest+w.rand.Uint64N(2)
		case 1:
			c.Gen = w.rand.Uint64N(3)
		}
		h.do("page", func() (any, error) {
			page, reset, ok, err := h.hq.Page(ctx, c)
			return newPaged(page, reset, ok), err
		}, func() (any, error) {
			page, reset, ok := w.db.page(c, wire.PageRows)
			return newPaged(page, reset, ok), nil
		})
	case "restored":
		f := w.db.feed(h.feed)
		gen, floor := f.gen+w.rand.Uint64N(2), w.rand.Uint64N(f.seq+1)
		if f.seq > 0 && w.chance(2) {
			w.beside.must("restored", h.hq.Restored(ctx, h.feed, gen, floor))
			f.gen, f.floor = gen, floor
		}
	}
}

// everything asks for every entry by itself.
func (h *hqHistory) everything() {
	for _, m := range h.w.machines {
		for _, p := range m.disk.file.paths {
			for _, l := range p.links {
				ask := wire.Prove{Epoch: p.Epoch, Points: []wire.Point{{Seq: l.Seq, Hash: l.Hash}}}
				h.w.beside.known(m.lane, ask, h.w.db.known(m.lane.id, p.Epoch, ask.Points))
			}
		}
	}
}

// paged is what came of a question for a page.
type paged struct {
	page  wire.Changes
	reset wire.Reset
	ok    bool
}

func newPaged(page wire.Changes, reset *wire.Reset, ok bool) paged {
	p := paged{page: page, ok: ok}
	if reset != nil {
		p.reset = *reset
	}
	return p
}

// write has a machine write something; nobody else hears of it yet.
func (h *hqHistory) write(m *machine) {
	f, w := &m.disk.file, h.w
	least, reason := f.least()
	switch head := f.head(); {
	case head.Epoch < least:
		_ = m.openEpoch(least, reason)
	case w.chance(8):
		m.disk.sentinel = append(m.disk.sentinel, pick(w, pick(w, f.paths).links)) // which headquarters may never have heard of
		_ = m.openEpoch(head.Epoch+1, retail.EpochRestored)
	case w.chance(8):
		_ = m.commit(head.Epoch, journal.KindSignIn, retail.SignIn{Name: w.uuid().String()})
	case w.chance(8):
		_ = m.commit(head.Epoch, newer, map[int]string{1: w.uuid().String()})
	case w.chance(4):
		m.skew = w.upTo(time.Minute)
		_ = m.commit(head.Epoch, journal.KindCount, w.counted())
	default:
		for range 1 + w.rand.IntN(3) {
			_ = m.commit(head.Epoch, journal.KindSale, w.sale(m.receipts(head.Epoch)+1, m.wall()))
		}
	}
}

func (h *hqHistory) hello(m *machine) {
	epochs, _ := m.Epochs(ctx)
	hello := wire.Hello{Till: m.lane.id, N: m.disk.file.sessions, Epochs: epochs}
	var real, opened hub.Session
	if !h.do("hello", func() (_ any, err error) {
		real, err = h.hq.Open(ctx, hello, h.w.now)
		return greeting{real.N, real.MinEpoch, real.Epochs, real.Gaps}, err
	}, func() (_ any, err error) {
		opened, err = h.w.db.open(h.w, hello, h.w.now)
		return greeting{opened.N, opened.MinEpoch, opened.Epochs, opened.Gaps}, err
	}) {
		return
	}
	h.w.beside.sessions[opened.ID] = real.ID
	h.sessions[m], h.gaps[m] = opened.ID, opened.Gaps
	if !h.w.chance(4) {
		_ = m.SessionOpened(ctx, opened.N, opened.MinEpoch, h.w.now)
		h.w.db.seen(m.lane.id, opened.ID)
		h.w.beside.seen(m.lane.id, opened.ID)
	}
}

// greeting is what a till is told of its session.
type greeting struct {
	n, least uint64
	epochs   []wire.EpochHave
	gaps     []hub.Gap
}

// send sends a part of a path, now and then with something wrong.
func (h *hqHistory) send(m *machine) {
	session, open := h.sessions[m]
	if !open || len(m.disk.file.paths) == 0 {
		return
	}
	w, p := h.w, pick(h.w, m.disk.file.paths)
	after := p.acked
	if w.chance(3) {
		after = p.first() - 1 + w.rand.Uint64N(uint64(len(p.links)))
	}
	part, _ := m.Read(ctx, p.Path, after, 1+w.rand.IntN(6), wire.BatchBytes)
	if len(part.Entries) == 0 {
		return
	}
	b := hub.Batch{
		Till: m.lane.id, Store: m.lane.store, Session: session, Path: p.Path,
		First: part.First, Prev: part.Prev, Head: part.Head, Entries: part.Entries, Hole: w.chance(6),
	}
	if w.db.tills[m.lane.id].session == session && w.chance(12) {
		b.Head[0] ^= 1
	}
	h.do("send", func() (any, error) {
		real := b
		real.Session = w.beside.sessions[session]
		s, err := h.hq.Store(ctx, real)
		return outcome(s, err), err
	}, func() (any, error) {
		s, err := w.db.store(w, b)
		if err == nil {
			p.acked = max(p.acked, s.Upto)
		}
		return outcome(s, err), err
	})
}

// outcome is what came of a batch that says the same in both storages: when the parent is not known, only after which entry
// to go on, and of other refusals nothing.
func outcome(s hub.Stored, err error) any {
	switch {
	case errors.Is(err, wire.UnknownParent):
		return s.Upto
	case err != nil:
		return nil
	}
	var deferred []uint64
	for _, n := range s.Notes {
		if n.Code == wire.Deferred {
			deferred = append(deferred, n.Seq)
		}
	}
	return []any{s.Upto, s.Forked, deferred}
}

// enrol gives a machine a new key. Who has not heard the answer asks again.
func (h *hqHistory) enrol(m *machine) {
	m.key = h.w.newKey()
	key := m.key.Public().(ed25519.PublicKey)
	code, err := h.hq.Code(ctx, m.lane.store, m.lane.number)
	h.w.beside.must("make a code", err)
	var till uuid.UUID
	redeem := func() (any, error) {
		id, epoch, err := h.hq.Redeem(ctx, code, key)
		till = id
		return epoch, err
	}
	var granted uint64
	if !h.do("enrol", redeem, func() (any, error) {
		if m.lane.id == uuid.Nil {
			// The model does not name tills.
			id, _, err := h.hq.Redeem(ctx, code, key)
			h.w.beside.must("enrol", err)
			m.lane.id = id
		}
		granted = h.w.db.enrol(m.lane, key)
		return granted, nil
	}) {
		epoch, err := redeem()
		h.w.beside.must("enrol again", err)
		h.w.same("epoch of an enrolment that is asked for again", "the storage", granted, epoch)
	}
	h.w.same("till of an enrolment", "the storage", m.lane.id, till)
	m.disk.file.granted = granted
	delete(h.sessions, m)
}

// do tries a deed with the line cut, then does it. It says whether the answer has come; it is compared then.
func (h *hqHistory) do(name string, real, model func() (any, error)) bool {
	w := h.w
	for range pick(w, []int{0, 0, 1, 1, 2}) {
		before := h.contents()
		n, answered := 1+w.rand.IntN(20), w.chance(2)
		if w.chance(3) {
			n = AtCommit
		}
		h.hq.Break(n, answered)
		answer, err := real()
		broke := h.hq.Broke()
		h.hq.Break(0, false)
		if !broke || err == nil {
			h.compare(name, answer, err, model)
			return true
		}
		if h.contents() != before {
			_, _ = model()
			return false
		}
	}
	answer, err := real()
	h.compare(name, answer, err, model)
	return true
}

func (h *hqHistory) compare(name string, answer any, failed error, model func() (any, error)) {
	want, err := model()
	code, _ := errors.AsType[wire.Code](err)
	got, _ := errors.AsType[wire.Code](failed)
	if failed != nil && got == 0 {
		h.w.beside.must(name, failed)
	}
	h.w.same(name, "the storage", code, got)
	h.w.same(name, "the storage", want, answer)
}

func (h *hqHistory) contents() string {
	c, err := h.hq.Contents(ctx)
	h.w.beside.must("read everything", err)
	return c
}
