package hub_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"sync"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// headquarters is HQ's storage in memory: Tills, Intake and Feeds.
type headquarters struct {
	key ed25519.PrivateKey

	mu      sync.Mutex
	devices map[uuid.UUID]hub.Device
	revoked map[uuid.UUID]bool
	codes   map[string]uuid.UUID
	n       map[uuid.UUID]uint64
	min     uint64
	session map[uuid.UUID]uuid.UUID
	closed  map[uuid.UUID]int
	// aside is what came of revoked keys.
	aside  map[uuid.UUID][][]byte
	chains map[uuid.UUID]map[uint64][]journal.Link
	feeds  map[string]*memoryFeed
	names  []string
	wake   func([]string)
	// onStore is called before each batch is stored; storeErr is returned by every Store, feedErr by every Page.
	onStore  func(hub.Batch) error
	storeErr error
	feedErr  error
	pageRows int
}

type memoryFeed struct {
	gen, head uint64
	rows      map[uuid.UUID]wire.Row
}

func newHeadquarters() *headquarters {
	_, key, _ := ed25519.GenerateKey(nil)
	return &headquarters{
		key: key, devices: map[uuid.UUID]hub.Device{}, revoked: map[uuid.UUID]bool{}, aside: map[uuid.UUID][][]byte{}, codes: map[string]uuid.UUID{},
		n: map[uuid.UUID]uint64{}, session: map[uuid.UUID]uuid.UUID{}, closed: map[uuid.UUID]int{}, min: 1,
		chains: map[uuid.UUID]map[uint64][]journal.Link{}, feeds: map[string]*memoryFeed{}, names: []string{"global"},
		pageRows: 10, wake: func([]string) {},
	}
}

func (h *headquarters) Identity(context.Context) (ed25519.PrivateKey, error) { return h.key, nil }

func (h *headquarters) Key(_ context.Context, till uuid.UUID) (hub.Device, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d, ok := h.devices[till]
	switch {
	case !ok:
		return d, wire.UnknownTill
	case h.revoked[till]:
		return hub.Device{Till: till, Store: d.Store, Old: []ed25519.PublicKey{d.Key}}, nil
	}
	return d, nil
}

func (h *headquarters) Open(_ context.Context, hello wire.Hello, _ time.Time) (hub.Session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n[hello.Till] = max(h.n[hello.Till], hello.N) + 1
	s := hub.Session{
		ID: uuid.Must(uuid.NewV7()), N: h.n[hello.Till], Store: h.devices[hello.Till].Store, MinEpoch: h.min, Feeds: h.names,
	}
	for _, e := range hello.Epochs {
		s.Epochs = append(s.Epochs, wire.EpochHave{Epoch: e.Epoch, Have: uint64(len(h.chains[hello.Till][e.Epoch]))})
	}
	h.session[hello.Till] = s.ID
	return s, nil
}

func (h *headquarters) OpenAside(_ context.Context, d hub.Device, hello wire.Hello) (hub.Session, error) {
	return hub.Session{ID: uuid.Must(uuid.NewV7()), N: hello.N, Store: d.Store, Feeds: h.names}, nil
}

func (h *headquarters) KeepAside(_ context.Context, _ ed25519.PublicKey, b hub.Batch) (hub.Stored, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.aside[b.Till] = append(h.aside[b.Till], b.Entries...)
	return hub.Stored{Upto: b.First + uint64(len(b.Entries)) - 1}, nil
}

func (h *headquarters) Command(context.Context, uuid.UUID, uuid.UUID, wire.Command) error {
	return wire.UnknownRef
}

func (h *headquarters) Unsent(context.Context, uuid.UUID, uuid.UUID, wire.Unsent) error { return nil }

func (h *headquarters) Seen(context.Context, uuid.UUID, uuid.UUID, time.Time, []wire.Cursor) error {
	return nil
}

func (h *headquarters) Closed(_ context.Context, till, _ uuid.UUID, _ time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed[till]++
	return nil
}

func (h *headquarters) Enrol(_ context.Context, req wire.EnrolRequest, _ string) (wire.EnrolReply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	store, ok := h.codes[req.Code]
	if !ok {
		return wire.EnrolReply{}, &retail.Error{Code: retail.Forbidden, Key: "enrol.code"}
	}
	delete(h.codes, req.Code)
	d := hub.Device{Till: uuid.Must(uuid.NewV7()), Store: store, Key: req.Key}
	h.devices[d.Till] = d
	return wire.EnrolReply{Till: d.Till, Store: store, Epoch: 1, HQ: h.key.Public().(ed25519.PublicKey)}, nil
}

func (h *headquarters) Store(_ context.Context, b hub.Batch) (hub.Stored, error) {
	if h.onStore != nil {
		if err := h.onStore(b); err != nil {
			return hub.Stored{}, err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.storeErr != nil {
		return hub.Stored{}, h.storeErr
	}
	if h.session[b.Till] != b.Session {
		return hub.Stored{}, wire.Fenced
	}
	if h.chains[b.Till] == nil {
		h.chains[b.Till] = map[uint64][]journal.Link{}
	}
	chain := h.chains[b.Till][b.Path.Epoch]
	have := uint64(len(chain))
	if b.First != have+1 {
		return hub.Stored{Upto: have}, wire.UnknownParent
	}
	prev := journal.Genesis(b.Till, b.Path.Epoch)
	if have > 0 {
		prev = chain[have-1].Hash
	}
	if prev != b.Prev {
		return hub.Stored{Upto: have}, wire.UnknownParent
	}
	links := journal.Chain(b.Till, b.Path.Epoch, b.First, prev, b.Entries)
	if links[len(links)-1].Hash != b.Head {
		return hub.Stored{Upto: have}, wire.BadHead
	}
	h.chains[b.Till][b.Path.Epoch] = append(chain, links...)
	return hub.Stored{Upto: have + uint64(len(links))}, nil
}

func (h *headquarters) Known(_ context.Context, _, till uuid.UUID, epoch uint64, points []wire.Point) (uint64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	chain := h.chains[till][epoch]
	for _, p := range points {
		if p.Seq <= uint64(len(chain)) && chain[p.Seq-1].Hash == p.Hash {
			return p.Seq, nil
		}
	}
	return 0, nil
}

func (h *headquarters) Refill(context.Context, uuid.UUID, uuid.UUID, hub.Gap) (wire.Refill, error) {
	return wire.Refill{}, nil
}

// has are the entries HQ has of an epoch.
func (h *headquarters) has(till uuid.UUID, epoch uint64) [][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	var entries [][]byte
	for _, l := range h.chains[till][epoch] {
		entries = append(entries, l.Bytes)
	}
	return entries
}

// forget loses the last k entries, as a restored backup does.
func (h *headquarters) forget(till uuid.UUID, epoch uint64, k int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if chain := h.chains[till][epoch]; k > 0 {
		h.chains[till][epoch] = slices.Clone(chain[:len(chain)-k])
	}
}

func (h *headquarters) feed(name string) *memoryFeed {
	if h.feeds[name] == nil {
		h.feeds[name] = &memoryFeed{gen: 7, rows: map[uuid.UUID]wire.Row{}}
	}
	return h.feeds[name]
}

// publish writes rows to a feed and wakes the hub. A nil body deletes.
func (h *headquarters) publish(name string, rows map[uuid.UUID][]byte) {
	h.mu.Lock()
	f := h.feed(name)
	for id, body := range rows {
		f.head++
		f.rows[id] = wire.Row{Seq: f.head, Type: retail.RowProduct, ID: id, Body: body}
	}
	wake := h.wake
	h.mu.Unlock()
	wake([]string{name})
}

// restart gives a feed another generation, and the seqs that go with it.
func (h *headquarters) restart(name string) {
	h.mu.Lock()
	f := h.feed(name)
	f.gen++
	rows := f.rows
	f.rows, f.head = map[uuid.UUID]wire.Row{}, 0
	h.mu.Unlock()
	bodies := map[uuid.UUID][]byte{}
	for id, r := range rows {
		bodies[id] = r.Body
	}
	h.publish(name, bodies)
}

func (h *headquarters) Page(_ context.Context, c wire.Cursor) (wire.Changes, *wire.Reset, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.feedErr != nil {
		return wire.Changes{}, nil, false, h.feedErr
	}
	f := h.feed(c.Feed)
	switch {
	case c.Gen != f.gen && (c.Gen != 0 || c.Seq != 0):
		return wire.Changes{}, &wire.Reset{Feed: c.Feed, Gen: f.gen, Code: wire.GenerationChanged}, true, nil
	case c.Seq > f.head:
		return wire.Changes{}, &wire.Reset{Feed: c.Feed, Gen: f.gen, Code: wire.CursorAhead}, true, nil
	case c.Seq == f.head:
		return wire.Changes{}, nil, false, nil
	}
	page := wire.Changes{Feed: c.Feed, Gen: f.gen, From: c.Seq, Base: c.Base, Upto: f.head}
	if c.Seq == 0 {
		page.Base = f.head
	}
	for _, r := range f.rows {
		if r.Body != nil {
			page.Digest += wire.RowHash(r.Type, r.ID, r.Seq, r.Body)
		}
		if r.Seq > c.Seq {
			page.Rows = append(page.Rows, r)
		}
	}
	slices.SortFunc(page.Rows, func(a, b wire.Row) int { return int(a.Seq) - int(b.Seq) })
	if len(page.Rows) > h.pageRows {
		page.Rows = page.Rows[:h.pageRows]
		page.Upto, page.More, page.Digest = page.Rows[h.pageRows-1].Seq, true, 0
	}
	return page, nil, true, nil
}

func (h *headquarters) Subscribe(wake func([]string)) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wake = wake
	return func() {}
}

func (h *headquarters) failFeeds(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.feedErr = err
}

var errNoDatabase = errors.New("database is away")
