package hub_test

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"comptant/sync/hub"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// idle is the least a till may be: no entries, and pages that are only counted. all gets a word each time as many were
// published as there are tills.
type idle struct {
	link.Journal
	tills int64
	n     *atomic.Int64
	all   chan struct{}
}

func (idle) Epochs(context.Context) ([]wire.EpochState, error)              { return nil, nil }
func (idle) SessionOpened(context.Context, uint64, uint64, time.Time) error { return nil }
func (idle) Cursors(context.Context) ([]wire.Cursor, error)                 { return nil, nil }
func (idle) Follow(context.Context, []string) error                         { return nil }
func (idle) Reset(context.Context, string, uint64) error                    { return nil }
func (idle) Stage(context.Context, wire.Changes) error                      { return nil }

func (i idle) Publish(context.Context, wire.Changes) error {
	if i.n.Add(1)%i.tills == 0 {
		i.all <- struct{}{}
	}
	return nil
}

// BenchmarkFanOut is one change to many tills, real links on loopback: the time until the last has it, and what a till
// holds on both sides together.
func BenchmarkFanOut(b *testing.B) {
	const tills = 1000
	hq := newHeadquarters()
	hq.min = 0
	hq.publish("global", products(1, "a price"))
	srv := httptest.NewServer(hub.New(hub.Config{Tills: hq, Intake: hq, Feeds: hq, Log: slog.New(slog.DiscardHandler)}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	till := idle{tills: tills, n: new(atomic.Int64), all: make(chan struct{}, 1)}
	before := held()
	for range tills {
		pub, key, err := ed25519.GenerateKey(nil)
		require.NoError(b, err)
		id := uuid.Must(uuid.NewV7())
		hq.mu.Lock()
		hq.devices[id] = hub.Device{Till: id, Key: pub}
		hq.mu.Unlock()
		l, err := link.New(link.Config{
			URL: srv.URL, Till: id, Key: key, HQKey: hq.key.Public().(ed25519.PublicKey), Journal: till, Replica: till,
			Log: slog.New(slog.DiscardHandler),
		})
		require.NoError(b, err)
		go func() { _ = l.Run(ctx) }()
	}
	<-till.all
	each := float64(held()-before) / tills
	id := uuid.Must(uuid.NewV7())
	for b.Loop() {
		hq.publish("global", map[uuid.UUID][]byte{id: []byte("a new price of a product")})
		<-till.all
	}
	b.ReportMetric(each, "B/till")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tills, "ns/delivery")
}

// held is the memory in use for the heap and the stacks, in bytes.
func held() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
