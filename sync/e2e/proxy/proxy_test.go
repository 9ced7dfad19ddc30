package proxy_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"comptant/sync/e2e/proxy"
	"comptant/sync/wire"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

// line is a till and a headquarters with the proxy between them.
type line struct {
	till, hq *websocket.Conn
	proxy    *proxy.Proxy
}

// connect puts a proxy between two websockets. Headquarters sends and receives as it does in real life: in whole frames,
// without a mask; the till masks, and cuts what is longer than its buffer into fragments.
func connect(t *testing.T, judge func(proxy.Message) proxy.Verdict) line {
	t.Helper()
	accepted := make(chan *websocket.Conn, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wire.EnrolPath {
			_, _ = io.Copy(w, r.Body)
			return
		}
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err == nil {
			accepted <- ws
		}
	}))
	t.Cleanup(server.Close)
	p, err := proxy.Listen(t.Context(), proxy.Config{
		Dial: func() (io.ReadWriteCloser, error) { return net.Dial("tcp", strings.TrimPrefix(server.URL, "http://")) }, Judge: judge,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Close() })
	dialer := websocket.Dialer{WriteBufferSize: 512}
	till, response, err := dialer.DialContext(t.Context(), strings.Replace(p.URL(), "http", "ws", 1)+wire.SyncPath, nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	t.Cleanup(func() { _ = till.Close() })
	hq := <-accepted
	t.Cleanup(func() { _ = hq.Close() })
	for _, ws := range []*websocket.Conn{till, hq} {
		require.NoError(t, ws.SetReadDeadline(time.Now().Add(patience)))
	}
	return line{till, hq, p}
}

// patience bounds what may take no time at all.
const patience = 10 * time.Second

// next takes what comes on a channel.
func next[T any](t *testing.T, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		require.Fail(t, "nothing came")
	}
	return v
}

func send(t *testing.T, ws *websocket.Conn, m wire.Message) {
	t.Helper()
	frame, err := wire.Encode(m)
	require.NoError(t, err)
	require.NoError(t, ws.WriteMessage(websocket.BinaryMessage, frame))
}

func receive(t *testing.T, ws *websocket.Conn) (wire.Message, error) {
	t.Helper()
	_, frame, err := ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	return wire.Decode(frame)
}

// on gives the verdict to the second entries message, whichever way the others go.
func on(v proxy.Verdict) func(proxy.Message) proxy.Verdict {
	var n atomic.Int32
	return func(m proxy.Message) proxy.Verdict {
		if m.Type() == wire.TypeEntries && n.Add(1) == 2 {
			return v
		}
		return proxy.Verdict{}
	}
}

// entries is a message too long for one fragment; no two are alike.
func entries(first uint64) wire.Entries {
	return wire.Entries{Epoch: 1, First: first, Entries: [][]byte{bytes.Repeat([]byte{byte(first)}, 10), noise(first)}}
}

func noise(seed uint64) []byte {
	b := make([]byte, 3000)
	for i := range b {
		seed = seed*6364136223846793005 + 1442695040888963407
		b[i] = byte(seed >> 56)
	}
	return b
}

// What each fault leaves of three messages, in either direction.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		verdict proxy.Verdict
		arrive  []uint64
		broken  bool
	}{
		"none":       {proxy.Verdict{}, []uint64{1, 2, 3}, false},
		"cut before": {proxy.Verdict{Fault: proxy.CutBefore}, []uint64{1}, true},
		"cut inside": {proxy.Verdict{Fault: proxy.CutInside}, []uint64{1}, true},
		"cut after":  {proxy.Verdict{Fault: proxy.CutAfter}, []uint64{1, 2}, true},
		"held":       {proxy.Verdict{Hold: 5 * time.Millisecond}, []uint64{1, 2, 3}, false},
		"held, cut":  {proxy.Verdict{Hold: 5 * time.Millisecond, Fault: proxy.CutAfter}, []uint64{1, 2}, true},
		"twice":      {proxy.Verdict{Fault: proxy.Twice}, []uint64{1, 2, 2, 3}, false},
		"deaf":       {proxy.Verdict{Fault: proxy.Deaf, Wait: 5 * time.Millisecond}, []uint64{1}, true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, d := range []proxy.Direction{proxy.Up, proxy.Down} {
				l := connect(t, on(c.verdict))
				from, to := l.till, l.hq
				if d == proxy.Down {
					from, to = to, from
				}
				for n := range uint64(3) {
					frame, err := wire.Encode(entries(n + 1))
					require.NoError(t, err)
					_ = from.WriteMessage(websocket.BinaryMessage, frame) // fails once the proxy has hung up
				}
				for _, first := range c.arrive {
					m, err := receive(t, to)
					require.NoError(t, err)
					require.Equal(t, entries(first), m)
				}
				if c.broken {
					_, err := receive(t, to)
					require.Error(t, err, "direction %d: the connection is broken", d)
					continue
				}
				// Nothing more was under way: what is sent now comes next.
				send(t, from, wire.Ping{T0: 9})
				m, err := receive(t, to)
				require.NoError(t, err)
				require.Equal(t, wire.Ping{T0: 9}, m)
			}
		})
	}
}

// A direction that has gone deaf leaves the other alone, and says what it swallows.
func TestHalfOpen(t *testing.T) {
	lost := make(chan proxy.Message, 10)
	l := connect(t, on(proxy.Verdict{Fault: proxy.Deaf, Lost: func(m proxy.Message) { lost <- m }}))
	for n := range uint64(3) {
		send(t, l.till, entries(n+1))
	}
	require.Equal(t, entries(3), next(t, lost).Message)
	_, err := receive(t, l.hq)
	require.NoError(t, err)
	send(t, l.hq, wire.Ack{Epoch: 1, Upto: 1})
	m, err := receive(t, l.till)
	require.NoError(t, err)
	require.Equal(t, wire.TypeAck, m.Type())
	l.proxy.Cut()
	_, err = receive(t, l.till)
	require.Error(t, err)
	_, err = receive(t, l.hq)
	require.Error(t, err)
}

// The judge sees each message once, with its direction, and is told when it has gone on.
func TestJudgeSeesBothDirections(t *testing.T) {
	seen := make(chan proxy.Message, 10)
	passed := make(chan wire.Type, 10)
	l := connect(t, func(m proxy.Message) proxy.Verdict {
		seen <- m
		return proxy.Verdict{Then: func() { passed <- m.Type() }}
	})
	send(t, l.till, entries(1))
	m := next(t, seen)
	require.Equal(t, entries(1), m.Message)
	require.Equal(t, proxy.Up, m.Direction)
	require.Greater(t, m.Size, len(noise(1)), "the whole of it")
	require.Equal(t, wire.TypeEntries, next(t, passed))
	send(t, l.hq, wire.Ack{Epoch: 1, Upto: 2})
	m = next(t, seen)
	require.Equal(t, wire.Ack{Epoch: 1, Upto: 2}, m.Message)
	require.Equal(t, proxy.Down, m.Direction)
	require.NoError(t, l.till.Close())
	next(t, m.Conn.Done())
}

func TestOtherRequestsPass(t *testing.T) {
	l := connect(t, nil)
	ask := func() (string, error) {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, l.proxy.URL()+wire.EnrolPath, strings.NewReader("code"))
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		return string(b), err
	}
	for range 2 {
		text, err := ask()
		require.NoError(t, err)
		require.Equal(t, "code", text)
	}
	l.proxy.SetDown(true)
	_, err := ask()
	require.Error(t, err)
	_, err = receive(t, l.till)
	require.Error(t, err)
	l.proxy.SetDown(false)
	_, err = ask()
	require.NoError(t, err)
}
