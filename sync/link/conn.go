package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"comptant/sync/wire"

	"github.com/gorilla/websocket"
)

const (
	dialWithin  = 15 * time.Second
	writeWithin = 30 * time.Second
	// outbox is how many messages may wait for the network; the core's window keeps it far below.
	outbox = 64
)

// heard is a message of HQ, or the error that ended the connection.
type heard struct {
	msg wire.Message
	err error
}

// conn is one connection: a reader and a writer goroutine, and the channels to them.
type conn struct {
	ws   *websocket.Conn
	in   chan heard
	out  chan wire.Message
	done chan struct{}
	once sync.Once
}

var writeBuffers sync.Pool

// dialer opens a connection of the network, as net.Dialer.DialContext does.
type dialer func(ctx context.Context, network, addr string) (net.Conn, error)

// turnedAway is the error of a dial that HQ answered with a time to come back after.
type turnedAway struct {
	error
	after time.Duration
}

// dial connects to HQ.
func dial(ctx context.Context, url string, via dialer) (*websocket.Conn, error) {
	if via == nil {
		via = new(net.Dialer).DialContext
	}
	d := websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialWithin,
		Subprotocols: []string{wire.Subprotocol}, WriteBufferPool: &writeBuffers,
	}
	// gorilla does not end a handshake under way when ctx is done.
	stop := func() bool { return true }
	d.NetDialContext = func(dialing context.Context, network, addr string) (net.Conn, error) {
		conn, err := via(dialing, network, addr)
		if err == nil {
			stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	defer func() { stop() }()
	ws, resp, err := d.DialContext(ctx, url, nil)
	if err != nil {
		if resp != nil {
			err = fmt.Errorf("dial %s: %w: %s", url, err, resp.Status)
			if seconds, no := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 31); no == nil && seconds > 0 {
				return nil, turnedAway{err, time.Duration(seconds) * time.Second}
			}
			return nil, err
		}
		return nil, fmt.Errorf("dial %s: %w", url, err)
	}
	if ws.Subprotocol() != wire.Subprotocol {
		_ = ws.Close()
		return nil, fmt.Errorf("dial %s: does not speak %s", url, wire.Subprotocol)
	}
	return ws, nil
}

// serve starts the goroutines of a connection. It is closed when ctx is done.
func serve(ctx context.Context, ws *websocket.Conn, log *slog.Logger, wg *sync.WaitGroup) *conn {
	c := &conn{
		ws: ws, in: make(chan heard), out: make(chan wire.Message, outbox), done: make(chan struct{}),
	}
	ws.SetReadLimit(wire.MaxFrame)
	stop := context.AfterFunc(ctx, func() { _ = ws.Close() })
	wg.Go(func() { c.read(log) })
	wg.Go(func() {
		c.write()
		stop()
	})
	return c
}

// read passes messages on until the connection ends. The core watches for silence, so there is no read deadline.
func (c *conn) read(log *slog.Logger) {
	var buf bytes.Buffer
	for {
		m, err := c.readMessage(&buf)
		if errors.Is(err, wire.ErrUnknownType) {
			log.Debug("message passed over", "error", err)
			continue
		}
		select {
		case c.in <- heard{m, err}:
		case <-c.done:
			return
		}
		if err != nil {
			return
		}
	}
}

func (c *conn) readMessage(buf *bytes.Buffer) (wire.Message, error) {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if kind != websocket.BinaryMessage {
		return nil, fmt.Errorf("text message: %w", wire.BadFrame)
	}
	buf.Reset()
	if _, err := buf.ReadFrom(r); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return wire.Decode(buf.Bytes())
}

// write sends what is in the outbox until it is closed, then closes the connection.
func (c *conn) write() {
	defer func() { _ = c.ws.Close() }()
	for m := range c.out {
		frame, err := wire.Encode(m)
		if err != nil {
			// The till made a message it cannot send: nothing after it would make sense.
			c.fail(err)
			return
		}
		_ = c.ws.SetWriteDeadline(time.Now().Add(writeWithin))
		if err := c.ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
			c.fail(fmt.Errorf("write: %w", err))
			return
		}
	}
}

func (c *conn) fail(err error) {
	select {
	case c.in <- heard{err: err}:
	case <-c.done:
	}
}

// send puts a message in the outbox. It reports false when HQ takes nothing off it.
func (c *conn) send(m wire.Message) bool {
	select {
	case c.out <- m:
		return true
	default:
		return false
	}
}

// hang ends the connection once the outbox is empty.
func (c *conn) hang() {
	c.once.Do(func() {
		close(c.done)
		close(c.out)
	})
}
