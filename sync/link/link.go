package link

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"time"

	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// Config is what a link needs.
type Config struct {
	// URL is HQ's address, for example https://hq.example.com.
	URL string
	// Till is who this is, Key the device's private key, HQKey the key headquarters gave at enrolment.
	Till  uuid.UUID
	Key   ed25519.PrivateKey
	HQKey ed25519.PublicKey
	// App is the version of the program.
	App string
	// Sessions is the number last given to Journal.SessionOpened; 0 for a till that never had a session.
	Sessions uint64

	Journal Journal
	Replica Replica
	// Snapshots loads feeds from files; nil: HQ sends them page by page.
	Snapshots Snapshots
	// Unsent is what HQ has not acknowledged of the journal; nil: HQ is not told.
	Unsent func(ctx context.Context) (wire.Unsent, error)
	Log    *slog.Logger

	// Now, Rand and Dial replace the clock, the source of jitter in [0, 1), and the network. Nil is the real one.
	Now  func() time.Time
	Rand func() float64
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Link keeps a till connected to headquarters.
type Link struct {
	base  string
	url   string
	dial  dialer
	now   func() time.Time
	log   *slog.Logger
	core  *Core
	files Snapshots
	grown chan struct{}
	asks  chan ask

	mu     sync.Mutex
	status Status
	listen []func(Status)
}

// New prepares a link; Run makes it work.
func New(cfg Config) (*Link, error) {
	address, err := address(cfg.URL, wire.SyncPath, map[string]string{"http": "ws", "https": "wss"})
	if err != nil {
		return nil, err
	}
	if len(cfg.Key) != ed25519.PrivateKeySize || len(cfg.HQKey) != ed25519.PublicKeySize {
		return nil, errors.New("link needs the device's key and headquarters'")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Float64
	}
	cfg.Log = cfg.Log.With("till", cfg.Till)
	return &Link{
		base: cfg.URL, url: address, dial: cfg.Dial, files: cfg.Snapshots, now: cfg.Now, log: cfg.Log, grown: make(chan struct{}, 1),
		asks: make(chan ask), core: NewCore(cfg),
	}, nil
}

// address puts a path on HQ's address and changes its scheme.
func address(base, path string, schemes map[string]string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("headquarters' address %q: %w", base, err)
	}
	scheme, ok := schemes[u.Scheme]
	if !ok || u.Host == "" {
		return "", fmt.Errorf("headquarters' address %q: want http://host or https://host", base)
	}
	u.Scheme = scheme
	return u.JoinPath(path).String(), nil
}

// Notify says that the journal has grown. It never blocks; many calls may wake the link once.
func (l *Link) Notify() {
	select {
	case l.grown <- struct{}{}:
	default:
	}
}

// ErrOffline is returned by Ask while no session is open.
var ErrOffline = errors.New("no session with headquarters")

// ask is a command for HQ and where to say whether it was sent.
type ask struct {
	command wire.Command
	sent    chan bool
}

// Ask sends HQ a command, or says with ErrOffline that it cannot. Sent is not done: the answer comes by the feed.
func (l *Link) Ask(ctx context.Context, m wire.Command) error {
	a := ask{m, make(chan bool, 1)}
	select {
	case l.asks <- a:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !<-a.sent {
		return ErrOffline
	}
	return nil
}

// Status is where the link stands now.
func (l *Link) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// OnStatus calls f with every later status, from Run's goroutine: f must not block.
func (l *Link) OnStatus(f func(Status)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listen = append(l.listen, f)
}

// dialled is what came of a dial.
type dialled struct {
	ws  *websocket.Conn
	err error
}

// run is what Run's goroutine holds: at most one dial or connection at a time, and the goroutines it started.
type run struct {
	*Link
	conn  *conn
	dials chan dialled
	wg    sync.WaitGroup
	// loading lets one snapshot be loaded at a time; unload gives up those of this connection.
	loading sync.Mutex
	loads   chan loaded
	unload  context.CancelFunc
}

// Run connects, and connects again, until ctx is done. It returns ctx's error, and is called once.
func (l *Link) Run(ctx context.Context) error {
	r := &run{Link: l, dials: make(chan dialled, 1), loads: make(chan loaded), unload: func() {}}
	defer r.stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	l.core.Start(l.now())
	for {
		r.perform(ctx)
		l.publish()
		timer.Stop()
		if next := l.core.Next(); !next.IsZero() {
			timer.Reset(next.Sub(l.now()))
		}
		var in chan heard
		if r.conn != nil {
			in = r.conn.in
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			l.core.Tick(ctx, l.now())
		case <-l.grown:
			l.core.Grew(ctx, l.now())
		case a := <-l.asks:
			a.sent <- l.core.Ask(a.command)
		case d := <-r.dials:
			if away, ok := errors.AsType[turnedAway](d.err); ok {
				l.core.TurnedAway(l.now(), away.after, away.error)
				break
			}
			if d.err != nil {
				l.core.Lost(l.now(), d.err)
				break
			}
			r.conn = serve(ctx, d.ws, l.log, &r.wg)
			l.core.Connected(l.now())
		case h := <-in:
			if h.err != nil {
				l.core.end(l.now(), h.err)
				break
			}
			l.core.Received(ctx, l.now(), h.msg)
		case d := <-r.loads:
			l.core.Loaded(ctx, l.now(), d.reset, d.err)
		}
	}
}

// perform does what the core asks for.
func (r *run) perform(ctx context.Context) {
	out := r.core.Take()
	if out.Dial {
		r.wg.Go(func() {
			ws, err := dial(ctx, r.url, r.Link.dial)
			r.dials <- dialled{ws, err}
		})
	}
	if r.conn == nil {
		return
	}
	for _, m := range out.Send {
		if !r.conn.send(m) {
			r.core.end(r.now(), errors.New("headquarters does not read"))
			out.Hang = true
			break
		}
	}
	if len(out.Load) > 0 {
		r.load(ctx, out.Load)
	}
	if out.Hang {
		r.unload()
		r.conn.hang()
		r.conn, r.unload = nil, func() {}
	}
}

// stop waits for every goroutine; the context that ended Run has closed their connections.
func (r *run) stop() {
	r.unload()
	if r.conn != nil {
		r.conn.hang()
	}
	r.wg.Wait()
	select {
	case d := <-r.dials:
		if d.err == nil {
			_ = d.ws.Close()
		}
	default:
	}
}

// publish tells the listeners when the status has changed.
func (l *Link) publish() {
	l.mu.Lock()
	if l.status == l.core.status {
		l.mu.Unlock()
		return
	}
	l.status = l.core.status
	status, listen := l.status, l.listen
	l.mu.Unlock()
	for _, f := range listen {
		f(status)
	}
}
