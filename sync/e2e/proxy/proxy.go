package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"comptant/sync/wire"
)

// Direction is where a message goes.
type Direction int

// The directions: Up to headquarters, Down to the till.
const (
	Up Direction = iota
	Down
)

// Message is a message on its way.
type Message struct {
	wire.Message
	Direction Direction
	Conn      *Conn
	// Size is its bytes on the wire.
	Size int
}

// Verdict is what becomes of a message. The zero Verdict lets it pass.
type Verdict struct {
	// Hold keeps the message, and all that comes after it, back for so long before anything else is done to it.
	Hold  time.Duration
	Fault Fault
	// Wait is how long Deaf lasts before the connection breaks; 0 for until one of the ends has had enough. Lost is told of
	// each message it swallows after the first; nil when nobody counts.
	Wait time.Duration
	Lost func(Message)
	// Then is called once the message was passed on, before anything later in its direction is read.
	Then func()
}

// Fault is something a network does.
type Fault int

// The faults. The zero Fault is none.
const (
	None Fault = iota
	// CutBefore breaks the connection instead of passing the message on, CutInside after half of its bytes, CutAfter after
	// all of them.
	CutBefore
	CutInside
	CutAfter
	// Twice passes the message on two times.
	Twice
	// Deaf swallows the message and all that comes after it in its direction, while the connection stays open.
	Deaf
)

// Config is what a proxy needs.
type Config struct {
	// Dial connects to headquarters for a new connection.
	Dial func() (io.ReadWriteCloser, error)
	// Judge says what becomes of each message of the protocol. It is called by one goroutine a connection and direction,
	// and the direction stands still meanwhile. Nil lets all pass.
	Judge func(Message) Verdict
}

// Proxy accepts connections and passes them on. Requests that are no websocket, an enrolment for example, pass untouched.
type Proxy struct {
	cfg      Config
	listener net.Listener
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[*Conn]struct{}
	down  bool
}

// Listen opens a proxy on a port of this machine.
func Listen(ctx context.Context, cfg Config) (*Proxy, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for tills: %w", err)
	}
	if cfg.Judge == nil {
		cfg.Judge = func(Message) Verdict { return Verdict{} }
	}
	p := &Proxy{cfg: cfg, listener: listener, conns: map[*Conn]struct{}{}}
	p.wg.Go(p.accept)
	return p, nil
}

// URL is where it answers.
func (p *Proxy) URL() string { return "http://" + p.listener.Addr().String() }

// Close breaks every connection and takes no more.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.SetDown(true)
	p.wg.Wait()
	return err
}

// Cut breaks every connection, wherever its messages are.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Cut()
	}
}

// SetDown breaks every connection, and each new one at once until the line is up again.
func (p *Proxy) SetDown(down bool) {
	p.mu.Lock()
	p.down = down
	p.mu.Unlock()
	if down {
		p.Cut()
	}
}

func (p *Proxy) accept() {
	for {
		till, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.wg.Go(func() {
			c := &Conn{proxy: p, till: till, done: make(chan struct{})}
			defer c.Cut()
			if p.enter(c) {
				defer p.leave(c)
				c.serve()
			}
		})
	}
}

func (p *Proxy) enter(c *Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.down {
		p.conns[c] = struct{}{}
	}
	return !p.down
}

func (p *Proxy) leave(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// Conn is one connection of a till.
type Conn struct {
	// HQ is what Dial gave.
	HQ io.ReadWriteCloser

	proxy *Proxy
	till  net.Conn
	mu    sync.Mutex // guards HQ against a cut while it is dialled
	done  chan struct{}
	once  sync.Once
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Cut breaks the connection.
func (c *Conn) Cut() {
	c.once.Do(func() { close(c.done) })
	_ = c.till.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.HQ != nil {
		_ = c.HQ.Close()
	}
}

// dial connects to headquarters, unless the connection was cut meanwhile.
func (c *Conn) dial() error {
	hq, err := c.proxy.cfg.Dial()
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.HQ = hq
	select {
	case <-c.done:
		_ = hq.Close()
		return net.ErrClosed
	default:
		return nil
	}
}

// serve carries requests until one becomes a websocket, then its messages, until either end hangs up.
func (c *Conn) serve() {
	fromTill := bufio.NewReader(c.till)
	request, err := http.ReadRequest(fromTill)
	if err != nil || c.dial() != nil || request.Write(c.HQ) != nil {
		return
	}
	fromHQ := bufio.NewReader(c.HQ)
	response, err := http.ReadResponse(fromHQ, request)
	if err != nil {
		return
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusSwitchingProtocols {
		response.Close = true
		_ = response.Write(c.till) // the till sees what came
		return
	}
	if err := response.Write(c.till); err != nil {
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { c.carry(Down, fromHQ, c.till) })
	c.carry(Up, fromTill, c.HQ)
	wg.Wait()
}

// errCut ends a direction on purpose.
var errCut = errors.New("cut")

// carry passes the messages of one direction on until it ends, and then breaks the connection.
func (c *Conn) carry(d Direction, from *bufio.Reader, to io.Writer) {
	defer c.Cut()
	for {
		m, err := readMessage(from)
		if err == nil {
			err = c.pass(d, m, from, to)
		}
		if err != nil {
			return
		}
	}
}

// decode reads a message of the protocol; ok is false for anything else, a control frame for example.
func (c *Conn) decode(d Direction, m message) (_ Message, ok bool) {
	decoded, err := wire.Decode(m.payload)
	return Message{Message: decoded, Direction: d, Conn: c, Size: len(m.raw)}, err == nil
}

// pass does to a message what the judge says.
func (c *Conn) pass(d Direction, m message, from *bufio.Reader, to io.Writer) error {
	var v Verdict
	if decoded, ok := c.decode(d, m); ok {
		v = c.proxy.cfg.Judge(decoded)
	}
	if v.Hold > 0 {
		if err := c.hold(v.Hold); err != nil {
			return err
		}
	}
	switch v.Fault {
	case None, CutAfter:
	case CutBefore:
		return errCut
	case Deaf:
		return c.swallow(d, from, v)
	case CutInside:
		m.raw = m.raw[:len(m.raw)/2]
	case Twice:
		m.raw = append(m.raw, m.raw...)
	}
	if _, err := to.Write(m.raw); err != nil {
		return err
	}
	if v.Then != nil {
		v.Then()
	}
	if v.Fault == CutInside || v.Fault == CutAfter {
		return errCut
	}
	return nil
}

// hold waits, unless the connection ends first.
func (c *Conn) hold(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.done:
		return errCut
	}
}

// swallow reads on and passes nothing on, for a while or until the connection ends.
func (c *Conn) swallow(d Direction, from *bufio.Reader, v Verdict) error {
	if v.Wait > 0 {
		defer time.AfterFunc(v.Wait, c.Cut).Stop()
	}
	for {
		m, err := readMessage(from)
		if err != nil {
			return errors.Join(errCut, err)
		}
		if lost, ok := c.decode(d, m); ok && v.Lost != nil {
			v.Lost(lost)
		}
	}
}
