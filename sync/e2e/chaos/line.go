package chaos

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"comptant/sync/e2e/proxy"
	"comptant/sync/wire"
)

// line is the network of one till: a proxy that knows the messages, then a route to a headquarters for each connection.
type line struct {
	proxy *proxy.Proxy
	hqs   []string
	tally *tallies
	// calm lets every message pass; watch is asked first about each.
	calm  *atomic.Bool
	watch func(proxy.Message) (proxy.Verdict, bool)

	mu   sync.Mutex
	rand *rand.Rand
	next int // headquarters of the next connection
	// acked is, by epoch, the last entry the till was told is stored.
	acked map[uint64]uint64
}

// newLine opens a line to the headquarters at these addresses.
func newLine(ctx context.Context, hqs []string, r *rand.Rand, t *tallies, calm *atomic.Bool) (*line, error) {
	l := &line{hqs: hqs, tally: t, calm: calm, rand: r, acked: map[uint64]uint64{}}
	var err error
	l.proxy, err = proxy.Listen(ctx, proxy.Config{Dial: l.dial, Judge: l.judge})
	return l, err
}

func (l *line) close() error {
	if l.proxy == nil {
		return nil
	}
	return l.proxy.Close()
}

// dial takes the headquarters in turn, as a load balancer does, and draws what the connection goes through.
func (l *line) dial() (io.ReadWriteCloser, error) {
	l.mu.Lock()
	l.next++
	hq, p := l.next%len(l.hqs), plan{}
	if !l.calm.Load() {
		p = draw(l.rand)
	}
	l.mu.Unlock()
	conn, err := net.Dial("tcp", l.hqs[hq])
	if err != nil {
		return nil, err
	}
	return newRoute(conn.(*net.TCPConn), hq, p), nil
}

// judge says what becomes of a message.
func (l *line) judge(m proxy.Message) proxy.Verdict {
	v, taken := l.watch(m)
	if name := counted[m.Type()]; !taken && name != "" && !l.calm.Load() {
		v = l.hit(m, name)
	}
	if v.Fault == proxy.CutBefore || v.Fault == proxy.CutInside || v.Fault == proxy.Deaf {
		return v
	}
	then := v.Then
	v.Then = func() {
		l.arrived(m)
		if then != nil {
			then()
		}
	}
	return v
}

// arrived notes what a till has been told.
func (l *line) arrived(m proxy.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch m := m.Message.(type) {
	case wire.Ack:
		l.acked[m.Epoch] = max(l.acked[m.Epoch], m.Upto)
	case wire.Welcome:
		for _, e := range m.Epochs {
			l.acked[e.Epoch] = e.Have
		}
	}
}

// owes says whether the till cannot know that headquarters has the entry.
func (l *line) owes(epoch, seq uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acked[epoch] < seq
}

const (
	// patience bounds what the run itself waits for: a moment for a kill, an answer of Postgres.
	patience = 3 * time.Second
	// outlasts is how long what was under way may take to come out after a kill.
	outlasts = 500 * time.Millisecond
)

// settle waits until nothing more can come from a connection whose other end died, and says whether the entry was left
// without an acknowledgement.
func (l *line) settle(ctx context.Context, c *proxy.Conn, epoch, seq uint64) bool {
	over := time.NewTimer(outlasts)
	defer over.Stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for l.owes(epoch, seq) {
		select {
		case <-c.Done():
			return l.owes(epoch, seq)
		case <-over.C:
			c.Cut()
		case <-ctx.Done():
			c.Cut()
		case <-look.C:
		}
	}
	return false
}
