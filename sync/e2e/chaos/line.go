package chaos

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"comptant/sync/e2e/proxy"
	"comptant/sync/wire"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// line is the network of one till: a proxy that knows the messages, then one toxiproxy for each headquarters.
type line struct {
	proxy  *proxy.Proxy
	toxics []*toxiproxy.Proxy
	tally  *tallies
	// calm lets every message pass; watch is asked first about each.
	calm  *atomic.Bool
	watch func(proxy.Message) (proxy.Verdict, bool)

	mu   sync.Mutex
	rand *rand.Rand
	next int // headquarters of the next connection
	// acked is, by epoch, the last entry the till was told is stored.
	acked map[uint64]uint64
	toxic *toxic
}

// toxiServer is what toxiproxies ask for their settings; it serves nothing. They log every connection that ends early.
func toxiServer() *toxiproxy.ApiServer {
	zerolog.SetGlobalLevel(zerolog.Disabled)
	return toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
}

// newLine opens a line to the headquarters at these addresses.
func newLine(ctx context.Context, hqs []string, r *rand.Rand, t *tallies, calm *atomic.Bool) (*line, error) {
	l := &line{tally: t, calm: calm, rand: r, acked: map[uint64]uint64{}}
	server := toxiServer()
	for _, address := range hqs {
		toxi := toxiproxy.NewProxy(server, "headquarters", "127.0.0.1:0", address)
		if err := toxi.Start(); err != nil {
			return nil, errors.Join(err, l.close())
		}
		l.toxics = append(l.toxics, toxi)
	}
	var err error
	l.proxy, err = proxy.Listen(ctx, proxy.Config{Upstream: l.upstream, Judge: l.judge})
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *line) close() error {
	var err error
	if l.proxy != nil {
		err = l.proxy.Close()
	}
	for _, t := range l.toxics {
		t.Stop()
	}
	return err
}

// upstream takes the headquarters in turn, as a load balancer does.
func (l *line) upstream() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	return l.toxics[l.next%len(l.toxics)].Listen
}

// leadsTo is which headquarters a connection goes to.
func (l *line) leadsTo(c *proxy.Conn) int {
	for i, t := range l.toxics {
		if strings.HasSuffix(c.Upstream, t.Listen) {
			return i
		}
	}
	return 0
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

// patience is how long what was under way may take to come out after a kill.
const patience = 3 * time.Second

// settle waits until nothing more can come from a connection whose other end died, and says whether the entry was left
// without an acknowledgement.
func (l *line) settle(ctx context.Context, c *proxy.Conn, epoch, seq uint64) bool {
	over := time.NewTimer(patience)
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
