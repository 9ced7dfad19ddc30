package chaos

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"comptant/sync/e2e/proxy"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
)

// route is a connection to a headquarters through toxics of its own. Toxiproxy's own links are changed while they carry
// something, which they survive only when that is rare; here they stay as they were drawn.
type route struct {
	hq int
	plan
	// breaks says that the breaker has begun, by direction.
	breaks [2]atomic.Bool

	conn *net.TCPConn
	mu   sync.Mutex // is held by who sends to up, or closes it
	up   chan *stream.StreamChunk
	down io.Reader
	rest <-chan *stream.StreamChunk // what down reads
	done chan struct{}
	once sync.Once
}

// slack is how many pieces may be under way: latency must not slow down what comes after.
const slack = 1024

func newRoute(conn *net.TCPConn, hq int, p plan) *route {
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxics tell much
	r := &route{hq: hq, plan: p, conn: conn, done: make(chan struct{})}
	var out <-chan *stream.StreamChunk
	r.up, out = r.chain(proxy.Up)
	go r.write(out)
	in, rest := r.chain(proxy.Down)
	r.rest, r.down = rest, stream.NewChanReader(rest)
	go r.read(in)
	return r
}

// chain starts the toxics of a direction and gives its ends.
func (r *route) chain(d proxy.Direction) (in chan *stream.StreamChunk, out <-chan *stream.StreamChunk) {
	in = make(chan *stream.StreamChunk, slack)
	out = in
	for _, t := range r.strains[d] {
		next := make(chan *stream.StreamChunk)
		go run(toxics.NewToxicStub(out, next), t.Toxic)
		out = next
	}
	if r.breaker.kind == "" || r.on != d {
		return in, out
	}
	next := make(chan *stream.StreamChunk)
	stub := toxics.NewToxicStub(out, next)
	go func() {
		stub.Run(wrap(new(toxics.NoopToxic)))
		if stub.Closed() {
			return
		}
		r.breaks[d].Store(true)
		run(stub, r.breaker.Toxic)
	}()
	go func() {
		timer := time.NewTimer(r.after)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.done:
			return
		}
		select {
		case stub.Interrupt <- struct{}{}:
		case <-r.done:
		}
	}()
	return in, next
}

// run lets a toxic work until its end is reached, and takes what comes after one that breaks.
func run(stub *toxics.ToxicStub, t toxics.Toxic) {
	stub.Run(wrap(t))
	drain(stub.Input)
}

func wrap(t toxics.Toxic) *toxics.ToxicWrapper { return &toxics.ToxicWrapper{Toxic: t, Toxicity: 1} }

func drain(c <-chan *stream.StreamChunk) {
	for range c {
	}
}

// write passes on what comes out of the way up, and hangs up at its end.
func (r *route) write(out <-chan *stream.StreamChunk) {
	for c := range out {
		if _, err := r.conn.Write(c.Data); err != nil {
			break
		}
	}
	if r.breaks[proxy.Up].Load() && r.breaker.kind == "reset_peer" {
		_ = r.conn.SetLinger(0)
	}
	_ = r.conn.Close()
	drain(out)
}

// read puts what headquarters says on the way down.
func (r *route) read(in chan<- *stream.StreamChunk) {
	_, _ = io.Copy(stream.NewChanWriter(in), r.conn)
	close(in)
}

// Write puts bytes on the way up.
func (r *route) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.done:
		return 0, net.ErrClosed
	default:
	}
	chunk := &stream.StreamChunk{Data: append([]byte(nil), b...), Timestamp: time.Now()}
	select {
	case r.up <- chunk:
		return len(b), nil
	case <-r.done:
		return 0, net.ErrClosed
	}
}

// Read takes bytes off the way down.
func (r *route) Read(b []byte) (int, error) { return r.down.Read(b) }

// Close hangs up once everything that was written has arrived, or is lost. What is on the way down is lost.
func (r *route) Close() error {
	r.once.Do(func() {
		close(r.done)
		r.mu.Lock()
		defer r.mu.Unlock()
		close(r.up)
		go drain(r.rest)
	})
	return nil
}
