package bench

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// headquarters is a hub over storage in memory: it enrols any till, acknowledges every entry without keeping it, and
// publishes what it is given. Rows that are about the tills alone, or about the hub alone, need no more.
type headquarters struct {
	key    ed25519.PrivateKey
	store  retail.Location
	hub    *hub.Hub
	server *http.Server
	url    string
	served chan error

	mu      sync.Mutex
	devices map[uuid.UUID]hub.Device
	have    map[uuid.UUID]map[uint64]uint64
	feeds   map[string]*feed
	// snapshots are the files of feeds that were asked for.
	snapshots map[string]snapshot
	wake      func([]string)
}

// feed is its rows in their newest state, in the order of their seq.
type feed struct {
	head, digest uint64
	rows         []wire.Row
}

// startHeadquarters serves on a port of this machine.
func startHeadquarters(ctx context.Context) (*headquarters, error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	h := &headquarters{
		key: key, devices: map[uuid.UUID]hub.Device{}, have: map[uuid.UUID]map[uint64]uint64{}, feeds: map[string]*feed{}, snapshots: map[string]snapshot{}, served: make(chan error, 1),
		store: retail.Location{ID: uuid.Must(uuid.NewV7()), Kind: retail.LocationStore, Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto"},
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start headquarters: %w", err)
	}
	h.hub = hub.New(hub.Config{Tills: h, Intake: h, Feeds: h, Snapshots: h, Log: slog.New(slog.DiscardHandler)})
	h.server = &http.Server{Handler: h.hub, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	h.url = "http://" + listener.Addr().String()
	go func() { h.served <- h.server.Serve(listener) }()
	return h, nil
}

// close cuts every till off.
func (h *headquarters) close() error {
	gone, cancel := context.WithCancel(context.Background())
	cancel() // nobody is given time to leave
	_ = h.hub.Drain(gone)
	err := h.server.Close()
	if served := <-h.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// admit lets a device connect that was not enrolled.
func (h *headquarters) admit(till uuid.UUID, key ed25519.PublicKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.devices[till] = hub.Device{Till: till, Store: h.store.ID, Key: key}
}

// global is the feed of every till, local that of the store's.
const global = "global"

func (h *headquarters) local() string { return "store:" + h.store.ID.String() }

// row is a feed row with one of the bodies of retail.
func row(t retail.RowType, id uuid.UUID, body any) (wire.Row, error) {
	b, err := cbor.Marshal(body)
	if err != nil {
		return wire.Row{}, fmt.Errorf("encode feed row %d %s: %w", t, id, err)
	}
	return wire.Row{Type: t, ID: id, Body: b}, nil
}

// load begins a feed with rows.
func (h *headquarters) load(name string, rows []wire.Row) {
	h.mu.Lock()
	f := &feed{}
	for _, r := range rows {
		f.add(r)
	}
	h.feeds[name] = f
	h.mu.Unlock()
	h.wake([]string{name})
}

// publish changes rows of a feed and wakes the hub once, as headquarters does for what comes within a few milliseconds.
// It gives the feed's new head.
func (h *headquarters) publish(name string, rows ...wire.Row) uint64 {
	h.mu.Lock()
	f := h.feeds[name]
	for _, r := range rows {
		if i := slices.IndexFunc(f.rows, func(old wire.Row) bool { return old.Type == r.Type && old.ID == r.ID }); i >= 0 {
			old := f.rows[i]
			f.digest -= wire.RowHash(old.Type, old.ID, old.Seq, old.Body)
			f.rows = slices.Delete(f.rows, i, i+1)
		}
		f.add(r)
	}
	h.mu.Unlock()
	h.wake([]string{name})
	return h.head(name)
}

// head is the newest seq of a feed.
func (h *headquarters) head(name string) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.feeds[name].head
}

func (f *feed) add(r wire.Row) {
	f.head++
	r.Seq = f.head
	f.digest += wire.RowHash(r.Type, r.ID, r.Seq, r.Body)
	f.rows = append(f.rows, r)
}

// Page is the rows after the cursor. See hub.Feeds.
func (h *headquarters) Page(_ context.Context, c wire.Cursor) (wire.Changes, *wire.Reset, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[c.Feed]
	if f == nil || c.Seq >= f.head {
		return wire.Changes{}, nil, false, nil
	}
	page := wire.Changes{Feed: c.Feed, Gen: 1, From: c.Seq, Base: c.Base, Upto: f.head, Digest: f.digest}
	if c.Seq == 0 {
		page.Base = f.head
	}
	from, _ := slices.BinarySearchFunc(f.rows, c.Seq+1, func(r wire.Row, seq uint64) int { return int(r.Seq) - int(seq) })
	page.Rows = slices.Clone(f.rows[from:min(from+wire.PageRows, len(f.rows))])
	if from+wire.PageRows < len(f.rows) {
		page.Upto, page.More, page.Digest = page.Rows[len(page.Rows)-1].Seq, true, 0
	}
	return page, nil, true, nil
}

// Subscribe keeps who is told of changes. See hub.Feeds.
func (h *headquarters) Subscribe(wake func([]string)) func() {
	h.wake = wake
	return func() {}
}

// Identity is headquarters' key. See hub.Tills.
func (h *headquarters) Identity(context.Context) (ed25519.PrivateKey, error) { return h.key, nil }

// Key finds a device. See hub.Tills.
func (h *headquarters) Key(_ context.Context, till uuid.UUID) (hub.Device, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d, ok := h.devices[till]
	if !ok {
		return d, wire.UnknownTill
	}
	return d, nil
}

// Open opens a session. See hub.Tills.
func (h *headquarters) Open(_ context.Context, hello wire.Hello, _ time.Time) (hub.Session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := hub.Session{ID: uuid.Must(uuid.NewV7()), N: hello.N + 1, Store: h.store.ID, Feeds: []string{global, h.local()}}
	for _, e := range hello.Epochs {
		s.Epochs = append(s.Epochs, wire.EpochHave{Epoch: e.Epoch, Have: h.have[hello.Till][e.Epoch]})
	}
	return s, nil
}

// OpenAside is not asked: no key is revoked. See hub.Tills.
func (h *headquarters) OpenAside(context.Context, hub.Device, wire.Hello) (hub.Session, error) {
	return hub.Session{}, wire.Revoked
}

// Seen and Closed note nothing. See hub.Tills.
func (h *headquarters) Seen(context.Context, uuid.UUID, uuid.UUID, time.Time, []wire.Cursor) error {
	return nil
}

// Unsent notes nothing.
func (h *headquarters) Unsent(context.Context, uuid.UUID, uuid.UUID, wire.Unsent) error { return nil }

// Closed notes nothing.
func (h *headquarters) Closed(context.Context, uuid.UUID, uuid.UUID, time.Time) error { return nil }

// Command knows none.
func (h *headquarters) Command(context.Context, uuid.UUID, uuid.UUID, wire.Command) error {
	return wire.UnknownRef
}

// Enrol makes a till of any code. See hub.Tills.
func (h *headquarters) Enrol(_ context.Context, req wire.EnrolRequest, _ string) (wire.EnrolReply, error) {
	till := uuid.Must(uuid.NewV7())
	h.admit(till, req.Key)
	return wire.EnrolReply{
		Till: till, Number: 1, Store: h.store.ID, Code: h.store.Code, Name: h.store.Name, Zone: h.store.Zone, Currency: "CAD",
		Epoch: 1, HQ: h.key.Public().(ed25519.PublicKey),
	}, nil
}

// Store acknowledges. See hub.Intake.
func (h *headquarters) Store(_ context.Context, b hub.Batch) (hub.Stored, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.have[b.Till] == nil {
		h.have[b.Till] = map[uint64]uint64{}
	}
	upto := b.First + uint64(len(b.Entries)) - 1
	h.have[b.Till][b.Path.Epoch] = upto
	return hub.Stored{Upto: upto}, nil
}

// KeepAside is not asked either.
func (h *headquarters) KeepAside(context.Context, ed25519.PublicKey, hub.Batch) (hub.Stored, error) {
	return hub.Stored{}, wire.Revoked
}

// Known is not asked: every batch is taken. See hub.Intake.
func (h *headquarters) Known(context.Context, uuid.UUID, uuid.UUID, uint64, []wire.Point) (uint64, error) {
	return 0, nil
}

// Refill is not asked either.
func (h *headquarters) Refill(context.Context, uuid.UUID, uuid.UUID, hub.Gap) (wire.Refill, error) {
	return wire.Refill{}, nil
}
