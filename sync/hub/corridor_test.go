package hub_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"comptant/sync/hub"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// corridor is a hub on a real port.
type corridor struct {
	t   *testing.T
	hq  *headquarters
	hub *hub.Hub
	url string
	// front passes tills on to the hub, or to another one.
	front *front
}

// wrapped is what middleware makes of a writer.
type wrapped struct{ http.ResponseWriter }

func (w *wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func newCorridor(t *testing.T) *corridor {
	hq := newHeadquarters()
	h := hub.New(hub.Config{Tills: hq, Intake: hq, Feeds: hq, Log: slog.New(slog.DiscardHandler)})
	f := new(front)
	f.Store(h)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.ServeHTTP(&wrapped{w}, r)
	}))
	t.Cleanup(srv.Close)
	return &corridor{t: t, hq: hq, hub: h, url: srv.URL, front: f}
}

// till is an enrolled till with its link.
type till struct {
	*ledger
	id   uuid.UUID
	key  ed25519.PrivateKey
	hq   ed25519.PublicKey
	link *link.Link
	stop func()
	// app is the version of its program; via, when it is set, the address it dials instead.
	app string
	via func() string

	mu    sync.Mutex
	conns []net.Conn
}

func (c *corridor) enrol() *till {
	c.hq.mu.Lock()
	code := fmt.Sprintf("code-%d", len(c.hq.devices))
	c.hq.codes[code] = uuid.Must(uuid.NewV7())
	c.hq.mu.Unlock()
	pub, key, err := ed25519.GenerateKey(nil)
	require.NoError(c.t, err)
	reply, err := link.Enrol(c.t.Context(), c.url, wire.EnrolRequest{Code: code, Key: pub})
	require.NoError(c.t, err)
	return &till{ledger: newLedger(reply.Till), id: reply.Till, key: key, hq: reply.HQ, app: "test"}
}

// start runs the till's link until the test ends or stop is called. It never waits between two attempts.
func (c *corridor) start(t *till) *till {
	l, err := link.New(link.Config{
		URL: c.url, Till: t.id, Key: t.key, HQKey: t.hq, App: t.app, Sessions: t.n, Journal: t.ledger, Replica: t.ledger,
		Log: slog.New(slog.DiscardHandler), Rand: func() float64 { return 0.001 }, Dial: t.dial,
	})
	require.NoError(c.t, err)
	l.OnStatus(func(link.Status) {
		t.ledger.mu.Lock()
		defer t.ledger.mu.Unlock()
		t.change()
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.Run(ctx)
	}()
	t.link = l
	t.stop = func() {
		cancel()
		<-done
	}
	c.t.Cleanup(t.stop)
	return t
}

func (t *till) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if t.via != nil {
		addr = t.via()
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err == nil {
		t.mu.Lock()
		t.conns = append(t.conns, conn)
		t.mu.Unlock()
	}
	return conn, err
}

// cut breaks the till's connections.
func (t *till) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.conns {
		_ = c.Close()
	}
	t.conns = nil
}

func (c *corridor) untilAcked(t *till, epoch, upto uint64) {
	c.t.Helper()
	t.until(c.t, fmt.Sprintf("epoch %d acknowledged up to %d", epoch, upto), func() bool { return t.acked[epoch] == upto })
}

// untilEqual waits until the till shows exactly the rows HQ has.
func (c *corridor) untilEqual(t *till, feed string) {
	c.t.Helper()
	t.until(c.t, "feed "+feed+" equal", func() bool {
		c.hq.mu.Lock()
		defer c.hq.mu.Unlock()
		f := c.hq.feed(feed)
		live := 0
		for id, r := range f.rows {
			if r.Body == nil {
				continue
			}
			live++
			if got := t.rows[feed][id]; got.Seq != r.Seq || string(got.Body) != string(r.Body) {
				return false
			}
		}
		return live == len(t.rows[feed]) && t.feeds[feed].Gen == f.gen && t.feeds[feed].Seq == f.head
	})
}
