package hub_test

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"comptant/sync/hub"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// pipes is a network inside a synctest bubble: no kernel, no buffers, and the bubble's clock for every deadline.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{} }

// line is the till's end of a pipe. While deaf it reads nothing, while mute it loses what is written.
type line struct {
	net.Conn
	deaf, mute *atomic.Bool
	closed     chan struct{}
	once       sync.Once
}

func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	for l.deaf.Load() && err == nil {
		select {
		case <-l.closed:
			return 0, net.ErrClosed
		case <-time.After(time.Second):
		}
	}
	return n, err
}

func (l *line) Write(b []byte) (int, error) {
	if l.mute.Load() {
		return len(b), nil
	}
	return l.Conn.Write(b)
}

func (l *line) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Conn.Close()
}

// bubble is a corridor inside a synctest bubble.
type bubble struct {
	t    *testing.T
	hq   *headquarters
	hub  *hub.Hub
	pipe *pipes
	srv  *http.Server
}

func newBubble(t *testing.T) *bubble {
	b := &bubble{t: t, hq: newHeadquarters(), pipe: &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}}
	b.hub = hub.New(hub.Config{Tills: b.hq, Intake: b.hq, Feeds: b.hq, Log: slog.New(slog.DiscardHandler)})
	f := new(front)
	f.Store(b.hub)
	b.srv = &http.Server{Handler: f}
	go func() { _ = b.srv.Serve(b.pipe) }()
	return b
}

func (b *bubble) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = b.hub.Drain(ctx)
	_ = b.srv.Close()
}

type bubbleTill struct {
	*ledger
	link       *link.Link
	deaf, mute atomic.Bool
	stop       context.CancelFunc

	connMu sync.Mutex
	conn   net.Conn
}

// cut breaks the till's connection.
func (t *bubbleTill) cut() {
	t.connMu.Lock()
	defer t.connMu.Unlock()
	if t.conn != nil {
		_ = t.conn.Close()
	}
}

func (b *bubble) till() *bubbleTill {
	pub, key, err := ed25519.GenerateKey(nil)
	require.NoError(b.t, err)
	id := uuid.Must(uuid.NewV7())
	b.hq.mu.Lock()
	b.hq.devices[id] = hub.Device{Till: id, Key: pub}
	b.hq.mu.Unlock()
	t := &bubbleTill{ledger: newLedger(id)}
	t.link, err = link.New(link.Config{
		URL: "http://hq", Till: id, Key: key, HQKey: b.hq.key.Public().(ed25519.PublicKey), Journal: t.ledger,
		Replica: t.ledger, Log: slog.New(slog.DiscardHandler), Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			near, far := net.Pipe()
			t.connMu.Lock()
			t.conn = far
			t.connMu.Unlock()
			select {
			case b.pipe.conns <- far:
				return &line{Conn: near, deaf: &t.deaf, mute: &t.mute, closed: make(chan struct{})}, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
	})
	require.NoError(b.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	t.stop = cancel
	go func() { _ = t.link.Run(ctx) }()
	return t
}

// TestHeartbeatKeepsAnIdleLink lets an hour pass, then has the network lose everything the till says.
func TestHeartbeatKeepsAnIdleLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		lane := b.till()
		defer lane.stop()
		synctest.Wait()
		require.True(t, lane.link.Status().Online)
		up := lane.link.Status().Since

		time.Sleep(time.Hour)
		synctest.Wait()
		require.True(t, lane.link.Status().Online)
		require.Equal(t, up, lane.link.Status().Since)
		require.Len(t, b.hub.Sessions(), 1)

		lane.mute.Store(true)
		time.Sleep(75*time.Second + 36*time.Second)
		synctest.Wait()
		require.False(t, lane.link.Status().Online)
		require.Empty(t, b.hub.Sessions())

		lane.mute.Store(false)
		// A dial that was under way may have to time out first; then the longest pause.
		time.Sleep(20*time.Second + time.Minute)
		synctest.Wait()
		require.True(t, lane.link.Status().Online)
	})
}

// TestTillThatDoesNotReadIsCutOff leaves the others alone.
func TestTillThatDoesNotReadIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		deaf, well := b.till(), b.till()
		defer deaf.stop()
		defer well.stop()
		synctest.Wait()
		require.Len(t, b.hub.Sessions(), 2)

		deaf.deaf.Store(true)
		for range 5 {
			b.hq.publish("global", products(25, "a price"))
			synctest.Wait()
		}
		require.Equal(t, b.hq.feeds["global"].head, well.feeds["global"].Seq, "at once, without any time passing")
		require.Len(t, b.hub.Sessions(), 2)
		time.Sleep(31 * time.Second)
		synctest.Wait()
		require.Len(t, b.hub.Sessions(), 1, "a missed write deadline closes")
		require.Equal(t, well.till, b.hub.Sessions()[0].Till)
	})
}

// TestBackOff has headquarters refuse a till for an hour, and then take it.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		lane := b.till()
		defer lane.stop()
		synctest.Wait()
		device := b.hq.devices[lane.till]
		refuse := func(yes bool) {
			b.hq.mu.Lock()
			defer b.hq.mu.Unlock()
			b.hq.devices[lane.till], b.hq.storeErr = device, nil
			if yes {
				delete(b.hq.devices, lane.till)
				b.hq.storeErr = wire.UnknownTill
			}
		}
		refuse(true)
		lane.sell(1)
		lane.link.Notify()
		synctest.Wait()
		require.ErrorIs(t, lane.link.Status().Err, wire.UnknownTill)

		before := b.hub.Stats().Refused
		time.Sleep(time.Hour)
		tries := b.hub.Stats().Refused - before
		require.Greater(t, tries, int64(60), "at least once a minute")
		require.Less(t, tries, int64(240), "about every 30 s")

		refuse(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.True(t, lane.link.Status().Online)
		require.EqualValues(t, 1, lane.acked[1])
	})
}
